//! Case conversion with the full Unicode mappings.

use crate::unicode::chars::{CaseMap, is_case_ignorable, is_cased, is_lower, is_upper, map_case};
use crate::view::{StrBuf, StrView};

const CAPITAL_SIGMA: u32 = 0x3A3;

/// Whether a capital sigma at `i` ends a word, and so becomes a final small sigma.
fn is_final_sigma(s: StrView<'_>, i: usize) -> bool {
    let before = s.slice(0..i).iter().rev().find(|&c| !is_case_ignorable(c));
    let after = s.slice(i + 1..s.len()).iter().find(|&c| !is_case_ignorable(c));
    before.is_some_and(is_cased) && !after.is_some_and(is_cased)
}

fn lower_at(s: StrView<'_>, i: usize, c: u32, out: &mut StrBuf) {
    if c == CAPITAL_SIGMA {
        out.push(if is_final_sigma(s, i) { 0x3C2 } else { 0x3C3 });
    } else {
        map_case(c, CaseMap::Lower, |m| out.push(m));
    }
}

fn ascii(s: StrView<'_>) -> Option<&[u8]> {
    match s {
        StrView::Latin1(b) if b.is_ascii() => Some(b),
        _ => None,
    }
}

pub fn lower(s: StrView<'_>) -> StrBuf {
    if let Some(b) = ascii(s) {
        return StrBuf::Latin1(b.to_ascii_lowercase());
    }
    let mut out = StrBuf::new();
    out.reserve_hint(s.len());
    s.iter().enumerate().for_each(|(i, c)| lower_at(s, i, c, &mut out));
    out
}

fn map_all(s: StrView<'_>, to: CaseMap) -> StrBuf {
    let mut out = StrBuf::new();
    out.reserve_hint(s.len());
    s.iter().for_each(|c| map_case(c, to, |m| out.push(m)));
    out
}

pub fn upper(s: StrView<'_>) -> StrBuf {
    match ascii(s) {
        Some(b) => StrBuf::Latin1(b.to_ascii_uppercase()),
        None => map_all(s, CaseMap::Upper),
    }
}

pub fn casefold(s: StrView<'_>) -> StrBuf {
    match ascii(s) {
        Some(b) => StrBuf::Latin1(b.to_ascii_lowercase()),
        None => map_all(s, CaseMap::Fold),
    }
}

pub fn capitalize(s: StrView<'_>) -> StrBuf {
    let mut out = StrBuf::new();
    for (i, c) in s.iter().enumerate() {
        if i == 0 {
            map_case(c, CaseMap::Title, |m| out.push(m));
        } else {
            lower_at(s, i, c, &mut out);
        }
    }
    out
}

pub fn title(s: StrView<'_>) -> StrBuf {
    let mut out = StrBuf::new();
    let mut previous = false;
    for (i, c) in s.iter().enumerate() {
        if previous {
            lower_at(s, i, c, &mut out);
        } else {
            map_case(c, CaseMap::Title, |m| out.push(m));
        }
        previous = is_cased(c);
    }
    out
}

pub fn swapcase(s: StrView<'_>) -> StrBuf {
    let mut out = StrBuf::new();
    for (i, c) in s.iter().enumerate() {
        if is_upper(c) {
            lower_at(s, i, c, &mut out);
        } else if is_lower(c) {
            map_case(c, CaseMap::Upper, |m| out.push(m));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_as_cpython() {
        type Row = (fn(StrView<'_>) -> StrBuf, &'static str, &'static str);
        let rows: &[Row] = &[
            (lower, "ΑΣ ΑΣΑ Σ", "ας ασα σ"),
            (lower, "İ", "i\u{307}"),
            (lower, "A\u{345}Σ", "a\u{345}ς"),
            (upper, "straße ŉ ﬁ", "STRASSE ʼN FI"),
            (casefold, "Straße ς Ꭰ ꭰ", "strasse σ Ꭰ Ꭰ"),
            (title, "ǆ they're ﬁn", "ǅ They'Re Fin"),
            (title, "\u{2b0}a ΑΣ", "\u{2b0}a Ας"),
            (capitalize, "ßΑΣ", "Ssας"),
            (swapcase, "aBß ΑΣ", "AbSS ας"),
            (upper, "ÿµ", "ŸΜ"),
        ];
        for (f, s, want) in rows {
            assert_eq!(f(StrBuf::from(*s).view()).view().to_utf8_lossy(), *want, "{s:?}");
        }
    }
}
