//! Values laid out without memory of their own: what most formatting of numbers and short texts is.

use super::percent;
use super::spec::{Align, Spec};
use crate::number::short::{self, Room};

/// A formatted value before it is written: `left` fills, `head`, `inner` fills, `body`, `right` fills.
#[derive(Clone, Copy, Debug, Default)]
pub struct Laid<'a> {
    pub fill: u8,
    pub left: usize,
    /// Sign and prefix, which are ASCII.
    pub head: &'a [u8],
    pub inner: usize,
    /// One-byte characters.
    pub body: &'a [u8],
    pub right: usize,
    /// Whether `body` is ASCII.
    pub ascii: bool,
}

/// Sign and prefix of a number.
#[derive(Clone, Copy, Default)]
pub struct Head {
    text: [u8; 3],
    len: usize,
}

impl Head {
    fn of(sign: Option<u8>, prefix: &[u8]) -> Head {
        let mut h = Head::default();
        for c in sign.iter().chain(prefix.iter().take(2)) {
            h.text[h.len] = *c;
            h.len += 1;
        }
        h
    }

    fn as_bytes(&self) -> &[u8] {
        &self.text[..self.len]
    }
}

/// Base, prefix and whether digits are capitals.
fn base_of(kind: u32) -> Option<(u32, &'static [u8], bool)> {
    Some(match char::from_u32(kind)? {
        'd' | 'n' => (10, b"", false),
        'b' => (2, b"0b", false),
        'o' => (8, b"0o", false),
        'x' => (16, b"0x", false),
        'X' => (16, b"0X", true),
        _ => return None,
    })
}

/// Text in the width of a spec.
fn aligned<'a>(head: &'a [u8], body: &'a [u8], ascii: bool, spec: &Spec) -> Option<Laid<'a>> {
    let padding = spec.width.unwrap_or(0).saturating_sub(head.len() + body.len());
    let (left, inner, right) = match spec.align {
        Align::Left => (0, 0, padding),
        Align::Right => (padding, 0, 0),
        Align::AfterSign => (0, padding, 0),
        Align::Center => (padding / 2, 0, padding - padding / 2),
    };
    let fill = u8::try_from(spec.fill).ok()?;
    Some(Laid {
        fill,
        left,
        head,
        inner,
        body,
        right,
        ascii,
    })
}

fn sign_of(negative: bool, spec: &Spec) -> Option<u8> {
    match spec.sign {
        _ if negative => Some(b'-'),
        Some(c @ (b'+' | b' ')) => Some(c),
        _ => None,
    }
}

/// `format(n, spec)` of a machine integer, if it is short; `None` also for all that is wrong with it.
pub fn int<'a>(n: i64, spec: &Spec, head: &'a mut Head, room: &'a mut Room) -> Option<Laid<'a>> {
    if spec.precision.is_some() || spec.no_neg_zero || spec.grouping.is_some() || spec.frac_grouping.is_some() {
        return None;
    }
    let (base, prefix, upper) = base_of(spec.kind)?;
    *head = Head::of(sign_of(n < 0, spec), if spec.alternate { prefix } else { b"" });
    aligned(
        head.as_bytes(),
        short::digits(n.unsigned_abs(), base, upper, room),
        true,
        spec,
    )
}

/// `format(x, spec)` of a float, likewise.
pub fn float<'a>(x: f64, spec: &Spec, head: &'a mut Head, room: &'a mut Room) -> Option<Laid<'a>> {
    if spec.alternate || spec.no_neg_zero || spec.grouping.is_some() || spec.frac_grouping.is_some() {
        return None;
    }
    let (x, tail) = match char::from_u32(spec.kind)? {
        'f' | 'F' => (x, None),
        '%' => (x * 100.0, Some(b'%')),
        _ => return None,
    };
    let body = short::fixed(x, spec.precision.unwrap_or(6), tail, room)?;
    *head = Head::of(sign_of(x.is_sign_negative(), spec), b"");
    aligned(head.as_bytes(), body, true, spec)
}

/// `format(text, spec)` of one-byte characters, likewise.
pub fn text<'a>(text: &'a [u8], ascii: bool, spec: &Spec) -> Option<Laid<'a>> {
    if spec.kind != u32::from(b's')
        || spec.sign.is_some()
        || spec.no_neg_zero
        || spec.alternate
        || spec.align == Align::AfterSign
    {
        return None;
    }
    let shown = &text[..spec.precision.unwrap_or(usize::MAX).min(text.len())];
    aligned(b"", shown, ascii || shown.is_ascii(), spec)
}

/// `%d`, `%x` and their like of a machine integer.
pub fn percent_int<'a>(n: i64, layout: &percent::Layout, head: &'a mut Head, room: &'a mut Room) -> Option<Laid<'a>> {
    let (base, prefix, upper) = match char::from_u32(layout.kind)? {
        'd' | 'i' | 'u' => (10, &b""[..], false),
        'o' | 'x' | 'X' => base_of(layout.kind)?,
        _ => return None,
    };
    // Zeros to the precision and padding are not the same.
    if layout.precision.is_some_and(|p| p > 1) {
        return None;
    }
    let prefix = if layout.flags.alternate { prefix } else { b"" };
    let digits = short::digits(n.unsigned_abs(), base, upper, room);
    Some(percent_number(n < 0, prefix, digits, layout, head))
}

/// `%f` of a float.
pub fn percent_float<'a>(x: f64, layout: &percent::Layout, head: &'a mut Head, room: &'a mut Room) -> Option<Laid<'a>> {
    if !matches!(char::from_u32(layout.kind), Some('f' | 'F')) || layout.flags.alternate {
        return None;
    }
    let digits = short::fixed(x, layout.precision.unwrap_or(6), None, room)?;
    Some(percent_number(x.is_sign_negative(), b"", digits, layout, head))
}

fn percent_number<'a>(
    negative: bool,
    prefix: &[u8],
    body: &'a [u8],
    layout: &percent::Layout,
    head: &'a mut Head,
) -> Laid<'a> {
    let flags = layout.flags;
    let sign = match (negative, flags.sign, flags.blank) {
        (true, ..) => Some(b'-'),
        (false, true, _) => Some(b'+'),
        (false, false, true) => Some(b' '),
        _ => None,
    };
    *head = Head::of(sign, prefix);
    let padding = layout.width.saturating_sub(head.len + body.len());
    let (left, inner, right) = match (flags.left, flags.zero) {
        (true, _) => (0, 0, padding),
        (false, true) => (0, padding, 0),
        (false, false) => (padding, 0, 0),
    };
    Laid {
        fill: if inner > 0 { b'0' } else { b' ' },
        left,
        head: head.as_bytes(),
        inner,
        body,
        right,
        ascii: true,
    }
}

/// `%s` and its like: one-byte characters cut to the precision, padded to the width.
pub fn percent_text<'a>(text: &'a [u8], ascii: bool, layout: &percent::Layout) -> Laid<'a> {
    let body = &text[..layout.precision.unwrap_or(usize::MAX).min(text.len())];
    let padding = layout.width.saturating_sub(body.len());
    Laid {
        fill: b' ',
        left: if layout.flags.left { 0 } else { padding },
        right: if layout.flags.left { padding } else { 0 },
        body,
        ascii: ascii || body.is_ascii(),
        ..Laid::default()
    }
}
