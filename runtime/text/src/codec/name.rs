//! Which built-in codec an encoding name means.

/// The codecs of this crate that a name can select without a registry lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    Utf8,
    Ascii,
    Latin1,
    Utf16,
    Utf16Le,
    Utf16Be,
    Utf32,
    Utf32Le,
    Utf32Be,
}

/// The codec of the common spellings; anything else goes through the codec registry.
pub fn builtin(name: &str) -> Option<Builtin> {
    // The names that the library itself uses come as they are.
    match name {
        "utf-8" => Some(Builtin::Utf8),
        "ascii" => Some(Builtin::Ascii),
        "latin-1" => Some(Builtin::Latin1),
        _ => builtin_spelled(name),
    }
}

fn builtin_spelled(name: &str) -> Option<Builtin> {
    let mut plain = [0; 16];
    let plain = plain.get_mut(..name.len())?;
    for (to, c) in plain.iter_mut().zip(name.bytes()) {
        *to = if matches!(c, b'-' | b' ') {
            b'_'
        } else {
            c.to_ascii_lowercase()
        };
    }
    Some(match std::str::from_utf8(plain).ok()? {
        "utf_8" | "utf8" => Builtin::Utf8,
        "ascii" | "us_ascii" => Builtin::Ascii,
        "latin_1" | "latin1" | "iso_8859_1" | "iso8859_1" => Builtin::Latin1,
        "utf_16" | "utf16" => Builtin::Utf16,
        "utf_16_le" | "utf_16le" => Builtin::Utf16Le,
        "utf_16_be" | "utf_16be" => Builtin::Utf16Be,
        "utf_32" | "utf32" => Builtin::Utf32,
        "utf_32_le" | "utf_32le" => Builtin::Utf32Le,
        "utf_32_be" | "utf_32be" => Builtin::Utf32Be,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        assert_eq!(builtin("UTF-8"), Some(Builtin::Utf8));
        assert_eq!(builtin("iso-8859-1"), Some(Builtin::Latin1));
        assert_eq!(builtin("utf-8-sig"), None);
        assert_eq!(builtin("utf-16-le"), Some(Builtin::Utf16Le));
    }
}
