//! str.format and str.format_map.

use super::index::cut;
use super::{body, unchanged, view};
use crate::int::itoa;
use skein_object::error::{Result, index_error, key_error, value_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::protocol::{self, attribute};
use skein_object::{Args, Context, Ref, StrBody, dict, intern, statics as s, str};
use skein_text::format as text;
use skein_text::format::template::{
    First, MAX_DEPTH, Numbering, POSITIONAL_IN_MAP, Parser, Step, TOO_DEEP, index_out_of_range, split_field_name,
    unknown_conversion,
};
use skein_text::{StrBuf, StrView};

/// Where fields find their values.
enum Source<'a> {
    /// Arguments of `format`: positional, and a dict if there are others.
    Call(&'a [Ref], Option<&'a Ref>),
    /// The mapping of `format_map`.
    Mapping(&'a Ref),
}

struct Renderer<'a> {
    cx: &'a Context,
    source: Source<'a>,
    numbering: Numbering,
}

impl Renderer<'_> {
    fn first(&mut self, first: &First<'_>) -> Result<Ref> {
        match (self.numbering.resolve(first)?, &self.source) {
            (Some(_), Source::Mapping(_)) => Err(value_error(POSITIONAL_IN_MAP)),
            (Some(i), Source::Call(args, _)) => match args.get(i) {
                Some(r) => Ok(r.clone()),
                None => Err(index_error(index_out_of_range(i))),
            },
            (None, source) => {
                let name = match first {
                    First::Name(n) => str::new_narrowed(*n)?,
                    _ => s::empty_str(),
                };
                match source {
                    Source::Call(_, kwargs) => kwargs
                        .and_then(|d| dict::get_name(d, &name))
                        .ok_or_else(|| key_error(&name)),
                    Source::Mapping(m) => protocol::getitem(self.cx, m, &name),
                }
            }
        }
    }

    fn value(&mut self, name: StrView<'_>) -> Result<Ref> {
        if name.is_empty() {
            return self.first(&First::Empty);
        }
        let (first, steps) = split_field_name(name)?;
        let mut value = self.first(&first)?;
        for step in steps {
            value = match step? {
                Step::Attr(n) => {
                    let name = intern::intern(&str::new_narrowed(n)?);
                    attribute::getattr(self.cx, &value, &name)?
                }
                Step::Index(i) => protocol::getitem(self.cx, &value, &number::int_from_usize(i)?)?,
                Step::Key(k) => protocol::getitem(self.cx, &value, &str::new_narrowed(k)?)?,
            };
        }
        Ok(value)
    }

    /// Expands a template, or the part of one that is a spec, into `out`.
    fn render(&mut self, text: StrView<'_>, depth: usize, out: &mut Builder) -> Result<()> {
        if depth >= MAX_DEPTH {
            return Err(value_error(TOO_DEEP));
        }
        for markup in Parser::new(text) {
            let markup = markup?;
            out.push(text.slice(markup.literal))?;
            let Some(field) = markup.field else { continue };
            let mut value = self.value(text.slice(field.name))?;
            if let Some(c) = field.conversion {
                value = match char::from_u32(c) {
                    Some('s') => protocol::str_of(self.cx, &value)?,
                    Some('r') => protocol::repr(self.cx, &value)?,
                    Some('a') => protocol::ascii(self.cx, &value)?,
                    _ => return Err(unknown_conversion(c).into()),
                };
            }
            let spec = if field.nested {
                let mut expanded = Builder::default();
                self.render(text.slice(field.spec), depth + 1, &mut expanded)?;
                expanded.finish()?
            } else if field.spec.is_empty() {
                if let Some(n) = value.as_int() {
                    out.push(StrView::Latin1(itoa(n, &mut [0; 20])))?;
                    continue;
                }
                s::empty_str()
            } else {
                str::new_narrowed(text.slice(field.spec))?
            };
            out.push(view(&protocol::format(self.cx, &value, &spec)?)?)?;
        }
        Ok(())
    }
}

fn expand(cx: &Context, template: &Ref, source: Source<'_>) -> Result<Ref> {
    cx.check_stack()?;
    let mut out = Builder::default();
    let mut r = Renderer {
        cx,
        source,
        numbering: Numbering::default(),
    };
    r.render(view(template)?, 0, &mut out)?;
    out.finish()
}

/// Characters that need no memory.
const FEW: usize = 120;

/// A text under construction.
struct Builder {
    few: [u8; FEW],
    len: usize,
    /// The whole text, once it is long or has wider characters.
    many: Option<StrBuf>,
}

impl Default for Builder {
    fn default() -> Builder {
        Builder {
            few: [0; FEW],
            len: 0,
            many: None,
        }
    }
}

impl Builder {
    fn push(&mut self, text: StrView<'_>) -> Result<()> {
        if let (StrView::Latin1(c), None) = (text, &self.many)
            && let Some(place) = self.few.get_mut(self.len..self.len + c.len())
        {
            place.copy_from_slice(c);
            self.len += c.len();
            return Ok(());
        }
        self.push_many(text)
    }

    #[inline(never)]
    fn push_many(&mut self, text: StrView<'_>) -> Result<()> {
        let out = match &mut self.many {
            Some(out) => out,
            None => {
                let mut out = StrBuf::try_with_capacity(self.len + text.len())?;
                out.push_ascii(&self.few[..self.len]);
                self.many.insert(out)
            }
        };
        out.try_reserve(text.len())?;
        out.push_view(text);
        Ok(())
    }

    fn finish(self) -> Result<Ref> {
        match self.many {
            None => str::new(StrView::Latin1(&self.few[..self.len])),
            Some(out) => str::from_buf(out),
        }
    }
}

pub fn format(cx: &Context, a: Args<'_>) -> Result<Ref> {
    expand(cx, a.at(0), Source::Call(a.rest(1), Some(a.at(2))))
}

/// `template.format(...)` without keywords.
pub fn format_positional(cx: &Context, args: &[Ref]) -> Option<Result<Ref>> {
    let (template, args) = args.split_first()?;
    Some(expand(cx, template, Source::Call(args, None)))
}

pub fn format_map(cx: &Context, a: Args<'_>) -> Result<Ref> {
    expand(cx, a.at(0), Source::Mapping(a.at(1)))
}

/// `_string.formatter_parser(text)`: tuples (literal, field name, format spec, conversion).
///
/// # Errors
/// ValueError.
pub fn parse(template: &Ref) -> Result<Vec<[Ref; 4]>> {
    let text = view(template)?;
    let mut out = Vec::new();
    for m in Parser::new(text) {
        let m = m?;
        let literal = cut(template, m.literal.start, m.literal.end)?;
        out.push(match m.field {
            None => [literal, s::none(), s::none(), s::none()],
            Some(f) => [
                literal,
                cut(template, f.name.start, f.name.end)?,
                cut(template, f.spec.start, f.spec.end)?,
                f.conversion.map_or(Ok(s::none()), str::from_char)?,
            ],
        });
    }
    Ok(out)
}

/// `_string.formatter_field_name_split(name)`: the first part, and (is attribute, name or index) of each step.
///
/// # Errors
/// ValueError.
pub fn split_name(name: &Ref) -> Result<(Ref, Vec<(bool, Ref)>)> {
    let (first, steps) = split_field_name(view(name)?)?;
    let first = match first {
        First::Empty => s::empty_str(),
        First::Index(i) => number::int_from_usize(i)?,
        First::Name(n) => str::new_narrowed(n)?,
    };
    let mut out = Vec::new();
    for step in steps {
        out.push(match step? {
            Step::Attr(n) => (true, str::new_narrowed(n)?),
            Step::Index(i) => (false, number::int_from_usize(i)?),
            Step::Key(k) => (false, str::new_narrowed(k)?),
        });
    }
    Ok((first, out))
}

/// `str.__format__`.
pub fn format_str(r: &Ref, spec: &StrBody) -> Result<Ref> {
    if spec.is_empty() {
        return unchanged(r);
    }
    let (b, name) = (body(r)?, r.ty().name());
    let spec = text::str_spec(spec.view(), name)?;
    if let StrView::Latin1(c) = b.view()
        && let Some(laid) = text::laid::text(c, b.is_ascii(), &spec)
    {
        return str::laid_out(&laid);
    }
    str::from_buf(text::format_str_by(b.view(), &spec, name)?)
}
