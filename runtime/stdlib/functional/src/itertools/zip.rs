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
use std::sync::atomic::{AtomicBool, Ordering};

pub struct ZipLongestBody {
    /// An empty slot: that one has ended.
    its: Vec<Slot>,
    /// All have ended, or one with an error.
    ended: AtomicBool,
    fill: Ref,
}
payload!(ZipLongestBody, "itertools.zip_longest", |this, v| {
    for slot in &this.its {
        v.slot(slot);
    }
    v.reference(&this.fill);
});

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
    let mut its = skein_gc::alloc::vec_with(iterables.len())?;
    for x in iterables {
        its.push(Slot::new(protocol::iter(cx, x)?));
    }
    alloc(
        class_of(class)?,
        ZipLongestBody {
            ended: AtomicBool::new(false),
            its,
            fill,
        },
    )
}

fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<ZipLongestBody>(it)?;
    // Relaxed: it goes with no other data; who sees it late asks iterators that say so themselves.
    if b.ended.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let mut out = skein_gc::alloc::vec_with(b.its.len())?;
    let mut all_filled = true;
    for slot in &b.its {
        if let Some(source) = slot.get() {
            // An error ends the whole.
            let item = protocol::next(cx, &source).inspect_err(|_| b.ended.store(true, Ordering::Relaxed))?;
            if let Some(x) = item {
                all_filled = false;
                out.push(x);
                continue;
            }
            drop(slot.set(it.holder(), None));
        }
        out.push(b.fill.clone());
    }
    // Not counted down as they end: another thread that has taken one out and has not counted it yet would let this one go on.
    if all_filled {
        b.ended.store(true, Ordering::Relaxed);
        return Ok(None);
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
