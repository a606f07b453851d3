//! `_blake2`.

use crate::{HashBody, Kind, State, input, make_with, ready};
use skein_object::error::{Result, overflow_error, value_error};
use skein_object::native::{self, Args, ModuleDef, Row};
use skein_object::object::Payload;
use skein_object::protocol::buffer;
use skein_object::types::Type;
use skein_object::{Context, Ref, dict, intern, protocol, row, statics as s};
use skein_stdlib_os::arg;

pub static MODULE: ModuleDef = ModuleDef {
    name: "_blake2",
    doc: "_blake2b provides BLAKE2b for hashlib",
    functions: &[],
    init,
};

pub static BLAKE2B: Type = Type::declare("_blake2.blake2b", Some(&s::OBJECT), <HashBody as Payload>::LAYOUT, 0);
pub static BLAKE2S: Type = Type::declare("_blake2.blake2s", Some(&s::OBJECT), <HashBody as Payload>::LAYOUT, 0);

static B: Kind = Kind {
    name: "blake2b",
    ty: &BLAKE2B,
    block: 128,
    size: 64,
    new: || Box::new(Big(blake2b_simd::State::new())),
};
static S: Kind = Kind {
    name: "blake2s",
    ty: &BLAKE2S,
    block: 64,
    size: 32,
    new: || Box::new(Small(blake2s_simd::State::new())),
};

struct Big(blake2b_simd::State);
struct Small(blake2s_simd::State);

macro_rules! state {
    ($($t:ident)*) => {$(
        impl State for $t {
            fn update(&mut self, data: &[u8]) {
                self.0.update(data);
            }
            fn digest(&self, _: usize) -> Vec<u8> {
                self.0.finalize().as_bytes().to_vec()
            }
            fn copy(&self) -> Box<dyn State> {
                Box::new($t(self.0.clone()))
            }
        }
    )*};
}
state!(Big Small);

macro_rules! new_row {
    ($name:literal, $f:ident) => {
        row!(concat!($name, "(data=b'', *, digest_size=None, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)"), $f, "")
    };
}

static NEW_B: Row = new_row!("blake2b", new_b);
static NEW_S: Row = new_row!("blake2s", new_s);

/// The parameters, checked.
struct Parameters {
    size: usize,
    key: Vec<u8>,
    salt: Vec<u8>,
    person: Vec<u8>,
    fanout: u8,
    depth: u8,
    leaf: u32,
    offset: u64,
    node_depth: u8,
    inner: u8,
    last: bool,
}

fn parameters(cx: &Context, a: Args<'_>, big: bool) -> Result<Parameters> {
    let (max, extra) = if big { (64, 16) } else { (32, 8) };
    let n = |i: usize, default: i64| a.opt(i).map_or(Ok(default), |r| arg::long(cx, r));
    let bytes = |i: usize| a.opt(i).map_or_else(|| Ok(Vec::new()), |r| buffer::to_vec(cx, r));
    let size = match a.opt_not_none(1) {
        Some(r) => arg::long(cx, r)?,
        None => max,
    };
    if !(1..=max).contains(&size) {
        return Err(value_error(format!("digest_size must be between 1 and {max} bytes")));
    }
    let (key, salt, person) = (bytes(2)?, bytes(3)?, bytes(4)?);
    if salt.len() > extra {
        return Err(value_error(format!("maximum salt length is {extra} bytes")));
    }
    if person.len() > extra {
        return Err(value_error(format!("maximum person length is {extra} bytes")));
    }
    if key.len() > max as usize {
        return Err(value_error(format!("maximum key length is {max} bytes")));
    }
    let range = |n: i64, low: i64, high: i64, what: &str| {
        if (low..=high).contains(&n) {
            Ok(n as u8)
        } else {
            Err(value_error(format!("{what} must be between {low} and {high}")))
        }
    };
    let leaf = n(7, 0)?;
    let offset = match a.opt(8) {
        Some(r) => arg::as_i64(cx, r)?.map_or_else(
            || arg::mask64(cx, r),
            |n| u64::try_from(n).map_err(|_| value_error("value must be positive")),
        )?,
        None => 0,
    };
    if !big && offset >> 48 != 0 {
        return Err(overflow_error("node_offset is too large"));
    }
    let inner = n(10, 0)?;
    if !(0..=max).contains(&inner) {
        return Err(value_error(format!("inner_size must be between 0 and is {max}")));
    }
    Ok(Parameters {
        size: size as usize,
        key,
        salt,
        person,
        fanout: range(n(5, 1)?, 0, 255, "fanout")?,
        depth: range(n(6, 1)?, 1, 255, "depth")?,
        leaf: u32::try_from(leaf).map_err(|_| overflow_error("leaf_size is too large"))?,
        offset,
        node_depth: range(n(9, 0)?, 0, 255, "node_depth")?,
        inner: inner as u8,
        last: a.opt(11).map_or(Ok(false), |r| protocol::is_true(cx, r))?,
    })
}

macro_rules! constructor {
    ($f:ident $lib:ident $state:ident $kind:ident $big:literal) => {
        fn $f(cx: &Context, a: Args<'_>) -> Result<Ref> {
            let data = input(cx, a.opt(0), a.opt(13))?;
            let p = parameters(cx, a, $big)?;
            let mut params = $lib::Params::new();
            params
                .hash_length(p.size)
                .key(&p.key)
                .salt(&p.salt)
                .personal(&p.person)
                .fanout(p.fanout)
                .max_depth(p.depth)
                .max_leaf_length(p.leaf)
                .node_offset(p.offset)
                .node_depth(p.node_depth)
                .inner_hash_length(p.inner as usize)
                .last_node(p.last);
            make_with(cx, &$kind, p.size, Box::new($state(params.to_state())), &data)
        }
    };
}
constructor!(new_b blake2b_simd Big B true);
constructor!(new_s blake2s_simd Small S false);

fn init(_: &Context, d: &Ref) -> Result<()> {
    ready(
        &BLAKE2B,
        |t| t.new.set(Some(|cx, _, a, n| native::call(cx, &NEW_B, a, n))),
        false,
    )?;
    ready(
        &BLAKE2S,
        |t| t.new.set(Some(|cx, _, a, n| native::call(cx, &NEW_S, a, n))),
        false,
    )?;
    for (ty, size, extra) in [(&BLAKE2B, 64, 16), (&BLAKE2S, 32, 8)] {
        let short = ty.short_name();
        for (name, n) in [
            ("SALT_SIZE", extra),
            ("PERSON_SIZE", extra),
            ("MAX_KEY_SIZE", size),
            ("MAX_DIGEST_SIZE", size),
        ] {
            ty.set_own(&intern::name(name), Ref::small(n));

            dict::set_str(d, &format!("{}_{name}", short.to_uppercase()), Ref::small(n))?;
        }
        dict::set_str(d, short, ty.object())?;
    }
    dict::set_str(d, "_GIL_MINSIZE", Ref::small(2048))
}
