//! `list`.
//!
//! Rooms: `item` (indexing and slices), `methods`, `sort`, `iter`. Every length is read again after Python code has run.

pub mod item;
pub mod iter;
pub mod methods;
pub mod sort;

use crate::iterators::support::{bad_repeat, bind, class_of, enter_repr, reflected, repeat_count, repeated_len, wrong};
use crate::startup::{TypeDef, ready_type};
use skein_collections::List;
use skein_object::error::{Result, type_error};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::types::Type;
use skein_object::{
    Args, Context, ListBody, Ref, Row, StrBody, TupleBody, list, number, protocol, row, statics as s, str, tuple,
};
use skein_text::StrBuf;

/// The array of a list of any class.
pub fn body(r: &Ref) -> Result<&List> {
    match r.body::<ListBody>() {
        Some(b) => Ok(&b.0),
        None => Err(wrong("list", r)),
    }
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    alloc(class_of(class)?, ListBody(List::new()))
}

fn make(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    if !std::ptr::eq(ty, &raw const s::LIST) {
        return None;
    }
    match args {
        [] => Some(list::of_list(List::new())),
        [x] => Some(from_iterable(cx, x)),
        _ => None,
    }
}

fn from_iterable(cx: &Context, x: &Ref) -> Result<Ref> {
    if x.is_exact(&s::LIST)
        && let Some(from) = x.body::<ListBody>()
    {
        return list::of_list(from.0.copy(x.holder())?);
    }
    if x.is_exact(&s::TUPLE)
        && let Some(from) = x.body::<TupleBody>()
    {
        return list::of_tuple(from);
    }
    let r = list::of_list(List::new())?;
    extend(cx, &r, x)?;
    Ok(r)
}

static INIT: Row = row!("list(self, iterable=(), /)", init_row, "");

fn init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let args = without_names(r, args, names, new, "list")?;
    bind(cx, &INIT, r, args, None)
}

/// The positional arguments of an `__init__` that takes no names. Names are what a subclass's `__new__` has taken.
///
/// # Errors
/// TypeError if the class makes its objects by `new` and there are names.
pub(crate) fn without_names<'a>(
    r: &Ref,
    args: &'a [Ref],
    names: Option<&Ref>,
    new: skein_object::slots::Call,
    what: &str,
) -> Result<&'a [Ref]> {
    let count = names.and_then(tuple::items).map_or(0, <[Ref]>::len);
    if count > 0 && r.ty().slots.new.get().is_some_and(|f| std::ptr::fn_addr_eq(f, new)) {
        return Err(type_error(format!("{what}() takes no keyword arguments")));
    }
    Ok(&args[..args.len() - count.min(args.len())])
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let b = body(r)?;
    if !b.is_empty() {
        b.clear(r.holder());
    }
    if let Some(x) = a.opt(1) {
        extend(cx, r, x)?;
    }
    Ok(s::none())
}

/// Appends the items of any iterable.
pub fn extend(cx: &Context, r: &Ref, x: &Ref) -> Result<()> {
    let b = body(r)?;
    if r.is(x) {
        return Ok(b.extend_from(r.holder(), b, r.holder())?);
    }
    if x.is_exact(&s::LIST)
        && let Some(from) = x.body::<ListBody>()
    {
        return Ok(b.extend_from(r.holder(), &from.0, x.holder())?);
    }
    if x.is_exact(&s::TUPLE)
        && let Some(items) = tuple::items(x)
    {
        if items.len() > 4 {
            b.reserve(r.holder(), items.len())?;
        }
        for item in items {
            b.push(r.holder(), item.clone())?;
        }
        return Ok(());
    }
    if let Some(mut plain) = protocol::iterate::Plain::of(x) {
        if plain.len() > 4 {
            b.reserve(r.holder(), plain.len())?;
        }
        while let Some(item) = plain.step()? {
            b.push(r.holder(), item)?;
        }
        return Ok(());
    }
    if let Some(items) = protocol::iterate::at_once(x)? {
        return Ok(b.extend(r.holder(), items)?);
    }
    let mut it = protocol::Iter::new(cx, x)?;
    let hint = protocol::len_hint(cx, x, 0)?;
    // A hint that cannot be true is no reason to fail.
    if hint > 8 && hint <= isize::MAX as usize - b.len() {
        b.reserve(r.holder(), hint)?;
    }
    while let Some(item) = it.next(cx)? {
        b.push(r.holder(), item)?;
    }
    Ok(())
}

/// Appends `repr(item)`.
pub(crate) fn push_repr(cx: &Context, out: &mut StrBuf, item: &Ref) -> Result<()> {
    /// Room for what is written between items and after the last one.
    const BETWEEN: usize = 32;
    if let Some(n) = item.as_int() {
        out.try_reserve(20 + BETWEEN)?;
        out.push_ascii(crate::int::itoa(n, &mut [0; 20]));
        return Ok(());
    }
    let text = protocol::repr(cx, item)?;
    if let Some(b) = text.body::<StrBody>() {
        skein_gc::alloc::fallible(|| out.try_reserve(b.len() + BETWEEN))?;
        out.push_view(b.view());
    }
    Ok(())
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    if b.is_empty() {
        return str::from_str("[]");
    }
    let Some(_guard) = enter_repr(cx, r) else {
        return str::from_str("[...]");
    };
    let mut out = StrBuf::from("[");
    let mut i = 0;
    while let Some(item) = b.get(i) {
        if i > 0 {
            out.push_str(", ");
        }
        push_repr(cx, &mut out, &item)?;
        i += 1;
    }
    out.push_str("]");
    str::from_buf(out)
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Ok(x), Ok(y)) = (body(a), body(b)) else {
        return Ok(s::not_implemented());
    };
    if matches!(op, CompareOp::Eq | CompareOp::Ne) && x.len() != y.len() {
        return Ok(number::bool(op == CompareOp::Ne));
    }
    let mut i = 0;
    while let (Some(p), Some(q)) = (x.get(i), y.get(i)) {
        if !protocol::equal(cx, &p, &q)? {
            if i >= x.len() || i >= y.len() {
                // The comparison made a list shorter.
                break;
            }
            return match op {
                CompareOp::Eq => Ok(number::bool(false)),
                CompareOp::Ne => Ok(number::bool(true)),
                _ => protocol::rich_compare(cx, &p, &q, op),
            };
        }
        i += 1;
    }
    Ok(number::bool(op.holds(x.len().cmp(&y.len()))))
}

fn contains(cx: &Context, r: &Ref, item: &Ref) -> Result<bool> {
    let b = body(r)?;
    let wanted = item.value();
    let int = wanted.is_int();
    let mut from = 0;
    // What is the same, or a small int as the item is, needs no counting.
    while let Some((i, x)) = b.scan(from, |x| x == wanted || !int || !x.is_int()) {
        if x == wanted {
            return Ok(true);
        }
        let Some(x) = b.get(i) else { return Ok(false) };
        if protocol::equal(cx, &x, item)? {
            return Ok(true);
        }
        from = i + 1;
    }
    Ok(false)
}

fn length(_: &Context, r: &Ref) -> Result<usize> {
    Ok(body(r)?.len())
}

fn concat(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if let (Ok(x), Ok(y)) = (body(a), body(b)) {
        return list::of_list(x.concat(a.holder(), y, b.holder())?);
    }
    if body(a).is_err() {
        return Ok(s::not_implemented());
    }
    match reflected(cx, BinaryOp::Add, &s::LIST, a, b)? {
        Some(r) => Ok(r),
        None => Err(type_error(format!(
            "can only concatenate list (not \"{}\") to list",
            b.ty().name()
        ))),
    }
}

/// The items `count` times over.
fn repeated(items: &[Ref], count: usize) -> Result<Vec<Ref>> {
    let len = repeated_len(items.len(), count)?;
    let mut out = skein_gc::alloc::vec_with(len)?;
    if let [item] = items {
        out.resize(len, item.clone());
    } else {
        for _ in 0..count {
            out.extend_from_slice(items);
        }
    }
    Ok(out)
}

/// The sequence and the count of `a * b`, or what the other operand makes of it.
pub(crate) enum Repeat<'a> {
    Of(&'a Ref, usize),
    Done(Ref),
}

pub(crate) fn repeat_operands<'a>(
    cx: &Context,
    own: &'static skein_object::Type,
    a: &'a Ref,
    b: &'a Ref,
) -> Result<Repeat<'a>> {
    let (sequence, count) = if a.is_instance(own) { (a, b) } else { (b, a) };
    if count.value().is_int() {
        return Ok(Repeat::Of(sequence, repeat_count(cx, count)?));
    }
    if let Some(r) = reflected(cx, BinaryOp::Mul, own, a, b)? {
        return Ok(Repeat::Done(r));
    }
    if number::int_value(count).is_none() && !count.ty().slots.index.is_set() {
        return Err(bad_repeat(count));
    }
    Ok(Repeat::Of(sequence, repeat_count(cx, count)?))
}

fn multiply(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let (sequence, count) = match (a.is_exact(&s::LIST), b.as_int()) {
        (true, Some(n)) => (a, usize::try_from(n).unwrap_or(0)),
        _ => match repeat_operands(cx, &s::LIST, a, b)? {
            Repeat::Done(r) => return Ok(r),
            Repeat::Of(sequence, count) => (sequence, count),
        },
    };
    match sequence.body::<ListBody>() {
        Some(b) => list::repeat(sequence.holder(), b, count),
        None => Err(wrong("list", sequence)),
    }
}

fn inplace_concat(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    // The other side's addition comes first, since that of sequences is asked last.
    if !b.is_exact(&s::LIST)
        && !b.is_exact(&s::TUPLE)
        && let Some(r) = reflected(cx, BinaryOp::Add, &s::LIST, a, b)?
    {
        return Ok(r);
    }
    extend(cx, a, b)?;
    Ok(a.clone())
}

fn inplace_multiply(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let x = body(a)?;
    if number::int_value(b).is_none() && !b.ty().slots.index.is_set() {
        return Ok(s::not_implemented());
    }
    let count = repeat_count(cx, b)?;
    if count == 0 {
        x.clear(a.holder());
    } else if count > 1 {
        let items = x.snapshot(a.holder())?;
        x.extend(a.holder(), repeated(&items, count - 1)?)?;
    }
    Ok(a.clone())
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.make.set(Some(make));
    t.init.set(Some(init));
    t.repr.set(Some(repr));
    t.compare.set(Some(compare));
    t.iter.set(Some(iter::iter));
    t.len.set(Some(length));
    t.getitem.set(Some(item::get));
    t.setitem.set(Some(item::set));
    t.contains.set(Some(contains));
    t.binary[BinaryOp::Add as usize].set(Some(concat));
    t.binary[BinaryOp::Mul as usize].set(Some(multiply));
    t.inplace[BinaryOp::Add as usize].set(Some(inplace_concat));
    t.inplace[BinaryOp::Mul as usize].set(Some(inplace_multiply));
}

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: methods::METHODS,
        doc: "list(iterable=(), /)\n--\n\nBuilt-in mutable sequence.\n\nIf no argument is given, the constructor creates a new empty list.\nThe argument must be an iterable if specified.",
        hide: &["__radd__"],
        ..TypeDef::new(&s::LIST)
    })?;
    iter::ready()
}
