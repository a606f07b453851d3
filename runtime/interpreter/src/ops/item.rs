//! Subscription.

use crate::frame::Frame;
use crate::ops::Called;
use crate::regs::Regs;
use skein_bytecode::Instr;
use skein_bytecode::instr::CONSUME_C;
use skein_gc::{Header, Ref};
use skein_object::layouts::code::SliceBody;
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::{delitem, getitem, setitem};
use skein_object::{Context, DictBody, ListBody, Object, Result, StrBody, TupleBody, Type, dict, statics as s, str};

/// `v[i]` of an exact list, tuple or Latin-1 str with the index in range.
///
/// # Safety
/// `v` is a live object.
#[inline(always)]
pub unsafe fn index_fast(v: u64, i: i64) -> Option<Ref> {
    let p = (v & !15) as *const Header;
    let class = (*p).class() as *const skein_gc::Class as *const Type;
    if std::ptr::eq(class, &raw const s::LIST) {
        let b = &(*(p as *const Object<ListBody>)).body;
        let i = if i < 0 { i + b.0.len() as i64 } else { i };
        return b.0.get(i as usize);
    }
    if std::ptr::eq(class, &raw const s::TUPLE) {
        let items = (*(p as *const Object<TupleBody>)).body.items();
        let i = if i < 0 { i + items.len() as i64 } else { i };
        return items.get(i as usize).cloned();
    }
    None
}

/// `v[i] = r[c]` of an exact private list with the index in range.
///
/// # Safety
/// `v` is a live object; the registers are the running frame's.
#[inline(always)]
pub unsafe fn store_fast(v: u64, i: i64, regs: Regs, ins: Instr) -> bool {
    let p = (v & !15) as *const Header;
    let class = (*p).class() as *const skein_gc::Class as *const Type;
    if !std::ptr::eq(class, &raw const s::LIST) {
        return false;
    }
    let b = &(*(p as *const Object<ListBody>)).body;
    let n = b.0.len() as i64;
    let i = if i < 0 { i + n } else { i };
    if i < 0 || i >= n {
        return false;
    }
    let value = regs.read(ins.c(), ins.flags() & CONSUME_C != 0);
    match b.0.set(&*p, i as usize, value) {
        Ok(old) => {
            drop(old);
            if ins.flags() & skein_bytecode::instr::CONSUME_A != 0 {
                regs.kill(ins.a());
            }
            true
        }
        Err(value) => {
            // Another thread has shortened the list: the slow path reports it.
            if ins.flags() & CONSUME_C != 0 {
                regs.set(ins.c(), value);
            }
            false
        }
    }
}

#[inline(never)]
pub unsafe fn load(cx: &Context, _: *mut Frame, regs: Regs, ins: Instr) -> Result<Called> {
    let (object, key) = (regs.get(ins.b()), regs.get(ins.c()));
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
    let r = match found {
        Some(r) => r,
        None => getitem(cx, object, key)?,
    };
    regs.set(ins.a(), r);
    regs.consume(ins);
    Ok(Called::Done)
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
    let key = slice(regs.take(w), regs.take(w + 1), s::none())?;
    let r = getitem(cx, regs.get(ins.b()), &key)?;
    regs.set(ins.a(), r);
    regs.consume_b(ins);
    Ok(())
}

pub unsafe fn store_slice(cx: &Context, _: *mut Frame, regs: Regs, ins: Instr) -> Result<()> {
    let w = ins.c();
    let key = slice(regs.take(w), regs.take(w + 1), s::none())?;
    setitem(cx, regs.get(ins.a()), &key, regs.get(ins.b()))?;
    regs.consume(ins);
    Ok(())
}
