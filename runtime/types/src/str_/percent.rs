//! `template % arguments`; the parts that `bytes` shares are public.

use super::{body, unchanged, view};
use crate::int::new::max_str_digits;
use skein_object::error::{Error, Result, overflow_error, type_error};
use skein_object::layouts::number::{self, IntValue};
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, convert};
use skein_object::{Context, Ref, StrBody, intern, statics as s, str, tuple};
use skein_text::format::percent::{
    Amount, Conversion, Flags, Layout, NOT_ALL_STR, NOT_ENOUGH, Parser, Piece, STAR_WANTS_INT, WANTS_MAPPING,
    char_of_int, not_a_number, push_char, push_float, push_int, push_text,
};
use skein_text::format::{Head, laid};
use skein_text::number::{Int, exact, short::EMPTY};
use skein_text::str::split::find_char;
use skein_text::{StrBuf, StrView};

/// The arguments of a template, handed out one by one.
pub struct Arguments<'a> {
    /// What `%(key)s` looks in.
    mapping: Option<&'a Ref>,
    state: State,
}

enum State {
    Items(Ref, usize),
    One(Ref, bool),
}

impl<'a> Arguments<'a> {
    /// `text_like`: the types of which a single argument is never a mapping.
    pub fn new(args: &'a Ref, text_like: bool) -> Arguments<'a> {
        let is_tuple = tuple::items(args).is_some();
        let mapping = !is_tuple && !text_like && type_of(args).slots.getitem.is_set();
        Arguments {
            mapping: mapping.then_some(args),
            state: if is_tuple {
                State::Items(args.clone(), 0)
            } else {
                State::One(args.clone(), false)
            },
        }
    }

    /// The next argument.
    ///
    /// # Errors
    /// TypeError "not enough arguments for format string".
    pub fn take(&mut self) -> Result<Ref> {
        let found = match &mut self.state {
            State::Items(t, i) => {
                *i += 1;
                tuple::items(t).and_then(|items| items.get(*i - 1)).cloned()
            }
            State::One(r, used) => (!std::mem::replace(used, true)).then(|| r.clone()),
        };
        found.ok_or_else(|| type_error(NOT_ENOUGH))
    }

    /// Makes `mapping[key]` the next argument.
    ///
    /// # Errors
    /// TypeError "format requires a mapping"; what the lookup raises.
    pub fn select(&mut self, cx: &Context, key: &Ref) -> Result<()> {
        // The parser refuses keys where there is none.
        let Some(m) = self.mapping else {
            return Err(type_error(WANTS_MAPPING));
        };
        self.state = State::One(protocol::getitem(cx, m, key)?, false);
        Ok(())
    }

    /// Whether keys can be looked up.
    pub fn are_mapping(&self) -> bool {
        self.mapping.is_some()
    }

    /// Whether arguments are left that should have been used.
    pub fn left_over(&self) -> bool {
        self.mapping.is_none()
            && match &self.state {
                State::Items(t, i) => tuple::items(t).is_some_and(|items| *i < items.len()),
                State::One(_, used) => !used,
            }
    }

    fn star(&mut self) -> Result<Ref> {
        let r = self.take()?;
        if number::int_value(&r).is_some() {
            Ok(r)
        } else {
            Err(type_error(STAR_WANTS_INT))
        }
    }

    /// Fetches the values of `*`.
    ///
    /// # Errors
    /// TypeError, OverflowError.
    pub fn layout(&mut self, cx: &Context, c: &Conversion) -> Result<Layout> {
        let width = match c.width {
            Amount::Star => Some(convert::to_i64(cx, &self.star()?)?),
            _ => None,
        };
        let precision = match c.precision {
            Amount::Star => {
                let r = self.star()?;
                Some(i64::from(super::index::c_int(cx, &r)?))
            }
            _ => None,
        };
        Ok(c.resolve(width, precision)?)
    }
}

/// An int object as the text crate sees it.
pub fn text_int(r: &Ref) -> Option<Int> {
    Some(match number::int_value(r)? {
        IntValue::Small(n) => Int::Small(n),
        IntValue::Big(b) => Int::from_big(b.clone()),
    })
}

fn is_number(v: &Ref) -> bool {
    let slots = &type_of(v).slots;
    number::int_value(v).is_some()
        || number::float_value(v).is_some()
        || slots.index.is_set()
        || slots.int.is_set()
        || slots.float.is_set()
}

/// The integer of `%d` and its like.
///
/// # Errors
/// TypeError; what `__int__` or `__index__` raises.
pub fn integer(cx: &Context, v: &Ref, kind: u32) -> Result<Int> {
    if let Some(n) = text_int(v) {
        return Ok(n);
    }
    let wrong = || Error::from(not_a_number(kind, v.ty().name()));
    if !is_number(v) {
        return Err(wrong());
    }
    let result = if matches!(char::from_u32(kind), Some('o' | 'x' | 'X')) {
        convert::index(cx, v)
    } else if let Some(x) = number::float_value(v) {
        return Ok(Int::from_big(exact::f64_to_big(x)?));
    } else if let Some(f) = type_of(v).slots.int.get() {
        f(cx, v)
    } else {
        convert::index(cx, v)
    };
    match result {
        Ok(n) => text_int(&n).ok_or_else(wrong),
        Err(e) if e.is(&s::TYPE_ERROR) => Err(wrong()),
        Err(e) => Err(e),
    }
}

/// Appends a number conversion; false if `kind` is none.
///
/// # Errors
/// As the conversions.
pub fn push_number(cx: &Context, out: &mut StrBuf, v: &Ref, layout: &Layout) -> Result<bool> {
    match char::from_u32(layout.kind) {
        Some('d' | 'i' | 'u' | 'o' | 'x' | 'X') => {
            let n = integer(cx, v, layout.kind)?;
            push_int(out, &n, layout, max_str_digits())?;
        }
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G') => {
            push_float(out, convert::to_f64(cx, v)?, layout)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn character(v: &Ref) -> Result<u32> {
    if let Some(b) = v.body::<StrBody>() {
        return match (b.len(), b.view().get(0)) {
            (1, Some(c)) => Ok(c),
            _ => Err(type_error(format!(
                "%c requires an int or a unicode character, not a string of length {}",
                b.len()
            ))),
        };
    }
    match text_int(v) {
        Some(n) => Ok(char_of_int(&n)?),
        None => Err(type_error(format!(
            "%c requires an int or a unicode character, not {}",
            crate::type_::attributes::full_name(v.ty())
        ))),
    }
}

fn character_arg(cx: &Context, v: &Ref) -> Result<u32> {
    if !str::is_str(v) && number::int_value(v).is_none() && type_of(v).slots.index.is_set() {
        let n = convert::index(cx, v)?;
        return match number::int_value(&n).and_then(|n| n.to_i64()) {
            Some(n @ 0..=0x10_ffff) => Ok(n as u32),
            _ => Err(overflow_error("%c arg not in range(0x110000)")),
        };
    }
    character(v)
}

fn push(cx: &Context, out: &mut StrBuf, v: &Ref, c: &Conversion, layout: &Layout) -> Result<()> {
    let text = match char::from_u32(layout.kind) {
        Some('s') => protocol::str_of(cx, v)?,
        Some('r') => protocol::repr(cx, v)?,
        Some('a') => protocol::ascii(cx, v)?,
        Some('c') => {
            push_char(out, character_arg(cx, v)?, layout)?;
            return Ok(());
        }
        _ if push_number(cx, out, v, layout)? => return Ok(()),
        _ => return Err(c.unsupported().into()),
    };
    let text = view(&text)?;
    if layout.width == 0 && layout.precision.is_none() {
        out.try_reserve(text.len())?;
        out.push_view(text);
    } else {
        push_text(out, text, layout)?;
    }
    Ok(())
}

/// One conversion of a plain template.
#[derive(Clone, Copy, Default)]
struct Plain<'a> {
    /// The text before it.
    before: &'a [u8],
    /// `%(key)`, of a mapping.
    key: Option<&'a str>,
    /// `s`, `r`, `%` or of a number.
    kind: u8,
    /// Whether there are flags, a width or a precision.
    laid: bool,
    flags: Flags,
    width: u16,
    precision: Option<u16>,
}

impl Plain<'_> {
    /// What the conversion makes of the value that its key finds in `args`, or of the next item.
    fn convert(&self, cx: &Context, args: &Ref, left: &mut std::slice::Iter<'_, Ref>) -> Result<Ref> {
        match self.key {
            Some(key) => {
                let key = match intern::known(key) {
                    Some(key) => key,
                    None => str::latin1(key.as_bytes(), true)?,
                };
                converted(cx, self, &protocol::getitem(cx, args, &key)?)
            }
            // There are as many as conversions: `plain` has counted them.
            None => converted(cx, self, left.next().unwrap_or(args)),
        }
    }

    fn layout(&self) -> Layout {
        Layout {
            flags: self.flags,
            width: usize::from(self.width),
            precision: self.precision.map(usize::from),
            kind: u32::from(self.kind),
        }
    }

    /// Reads what stands between `%` and the kind at `at`; `None` if the template ends.
    fn read_layout(&mut self, bytes: &[u8], at: &mut usize) -> Option<()> {
        self.laid = true;
        loop {
            match bytes.get(*at)? {
                b'-' => self.flags.left = true,
                b'+' => self.flags.sign = true,
                b' ' => self.flags.blank = true,
                b'#' => self.flags.alternate = true,
                b'0' => self.flags.zero = true,
                _ => break,
            }
            *at += 1;
        }
        self.width = amount(bytes, at);
        if *bytes.get(*at)? == b'.' {
            *at += 1;
            self.precision = Some(amount(bytes, at));
        }
        bytes.get(*at).map(drop)
    }
}

/// The number at `at`, if it is not large.
fn amount(bytes: &[u8], at: &mut usize) -> u16 {
    let start = *at;
    let mut n = 0;
    while let Some(d @ b'0'..=b'9') = bytes.get(*at)
        && *at - start < 4
    {
        n = n * 10 + u16::from(d - b'0');
        *at += 1;
    }
    // A fifth digit is no kind of conversion.
    n
}

/// The conversions of an ASCII template, and the text behind them, if they are few and plain: of text, of numbers and `%%`, as many as
/// there are arguments; or, for a mapping, all with keys.
fn plain<'a>(text: &'a str, items: Option<&[Ref]>, found: &mut [Plain<'a>]) -> Option<(usize, &'a [u8])> {
    let mut left = items.map_or(0, <[Ref]>::len);
    let bytes = text.as_bytes();
    let (mut at, mut n) = (0, 0);
    while let Some(i) = find_char(&bytes[at..], b'%') {
        let place = found.get_mut(n)?;
        place.before = &bytes[at..at + i];
        at += i + 1;
        if *bytes.get(at)? == b'(' {
            let len = bytes[at + 1..].iter().position(|c| matches!(c, b'(' | b')'))?;
            let key = &text[at + 1..at + 1 + len];
            at += len + 1;
            if bytes[at] == b'(' {
                return None;
            }
            place.key = Some(key);
            at += 1;
        }
        if !bytes.get(at)?.is_ascii_alphabetic() && bytes[at] != b'%' {
            place.read_layout(bytes, &mut at)?;
        }
        place.kind = bytes[at];
        match (place.kind, place.key) {
            (b'%', None) if !place.laid => {}
            (b's' | b'r' | b'd' | b'i' | b'x' | b'X' | b'o' | b'f' | b'F' | b'e' | b'g', key) => {
                if key.is_some() != items.is_none() {
                    return None;
                }
                if key.is_none() {
                    left = left.checked_sub(1)?;
                }
            }
            _ => return None,
        }
        at += 1;
        n += 1;
    }
    (left == 0 && n > 0).then_some((n, &bytes[at..]))
}

/// What a plain conversion makes of a value: a str.
fn converted(cx: &Context, c: &Plain<'_>, v: &Ref) -> Result<Ref> {
    let text = match c.kind {
        b'r' => protocol::repr(cx, v)?,
        b's' if v.is_exact(&s::STR) => v.clone(),
        b's' => protocol::str_of(cx, v)?,
        _ => return number_text(cx, c, v),
    };
    if !c.laid {
        return Ok(text);
    }
    let (b, layout) = (body(&text)?, &c.layout());
    if let StrView::Latin1(d) = b.view() {
        return str::laid_out(&laid::percent_text(d, b.is_ascii(), layout));
    }
    let mut out = StrBuf::new();
    push_text(&mut out, b.view(), layout)?;
    str::from_buf(out)
}

fn number_text(cx: &Context, c: &Plain<'_>, v: &Ref) -> Result<Ref> {
    let (mut head, mut room) = (Head::default(), EMPTY);
    let layout = c.layout();
    let short = if matches!(c.kind, b'f' | b'F') {
        let x = match v.as_int() {
            Some(n) => Some(n as f64),
            None => number::float_value(v).filter(|_| v.is_exact(&s::FLOAT)),
        };
        x.and_then(|x| laid::percent_float(x, &layout, &mut head, &mut room))
    } else {
        let n = v.as_int();
        n.and_then(|n| laid::percent_int(n, &layout, &mut head, &mut room))
    };
    if let Some(short) = short {
        return str::laid_out(&short);
    }
    let mut out = StrBuf::new();
    push_number(cx, &mut out, v, &layout)?;
    str::from_buf(out)
}

/// `template % args` of an ASCII template with a single `%`, if [`plain`] accepts it.
fn format_one(cx: &Context, text: &str, args: &Ref, items: Option<&[Ref]>) -> Result<Option<Ref>> {
    let mut found = [Plain::default()];
    let Some((_, end)) = plain(text, items, &mut found) else {
        return Ok(None);
    };
    let [c] = found;
    let part = c.convert(cx, args, &mut items.unwrap_or(&[]).iter())?;
    if c.before.is_empty() && end.is_empty() && part.is_exact(&s::STR) {
        return Ok(Some(part));
    }
    let b = body(&part)?;
    if let StrView::Latin1(d) = b.view() {
        return str::join_latin1(&[], &[c.before, d, end], b.is_ascii()).map(Some);
    }
    let mut out = StrBuf::try_with_capacity(text.len() + b.len())?;
    out.push_ascii(c.before);
    out.try_reserve(b.len())?;
    out.push_view(b.view());
    out.push_ascii(end);
    str::from_buf(out).map(Some)
}

/// `template % args` of a template that [`plain`] accepts; `None` for any other.
fn format_plain(cx: &Context, template: &Ref, args: &Ref) -> Result<Option<Ref>> {
    let Some(text) = body(template)?.as_ascii() else {
        return Ok(None);
    };
    let items = match tuple::items(args) {
        Some(items) => Some(items),
        None if args.is_exact(&s::DICT) => None,
        // Mapping or not, it is one argument of a template without keys.
        None => Some(std::slice::from_ref(args)),
    };
    if text == "%s"
        && let Some([one]) = items
        && one.is_exact(&s::STR)
    {
        return Ok(Some(one.clone()));
    }
    if text.bytes().filter(|c| *c == b'%').count() == 1 {
        return format_one(cx, text, args, items);
    }
    let mut found = [Plain::default(); FEW];
    let Some((n, end)) = plain(text, items, &mut found) else {
        return Ok(None);
    };
    // First the conversions, which may run code; then the text.
    let mut parts: [Option<Ref>; FEW] = [const { None }; FEW];
    let mut left = items.unwrap_or(&[]).iter();
    for (c, part) in found[..n].iter().zip(&mut parts) {
        if c.kind != b'%' {
            *part = Some(c.convert(cx, args, &mut left)?);
        }
    }
    let mut pieces: [&[u8]; 2 * FEW + 1] = [&[]; 2 * FEW + 1];
    let (mut narrow, mut ascii) = (true, true);
    for (i, (c, part)) in found[..n].iter().zip(&parts).enumerate() {
        pieces[2 * i] = c.before;
        pieces[2 * i + 1] = match part.as_ref().and_then(|p| p.body::<StrBody>()) {
            None => b"%",
            Some(b) => {
                ascii &= b.is_ascii();
                match b.view() {
                    StrView::Latin1(d) => d,
                    _ => {
                        narrow = false;
                        break;
                    }
                }
            }
        };
    }
    if narrow {
        pieces[2 * n] = end;
        return str::join_latin1(&[], &pieces[..=2 * n], ascii).map(Some);
    }
    let mut out = StrBuf::try_with_capacity(text.len() + 8 * n)?;
    for (c, part) in found[..n].iter().zip(&parts) {
        out.push_ascii(c.before);
        match part {
            None => out.push_ascii(b"%"),
            Some(part) => {
                let part = view(part)?;
                out.try_reserve(part.len())?;
                out.push_view(part);
            }
        }
    }
    out.push_ascii(end);
    str::from_buf(out).map(Some)
}

/// Conversions whose texts need no memory but that of the result.
const FEW: usize = 8;

/// `template % args` of a str.
///
/// # Errors
/// TypeError, ValueError, OverflowError, KeyError; what the conversions raise.
pub fn format(cx: &Context, template: &Ref, args: &Ref) -> Result<Ref> {
    cx.check_stack()?;
    if let Some(r) = format_plain(cx, template, args)? {
        return Ok(r);
    }
    let text: StrView<'_> = body(template)?.view();
    let mut arguments = Arguments::new(args, str::is_str(args));
    let mut out = StrBuf::new();
    let mut plain = true;
    for piece in Parser::new(text).with_mapping(arguments.are_mapping()) {
        match piece? {
            Piece::Literal(r) => out.push_view(text.slice(r)),
            Piece::Conversion(c) => {
                plain = false;
                if let Some(key) = &c.key {
                    let key = super::index::cut(template, key.start, key.end)?;
                    arguments.select(cx, &key)?;
                }
                if c.is_percent {
                    out.push(u32::from(b'%'));
                    continue;
                }
                let layout = arguments.layout(cx, &c)?;
                let v = arguments.take()?;
                push(cx, &mut out, &v, &c, &layout)?;
            }
        }
    }
    if arguments.left_over() {
        return Err(type_error(NOT_ALL_STR));
    }
    if plain {
        return unchanged(template);
    }
    str::from_buf(out)
}
