//! Views and iterators of `OrderedDict`. An iterator fails once a key has come, gone or moved, but behind its last item.

use skein_gc::Slot;
use skein_object::error::{Result, runtime_error};
use skein_object::iter::{DICT_ITEMS, DICT_KEYS, DICT_VALUES, DictPart, DictViewBody};
use skein_object::layouts::dict::DictBody;
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Row, list, payload, row};
use skein_stdlib_support::{body, import_attr, itself, pack};
use skein_types::dict::views;
use skein_types::startup::TypeDef;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub use skein_types::dict::iter::Direction;
pub use skein_types::dict::views::make;

macro_rules! view_types {
    ($($id:ident $name:literal $base:ident;)*) => {$(
        pub static $id: Type =
            Type::declare($name, Some(&$base), <DictViewBody as Payload>::LAYOUT, flag::NO_NEW);
    )*};
}

view_types! {
    KEYS "odict_keys" DICT_KEYS;
    VALUES "odict_values" DICT_VALUES;
    ITEMS "odict_items" DICT_ITEMS;
}

pub struct IterBody {
    /// The dict, or null at the end.
    dict: Slot,
    position: AtomicUsize,
    /// Items left.
    left: AtomicUsize,
    /// What the dict's `changes` was when the iteration began.
    changes: AtomicU64,
    part: DictPart,
    direction: Direction,
}
payload!(IterBody, "odict_iterator", |this, v| { v.slot(&this.dict) });

static ITERATOR: Type = Type::declare(
    "odict_iterator",
    Some(&skein_object::statics::OBJECT),
    <IterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub fn iterator(d: &Ref, part: DictPart, direction: Direction) -> Result<Ref> {
    let table = &body::<DictBody>(d)?.0;
    // Before the rest is read: what changes in between is noticed.
    let changes = table.changes();
    alloc(
        &ITERATOR,
        IterBody {
            dict: Slot::new(d.clone()),
            position: AtomicUsize::new(if direction == Direction::Back {
                table.places()
            } else {
                0
            }),
            left: AtomicUsize::new(table.len()),
            changes: AtomicU64::new(changes),
            part,
            direction,
        },
    )
}

fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<IterBody>(it)?;
    let Some(d) = b.dict.get() else {
        return Ok(None);
    };
    let table = &body::<DictBody>(&d)?.0;
    // Relaxed: two threads on one iterator may get an item twice; every access checks its position.
    let left = b.left.load(Ordering::Relaxed);
    let mut position = b.position.load(Ordering::Relaxed);
    let changed = table.changes() != b.changes.load(Ordering::Relaxed);
    let entry = if left == 0 || changed {
        None
    } else if b.direction == Direction::Back {
        table.next_back(&mut position)
    } else {
        table.next(&mut position)
    };
    let Some((k, v, _)) = entry else {
        drop(b.dict.set(it.holder(), None));
        return if left == 0 {
            Ok(None)
        } else {
            Err(runtime_error("OrderedDict mutated during iteration"))
        };
    };
    b.left.store(left - 1, Ordering::Relaxed);
    b.position.store(position, Ordering::Relaxed);
    match b.part {
        DictPart::Keys => Ok(Some(k)),
        DictPart::Values => Ok(Some(v)),
        DictPart::Items => pack([k, v]).map(Some),
    }
}

/// What is left, as an iterator over a list. This one stays where it is.
fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body::<IterBody>(a.at(0))?;
    let mut rest = Vec::new();
    if let Some(d) = b.dict.get() {
        let copy = iterator(&d, b.part, b.direction)?;
        let c = body::<IterBody>(&copy)?;
        for (to, from) in [(&c.position, &b.position), (&c.left, &b.left)] {
            to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        c.changes.store(b.changes.load(Ordering::Relaxed), Ordering::Relaxed);
        while let Some(x) = next(cx, &copy)? {
            rest.push(x);
        }
    }
    pack([import_attr(cx, "builtins", "iter")?, pack([list::new(rest)?])?])
}

static ITERATOR_METHODS: &[Row] = &[row!(
    "__reduce__(self, /)",
    reduce,
    "Return state information for pickling"
)];

fn iter(_: &Context, view: &Ref) -> Result<Ref> {
    iterator(views::dict(view)?, views::part(view), Direction::Forward)
}

fn reversed(_: &Context, a: Args<'_>) -> Result<Ref> {
    iterator(views::dict(a.at(0))?, views::part(a.at(0)), Direction::Back)
}

static VIEW_METHODS: &[Row] = &[row!("__reversed__(self, /)", reversed, "")];

fn view_slots(t: &Slots) {
    t.iter.set(Some(iter));
}

fn iterator_slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

static ITERATOR_DEF: TypeDef = TypeDef {
    slots: iterator_slots,
    methods: ITERATOR_METHODS,
    ..TypeDef::new(&ITERATOR)
};

/// Completes the types.
pub fn ready() -> Result<()> {
    skein_stdlib_support::ready_once(&ITERATOR_DEF)?;
    for ty in [&KEYS, &VALUES, &ITEMS] {
        skein_stdlib_support::ready_once(&TypeDef {
            slots: view_slots,
            methods: VIEW_METHODS,
            ..TypeDef::new(ty)
        })?;
    }
    Ok(())
}
