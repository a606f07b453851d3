//! Number conversions against CPython's answers.

use super::*;
use crate::error::Result;
use crate::testing::{Differences, rows, show, text};
use crate::view::StrBuf;

fn f64_of(s: &str) -> f64 {
    s.parse().unwrap()
}

fn big(s: &str) -> BigInt {
    s.parse().unwrap()
}

fn run(op: &str, a: &StrBuf, b: &str) -> Result<String> {
    let s = text(a);
    let repr = float_repr::repr;
    Ok(match op {
        "repr" => repr(float_hex::from_hex(s.as_bytes())?),
        "hex" => float_hex::to_hex(f64_of(&s)),
        "round" => repr(round::round_float(f64_of(&s), b.parse().unwrap())?),
        "float" => repr(float_parse::parse_float(a.view())?),
        "complex" => {
            let (re, im) = complex_parse::parse_complex(a.view())?;
            format!("{} {}", repr(re), repr(im))
        }
        "fromhex" => repr(float_hex::from_hex(s.as_bytes())?),
        "int" => {
            let n = int_parse::parse_int(a.view(), b.parse().unwrap(), 4300)?;
            int_format::to_string(&n, 10, 0)?
        }
        "tofloat" => repr(exact::big_to_f64(&big(&s))?),
        "div" => repr(exact::true_divide(&big(&s), &big(b))?),
        "toint" => exact::f64_to_big(f64_of(&s))?.to_string(),
        "roundint" => round::round_int(&big(&s), b.parse().unwrap()).to_string(),
        "ratio" => {
            let (n, d) = exact::as_integer_ratio(f64_of(&s))?;
            format!("{n}/{d}")
        }
        _ => panic!("{op}"),
    })
}

#[test]
fn numbers_as_cpython() {
    let mut d = Differences::new();
    for row in rows(include_str!("../goldens/number.tsv")) {
        let b = if row.len() > 3 { text(&row[2]) } else { String::new() };
        let got = run(&text(&row[0]), &row[1], &b);
        d.check(&row, &show(got.map(StrBuf::from)), row.last().unwrap());
    }
}
