//! Normalization forms. Surrogates pass through untouched and separate what surrounds them.

use crate::view::{StrBuf, StrView};
use unicode_normalization::UnicodeNormalization;

/// A normalization form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

impl Form {
    /// The form of that name; the caller raises `ValueError("invalid normalization form")`.
    pub fn from_name(name: &str) -> Option<Form> {
        Some(match name {
            "NFC" => Form::Nfc,
            "NFD" => Form::Nfd,
            "NFKC" => Form::Nfkc,
            "NFKD" => Form::Nfkd,
            _ => return None,
        })
    }
}

/// `unicodedata.normalize`.
pub fn normalize(form: Form, s: StrView<'_>) -> StrBuf {
    if s.is_ascii() {
        return s.to_buf();
    }
    let mut out = StrBuf::new();
    let mut run = String::new();
    let flush = |run: &mut String, out: &mut StrBuf| {
        let mut put = |c: char| out.push(u32::from(c));
        match form {
            Form::Nfc => run.nfc().for_each(&mut put),
            Form::Nfd => run.nfd().for_each(&mut put),
            Form::Nfkc => run.nfkc().for_each(&mut put),
            Form::Nfkd => run.nfkd().for_each(&mut put),
        }
        run.clear();
    };
    for c in s.iter() {
        match char::from_u32(c) {
            Some(ch) => run.push(ch),
            None => {
                flush(&mut run, &mut out);
                out.push(c);
            }
        }
    }
    flush(&mut run, &mut out);
    out
}

/// `unicodedata.is_normalized`.
pub fn is_normalized(form: Form, s: StrView<'_>) -> bool {
    s.is_ascii() || normalize(form, s).view().equals(s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let n = |f, s: &str| normalize(f, StrBuf::from(s).view()).view().to_utf8_lossy();
        assert_eq!(n(Form::Nfd, "é각"), "e\u{301}\u{1100}\u{1161}\u{11a8}");
        assert_eq!(n(Form::Nfc, "e\u{301}"), "é");
        assert_eq!(n(Form::Nfkc, "ﬁ²"), "fi2");
        assert_eq!(n(Form::Nfkd, "Ǆ"), "DZ\u{30c}");
        assert!(is_normalized(Form::Nfc, StrBuf::from("é").view()));
        assert!(!is_normalized(Form::Nfd, StrBuf::from("é").view()));
    }
}
