//! `repr(bytes)`.

use std::fmt::Write;

/// `repr(b)`, the `b` prefix and quotes included.
pub fn repr(b: &[u8]) -> String {
    let quote = if b.contains(&b'\'') && !b.contains(&b'"') {
        b'"'
    } else {
        b'\''
    };
    repr_quoted(b, quote)
}

/// `repr` with a chosen quote (`bytearray` always uses one rule or the other).
pub fn repr_quoted(b: &[u8], quote: u8) -> String {
    let mut out = String::with_capacity(b.len() + 3);
    out.push('b');
    out.push(char::from(quote));
    for &c in b {
        match c {
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            _ if c == quote || c == b'\\' => {
                out.push('\\');
                out.push(char::from(c));
            }
            0x20..=0x7E => out.push(char::from(c)),
            _ => {
                let _ = write!(out, "\\x{c:02x}");
            }
        }
    }
    out.push(char::from(quote));
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes_and_escapes() {
        assert_eq!(super::repr(b"a'\x00\xff\\\n"), "b\"a'\\x00\\xff\\\\\\n\"");
        assert_eq!(super::repr(b"'\""), "b'\\'\"'");
    }
}
