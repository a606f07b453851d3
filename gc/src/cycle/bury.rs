//! From garbage to free memory, in the order of PEP 442: weak references have been cleared; callbacks of weakrefs that are not
//! garbage run, then finalisers; what these have brought back to life is let go; the rest is emptied, which breaks
//! the cycles, and dropped.

use super::{Aborted, Safepoints, confirm, observe, trial};
use crate::class::Visitor;
use crate::header::{Header, flag};
use crate::value::Ref;

/// Objects emptied between two safepoints.
const STRIDE: usize = 256;
/// Finalisers and callbacks run at one poll.
const MOST_RUN: usize = 64;

/// Garbage on its way.
pub(super) struct Funeral {
    pub garbage: Vec<Ref>,
    due: Vec<Ref>,
    /// How many of `garbage` have been asked for their finalisers.
    asked: usize,
    /// Whether any Python code has run.
    ran: bool,
}

impl Funeral {
    pub fn of(garbage: Vec<Ref>, due: Vec<Ref>) -> Funeral {
        Funeral {
            garbage,
            due,
            asked: 0,
            ran: false,
        }
    }

    /// Whether there are callbacks or finalisers to run.
    pub fn wants_python(&self) -> bool {
        !self.due.is_empty()
            || observe::is_scrutinised() && !self.garbage.is_empty()
            || self.garbage[self.asked..]
                .iter()
                .filter_map(Ref::header)
                .any(|h| h.class().finalize.get().is_some() && !h.has_flag(flag::FINALIZED))
    }

    /// Runs some callbacks and finalisers; whether there are more.
    pub fn run_some(&mut self) -> bool {
        let mut rest = MOST_RUN;
        // Newest first, as they came.
        let n = self.due.len().min(rest);
        if n > 0 {
            self.ran = true;
            rest -= n;
            crate::weak::run_callbacks(self.due.drain(..n).collect());
        }
        while rest > 0 && self.asked < self.garbage.len() {
            let r = self.garbage[self.asked].clone();
            self.asked += 1;
            if let Some(h) = r.header()
                && let Some(finalizer) = h.class().finalize.get()
                && h.set_flag(flag::FINALIZED)
            {
                self.ran = true;
                rest -= 1;
                finalizer(&r);
            }
        }
        let more = !self.due.is_empty() || self.asked < self.garbage.len();
        if !more && observe::scrutinise(&self.garbage) {
            self.garbage.clear();
            self.asked = 0;
        }
        more
    }

    /// To be called when somebody else has found out what the finalisers have left as garbage.
    pub fn has_looked(&mut self) {
        self.ran = false;
    }

    /// Empties garbage whose callbacks and finalisers have run, and of which none is alive again.
    pub fn empty_all(self) {
        debug_assert!(!self.ran);
        for some in self.garbage.chunks(STRIDE) {
            some.iter().for_each(empty);
            crate::mutator::pass_quietly();
        }
        let mut garbage = self.garbage.into_iter();
        while garbage.len() > 0 {
            for r in garbage.by_ref().take(STRIDE) {
                crate::reclaim::drop_unreachable(r);
            }
            crate::mutator::pass_quietly();
        }
    }

    /// Empties private garbage; gives the number of objects.
    pub fn bury_private(mut self) -> usize {
        while self.run_some() {}
        if self.ran {
            let (dead, alive) = trial::split_resurrected(self.garbage);
            self.garbage = dead;
            drop(alive);
        }
        for r in &self.garbage {
            empty(r);
        }
        self.garbage.len()
    }

    /// What the objects weigh themselves, without what they refer to.
    pub fn bytes(&self) -> usize {
        let objects = self.garbage.iter().filter_map(Ref::header);
        // SAFETY: alive by the reference.
        objects.map(|h| unsafe { crate::alloc::object_bytes(h) }).sum()
    }

    /// Empties shared garbage, whose callbacks and finalisers have run.
    pub fn bury_shared(mut self, safepoints: &mut Safepoints) -> Result<(), Aborted> {
        if self.ran {
            // Weakrefs that finalisers have made of garbage are cleared without a call, as CPython does.
            self.garbage = confirm::held(&mut self.garbage, safepoints)?.garbage;
        }
        for some in self.garbage.chunks(STRIDE) {
            some.iter().for_each(empty);
            safepoints.pass_anyway();
        }
        let mut garbage = self.garbage.into_iter();
        while garbage.len() > 0 {
            for r in garbage.by_ref().take(STRIDE) {
                crate::reclaim::drop_unreachable(r);
            }
            safepoints.pass_anyway();
        }
        Ok(())
    }
}

/// Drops what an object refers to.
fn empty(r: &Ref) {
    let Some(h): Option<&Header> = r.header() else { return };
    let mut shed = Vec::new();
    match h.class().clear.get() {
        // SAFETY: alive and of this class; unreachable for everybody else.
        Some(clear) => unsafe { clear(h) },
        // SAFETY: as above.
        None => unsafe { (h.class().trace.get())(h, &mut Visitor::clearer(h, &mut shed)) },
    }
    drop(shed);
}
