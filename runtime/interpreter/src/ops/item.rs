//! Subscription.

use crate::cache::{self, Found};
use crate::call::code_of;
use crate::frame::Frame;
use crate::operands::Operands;
use crate::ops::call::push_function;
use crate::ops::word_ref;
use crate::regs::{Regs, share, share_if};
use crate::run::{Done, read_bits};
use skein_bytecode::instr::{CONSUME_B, CONSUME_C};
use skein_gc::{Header, Ref, Value};
use skein_object::intern::names;
use skein_object::layouts::code::SliceBody;
use skein_object::layouts::number;
use skein_object::object::{RefExt, alloc, type_of, type_of_header};
use skein_object::protocol::{delitem, getitem, setitem};
use skein_object::types::flag;
use skein_object::{
    CodeBody, Context, DictBody, FunctionBody, ListBody, Object, Result, StrBody, TupleBody, Type, dict, list,
    statics as s, str, tuple,
};
use std::sync::atomic::AtomicU64;

/// `v[i]` of an exact list or tuple with the index in range, as bits for a register; else 0.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn index_fast(v: u64, i: i64) -> u64 {
    let p = (v & !7) as *const Header;
    let class = (*p).class() as *const skein_gc::Class as *const Type;
    if std::ptr::eq(class, &raw const s::LIST) {
        let b = &(*(p as *const Object<ListBody>)).body;
        let i = if i < 0 { i + b.0.len() as i64 } else { i };
        return share_if(b.0.peek(i as usize));
    }
    if std::ptr::eq(class, &raw const s::TUPLE) {
        let items = (*(p as *const Object<TupleBody>)).body.items();
        let i = if i < 0 { i + items.len() as i64 } else { i };
        return items.get(i as usize).map_or(0, |r| share(r.word().0));
    }
    0
}

/// `r[b][r[c]]` of an exact dict with a key that is a str or a small int, as bits for a register; 0 where it takes more to
/// find it.
#[inline(never)]
pub unsafe fn peek(regs: Regs, b: usize, c: usize) -> u64 {
    share_if(dict::peek(regs.get(b), regs.get(c)))
}

/// `v[i]` of a native type that finds some of its items at once, as bits for a register; else 0.
#[inline(always)]
pub fn peek_item(v: &Ref, i: i64) -> u64 {
    let ty = type_of(v);
    match ty.slots.peek_item.get() {
        // Numbers and immortal objects are not counted.
        Some(f) if !ty.has(flag::HEAP) => f(v, i).0,
        _ => 0,
    }
}

/// `v[i] = new` of a native type that takes numbers; false, with nothing done, where it takes more.
#[inline(always)]
pub fn poke_item(v: &Ref, i: i64, new: Value) -> bool {
    let ty = type_of(v);
    match ty.slots.poke_item.get() {
        Some(f) if !ty.has(flag::HEAP) => f(v, i, new),
        _ => false,
    }
}

/// The slot of item `i` of an exact private list; null if it is none, or `i` is out of range.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn store_slot(v: u64, i: i64) -> *mut u64 {
    let p = (v & !7) as *const Header;
    let class = (*p).class() as *const skein_gc::Class as *const Type;
    if !std::ptr::eq(class, &raw const s::LIST) {
        return std::ptr::null_mut();
    }
    let b = &(*(p as *const Object<ListBody>)).body;
    let i = if i < 0 { i + b.0.len() as i64 } else { i };
    b.0.private_slot(&*p, i as usize)
}

/// The function of the class that a subscription of `object` calls, if it is a Python function; the site remembers it.
unsafe fn python_method(object: &Ref, name: &Ref, found: Found, site: &AtomicU64) -> Option<Ref> {
    let ty = type_of(object);
    let set = match found {
        Found::Getitem => ty.slots.getitem.is_set(),
        _ => ty.slots.setitem.is_set(),
    };
    if !ty.has(flag::HEAP) || !set {
        return None;
    }
    let version = ty.version();
    let f = ty.lookup(name)?;
    if !f.is_exact(&s::FUNCTION) {
        return None;
    }
    cache::store_record(site, found, 0, version, Some(&f), 0, 0);
    Some(f)
}

/// The function that a record names for a subscription of the object, with its code, if that takes just `n` arguments.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn method_hit(v: u64, r: &cache::Record, found: Found, n: usize) -> Option<(&FunctionBody, &CodeBody)> {
    if r.found != found || !cache::same_version(type_of_header(&*((v & !7) as *const Header)), r.version) {
        return None;
    }
    let f = &(*(r.value.pointer() as *const Object<FunctionBody>)).body;
    let code = code_of(f)?;
    (code.simple && code.args as usize == n).then_some((f, code))
}

/// Pushes the frame of a `__getitem__` in Python, if that is what the class of r[b] has: true if it was pushed.
unsafe fn push_getitem(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands, site: &AtomicU64) -> bool {
    let Some(f) = python_method(regs.get(ins.b()), names::__getitem__(), Found::Getitem, site) else {
        return false;
    };
    // The class holds the function.
    let window = push_function(cx, frame, f.value(), 2, regs.0.add(ins.a()));
    if window.is_null() {
        return false;
    }
    let flags = ins.flags();
    *window = read_bits(regs, ins.b(), flags & CONSUME_B != 0);
    *window.add(1) = read_bits(regs, ins.c(), flags & CONSUME_C != 0);
    true
}

#[inline(never)]
pub unsafe fn load(cx: &Context, frame: *mut Frame, regs: Regs, ins: Operands, site: &AtomicU64) -> Done {
    let (object, key) = (regs.get(ins.b()), regs.get(ins.c()));
    let ty = type_of(object);
    if ty.has(flag::HEAP) && push_getitem(cx, frame, regs, ins, site) {
        return Done::PUSHED;
    }
    let found = match ty.slots.getitem.get() {
        Some(f) if !std::ptr::eq(ty, &raw const s::DICT) && !std::ptr::eq(ty, &raw const s::STR) => f(cx, object, key),
        _ => item(cx, object, key),
    };
    match found {
        Ok(r) => {
            regs.set(ins.a(), r);
            regs.consume(ins);
            Done::WRITTEN
        }
        Err(e) => Done::error(e),
    }
}

/// `object[key]`.
unsafe fn item(cx: &Context, object: &Ref, key: &Ref) -> Result<Ref> {
    let mut found = None;
    if object.is_exact(&s::DICT)
        && let Some(b) = object.body::<DictBody>()
    {
        if key.is_exact(&s::STR) {
            found = dict::get_name(object, key);
        } else if let Some(n) = key.as_int() {
            // The same number nearly always; one that only equals it is found below.
            found = b.0.get_identical(number::hash_int(n) as u64, key);
        }
    } else if object.is_exact(&s::STR)
        && let (Some(b), Some(i)) = (object.body::<StrBody>(), key.as_int())
    {
        let i = if i < 0 { i + b.len() as i64 } else { i };
        if i >= 0
            && let Some(c) = b.view().get(i as usize)
        {
            found = Some(str::from_char(c)?);
        }
    }
    match found {
        Some(r) => Ok(r),
        None => getitem(cx, object, key),
    }
}

#[inline(never)]
pub unsafe fn load_immediate(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let r = getitem(cx, regs.get(ins.b()), &Ref::small(ins.imm_c() as i32))?;
    regs.set(ins.a(), r);
    regs.consume_b(ins);
    Ok(())
}

#[inline(never)]
pub unsafe fn store(cx: &Context, regs: Regs, ins: Operands, site: &AtomicU64) -> Result<()> {
    let (object, key) = (regs.get(ins.a()), regs.get(ins.b()));
    if object.is_exact(&s::DICT) && key.is_exact(&s::STR) {
        dict::set_name(object, key, regs.get(ins.c()).clone())?;
    } else {
        if type_of(object).has(flag::HEAP) {
            // For the next time.
            python_method(object, names::__setitem__(), Found::Setitem, site);
        }
        setitem(cx, object, key, regs.get(ins.c()))?;
    }
    regs.consume(ins);
    Ok(())
}

pub unsafe fn delete(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    delitem(cx, regs.get(ins.a()), regs.get(ins.b()))?;
    regs.consume(ins);
    Ok(())
}

fn slice(start: Ref, stop: Ref, step: Ref) -> Result<Ref> {
    alloc(&s::SLICE, SliceBody { start, stop, step })
}

pub unsafe fn build_slice(_: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let w = ins.b();
    let (start, stop) = (regs.take(w), regs.take(w + 1));
    let step = if ins.c() == 3 { regs.take(w + 2) } else { s::none() };
    regs.set(ins.a(), slice(start, stop, step)?);
    Ok(())
}

pub unsafe fn load_slice(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let w = ins.c();
    let object = regs.get(ins.b());
    let r = match slice_fast(object, regs.get(w), regs.get(w + 1))? {
        Some(r) => r,
        None => {
            let key = slice(regs.take(w), regs.take(w + 1), s::none())?;
            getitem(cx, object, &key)?
        }
    };
    regs.kill(w);
    regs.kill(w + 1);
    regs.set(ins.a(), r);
    regs.consume_b(ins);
    Ok(())
}

/// `v[start:stop]` of an exact list with bounds that are None or small ints, as owned bits; 0 where it takes more.
#[inline(never)]
pub unsafe fn slice_quick(v: u64, start: u64, stop: u64) -> u64 {
    let p = (v & !7) as *const Header;
    if v & 3 != 0
        || !std::ptr::eq(
            (*p).class() as *const skein_gc::Class as *const Type,
            &raw const s::LIST,
        )
    {
        return 0;
    }
    let b = &(*(p as *const Object<ListBody>)).body;
    let len = b.0.len();
    // SAFETY: registers that hold something.
    let (start, stop) = (word_ref(&start), word_ref(&stop));
    let (Some(from), Some(to)) = (bound(start, 0, len), bound(stop, len, len)) else {
        return 0;
    };
    // An error comes again where it is raised.
    match list::slice(&*p, b, from, to.saturating_sub(from)) {
        Ok(r) => r.into_value().0,
        Err(_) => 0,
    }
}

/// Where a slice bound that is None or a small int lies in a sequence of length `len`.
#[inline(always)]
fn bound(r: &Ref, default: usize, len: usize) -> Option<usize> {
    if s::is_none(r) {
        return Some(default);
    }
    let i = r.as_int()?;
    Some(if i < 0 {
        (len as i64 + i).max(0) as usize
    } else {
        (i as usize).min(len)
    })
}

/// `object[start:stop]` of an exact str or tuple, with bounds that are None or small ints. For lists see [`slice_quick`].
fn slice_fast(object: &Ref, start: &Ref, stop: &Ref) -> Result<Option<Ref>> {
    if object.is_exact(&s::TUPLE)
        && let Some(body) = object.body::<TupleBody>()
    {
        let len = body.items().len();
        let (Some(from), Some(to)) = (bound(start, 0, len), bound(stop, len, len)) else {
            return Ok(None);
        };
        if from == 0 && to == len {
            return Ok(Some(object.clone()));
        }
        return tuple::slice(body, from, to.saturating_sub(from)).map(Some);
    }
    if object.is_exact(&s::STR)
        && let Some(b) = object.body::<StrBody>()
    {
        let len = b.len();
        let (Some(from), Some(to)) = (bound(start, 0, len), bound(stop, len, len)) else {
            return Ok(None);
        };
        if from == 0 && to == len {
            return Ok(Some(object.clone()));
        }
        return str::cut(b, from, to.max(from)).map(Some);
    }
    Ok(None)
}

pub unsafe fn store_slice(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let w = ins.c();
    if store_slice_fast(cx, regs.get(ins.a()), regs.get(w), regs.get(w + 1), regs.get(ins.b()))? {
        regs.kill(w);
        regs.kill(w + 1);
        regs.consume(ins);
        return Ok(());
    }
    let key = slice(regs.take(w), regs.take(w + 1), s::none())?;
    setitem(cx, regs.get(ins.a()), &key, regs.get(ins.b()))?;
    regs.consume(ins);
    Ok(())
}

/// `object[start:stop] = value` of an exact list, with bounds that are None or small ints; false, and nothing done, for
/// anything else.
fn store_slice_fast(cx: &Context, object: &Ref, start: &Ref, stop: &Ref, value: &Ref) -> Result<bool> {
    let Some(b) = object.body::<ListBody>().filter(|_| object.is_exact(&s::LIST)) else {
        return Ok(false);
    };
    let plain = |r: &Ref| s::is_none(r) || r.as_int().is_some();
    let slots = &type_of(value).slots;
    if !plain(start) || !plain(stop) || !slots.iter.is_set() && !slots.getitem.is_set() {
        return Ok(false);
    }
    // Asked for once the items are there: getting them may change the list.
    let range = || {
        let len = b.0.len();
        let from = bound(start, 0, len).unwrap_or(0);
        (from, bound(stop, len, len).unwrap_or(len).saturating_sub(from))
    };
    if value.is_exact(&s::LIST)
        && let Some(source) = value.body::<ListBody>()
    {
        let (from, count) = range();
        if b.0
            .assign_range(object.holder(), from, count, &source.0, value.holder())?
        {
            return Ok(true);
        }
    }
    let items = skein_object::protocol::collect(cx, value)?;
    let (from, count) = range();
    drop(b.0.replace_range(object.holder(), from, count, items)?);
    Ok(true)
}
