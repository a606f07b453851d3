//! translate and maketrans.

use super::view;
use skein_object::error::{Error, Result, type_error, value_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::{Args, Context, Ref, StrBody, dict, protocol, statics as s, str};
use skein_text::str::edit::{Translated, translate as translate_text};

/// What the table says of a code point: a failed lookup keeps it.
fn mapped(cx: &Context, table: &Ref, c: u32) -> Result<Option<Ref>> {
    match protocol::getitem(cx, table, &number::int(i64::from(c))?) {
        Ok(r) => Ok(Some(r)),
        Err(e) if e.is(&s::LOOKUP_ERROR) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Asks for each ASCII character once only.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    No,
    Delete,
    Char(u8),
}

pub fn translate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let table = a.at(1);
    let mut known = [Known::No; 128];
    let out = translate_text::<Error>(view(a.at(0))?, |c, emit| {
        match known.get(c as usize) {
            Some(Known::Delete) => {
                emit(Translated::Delete);
                return Ok(());
            }
            Some(Known::Char(to)) => {
                emit(Translated::Char(u32::from(*to)));
                return Ok(());
            }
            _ => {}
        }
        let Some(r) = mapped(cx, table, c)? else {
            if let Some(k) = known.get_mut(c as usize) {
                *k = Known::Char(c as u8);
            }
            emit(Translated::Keep);
            return Ok(());
        };
        if s::is_none(&r) {
            if let Some(k) = known.get_mut(c as usize) {
                *k = Known::Delete;
            }
            emit(Translated::Delete);
        } else if let Some(b) = r.body::<StrBody>() {
            emit(Translated::Text(b.view()));
        } else if let Some(n) = number::int_value(&r) {
            match n.to_i64() {
                Some(n @ 0..=0x10_ffff) => {
                    if let (Some(k), Ok(to)) = (known.get_mut(c as usize), u8::try_from(n)) {
                        *k = Known::Char(to);
                    }
                    emit(Translated::Char(n as u32));
                }
                _ => return Err(value_error("character mapping must be in range(0x110000)")),
            }
        } else {
            return Err(type_error("character mapping must return integer, None or str"));
        }
        Ok(())
    })?;
    str::from_buf(out)
}

fn text_at<'a>(a: Args<'a>, i: usize) -> Result<&'a StrBody> {
    a.at(i).body::<StrBody>().ok_or_else(|| {
        type_error(format!(
            "maketrans() argument {} must be str, not {}",
            i + 1,
            a.at(i).ty().name()
        ))
    })
}

pub fn maketrans(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let out = dict::new()?;
    let set = |c: u32, value: &Ref| protocol::setitem(cx, &out, &number::int(i64::from(c))?, value);
    if a.opt(1).is_some() {
        let Some(x) = a.at(0).body::<StrBody>() else {
            return Err(type_error(
                "first maketrans argument must be a string if there is a second argument",
            ));
        };
        let y = text_at(a, 1)?;
        if x.len() != y.len() {
            return Err(value_error("the first two maketrans arguments must have equal length"));
        }
        for (from, to) in x.view().iter().zip(y.view().iter()) {
            set(from, &number::int(i64::from(to))?)?;
        }
        if a.opt(2).is_some() {
            for c in text_at(a, 2)?.view().iter() {
                set(c, &s::none())?;
            }
        }
        return Ok(out);
    }
    if !a.at(0).is_exact(&s::DICT) {
        return Err(type_error(
            "if you give only one argument to maketrans it must be a dict",
        ));
    }
    for (key, value) in dict::entries(a.at(0)) {
        if let Some(b) = key.body::<StrBody>() {
            match (b.len(), b.view().get(0)) {
                (1, Some(c)) => set(c, &value)?,
                _ => {
                    return Err(value_error("string keys in translatetable must be of length 1"));
                }
            }
        } else if number::int_value(&key).is_some() {
            protocol::setitem(cx, &out, &key, &value)?;
        } else {
            return Err(type_error("keys in translate table mustbe strings or integers"));
        }
    }
    Ok(out)
}
