//! Subscription.

use crate::frame::Frame;
use crate::ops::call::push_function;
use crate::regs::{Regs, share, share_if};
use crate::run::{Done, read_bits};
use skein_bytecode::Instr;
use skein_bytecode::instr::{CONSUME_B, CONSUME_C};
use skein_gc::{Header, Ref};
use skein_object::intern::names;
use skein_object::layouts::code::SliceBody;
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::protocol::{delitem, getitem, setitem};
use skein_object::types::flag;
use skein_object::{
    Context, DictBody, ListBody, Object, Result, StrBody, TupleBody, Type, dict, list, statics as s, str, tuple,
};

/// `v[i]` of an exact list or tuple with the index in range, as bits for a register; else 0.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn index_fast(v: u64, i: i64) -> u64 {
    let p = (v & !15) as *const Header;
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

/// The slot of item `i` of an exact private list; null if it is none, or `i` is out of range.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn store_slot(v: u64, i: i64) -> *mut u64 {
    let p = (v & !15) as *const Header;
    let class = (*p).class() as *const skein_gc::Class as *const Type;
    if !std::ptr::eq(class, &raw const s::LIST) {
        return std::ptr::null_mut();
    }
    let b = &(*(p as *const Object<ListBody>)).body;
    let i = if i < 0 { i + b.0.len() as i64 } else { i };
    b.0.private_slot(&*p, i as usize)
}

/// Pushes the frame of a `__getitem__` in Python, if that is what the class of r[b] has: true if it was pushed.
unsafe fn push_getitem(cx: &Context, frame: *mut Frame, regs: Regs, ins: Instr) -> bool {
    let object = regs.get(ins.b());
    let ty = type_of(object);
    if !ty.has(flag::HEAP) || !ty.slots.getitem.is_set() {
        return false;
    }
    let Some(f) = ty.peek(names::__getitem__()) else {
        return false;
    };
    if !f.is_exact(&s::FUNCTION) {
        return false;
    }
    let window = push_function(cx, frame, f.word(), 2, regs.0.add(ins.a()));
    if window.is_null() {
        return false;
    }
    let flags = ins.flags();
    *window = read_bits(regs, ins.b(), flags & CONSUME_B != 0);
    *window.add(1) = read_bits(regs, ins.c(), flags & CONSUME_C != 0);
    true
}

#[inline(never)]
pub unsafe fn load(cx: &Context, frame: *mut Frame, regs: Regs, ins: Instr) -> Done {
    if push_getitem(cx, frame, regs, ins) {
        return Done::PUSHED;
    }
    match item(cx, regs.get(ins.b()), regs.get(ins.c())) {
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
    if object.is_exact(&s::DICT) && key.is_exact(&s::STR) && object.body::<DictBody>().is_some() {
        found = dict::get_name(object, key);
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
pub unsafe fn load_immediate(cx: &Context, _: *mut Frame, regs: Regs, ins: Instr) -> Result<()> {
    let r = getitem(cx, regs.get(ins.b()), &Ref::small(ins.imm_c() as i32))?;
    regs.set(ins.a(), r);
    regs.consume_b(ins);
    Ok(())
}

#[inline(never)]
pub unsafe fn store(cx: &Context, _: *mut Frame, regs: Regs, ins: Instr) -> Result<()> {
    let (object, key) = (regs.get(ins.a()), regs.get(ins.b()));
    if object.is_exact(&s::DICT) && key.is_exact(&s::STR) {
        dict::set_name(object, key, regs.get(ins.c()).clone())?;
    } else {
        setitem(cx, object, key, regs.get(ins.c()))?;
    }
    regs.consume(ins);
    Ok(())
}

pub unsafe fn delete(cx: &Context, _: *mut Frame, regs: Regs, ins: Instr) -> Result<()> {
    delitem(cx, regs.get(ins.a()), regs.get(ins.b()))?;
    regs.consume(ins);
    Ok(())
}

fn slice(start: Ref, stop: Ref, step: Ref) -> Result<Ref> {
    alloc(&s::SLICE, SliceBody { start, stop, step })
}

pub unsafe fn build_slice(_: &Context, _: *mut Frame, regs: Regs, ins: Instr) -> Result<()> {
    let w = ins.b();
    let (start, stop) = (regs.take(w), regs.take(w + 1));
    let step = if ins.c() == 3 { regs.take(w + 2) } else { s::none() };
    regs.set(ins.a(), slice(start, stop, step)?);
    Ok(())
}

pub unsafe fn load_slice(cx: &Context, _: *mut Frame, regs: Regs, ins: Instr) -> Result<()> {
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

/// `object[start:stop]` of an exact list or tuple, with bounds that are None or small ints.
fn slice_fast(object: &Ref, start: &Ref, stop: &Ref) -> Result<Option<Ref>> {
    let bound = |r: &Ref, default: usize, len: usize| -> Option<usize> {
        if s::is_none(r) {
            return Some(default);
        }
        let i = r.as_int()?;
        Some(if i < 0 {
            (len as i64 + i).max(0) as usize
        } else {
            (i as usize).min(len)
        })
    };
    if object.is_exact(&s::LIST)
        && let Some(b) = object.body::<ListBody>()
    {
        let len = b.0.len();
        let (Some(from), Some(to)) = (bound(start, 0, len), bound(stop, len, len)) else {
            return Ok(None);
        };
        return list::slice(object.holder(), b, from, to.saturating_sub(from)).map(Some);
    }
    if object.is_exact(&s::TUPLE)
        && let Some(items) = tuple::items(object)
    {
        let len = items.len();
        let (Some(from), Some(to)) = (bound(start, 0, len), bound(stop, len, len)) else {
            return Ok(None);
        };
        if from == 0 && to == len {
            return Ok(Some(object.clone()));
        }
        return tuple::from_slice(items.get(from..to).unwrap_or(&[])).map(Some);
    }
    Ok(None)
}

pub unsafe fn store_slice(cx: &Context, _: *mut Frame, regs: Regs, ins: Instr) -> Result<()> {
    let w = ins.c();
    let key = slice(regs.take(w), regs.take(w + 1), s::none())?;
    setitem(cx, regs.get(ins.a()), &key, regs.get(ins.b()))?;
    regs.consume(ins);
    Ok(())
}
