//! Character names.

use super::alias_table::ALIASES;
use crate::view::StrBuf;

/// The name of a code point; `None` when it has none.
pub fn name(c: u32) -> Option<String> {
    unicode_names2::name(char::from_u32(c)?).map(|n| n.to_string())
}

fn alias(name: &str) -> Option<&'static str> {
    ALIASES
        .binary_search_by_key(&name, |row| row.0)
        .ok()
        .map(|i| ALIASES[i].1)
}

/// The code point of a name or alias, in any letter case. Not named sequences: `\N{...}` refuses them.
pub fn lookup_char(name: &str) -> Option<u32> {
    if name.len() > 256 {
        return None;
    }
    let upper = name.to_ascii_uppercase();
    if let Some(text) = alias(&upper) {
        let mut chars = text.chars();
        return chars.next().filter(|_| chars.next().is_none()).map(u32::from);
    }
    if let Some(c) = tangut(&upper) {
        return Some(c);
    }
    // The crate matches loosely, Python does not; and the crate panics on a leading hyphen.
    if !upper.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let c = unicode_names2::character(&upper)?;
    unicode_names2::name(c)
        .is_some_and(|n| n.to_string() == upper)
        .then_some(u32::from(c))
}

/// CPython finds these ideographs by name although it gives them none.
fn tangut(upper: &str) -> Option<u32> {
    let hex = upper.strip_prefix("TANGUT IDEOGRAPH-").filter(|hex| hex.len() == 5)?;
    let c = u32::from_str_radix(hex, 16).ok()?;
    matches!(c, 0x1_7000..=0x1_87F7 | 0x1_8D00..=0x1_8D08).then_some(c)
}

/// `unicodedata.lookup`: the text of a name, alias or named sequence.
pub fn lookup(name: &str) -> Option<StrBuf> {
    match alias(&name.to_ascii_uppercase()) {
        Some(text) => Some(text.into()),
        None => lookup_char(name).map(|c| [c].into_iter().collect()),
    }
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
    }

    #[test]
    fn aliases_and_strictness() {
        for (n, want) in [
            ("bell", Some("\u{1f514}")),
            ("ALERT", Some("\u{7}")),
            ("NBSP", Some("\u{a0}")),
            ("KEYCAP DIGIT ONE", Some("\u{31}\u{fe0f}\u{20e3}")),
            ("TANGUT IDEOGRAPH-17000", Some("\u{17000}")),
            ("LATIN CAPITAL LETTER GHA", Some("\u{1a2}")),
            ("latincapitallettera", None),
            ("LATIN CAPITAL LETTER  A", None),
            ("LATIN_CAPITAL_LETTER_A", None),
            ("HANGUL SYLLABLE ", None),
            ("CJK UNIFIED IDEOGRAPH-09FFF", None),
            ("", None),
            ("-A", None),
        ] {
            assert_eq!(lookup(n), want.map(StrBuf::from), "{n}");
        }
        assert_eq!(lookup_char("KEYCAP DIGIT ONE"), None);
    }
}
