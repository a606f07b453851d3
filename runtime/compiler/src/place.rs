//! Where an error is shown: the attributes of SyntaxError. As CPython 3.14's, which differ with who found the error: its
//! tokenizer shows a line without the newline, its parser most lines with it, and some errors have an end of their own.

use crate::error::{self, Error, ErrorKind, SyntaxError};
use crate::source::Source;

pub(crate) fn place_error(src: &Source<'_>, filename: &str, e: Error) -> SyntaxError {
    let p = src.position(e.range);
    let line = src.line_text(p.line);
    let col = src.chars(p.line, p.col) + 1;
    let (end_line, end_col) = match own_end(&e, line, col) {
        Some(end) => (p.line, end),
        None => (p.end_line, (src.chars(p.end_line, p.end_col) + 1) as i32),
    };
    let bare = line.trim_end_matches(['\n', '\r']);
    // What is behind the line was read before the parser complained.
    let read_on =
        end_line > p.line || (e.message.ends_with("was never closed") && !src.text_after(p.line).trim_end().is_empty());
    let text = if read_on || line.is_empty() || e.in_tokenizer {
        bare.to_owned()
    } else {
        format!("{bare}\n")
    };
    SyntaxError {
        kind: e.kind,
        of_compiler: error::of_compiler(&e.message),
        message: e.message,
        filename: filename.into(),
        line: p.line,
        col,
        end_line,
        end_col,
        text: Some(text),
        incomplete_input: false,
    }
}

/// The end column of errors that do not end where what is wrong does; they end in their first line.
fn own_end(e: &Error, line: &str, col: u32) -> Option<i32> {
    let from = || line.chars().skip(col as usize - 1);
    let m = e.message.as_str();
    match e.kind {
        ErrorKind::Tab => return Some(0),
        ErrorKind::Indentation if m == "unexpected indent" || m.starts_with("unindent does not match") => {
            return Some(-1);
        }
        _ => {}
    }
    if m == "unexpected EOF while parsing" {
        Some(-1)
    } else if m.ends_with("was never closed")
        || m == "unexpected character after line continuation character"
        || m == "':' expected after dictionary key"
    {
        Some(0)
    } else if m.starts_with("unmatched '") || m.starts_with("closing parenthesis '") {
        Some(col as i32)
    } else if m.starts_with("leading zeros in decimal") {
        // The zeros.
        let zeros = from().take_while(|&c| matches!(c, '0' | '_')).count();
        Some((col as usize + zeros.max(1)) as i32)
    } else if m == "invalid syntax" && from().all(|c| matches!(c, '\n' | '\r')) {
        // The NEWLINE token is one character.
        Some(col as i32 + 1)
    } else {
        None
    }
}
