//! All threads: slots, grace periods, stopping the world, fork.
//!
//! # Slots
//!
//! An object whose `owner` is a slot that no thread has is shared. So a slot whose thread has exited must not be given to
//! another thread while objects carry it: the new thread would take them for its own. Nobody counts those objects.
//! Therefore slots are used once, in ascending order. When all are used up, the world is stopped, every object in the heap
//! whose owner has exited gets owner 0, and all slots of exited threads are free again: one pass over the heap for about
//! 65,000 exited threads. Threads that run no Python code make no objects, so their slots are free when they exit.
//!
//! The first thread start makes all that exists shared by the same rule: [`make_everything_shared`] moves the main thread
//! to a new slot, and its old slot is an exited thread's.
//!
//! # Stopping the world
//!
//! The stopper sets `STOPPING` and asks every attached thread to detach; a thread that would attach looks at `STOPPING`
//! after it has said that it is attached, and steps back. (Both sides have a sequentially consistent fence between the
//! write and the read, so one of them notices.)

use crate::epoch::Epochs;
use crate::header::Header;
use crate::lock::{Mutex, MutexGuard};
use crate::mutator::{Mutator, current_slot, request, set_slot, with_current};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence};
use std::time::Duration;

pub(crate) static EPOCHS: Epochs = Epochs::new();

/// No slot is left: too many threads at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyThreads;

struct Thread(*const Mutator);

// SAFETY: a record is in the list only while its thread lives (`leave`, at the latest when the thread exits), and what
// other threads use of it is atomic.
unsafe impl Send for Thread {}

struct Registry {
    threads: Vec<Thread>,
    /// First slot that was never used.
    next: u32,
    /// Slots that may be used again.
    free: Vec<u16>,
    /// Slots of exited threads, which objects may carry.
    exited: Vec<u16>,
}

static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    threads: Vec::new(),
    next: 1,
    free: Vec::new(),
    exited: Vec::new(),
});

/// Number of attached threads, on a cache line of its own: every count of a shared object looks at it.
static ATTACHED: Lonely<AtomicUsize> = Lonely(AtomicUsize::new(0));
static STOPPING: AtomicBool = AtomicBool::new(false);
/// Held by the thread that stops the world.
static STOPPER: Mutex<()> = Mutex::new(());
/// How long to sleep between two looks at a stopping world. Nobody parks: a parked thread would leave a trace of itself in
/// a forked child.
const LOOK: Duration = Duration::from_micros(50);

#[repr(align(64))]
struct Lonely<T>(T);

const LAST_SLOT: u32 = crate::mutator::UNREGISTERED as u32 - 1;

impl Registry {
    fn take_slot(&mut self) -> Option<u16> {
        if let Some(slot) = self.free.pop() {
            return Some(slot);
        }
        if self.next > LAST_SLOT {
            return None;
        }
        self.next += 1;
        Some((self.next - 1) as u16)
    }
}

/// Objects outside the heap that have an owner.
struct Statics(Vec<&'static Header>);

static STATICS: Mutex<Statics> = Mutex::new(Statics(Vec::new()));

/// Makes an object known that was made by `Header::new` and does not come from `alloc::allocate`, such as a leaked class:
/// it has an owner, whose slot is not to be given to another thread as long as the object carries it.
pub fn note_static(h: &'static Header) {
    STATICS.lock().0.push(h);
}

pub(crate) fn new_slot() -> Result<u16, TooManyThreads> {
    if let Some(slot) = REGISTRY.lock().take_slot() {
        return Ok(slot);
    }
    recycle_slots();
    REGISTRY.lock().take_slot().ok_or(TooManyThreads)
}

fn recycle_slots() {
    stop_the_world(|| {
        let mut registry = REGISTRY.lock();
        if !registry.free.is_empty() {
            // Another thread has done it while this one waited for its turn.
            return;
        }
        let exited = std::mem::take(&mut registry.exited);
        let set: HashSet<u16> = exited.iter().copied().collect();
        // Relaxed: every thread stands still.
        let forget = |h: &Header| {
            if set.contains(&h.owner.load(Ordering::Relaxed)) {
                h.owner.store(0, Ordering::Relaxed);
            }
        };
        crate::alloc::each_object(forget);
        STATICS.lock().0.iter().copied().for_each(forget);
        registry.free = exited;
        GENERATION.fetch_add(1, Ordering::Relaxed);
    });
}

pub(crate) fn reserve_slot(slot: u16) {
    let mut registry = REGISTRY.lock();
    registry.next = registry.next.max(slot as u32 + 1);
}

pub(crate) fn add(m: &Mutator) {
    let mut registry = REGISTRY.lock();
    registry.threads.push(Thread(m));
    if registry.threads.len() > 1 {
        crate::cycle::note_many_threads();
    }
}

/// Grows whenever slots of exited threads can be given to others.
static GENERATION: AtomicUsize = AtomicUsize::new(0);

/// See [`each_exited`].
pub(crate) fn generation() -> usize {
    // Relaxed: written while the world was stopped.
    GENERATION.load(Ordering::Relaxed)
}

/// Calls `f` with the slots of exited threads that objects may carry: until `generation`, which is given back, has grown.
pub(crate) fn each_exited(f: impl FnMut(u16)) -> usize {
    let registry = REGISTRY.lock();
    registry.exited.iter().copied().for_each(f);
    generation()
}

/// Slots of the other threads: what they own is neither shared nor ours. The world is stopped.
#[cfg(feature = "verify")]
pub(crate) fn slots_of_others() -> HashSet<u16> {
    let registry = REGISTRY.lock();
    others(&registry).map(|m| m.slot.get()).collect()
}

pub(crate) fn remove(m: &Mutator) {
    let mut registry = REGISTRY.lock();
    registry.threads.retain(|t| !std::ptr::eq(t.0, m));
    if m.helper.get() {
        // No object carries it.
        registry.free.push(m.slot.get());
    } else {
        registry.exited.push(m.slot.get());
    }
}

/// Number of attached threads, for what is good to know.
pub(crate) fn attached() -> usize {
    // Relaxed: a guess.
    ATTACHED.0.load(Ordering::Relaxed)
}

pub(crate) fn one_more_attached() {
    // SeqCst: with the fence in `Quiet::attach` and the one in `alone`, either `alone` sees us or we see what was unlinked.
    ATTACHED.0.fetch_add(1, Ordering::SeqCst);
}

pub(crate) fn one_less_attached() {
    // Release pairs with the acquire in `alone`.
    ATTACHED.0.fetch_sub(1, Ordering::Release);
}

/// Whether the current thread is the only one attached.
pub(crate) fn alone() -> bool {
    // Pairs with the fence in `Quiet::attach`.
    fence(Ordering::SeqCst);
    // Acquire pairs with the release in `one_less_attached`: we see the counts that others took before they detached.
    ATTACHED.0.load(Ordering::Acquire) <= 1
}

/// Whether the current thread is perhaps the only one attached: for what is only worth while with others.
#[inline(always)]
pub(crate) fn seems_alone() -> bool {
    // Relaxed: a guess.
    ATTACHED.0.load(Ordering::Relaxed) <= 1
}

fn others<'a>(registry: &'a MutexGuard<'_, Registry>) -> impl Iterator<Item = &'a Mutator> {
    let me = with_current(std::ptr::from_ref);
    registry
        .threads
        .iter()
        .filter(move |t| !std::ptr::eq(t.0, me))
        // SAFETY: records in the list are alive while we hold the registry's lock.
        .map(|t| unsafe { &*t.0 })
}

/// Whether all threads have passed a poll since `epoch` was given by `Epochs::advance`. This one does now: it is to be called
/// at a poll.
pub(crate) fn all_have_seen(epoch: u64) -> bool {
    with_current(crate::mutator::Mutator::pass);
    let registry = REGISTRY.lock();
    others(&registry).all(|m| m.has_passed(epoch))
}

/// Makes some of the other threads give up pages that others have emptied; whether all have in this `round`, or are going to.
pub(crate) fn trim_some(round: u32) -> bool {
    // A few pages of one thread at a time: others wait for the lock.
    let registry = REGISTRY.lock();
    others(&registry).all(|m| m.trim(round))
}

/// Calls `f` with what the registers and frames of all threads refer to. The world is stopped.
pub(crate) fn each_root(f: &mut dyn FnMut(crate::Value)) {
    let registry = REGISTRY.lock();
    for t in &registry.threads {
        // SAFETY: records in the list are alive while we hold the registry's lock; the threads stand still.
        unsafe { (*t.0).each_root(f) };
    }
}

/// Visits the registers of all threads. The world is stopped.
#[cfg(feature = "verify")]
pub(crate) fn each_register(f: &mut dyn FnMut(crate::Value)) {
    let registry = REGISTRY.lock();
    for t in &registry.threads {
        // SAFETY: as above.
        unsafe { (*t.0).each_register(f) };
    }
}

/// Asks all other attached threads for something.
pub fn request_others(bits: u32) {
    let registry = REGISTRY.lock();
    for m in others(&registry) {
        if m.quiet.is_attached() {
            m.request(bits);
        }
    }
}

/// Asks all other threads for something, attached or not.
pub fn request_everywhere(bits: u32) {
    let registry = REGISTRY.lock();
    for m in others(&registry) {
        m.request(bits);
    }
}

/// Asks the thread that has `slot` for something, attached or not; false if there is none.
pub fn request_slot(slot: u16, bits: u32) -> bool {
    let registry = REGISTRY.lock();
    let found = registry.threads.iter().find(|t| {
        // SAFETY: records in the list are alive while we hold the registry's lock.
        // The slot is written by its thread before it is added, and by `make_everything_shared`, with the lock held.
        unsafe { (*t.0).slot.get() == slot }
    });
    if let Some(t) = found {
        // SAFETY: as above.
        unsafe { (*t.0).request(bits) };
    }
    found.is_some()
}

/// Number of registered threads that run Python code.
pub fn python_threads() -> usize {
    let registry = REGISTRY.lock();
    // SAFETY: records in the list are alive while we hold the registry's lock; the field was written before they came there.
    let helps = |t: &Thread| unsafe { (*t.0).helper.get() };
    registry.threads.iter().filter(|t| !helps(t)).count()
}

/// Whether another thread that runs Python code is attached.
pub(crate) fn python_is_attached() -> bool {
    let registry = REGISTRY.lock();
    others(&registry).any(|m| !m.helper.get() && m.quiet.is_attached())
}

/// Number of registered threads.
pub fn threads() -> usize {
    REGISTRY.lock().threads.len()
}

/// Makes all objects of the current thread shared, at the cost of nothing: it takes a new slot. To be called by the main
/// thread before it starts the first other one, at a place where it holds no lock and no knowledge that an object is private.
pub fn make_everything_shared() -> Result<(), TooManyThreads> {
    let slot = new_slot()?;
    crate::publish::set_alone(false);
    let mut registry = REGISTRY.lock();
    registry.exited.push(current_slot());
    set_slot(slot);
    crate::cycle::note_many_threads();
    crate::alloc::has_started();
    Ok(())
}

/// The thread that goes on while the process ends; null: it does not end.
static ENDER: AtomicPtr<Mutator> = AtomicPtr::new(std::ptr::null_mut());

/// Whether the thread is not to run any more, since another one ends the process.
pub(crate) fn is_over(m: &Mutator) -> bool {
    // SeqCst: as in `is_stopping`; pairs with the store in `end_others`.
    let ender = ENDER.load(Ordering::SeqCst);
    !ender.is_null() && !std::ptr::eq(ender, m)
}

/// Stops all other threads for good, each at its next poll or when it attaches; waits for those that are attached, but not
/// longer than `patience`. The caller is attached, holds no lock, and has no unowned pointers.
pub fn end_others(patience: Duration) {
    crate::cycle::end();
    ENDER.store(with_current(std::ptr::from_ref).cast_mut(), Ordering::SeqCst);
    // Pairs with the fence in `Quiet::attach`.
    fence(Ordering::SeqCst);
    let end = std::time::Instant::now() + patience;
    loop {
        let running = {
            let registry = REGISTRY.lock();
            others(&registry)
                .filter(|m| m.quiet.is_attached())
                .map(|m| m.request(request::STOP))
                .count()
        };
        if running == 0 || std::time::Instant::now() >= end {
            return;
        }
        // Detached: one of them may be waiting for us to stand still.
        crate::mutator::detached(|| std::thread::sleep(LOOK));
    }
}

pub(crate) fn is_stopping() -> bool {
    // SeqCst: after the fence in `Quiet::attach`; pairs with the store in `stop_the_world`.
    STOPPING.load(Ordering::SeqCst)
}

pub(crate) fn wait_until_resumed() {
    while is_stopping() {
        std::thread::sleep(LOOK);
    }
}

/// Runs `f` while no other thread is attached. The caller is attached, holds no lock, and has no unowned pointers.
pub fn stop_the_world<R>(f: impl FnOnce() -> R) -> R {
    let stopper = loop {
        if let Some(guard) = STOPPER.try_lock() {
            break guard;
        }
        crate::mutator::detached(|| std::thread::sleep(LOOK));
    };
    STOPPING.store(true, Ordering::SeqCst);
    // Pairs with the fence in `Quiet::attach`.
    fence(Ordering::SeqCst);
    let mut tries = 0;
    loop {
        {
            let registry = REGISTRY.lock();
            let mut running = 0;
            for m in others(&registry).filter(|m| m.quiet.is_attached()) {
                m.request(request::STOP);
                running += 1;
            }
            if running == 0 {
                break;
            }
        }
        tries += 1;
        if tries < 20 {
            std::thread::yield_now();
        } else {
            std::thread::sleep(LOOK);
        }
    }
    struct Resume;
    impl Drop for Resume {
        fn drop(&mut self) {
            STOPPING.store(false, Ordering::SeqCst);
        }
    }
    let resume = Resume;
    let out = f();
    drop(resume);
    drop(stopper);
    out
}

/// Calls `fork` while no other thread runs, so that no lock of this crate is held by a thread that the child lacks. In
/// the child, where `fork` gives 0, only the current thread is registered; the others count as exited.
pub fn fork(fork: impl FnOnce() -> i32) -> i32 {
    let turn = crate::cycle::Turn::take(true);
    stop_the_world(move || {
        let mut cycles = crate::cycle::lock_for_fork(turn);
        let mut reaper = crate::reaper::lock_for_fork();
        let mut registry = REGISTRY.lock();
        let _orphans = crate::reclaim::lock_for_fork();
        // Before `lot`, by which its holder may have to wake others.
        let _blocks = crate::alloc::lock_for_fork();
        let mut waiting = crate::lot::hold();
        let pid = fork();
        if pid == 0 {
            let me = with_current(std::ptr::from_ref);
            let registry = &mut *registry;
            for t in registry.threads.iter().filter(|t| !std::ptr::eq(t.0, me)) {
                // SAFETY: the thread's memory is still mapped in the child, though the thread is gone.
                registry.exited.push(unsafe { (*t.0).slot.get() });
            }
            registry.threads.retain(|t| std::ptr::eq(t.0, me));
            // Relaxed: only one thread exists.
            ATTACHED.0.store(1, Ordering::Relaxed);
            reaper.reset_in_child();
            cycles.reset_in_child();
            waiting.reset_in_child();
        }
        pid
    })
}
