//! Weak proxies: every operation is done on the target.

use crate::weakref::{WeakBody, target};
use skein_gc::Ref;
use skein_object::error::{Result, raise};
use skein_object::intern::names;
use skein_object::layouts::str;
use skein_object::native::Row;
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, number};
use skein_object::slots::{BINARY, Binary, BinaryOp, Slots};
use skein_object::types::flag;
use skein_object::{Payload, Type, row, statics as s};
use skein_types::startup::{TypeDef, ready_type};

pub static PROXY: Type = Type::declare(
    "weakref.ProxyType",
    Some(&s::OBJECT),
    <WeakBody as Payload>::LAYOUT,
    flag::NO_NEW,
);
pub static CALLABLE_PROXY: Type = Type::declare(
    "weakref.CallableProxyType",
    Some(&s::OBJECT),
    <WeakBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        ..TypeDef::new(&PROXY)
    })?;
    ready_type(&TypeDef {
        slots: |t| {
            slots(t);
            t.call
                .set(Some(|cx, r, args, names| protocol::call_kw(cx, &live(r)?, args, names)));
        },
        methods: METHODS,
        ..TypeDef::new(&CALLABLE_PROXY)
    })
}

static METHODS: &[Row] = &[
    row!(
        "__bytes__(self, /)",
        |cx, a| protocol::call_method(cx, &live(a.at(0))?, names::__bytes__(), &[]),
        ""
    ),
    row!(
        "__reversed__(self, /)",
        |cx, a| protocol::call_method(cx, &live(a.at(0))?, names::__reversed__(), &[]),
        ""
    ),
];

pub fn is_proxy_type(ty: &Type) -> bool {
    std::ptr::eq(ty, &PROXY) || std::ptr::eq(ty, &CALLABLE_PROXY)
}

fn live(r: &Ref) -> Result<Ref> {
    target(r).ok_or_else(|| raise(&s::REFERENCE_ERROR, "weakly-referenced object no longer exists"))
}

/// The target of a proxy, or the object itself.
fn unwrap(r: &Ref) -> Result<Ref> {
    if is_proxy_type(type_of(r)) {
        live(r)
    } else {
        Ok(r.clone())
    }
}

macro_rules! binary {
    ($($op:ident),*) => {
        [$((BinaryOp::$op, {
            fn f(cx: &skein_object::Context, a: &Ref, b: &Ref) -> Result<Ref> {
                number::binary(cx, BinaryOp::$op, &unwrap(a)?, &unwrap(b)?)
            }
            f as Binary
        }, {
            fn f(cx: &skein_object::Context, a: &Ref, b: &Ref) -> Result<Ref> {
                number::inplace(cx, BinaryOp::$op, &unwrap(a)?, &unwrap(b)?)
            }
            f as Binary
        })),*]
    };
}

fn slots(t: &Slots) {
    t.repr.set(Some(|_, r| {
        let at = r.value().0;
        match target(r) {
            Some(o) => str::from_str(&format!(
                "<weakproxy at {at:#x}; to '{}' at {:#x}>",
                o.ty().name(),
                o.value().0
            )),
            None => str::from_str(&format!("<weakproxy at {at:#x}; dead>")),
        }
    }));
    t.str.set(Some(|cx, r| protocol::str_of(cx, &live(r)?)));
    t.getattr.set(Some(|cx, r, n| protocol::getattr(cx, &live(r)?, n)));
    t.setattr.set(Some(|cx, r, n, v| match v {
        Some(v) => protocol::setattr(cx, &live(r)?, n, v),
        None => protocol::delattr(cx, &live(r)?, n),
    }));
    t.compare.set(Some(|cx, a, b, op| {
        protocol::rich_compare(cx, &unwrap(a)?, &unwrap(b)?, op)
    }));
    t.bool.set(Some(|cx, r| protocol::is_true(cx, &live(r)?)));
    t.len.set(Some(|cx, r| protocol::len(cx, &live(r)?)));
    t.getitem.set(Some(|cx, r, k| protocol::getitem(cx, &live(r)?, k)));
    t.setitem.set(Some(|cx, r, k, v| match v {
        Some(v) => protocol::setitem(cx, &live(r)?, k, v),
        None => protocol::delitem(cx, &live(r)?, k),
    }));
    t.contains.set(Some(|cx, r, x| protocol::contains(cx, &live(r)?, x)));
    t.iter.set(Some(|cx, r| protocol::iter(cx, &live(r)?)));
    t.next.set(Some(|cx, r| {
        let o = live(r)?;
        if type_of(&o).slots.next.is_set() {
            protocol::next(cx, &o)
        } else {
            Err(skein_object::error::type_error(format!(
                "Weakref proxy referenced a non-iterator '{}' object",
                o.ty().name()
            )))
        }
    }));
    t.neg.set(Some(|cx, r| {
        let o = live(r)?;
        number::unary(cx, &o, type_of(&o).slots.neg.get(), "unary -")
    }));
    t.pos.set(Some(|cx, r| {
        let o = live(r)?;
        number::unary(cx, &o, type_of(&o).slots.pos.get(), "unary +")
    }));
    t.invert.set(Some(|cx, r| {
        let o = live(r)?;
        number::unary(cx, &o, type_of(&o).slots.invert.get(), "unary ~")
    }));
    t.abs.set(Some(|cx, r| {
        let o = live(r)?;
        number::unary(cx, &o, type_of(&o).slots.abs.get(), "abs()")
    }));
    t.int
        .set(Some(|cx, r| protocol::call1(cx, &s::INT.object(), &live(r)?)));
    t.float
        .set(Some(|cx, r| protocol::call1(cx, &s::FLOAT.object(), &live(r)?)));
    t.index.set(Some(|cx, r| protocol::index(cx, &live(r)?)));
    t.pow3.set(Some(|cx, a, b, m| {
        skein_types::builtins::numbers::power(cx, &unwrap(a)?, &unwrap(b)?, &unwrap(m)?)
    }));
    debug_assert_eq!(BINARY.len(), 13);
    for (op, f, g) in binary!(
        Add, Sub, Mul, TrueDiv, FloorDiv, Mod, Pow, LShift, RShift, And, Or, Xor, MatMul
    ) {
        t.binary[op as usize].set(Some(f));
        t.inplace[op as usize].set(Some(g));
    }
}
