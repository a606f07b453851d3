//! The register bytecode: one table of opcodes, and everything that derives from it.
//!
//! What this crate is: the instruction set ([`table`]), the encoding of an instruction ([`instr`]), the plain-data
//! result of the compiler ([`code`]), its binary form ([`marshal`]) and the listing ([`disasm`]).
//! It knows neither the AST nor Python objects.
//!
//! # The machine
//!
//! A code unit runs in a window of `nregs` registers, each one 64-bit value:
//!
//! ```text
//! r0 ..          parameters, in the order of co_varnames: positional-only, positional-or-keyword, keyword-only,
//!                *args, **kwargs
//! ..             other locals; a captured local's register holds its cell; then one register for each free variable,
//!                holding its cell
//! r[nlocals] ..  temporaries, used like a stack: a temporary that is free holds no reference
//! ```
//!
//! * `Src` operands read a register. **A temporary is consumed by being read** (it holds no reference afterwards); a local
//!   is borrowed and keeps its value. The emitter sets the `CONSUME_*` flag of the operand, so handlers need not
//!   compare register numbers. A temporary that is both source and destination needs no flag: writing drops the old value.
//! * `Keep` operands read a register and never consume it.
//! * `Dst` writes; a previous reference in the register is dropped after the new value is stored.
//! * `Win` names the first of several consecutive temporaries, all consumed (or all written; the row says so).
//! * An unbound local is a null register. Every other operand must be bound: the compiler emits `CheckBound` where it
//!   cannot prove it.
//!
//! Exceptions: [`code::Handler`] rows cover half-open ranges of instruction words, innermost first. The unwinder drops
//! all temporaries at or above `exc_reg`, writes the exception into `exc_reg` and goes on at `target`.
#![forbid(unsafe_code)]
#![allow(clippy::collapsible_if)]

pub mod code;
pub mod disasm;
pub mod flow;
pub mod instr;
pub mod marshal;
pub mod stack;
pub mod table;
pub mod verify;

pub use code::{Code, Const, Handler, Position};
pub use disasm::disasm;
pub use instr::{Instr, Role};
pub use table::{Builtin, Op};
pub use verify::{VerifyError, verify};
