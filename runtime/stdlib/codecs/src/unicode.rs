//! UTF-7, UTF-8, UTF-16, UTF-32, Latin-1 and ASCII.

use crate::support::{self, DATA, decode, decode_bytes, encode, truth};
use skein_object::error::Result;
use skein_object::layouts::number;
use skein_object::{Args, Context, Ref, tuple};
use skein_text::codec::{ByteOrder, latin, utf7, utf8, utf16, utf32};
use skein_types::str_::codec::as_bytes;
use skein_types::str_::index::c_int;

pub fn utf_8_encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    encode(cx, a, "utf_8_encode", |t, h| utf8::encode(t, h))
}

pub fn utf_8_decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let last = truth(cx, a, 2, false)?;
    decode(cx, a, "utf_8_decode", |b, h| utf8::decode(b, last, h))
}

pub fn utf_7_encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    encode(cx, a, "utf_7_encode", |t, _| Ok(utf7::encode(t)))
}

pub fn utf_7_decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let last = truth(cx, a, 2, false)?;
    decode(cx, a, "utf_7_decode", |b, h| utf7::decode(b, last, h))
}

pub fn latin_1_encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    encode(cx, a, "latin_1_encode", |t, h| latin::encode_latin1(t, h))
}

pub fn latin_1_decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    decode(cx, a, "latin_1_decode", |b, _| Ok((latin::decode_latin1(b), b.len())))
}

pub fn ascii_encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    encode(cx, a, "ascii_encode", |t, h| latin::encode_ascii(t, h))
}

pub fn ascii_decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    decode(cx, a, "ascii_decode", |b, h| latin::decode_ascii(b, h))
}

/// The order that a `byteorder` argument asks for.
fn order(cx: &Context, a: Args<'_>) -> Result<ByteOrder> {
    Ok(match a.opt(2).map_or(Ok(0), |r| c_int(cx, r))? {
        0 => ByteOrder::Native,
        n if n < 0 => ByteOrder::Little,
        _ => ByteOrder::Big,
    })
}

/// How Python shows an order.
fn order_number(o: ByteOrder) -> i32 {
    match o {
        ByteOrder::Native => 0,
        ByteOrder::Little => -1,
        ByteOrder::Big => 1,
    }
}

macro_rules! wide {
    ($codec:ident: $encode:ident $encode_le:ident $encode_be:ident $decode:ident $decode_le:ident $decode_be:ident $ex:ident) => {
        pub fn $encode(cx: &Context, a: Args<'_>) -> Result<Ref> {
            let order = order(cx, a)?;
            encode(cx, a, stringify!($encode), |t, h| $codec::encode(t, order, h))
        }

        pub fn $encode_le(cx: &Context, a: Args<'_>) -> Result<Ref> {
            encode(cx, a, stringify!($encode_le), |t, h| {
                $codec::encode(t, ByteOrder::Little, h)
            })
        }

        pub fn $encode_be(cx: &Context, a: Args<'_>) -> Result<Ref> {
            encode(cx, a, stringify!($encode_be), |t, h| {
                $codec::encode(t, ByteOrder::Big, h)
            })
        }

        pub fn $decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
            let last = truth(cx, a, 2, false)?;
            decode(cx, a, stringify!($decode), |b, h| {
                $codec::decode(b, ByteOrder::Native, last, h)
            })
        }

        pub fn $decode_le(cx: &Context, a: Args<'_>) -> Result<Ref> {
            let last = truth(cx, a, 2, false)?;
            decode(cx, a, stringify!($decode_le), |b, h| {
                $codec::decode(b, ByteOrder::Little, last, h)
            })
        }

        pub fn $decode_be(cx: &Context, a: Args<'_>) -> Result<Ref> {
            let last = truth(cx, a, 2, false)?;
            decode(cx, a, stringify!($decode_be), |b, h| {
                $codec::decode(b, ByteOrder::Big, last, h)
            })
        }

        pub fn $ex(cx: &Context, a: Args<'_>) -> Result<Ref> {
            let wanted = order(cx, a)?;
            let last = truth(cx, a, 3, false)?;
            let errors = support::errors(cx, a, stringify!($ex))?;
            let data = as_bytes(cx, a.at(DATA))?;
            let mut settled = wanted;
            let (text, used) = decode_bytes(cx, &data, errors.as_deref(), |b, h| {
                settled = $codec::detect(b, wanted).0;
                $codec::decode(b, wanted, last, h)
            })?;
            tuple::new(vec![
                text,
                number::int_from_usize(used)?,
                Ref::small(order_number(settled)),
            ])
        }
    };
}
wide!(utf16: utf_16_encode utf_16_le_encode utf_16_be_encode utf_16_decode utf_16_le_decode utf_16_be_decode utf_16_ex_decode);
wide!(utf32: utf_32_encode utf_32_le_encode utf_32_be_encode utf_32_decode utf_32_le_decode utf_32_be_decode utf_32_ex_decode);
