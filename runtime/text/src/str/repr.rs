//! `repr()` and `ascii()` of strings.

use crate::error::Result;
use crate::unicode::chars::is_printable;
use crate::view::{StrBuf, StrView};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends `\xhh`, `\uhhhh` or `\Uhhhhhhhh`, whichever is shortest.
pub(crate) fn push_escape(out: &mut StrBuf, c: u32) {
    let (mark, digits) = match c {
        0..=0xFF => (b'x', 2),
        0x100..=0xFFFF => (b'u', 4),
        _ => (b'U', 8),
    };
    out.push_ascii(&[b'\\', mark]);
    push_hex(out, c, digits);
}

/// Appends the low `digits` hexadecimal digits of `c`.
pub(crate) fn push_hex(out: &mut StrBuf, c: u32, digits: u32) {
    for k in (0..digits).rev() {
        out.push(u32::from(HEX[(c >> (4 * k) & 15) as usize]));
    }
}

fn quoted(s: StrView<'_>, keeps: impl Fn(u32) -> bool) -> StrBuf {
    let has = |q: u8| match s {
        StrView::Latin1(b) => memchr::memchr(q, b).is_some(),
        _ => s.iter().any(|c| c == u32::from(q)),
    };
    let quote = u32::from(if has(b'\'') && !has(b'"') { b'"' } else { b'\'' });
    let mut out = StrBuf::new();
    out.reserve_hint(s.len() + 2);
    out.push(quote);
    if let StrView::Latin1(b) = s
        && b.iter()
            .all(|c| matches!(c, 0x20..=0x7E) && *c != b'\\' && u32::from(*c) != quote)
    {
        out.push_ascii(b);
        out.push(quote);
        return out;
    }
    for c in s.iter() {
        match c {
            0x09 => out.push_ascii(b"\\t"),
            0x0A => out.push_ascii(b"\\n"),
            0x0D => out.push_ascii(b"\\r"),
            _ if c == quote || c == 0x5C => {
                out.push(0x5C);
                out.push(c);
            }
            0x20..=0x7E => out.push(c),
            0x80.. if keeps(c) => out.push(c),
            _ => push_escape(&mut out, c),
        }
    }
    out.push(quote);
    out
}

/// `repr(s)`.
pub fn repr(s: StrView<'_>) -> StrBuf {
    quoted(s, is_printable)
}

/// `repr(s)`; where it would take more memory than there is, a `MemoryError`.
pub fn try_repr(s: StrView<'_>) -> Result<StrBuf> {
    // Each code point of a small string fits in any case.
    if s.len() > 1 << 16 {
        let bytes = s
            .iter()
            .map(|c| match c {
                0x20..=0x7E => 1,
                _ if is_printable(c) => 4,
                _ => 10,
            })
            .sum();
        drop(StrBuf::try_with_capacity(bytes)?);
    }
    Ok(repr(s))
}

/// `ascii(s)`.
pub fn ascii(s: StrView<'_>) -> StrBuf {
    quoted(s, |_| false)
}

/// What `ascii(x)` makes of `repr(x)`: escapes everything beyond ASCII.
pub fn escape_non_ascii(s: StrView<'_>) -> StrBuf {
    let mut out = StrBuf::new();
    for c in s.iter() {
        if c < 128 { out.push(c) } else { push_escape(&mut out, c) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reprs() {
        let r = |s: &str| repr(StrBuf::from(s).view()).view().to_utf8_lossy();
        assert_eq!(r("it's"), "\"it's\"");
        assert_eq!(r("it's \"x\""), "'it\\'s \"x\"'");
        assert_eq!(
            r("a\n\\\x00\x7f\u{a0}é\u{200b}\u{20ac}\u{e0001}"),
            "'a\\n\\\\\\x00\\x7f\\xa0é\\u200b€\\U000e0001'"
        );
        assert_eq!(ascii(StrBuf::from("é€😀").view()), "'\\xe9\\u20ac\\U0001f600'");
        let lone: StrBuf = [0xD800].into_iter().collect();
        assert_eq!(repr(lone.view()), "'\\ud800'");
    }
}
