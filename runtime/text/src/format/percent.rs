//! `%`-formatting of `str` and `bytes`.
//!
//! A [`Parser`] yields literal text and conversions in order; the caller fetches arguments (and the
//! values of `*`), and the `push_*` functions append the result. Formatting `bytes` is the same over
//! a Latin-1 view of the template.

use crate::error::{Result, TextError};
use crate::number::float_repr::{self, FloatStyle};
use crate::number::{Int, int_format};
use crate::view::{StrBuf, StrView};
use std::ops::Range;

/// The flags between `%` and the width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `-`
    pub left: bool,
    /// `+`
    pub sign: bool,
    /// a space
    pub blank: bool,
    /// `#`
    pub alternate: bool,
    /// `0`
    pub zero: bool,
}

/// A width or precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    Absent,
    Value(usize),
    /// `*`: the next argument.
    Star,
}

/// One `%` conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The mapping key, as a range of the template.
    pub key: Option<Range<usize>>,
    pub flags: Flags,
    pub width: Amount,
    pub precision: Amount,
    /// The conversion character.
    pub kind: u32,
    /// Its index in the template.
    pub at: usize,
    /// `%%`; with anything between, `%` is an unsupported character.
    pub is_percent: bool,
}

/// What the parser yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Literal(Range<usize>),
    Conversion(Conversion),
}

/// A conversion whose `*` amounts are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub flags: Flags,
    pub width: usize,
    pub precision: Option<usize>,
    pub kind: u32,
}

pub const NOT_ENOUGH: &str = "not enough arguments for format string";
pub const NOT_ALL_STR: &str = "not all arguments converted during string formatting";
pub const NOT_ALL_BYTES: &str = "not all arguments converted during bytes formatting";
pub const STAR_WANTS_INT: &str = "* wants int";
pub const WANTS_MAPPING: &str = "format requires a mapping";

impl Conversion {
    /// Settles the amounts; `width` and `precision` are the arguments of `*`, if any.
    pub fn resolve(&self, width: Option<i64>, precision: Option<i64>) -> Result<Layout> {
        let mut flags = self.flags;
        let width = match (self.width, width) {
            (Amount::Value(n), _) => n,
            (Amount::Star, Some(i64::MIN)) => return Err(TextError::overflow("width too big")),
            (Amount::Star, Some(n)) => {
                flags.left |= n < 0;
                usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX)
            }
            _ => 0,
        };
        let precision = match (self.precision, precision) {
            (Amount::Value(n), _) => Some(n),
            (Amount::Star, Some(n)) if n > i64::from(i32::MAX) => {
                return Err(TextError::overflow("Python int too large to convert to C int"));
            }
            (Amount::Star, Some(n)) => Some(n.max(0) as usize),
            _ => None,
        };
        Ok(Layout {
            flags,
            width,
            precision,
            kind: self.kind,
        })
    }

    /// The error for a conversion character that does not exist.
    pub fn unsupported(&self) -> TextError {
        let shown = match self.kind {
            0x20..=0x7E => char::from(self.kind as u8),
            _ => '?',
        };
        TextError::value(format!(
            "unsupported format character '{shown}' (0x{:x}) at index {}",
            self.kind, self.at
        ))
    }
}

/// Walks a template.
pub struct Parser<'a> {
    text: StrView<'a>,
    at: usize,
    /// How the errors call a precision.
    precision: &'static str,
    /// Whether keys can be looked up.
    keys: bool,
}

impl<'a> Parser<'a> {
    pub fn new(text: StrView<'a>) -> Parser<'a> {
        Parser {
            text,
            at: 0,
            precision: "precision",
            keys: true,
        }
    }

    /// A parser of a `bytes` template, which differs in the wording of one error.
    pub fn of_bytes(text: &'a [u8]) -> Parser<'a> {
        Parser {
            text: StrView::Latin1(text),
            at: 0,
            precision: "prec",
            keys: true,
        }
    }

    /// For arguments that are a mapping or not: if not, a key is an error as soon as it begins, whatever follows.
    pub fn with_mapping(self, keys: bool) -> Parser<'a> {
        Parser { keys, ..self }
    }

    fn next_char(&mut self) -> Result<u32> {
        let c = self
            .text
            .get(self.at)
            .ok_or_else(|| TextError::value("incomplete format"))?;
        self.at += 1;
        Ok(c)
    }

    /// Digits from `c` on: the number and the character after it.
    fn number(&mut self, mut c: u32, limit: usize, what: &str) -> Result<(usize, u32)> {
        let mut n = 0usize;
        while let 0x30..=0x39 = c {
            let d = (c - 0x30) as usize;
            if n > (limit - d) / 10 {
                return Err(TextError::value(format!("{what} too big")));
            }
            n = n * 10 + d;
            c = self.next_char()?;
        }
        Ok((n, c))
    }

    fn key(&mut self) -> Result<Range<usize>> {
        let start = self.at;
        let mut depth = 1;
        while let Some(c) = self.text.get(self.at) {
            self.at += 1;
            match c {
                0x29 => depth -= 1,
                0x28 => depth += 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(start..self.at - 1);
            }
        }
        Err(TextError::value("incomplete format key"))
    }

    fn conversion(&mut self) -> Result<Conversion> {
        let start = self.at;
        let mut key = None;
        let mut flags = Flags::default();
        let mut c = self.next_char()?;
        if c == u32::from(b'(') {
            if !self.keys {
                return Err(TextError::type_error(WANTS_MAPPING));
            }
            key = Some(self.key()?);
            c = self.next_char()?;
        }
        loop {
            match char::from_u32(c) {
                Some('-') => flags.left = true,
                Some('+') => flags.sign = true,
                Some(' ') => flags.blank = true,
                Some('#') => flags.alternate = true,
                Some('0') => flags.zero = true,
                _ => break,
            }
            c = self.next_char()?;
        }
        let star = u32::from(b'*');
        let mut width = Amount::Absent;
        if c == star {
            width = Amount::Star;
            c = self.next_char()?;
        } else if let 0x30..=0x39 = c {
            let (n, after) = self.number(c, isize::MAX as usize, "width")?;
            (width, c) = (Amount::Value(n), after);
        }
        let mut precision = Amount::Absent;
        if c == u32::from(b'.') {
            c = self.next_char()?;
            if c == star {
                precision = Amount::Star;
                c = self.next_char()?;
            } else {
                let (n, after) = self.number(c, i32::MAX as usize, self.precision)?;
                (precision, c) = (Amount::Value(n), after);
            }
        }
        if let Some('h' | 'l' | 'L') = char::from_u32(c) {
            c = self.next_char()?;
        }
        let at = self.at - 1;
        let is_percent = c == u32::from(b'%') && at == start;
        Ok(Conversion {
            key,
            flags,
            width,
            precision,
            kind: c,
            at,
            is_percent,
        })
    }
}

impl Iterator for Parser<'_> {
    type Item = Result<Piece>;

    fn next(&mut self) -> Option<Result<Piece>> {
        let len = self.text.len();
        if self.at >= len {
            return None;
        }
        let found = crate::search::find(self.text, StrView::Latin1(b"%"), self.at, len).unwrap_or(len);
        if found > self.at {
            let start = std::mem::replace(&mut self.at, found);
            return Some(Ok(Piece::Literal(start..found)));
        }
        self.at += 1;
        let piece = self.conversion().map(Piece::Conversion);
        if piece.is_err() {
            self.at = len;
        }
        Some(piece)
    }
}

/// `%d %i %u %o %x %X`.
pub fn push_int(out: &mut StrBuf, n: &Int, layout: &Layout, max_digits: usize) -> Result<()> {
    let (base, prefix) = match char::from_u32(layout.kind) {
        Some('x') => (16, "0x"),
        Some('X') => (16, "0X"),
        Some('o') => (8, "0o"),
        _ => (10, ""),
    };
    let mut text = int_format::to_string(n, base, max_digits)?;
    if prefix == "0X" {
        text.make_ascii_uppercase();
    }
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let zeros = layout.precision.unwrap_or(0).saturating_sub(digits.len());
    let prefix = if layout.flags.alternate { prefix } else { "" };
    push_signed(out, n.is_negative(), prefix, zeros, digits, layout)
}

/// `%e %E %f %F %g %G`.
pub fn push_float(out: &mut StrBuf, x: f64, layout: &Layout) -> Result<()> {
    let kind = char::from_u32(layout.kind).unwrap_or('f');
    let style = match kind.to_ascii_lowercase() {
        'e' => FloatStyle::Exponent,
        'g' => FloatStyle::General,
        _ => FloatStyle::Fixed,
    };
    let precision = layout.precision.unwrap_or(6);
    let mut text = float_repr::format(x, style, precision, layout.flags.alternate, false)?;
    if kind.is_ascii_uppercase() {
        text.make_ascii_uppercase();
    }
    let digits = text.strip_prefix('-');
    push_signed(out, digits.is_some(), "", 0, digits.unwrap_or(&text), layout)
}

fn push_signed(
    out: &mut StrBuf,
    negative: bool,
    prefix: &str,
    zeros: usize,
    digits: &str,
    layout: &Layout,
) -> Result<()> {
    let flags = layout.flags;
    let sign = match (negative, flags.sign, flags.blank) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    };
    let size = (sign.len() + prefix.len() + digits.len()).saturating_add(zeros);
    let padding = layout.width.saturating_sub(size);
    out.try_reserve(size.saturating_add(padding))?;
    let inner = if flags.zero && !flags.left { padding } else { 0 };
    if !flags.left && inner == 0 {
        out.try_fill(0x20, padding)?;
    }
    out.push_ascii(sign.as_bytes());
    out.push_ascii(prefix.as_bytes());
    out.try_fill(0x30, inner)?;
    out.try_fill(0x30, zeros)?;
    out.push_ascii(digits.as_bytes());
    if flags.left {
        out.try_fill(0x20, padding)?;
    }
    Ok(())
}

/// `%s %r %a` (and `%b`) of the text the caller made: cut to the precision, padded to the width.
pub fn push_text(out: &mut StrBuf, text: StrView<'_>, layout: &Layout) -> Result<()> {
    let text = text.slice(0..layout.precision.unwrap_or(usize::MAX));
    let padding = layout.width.saturating_sub(text.len());
    out.try_reserve(text.len().saturating_add(padding))?;
    if !layout.flags.left {
        out.try_fill(0x20, padding)?;
    }
    out.push_view(text);
    if layout.flags.left {
        out.try_fill(0x20, padding)?;
    }
    Ok(())
}

/// `%c` of a code point.
pub fn push_char(out: &mut StrBuf, c: u32, layout: &Layout) -> Result<()> {
    let one: StrBuf = [c].into_iter().collect();
    push_text(
        out,
        one.view(),
        &Layout {
            precision: None,
            ..*layout
        },
    )
}

/// The code point of a `%c` integer.
pub fn char_of_int(n: &Int) -> Result<u32> {
    match n {
        Int::Small(n @ 0..=0x10_FFFF) => Ok(*n as u32),
        _ => Err(TextError::overflow("%c arg not in range(0x110000)")),
    }
}

/// The error for a `%d`-like conversion of something that is no number.
pub fn not_a_number(kind: u32, type_name: &str) -> TextError {
    let shown = char::from_u32(kind).unwrap_or('d');
    let wanted = match shown {
        'o' | 'x' | 'X' => "an integer",
        _ => "a real number",
    };
    TextError::type_error(format!("%{shown} format: {wanted} is required, not {type_name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::int_parse::parse_int;
    use crate::testing::{Differences, rows, show, text};

    fn run(template: StrView<'_>, kind: &str, value: StrView<'_>) -> Result<StrBuf> {
        let mut out = StrBuf::new();
        let mut used = false;
        for piece in Parser::new(template) {
            match piece? {
                Piece::Literal(r) => out.push_view(template.slice(r)),
                Piece::Conversion(c) => {
                    let layout = c.resolve(None, None)?;
                    if c.is_percent {
                        out.push(c.kind);
                        continue;
                    }
                    if used {
                        return Err(TextError::type_error(NOT_ENOUGH));
                    }
                    used = true;
                    let int = || parse_int(value, 10, 0).unwrap();
                    match (kind, char::from_u32(c.kind)) {
                        (_, Some('s')) => push_text(&mut out, value, &layout)?,
                        ("int", Some('c')) => push_char(&mut out, char_of_int(&int())?, &layout)?,
                        ("int", Some('d' | 'i' | 'u' | 'o' | 'x' | 'X')) => {
                            push_int(&mut out, &int(), &layout, 4300)?;
                        }
                        (_, Some('e' | 'E' | 'f' | 'F' | 'g' | 'G')) => {
                            let x = value.to_utf8_lossy().parse().unwrap();
                            push_float(&mut out, x, &layout)?;
                        }
                        (_, Some('d')) => return Err(not_a_number(c.kind, kind)),
                        _ => return Err(c.unsupported()),
                    }
                }
            }
        }
        if !used {
            return Err(TextError::type_error(NOT_ALL_STR));
        }
        Ok(out)
    }

    #[test]
    fn conversions_as_cpython() {
        let mut d = Differences::new();
        for row in rows(include_str!("../goldens/percent.tsv")) {
            let got = run(row[2].view(), &text(&row[0]), row[1].view());
            d.check(&row, &show(got), &row[3]);
        }
    }

    #[test]
    fn keys_and_stars() {
        let t = StrView::Latin1(b"%(a(b))-*.*ls");
        let piece = Parser::new(t).next().unwrap().unwrap();
        let Piece::Conversion(c) = piece else { panic!() };
        assert_eq!(c.key, Some(2..6));
        assert_eq!((c.width, c.precision), (Amount::Star, Amount::Star));
        let l = c.resolve(Some(-7), Some(-2)).unwrap();
        assert_eq!((l.width, l.precision, l.flags.left), (7, Some(0), true));
        let e = Parser::new(StrView::Latin1(b"%(a")).next().unwrap().unwrap_err();
        assert_eq!(e.message, "incomplete format key");
        let mut none = Parser::new(StrView::Latin1(b"%(a")).with_mapping(false);
        assert_eq!(none.next().unwrap().unwrap_err().message, WANTS_MAPPING);
    }
}
