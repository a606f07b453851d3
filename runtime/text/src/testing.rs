//! Reading the golden files (see tools/gen_goldens.py) in unit tests.

use crate::error::{ErrorKind, TextError};
use crate::view::StrBuf;

/// The rows of a golden file, each field unescaped.
pub fn rows(text: &'static str) -> impl Iterator<Item = Vec<StrBuf>> {
    text.lines().map(|line| line.split('\t').map(unescape).collect())
}

fn unescape(field: &str) -> StrBuf {
    let mut out = StrBuf::new();
    let mut it = field.chars();
    while let Some(c) = it.next() {
        if c != '\\' {
            out.push(u32::from(c));
            continue;
        }
        out.push(match it.next() {
            Some('t') => 9,
            Some('n') => 10,
            Some('r') => 13,
            Some('u') => {
                let hex: String = it.by_ref().take(4).collect();
                u32::from_str_radix(&hex, 16).expect("four hexadecimal digits")
            }
            Some(c) => u32::from(c),
            None => panic!("lone backslash in {field}"),
        });
    }
    out
}

/// A field as a Rust string.
pub fn text(field: &StrBuf) -> String {
    String::from_utf8_lossy(&field.view().to_wtf8()).into_owned()
}

/// An error as the golden files spell it.
pub fn show_error(e: &TextError) -> String {
    let name = match e.kind {
        ErrorKind::Value => "ValueError",
        ErrorKind::Type => "TypeError",
        ErrorKind::Overflow => "OverflowError",
        ErrorKind::Memory => "MemoryError",
        ErrorKind::Index => "IndexError",
        ErrorKind::Key => "KeyError",
        ErrorKind::ZeroDivision => "ZeroDivisionError",
        ErrorKind::Lookup => "LookupError",
    };
    format!("!{name}: {}", e.message)
}

/// A result as the golden files spell it.
pub fn show(r: Result<StrBuf, TextError>) -> StrBuf {
    match r {
        Ok(b) => b,
        Err(e) => show_error(&e).into(),
    }
}

/// Panics with all the differences at once.
pub struct Differences {
    lines: Vec<String>,
    checked: usize,
}

impl Differences {
    pub fn new() -> Differences {
        Differences {
            lines: Vec::new(),
            checked: 0,
        }
    }

    pub fn check(&mut self, what: &[StrBuf], got: &StrBuf, want: &StrBuf) {
        self.checked += 1;
        if got != want {
            let what: Vec<String> = what.iter().map(text).collect();
            self.lines
                .push(format!("{what:?}\n   got {:?}\n  want {:?}", text(got), text(want)));
        }
    }
}

impl Drop for Differences {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        assert!(self.checked > 0, "empty golden file");
        let n = self.lines.len();
        assert!(
            n == 0,
            "{n} of {} differ:\n{}",
            self.checked,
            self.lines[..n.min(12)].join("\n")
        );
    }
}
