//! The `is*` predicates of whole strings.

pub use crate::unicode::chars::{is_linebreak, is_space};

use crate::unicode::chars as ch;
use crate::view::StrView;

fn all(s: StrView<'_>, test: fn(u32) -> bool) -> bool {
    !s.is_empty() && s.iter().all(test)
}

macro_rules! whole {
    ($($name:ident => $test:path;)*) => {$(
        /// Non-empty, and every code point passes.
        pub fn $name(s: StrView<'_>) -> bool {
            all(s, $test)
        }
    )*};
}

whole! {
    isalpha => ch::is_alpha;
    isdecimal => ch::is_decimal;
    isdigit => ch::is_digit;
    isnumeric => ch::is_numeric;
    isalnum => ch::is_alnum;
    isspace => ch::is_space;
}

/// `str.isprintable`: true for the empty string.
pub fn isprintable(s: StrView<'_>) -> bool {
    s.iter().all(ch::is_printable)
}

/// `str.isascii`: true for the empty string.
pub fn isascii(s: StrView<'_>) -> bool {
    s.is_ascii()
}

/// `str.isidentifier`.
pub fn isidentifier(s: StrView<'_>) -> bool {
    let mut it = s.iter();
    it.next().is_some_and(|c| c == 0x5F || ch::is_xid_start(c)) && it.all(ch::is_xid_continue)
}

/// `str.islower`.
pub fn islower(s: StrView<'_>) -> bool {
    s.iter().all(|c| !ch::is_upper(c) && !ch::is_title(c)) && s.iter().any(ch::is_lower)
}

/// `str.isupper`.
pub fn isupper(s: StrView<'_>) -> bool {
    s.iter().all(|c| !ch::is_lower(c) && !ch::is_title(c)) && s.iter().any(ch::is_upper)
}

/// `str.istitle`.
pub fn istitle(s: StrView<'_>) -> bool {
    let (mut cased, mut previous) = (false, false);
    for c in s.iter() {
        if ch::is_upper(c) || ch::is_title(c) {
            if previous {
                return false;
            }
            (previous, cased) = (true, true);
        } else if ch::is_lower(c) {
            if !previous {
                return false;
            }
            (previous, cased) = (true, true);
        } else {
            previous = false;
        }
    }
    cased
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::StrBuf;

    #[test]
    fn predicates_as_cpython() {
        type Row = (&'static str, fn(StrView<'_>) -> bool, bool);
        let rows: &[Row] = &[
            ("", isalpha, false),
            ("", isprintable, true),
            ("abcé", isalpha, true),
            ("a1", isalpha, false),
            ("²", isdigit, true),
            ("²", isdecimal, false),
            ("½", isnumeric, true),
            ("½", isdigit, false),
            ("\u{661}", isdecimal, true),
            ("\u{1c}\u{2003}\u{a0}", isspace, true),
            ("\u{200b}", isspace, false),
            ("_x1", isidentifier, true),
            ("1x", isidentifier, false),
            ("µ·", isidentifier, true),
            ("\u{1c5}a", istitle, true),
            ("Hello World", istitle, true),
            ("Hello world", istitle, false),
            ("HELLO1", isupper, true),
            ("\u{1c5}", isupper, false),
            ("\u{2b0}a", islower, true),
            ("\u{ad}", isprintable, false),
            ("\u{20ac}", isprintable, true),
            ("\u{e000}", isprintable, false),
        ];
        for (s, f, want) in rows {
            assert_eq!(f(StrBuf::from(*s).view()), *want, "{s:?}");
        }
    }
}
