//! The dispatch loop: fast paths of the opcodes, everything else in `ops`.
//!
//! # Invariants that make the raw accesses sound
//! * Code comes from the compiler (or passed the verifier): operands lie in the window, `Src` and `Keep` registers are
//!   bound, jumps go to instruction starts, and each code ends in a terminator.
//! * The window of the running frame is written by this thread only, and native code that runs meanwhile uses
//!   registers above it.
//! * `frame`, `regs` and `pc` are reloaded after every push and pop.
//! * `pc` is saved in the frame before anything that can look at the frame: Python code, native code, finalisers.
#![allow(unsafe_op_in_unsafe_fn)]

use crate::call::code_of;
use crate::frame::{self, Frame, Kind};
use crate::ops::{self, Called};
use crate::regs::{Regs, release, retain};
use crate::{cache, generator, unwind};
use skein_bytecode::{Instr, Op};
use skein_gc::{Header, Ref, Value};
use skein_object::layouts::number;
use skein_object::object::type_of_header;
use skein_object::slots::{BinaryOp, CompareOp};
use skein_object::{Context, DictBody, Error, FunctionBody, Object, Result, Type, statics as s};
use std::sync::atomic::{AtomicU64, Ordering};

/// How the loop was left.
pub enum Exit {
    Return(Ref),
    Yield(Ref),
}

/// Runs the top frame, which is an Entry, until it returns.
///
/// # Errors
/// What the frame raises.
///
/// # Safety
/// The top frame is complete and of kind Entry.
pub unsafe fn run(cx: &Context) -> Result<Ref> {
    match run_exit(cx, None)? {
        Exit::Return(v) | Exit::Yield(v) => Ok(v),
    }
}

/// Body of an object known to have it.
#[inline(always)]
unsafe fn body_at<'a, T>(bits: u64) -> &'a T {
    &(*((bits & !15) as *const Object<T>)).body
}

#[inline(always)]
unsafe fn class_of(bits: u64) -> *const Type {
    (*((bits & !15) as *const Header)).class() as *const skein_gc::Class as *const Type
}

/// A number in a register as a float, if it is a tagged float or an int that is exact as one.
#[inline(always)]
fn as_f64(bits: u64) -> Option<f64> {
    let v = Value(bits);
    if v.is_float() {
        Some(v.as_float_unchecked())
    } else if v.is_int() && v.as_int_unchecked().unsigned_abs() <= 1 << 53 {
        Some(v.as_int_unchecked() as f64)
    } else {
        None
    }
}

/// Runs the top frame, beginning with an exception if one is given.
///
/// # Errors
/// What the frame raises.
///
/// # Safety
/// The top frame is complete and of kind Entry or GenEntry.
pub unsafe fn run_exit(cx: &Context, pending: Option<Error>) -> Result<Exit> {
    let mut frame: *mut Frame = frame::top(cx);
    let mut regs = Regs((*frame).regs);
    let mut pc: *const AtomicU64 = (*frame).pc;
    let mut pending = pending;

    macro_rules! reload {
        () => {{
            frame = frame::top(cx);
            regs = Regs((*frame).regs);
            pc = (*frame).pc;
        }};
    }

    'outer: loop {
        let mut fresh = true;
        let error: Error = 'run: {
            if let Some(e) = pending.take() {
                break 'run e;
            }
            loop {
                // Relaxed: instruction words change only between equivalent forms.
                let ins = Instr((*pc).load(Ordering::Relaxed));
                pc = pc.add(1);

                macro_rules! tri {
                    ($e:expr) => {
                        match $e {
                            Ok(v) => v,
                            Err(e) => break 'run e,
                        }
                    };
                }
                macro_rules! save {
                    () => {
                        (*frame).pc = pc
                    };
                }
                // An operation that lives in `ops`.
                macro_rules! slow {
                    ($f:path $(, $arg:expr)*) => {{
                        save!();
                        tri!($f(cx, frame, regs, ins $(, $arg)*));
                    }};
                }
                macro_rules! set_bits {
                    ($i:expr, $bits:expr) => {
                        regs.set_bits($i, $bits)
                    };
                }
                macro_rules! set_float {
                    ($x:expr, $slow:expr) => {
                        match Value::float($x) {
                            Some(v) => set_bits!(ins.a(), v.0),
                            None => {
                                save!();
                                let r = tri!(number::float($x));
                                regs.set(ins.a(), r);
                            }
                        }
                    };
                }
                macro_rules! goto {
                    ($label:expr) => {
                        pc = (*(*frame).code).words.as_ptr().add($label as usize)
                    };
                }
                macro_rules! poll {
                    () => {
                        if skein_gc::poll_word() != 0 {
                            save!();
                            tri!((skein_object::context::hooks().poll)(cx));
                        }
                    };
                }
                // Arithmetic: tagged ints, then tagged floats (ints mixed in), then the slots.
                macro_rules! arith {
                    ($op:ident, $slow:path, |$x:ident, $y:ident| $int:expr, |$p:ident, $q:ident| $float:expr) => {{
                        let ($x, $y) = (regs.raw(ins.b()), regs.raw(ins.c()));
                        if $x & $y & 1 == 1
                            && let Some(r) = $int
                        {
                            set_bits!(ins.a(), r);
                        } else if let (Some($p), Some($q)) = (as_f64($x), as_f64($y))
                            && ($x & 3 == 2 || $y & 3 == 2)
                        {
                            set_float!($float, ());
                        } else {
                            slow!($slow, BinaryOp::$op);
                        }
                    }};
                }
                macro_rules! int_only {
                    ($op:ident, $slow:path, |$x:ident, $y:ident| $int:expr) => {{
                        let ($x, $y) = (regs.raw(ins.b()), regs.raw(ins.c()));
                        if $x & $y & 1 == 1
                            && let Some(r) = $int
                        {
                            set_bits!(ins.a(), r);
                        } else {
                            slow!($slow, BinaryOp::$op);
                        }
                    }};
                }
                macro_rules! imm {
                    ($op:ident, $slow:path, |$x:ident, $n:ident| $int:expr, |$p:ident| $float:expr) => {{
                        let $x = regs.raw(ins.b());
                        let $n = ins.imm_c();
                        if $x & 1 == 1
                            && let Some(r) = $int
                        {
                            set_bits!(ins.a(), r);
                        } else if $x & 3 == 2 {
                            let $p = Value($x).as_float_unchecked();
                            set_float!($float, ());
                        } else {
                            slow!($slow, BinaryOp::$op);
                        }
                    }};
                }
                macro_rules! imm_int {
                    ($op:ident, |$x:ident, $n:ident| $int:expr) => {{
                        let $x = regs.raw(ins.b());
                        let $n = ins.imm_c();
                        if $x & 1 == 1
                            && let Some(r) = $int
                        {
                            set_bits!(ins.a(), r);
                        } else {
                            slow!(ops::arith::immediate, BinaryOp::$op);
                        }
                    }};
                }
                macro_rules! compare {
                    ($op:ident, $rel:tt) => {{
                        let (x, y) = (regs.raw(ins.b()), regs.raw(ins.c()));
                        if x & y & 1 == 1 {
                            set_bits!(ins.a(), number::bool((x as i64) $rel (y as i64)).value().0);
                        } else if let (Some(p), Some(q)) = (as_f64(x), as_f64(y)) {
                            set_bits!(ins.a(), number::bool(p $rel q).value().0);
                        } else {
                            slow!(ops::compare::compare, CompareOp::$op);
                        }
                    }};
                }
                macro_rules! compare_jump {
                    ($op:ident, $rel:tt) => {{
                        let (x, y) = (regs.raw(ins.a()), regs.raw(ins.b()));
                        let label = (*pc).load(Ordering::Relaxed);
                        pc = pc.add(1);
                        let holds = if x & y & 1 == 1 {
                            (x as i64) $rel (y as i64)
                        } else if let (Some(p), Some(q)) = (as_f64(x), as_f64(y)) {
                            p $rel q
                        } else {
                            save!();
                            tri!(ops::compare::test(cx, regs, ins, CompareOp::$op))
                        };
                        if holds == (ins.c() != 0) {
                            goto!(label);
                        }
                    }};
                }
                macro_rules! compare_jump_imm {
                    ($op:ident, $rel:tt) => {{
                        let x = regs.raw(ins.a());
                        let label = (*pc).load(Ordering::Relaxed);
                        pc = pc.add(1);
                        let holds = if x & 1 == 1 {
                            Value(x).as_int_unchecked() $rel ins.imm_b()
                        } else if x & 3 == 2 {
                            Value(x).as_float_unchecked() $rel (ins.imm_b() as f64)
                        } else {
                            save!();
                            tri!(ops::compare::test_immediate(cx, regs, ins, CompareOp::$op))
                        };
                        if holds == (ins.c() != 0) {
                            goto!(label);
                        }
                    }};
                }
                // Truth of a register without Python code, where that is possible.
                macro_rules! truth {
                    ($i:expr) => {{
                        let v = regs.raw($i);
                        if v == s::true_().value().0 {
                            true
                        } else if v == s::false_().value().0 || v == s::none().value().0 {
                            false
                        } else if v & 1 == 1 {
                            v != 1
                        } else {
                            save!();
                            tri!(crate::call::truth(cx, regs.get($i)))
                        }
                    }};
                }
                // After `Called`: either a frame was pushed or the result is written.
                macro_rules! called {
                    ($e:expr) => {
                        match tri!($e) {
                            Called::Pushed => reload!(),
                            Called::Done => {}
                        }
                    };
                }
                // Calls with the callable in register `f` and `n` arguments from register `first` on.
                macro_rules! call {
                    ($f:expr, $first:expr, $n:expr) => {{
                        let (f, first, n) = ($f, $first, $n);
                        let callee = regs.raw(f);
                        save!();
                        if skein_gc::poll_word() != 0 {
                            tri!((skein_object::context::hooks().poll)(cx));
                        }
                        let mut quick = false;
                        if callee & 3 == 0 && std::ptr::eq(class_of(callee), &raw const s::FUNCTION) {
                            let fb: &FunctionBody = body_at(callee);
                            if let Some(code) = code_of(fb)
                                && code.simple
                                && code.args as usize == n
                            {
                                let new = tri!(frame::push(
                                    cx,
                                    callee,
                                    code,
                                    regs.0.add(first),
                                    n,
                                    Kind::Call
                                ));
                                *regs.0.add(f) = 0;
                                (*new).globals = fb.globals.value().0;
                                (*new).builtins = fb.builtins.value().0;
                                (*new).dst = regs.0.add(ins.a());
                                frame = new;
                                regs = Regs((*new).regs);
                                pc = (*new).pc;
                                quick = true;
                            }
                        }
                        if !quick {
                            called!(ops::call::call(
                                cx,
                                frame,
                                regs,
                                f,
                                first,
                                n,
                                ins.a(),
                                pc.sub(1)
                            ));
                        }
                    }};
                }

                // SAFETY of the transmute: the compiler emits opcodes of the table only.
                let op: Op = std::mem::transmute::<u8, Op>(ins.0 as u8);
                match op {
                    Op::Nop => {}
                    Op::Move => {
                        let v = regs.raw(ins.b());
                        if ins.flags() & skein_bytecode::instr::CONSUME_B != 0 {
                            *regs.0.add(ins.b()) = 0;
                            set_bits!(ins.a(), v);
                        } else {
                            set_bits!(ins.a(), retain(v));
                        }
                    }
                    Op::Copy => set_bits!(ins.a(), retain(regs.raw(ins.b()))),
                    Op::Kill => {
                        save!();
                        regs.kill(ins.a());
                    }
                    Op::KillRange => {
                        save!();
                        for i in 0..ins.b() {
                            regs.kill(ins.a() + i);
                        }
                    }
                    Op::LoadConst => {
                        let c = (*frame).code().consts.get_unchecked(ins.bx() as usize).value().0;
                        set_bits!(ins.a(), retain(c));
                    }
                    Op::LoadInt => set_bits!(ins.a(), Value::small(ins.bx() as i32).0),
                    Op::LoadNone => set_bits!(ins.a(), s::none().value().0),
                    Op::LoadTrue => set_bits!(ins.a(), s::true_().value().0),
                    Op::LoadFalse => set_bits!(ins.a(), s::false_().value().0),

                    Op::CheckBound => {
                        if regs.raw(ins.a()) == 0 {
                            save!();
                            break 'run ops::name::unbound(frame, ins.a());
                        }
                    }
                    Op::DelLocal => {
                        save!();
                        if regs.raw(ins.a()) == 0 {
                            break 'run ops::name::unbound(frame, ins.a());
                        }
                        regs.kill(ins.a());
                    }
                    Op::LoadGlobal => {
                        let word = cache::load(&*pc);
                        let site = pc;
                        pc = pc.add(1);
                        let mut hit = None;
                        if cache::kind(word) == cache::GLOBAL {
                            let d: &DictBody = body_at((*frame).globals);
                            hit = d.0.value_if((word >> 32) as u32, (word as u32) >> 4);
                        } else if cache::kind(word) == cache::RECORD {
                            let r = cache::record(word);
                            let g: &DictBody = body_at((*frame).globals);
                            if g.0.keys_version() == r.shape {
                                let b: &DictBody = body_at((*frame).builtins);
                                hit = b.0.value_if(r.version, r.offset);
                            }
                        }
                        match hit {
                            Some(v) => regs.set(ins.a(), v),
                            None => slow!(ops::name::load_global, &*site),
                        }
                    }
                    Op::StoreGlobal => {
                        pc = pc.add(1);
                        slow!(ops::name::store_global);
                    }
                    Op::DelGlobal => slow!(ops::name::del_global),
                    Op::LoadName => {
                        let word = cache::load(&*pc);
                        let site = pc;
                        pc = pc.add(1);
                        let mut hit = None;
                        if cache::kind(word) == cache::GLOBAL
                            && ((*frame).locals == 0 || (*frame).locals == (*frame).globals)
                        {
                            let d: &DictBody = body_at((*frame).globals);
                            hit = d.0.value_if((word >> 32) as u32, (word as u32) >> 4);
                        }
                        match hit {
                            Some(v) => regs.set(ins.a(), v),
                            None => slow!(ops::name::load_name, &*site),
                        }
                    }
                    Op::StoreName => {
                        pc = pc.add(1);
                        slow!(ops::name::store_name);
                    }
                    Op::DelName => slow!(ops::name::del_name),
                    Op::MakeCell => slow!(ops::name::make_cell),
                    Op::CopyFree => slow!(ops::name::copy_free),
                    Op::LoadDeref => {
                        let cell: &skein_object::CellBody = body_at(regs.raw(ins.b()));
                        match cell.0.get() {
                            Some(v) => regs.set(ins.a(), v),
                            None => {
                                save!();
                                break 'run ops::name::unbound(frame, ins.b());
                            }
                        }
                    }
                    Op::StoreDeref => slow!(ops::name::store_deref),
                    Op::DelDeref => slow!(ops::name::del_deref),
                    Op::LoadClassDeref => slow!(ops::name::load_class_deref),
                    Op::LoadDictOrGlobal => slow!(ops::name::load_dict_or_global),
                    Op::LoadLocals => slow!(ops::name::load_locals),
                    Op::LoadBuildClass => slow!(ops::name::load_build_class),
                    Op::LoadAssertionError => {
                        set_bits!(ins.a(), s::ASSERTION_ERROR.object().into_value().0)
                    }

                    Op::LoadAttr => {
                        let v = regs.raw(ins.b());
                        let word = cache::load(&*pc);
                        let site = pc;
                        pc = pc.add(1);
                        let mut found = 0;
                        if v & 3 == 0 && cache::kind(word) == cache::SLOT {
                            found = ops::attr::slot_hit(v, word);
                        }
                        if found != 0 {
                            let found = retain(found);
                            if ins.flags() & skein_bytecode::instr::CONSUME_B != 0 {
                                save!();
                                regs.kill(ins.b());
                            }
                            set_bits!(ins.a(), found);
                        } else {
                            save!();
                            called!(ops::attr::load(cx, frame, regs, ins, &*site));
                        }
                    }
                    Op::StoreAttr => {
                        let v = regs.raw(ins.a());
                        let word = cache::load(&*pc);
                        let site = pc;
                        pc = pc.add(1);
                        save!();
                        if v & 3 == 0 && ops::attr::store_hit(v, word, regs, ins) {
                            if ins.flags() & skein_bytecode::instr::CONSUME_A != 0 {
                                regs.kill(ins.a());
                            }
                        } else {
                            tri!(ops::attr::store(cx, regs, ins, frame, &*site));
                        }
                    }
                    Op::DelAttr => slow!(ops::attr::delete),
                    Op::LoadMethod => {
                        let v = regs.raw(ins.b());
                        let word = cache::load(&*pc);
                        let site = pc;
                        pc = pc.add(1);
                        let mut hit = false;
                        if v & 3 == 0 && cache::kind(word) == cache::RECORD {
                            let r = cache::record(word);
                            let h = &*((v & !15) as *const Header);
                            if cache::same_version(type_of_header(h), r.version)
                                && r.found == cache::Found::Method
                                && ops::attr::shape_of(h) == r.shape
                            {
                                hit = true;
                                let receiver = if ins.flags() & skein_bytecode::instr::CONSUME_B != 0 {
                                    *regs.0.add(ins.b()) = 0;
                                    v
                                } else {
                                    retain(v)
                                };
                                set_bits!(ins.a() + 1, receiver);
                                set_bits!(ins.a(), retain(r.value.0));
                            }
                        }
                        if !hit {
                            slow!(ops::attr::load_method, &*site);
                        }
                    }
                    Op::LoadSuperAttr => {
                        pc = pc.add(1);
                        slow!(ops::attr::load_super_attr);
                    }
                    Op::LoadSuperMethod => {
                        let site = pc;
                        pc = pc.add(1);
                        slow!(ops::attr::load_super_method, &*site);
                    }
                    Op::LoadSpecial => slow!(ops::attr::load_special),

                    Op::LoadSubscr => {
                        pc = pc.add(1);
                        let (v, i) = (regs.raw(ins.b()), regs.raw(ins.c()));
                        let mut done = false;
                        if v & 3 == 0 && i & 1 == 1 {
                            let found = ops::item::index_fast(v, Value(i).as_int_unchecked());
                            if let Some(x) = found {
                                done = true;
                                if ins.flags() & skein_bytecode::instr::CONSUME_B != 0 {
                                    save!();
                                    regs.kill(ins.b());
                                }
                                regs.set(ins.a(), x);
                            }
                        }
                        if !done {
                            save!();
                            called!(ops::item::load(cx, frame, regs, ins));
                        }
                    }
                    Op::LoadSubscrI => {
                        let v = regs.raw(ins.b());
                        let found = if v & 3 == 0 {
                            ops::item::index_fast(v, ins.imm_c())
                        } else {
                            None
                        };
                        match found {
                            Some(x) => {
                                if ins.flags() & skein_bytecode::instr::CONSUME_B != 0 {
                                    save!();
                                    regs.kill(ins.b());
                                }
                                regs.set(ins.a(), x);
                            }
                            None => slow!(ops::item::load_immediate),
                        }
                    }
                    Op::StoreSubscr => {
                        pc = pc.add(1);
                        save!();
                        let (v, i) = (regs.raw(ins.a()), regs.raw(ins.b()));
                        if !(v & 3 == 0
                            && i & 1 == 1
                            && ops::item::store_fast(v, Value(i).as_int_unchecked(), regs, ins))
                        {
                            tri!(ops::item::store(cx, frame, regs, ins));
                        }
                    }
                    Op::DelSubscr => slow!(ops::item::delete),
                    Op::BuildSlice => slow!(ops::item::build_slice),
                    Op::LoadSlice => slow!(ops::item::load_slice),
                    Op::StoreSlice => slow!(ops::item::store_slice),

                    Op::Add => arith!(
                        Add,
                        ops::arith::binary,
                        |x, y| (x as i64 - 1).checked_add(y as i64).map(|r| r as u64),
                        |p, q| p + q
                    ),
                    Op::IAdd => arith!(
                        Add,
                        ops::arith::inplace,
                        |x, y| (x as i64 - 1).checked_add(y as i64).map(|r| r as u64),
                        |p, q| p + q
                    ),
                    Op::Sub => arith!(
                        Sub,
                        ops::arith::binary,
                        |x, y| (x as i64).checked_sub(y as i64).map(|r| r as u64 | 1),
                        |p, q| p - q
                    ),
                    Op::ISub => arith!(
                        Sub,
                        ops::arith::inplace,
                        |x, y| (x as i64).checked_sub(y as i64).map(|r| r as u64 | 1),
                        |p, q| p - q
                    ),
                    Op::Mul => arith!(
                        Mul,
                        ops::arith::binary,
                        |x, y| (x as i64 >> 1).checked_mul(y as i64 - 1).map(|r| r as u64 | 1),
                        |p, q| p * q
                    ),
                    Op::IMul => arith!(
                        Mul,
                        ops::arith::inplace,
                        |x, y| (x as i64 >> 1).checked_mul(y as i64 - 1).map(|r| r as u64 | 1),
                        |p, q| p * q
                    ),
                    Op::TrueDiv | Op::ITrueDiv => {
                        let (x, y) = (regs.raw(ins.b()), regs.raw(ins.c()));
                        match (as_f64(x), as_f64(y)) {
                            (Some(p), Some(q)) if q != 0.0 => set_float!(p / q, ()),
                            _ if op == Op::TrueDiv => slow!(ops::arith::binary, BinaryOp::TrueDiv),
                            _ => slow!(ops::arith::inplace, BinaryOp::TrueDiv),
                        }
                    }
                    Op::FloorDiv => {
                        int_only!(FloorDiv, ops::arith::binary, |x, y| ops::arith::floor_div(x, y))
                    }
                    Op::IFloorDiv => {
                        int_only!(FloorDiv, ops::arith::inplace, |x, y| ops::arith::floor_div(x, y))
                    }
                    Op::Mod => int_only!(Mod, ops::arith::binary, |x, y| ops::arith::modulo(x, y)),
                    Op::IMod => {
                        int_only!(Mod, ops::arith::inplace, |x, y| ops::arith::modulo(x, y))
                    }
                    Op::Pow => slow!(ops::arith::binary, BinaryOp::Pow),
                    Op::IPow => slow!(ops::arith::inplace, BinaryOp::Pow),
                    Op::LShift => {
                        int_only!(LShift, ops::arith::binary, |x, y| ops::arith::shift_left(
                            x,
                            Value(y).as_int_unchecked()
                        ))
                    }
                    Op::ILShift => {
                        int_only!(LShift, ops::arith::inplace, |x, y| ops::arith::shift_left(
                            x,
                            Value(y).as_int_unchecked()
                        ))
                    }
                    Op::RShift => {
                        int_only!(RShift, ops::arith::binary, |x, y| ops::arith::shift_right(
                            x,
                            Value(y).as_int_unchecked()
                        ))
                    }
                    Op::IRShift => {
                        int_only!(RShift, ops::arith::inplace, |x, y| ops::arith::shift_right(
                            x,
                            Value(y).as_int_unchecked()
                        ))
                    }
                    Op::And => int_only!(And, ops::arith::binary, |x, y| Some(x & y)),
                    Op::IAnd => int_only!(And, ops::arith::inplace, |x, y| Some(x & y)),
                    Op::Or => int_only!(Or, ops::arith::binary, |x, y| Some(x | y)),
                    Op::IOr => int_only!(Or, ops::arith::inplace, |x, y| Some(x | y)),
                    Op::Xor => int_only!(Xor, ops::arith::binary, |x, y| Some((x ^ y) | 1)),
                    Op::IXor => int_only!(Xor, ops::arith::inplace, |x, y| Some((x ^ y) | 1)),
                    Op::MatMul => slow!(ops::arith::binary, BinaryOp::MatMul),
                    Op::IMatMul => slow!(ops::arith::inplace, BinaryOp::MatMul),
                    Op::AddI => imm!(
                        Add,
                        ops::arith::immediate,
                        |x, n| (x as i64).checked_add(n << 1).map(|r| r as u64),
                        |p| p + ins.imm_c() as f64
                    ),
                    Op::SubI => imm!(
                        Sub,
                        ops::arith::immediate,
                        |x, n| (x as i64).checked_sub(n << 1).map(|r| r as u64),
                        |p| p - ins.imm_c() as f64
                    ),
                    Op::IAddI => imm!(
                        Add,
                        ops::arith::inplace_immediate,
                        |x, n| (x as i64).checked_add(n << 1).map(|r| r as u64),
                        |p| p + ins.imm_c() as f64
                    ),
                    Op::ISubI => imm!(
                        Sub,
                        ops::arith::inplace_immediate,
                        |x, n| (x as i64).checked_sub(n << 1).map(|r| r as u64),
                        |p| p - ins.imm_c() as f64
                    ),
                    Op::MulI => imm!(
                        Mul,
                        ops::arith::immediate,
                        |x, n| (x as i64 - 1).checked_mul(n).map(|r| r as u64 | 1),
                        |p| p * ins.imm_c() as f64
                    ),
                    Op::FloorDivI => imm_int!(FloorDiv, |x, n| ops::arith::floor_div(x, Value::small(n as i32).0)),
                    Op::ModI => {
                        imm_int!(Mod, |x, n| ops::arith::modulo(x, Value::small(n as i32).0))
                    }
                    Op::AndI => imm_int!(And, |x, n| Some(x & Value::small(n as i32).0)),
                    Op::LShiftI => imm_int!(LShift, |x, n| ops::arith::shift_left(x, n)),
                    Op::RShiftI => imm_int!(RShift, |x, n| ops::arith::shift_right(x, n)),
                    Op::Neg => {
                        let x = regs.raw(ins.b());
                        if x & 1 == 1
                            && let Some(v) = Value::int(-Value(x).as_int_unchecked())
                        {
                            set_bits!(ins.a(), v.0);
                        } else if x & 3 == 2 {
                            set_float!(-Value(x).as_float_unchecked(), ());
                        } else {
                            slow!(ops::arith::neg);
                        }
                    }
                    Op::Pos => slow!(ops::arith::pos),
                    Op::Invert => {
                        let x = regs.raw(ins.b());
                        if x & 1 == 1 {
                            set_bits!(ins.a(), !x | 1);
                        } else {
                            slow!(ops::arith::invert);
                        }
                    }
                    Op::Not => {
                        let t = truth!(ins.b());
                        save!();
                        regs.consume(ins);
                        set_bits!(ins.a(), number::bool(!t).value().0);
                    }
                    Op::ToBool => {
                        let t = truth!(ins.b());
                        save!();
                        regs.consume(ins);
                        set_bits!(ins.a(), number::bool(t).value().0);
                    }

                    Op::Lt => compare!(Lt, <),
                    Op::Le => compare!(Le, <=),
                    Op::Eq => compare!(Eq, ==),
                    Op::Ne => compare!(Ne, !=),
                    Op::Gt => compare!(Gt, >),
                    Op::Ge => compare!(Ge, >=),
                    Op::Is | Op::IsNot => {
                        let same = regs.raw(ins.b()) == regs.raw(ins.c());
                        save!();
                        regs.consume(ins);
                        set_bits!(ins.a(), number::bool(same == (op == Op::Is)).value().0);
                    }
                    Op::In => slow!(ops::compare::contains, true),
                    Op::NotIn => slow!(ops::compare::contains, false),

                    Op::Jump => goto!(ins.bx()),
                    Op::JumpBack => {
                        goto!(ins.bx());
                        poll!();
                    }
                    Op::JumpIf => {
                        let t = truth!(ins.a());
                        if ins.flags() != 0 {
                            save!();
                            regs.kill(ins.a());
                        }
                        if t {
                            goto!(ins.bx());
                        }
                    }
                    Op::JumpIfNot => {
                        let t = truth!(ins.a());
                        if ins.flags() != 0 {
                            save!();
                            regs.kill(ins.a());
                        }
                        if !t {
                            goto!(ins.bx());
                        }
                    }
                    Op::JumpIfNone | Op::JumpIfNotNone => {
                        let t = regs.raw(ins.a()) == s::none().value().0;
                        if ins.flags() != 0 {
                            save!();
                            regs.kill(ins.a());
                        }
                        if t == (op == Op::JumpIfNone) {
                            goto!(ins.bx());
                        }
                    }
                    Op::JumpIfTrueOrPop => {
                        if truth!(ins.a()) {
                            goto!(ins.bx());
                        } else {
                            save!();
                            regs.kill(ins.a());
                        }
                    }
                    Op::JumpIfFalseOrPop => {
                        if !truth!(ins.a()) {
                            goto!(ins.bx());
                        } else {
                            save!();
                            regs.kill(ins.a());
                        }
                    }
                    Op::JLt => compare_jump!(Lt, <),
                    Op::JLe => compare_jump!(Le, <=),
                    Op::JEq => compare_jump!(Eq, ==),
                    Op::JNe => compare_jump!(Ne, !=),
                    Op::JGt => compare_jump!(Gt, >),
                    Op::JGe => compare_jump!(Ge, >=),
                    Op::JLtI => compare_jump_imm!(Lt, <),
                    Op::JLeI => compare_jump_imm!(Le, <=),
                    Op::JEqI => compare_jump_imm!(Eq, ==),
                    Op::JNeI => compare_jump_imm!(Ne, !=),
                    Op::JGtI => compare_jump_imm!(Gt, >),
                    Op::JGeI => compare_jump_imm!(Ge, >=),
                    Op::JIs => {
                        let same = regs.raw(ins.a()) == regs.raw(ins.b());
                        let label = (*pc).load(Ordering::Relaxed);
                        pc = pc.add(1);
                        save!();
                        regs.consume(ins);
                        if same == (ins.c() != 0) {
                            goto!(label);
                        }
                    }
                    Op::JIn => {
                        let label = (*pc).load(Ordering::Relaxed);
                        pc = pc.add(1);
                        save!();
                        if tri!(ops::compare::test_contains(cx, regs, ins)) == (ins.c() != 0) {
                            goto!(label);
                        }
                    }

                    Op::GetIter => slow!(ops::iter::get_iter),
                    Op::ForIter => {
                        let label = (*pc).load(Ordering::Relaxed);
                        pc = pc.add(1);
                        if let Some(item) = ops::iter::for_iter_fast(regs.raw(ins.b())) {
                            set_bits!(ins.a(), item);
                            continue;
                        }
                        save!();
                        match tri!(ops::iter::for_iter(cx, regs, ins)) {
                            ops::iter::Step::Item => {}
                            ops::iter::Step::End => goto!(label),
                            ops::iter::Step::Pushed => reload!(),
                        }
                    }
                    Op::UnpackSeq => slow!(ops::iter::unpack_sequence),
                    Op::UnpackEx => {
                        let counts = (*pc).load(Ordering::Relaxed);
                        pc = pc.add(1);
                        slow!(ops::iter::unpack_ex, counts);
                    }

                    Op::BuildTuple => slow!(ops::build::tuple),
                    Op::BuildList => slow!(ops::build::list),
                    Op::BuildSet => slow!(ops::build::set),
                    Op::BuildMap => slow!(ops::build::map),
                    Op::BuildString => slow!(ops::build::string),
                    Op::ListAppend => slow!(ops::build::list_append),
                    Op::ListExtend => slow!(ops::build::list_extend),
                    Op::ListToTuple => slow!(ops::build::list_to_tuple),
                    Op::SetAdd => slow!(ops::build::set_add),
                    Op::SetUpdate => slow!(ops::build::set_update),
                    Op::MapAdd => slow!(ops::build::map_add),
                    Op::DictUpdate => slow!(ops::build::dict_update),
                    Op::DictMerge => slow!(ops::build::dict_merge),
                    Op::FormatSimple => slow!(ops::build::format_simple),
                    Op::FormatSpec => slow!(ops::build::format_spec),
                    Op::ConvertValue => slow!(ops::build::convert_value),
                    Op::BuildInterpolation => slow!(ops::build::interpolation),
                    Op::BuildTemplate => slow!(ops::build::template),

                    Op::Call => {
                        pc = pc.add(1);
                        call!(ins.b(), ins.b() + 1, ins.c());
                    }
                    Op::CallMethod => {
                        pc = pc.add(1);
                        if regs.raw(ins.b() + 1) != 0 {
                            call!(ins.b(), ins.b() + 1, ins.c() + 1);
                        } else {
                            call!(ins.b(), ins.b() + 2, ins.c());
                        }
                    }
                    Op::CallKw => {
                        let names = (*pc).load(Ordering::Relaxed) as u32 as usize;
                        pc = pc.add(1);
                        save!();
                        called!(ops::call::call_kw(
                            cx,
                            frame,
                            regs,
                            ins.b(),
                            ins.b() + 1,
                            ins.c(),
                            ins.a(),
                            names
                        ));
                    }
                    Op::CallMethodKw => {
                        let names = (*pc).load(Ordering::Relaxed) as u32 as usize;
                        pc = pc.add(1);
                        save!();
                        let receiver = (regs.raw(ins.b() + 1) != 0) as usize;
                        let first = ins.b() + 2 - receiver;
                        called!(ops::call::call_kw(
                            cx,
                            frame,
                            regs,
                            ins.b(),
                            first,
                            ins.c() + receiver,
                            ins.a(),
                            names
                        ));
                    }
                    Op::CallEx => {
                        save!();
                        called!(ops::call::call_ex(cx, frame, regs, ins));
                    }
                    Op::Intrinsic1 => slow!(ops::intrinsic::one),
                    Op::Intrinsic2 => slow!(ops::intrinsic::two),

                    Op::Return | Op::ReturnNone => {
                        let value = if op == Op::ReturnNone {
                            s::none()
                        } else {
                            regs.read(ins.a(), ins.flags() & skein_bytecode::instr::CONSUME_A != 0)
                        };
                        save!();
                        match (*frame).kind {
                            Kind::Call => {
                                let dst = (*frame).dst;
                                frame::pop(cx, frame);
                                frame = frame.sub(1);
                                regs = Regs((*frame).regs);
                                pc = (*frame).pc;
                                let old = *dst;
                                *dst = value.into_value().0;
                                release(old);
                            }
                            Kind::Entry => {
                                frame::pop(cx, frame);
                                return Ok(Exit::Return(value));
                            }
                            kind => match tri!(unwind::returned(cx, frame, value, kind)) {
                                Some(exit) => return Ok(exit),
                                None => reload!(),
                            },
                        }
                    }

                    Op::MakeFunction => slow!(ops::function::make_function),
                    Op::SetFuncAttr => slow!(ops::function::set_attribute),
                    Op::ReturnGenerator => {
                        save!();
                        let g = tri!(generator::create(cx, frame, pc));
                        let kind = (*frame).kind;
                        if kind == Kind::Call {
                            let dst = (*frame).dst;
                            frame::pop(cx, frame);
                            reload!();
                            let old = *dst;
                            *dst = g.into_value().0;
                            release(old);
                        } else {
                            frame::pop(cx, frame);
                            return Ok(Exit::Return(g));
                        }
                    }
                    Op::Yield | Op::YieldFrom => {
                        let mut delegate = None;
                        if op == Op::YieldFrom {
                            let label = (*pc).load(Ordering::Relaxed) as u32;
                            pc = pc.add(1);
                            delegate = Some((ins.c() as u32, ins.b() as u32, label));
                        }
                        let value = regs.read(ins.b(), ins.flags() & skein_bytecode::instr::CONSUME_B != 0);
                        save!();
                        let (kind, dst) = ((*frame).kind, (*frame).dst);
                        generator::suspend(cx, frame, pc, ins.a(), delegate);
                        if kind == Kind::GenEntry {
                            return Ok(Exit::Yield(value));
                        }
                        reload!();
                        let old = *dst;
                        *dst = value.into_value().0;
                        release(old);
                    }
                    Op::GetYieldFromIter => slow!(ops::iter::yield_from_iter),
                    Op::GetAwaitable => slow!(ops::iter::awaitable),
                    Op::GetAIter => slow!(ops::iter::async_iter),
                    Op::GetANext => slow!(ops::iter::async_next),
                    Op::Send => {
                        let label = (*pc).load(Ordering::Relaxed);
                        pc = pc.add(1);
                        save!();
                        match tri!(ops::iter::send(cx, regs, ins)) {
                            ops::iter::Step::Item => {}
                            ops::iter::Step::End => goto!(label),
                            ops::iter::Step::Pushed => reload!(),
                        }
                    }
                    Op::EndAsyncFor => {
                        save!();
                        let e = regs.take(ins.a());
                        if skein_object::object::type_of(&e).is_subtype(&s::STOP_ASYNC_ITERATION) {
                            regs.kill(ins.b());
                        } else {
                            fresh = false;
                            break 'run Error(e);
                        }
                    }

                    Op::Raise => {
                        save!();
                        // A bare raise goes on with the traceback as it is.
                        fresh = ins.a() != 0;
                        break 'run ops::exception::raise(cx, regs, ins);
                    }
                    Op::Reraise => {
                        save!();
                        let e = regs.read(ins.a(), ins.flags() & skein_bytecode::instr::CONSUME_A != 0);
                        fresh = false;
                        break 'run Error(e);
                    }
                    Op::PushExc => slow!(ops::exception::push),
                    Op::PopExc => slow!(ops::exception::pop),
                    Op::ExcMatch => slow!(ops::exception::matches),
                    Op::JNotExcMatch => {
                        let label = (*pc).load(Ordering::Relaxed);
                        pc = pc.add(1);
                        save!();
                        if !tri!(ops::exception::test(cx, regs, ins)) {
                            goto!(label);
                        }
                    }
                    Op::EgMatch => slow!(ops::exception::group_match),
                    Op::PrepReraiseStar => slow!(ops::exception::prepare_reraise_star),
                    Op::WithExcept => slow!(ops::exception::with_except, true),
                    Op::WithExceptAsync => slow!(ops::exception::with_except, false),

                    Op::ImportName => slow!(ops::import::name),
                    Op::ImportFrom => slow!(ops::import::from),
                    Op::ImportStar => slow!(ops::import::star),

                    Op::MatchSequence => slow!(ops::matching::sequence),
                    Op::MatchMapping => slow!(ops::matching::mapping),
                    Op::MatchKeys => slow!(ops::matching::keys),
                    Op::MatchClass => slow!(ops::matching::class),
                    Op::GetLen => slow!(ops::matching::len),
                    Op::SetupAnnotations => slow!(ops::name::setup_annotations),
                }
            }
        };
        (*frame).pc = pc;
        match unwind::unwind(cx, error, fresh) {
            Ok(()) => reload!(),
            Err(e) => return Err(e),
        }
        continue 'outer;
    }
}
