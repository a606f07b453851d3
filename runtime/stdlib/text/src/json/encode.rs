//! Strings in quotes.

use skein_object::Ref;
use skein_object::error::Result;
use skein_object::layouts::str;
use skein_text::{StrBuf, StrView};

const HEX: &[u8; 16] = b"0123456789abcdef";

fn unit(out: &mut StrBuf, u: u32) {
    let digit = |shift: u32| HEX[(u >> shift & 15) as usize];
    out.push_ascii(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}

/// Writes a string with its quotes.
pub fn write(out: &mut StrBuf, text: StrView<'_>, ascii: bool) {
    out.push_ascii(b"\"");
    // Most strings need no escape.
    if let StrView::Latin1(d) = text
        && d.iter().all(|c| (b' '..=b'~').contains(c) && *c != b'"' && *c != b'\\')
    {
        out.push_ascii(d);
        out.push_ascii(b"\"");
        return;
    }
    for c in text.iter() {
        match c {
            0x22 => out.push_ascii(b"\\\""),
            0x5c => out.push_ascii(b"\\\\"),
            0x0a => out.push_ascii(b"\\n"),
            0x0d => out.push_ascii(b"\\r"),
            0x09 => out.push_ascii(b"\\t"),
            0x0c => out.push_ascii(b"\\f"),
            0x08 => out.push_ascii(b"\\b"),
            0..=0x1f => unit(out, c),
            0x20..=0x7e => out.push(c),
            _ if !ascii => out.push(c),
            0x7f..=0xffff => unit(out, c),
            _ => {
                let v = c - 0x1_0000;
                unit(out, 0xd800 | (v >> 10 & 0x3ff));
                unit(out, 0xdc00 | (v & 0x3ff));
            }
        }
    }
    out.push_ascii(b"\"");
}

pub fn quoted(text: StrView<'_>, ascii: bool) -> Result<Ref> {
    let mut out = StrBuf::new();
    write(&mut out, text, ascii);
    str::from_buf(out)
}
