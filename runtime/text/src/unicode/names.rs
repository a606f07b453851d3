//! Character names.

/// The name of a code point; `None` when it has none.
pub fn name(c: u32) -> Option<String> {
    unicode_names2::name(char::from_u32(c)?).map(|n| n.to_string())
}

/// The code points of a name, alias or named sequence, in any letter case.
pub fn lookup(name: &str) -> Option<char> {
    unicode_names2::character(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for (c, n) in [
            ('A', "LATIN CAPITAL LETTER A"),
            ('\u{4e00}', "CJK UNIFIED IDEOGRAPH-4E00"),
            ('\u{ac01}', "HANGUL SYLLABLE GAG"),
            ('\u{1f600}', "GRINNING FACE"),
        ] {
            assert_eq!(name(c as u32).as_deref(), Some(n));
            assert_eq!(lookup(&n.to_lowercase()), Some(c));
        }
        assert_eq!(name(0), None);
        assert_eq!(lookup("NO SUCH NAME"), None);
    }
}
