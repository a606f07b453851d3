//! `zip_longest`.

use skein_gc::Slot;
use skein_object::error::{Result, type_error};
use skein_object::layouts::{str, tuple};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Context, Payload, Ref, payload, protocol, statics as s};
use skein_stdlib_support::{body, class_of, itself, split_keywords};
use skein_types::startup::TypeDef;
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct ZipLongestBody {
    /// An empty slot: that one has ended.
    its: Vec<Slot>,
    active: AtomicUsize,
    fill: Ref,
}
payload!(ZipLongestBody, "itertools.zip_longest", |this, v| {
    for slot in &this.its {
        v.slot(slot);
    }
    v.reference(&this.fill);
});

impl ZipLongestBody {
    /// One has ended: how many are left. None are if an error has ended the whole, here or in another thread: the count stays.
    fn one_less(&self) -> usize {
        // Relaxed: a count of its own.
        self.active
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
            .map_or(0, |n| n - 1)
    }
}

static ZIP_LONGEST: Type = Type::declare(
    "itertools.zip_longest",
    Some(&s::OBJECT),
    <ZipLongestBody as Payload>::LAYOUT,
    skein_object::types::flag::BASETYPE,
);

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (iterables, keywords, values) = split_keywords(args, names);
    let mut fill = s::none();
    for (k, v) in keywords.iter().zip(values) {
        if str::text(k) != "fillvalue" {
            return Err(type_error("zip_longest() got an unexpected keyword argument"));
        }
        fill = v.clone();
    }
    let mut its = skein_stdlib_support::vec_with(iterables.len())?;
    for x in iterables {
        its.push(Slot::new(protocol::iter(cx, x)?));
    }
    alloc(
        class_of(class)?,
        ZipLongestBody {
            active: AtomicUsize::new(its.len()),
            its,
            fill,
        },
    )
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<ZipLongestBody>(it)?;
    // Relaxed: a count of its own.
    if b.active.load(Ordering::Relaxed) == 0 {
        return Ok(None);
    }
    let mut out = skein_stdlib_support::vec_with(b.its.len())?;
    for slot in &b.its {
        let Some(source) = slot.get() else {
            out.push(b.fill.clone());
            continue;
        };
        match protocol::next(cx, &source) {
            Ok(Some(x)) => out.push(x),
            Ok(None) => {
                if slot.set(it.holder(), None).is_some() && b.one_less() == 0 {
                    return Ok(None);
                }
                out.push(b.fill.clone());
            }
            Err(e) => {
                b.active.store(0, Ordering::Relaxed);
                return Err(e);
            }
        }
    }
    tuple::new(out).map(Some)
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

pub static ZIP_LONGEST_DEF: TypeDef = TypeDef {
    slots,
    doc: "Return a zip_longest object whose .__next__() method returns a tuple where\nthe i-th element comes from the i-th iterable argument.  The .__next__()\nmethod continues until the longest iterable in the argument sequence\nis exhausted and then it raises StopIteration.  When the shorter iterables\nare exhausted, the fillvalue is substituted in their place.  The fillvalue\ndefaults to None or can be specified by a keyword argument.",
    ..TypeDef::new(&ZIP_LONGEST)
};
