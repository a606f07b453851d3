//! Laying out a number: sign, prefix, grouped digits, padding.

use super::spec::{Align, Grouping, Spec};
use crate::error::Result;
use crate::view::{StrBuf, StrView};

/// A number cut into what the layout treats apart; all ASCII.
pub(super) struct Parts<'a> {
    pub negative: bool,
    /// `0x` and the like.
    pub prefix: &'a str,
    /// The integer digits, which grouping applies to.
    pub digits: &'a str,
    /// Group length: 3, or 4 for binary, octal and hexadecimal.
    pub group: usize,
    /// What follows the integer digits: fraction (grouped separately), exponent, `%`, or all of a
    /// word like `inf`.
    pub rest: StrView<'a>,
}

fn separator(g: Option<Grouping>) -> Option<u8> {
    g.map(|g| match g {
        Grouping::Comma => b',',
        Grouping::Underscore => b'_',
    })
}

/// Digits with separators, zero-filled on the left to at least `min_width`.
fn group_digits(digits: &str, sep: Option<u8>, group: usize, min_width: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let Some(sep) = sep else {
        let zeros = min_width.saturating_sub(digits.len());
        out.try_reserve_exact(zeros.saturating_add(digits.len()))?;
        out.resize(zeros, b'0');
        out.extend_from_slice(digits.as_bytes());
        return Ok(out);
    };
    out.try_reserve(min_width.max(digits.len() + digits.len() / group + 1))?;
    // Built from the right, then turned round.
    let mut source = digits.bytes().rev().peekable();
    let mut wanted = min_width;
    let mut first = true;
    loop {
        if !first {
            out.push(sep);
        }
        let left = source.len().max(wanted).max(1);
        let len = left.min(group);
        (0..len).for_each(|_| out.push(source.next().unwrap_or(b'0')));
        wanted = wanted.saturating_sub(len);
        if source.peek().is_none() && wanted == 0 {
            break;
        }
        wanted = wanted.saturating_sub(1);
        first = false;
    }
    out.reverse();
    Ok(out)
}

/// Separators in a fraction, every three digits from the left.
pub(super) fn group_fraction(digits: &str, g: Option<Grouping>) -> String {
    let Some(sep) = separator(g) else {
        return digits.to_owned();
    };
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && i % 3 == 0 {
            out.push(char::from(sep));
        }
        out.push(d);
    }
    out
}

/// Appends a number as `spec` asks.
pub(super) fn push_number(out: &mut StrBuf, parts: &Parts<'_>, spec: &Spec) -> Result<()> {
    let sign = match (parts.negative, spec.sign) {
        (true, _) => Some(b'-'),
        (false, Some(c @ (b'+' | b' '))) => Some(c),
        _ => None,
    };
    let around = usize::from(sign.is_some()) + parts.prefix.len() + parts.rest.len();
    let width = spec.width.unwrap_or(0);
    let zero_fill = spec.fill == u32::from(b'0') && spec.align == Align::AfterSign;
    let min_digits = if zero_fill { width.saturating_sub(around) } else { 0 };
    let digits = if parts.digits.is_empty() {
        Vec::new()
    } else {
        group_digits(parts.digits, separator(spec.grouping), parts.group, min_digits)?
    };
    let padding = width.saturating_sub(around + digits.len());
    let (left, inner, right) = match spec.align {
        Align::Left => (0, 0, padding),
        Align::Right => (padding, 0, 0),
        Align::AfterSign => (0, padding, 0),
        Align::Center => (padding / 2, 0, padding - padding / 2),
    };
    out.try_reserve((around + digits.len()).saturating_add(padding))?;
    out.try_fill(spec.fill, left)?;
    if let Some(sign) = sign {
        out.push(u32::from(sign));
    }
    out.push_ascii(parts.prefix.as_bytes());
    out.try_fill(spec.fill, inner)?;
    out.push_ascii(&digits);
    out.push_view(parts.rest);
    out.try_fill(spec.fill, right)
}

/// Pads a text to the width of `spec`.
pub(super) fn push_text(out: &mut StrBuf, text: StrView<'_>, spec: &Spec) -> Result<()> {
    let padding = spec.width.unwrap_or(0).saturating_sub(text.len());
    let left = match spec.align {
        Align::Right => padding,
        Align::Center => padding / 2,
        Align::Left | Align::AfterSign => 0,
    };
    out.try_fill(spec.fill, left)?;
    out.push_view(text);
    out.try_fill(spec.fill, padding - left)
}
