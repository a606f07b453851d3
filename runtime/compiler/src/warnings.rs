//! SyntaxWarnings that follow from literals alone.

use crate::error::Warning;
use crate::source::Source;
use ruff_python_ast::token::{Token, TokenKind};
use ruff_text_size::Ranged;

/// Warns of backslashes that begin no escape sequence.
pub(crate) fn escapes(src: &Source<'_>, tokens: &[Token], out: &mut Vec<Warning>) {
    if !src.text.contains('\\') {
        return;
    }
    for t in tokens {
        let middle = matches!(t.kind(), TokenKind::FStringMiddle | TokenKind::TStringMiddle);
        if !middle && t.kind() != TokenKind::String {
            continue;
        }
        let start = t.range().start().to_usize();
        let Some(text) = src.text.get(start..t.range().end().to_usize()) else {
            continue;
        };
        if !text.contains('\\') {
            continue;
        }
        let prefix = if middle {
            ""
        } else {
            text.split(['"', '\'']).next().unwrap_or("")
        };
        let raw = if middle {
            t.string_flags().is_some_and(|f| f.is_raw_string())
        } else {
            prefix.contains(['r', 'R'])
        };
        if raw {
            continue;
        }
        let bytes = prefix.contains(['b', 'B']);
        let mut it = text.char_indices().peekable();
        while let Some((i, c)) = it.next() {
            if c != '\\' {
                continue;
            }
            // In an f-string the token ends before a brace.
            let e = match it.next() {
                Some((_, e)) => e,
                None if middle => '{',
                None => break,
            };
            let known = match e {
                '\n' | '\r' | '\\' | '\'' | '"' | 'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | 'x' => true,
                '0'..='7' => {
                    let digits: String = text[i + 1..]
                        .chars()
                        .take(3)
                        .take_while(|c| ('0'..='7').contains(c))
                        .collect();
                    if digits.len() == 3 && digits.as_str() > "377" {
                        out.push(escape(src, start + i, &digits, "octal escape sequence"));
                    }
                    true
                }
                'N' | 'u' | 'U' => !bytes,
                e => !e.is_ascii(),
            };
            if !known {
                out.push(escape(src, start + i, &e.to_string(), "escape sequence"));
            }
        }
    }
}

/// The warning of a backslash at an offset and what is behind it.
fn escape(src: &Source<'_>, at: usize, behind: &str, what: &str) -> Warning {
    let (line, col) = src.line_col(at as u32);
    let col = src.chars(line, col) + 1;
    let mut text = src.line_text(line).to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let head = format!("\"\\{behind}\" is an invalid {what}.");
    let hint = format!("Did you mean \"\\\\{behind}\"? A raw string is also an option.");
    Warning {
        message: format!("{head} Such sequences will not work in the future. {hint}"),
        error: Some(format!("{head} {hint}")),
        line,
        col,
        end_line: line,
        end_col: col + 2,
        text: Some(text),
    }
}
