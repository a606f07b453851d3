//! Generators under the eyes of collectors on other threads, which visit what suspended frames hold.
//!
//! A shared generator that may begin to run gets LOOKED meanwhile, and a chain is not taken apart (`chain`). One that is DONE
//! may be giving up what it held: that is read and emptied word by word, atomically ([`word`], [`take`], `frame::drop_registers`).

use super::{CHAINED, CREATED, DONE, GeneratorBody, LOOKED, RUNNING, SUSPENDED, chain};
use skein_gc::lock::MutexGuard;
use skein_gc::{Ref, Value};
use skein_object::Object;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// A word that another thread may write.
///
/// # Safety
/// It can be read.
pub(super) unsafe fn word(at: *const u64) -> Value {
    // SAFETY: by the caller's promise. Relaxed: what it refers to is not looked at.
    Value(unsafe { AtomicU64::from_ptr(at.cast_mut()) }.load(Ordering::Relaxed))
}

/// Empties a word that a collector may read.
///
/// # Safety
/// This thread alone writes it.
#[inline(always)]
pub(super) unsafe fn take(at: *mut u64) -> u64 {
    // SAFETY: by the caller's promise. Relaxed: see `word`.
    unsafe {
        let bits = *at;
        AtomicU64::from_ptr(at).store(0, Ordering::Relaxed);
        bits
    }
}

/// While it lives a generator does not begin to run.
pub(super) struct Look<'a> {
    /// Has LOOKED.
    state: Option<&'a AtomicU8>,
    /// The generator is in a chain, which is not taken apart meanwhile.
    _chain: Option<MutexGuard<'static, ()>>,
}

impl<'a> Look<'a> {
    /// `None` if it runs, or another thread looks.
    pub fn at(g: &'a GeneratorBody) -> Option<Look<'a>> {
        if g.runs() {
            return None;
        }
        let mut look = Look {
            state: None,
            _chain: None,
        };
        if g.header().is_private() {
            return Some(look);
        }
        // Acquire pairs with the releases in `dissolve`: where there is no chain any more, what it has written is seen. Shared
        // generators form none.
        if g.state.load(Ordering::Acquire) == CHAINED || g.chained.load(Ordering::Acquire) != 0 {
            look._chain = Some(chain::hold());
        }
        // Acquire pairs with the release of who finished it.
        match g.state.load(Ordering::Acquire) {
            state @ (CREATED | SUSPENDED) => {
                // Acquire pairs with the release of the suspension.
                g.state
                    .compare_exchange(state, state | LOOKED, Ordering::Acquire, Ordering::Relaxed)
                    .ok()?;
                look.state = Some(&g.state);
                Some(look)
            }
            // Final; and members of a chain are not started one by one.
            DONE | CHAINED => Some(look),
            // Begun meanwhile, or LOOKED.
            _ => None,
        }
    }
}

impl Drop for Look<'_> {
    fn drop(&mut self) {
        if let Some(state) = self.state {
            // Release pairs with the acquire in `claim`.
            state.fetch_and(!LOOKED, Ordering::Release);
        }
    }
}

impl GeneratorBody {
    /// The exception that it handles.
    pub(super) fn handled_word(&self) -> Value {
        const { assert!(size_of::<Option<Ref>>() == 8) };
        // SAFETY: inside the body. An empty option is null.
        unsafe { word(self.handled.value.as_ptr().cast()) }
    }

    /// Whether the frame is on a thread's stack.
    fn runs(&self) -> bool {
        // Acquire pairs with the release of the suspension.
        match self.state.load(Ordering::Acquire) & !LOOKED {
            RUNNING => true,
            CHAINED => {
                let root = self.root.load(Ordering::Acquire).cast::<Object<GeneratorBody>>();
                // SAFETY: the root of a chained generator lives, since its chain holds it, or it runs.
                unsafe { (*root).body.chained.load(Ordering::Acquire) == 0 }
            }
            _ => false,
        }
    }
}
