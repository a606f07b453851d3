//! Properties of one code point that `str` methods need.

use super::type_table::*;

/// What `str` needs to know of a code point.
#[derive(Clone, Copy)]
pub struct CharType {
    flags: u16,
    lower: i32,
    upper: i32,
    title: i32,
    digit: u8,
}

/// The record of a code point.
#[inline]
pub fn char_type(c: u32) -> CharType {
    let block = TYPE_INDEX.get((c >> TYPE_SHIFT) as usize).copied().unwrap_or(0);
    let at = (usize::from(block) << TYPE_SHIFT) | (c & ((1 << TYPE_SHIFT) - 1)) as usize;
    let id = if c > 0x10_FFFF { 0 } else { usize::from(TYPE_DATA[at]) };
    let (flags, lower, upper, title, digit) = TYPE_RECORDS[id];
    CharType {
        flags,
        lower,
        upper,
        title,
        digit,
    }
}

macro_rules! predicates {
    ($($(#[$doc:meta])* $name:ident = $flags:expr;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(c: u32) -> bool {
            char_type(c).flags & ($flags) != 0
        }
    )*};
}

predicates! {
    is_alpha = ALPHA;
    is_decimal = DECIMAL;
    is_digit = DIGIT;
    is_numeric = NUMERIC;
    is_alnum = ALPHA | DECIMAL | DIGIT | NUMERIC;
    is_lower = LOWER;
    is_upper = UPPER;
    is_title = TITLE;
    is_printable = PRINTABLE;
    is_xid_start = XID_START;
    is_xid_continue = XID_CONTINUE;
    is_cased = CASED;
    is_case_ignorable = CASE_IGNORABLE;
}

/// Whitespace for `str.split` and `str.strip`.
#[inline]
pub fn is_space(c: u32) -> bool {
    match c {
        0..=0x7F => matches!(c, 0x09..=0x0D | 0x1C..=0x20),
        _ => char_type(c).flags & SPACE != 0,
    }
}

/// What ends a line for `str.splitlines`.
#[inline]
pub fn is_linebreak(c: u32) -> bool {
    matches!(c, 0x0A..=0x0D | 0x1C..=0x1E | 0x85 | 0x2028 | 0x2029)
}

/// The value of a decimal digit (category Nd).
#[inline]
pub fn to_decimal(c: u32) -> Option<u32> {
    if c < 128 {
        return char::from_u32(c)?.to_digit(10);
    }
    let t = char_type(c);
    (t.flags & DECIMAL != 0).then_some(u32::from(t.digit))
}

/// The value of a digit, superscripts and the like included.
pub fn to_digit(c: u32) -> Option<u32> {
    let t = char_type(c);
    (t.flags & DIGIT != 0).then_some(u32::from(t.digit))
}

/// Which case mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseMap {
    Lower,
    Upper,
    Title,
    Fold,
}

/// The full (one to three code points), context-free case mapping.
#[inline]
pub fn map_case(c: u32, to: CaseMap, mut emit: impl FnMut(u32)) {
    let t = char_type(c);
    if t.flags & SPECIAL != 0 {
        return special(c, to, &mut emit);
    }
    let delta = match to {
        CaseMap::Lower | CaseMap::Fold => t.lower,
        CaseMap::Upper => t.upper,
        CaseMap::Title => t.title,
    };
    emit(c.wrapping_add_signed(delta));
}

#[cold]
fn special(c: u32, to: CaseMap, emit: &mut dyn FnMut(u32)) {
    match SPECIALS.binary_search_by_key(&c, |row| row.0) {
        Ok(i) => SPECIALS[i].1[to as usize].chars().for_each(|m| emit(u32::from(m))),
        Err(_) => emit(c),
    }
}
