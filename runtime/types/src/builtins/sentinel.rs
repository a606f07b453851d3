//! `callable_iterator`: `iter(callable, sentinel)`.

use crate::startup::{TypeDef, ready_type};
use skein_object::error::Result;
use skein_object::native::Row;
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::protocol::{call, equal};
use skein_object::slots::Slots;
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Slot, intern, payload, protocol, row, tuple};

/// Both are empty once the sentinel was seen.
pub struct CallableIterBody {
    callable: Slot,
    sentinel: Slot,
}
payload!(CallableIterBody, "callable_iterator", |this, v| {
    v.slot(&this.callable);
    v.slot(&this.sentinel);
});

pub static CALLABLE_ITERATOR: Type = Type::declare(
    "callable_iterator",
    Some(&s::OBJECT),
    <CallableIterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub fn make(callable: &Ref, sentinel: &Ref) -> Result<Ref> {
    alloc(
        &CALLABLE_ITERATOR,
        CallableIterBody {
            callable: Slot::new(callable.clone()),
            sentinel: Slot::new(sentinel.clone()),
        },
    )
}

fn iter(_: &Context, it: &Ref) -> Result<Ref> {
    Ok(it.clone())
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let Some(b) = it.body::<CallableIterBody>() else {
        return Ok(None);
    };
    let (Some(f), Some(sentinel)) = (b.callable.get(), b.sentinel.get()) else {
        return Ok(None);
    };
    match call(cx, &f, &[]) {
        Ok(v) => {
            if !equal(cx, &sentinel, &v)? {
                return Ok(Some(v));
            }
        }
        Err(e) if e.is(&s::STOP_ITERATION) => {}
        Err(e) => return Err(e),
    }
    drop(b.callable.set(it.holder(), None));
    drop(b.sentinel.set(it.holder(), None));
    Ok(None)
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let f = protocol::getattr(cx, &super::module()?, &intern::name("iter"))?;
    let args = match a.at(0).body::<CallableIterBody>() {
        Some(b) => match (b.callable.get(), b.sentinel.get()) {
            (Some(c), Some(s)) => vec![c, s],
            _ => vec![s::empty_tuple()],
        },
        None => vec![s::empty_tuple()],
    };
    tuple::new(vec![f, tuple::new(args)?])
}

static METHODS: &[Row] = &[row!(
    "__reduce__(self, /)",
    reduce,
    "Return state information for pickling."
)];

fn slots(t: &Slots) {
    t.iter.set(Some(iter));
    t.next.set(Some(next));
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        ..TypeDef::new(&CALLABLE_ITERATOR)
    })
}
