//! Quoted-printable.

const LINE: usize = 76;

pub fn decode(data: &[u8], header: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let digit = |i: usize| data.get(i).and_then(|c| char::from(*c).to_digit(16));
    let mut i = 0;
    while i < data.len() {
        match data[i] {
            b'=' => {
                i += 1;
                match data.get(i) {
                    None => break,
                    // A soft line break.
                    Some(b'\n' | b'\r') => {
                        while i < data.len() && data[i] != b'\n' {
                            i += 1;
                        }
                        i += 1;
                    }
                    // Broken encoders write "==".
                    Some(b'=') => {
                        out.push(b'=');
                        i += 1;
                    }
                    Some(_) => match (digit(i), digit(i + 1)) {
                        (Some(h), Some(l)) => {
                            out.push((h << 4 | l) as u8);
                            i += 2;
                        }
                        _ => out.push(b'='),
                    },
                }
            }
            b'_' if header => {
                out.push(b' ');
                i += 1;
            }
            c => {
                out.push(c);
                i += 1;
            }
        }
    }
    out
}

pub fn encode(data: &[u8], quote_tabs: bool, text: bool, header: bool) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let crlf = data
        .iter()
        .position(|c| *c == b'\n')
        .is_some_and(|i| i > 0 && data[i - 1] == b'\r');
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    let mut column = 0;
    let newline = |out: &mut Vec<u8>| {
        if crlf {
            out.push(b'\r');
        }
        out.push(b'\n');
    };
    let hex = |out: &mut Vec<u8>, c: u8| {
        out.extend([b'=', HEX[usize::from(c >> 4)], HEX[usize::from(c & 15)]]);
    };
    let mut i = 0;
    while i < data.len() {
        let c = data[i];
        let next = data.get(i + 1).copied();
        let at_line_end =
            next.is_none() || next == Some(b'\n') || next == Some(b'\r') && data.get(i + 2) == Some(&b'\n');
        let quoted = c > 126
            || c == b'='
            || header && c == b'_'
            || c == b'.' && column == 0 && (next.is_none() || matches!(next, Some(b'\n' | b'\r' | 0)))
            || !text && matches!(c, b'\r' | b'\n')
            || matches!(c, b'\t' | b' ') && next.is_none()
            || c < 33 && !matches!(c, b'\r' | b'\n') && (quote_tabs || !matches!(c, b'\t' | b' '));
        if quoted {
            if column + 3 >= LINE {
                out.push(b'=');
                newline(&mut out);
                column = 0;
            }
            hex(&mut out, c);
            column += 3;
            i += 1;
            continue;
        }
        if text && (c == b'\n' || c == b'\r' && next == Some(b'\n')) {
            column = 0;
            // White space at the end of a line is written in hex.
            if let Some(last @ (b' ' | b'\t')) = out.last().copied() {
                out.pop();
                hex(&mut out, last);
            }
            newline(&mut out);
            i += if c == b'\r' { 2 } else { 1 };
            continue;
        }
        if !at_line_end && column + 1 >= LINE {
            out.push(b'=');
            newline(&mut out);
            column = 0;
        }
        column += 1;
        out.push(if header && c == b' ' { b'_' } else { c });
        i += 1;
    }
    out
}
