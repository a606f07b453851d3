//! `str.format` templates: replacement fields and field names.

use crate::error::{Result, TextError};
use crate::unicode::chars::to_decimal;
use crate::view::StrView;
use std::ops::Range;

/// A replacement field; the ranges are indices into the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: Range<usize>,
    /// The format spec, unexpanded.
    pub spec: Range<usize>,
    /// The character after `!`.
    pub conversion: Option<u32>,
    /// Whether the spec holds replacement fields itself.
    pub nested: bool,
}

/// Literal text and the field after it. An escaped brace ends a piece, so the literal is exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markup {
    pub literal: Range<usize>,
    pub field: Option<Field>,
}

/// Walks a template; also `_string.formatter_parser`.
pub struct Parser<'a> {
    text: StrView<'a>,
    at: usize,
}

const OPEN: u32 = b'{' as u32;
const CLOSE: u32 = b'}' as u32;

impl<'a> Parser<'a> {
    pub fn new(text: StrView<'a>) -> Parser<'a> {
        Parser { text, at: 0 }
    }

    fn bump(&mut self) -> Option<u32> {
        let c = self.text.get(self.at);
        self.at += usize::from(c.is_some());
        c
    }

    fn markup(&mut self) -> Result<Markup> {
        let start = self.at;
        let rest = self.text.slice(start..self.text.len());
        let len = match rest {
            StrView::Latin1(c) => c.iter().position(|c| matches!(c, b'{' | b'}')),
            _ => rest.iter().position(|c| c == OPEN || c == CLOSE),
        };
        self.at += len.unwrap_or(rest.len());
        let Some(brace) = self.bump() else {
            return Ok(Markup {
                literal: start..self.at,
                field: None,
            });
        };
        let next = self.text.get(self.at);
        if next == Some(brace) {
            self.at += 1;
            return Ok(Markup {
                literal: start..self.at - 1,
                field: None,
            });
        }
        if brace == CLOSE {
            return Err(TextError::value("Single '}' encountered in format string"));
        }
        if next.is_none() {
            return Err(TextError::value("Single '{' encountered in format string"));
        }
        let literal = start..self.at - 1;
        Ok(Markup {
            literal,
            field: Some(self.field()?),
        })
    }

    fn field(&mut self) -> Result<Field> {
        let start = self.at;
        let mut end = None;
        while let Some(c) = self.bump() {
            match char::from_u32(c) {
                Some('{') => return Err(TextError::value("unexpected '{' in field name")),
                Some('[') => {
                    while self.text.get(self.at).is_some_and(|c| c != u32::from(b']')) {
                        self.at += 1;
                    }
                }
                Some('}' | ':' | '!') => {
                    end = Some(c);
                    break;
                }
                _ => {}
            }
        }
        let Some(end) = end else {
            return Err(TextError::value("expected '}' before end of string"));
        };
        let mut field = Field {
            name: start..self.at - 1,
            spec: 0..0,
            conversion: None,
            nested: false,
        };
        if end == CLOSE {
            return Ok(field);
        }
        if end == u32::from(b'!') {
            field.conversion = Some(
                self.bump()
                    .ok_or_else(|| TextError::value("end of string while looking for conversion specifier"))?,
            );
            match self.bump() {
                Some(CLOSE) => return Ok(field),
                Some(0x3A) | None => {}
                Some(_) => {
                    return Err(TextError::value("expected ':' after conversion specifier"));
                }
            }
        }
        self.spec(&mut field)?;
        Ok(field)
    }

    fn spec(&mut self, field: &mut Field) -> Result<()> {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(c) = self.bump() {
            match c {
                OPEN => {
                    field.nested = true;
                    depth += 1;
                }
                CLOSE if depth == 0 => {
                    field.spec = start..self.at - 1;
                    return Ok(());
                }
                CLOSE => depth -= 1,
                _ => {}
            }
        }
        Err(TextError::value("unmatched '{' in format spec"))
    }
}

impl Iterator for Parser<'_> {
    type Item = Result<Markup>;

    fn next(&mut self) -> Option<Result<Markup>> {
        if self.at >= self.text.len() {
            return None;
        }
        let markup = self.markup();
        if markup.is_err() {
            self.at = self.text.len();
        }
        Some(markup)
    }
}

/// The first part of a field name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First<'a> {
    /// Automatic numbering.
    Empty,
    Index(usize),
    Name(StrView<'a>),
}

/// One step of a field name after the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// `.name`
    Attr(StrView<'a>),
    /// `[7]`
    Index(usize),
    /// `[key]`
    Key(StrView<'a>),
}

/// The steps after the first part.
#[derive(Clone, Debug)]
pub struct Steps<'a> {
    text: StrView<'a>,
    at: usize,
}

/// A decimal index; `None` when the text is not all digits.
fn index(text: StrView<'_>) -> Result<Option<usize>> {
    let mut n = None;
    for c in text.iter() {
        let Some(d) = to_decimal(c) else {
            return Ok(None);
        };
        let next = n
            .unwrap_or(0usize)
            .checked_mul(10)
            .and_then(|n| n.checked_add(d as usize));
        n = next.filter(|n| *n <= isize::MAX as usize);
        if n.is_none() {
            return Err(TextError::value("Too many decimal digits in format string"));
        }
    }
    Ok(n)
}

/// Splits a field name; also `_string.formatter_field_name_split`.
pub fn split_field_name(name: StrView<'_>) -> Result<(First<'_>, Steps<'_>)> {
    let dot_or_bracket = |c| c == u32::from(b'.') || c == u32::from(b'[');
    let end = name.iter().position(dot_or_bracket).unwrap_or(name.len());
    let first = name.slice(0..end);
    let first = match index(first)? {
        Some(n) => First::Index(n),
        None if first.is_empty() => First::Empty,
        None => First::Name(first),
    };
    Ok((first, Steps { text: name, at: end }))
}

impl<'a> Steps<'a> {
    fn step(&mut self) -> Result<Step<'a>> {
        let kind = self.text.get(self.at);
        self.at += 1;
        let start = self.at;
        let rest = self.text.slice(start..self.text.len());
        let name;
        let step = match kind {
            Some(0x2E) => {
                let end = |c| c == u32::from(b'.') || c == u32::from(b'[');
                let len = rest.iter().position(end).unwrap_or(rest.len());
                self.at += len;
                name = rest.slice(0..len);
                Step::Attr(name)
            }
            Some(0x5B) => {
                let Some(len) = rest.iter().position(|c| c == u32::from(b']')) else {
                    return Err(TextError::value("Missing ']' in format string"));
                };
                self.at += len + 1;
                name = rest.slice(0..len);
                match index(name)? {
                    Some(n) => Step::Index(n),
                    None => Step::Key(name),
                }
            }
            _ => {
                return Err(TextError::value(
                    "Only '.' or '[' may follow ']' in format field specifier",
                ));
            }
        };
        if name.is_empty() {
            return Err(TextError::value("Empty attribute in format string"));
        }
        Ok(step)
    }
}

impl<'a> Iterator for Steps<'a> {
    type Item = Result<Step<'a>>;

    fn next(&mut self) -> Option<Result<Step<'a>>> {
        if self.at >= self.text.len() {
            return None;
        }
        let step = self.step();
        if step.is_err() {
            self.at = self.text.len();
        }
        Some(step)
    }
}

/// Automatic or manual numbering, which a template may not mix. Shared by nested specs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbering {
    next: usize,
    manual: Option<bool>,
}

impl Numbering {
    /// The positional index a first part stands for; `None` for a name.
    pub fn resolve(&mut self, first: &First<'_>) -> Result<Option<usize>> {
        let manual = match first {
            First::Name(_) => return Ok(None),
            First::Empty => false,
            First::Index(_) => true,
        };
        match (self.manual.replace(manual), manual) {
            (Some(true), false) => {
                return Err(TextError::value(
                    "cannot switch from manual field specification to automatic field numbering",
                ));
            }
            (Some(false), true) => {
                return Err(TextError::value(
                    "cannot switch from automatic field numbering to manual field specification",
                ));
            }
            _ => {}
        }
        if let First::Index(n) = first {
            return Ok(Some(*n));
        }
        self.next += 1;
        Ok(Some(self.next - 1))
    }
}

/// The error for a conversion that is not `s`, `r` or `a`.
pub fn unknown_conversion(c: u32) -> TextError {
    TextError::value(match c {
        0x21..=0x7E => format!("Unknown conversion specifier {}", char::from(c as u8)),
        _ => format!("Unknown conversion specifier \\x{c:x}"),
    })
}

/// The `IndexError` message for a positional field without an argument.
pub fn index_out_of_range(index: usize) -> String {
    format!("Replacement index {index} out of range for positional args tuple")
}

/// The `ValueError` message for a positional field in `str.format_map`.
pub const POSITIONAL_IN_MAP: &str = "Format string contains positional fields";

/// How deep specs may nest, and the error beyond.
pub const MAX_DEPTH: usize = 2;
pub const TOO_DEEP: &str = "Max string recursion exceeded";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Differences, rows, show_error};
    use crate::view::StrBuf;

    fn parse(t: StrView<'_>) -> Result<String> {
        let cut = |r: Range<usize>| t.slice(r).to_utf8_lossy();
        let mut out = String::new();
        for m in Parser::new(t) {
            let m = m?;
            out += &format!("<{}", cut(m.literal));
            if let Some(f) = m.field {
                let conv = f
                    .conversion
                    .and_then(char::from_u32)
                    .map(String::from)
                    .unwrap_or_default();
                out += &format!("|{}|{}|{conv}", cut(f.name), cut(f.spec));
            }
            out += ">";
        }
        Ok(out)
    }

    fn split(t: StrView<'_>) -> Result<String> {
        let (first, steps) = split_field_name(t)?;
        let mut out = match first {
            First::Empty => String::new(),
            First::Index(n) => format!("#{n}"),
            First::Name(n) => n.to_utf8_lossy(),
        };
        for s in steps {
            out += &match s? {
                Step::Attr(n) => format!(".{}", n.to_utf8_lossy()),
                Step::Index(n) => format!("[#{n}]"),
                Step::Key(k) => format!("[{}]", k.to_utf8_lossy()),
            };
        }
        Ok(out)
    }

    #[test]
    fn templates_as_cpython() {
        let mut d = Differences::new();
        for row in rows(include_str!("../goldens/template.tsv")) {
            let t = row[1].view();
            let got = if row[0] == "parse" { parse(t) } else { split(t) };
            let got: StrBuf = got.unwrap_or_else(|e| show_error(&e)).into();
            d.check(&row, &got, &row[2]);
        }
    }

    #[test]
    fn numbering_does_not_mix() {
        let mut n = Numbering::default();
        assert_eq!(n.resolve(&First::Empty).unwrap(), Some(0));
        assert_eq!(n.resolve(&First::Empty).unwrap(), Some(1));
        assert_eq!(n.resolve(&First::Name(StrView::EMPTY)).unwrap(), None);
        assert!(n.resolve(&First::Index(3)).is_err());
    }
}
