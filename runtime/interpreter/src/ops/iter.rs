//! Iteration, unpacking, `yield from` and `await`.

use crate::frame::{self, Frame, Kind};
use crate::generator::{self, ASYNC_GENERATOR, COROUTINE, GENERATOR};
use crate::operands::Operands;
use crate::regs::{Regs, release, share};
use skein_bytecode::Op;
use skein_bytecode::instr::CONSUME_A;
use skein_gc::{Ref, Value};
use skein_object::error::{raise, type_error, value_error};
use skein_object::intern::names;
use skein_object::layouts::exception;
use skein_object::layouts::iter::{DICT_ITEM_ITERATOR, DICT_KEY_ITERATOR, DICT_VALUE_ITERATOR, DictIterBody, DictPart};
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::{self, iterate};
use skein_object::slots::Pair;
use skein_object::types::flag;
use skein_object::{Context, DictBody, Object, Result, Type, list, statics as s, tuple};
use std::sync::atomic::Ordering;

/// How a step of an iteration ended, in one word: one of these, or an owned error.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Step(pub u64);

impl Step {
    /// The item is written.
    pub const ITEM: Step = Step(0);
    /// There is none left; for Send, the result is written.
    pub const END: Step = Step(1);
    /// A frame was pushed that will write it.
    pub const PUSHED: Step = Step(2);
    /// The item is a pair, and the UnpackSeq that follows is done as well.
    pub const PAIR: Step = Step(3);
}

impl From<Result<Step>> for Step {
    #[inline(always)]
    fn from(r: Result<Step>) -> Step {
        match r {
            Ok(s) => s,
            Err(e) => Step(e.0.into_value().0),
        }
    }
}

pub unsafe fn get_iter(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let r = iterate::iter(cx, regs.get(ins.b()))?;
    regs.set(ins.a(), r);
    regs.consume_b(ins);
    Ok(())
}

/// The next item of an iterator over a small range, list or tuple that is not at its end, as bits for a register; else 0.
///
/// # Safety
/// `it` is a live iterator.
#[inline(always)]
pub unsafe fn for_iter_fast(it: u64) -> u64 {
    use skein_gc::Header;
    use skein_object::layouts::iter::{LIST_ITERATOR, ListIterBody, TUPLE_ITERATOR, TupleIterBody};
    use skein_object::layouts::range::{RANGE_ITERATOR, RangeIterBody};
    use skein_object::{ListBody, Object, TupleBody};
    if it & 3 != 0 {
        return 0;
    }
    let p = (it & !7) as *const Header;
    let class = (*p).class() as *const skein_gc::Class as *const Type;
    if std::ptr::eq(class, &raw const RANGE_ITERATOR) {
        return match (*(p as *const Object<RangeIterBody>)).body.advance() {
            // A range iterator gives numbers that fit.
            Some(n) => Value::int(n).map_or(0, |v| v.0),
            None => 0,
        };
    }
    if std::ptr::eq(class, &raw const LIST_ITERATOR) {
        let b = &(*(p as *const Object<ListIterBody>)).body;
        let list = b.sequence.load();
        if list.is_null() {
            return 0;
        }
        // Relaxed: two threads on one iterator may get an item twice.
        let i = b.index.load(Ordering::Relaxed);
        let item = (*(list.pointer() as *const Object<ListBody>)).body.0.peek(i);
        if item.is_null() {
            return 0;
        }
        b.index.store(i + 1, Ordering::Relaxed);
        return share(item.0);
    }
    if std::ptr::eq(class, &raw const TUPLE_ITERATOR) {
        let b = &(*(p as *const Object<TupleIterBody>)).body;
        let tuple = b.sequence.load();
        if tuple.is_null() {
            return 0;
        }
        let i = b.index.load(Ordering::Relaxed);
        let Some(item) = (*(tuple.pointer() as *const Object<TupleBody>)).body.items().get(i) else {
            return 0;
        };
        b.index.store(i + 1, Ordering::Relaxed);
        return share(item.word().0);
    }
    0
}

/// The items of an exact tuple or of an exact list that is private, valid until anything is dropped, stored or polled; for
/// anything else an impossible length.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn items_fast(v: u64) -> (*const u64, usize) {
    use skein_gc::Header;
    use skein_object::{ListBody, Object, TupleBody};
    let p = (v & !7) as *const Header;
    let class = (*p).class() as *const skein_gc::Class as *const Type;
    if std::ptr::eq(class, &raw const s::TUPLE) {
        let items = (*(p as *const Object<TupleBody>)).body.items();
        return (items.as_ptr().cast(), items.len());
    }
    if std::ptr::eq(class, &raw const s::LIST) {
        return (*(p as *const Object<ListBody>)).body.0.private_items(&*p);
    }
    (std::ptr::null(), usize::MAX)
}

/// The next key or value of a forward iterator over a dict, as bits for a register; 0 where the iterator's own `next` has to look.
unsafe fn dict_item(it: &Ref) -> u64 {
    match dict_entry(it) {
        Some((key, value, part)) => share(if part == DictPart::Keys { key.0 } else { value.0 }),
        None => 0,
    }
}

/// The next key and value of a forward iterator over a dict, unowned, and what the iterator gives.
unsafe fn dict_entry(it: &Ref) -> Option<(Value, Value, DictPart)> {
    let b = it.body::<DictIterBody>()?;
    let dict = b.dict.load();
    if dict.is_null() {
        return None;
    }
    let table = &(*(dict.pointer() as *const Object<DictBody>)).body.0;
    // Relaxed: a position is only a number that every use checks.
    let left = b.left.load(Ordering::Relaxed);
    if left <= 0 || b.length.load(Ordering::Relaxed) != table.len() as i64 {
        return None;
    }
    let mut position = b.position.load(Ordering::Relaxed);
    let (key, value) = table.next_uncounted(&mut position)?;
    b.left.store(left - 1, Ordering::Relaxed);
    b.position.store(position, Ordering::Relaxed);
    Some((key, value, b.part))
}

/// r[a] := next(r[b]).
#[inline(never)]
pub unsafe fn for_iter(cx: &Context, regs: Regs, ins: Operands) -> Step {
    Step::from(for_iter_step(cx, regs, ins))
}

#[inline(always)]
unsafe fn for_iter_step(cx: &Context, regs: Regs, ins: Operands) -> Result<Step> {
    let it = regs.get(ins.b());
    let ty = type_of(it);
    if std::ptr::eq(ty, &raw const GENERATOR)
        && let Some(g) = generator::body(it)
    {
        // The frame below keeps the iterator alive.
        if generator::start(cx, it, g, Some(s::none()), Kind::GenFor)? {
            (*frame::top(cx)).dst = regs.0.add(ins.a());
            return Ok(Step::PUSHED);
        }
        regs.kill(ins.b());
        return Ok(Step::END);
    }
    if std::ptr::eq(ty, &raw const DICT_KEY_ITERATOR) || std::ptr::eq(ty, &raw const DICT_VALUE_ITERATOR) {
        let item = dict_item(it);
        if item != 0 {
            regs.set_bits(ins.a(), item);
            return Ok(Step::ITEM);
        }
    }
    if let Some(f) = ty.slots.next_pair.get()
        && !ty.has(flag::HEAP)
    {
        // The label lies in between.
        let next = crate::operands::decoded((*frame::top(cx)).pc);
        if next.op() == Some(Op::UnpackSeq) && next.a() == ins.a() && next.c() == 2 && next.flags() & CONSUME_A != 0 {
            if std::ptr::eq(ty, &raw const DICT_ITEM_ITERATOR)
                && let Some((key, value, _)) = dict_entry(it)
            {
                let p = regs.0.add(next.b());
                let (old, other) = (*p, *p.add(1));
                *p = share(key.0);
                *p.add(1) = share(value.0);
                release(old);
                release(other);
                return Ok(Step::PAIR);
            }
            match f(cx, it)? {
                Pair::Items(x, y) => {
                    regs.set(next.b(), x);
                    regs.set(next.b() + 1, y);
                    return Ok(Step::PAIR);
                }
                Pair::End => {
                    regs.kill(ins.b());
                    return Ok(Step::END);
                }
                Pair::None => {}
            }
        }
    }
    let item = match ty.slots.next.get() {
        Some(f) => f(cx, it),
        None => {
            return Err(type_error(format!("'{}' object is not an iterator", ty.name())));
        }
    };
    match item {
        Ok(Some(v)) => {
            regs.set(ins.a(), v);
            Ok(Step::ITEM)
        }
        Ok(None) => {
            regs.kill(ins.b());
            Ok(Step::END)
        }
        Err(e) if e.is(&s::STOP_ITERATION) => {
            crate::trace::stopped_by(cx, &e)?;
            regs.kill(ins.b());
            Ok(Step::END)
        }
        Err(e) => Err(e),
    }
}

#[inline(never)]
pub unsafe fn unpack_sequence(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let (source, w, n) = (regs.get(ins.a()), ins.b(), ins.c());
    if let Some(items) = tuple::items(source).filter(|i| source.is_exact(&s::TUPLE) && i.len() == n) {
        for (i, x) in items.iter().enumerate() {
            // The window may begin at the source's own register, which is dropped by the write; its items are kept
            // alive by being read before.
            if w + i == ins.a() {
                continue;
            }
            regs.set(w + i, x.clone());
        }
        if ins.a() >= w && ins.a() < w + n {
            let x = items[ins.a() - w].clone();
            regs.set(ins.a(), x);
        } else if ins.flags() & skein_bytecode::instr::CONSUME_A != 0 {
            regs.kill(ins.a());
        }
        return Ok(());
    }
    let items = unpack(cx, source, n, false)?;
    if ins.flags() & skein_bytecode::instr::CONSUME_A != 0 {
        regs.kill(ins.a());
    }
    for (i, x) in items.into_iter().enumerate() {
        regs.set(w + i, x);
    }
    Ok(())
}

/// Exactly `n` items of an iterable, or at least `n` where more are `wanted`.
fn unpack(cx: &Context, source: &Ref, n: usize, more: bool) -> Result<Vec<Ref>> {
    let ty = type_of(source);
    if !ty.slots.iter.is_set() && !ty.slots.getitem.is_set() {
        return Err(type_error(format!("cannot unpack non-iterable {} object", ty.name())));
    }
    let mut out = Vec::with_capacity(n.min(1024));
    let mut it = protocol::Iter::new(cx, source)?;
    while more || out.len() < n {
        match it.next(cx)? {
            Some(x) => out.push(x),
            None => break,
        }
    }
    if out.len() < n {
        let least = if more { "at least " } else { "" };
        return Err(value_error(format!(
            "not enough values to unpack (expected {least}{n}, got {})",
            out.len()
        )));
    }
    if !more && it.next(cx)?.is_some() {
        let sized = source.is_exact(&s::LIST) || source.is_exact(&s::TUPLE) || source.is_exact(&s::DICT);
        return Err(value_error(match protocol::len(cx, source) {
            Ok(len) if sized => format!("too many values to unpack (expected {n}, got {len})"),
            _ => format!("too many values to unpack (expected {n})"),
        }));
    }
    Ok(out)
}

pub unsafe fn unpack_ex(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands, counts: u64) -> Result<()> {
    let (before, after) = (counts as u32 as usize, (counts >> 32) as usize);
    let mut items = unpack(cx, regs.get(ins.a()), before + after, true)?;
    if ins.flags() & skein_bytecode::instr::CONSUME_A != 0 {
        regs.kill(ins.a());
    }
    let tail = items.split_off(items.len() - after);
    let middle = items.split_off(before);
    let w = ins.b();
    for (i, x) in items.into_iter().enumerate() {
        regs.set(w + i, x);
    }
    regs.set(w + before, list::new(middle)?);
    for (i, x) in tail.into_iter().enumerate() {
        regs.set(w + before + 1 + i, x);
    }
    Ok(())
}

fn is_coroutine(r: &Ref) -> bool {
    r.is_exact(&COROUTINE)
        || r.is_exact(&GENERATOR)
            && generator::body(r)
                .and_then(|g| g.code.body::<skein_object::CodeBody>())
                .is_some_and(|c| c.unit.flags & skein_bytecode::code::flags::ITERABLE_COROUTINE != 0)
}

pub unsafe fn yield_from_iter(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    use skein_bytecode::code::flags::{COROUTINE as CORO, ITERABLE_COROUTINE};
    let source = regs.get(ins.b());
    let r = if is_coroutine(source) {
        if (*frame).code().unit.flags & (CORO | ITERABLE_COROUTINE) == 0 {
            return Err(type_error(
                "cannot 'yield from' a coroutine object in a non-coroutine generator",
            ));
        }
        source.clone()
    } else if source.is_exact(&GENERATOR) {
        source.clone()
    } else {
        iterate::iter(cx, source)?
    };
    regs.set(ins.a(), r);
    regs.consume_b(ins);
    Ok(())
}

/// The iterator of an awaitable.
///
/// # Errors
/// TypeError "object X can't be used in 'await' expression".
pub fn await_iterator(cx: &Context, r: &Ref) -> Result<Ref> {
    if is_coroutine(r) {
        return Ok(r.clone());
    }
    let ty = type_of(r);
    let Some(f) = ty.slots.await_.get() else {
        return Err(type_error(format!("'{}' object can't be awaited", ty.name())));
    };
    let it = f(cx, r)?;
    if is_coroutine(&it) {
        return Err(type_error("__await__() returned a coroutine"));
    }
    if !type_of(&it).slots.next.is_set() {
        return Err(type_error(format!(
            "__await__() returned non-iterator of type '{}'",
            it.ty().name()
        )));
    }
    Ok(it)
}

pub unsafe fn awaitable(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let source = regs.get(ins.b());
    let ty = type_of(source);
    if ins.c() != 0 && !is_coroutine(source) && !ty.slots.await_.is_set() {
        let method = if ins.c() == 1 { "__aenter__" } else { "__aexit__" };
        return Err(type_error(format!(
            "'async with' received an object from {method} that does not implement __await__: {}",
            ty.name()
        )));
    }
    let r = await_iterator(cx, source)?;
    if r.is_exact(&COROUTINE)
        && let Some(g) = generator::body(&r)
        && g.state() == generator::SUSPENDED
        && generator_delegates(g)
    {
        return Err(skein_object::error::runtime_error("coroutine is being awaited already"));
    }
    regs.set(ins.a(), r);
    regs.consume_b(ins);
    Ok(())
}

fn generator_delegates(g: &generator::GeneratorBody) -> bool {
    // SAFETY: a glance at a suspended frame; a race with its resumption gives either answer.
    unsafe { (*g.saved.get()).delegate.is_some() }
}

pub unsafe fn async_iter(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let source = regs.get(ins.b());
    let ty = type_of(source);
    let Some(f) = ty.slots.aiter.get() else {
        return Err(type_error(format!(
            "'async for' requires an object with __aiter__ method, got {}",
            ty.name()
        )));
    };
    let r = f(cx, source)?;
    if !type_of(&r).slots.anext.is_set() {
        return Err(type_error(format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {}",
            r.ty().name()
        )));
    }
    regs.set(ins.a(), r);
    regs.consume_b(ins);
    Ok(())
}

pub unsafe fn async_next(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let it = regs.get(ins.b());
    let ty = type_of(it);
    let Some(f) = ty.slots.anext.get() else {
        return Err(type_error(format!(
            "'async for' requires an iterator with __anext__ method, got {}",
            ty.name()
        )));
    };
    let r = f(cx, it)?;
    if it.is_exact(&ASYNC_GENERATOR) {
        regs.set(ins.a(), r);
        return Ok(());
    }
    match await_iterator(cx, &r) {
        Ok(r) => {
            regs.set(ins.a(), r);
            Ok(())
        }
        Err(e) => {
            let new = type_error(format!(
                "'async for' received an invalid object from __anext__: {}",
                r.ty().name()
            ));
            if let Some(b) = new.0.body::<skein_object::ExceptionBody>() {
                drop(b.cause.set(new.0.holder(), Some(e.0)));
                b.set_suppress(true);
            }
            Err(new)
        }
    }
}

/// r[a] := what the iterator r[b] yields for r[c]; at its end r[a] := its value.
#[inline(never)]
pub unsafe fn send(cx: &Context, regs: Regs, ins: Operands) -> Step {
    Step::from(send_step(cx, regs, ins))
}

#[inline(always)]
unsafe fn send_step(cx: &Context, regs: Regs, ins: Operands) -> Result<Step> {
    let it = regs.get(ins.b());
    let value = regs.read(ins.c(), ins.flags() & skein_bytecode::instr::CONSUME_C != 0);
    let ty: &Type = type_of(it);
    if (std::ptr::eq(ty, &raw const GENERATOR) || std::ptr::eq(ty, &raw const COROUTINE))
        && let Some(g) = generator::body(it)
    {
        if generator::start(cx, it, g, Some(value), Kind::GenSend)? {
            (*frame::top(cx)).dst = regs.0.add(ins.a());
            return Ok(Step::PUSHED);
        }
        if it.is_exact(&COROUTINE) {
            return Err(skein_object::error::runtime_error(
                "cannot reuse already awaited coroutine",
            ));
        }
        regs.kill(ins.b());
        regs.set(ins.a(), s::none());
        return Ok(Step::END);
    }
    let r = if s::is_none(&value) {
        match ty.slots.next.get() {
            // The slot of a class in Python does not tell the value of StopIteration.
            Some(_) if ty.has(skein_object::types::flag::HEAP) => {
                protocol::call_method(cx, it, names::__next__(), &[]).map(Some)
            }
            Some(f) => f(cx, it),
            None => {
                return Err(type_error(format!("'{}' object is not an iterator", ty.name())));
            }
        }
    } else {
        protocol::call_method(cx, it, names::send(), std::slice::from_ref(&value)).map(Some)
    };
    match r {
        Ok(Some(v)) => {
            regs.set(ins.a(), v);
            Ok(Step::ITEM)
        }
        Ok(None) => {
            regs.kill(ins.b());
            regs.set(ins.a(), s::none());
            Ok(Step::END)
        }
        Err(e) if e.is(&s::STOP_ITERATION) => {
            crate::trace::stopped_by(cx, &e)?;
            let v = exception::field(&e.0, exception::STOP_VALUE).unwrap_or_else(s::none);
            regs.kill(ins.b());
            regs.set(ins.a(), v);
            Ok(Step::END)
        }
        Err(e) => Err(e),
    }
}

/// StopAsyncIteration without arguments.
pub fn stop_async() -> skein_object::Error {
    raise(&s::STOP_ASYNC_ITERATION, "")
}
