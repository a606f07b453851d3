//! Character names.

/// The name of a code point; `None` when it has none.
pub fn name(c: u32) -> Option<String> {
    unicode_names2::name(char::from_u32(c)?).map(|n| n.to_string())
}

/// The code point of a name, in any letter case.
pub fn lookup_char(name: &str) -> Option<u32> {
    // The crate also accepts spaces left out; Python does not.
    let c = unicode_names2::character(name)?;
    Some(u32::from(c))
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
            assert_eq!(lookup_char(&n.to_lowercase()), Some(c as u32));
        }
        assert_eq!(name(0), None);
        assert_eq!(lookup_char("NO SUCH NAME"), None);
    }
}
