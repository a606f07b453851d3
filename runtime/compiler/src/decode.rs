//! From the bytes of a source file to text: byte order mark and PEP 263 declarations.

use crate::error::{ErrorKind, SyntaxError};

fn error(filename: &str, line: u32, message: String) -> SyntaxError {
    SyntaxError {
        kind: ErrorKind::Syntax,
        message,
        filename: filename.into(),
        line,
        col: 0,
        end_line: line,
        end_col: 0,
        text: None,
        of_compiler: false,
        incomplete_input: false,
    }
}

/// The encoding that a comment in one of the first two lines declares, as it is written there.
pub fn declared_encoding(bytes: &[u8]) -> Option<String> {
    for (i, line) in bytes.split(|&b| b == b'\n').take(2).enumerate() {
        let start = line
            .iter()
            .position(|b| !matches!(b, b' ' | b'\t' | 12))
            .unwrap_or(line.len());
        let rest = &line[start..];
        if rest.first() == Some(&b'#') {
            if let Some(name) = cookie(rest) {
                return Some(name);
            }
        } else if i == 0 && rest.iter().any(|&b| b != b'\r') {
            return None;
        }
    }
    None
}

fn cookie(comment: &[u8]) -> Option<String> {
    let mut from = 0;
    while let Some(p) = comment[from..].windows(6).position(|w| w == b"coding") {
        let at = from + p + 6;
        from = at;
        if !matches!(comment.get(at), Some(b':' | b'=')) {
            continue;
        }
        let name: String = comment[at + 1..]
            .iter()
            .skip_while(|b| matches!(b, b' ' | b'\t'))
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            .map(|&b| b as char)
            .collect();
        if !name.is_empty() {
            return Some(name);
        }
    }
    None
}

enum Codec {
    Utf8,
    Latin1,
    Ascii,
}

fn codec(name: &str) -> Option<Codec> {
    let n = name.to_ascii_lowercase().replace('_', "-");
    let is = |list: &[&str]| list.iter().any(|c| n == *c || n.starts_with(&format!("{c}-")));
    if is(&["utf-8"]) || n == "utf8" || n == "u8" || n == "cp65001" {
        Some(Codec::Utf8)
    } else if is(&["latin-1", "iso-8859-1", "iso-latin-1"]) || n == "latin1" || n == "l1" || n == "8859" {
        Some(Codec::Latin1)
    } else if matches!(n.as_str(), "ascii" | "us-ascii" | "646") {
        Some(Codec::Ascii)
    } else {
        None
    }
}

/// Decodes the bytes of a source file. Encodings other than UTF-8, Latin-1 and ASCII are the caller's business: see
/// [`declared_encoding`].
pub fn decode_source(bytes: &[u8], filename: &str) -> Result<String, SyntaxError> {
    let (bom, body) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (true, rest),
        None => (false, bytes),
    };
    let declared = declared_encoding(body);
    let codec = match &declared {
        None => Codec::Utf8,
        Some(name) => match codec(name) {
            Some(Codec::Utf8) => Codec::Utf8,
            _ if bom => {
                let name = match codec(name) {
                    Some(Codec::Latin1) => "iso-8859-1",
                    _ => name,
                };
                let mut e = error(filename, 1, format!("encoding problem: {name} with BOM"));
                e.text = body
                    .split(|&b| b == b'\n')
                    .next()
                    .map(|l| String::from_utf8_lossy(l).into_owned());
                return Err(e);
            }
            Some(c) => c,
            None => return Err(error(filename, 0, format!("unknown encoding: {name}"))),
        },
    };
    let line_at = |at: usize| body[..at].iter().filter(|&&b| b == b'\n').count() as u32 + 1;
    match codec {
        Codec::Latin1 => Ok(body.iter().map(|&b| b as char).collect()),
        Codec::Ascii => match body.iter().position(|b| !b.is_ascii()) {
            None => Ok(body.iter().map(|&b| b as char).collect()),
            Some(at) => Err(error(
                filename,
                line_at(at),
                format!(
                    "(unicode error) 'ascii' codec can't decode byte 0x{:02x} in position {at}: ordinal not in range(128)",
                    body[at]
                ),
            )),
        },
        Codec::Utf8 => match std::str::from_utf8(body) {
            Ok(s) => Ok(s.to_string()),
            Err(e) => {
                let at = e.valid_up_to();
                let bad = body.get(at).copied().unwrap_or(0);
                if declared.is_some() {
                    let reason = match e.error_len() {
                        None => "unexpected end of data",
                        Some(_) if (0xC2..=0xF4).contains(&bad) => "invalid continuation byte",
                        Some(_) => "invalid start byte",
                    };
                    return Err(error(
                        filename,
                        line_at(at),
                        format!(
                            "(unicode error) 'utf-8' codec can't decode byte 0x{bad:02x} in position {at}: {reason}"
                        ),
                    ));
                }
                let start = body[..at].iter().rposition(|&b| b == b'\n').map_or(0, |p| p + 1);
                let line = body[start..].split(|&b| b == b'\n').next().unwrap_or(&[]);
                let before = String::from_utf8_lossy(&body[start..at]).chars().count() as u32;
                let mut e = error(
                    filename,
                    line_at(at),
                    format!(
                        "Non-UTF-8 code starting with '\\x{bad:02x}' in file {filename} on line {}, but no encoding declared; see https://peps.python.org/pep-0263/ for details",
                        line_at(at)
                    ),
                );
                e.text = Some(String::from_utf8_lossy(line).into_owned());
                e.col = before + 1;
                e.end_col = before as i32 + 1;
                Err(e)
            }
        },
    }
}
