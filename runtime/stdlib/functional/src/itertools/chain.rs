//! `chain` and `starmap`.

use super::iterator;
use skein_gc::Slot;
use skein_object::error::Result;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::{self, call};
use skein_object::types::Type;
use skein_object::{Args, Context, Ref, Row, payload, row, tuple};
use skein_stdlib_support::{body, class_of};
use skein_types::type_::generic_alias::class_getitem;

pub struct ChainBody {
    /// Iterator over the iterables, or null at the end.
    source: Slot,
    /// Iterator over the present one, or null.
    active: Slot,
}
payload!(ChainBody, "itertools.chain", |this, v| {
    v.slot(&this.source);
    v.slot(&this.active);
});

iterator!(CHAIN CHAIN_DEF "itertools.chain" ChainBody, "chain(cls, *iterables)", new, next,
    "Return a chain object whose .__next__() method returns elements from the first iterable until it is exhausted, then elements from the next iterable, until all of the iterables are exhausted.",
    METHODS);

static METHODS: &[Row] = &[
    row!(class "from_iterable(cls, iterable, /)", from_iterable, "Alternative chain() constructor taking a single iterable argument that evaluates lazily."),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];

fn make(ty: &'static Type, source: Ref) -> Result<Ref> {
    alloc(
        ty,
        ChainBody {
            source: Slot::new(source),
            active: Slot::empty(),
        },
    )
}

fn new(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let items = tuple::from_slice(a.rest(1))?;
    make(class_of(a.at(0))?, protocol::iter(cx, &items)?)
}

fn from_iterable(cx: &Context, a: Args<'_>) -> Result<Ref> {
    make(class_of(a.at(0))?, protocol::iter(cx, a.at(1))?)
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<ChainBody>(it)?;
    let h = it.holder();
    loop {
        let Some(source) = b.source.get() else {
            return Ok(None);
        };
        let active = match b.active.get() {
            Some(active) => active,
            None => {
                let iterable = match protocol::next(cx, &source) {
                    Ok(Some(x)) => x,
                    Ok(None) => {
                        drop(b.source.set(h, None));
                        return Ok(None);
                    }
                    Err(e) => {
                        drop(b.source.set(h, None));
                        return Err(e);
                    }
                };
                match protocol::iter(cx, &iterable) {
                    Ok(i) => {
                        drop(b.active.set(h, Some(i.clone())));
                        i
                    }
                    Err(e) => {
                        drop(b.source.set(h, None));
                        return Err(e);
                    }
                }
            }
        };
        if let Some(x) = protocol::next(cx, &active)? {
            return Ok(Some(x));
        }
        drop(b.active.set(h, None));
    }
}

pub struct StarmapBody {
    function: Ref,
    it: Ref,
}
payload!(StarmapBody, "itertools.starmap", |this, v| {
    v.reference(&this.function);
    v.reference(&this.it);
});

iterator!(STARMAP STARMAP_DEF "itertools.starmap" StarmapBody, "starmap(cls, function, iterable, /)", new_starmap, next_starmap,
    "Return an iterator whose values are returned from the function evaluated with an argument tuple taken from the given sequence.", &[]);

fn new_starmap(cx: &Context, a: Args<'_>) -> Result<Ref> {
    alloc(
        class_of(a.at(0))?,
        StarmapBody {
            function: a.at(1).clone(),
            it: protocol::iter(cx, a.at(2))?,
        },
    )
}

fn next_starmap(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<StarmapBody>(it)?;
    let Some(args) = protocol::next(cx, &b.it)? else {
        return Ok(None);
    };
    match tuple::items(&args) {
        Some(items) => call(cx, &b.function, items),
        None => call(cx, &b.function, &protocol::collect(cx, &args)?),
    }
    .map(Some)
}
