//! The methods of `str` and `bytes` against CPython's answers.

use crate::bytes;
use crate::error::Result;
use crate::search;
use crate::str::split::{self, Ends, Pieces};
use crate::str::{case, classify, edit, repr};
use crate::testing::{Differences, rows, show, text};
use crate::view::{StrBuf, StrView};

fn shown(v: impl ToString) -> Result<StrBuf> {
    Ok(StrBuf::from(v.to_string()))
}

fn found(i: Option<usize>) -> Result<StrBuf> {
    shown(i.map_or(-1, |i| i as i64))
}

fn pieces(s: StrView<'_>, p: Pieces) -> Result<StrBuf> {
    let views: Vec<StrView<'_>> = p.iter().map(|r| s.slice(r.clone())).collect();
    let mut out = StrBuf::from(views.len().to_string() + ":");
    out.push_view(edit::join(StrView::Latin1(b"|"), &views)?.view());
    Ok(out)
}

fn number(s: StrView<'_>) -> i64 {
    s.to_utf8_lossy().parse().unwrap()
}

fn limit(s: StrView<'_>) -> usize {
    usize::try_from(number(s)).unwrap_or(usize::MAX)
}

fn ends(method: &str) -> Ends {
    match method {
        "lstrip" => Ends::Left,
        "rstrip" => Ends::Right,
        _ => Ends::Both,
    }
}

fn str_method(m: &str, s: StrView<'_>, a: &[StrView<'_>]) -> Result<StrBuf> {
    let n = s.len();
    match (m, a) {
        ("find", [x]) => found(search::find(s, *x, 0, n)),
        ("rfind", [x]) => found(search::rfind(s, *x, 0, n)),
        ("count", [x]) => shown(search::count(s, *x, 0, n)),
        ("find" | "rfind" | "count", [x, i, j]) => {
            let (i, j) = search::adjust_indices(number(*i), number(*j), n);
            match m {
                "find" => found(search::find(s, *x, i, j)),
                "rfind" => found(search::rfind(s, *x, i, j)),
                _ => shown(search::count(s, *x, i, j)),
            }
        }
        ("replace", [x, y, k]) => Ok(edit::replace(s, *x, *y, limit(*k))?.unwrap_or_else(|| s.to_buf())),
        ("split", [k]) => pieces(s, split::split_whitespace(s, limit(*k))),
        ("rsplit", [k]) => pieces(s, split::rsplit_whitespace(s, limit(*k))),
        ("split", [x, k]) => pieces(s, split::split(s, *x, limit(*k))),
        ("rsplit", [x, k]) => pieces(s, split::rsplit(s, *x, limit(*k))),
        ("splitlines", [k]) => pieces(s, split::splitlines(s, number(*k) != 0)),
        ("strip" | "lstrip" | "rstrip", []) => Ok(s.slice(split::strip_whitespace(s, ends(m))).to_buf()),
        ("strip" | "lstrip" | "rstrip", [x]) => Ok(s.slice(split::strip_chars(s, *x, ends(m))).to_buf()),
        ("center", [w, f]) => edit::center(s, limit(*w), f.at(0)),
        ("ljust", [w, f]) => edit::ljust(s, limit(*w), f.at(0)),
        ("rjust", [w, f]) => edit::rjust(s, limit(*w), f.at(0)),
        ("zfill", [w]) => edit::zfill(s, limit(*w)),
        ("expandtabs", [w]) => edit::expandtabs(s, number(*w)),
        ("lower", []) => Ok(case::lower(s)),
        ("upper", []) => Ok(case::upper(s)),
        ("title", []) => Ok(case::title(s)),
        ("capitalize", []) => Ok(case::capitalize(s)),
        ("swapcase", []) => Ok(case::swapcase(s)),
        ("casefold", []) => Ok(case::casefold(s)),
        ("isalpha", []) => shown(classify::isalpha(s)),
        ("isalnum", []) => shown(classify::isalnum(s)),
        ("isdigit", []) => shown(classify::isdigit(s)),
        ("isdecimal", []) => shown(classify::isdecimal(s)),
        ("isnumeric", []) => shown(classify::isnumeric(s)),
        ("isspace", []) => shown(classify::isspace(s)),
        ("isupper", []) => shown(classify::isupper(s)),
        ("islower", []) => shown(classify::islower(s)),
        ("istitle", []) => shown(classify::istitle(s)),
        ("isprintable", []) => shown(classify::isprintable(s)),
        ("isidentifier", []) => shown(classify::isidentifier(s)),
        ("__repr__", []) => Ok(repr::repr(s)),
        ("ascii", []) => Ok(repr::ascii(s)),
        _ => panic!("{m}"),
    }
}

fn bytes_method(m: &str, s: &[u8], a: &[StrView<'_>]) -> Result<StrBuf> {
    let n = s.len();
    let v = StrView::Latin1(s);
    let raw = |v: &StrView<'_>| v.units::<u8>().unwrap().into_owned();
    let ok = |b: Vec<u8>| Ok(StrBuf::Latin1(b));
    match (m, a) {
        ("find", [x]) => found(bytes::find(s, &raw(x), 0, n)),
        ("rfind", [x]) => found(bytes::rfind(s, &raw(x), 0, n)),
        ("count", [x]) => shown(bytes::count(s, &raw(x), 0, n)),
        ("replace", [x, y, k]) => ok(bytes::edit::replace(s, &raw(x), &raw(y), limit(*k))?.unwrap_or(s.to_vec())),
        ("split", [k]) => pieces(v, bytes::split::split_whitespace(s, limit(*k))),
        ("rsplit", [k]) => pieces(v, bytes::split::rsplit_whitespace(s, limit(*k))),
        ("split", [x, k]) => pieces(v, bytes::split::split(s, &raw(x), limit(*k))),
        ("rsplit", [x, k]) => pieces(v, bytes::split::rsplit(s, &raw(x), limit(*k))),
        ("splitlines", [k]) => pieces(v, bytes::split::splitlines(s, number(*k) != 0)),
        ("strip" | "lstrip" | "rstrip", []) => Ok(v.slice(bytes::split::strip_whitespace(s, ends(m))).to_buf()),
        ("strip" | "lstrip" | "rstrip", [x]) => Ok(v.slice(bytes::split::strip_chars(s, &raw(x), ends(m))).to_buf()),
        ("center", [w, f]) => ok(bytes::edit::center(s, limit(*w), f.at(0) as u8)?),
        ("zfill", [w]) => ok(bytes::edit::zfill(s, limit(*w))?),
        ("expandtabs", [w]) => ok(bytes::edit::expandtabs(s, number(*w))?),
        ("lower", []) => ok(bytes::case::lower(s)),
        ("upper", []) => ok(bytes::case::upper(s)),
        ("title", []) => ok(bytes::case::title(s)),
        ("capitalize", []) => ok(bytes::case::capitalize(s)),
        ("swapcase", []) => ok(bytes::case::swapcase(s)),
        ("isalpha", []) => shown(bytes::case::isalpha(s)),
        ("isalnum", []) => shown(bytes::case::isalnum(s)),
        ("isdigit", []) => shown(bytes::case::isdigit(s)),
        ("isspace", []) => shown(bytes::case::isspace(s)),
        ("isupper", []) => shown(bytes::case::isupper(s)),
        ("islower", []) => shown(bytes::case::islower(s)),
        ("istitle", []) => shown(bytes::case::istitle(s)),
        ("__repr__", []) => shown(bytes::repr::repr(s)),
        ("hex", [sep, per]) => shown(bytes::hex::hex(s, Some(bytes::hex::separator(*sep)?), number(*per))?),
        ("fromhex", []) => ok(bytes::hex::from_hex(v)?),
        _ => panic!("{m}"),
    }
}

#[test]
fn methods_as_cpython() {
    let mut d = Differences::new();
    for row in rows(include_str!("goldens/methods.tsv")) {
        let (last, given) = row.split_last().unwrap();
        let method = text(&given[1]);
        let args: Vec<StrView<'_>> = given[3..].iter().map(StrBuf::view).collect();
        let got = if given[0] == "str" {
            str_method(&method, given[2].view(), &args)
        } else {
            bytes_method(&method, &given[2].view().units::<u8>().unwrap(), &args)
        };
        if let Ok(b) = &got {
            assert!(b.view().is_canonical(), "{row:?}");
        }
        d.check(&row, &show(got), last);
    }
}
