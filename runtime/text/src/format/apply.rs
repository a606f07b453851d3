//! `format(value, spec)` for the built-in types.

use super::layout::{Parts, group_fraction, push_number, push_text};
use super::spec::{Align, Spec, unknown_kind};
use crate::error::{Result, TextError};
use crate::number::float_repr::{self, FloatStyle};
use crate::number::{Int, exact, int_format};
use crate::view::{StrBuf, StrView};

const DEFAULT_PRECISION: usize = 6;

/// `format(int, spec)`. `max_digits` is the limit on decimal text (0: none).
pub fn format_int(n: &Int, spec: StrView<'_>, type_name: &str, max_digits: usize) -> Result<StrBuf> {
    if spec.is_empty() {
        return int_format::to_string(n, 10, max_digits).map(StrBuf::from);
    }
    format_int_by(n, &int_spec(spec, type_name)?, type_name, max_digits)
}

/// The spec of an int.
pub fn int_spec(spec: StrView<'_>, type_name: &str) -> Result<Spec> {
    Spec::parse(spec, type_name, u32::from(b'd'), Align::Right)
}

/// `format(int, spec)` of a parsed spec.
pub fn format_int_by(n: &Int, spec: &Spec, type_name: &str, max_digits: usize) -> Result<StrBuf> {
    match char::from_u32(spec.kind) {
        Some('b' | 'c' | 'd' | 'o' | 'x' | 'X' | 'n') => integer(n, spec, max_digits),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
            let x = match n {
                Int::Small(n) => *n as f64,
                Int::Big(n) => exact::big_to_f64(n)?,
            };
            float(x, spec)
        }
        _ => Err(unknown_kind(spec.kind, type_name)),
    }
}

fn integer(n: &Int, spec: &Spec, max_digits: usize) -> Result<StrBuf> {
    if spec.precision.is_some() {
        return Err(TextError::value("Precision not allowed in integer format specifier"));
    }
    if spec.no_neg_zero {
        return Err(TextError::value(
            "Negative zero coercion (z) not allowed in integer format specifier",
        ));
    }
    let mut out = StrBuf::new();
    if spec.kind == u32::from(b'c') {
        let c = character(n, spec)?;
        let one: StrBuf = [c].into_iter().collect();
        let parts = Parts {
            negative: false,
            prefix: "",
            digits: "",
            group: 3,
            rest: one.view(),
        };
        push_number(&mut out, &parts, spec)?;
        return Ok(out.finish());
    }
    let (base, prefix) = match char::from_u32(spec.kind) {
        Some('b') => (2, "0b"),
        Some('o') => (8, "0o"),
        Some('x') => (16, "0x"),
        Some('X') => (16, "0X"),
        _ => (10, ""),
    };
    let mut text = int_format::to_string(n, base, max_digits)?;
    if spec.kind == u32::from(b'X') {
        text.make_ascii_uppercase();
    }
    let digits = text.strip_prefix('-');
    let parts = Parts {
        negative: digits.is_some(),
        prefix: if spec.alternate { prefix } else { "" },
        digits: digits.unwrap_or(&text),
        group: if base == 10 { 3 } else { 4 },
        rest: StrView::EMPTY,
    };
    push_number(&mut out, &parts, spec)?;
    Ok(out.finish())
}

fn character(n: &Int, spec: &Spec) -> Result<u32> {
    if spec.sign.is_some() {
        return Err(TextError::value("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(TextError::value(
            "Alternate form (#) not allowed with integer format specifier 'c'",
        ));
    }
    match n {
        Int::Small(n @ 0..=0x10_FFFF) => Ok(*n as u32),
        Int::Small(_) => Err(TextError::overflow("%c arg not in range(0x110000)")),
        Int::Big(_) => Err(TextError::overflow("Python int too large to convert to C long")),
    }
}

/// `format(float, spec)`.
pub fn format_float(x: f64, spec: StrView<'_>, type_name: &str) -> Result<StrBuf> {
    if spec.is_empty() {
        return Ok(float_repr::repr(x).into());
    }
    format_float_by(x, &float_spec(spec, type_name)?, type_name)
}

/// The spec of a float.
pub fn float_spec(spec: StrView<'_>, type_name: &str) -> Result<Spec> {
    Spec::parse(spec, type_name, 0, Align::Right)
}

/// `format(float, spec)` of a parsed spec.
pub fn format_float_by(x: f64, spec: &Spec, type_name: &str) -> Result<StrBuf> {
    match char::from_u32(spec.kind) {
        Some('\0' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') => float(x, spec),
        _ => Err(unknown_kind(spec.kind, type_name)),
    }
}

fn float(x: f64, spec: &Spec) -> Result<StrBuf> {
    let percent = spec.kind == u32::from(b'%');
    let mut text = digits(if percent { x * 100.0 } else { x }, spec, true)?;
    if percent {
        text.push('%');
    }
    let mut out = StrBuf::new();
    push_float(&mut out, &text, spec)?;
    Ok(out.finish())
}

/// The text of a float before layout: a leading `-` only.
fn digits(x: f64, spec: &Spec, dot0: bool) -> Result<String> {
    if spec.precision.is_some_and(|p| p > i32::MAX as usize) {
        return Err(TextError::value("precision too big"));
    }
    let kind = char::from_u32(spec.kind).unwrap_or('\0');
    let (style, default) = match kind.to_ascii_lowercase() {
        'e' => (FloatStyle::Exponent, DEFAULT_PRECISION),
        'f' | '%' => (FloatStyle::Fixed, DEFAULT_PRECISION),
        'g' | 'n' => (FloatStyle::General, DEFAULT_PRECISION),
        _ if spec.precision.is_some() => (FloatStyle::General, 0),
        _ => (FloatStyle::Repr, 0),
    };
    let precision = spec.precision.unwrap_or(default);
    let dot0 = dot0 && kind == '\0';
    let mut text = float_repr::format(x, style, precision, spec.alternate, dot0)?;
    if kind.is_ascii_uppercase() {
        text.make_ascii_uppercase();
    }
    let mantissa = || text.split(['e', 'E']).next().unwrap_or("");
    if spec.no_neg_zero && text.starts_with('-') && !mantissa().contains(|c: char| matches!(c, '1'..='9' | 'i' | 'I')) {
        text.remove(0);
    }
    Ok(text)
}

/// Cuts float text at its point and lays it out.
fn push_float(out: &mut StrBuf, text: &str, spec: &Spec) -> Result<()> {
    let body = text.strip_prefix('-').unwrap_or(text);
    let run = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, tail) = body.split_at(run(body));
    let rest = match tail.strip_prefix('.') {
        Some(tail) => {
            let (fraction, tail) = tail.split_at(run(tail));
            format!(".{}{tail}", group_fraction(fraction, spec.frac_grouping))
        }
        None => tail.to_owned(),
    };
    let parts = Parts {
        negative: text.starts_with('-'),
        prefix: "",
        digits: whole,
        group: 3,
        rest: StrView::Latin1(rest.as_bytes()),
    };
    push_number(out, &parts, spec)
}

/// `format(complex, spec)`; an empty spec is the caller's `str()`.
pub fn format_complex(re: f64, im: f64, spec: StrView<'_>, type_name: &str) -> Result<StrBuf> {
    let spec = Spec::parse(spec, type_name, 0, Align::Right)?;
    let kind = char::from_u32(spec.kind);
    if !matches!(kind, Some('\0' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n')) {
        return Err(unknown_kind(spec.kind, type_name));
    }
    if spec.fill == u32::from(b'0') {
        return Err(TextError::value(
            "Zero padding is not allowed in complex format specifier",
        ));
    }
    if spec.align == Align::AfterSign {
        return Err(TextError::value(
            "'=' alignment flag is not allowed in complex format specifier",
        ));
    }
    let bare = kind == Some('\0');
    let skip_real = bare && re == 0.0 && re.is_sign_positive();
    let parens = bare && !skip_real;
    let mut part = Spec {
        width: None,
        align: Align::Left,
        ..spec.clone()
    };
    let mut text = StrBuf::new();
    if parens {
        text.push(u32::from(b'('));
    }
    if !skip_real {
        push_float(&mut text, &digits(re, &spec, false)?, &part)?;
        part.sign = Some(b'+');
    }
    push_float(&mut text, &digits(im, &spec, false)?, &part)?;
    text.push(u32::from(b'j'));
    if parens {
        text.push(u32::from(b')'));
    }
    let mut out = StrBuf::new();
    push_text(&mut out, text.view(), &spec)?;
    Ok(out.finish())
}

/// `repr(complex)`.
pub fn complex_repr(re: f64, im: f64) -> String {
    let show = |x: f64| float_repr::format(x, FloatStyle::Repr, 0, false, false).unwrap_or_default();
    let imag = show(im);
    if re == 0.0 && re.is_sign_positive() {
        return format!("{imag}j");
    }
    let plus = if imag.starts_with('-') { "" } else { "+" };
    format!("({}{plus}{imag}j)", show(re))
}

/// `format(str, spec)`.
pub fn format_str(s: StrView<'_>, spec: StrView<'_>, type_name: &str) -> Result<StrBuf> {
    if spec.is_empty() {
        return Ok(s.to_buf());
    }
    format_str_by(s, &str_spec(spec, type_name)?, type_name)
}

/// The spec of a str.
pub fn str_spec(spec: StrView<'_>, type_name: &str) -> Result<Spec> {
    Spec::parse(spec, type_name, u32::from(b's'), Align::Left)
}

/// `format(str, spec)` of a parsed spec.
pub fn format_str_by(s: StrView<'_>, spec: &Spec, type_name: &str) -> Result<StrBuf> {
    if spec.kind != u32::from(b's') {
        return Err(unknown_kind(spec.kind, type_name));
    }
    let refuse = |what: &str| Err(TextError::value(what));
    match spec.sign {
        Some(b' ') => return refuse("Space not allowed in string format specifier"),
        Some(_) => return refuse("Sign not allowed in string format specifier"),
        None => {}
    }
    if spec.no_neg_zero {
        return refuse("Negative zero coercion (z) not allowed in string format specifier");
    }
    if spec.alternate {
        return refuse("Alternate form (#) not allowed in string format specifier");
    }
    if spec.align == Align::AfterSign {
        return refuse("'=' alignment not allowed in string format specifier");
    }
    let shown = s.slice(0..spec.precision.unwrap_or(usize::MAX));
    let mut out = StrBuf::new();
    push_text(&mut out, shown, spec)?;
    Ok(out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::int_parse::parse_int;
    use crate::testing::{Differences, rows, show, text};

    #[test]
    fn formats_as_cpython() {
        let mut d = Differences::new();
        for row in rows(include_str!("../goldens/format.tsv")) {
            let spec = row[2].view();
            let name = text(&row[0]);
            let value = text(&row[1]);
            let got = match name.as_str() {
                "int" => {
                    let n = parse_int(row[1].view(), 10, 0).unwrap();
                    format_int(&n, spec, &name, 4300)
                }
                "float" => format_float(value.parse().unwrap(), spec, &name),
                "complex" => {
                    let (re, im) = value.split_once(' ').unwrap();
                    let (re, im) = (re.parse().unwrap(), im.parse().unwrap());
                    if spec.is_empty() {
                        Ok(complex_repr(re, im).into())
                    } else {
                        format_complex(re, im, spec, &name)
                    }
                }
                _ => format_str(row[1].view(), spec, &name),
            };
            d.check(&row, &show(got), &row[3]);
        }
    }

    #[test]
    fn huge_widths_are_errors() {
        for spec in [
            "9223372036854775807",
            "09223372036854775807,",
            ".2147483648f",
            "99999999999999999999",
        ] {
            assert!(
                format_float(1.0, StrView::Latin1(spec.as_bytes()), "float").is_err(),
                "{spec}"
            );
        }
        assert!(format_str(StrView::EMPTY, StrView::Latin1(b"9223372036854775807"), "str").is_err());
    }
}
