//! `set` and `frozenset`.
//!
//! Rooms: `ops` (operations with other sets and iterables), `methods`, `iter`. Results are of the exact base type, as
//! CPython's are.

pub mod iter;
pub mod methods;
pub mod ops;

use crate::dict::unhashable;
use crate::iterators::support::{bind, bind_new, class_of, enter_repr, wrong};
use crate::list::push_repr;
use crate::startup::{TypeDef, ready_type};
use skein_collections::Set;
use skein_object::dict::ObjectEq;
use skein_object::error::{Result, type_error};
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::compare::table_hash;
use skein_object::slots::{Binary, BinaryOp, CompareOp, Slots};
use skein_object::{Args, Context, Ref, Row, SetBody, Type, number, protocol, row, statics as s, str, tuple};
use skein_text::StrBuf;
use std::sync::atomic::{AtomicI64, Ordering};

/// The table of a set or frozenset of any class.
pub fn body(r: &Ref) -> Result<&Set> {
    match r.body::<SetBody>() {
        Some(b) => Ok(&b.set),
        None => Err(wrong("set", r)),
    }
}

/// Whether the object is a set or frozenset.
#[inline]
pub fn is_set(r: &Ref) -> bool {
    r.body::<SetBody>().is_some()
}

/// A set object of a class around a table.
pub fn make(ty: &'static Type, set: Set) -> Result<Ref> {
    alloc(
        ty,
        SetBody {
            set,
            hash: AtomicI64::new(-1),
        },
    )
}

pub fn empty(ty: &'static Type) -> Result<Ref> {
    make(ty, Set::new())
}

/// `set` or `frozenset`, whichever the object's class inherits from.
pub fn base_of(r: &Ref) -> &'static Type {
    if r.is_instance(&s::FROZENSET) {
        &s::FROZENSET
    } else {
        &s::SET
    }
}

/// The hash of an element.
///
/// # Errors
/// TypeError "cannot use 'X' as a set element (...)"; what `__hash__` raises.
#[inline]
pub fn hash_element(cx: &Context, x: &Ref) -> Result<u64> {
    match table_hash(cx, x) {
        Ok(h) => Ok(h),
        Err(e) => Err(unhashable(cx, x, e, "a set element")),
    }
}

/// An element to look for with its hash: a set stands for the frozenset of its elements.
pub(crate) fn wanted(cx: &Context, x: &Ref) -> Result<(Ref, u64)> {
    match table_hash(cx, x) {
        Ok(h) => Ok((x.clone(), h)),
        Err(e) => stand_in(cx, x, e),
    }
}

/// What is looked for instead of `x`, whose hash failed with `e`.
#[cold]
fn stand_in(cx: &Context, x: &Ref, e: skein_object::Error) -> Result<(Ref, u64)> {
    match e {
        e if is_set(x) && e.is(&s::TYPE_ERROR) => {
            let frozen = make(&s::FROZENSET, body(x)?.copy(x.holder())?)?;
            let h = protocol::hash(cx, &frozen)?;
            Ok((frozen, h as u64))
        }
        e => Err(unhashable(cx, x, e, "a set element")),
    }
}

/// Adds an element.
///
/// # Errors
/// What `__hash__` and `__eq__` raise; MemoryError.
pub fn add(cx: &Context, set: &Ref, x: &Ref) -> Result<bool> {
    let hash = hash_element(cx, x)?;
    body(set)?.insert(set.holder(), hash, x.clone(), &mut ObjectEq(cx))
}

/// A set of the items of an iterable.
pub fn from_iterable(cx: &Context, ty: &'static Type, x: &Ref) -> Result<Ref> {
    if let Some(b) = x.body::<SetBody>() {
        return make(ty, b.set.copy(x.holder())?);
    }
    let out = empty(ty)?;
    ops::update(cx, &out, x)?;
    Ok(out)
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    empty(class_of(class)?)
}

fn make_exact(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    let frozen = std::ptr::eq(ty, &raw const s::FROZENSET);
    if !frozen && !std::ptr::eq(ty, &raw const s::SET) {
        return None;
    }
    match args {
        [] => Some(empty(ty)),
        [x] if frozen && x.is_exact(&s::FROZENSET) => Some(Ok(x.clone())),
        [x] => Some(from_iterable(cx, ty, x)),
        _ => None,
    }
}

static INIT: Row = row!("set(self, iterable=(), /)", init_row, "");

fn init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    if names.and_then(tuple::items).is_some_and(|n| !n.is_empty()) {
        return Err(type_error("set() takes no keyword arguments"));
    }
    bind(cx, &INIT, r, args, None)
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    if !b.is_empty() {
        b.clear(a.at(0).holder());
    }
    if let Some(x) = a.opt(1) {
        ops::update(cx, a.at(0), x)?;
    }
    Ok(s::none())
}

static NEW_FROZEN: Row = row!("frozenset(cls, iterable=(), /)", new_frozen_row, "");

fn new_frozen(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind_new(cx, &NEW_FROZEN, &s::FROZENSET, class, args, names)
}

fn new_frozen_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let ty = class_of(a.at(0))?;
    match a.opt(1) {
        None => empty(ty),
        Some(x) if x.is_exact(&s::FROZENSET) && std::ptr::eq(ty, &raw const s::FROZENSET) => Ok(x.clone()),
        Some(x) => from_iterable(cx, ty, x),
    }
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    // Elements of one moment, as CPython's list of them has.
    let b = body(r)?.copy(r.holder())?;
    let name = r.ty().short_name();
    if b.is_empty() {
        return str::from_str(&format!("{name}()"));
    }
    let Some(_guard) = enter_repr(cx, r) else {
        return str::from_str(&format!("{name}(...)"));
    };
    let exact = r.is_exact(&s::SET);
    let mut out = StrBuf::new();
    if !exact {
        out.push_str(name);
        out.push_str("(");
    }
    out.push_str("{");
    let mut pos = 0;
    let mut first = true;
    while let Some((x, _)) = b.next(&mut pos) {
        if !first {
            out.push_str(", ");
        }
        first = false;
        push_repr(cx, &mut out, &x)?;
    }
    out.push_str(if exact { "}" } else { "})" });
    str::from_buf(out)
}

/// Hash of a frozenset: independent of the order of its elements.
fn hash(cx: &Context, r: &Ref) -> Result<i64> {
    let Some(b) = r.body::<SetBody>() else {
        return Err(wrong("frozenset", r));
    };
    // Relaxed: every thread computes the same.
    let known = b.hash.load(Ordering::Relaxed);
    if known != -1 {
        return Ok(known);
    }
    let mut h = 0u64;
    let mut pos = 0;
    while let Some((x, _)) = b.set.next(&mut pos) {
        // Tables keep only half of a hash.
        let item = protocol::hash(cx, &x)? as u64;
        // Spreads the bits of similar hashes before they are combined.
        h ^= ((item ^ 89_869_747) ^ (item << 16)).wrapping_mul(3_644_798_167);
    }
    h ^= (b.set.len() as u64 + 1).wrapping_mul(1_927_868_237);
    h ^= (h >> 11) ^ (h >> 25);
    h = h.wrapping_mul(69_069).wrapping_add(907_133_923);
    let h = if h == u64::MAX { 590_923_713 } else { h as i64 };
    b.hash.store(h, Ordering::Relaxed);
    Ok(h)
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<SetBody>(), b.body::<SetBody>()) else {
        return Ok(s::not_implemented());
    };
    let (m, n) = (x.set.len(), y.set.len());
    let below = |p: &Set, q: &Set, holder: &Ref| p.is_subset(q, holder.holder(), &mut ObjectEq(cx));
    let equal = || -> Result<bool> {
        let hashes = (x.hash.load(Ordering::Relaxed), y.hash.load(Ordering::Relaxed));
        if m != n || (hashes.0 != -1 && hashes.1 != -1 && hashes.0 != hashes.1) {
            return Ok(false);
        }
        below(&x.set, &y.set, b)
    };
    Ok(number::bool(match op {
        CompareOp::Eq => equal()?,
        CompareOp::Ne => !equal()?,
        CompareOp::Lt => m < n && below(&x.set, &y.set, b)?,
        CompareOp::Le => m <= n && below(&x.set, &y.set, b)?,
        CompareOp::Gt => m > n && below(&y.set, &x.set, a)?,
        CompareOp::Ge => m >= n && below(&y.set, &x.set, a)?,
    }))
}

/// `x in set`.
pub fn contains(cx: &Context, r: &Ref, x: &Ref) -> Result<bool> {
    match table_hash(cx, x) {
        Ok(hash) => body(r)?.contains(r.holder(), hash, x, &mut ObjectEq(cx)),
        Err(e) => {
            let (x, hash) = stand_in(cx, x, e)?;
            body(r)?.contains(r.holder(), hash, &x, &mut ObjectEq(cx))
        }
    }
}

fn length(_: &Context, r: &Ref) -> Result<usize> {
    Ok(body(r)?.len())
}

macro_rules! operators {
    ($($name:ident, $inplace:ident, $make:path, $update:path;)*) => {$(
        fn $name(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
            if is_set(a) && is_set(b) { $make(cx, a, b) } else { Ok(s::not_implemented()) }
        }

        fn $inplace(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
            if !is_set(b) {
                return Ok(s::not_implemented());
            }
            $update(cx, a, b)?;
            Ok(a.clone())
        }
    )*};
}

operators! {
    or, inplace_or, ops::union, ops::update;
    and, inplace_and, ops::intersection, ops::intersection_update;
    sub, inplace_sub, ops::difference, ops::difference_update;
    xor, inplace_xor, ops::symmetric_difference, ops::symmetric_difference_update;
}

fn common_slots(t: &Slots) {
    t.repr.set(Some(repr));
    t.compare.set(Some(compare));
    t.iter.set(Some(iter::iter));
    t.len.set(Some(length));
    t.contains.set(Some(contains));
    for (op, f) in [
        (BinaryOp::Or, or as Binary),
        (BinaryOp::And, and),
        (BinaryOp::Sub, sub),
        (BinaryOp::Xor, xor),
    ] {
        t.binary[op as usize].set(Some(f));
    }
}

fn slots(t: &Slots) {
    common_slots(t);
    t.new.set(Some(new));
    t.make.set(Some(make_exact));
    t.init.set(Some(init));
    for (op, f) in [
        (BinaryOp::Or, inplace_or as Binary),
        (BinaryOp::And, inplace_and),
        (BinaryOp::Sub, inplace_sub),
        (BinaryOp::Xor, inplace_xor),
    ] {
        t.inplace[op as usize].set(Some(f));
    }
}

fn frozen_slots(t: &Slots) {
    common_slots(t);
    t.new.set(Some(new_frozen));
    t.make.set(Some(make_exact));
    t.hash.set(Some(hash));
}

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: methods::METHODS,
        doc: "set(iterable=(), /)\n--\n\nBuild an unordered collection of unique elements.",
        ..TypeDef::new(&s::SET)
    })?;
    ready_type(&TypeDef {
        slots: frozen_slots,
        methods: methods::FROZEN_METHODS,
        doc: "frozenset(iterable=(), /)\n--\n\nBuild an immutable unordered collection of unique elements.",
        ..TypeDef::new(&s::FROZENSET)
    })?;
    iter::ready()
}
