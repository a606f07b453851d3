//! Memory of the interpreter: values, object headers, reference counts, locks, threads, reclamation.
//!
//! Knows nothing of Python: an object is a [`Header`] whose class has a [`Class`] prefix with hooks.
//!
//! # Ownership
//!
//! An object is **private** to the thread whose slot number is in its `owner` field, until that thread stores it where
//! another can find it; then it is **shared** (`owner` is 0, or the slot of a thread that has exited).
//!
//! * Private: counted, read and written by its owner alone, with plain loads and stores, no lock.
//! * Shared: counted with atomic read-modify-write by fields and native code, and not at all by registers; written under its
//!   lock or by an atomic swap, read without a lock.
//!
//! **Invariant P: everything reachable from a shared object is shared or immortal.** [`Slot::set`] is the one way to put a
//! reference into an existing object; it publishes the value first where the holder is shared.
//!
//! The brief's biased counts (a local and a shared count in one header, merged at zero) are here reduced to one word
//! whose regime changes when the object is published: the owner is the only one who counts a private object, and gives
//! up its bias by publishing. So no merge queue exists, the header holds an 8-byte class pointer, and the test that
//! selects the count's regime is the same that selects locking. What is lost is the cheap local count on
//! an object that was shared but is used by its owner alone; registers do not count shared objects at all (`uncounted`),
//! which leaves heap stores.
//!
//! # Map
//!
//! | concern | files |
//! |---|---|
//! | values, objects, fields | `value`, `many`, `header`, `class`, `slot`, `publish` |
//! | the count word; how shared objects die | `count`, `credit`, `uncounted`, `reclaim` |
//! | threads, polls, grace periods, stopping the world | `mutator`, `registry`, `epoch` |
//! | locks; copies without one | `bytelock`, `lock`, `lot`; `edits` |
//! | weak references | `weak` |
//! | memory; who gives it back to the system | `alloc`, `foreign`; `reaper` |
//! | garbage cycles | `cycle`, `rounds` |
//! | calls that save all registers | `preserve` |
//! | checking | `verify`, `tests/loom` |
//!
//! # What the interpreter owes
//!
//! * Every thread that touches objects calls [`mutator::enter`] first (the first one [`mutator::register`]) and
//!   [`mutator::leave`] last, when it holds no references any more.
//! * The main thread calls [`registry::make_everything_shared`] before the first thread start. Target and arguments of a
//!   thread are published before it starts; so is any reference that native code hands to another thread.
//! * [`poll_word`] is read on loop back-edges and calls; if it is not zero [`mutator::poll`] is called, where the thread
//!   holds no unowned [`Value`], no lock, and no object half made. It runs finalisers and weakref callbacks.
//! * Whatever blocks, locks of Python included, or computes for more than a millisecond without a poll, runs in
//!   [`mutator::detached`]: an attached thread that does not poll holds up all reclamation, and `stop_the_world` waits for it.
//! * An unowned value (from `Slot::load`) is counted, written into a register or forgotten before the next poll, detach, or
//!   call that may do either.
//! * Threads with registers name them (`mutator::set_roots`), and one walk finds them all (`uncounted::set_walk`).
//! * A type's `trace` visits every counted reference that its objects own, each uncounted one to a deferred object
//!   (`uncounted::edge`, by its word), no more, and bears zeroed fields and a concurrent
//!   writer; weakref objects call `Visitor::weak` in it and `WeakCell::forget` when they are destroyed.
//!
//! # Reclamation
//!
//! A reader of a shared slot loads the pointer and then counts it, or puts it into a register; between the two it does not
//! poll. A shared object whose count falls to zero is therefore freed only after every thread's registers have been looked
//! through ([`uncounted`]) at a poll of its own, or while it was detached ([`reclaim`]);
//! tables and buffers that were replaced are retired in the same way.

#[cfg(not(loom))]
pub mod alloc;
pub mod bytelock;
#[cfg(not(loom))]
pub mod class;
pub mod count;
#[cfg(not(loom))]
mod credit;
#[cfg(not(loom))]
pub mod cycle;
pub mod edits;
pub mod epoch;
pub mod foreign;
#[cfg(not(loom))]
pub mod header;
#[cfg(not(loom))]
pub mod lock;
#[cfg(not(loom))]
mod lot;
#[cfg(not(loom))]
pub mod many;
#[cfg(not(loom))]
pub mod mutator;
#[cfg(not(loom))]
mod pace;
mod preserve;
#[cfg(not(loom))]
pub mod publish;
#[cfg(not(loom))]
mod reaper;
#[cfg(not(loom))]
pub mod reclaim;
#[cfg(not(loom))]
pub mod registry;
pub mod rounds;
pub mod signal;
#[cfg(not(loom))]
pub mod slot;
mod sync;
#[cfg(not(loom))]
pub mod uncounted;
#[cfg(not(loom))]
pub mod value;
#[cfg(all(feature = "verify", not(loom)))]
pub mod verify;
#[cfg(not(loom))]
pub mod weak;

#[cfg(not(loom))]
pub use {
    class::{Class, Visitor},
    header::Header,
    mutator::{Mutator, current_slot, poll_word},
    slot::Slot,
    value::{Ref, Value},
};
