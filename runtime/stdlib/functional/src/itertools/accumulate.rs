//! `accumulate`.

use super::iterator;
use skein_gc::Slot;
use skein_object::error::Result;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::number::binary;
use skein_object::protocol::{self, call};
use skein_object::slots::BinaryOp;
use skein_object::{Args, Context, Ref, payload};
use skein_stdlib_support::{body, class_of};

pub struct AccumulateBody {
    it: Ref,
    function: Option<Ref>,
    /// Null before the first item.
    total: Slot,
    initial: Slot,
}
payload!(AccumulateBody, "itertools.accumulate", |this, v| {
    v.reference(&this.it);
    v.option(&this.function);
    v.slot(&this.total);
    v.slot(&this.initial);
});

iterator!(ACCUMULATE ACCUMULATE_DEF "itertools.accumulate" AccumulateBody,
    "accumulate(cls, iterable, func=None, *, initial=None)", new, next,
    "Return series of accumulated sums.", &[]);

fn new(cx: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(
        class_of(a.at(0))?,
        AccumulateBody {
            it: protocol::iter(cx, a.at(1))?,
            function: a.opt_not_none(2).cloned(),
            total: Slot::empty(),
            initial: Slot::from_option(a.opt_not_none(3).cloned()),
        },
    )
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<AccumulateBody>(it)?;
    let h = it.holder();
    if let Some(first) = b.initial.set(h, None) {
        drop(b.total.set(h, Some(first.clone())));
        return Ok(Some(first));
    }
    let Some(x) = protocol::next(cx, &b.it)? else {
        return Ok(None);
    };
    let new = match (b.total.get(), &b.function) {
        (None, _) => x,
        (Some(t), None) => binary(cx, BinaryOp::Add, &t, &x)?,
        (Some(t), Some(f)) => call(cx, f, &[t, x])?,
    };
    drop(b.total.set(h, Some(new.clone())));
    Ok(Some(new))
}
