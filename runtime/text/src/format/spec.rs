//! Parsing `[[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]`.

use crate::error::{Result, TextError};
use crate::unicode::chars::to_decimal;
use crate::view::{StrView, Unit, each_kind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
    Center,
    /// Between the sign and the digits (`=`).
    AfterSign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    Comma,
    Underscore,
}

impl Grouping {
    fn symbol(self) -> char {
        match self {
            Grouping::Comma => ',',
            Grouping::Underscore => '_',
        }
    }
}

/// A parsed format specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    pub fill: u32,
    pub align: Align,
    /// `+`, `-` or a space.
    pub sign: Option<u8>,
    /// `z`: a negative zero result loses its sign.
    pub no_neg_zero: bool,
    /// `#`
    pub alternate: bool,
    pub width: Option<usize>,
    pub grouping: Option<Grouping>,
    pub precision: Option<usize>,
    pub frac_grouping: Option<Grouping>,
    /// The presentation type; 0 when absent and the type has no default.
    pub kind: u32,
}

struct Cursor<'a, T> {
    text: &'a [T],
    at: usize,
}

impl<T: Unit> Cursor<'_, T> {
    #[inline]
    fn get(&self, i: usize) -> Option<u32> {
        self.text.get(i).map(|c| (*c).into())
    }

    #[inline]
    fn peek(&self) -> Option<u32> {
        self.get(self.at)
    }

    #[inline]
    fn eat(&mut self, c: char) -> bool {
        let hit = self.peek() == Some(u32::from(c));
        self.at += usize::from(hit);
        hit
    }

    /// A run of decimal digits.
    fn integer(&mut self) -> Result<Option<usize>> {
        let mut n = None;
        let digit = |c| match c {
            0x30..=0x39 => Some(c - 0x30),
            0..=0x7F => None,
            _ => to_decimal(c),
        };
        while let Some(d) = self.peek().and_then(digit) {
            let next = n
                .unwrap_or(0usize)
                .checked_mul(10)
                .and_then(|n| n.checked_add(d as usize));
            n = next.filter(|n| *n <= isize::MAX as usize);
            if n.is_none() {
                return Err(TextError::value("Too many decimal digits in format string"));
            }
            self.at += 1;
        }
        Ok(n)
    }

    #[inline]
    fn grouping(&mut self) -> Result<Option<Grouping>> {
        match self.peek() {
            Some(0x2C | 0x5F) => self.some_grouping(),
            _ => Ok(None),
        }
    }

    fn some_grouping(&mut self) -> Result<Option<Grouping>> {
        let mut found = None;
        if self.eat(',') {
            found = Some(Grouping::Comma);
        }
        if self.eat('_') {
            if found.is_some() {
                return Err(both());
            }
            found = Some(Grouping::Underscore);
        }
        if self.peek() == Some(u32::from(b',')) && found == Some(Grouping::Underscore) {
            return Err(both());
        }
        Ok(found)
    }
}

fn both() -> TextError {
    TextError::value("Cannot specify both ',' and '_'.")
}

#[inline]
fn align_of(c: Option<u32>) -> Option<Align> {
    Some(match c? {
        0x3C => Align::Left,
        0x3E => Align::Right,
        0x5E => Align::Center,
        0x3D => Align::AfterSign,
        _ => return None,
    })
}

impl Spec {
    /// Parses `text` for an object whose type is called `type_name`.
    pub fn parse(text: StrView<'_>, type_name: &str, default_kind: u32, default_align: Align) -> Result<Spec> {
        each_kind!(text, u => Spec::parse_units(u, type_name, default_kind, default_align))
    }

    fn parse_units<T: Unit>(text: &[T], type_name: &str, default_kind: u32, default_align: Align) -> Result<Spec> {
        let mut c = Cursor { text, at: 0 };
        let mut spec = Spec {
            fill: u32::from(b' '),
            align: default_align,
            sign: None,
            no_neg_zero: false,
            alternate: false,
            width: None,
            grouping: None,
            precision: None,
            frac_grouping: None,
            kind: default_kind,
        };
        let (mut fill_given, mut align_given) = (false, true);
        if let Some(align) = align_of(c.get(1)) {
            spec.fill = c.get(0).unwrap_or(0);
            spec.align = align;
            fill_given = true;
            c.at = 2;
        } else if let Some(align) = align_of(c.get(0)) {
            spec.align = align;
            c.at = 1;
        } else {
            align_given = false;
        }
        if let Some(sign @ (0x20 | 0x2B | 0x2D)) = c.peek() {
            spec.sign = Some(sign as u8);
            c.at += 1;
        }
        spec.no_neg_zero = c.eat('z');
        spec.alternate = c.eat('#');
        if !fill_given && c.eat('0') {
            spec.fill = u32::from(b'0');
            if !align_given && default_align == Align::Right {
                spec.align = Align::AfterSign;
            }
        }
        if c.at < text.len() {
            spec.width = c.integer()?;
        }
        spec.grouping = c.grouping()?;
        if c.eat('.') {
            spec.precision = c.integer()?;
            spec.frac_grouping = c.grouping()?;
            if spec.precision.is_none() && spec.frac_grouping.is_none() {
                return Err(TextError::value("Format specifier missing precision"));
            }
        }
        let rest = text.len() - c.at.min(text.len());
        if rest > 1 {
            let shown = T::view(text).to_utf8_lossy();
            return Err(TextError::value(format!(
                "Invalid format specifier '{shown}' for object of type '{type_name}'"
            )));
        }
        if rest == 1 {
            spec.kind = c.peek().unwrap_or(0);
        }
        if spec.grouping.is_some() || spec.frac_grouping.is_some() {
            spec.check_grouping()?;
        }
        Ok(spec)
    }

    fn check_grouping(&self) -> Result<()> {
        let kind = char::from_u32(self.kind).unwrap_or(char::REPLACEMENT_CHARACTER);
        if let Some(g) = self.grouping {
            let fits = match kind {
                'd' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F' | '\0' => true,
                'b' | 'o' | 'x' | 'X' => g == Grouping::Underscore,
                _ => false,
            };
            if !fits {
                return Err(bad_grouping(g, self.kind));
            }
        }
        if let (Some(g), 'n') = (self.frac_grouping, kind) {
            return Err(bad_grouping(g, self.kind));
        }
        Ok(())
    }
}

/// A presentation type as error messages show it.
fn show_kind(kind: u32) -> String {
    match kind {
        0x21..=0x7F => char::from(kind as u8).to_string(),
        _ => format!("\\x{kind:x}"),
    }
}

fn bad_grouping(g: Grouping, kind: u32) -> TextError {
    TextError::value(format!("Cannot specify '{}' with '{}'.", g.symbol(), show_kind(kind)))
}

/// `Unknown format code 'x' for object of type 'y'`.
pub(crate) fn unknown_kind(kind: u32, type_name: &str) -> TextError {
    TextError::value(format!(
        "Unknown format code '{}' for object of type '{type_name}'",
        show_kind(kind)
    ))
}
