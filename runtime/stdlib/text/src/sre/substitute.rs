//! `Pattern.sub`, and putting pieces together.

use super::matches::{self, MatchBody};
use super::pattern::of;
use super::run;
use super::subject::Subject;
use super::template::TemplateBody;
use skein_object::error::{Result, memory_error, type_error};
use skein_object::layouts::{BytesBody, StrBody, str};
use skein_object::object::RefExt;
use skein_object::protocol::{self, buffer, is_callable};
use skein_object::{Args, Context, Ref, statics as s};
use skein_stdlib_support::{body, import_attr, ssize};
use skein_text::{StrBuf, StrView};

/// Text or bytes under construction.
pub enum Joined {
    Text(StrBuf),
    Bytes(Vec<u8>),
}

impl Joined {
    pub fn new(text: bool) -> Joined {
        if text {
            Joined::Text(StrBuf::new())
        } else {
            Joined::Bytes(Vec::new())
        }
    }

    /// Adds a piece; `i` is its number, for the message.
    pub fn push(&mut self, cx: &Context, i: usize, r: &Ref) -> Result<()> {
        match self {
            Joined::Text(b) => match r.body::<StrBody>() {
                Some(t) => {
                    b.try_reserve(t.len()).map_err(|_| memory_error())?;
                    b.push_view(t.view());
                    Ok(())
                }
                None => Err(type_error(format!(
                    "sequence item {i}: expected str instance, {} found",
                    r.ty().name()
                ))),
            },
            Joined::Bytes(b) => {
                if !buffer::is_buffer(r) {
                    return Err(type_error(format!(
                        "sequence item {i}: expected a bytes-like object, {} found",
                        r.ty().name()
                    )));
                }
                let more = buffer::to_vec(cx, r)?;
                b.try_reserve(more.len()).map_err(|_| memory_error())?;
                b.extend_from_slice(&more);
                Ok(())
            }
        }
    }

    /// Adds a part of the subject.
    fn push_part(&mut self, subject: &Subject, start: usize, end: usize) -> Result<()> {
        match self {
            Joined::Text(b) => {
                if let Some(t) = subject.object.body::<StrBody>() {
                    b.try_reserve(end.saturating_sub(start)).map_err(|_| memory_error())?;
                    b.push_view(t.view().slice(start..end));
                }
            }
            Joined::Bytes(b) => {
                let part = subject.slice(start, end)?;
                b.extend_from_slice(part.body::<BytesBody>().map_or(&[], BytesBody::as_slice));
            }
        }
        Ok(())
    }

    pub fn finish(self) -> Result<Ref> {
        match self {
            Joined::Text(b) => str::from_buf(b),
            Joined::Bytes(b) => str::bytes(&b),
        }
    }
}

enum Filter {
    Literal(Ref),
    Template(Ref),
    Call(Ref),
}

/// Whether a replacement has no backslash; what is neither text nor bytes goes to the template compiler, which complains.
fn is_literal(cx: &Context, r: &Ref) -> Result<bool> {
    if let Some(b) = r.body::<StrBody>() {
        return Ok(match b.view() {
            StrView::Latin1(d) => !d.contains(&b'\\'),
            v => v.iter().all(|c| c != 0x5c),
        });
    }
    if buffer::is_buffer(r) {
        return Ok(!buffer::to_vec(cx, r)?.contains(&b'\\'));
    }
    Ok(false)
}

/// The compiled template of a replacement, from the cache of the `re` module.
pub fn compile_template(cx: &Context, pattern: &Ref, repl: &Ref) -> Result<Ref> {
    let f = import_attr(cx, "re", "_compile_template")?;
    protocol::call(cx, &f, &[pattern.clone(), repl.clone()])
}

fn filter(cx: &Context, pattern: &Ref, repl: &Ref) -> Result<Filter> {
    if is_callable(repl) {
        return Ok(Filter::Call(repl.clone()));
    }
    if is_literal(cx, repl)? {
        return Ok(Filter::Literal(repl.clone()));
    }
    let t = compile_template(cx, pattern, repl)?;
    match t.body::<TemplateBody>() {
        Some(b) if b.rest.is_empty() => Ok(Filter::Literal(b.first.clone())),
        Some(_) => Ok(Filter::Template(t)),
        None => Ok(Filter::Literal(t)),
    }
}

/// The new text, and the number of replacements.
pub fn sub(cx: &Context, a: Args<'_>) -> Result<(Ref, i64)> {
    let (pattern, repl) = (a.at(0), a.at(1));
    let p = of(pattern)?;
    let max = match a.opt(3) {
        Some(n) => ssize(cx, n)?,
        None => 0,
    };
    let filter = filter(cx, pattern, repl)?;
    let subject = Subject::new(cx, a.at(2), p)?;
    let mut out = Joined::new(subject.is_str());
    let (mut last, mut n, mut pieces) = (0, 0i64, 0usize);
    if max >= 0 {
        run::each(&subject, p, 0, subject.len(), |m| {
            let (start, end) = (m.start, m.end);
            if last < start {
                out.push_part(&subject, last, start)?;
                pieces += 1;
            }
            match &filter {
                Filter::Literal(r) => {
                    out.push(cx, pieces, r)?;
                    pieces += 1;
                }
                Filter::Call(f) => {
                    let m = matches::make(pattern, &subject.object, m, 0, subject.len())?;
                    let r = protocol::call1(cx, f, &m)?;
                    if !s::is_none(&r) {
                        out.push(cx, pieces, &r)?;
                        pieces += 1;
                    }
                }
                Filter::Template(t) => {
                    let m = matches::make(pattern, &subject.object, m, 0, subject.len())?;
                    for r in body::<TemplateBody>(t)?.expand(cx, body::<MatchBody>(&m)?)? {
                        out.push(cx, pieces, &r)?;
                        pieces += 1;
                    }
                }
            }
            last = end;
            n += 1;
            Ok(max == 0 || n < max)
        })?;
    }
    if n == 0 {
        return Ok((subject.slice(0, subject.len())?, 0));
    }
    out.push_part(&subject, last, subject.len())?;
    Ok((out.finish()?, n))
}
