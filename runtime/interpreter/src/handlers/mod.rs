//! A handler for each opcode, named after it. They hold what is fast; what is not is in `ops`.
//!
//! Rooms: `plain` (moves, constants, names), `arith`, `jump` (jumps and comparisons), `attr`, `item`, `iterate`, `call`,
//! `leave` (returns, yields, exceptions), `rest` (opcodes that only call their operation).
//!
//! A handler that may be slow has a twin, `slow_...`, which it jumps to with the state unchanged. See `run` for why.
//!
//! # Safety
//! All are unsafe to call: see the invariants in `run`.
#![allow(non_snake_case, unsafe_op_in_unsafe_fn, clippy::missing_safety_doc)]

use crate::frame::Frame;
use crate::regs::Regs;
use crate::run::{Handler, Leave, Machine};
use skein_bytecode::Op;
use skein_object::Context;
use std::sync::atomic::AtomicU64;

/// `handler!(Name |m| expression)`: the function with a machine in its arguments.
macro_rules! handler {
    ($(#[$attribute:meta])* $name:ident |$m:ident| $body:expr) => {
        $(#[$attribute])*
        #[allow(unused_mut)]
        pub(crate) unsafe fn $name(
            pc: *const std::sync::atomic::AtomicU64,
            regs: $crate::regs::Regs,
            frame: *mut $crate::frame::Frame,
            cx: &skein_object::Context,
        ) -> $crate::run::Leave {
            let mut $m = $crate::run::Machine::new(pc, 1, regs, frame, cx);
            $body
        }
    };
}

/// `twin!(Name |m| expression)`: the same for what goes on with an instruction of two words, which `pc` has passed.
macro_rules! twin {
    ($(#[$attribute:meta])* $name:ident |$m:ident| $body:expr) => {
        $(#[$attribute])*
        #[inline(never)]
        pub(crate) unsafe fn $name(
            pc: $crate::run::Past,
            regs: $crate::regs::Regs,
            frame: *mut $crate::frame::Frame,
            cx: &skein_object::Context,
        ) -> $crate::run::Leave {
            let $m = $crate::run::Machine::new(pc.pc(), 2, regs, frame, cx);
            $body
        }
    };
}

/// `finisher!(Name |m, value| expression)`: the same for what goes on with a value behind an instruction. The machine's
/// instruction is not to be looked at.
macro_rules! finisher {
    ($(#[$attribute:meta])* $name:ident |$m:ident, $value:ident| $body:expr) => {
        $(#[$attribute])*
        #[inline(never)]
        pub(crate) unsafe fn $name(
            pc: *const std::sync::atomic::AtomicU64,
            regs: $crate::regs::Regs,
            frame: *mut $crate::frame::Frame,
            cx: &skein_object::Context,
            $value: u64,
        ) -> $crate::run::Leave {
            let $m = $crate::run::Machine::new(pc, 0, regs, frame, cx);
            $body
        }
    };
}

pub(crate) use finisher;

/// `slow!(Name => operation(more, arguments))`: saves, calls an operation of `ops`, goes on. `slow!(Name cache => ...)`
/// passes over the instruction's second word first.
macro_rules! slow {
    ($(#[$attribute:meta])* $name:ident => $f:path $(, $arg:expr)*) => {
        handler!($(#[$attribute])* $name |m| {
            m.save();
            m.after($f(m.cx, m.frame, m.regs, m.ins $(, $arg)*))
        });
    };
    ($(#[$attribute:meta])* $name:ident cache => $f:path $(, $arg:expr)*) => {
        handler!($(#[$attribute])* $name |m| {
            m.pc = m.pc.add(1);
            m.save();
            m.after($f(m.cx, m.frame, m.regs, m.ins $(, $arg)*))
        });
    };
}

mod arith;
mod attr;
mod call;
mod item;
mod iterate;
mod jump;
mod leave;
mod plain;
mod rest;

use arith::*;
use attr::*;
use call::*;
use item::*;
use iterate::*;
use jump::*;
use leave::*;
pub use plain::body_at;
use plain::*;
use rest::*;

// Stands where there is no opcode. The compiler emits none of these and the verifier accepts none.
handler! {
    #[cold] no_opcode |m| {
        m.raise(skein_object::error::system_error("unknown opcode"))
    }
}

/// Stands in place of every opcode of code that is traced.
#[cold]
#[inline(never)]
unsafe fn traced(pc: *const AtomicU64, regs: Regs, frame: *mut Frame, cx: &Context) -> Leave {
    let m = Machine::new(pc, 1, regs, frame, cx);
    m.save();
    match crate::trace::before(cx, frame) {
        (Some(opcode), Ok(())) => TABLE[opcode as usize](pc, regs, frame, cx),
        (None, Ok(())) => {
            // The frame shows the first instruction as the one that runs.
            let target = (*frame).pc.sub(1);
            Machine { pc: target, ..m }.next()
        }
        (_, Err(e)) => m.raise(e),
    }
}

macro_rules! make_table {
    ($($name:ident($($operand:tt)*) $extra:ident $doc:literal;)*) => {
        /// The handlers by opcode.
        pub static TABLE: [Handler; 256] = {
            let mut table: [Handler; 256] = [no_opcode; 256];
            $(table[Op::$name as usize] = $name;)*
            table[crate::trace::TRACED as usize] = traced;
            table
        };
    };
}
skein_bytecode::for_each_op!(make_table);
