//! What opcodes do beyond the fast paths in `run`.
//!
//! Every function here takes the running frame's registers and the instruction. On success it has written the
//! destination and cleared consumed temporaries; on an error the unwinder clears them.
//!
//! # Safety
//! All are unsafe to call: the instruction's operands lie in the window, and `Src`/`Keep` registers are bound (see `run`).
#![allow(unsafe_op_in_unsafe_fn, clippy::missing_safety_doc)]

pub mod arith;
pub mod attr;
pub mod build;
pub mod call;
pub mod compare;
pub mod exception;
pub mod function;
pub mod import;
pub mod intrinsic;
pub mod item;
pub mod iter;
pub mod matching;
pub mod name;
pub mod operator;
pub mod seen;
pub mod super_;

/// How an operation that may call Python code ended.
pub enum Called {
    /// A frame was pushed; its return writes the destination.
    Pushed,
    /// The destination is written.
    Done,
}

use crate::frame::Frame;
use skein_gc::Ref;
use skein_object::CodeBody;

/// A name constant of the frame's code.
#[inline(always)]
pub unsafe fn name_at<'a>(frame: *mut Frame, i: usize) -> &'a Ref {
    let code: &CodeBody = (*frame).code();
    &code.names[i]
}

/// A borrowed word of the frame as a reference.
#[inline(always)]
pub unsafe fn word_ref(bits: &u64) -> &Ref {
    &*(bits as *const u64 as *const Ref)
}
