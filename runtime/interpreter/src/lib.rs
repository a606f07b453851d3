//! The interpreter: frames, dispatch, calls, unwinding, generators, specialisation.
//!
//! Knows no native modules and no behaviour of types: what an opcode does to an object goes through the object's slots.
//!
//! Rooms: `frame` (frames and the register stack), `run` (the machine), `handlers` (one for each opcode, with the
//! fast paths), `operands` (the instruction that runs), `ops` (everything else an opcode does), `cache` (inline caches), `call` (binding of arguments), `unwind` (handlers, tracebacks),
//! `generator`, `frame_object`, `trace` (`sys.settrace` and `sys.setprofile`), `monitor` (`sys.monitoring`),
//! `jump` (assignment to `f_lineno`).
// Frames and registers are raw memory; each block says why it is sound.
#![allow(unsafe_code)]

pub mod cache;
pub mod call;
pub mod frame;
pub mod frame_object;
pub mod generator;
pub mod handlers;
mod in_place;
pub mod jump;
pub mod monitor;
mod operands;
pub mod ops;
pub mod regs;
pub mod run;
pub mod trace;
pub mod unwind;

pub use call::{call_function, run_code};
