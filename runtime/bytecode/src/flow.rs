//! Conditional jumps, as `co_branches` and `sys.monitoring` show them.

use crate::table::Extra;
use crate::{Instr, Op};

/// A conditional jump: where its two ways lead. What goes on with a loop or falls through is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    pub left: usize,
    pub right: usize,
}

/// The branch at the instruction `at`, if it is one.
pub fn branch(words: &[u64], at: usize) -> Option<Branch> {
    let w = Instr(*words.get(at)?);
    let op = w.op()?;
    let label = match op {
        Op::JumpIf
        | Op::JumpIfNot
        | Op::JumpIfNone
        | Op::JumpIfNotNone
        | Op::JumpIfTrueOrPop
        | Op::JumpIfFalseOrPop => w.bx() as usize,
        Op::Send | Op::YieldFrom => return None,
        _ if op.info().extra == Extra::Label => *words.get(at + 1)? as usize,
        _ => return None,
    };
    let next = at + op.words();
    Some(if label <= at {
        Branch {
            left: label,
            right: next,
        }
    } else {
        Branch {
            left: next,
            right: label,
        }
    })
}
