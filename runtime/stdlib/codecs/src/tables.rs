//! Codecs driven by mappings.

use crate::support::{DATA, decode, encode, pair, text, text_or_bytes};
use skein_object::error::{Result, type_error};
use skein_object::layouts::number;
use skein_object::object::RefExt;
use skein_object::{Args, BytesBody, Context, Ref, StrBody, dict, protocol, statics as s};
use skein_text::StrBuf;
use skein_text::codec::{charmap, latin};

/// `mapping[key]`; a failed lookup and None count as undefined.
fn look(cx: &Context, mapping: &Ref, key: u32) -> Result<Option<Ref>> {
    match protocol::getitem(cx, mapping, &number::int(i64::from(key))?) {
        Ok(r) if s::is_none(&r) => Ok(None),
        Ok(r) => Ok(Some(r)),
        Err(e) if e.is(&s::LOOKUP_ERROR) => Ok(None),
        Err(e) => Err(e),
    }
}

const UNDEFINED: u32 = 0xfffe;

fn decoded(cx: &Context, mapping: &Ref, b: u8) -> Result<Option<StrBuf>> {
    let Some(r) = look(cx, mapping, u32::from(b))? else {
        return Ok(None);
    };
    if let Some(n) = number::int_value(&r) {
        return match n.to_i64().and_then(|n| u32::try_from(n).ok()) {
            Some(UNDEFINED) => Ok(None),
            Some(c @ 0..=0x10_ffff) => Ok(Some([c].into_iter().collect())),
            _ => Err(type_error("character mapping must be in range(0x110000)")),
        };
    }
    match r.body::<StrBody>() {
        Some(t) if t.len() == 1 && t.view().get(0) == Some(UNDEFINED) => Ok(None),
        Some(t) => Ok(Some(t.view().to_buf())),
        None => Err(type_error("character mapping must return integer, None or str")),
    }
}

pub fn charmap_decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    decode(cx, a, "charmap_decode", |b, h| match a.opt_not_none(2) {
        None => Ok((latin::decode_latin1(b), b.len())),
        Some(m) => match m.body::<StrBody>() {
            Some(table) => charmap::decode_table(b, table.view(), h),
            None => charmap::decode(b, &mut |b| Ok(decoded(cx, m, b)?), h),
        },
    })
}

fn encoded(cx: &Context, mapping: &Ref, c: u32) -> Result<Option<Vec<u8>>> {
    let Some(r) = look(cx, mapping, c)? else {
        return Ok(None);
    };
    if let Some(n) = number::int_value(&r) {
        return match n.to_i64().map(u8::try_from) {
            Some(Ok(b)) => Ok(Some(vec![b])),
            _ => Err(type_error("character mapping must be in range(256)")),
        };
    }
    match r.body::<BytesBody>() {
        Some(b) => Ok(Some(b.as_slice().to_vec())),
        None => Err(type_error(format!(
            "character mapping must return integer, bytes or None, not {}",
            r.ty().name()
        ))),
    }
}

pub fn charmap_encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    encode(cx, a, "charmap_encode", |t, h| match a.opt_not_none(2) {
        None => latin::encode_latin1(t, h),
        Some(m) => charmap::encode(t, &mut |c| Ok(encoded(cx, m, c)?), h),
    })
}

/// A dict from code points to bytes, of a decoding table.
pub fn charmap_build(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let table = text(a, "charmap_build")?;
    let out = dict::new()?;
    for (i, c) in table.view().iter().take(256).enumerate() {
        if c != UNDEFINED {
            protocol::setitem(cx, &out, &number::int(i64::from(c))?, &number::int_from_usize(i)?)?;
        }
    }
    Ok(out)
}

pub fn readbuffer_encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    crate::support::errors(cx, a, "readbuffer_encode")?;
    let data = text_or_bytes(cx, a.at(DATA))?;
    let n = data.body::<BytesBody>().map_or(0, BytesBody::len);
    pair(data, n)
}
