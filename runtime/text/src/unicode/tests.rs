//! Every fact of the assigned planes against CPython's, as one hash per 4096 code points.

use super::data::*;
use super::names;
use crate::str::{case, classify, split};
use crate::testing::{rows, text};
use crate::view::{StrBuf, StrView};
use std::fmt::Write;

fn fnv(text: &str, mut h: u64) -> u64 {
    for b in text.bytes() {
        h = (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3);
    }
    h
}

fn facts(c: u32, out: &mut String) {
    let opt = |x: Option<u32>| x.map_or("-".to_owned(), |x| x.to_string());
    let numeric = numeric(c).map_or("-".to_owned(), |x| ((x.min(1e9) * 1e6 + 0.5) as i64).to_string());
    let name = names::name(c).unwrap_or("-".to_owned());
    let (category, bidi, width) = (category(c), bidirectional(c), east_asian_width(c));
    let _ = write!(
        out,
        "{category} {bidi} {} {} {width} {} {} {numeric} {} {name}",
        combining(c),
        u8::from(mirrored(c)),
        opt(decimal(c)),
        opt(digit(c)),
        decomposition(c)
    );
    let one: StrBuf = [c].into_iter().collect();
    let v = one.view();
    for f in [case::lower, case::upper, case::title, case::casefold] {
        let mapped: Vec<String> = f(v).view().iter().map(|c| format!("{c:x}")).collect();
        let _ = write!(out, "/{}", mapped.join(","));
    }
    let after: StrBuf = [0x61, c].into_iter().collect();
    let before: StrBuf = [c, 0x61].into_iter().collect();
    let lines = |v: StrView<'_>| split::splitlines(v, false).len();
    for fact in [
        classify::isalpha(v),
        classify::isdecimal(v),
        classify::isdigit(v),
        classify::isnumeric(v),
        classify::isspace(v),
        classify::isprintable(v),
        classify::isidentifier(v),
        classify::isidentifier(after.view()),
        classify::isupper(v),
        classify::islower(v),
        classify::istitle(v),
        lines(after.view()) + lines(before.view()) > 2,
    ] {
        out.push(if fact { '1' } else { '0' });
    }
}

#[test]
fn all_planes_as_cpython() {
    let mut out = String::new();
    for row in rows(include_str!("../goldens/unicode.tsv")) {
        let block = u32::from_str_radix(&text(&row[0]), 16).unwrap();
        let hash = (block..block + 4096).fold(0xcbf2_9ce4_8422_2325, |h, c| {
            out.clear();
            facts(c, &mut out);
            fnv(&out, h)
        });
        assert_eq!(format!("{hash:x}"), text(&row[1]), "block {block:x}");
    }
}
