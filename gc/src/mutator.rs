//! The current thread: its slot, its requests, attaching and detaching, and the poll.
//!
//! A thread that touches objects is registered ([`enter`] to [`leave`]) and **attached**. It polls often: wherever it
//! holds no unowned pointers but those in its registers. Around anything that blocks or takes long it is **detached**, which is
//! one long poll.
//!
//! | request bit | set by | answered by |
//! |---|---|---|
//! | `HANDSHAKE` | whoever waits for a grace period, and the reaper every millisecond while something is pending | looking through the registers, saying which epoch was seen, and taking care of this thread's own pending objects |
//! | `STOP` | `registry::stop_the_world` | detaching until the world goes on |
//! | `RECLAIM` | this thread, while it waits for a grace period in a hurry | as `HANDSHAKE` |
//! | `COLLECT` | this thread, when it has made many containers | a cycle collection |
//! | `TRIM` | the reaper, after others have freed much | giving up pages that others have emptied |
//! | `EXHAUSTED` | this thread, when Rust's collections have got memory from the reserve (`alloc/reserve.rs`) | the interpreter, by raising MemoryError |
//! | the rest of the upper half | the interpreter | the interpreter |

use crate::epoch::Quiet;
use crate::registry::{self, EPOCHS};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use std::time::Duration;

pub use crate::registry::TooManyThreads;

/// Per-thread state that other threads look at, through the registry.
pub struct Mutator {
    /// Requests to this thread: see the head.
    poll: AtomicU32,
    pub(crate) quiet: Quiet,
    /// Number that marks this thread's private objects. Written by the thread itself.
    pub(crate) slot: Cell<u16>,
    /// Where its registers are found; null: it has none. Written by the thread itself while it is attached.
    roots: AtomicPtr<()>,
    /// Its heap. Written by the thread itself before it is in the registry.
    heap: Cell<*const ()>,
    /// It runs no Python code, and makes no objects. Written by the thread itself before it is in the registry.
    pub(crate) helper: Cell<bool>,
    /// As many lists the reaper had been given when this thread last waited for it: see [`waiting`].
    waited_for: Cell<usize>,
    /// The last round of the reaper that it has seen the end of. Used under the lock of the registry.
    trimmed: Cell<u32>,
}

/// Pages that a thread looks at for `TRIM` at one poll.
const TRIMMED: usize = 512;
/// Pages that the reaper looks at while it holds a thread.
const TRIMMED_HELD: usize = 128;

/// Bits of the poll word. The collector owns the low half, the interpreter the high half.
pub mod request {
    /// Answer a handshake.
    pub const HANDSHAKE: u32 = 1;
    /// Stand still.
    pub const STOP: u32 = 2;
    /// Look after pending objects.
    pub const RECLAIM: u32 = 4;
    /// Look for garbage cycles.
    pub const COLLECT: u32 = 8;
    /// Give up pages that others have emptied.
    pub const TRIM: u32 = 16;
    /// First bit that the interpreter may use.
    pub const INTERPRETER: u32 = 1 << 16;
    /// Raise MemoryError. The last bit of those that the interpreter answers.
    pub const EXHAUSTED: u32 = 1 << 31;
}

const COLLECTORS: u32 = request::INTERPRETER - 1;

/// Slot of a thread that is not registered. No object that a registered thread makes has it as its owner.
pub const UNREGISTERED: u16 = u16::MAX;

thread_local! {
    static SLOT: Cell<u16> = const { Cell::new(UNREGISTERED) };
    static CURRENT: Mutator = const {
        Mutator {
            poll: AtomicU32::new(0),
            quiet: Quiet::new(),
            slot: Cell::new(UNREGISTERED),
            roots: AtomicPtr::new(std::ptr::null_mut()),
            heap: Cell::new(std::ptr::null()),
            helper: Cell::new(false),
            waited_for: Cell::new(0),
            trimmed: Cell::new(0),
        }
    };
    /// Unregisters a thread that ends without `leave`: the registry must not keep a pointer to its record.
    static AT_EXIT: AtExit = const { AtExit };
}

struct AtExit;

impl Drop for AtExit {
    fn drop(&mut self) {
        leave();
    }
}

/// Slot of the current thread; [`UNREGISTERED`] if it has none.
#[inline(always)]
pub fn current_slot() -> u16 {
    SLOT.with(Cell::get)
}

/// The current thread's requests: non-zero means that a poll has work.
#[inline(always)]
pub fn poll_word() -> u32 {
    // Relaxed: a request is a hint; the work itself synchronises.
    CURRENT.with(|m| m.poll.load(Ordering::Relaxed))
}

/// The current thread's record, for `request` from another thread by way of the registry.
pub(crate) fn with_current<R>(f: impl FnOnce(&Mutator) -> R) -> R {
    CURRENT.with(f)
}

impl Mutator {
    /// Asks the thread to do something at its next poll.
    pub fn request(&self, bits: u32) {
        // Release pairs with the acquire in `poll`: who answers sees what the request is about.
        self.poll.fetch_or(bits, Ordering::Release);
    }

    fn roots(&self) -> *const () {
        // Relaxed: written by the thread itself, which is this one or was detached (with release) since.
        self.roots.load(Ordering::Relaxed)
    }

    /// Says that the current thread, whose record this is, holds no unowned pointers but in registers.
    pub(crate) fn pass(&self) {
        // SAFETY: the registers of this thread, which passes a poll.
        self.quiet
            .poll(&EPOCHS, || unsafe { crate::uncounted::look(self.roots()) });
    }

    /// Whether the thread, not the current one, has passed a poll since `epoch` was given by `Epochs::advance`; if it is
    /// detached, its registers are looked through now.
    pub(crate) fn has_passed(&self, epoch: u64) -> bool {
        self.quiet
            // SAFETY: `has_seen` holds the thread meanwhile, and the record is in the registry.
            .has_seen(&EPOCHS, epoch, || unsafe { crate::uncounted::look(self.roots()) })
    }

    /// Gives up pages of the thread's heap that others have emptied: some here if it is detached, else it is asked to. Gives whether
    /// there is nothing left to do here. It is not the current thread, and the caller holds the lock of the registry.
    pub(crate) fn trim(&self, round: u32) -> bool {
        if self.trimmed.get() == round {
            return true;
        }
        let mut done = true;
        // SAFETY: `hold` holds the thread meanwhile, and it gives its heap up only while it is attached.
        let trim = || done = unsafe { crate::alloc::trim(self.heap.get(), TRIMMED_HELD) };
        if !self.quiet.hold(trim) {
            self.request(request::TRIM);
        }
        if done {
            self.trimmed.set(round);
        }
        done
    }

    /// Calls `f` with what the thread's registers and frames refer to.
    ///
    /// # Safety
    /// The thread is the current one, or cannot attach meanwhile.
    pub(crate) unsafe fn each_root(&self, f: &mut dyn FnMut(crate::Value)) {
        // SAFETY: by the caller's promise.
        unsafe { crate::uncounted::each_root(self.roots(), f) };
    }

    /// Visits the thread's registers.
    ///
    /// # Safety
    /// The thread is the current one, or cannot attach meanwhile.
    #[cfg(feature = "verify")]
    pub(crate) unsafe fn each_register(&self, f: &mut dyn FnMut(crate::Value)) {
        // SAFETY: by the caller's promise.
        unsafe { crate::uncounted::each_register(self.roots(), f) };
    }
}

/// Says where the current thread's registers are found, for the walk of `uncounted::set_walk`; null: it has none any more. The
/// thread is attached.
pub fn set_roots(roots: *const ()) {
    CURRENT.with(|m| {
        debug_assert!(m.quiet.is_attached());
        // Relaxed: see `Mutator::roots`.
        m.roots.store(roots.cast_mut(), Ordering::Relaxed);
    });
}

/// Asks the current thread to do something at its next poll.
pub fn request_self(bits: u32) {
    CURRENT.with(|m| m.request(bits));
}

/// Takes back the interpreter's own requests, which [`poll`] leaves set.
pub fn clear_requests(bits: u32) {
    // Acquire pairs with the release in `request`.
    CURRENT.with(|m| m.poll.fetch_and(!bits, Ordering::Acquire));
}

/// Registers the current thread under a slot of its own, and attaches it.
pub fn enter() -> Result<(), TooManyThreads> {
    if current_slot() != UNREGISTERED {
        return Ok(());
    }
    let slot = registry::new_slot()?;
    begin(slot);
    Ok(())
}

/// Registers the process's first thread.
pub fn register(slot: u16) {
    crate::alloc::begin();
    registry::reserve_slot(slot);
    if current_slot() == UNREGISTERED {
        begin(slot);
    }
}

fn begin(slot: u16) {
    CURRENT.with(|m| {
        set_slot(slot);
        m.heap.set(crate::alloc::this());
        m.helper.set(!crate::reclaim::runs_python());
        registry::add(m);
        attach();
        m.pass();
    });
    // Touches the guard, so that it runs at thread exit.
    AT_EXIT.with(|_| ());
}

pub(crate) fn set_slot(slot: u16) {
    SLOT.with(|s| s.set(slot));
    CURRENT.with(|m| m.slot.set(slot));
}

/// Unregisters the current thread. Its private objects that somebody still refers to count as shared from now on: their
/// owner is a slot that no thread has. What is pending goes to the other threads.
pub fn leave() {
    let slot = current_slot();
    if slot == UNREGISTERED {
        return;
    }
    CURRENT.with(|m| {
        // Whoever finds it detached may be at its pages.
        if !m.quiet.is_attached() {
            attach();
        }
        crate::alloc::abandon();
        detach();
        registry::remove(m);
    });
    set_slot(UNREGISTERED);
}

/// Answers the requests of the collector; gives back those of the interpreter, which stay set. To be called where the
/// thread holds no unowned pointer and no lock. May run finalisers and weakref callbacks, and so Python code.
#[cold]
pub fn poll() -> u32 {
    crate::lock::ranks::none_held();
    CURRENT.with(|m| {
        // Acquire pairs with the release in `request`.
        let bits = m.poll.fetch_and(!COLLECTORS, Ordering::Acquire);
        crate::credit::settle_all();
        m.pass();
        if bits & request::STOP != 0 {
            stand_still();
        }
        if bits & request::HANDSHAKE != 0 {
            crate::reclaim::ticked();
        }
        if bits & (request::HANDSHAKE | request::RECLAIM) != 0 {
            crate::reclaim::step();
        }
        if bits & request::COLLECT != 0 {
            crate::cycle::step();
        }
        if bits & request::TRIM != 0 {
            // SAFETY: this thread's heap.
            if !unsafe { crate::alloc::trim(m.heap.get(), TRIMMED) } {
                m.request(request::TRIM);
            }
            crate::alloc::tidy();
        }
        // Relaxed: a switch.
        if STRESS.load(Ordering::Relaxed) && !crate::cycle::is_busy() {
            crate::reclaim::step();
            crate::cycle::collect_young();
            m.request(request::COLLECT);
        }
        bits & !COLLECTORS
    })
}

/// Whether every poll collects (`GC_STRESS=1`).
static STRESS: AtomicBool = AtomicBool::new(false);

/// Makes every poll of every thread collect and reclaim, so that rare paths are taken often. The current thread begins at once,
/// others at their next request.
pub fn set_stress(on: bool) {
    STRESS.store(on, Ordering::Relaxed);
    request_self(request::COLLECT);
    registry::request_others(request::COLLECT);
}

/// What a collection of cycles does instead of a poll, which would run finalisers: answers handshakes, and stands still while the world
/// is stopped.
pub(crate) fn pass_quietly() {
    crate::credit::settle_all();
    CURRENT.with(|m| {
        m.pass();
        // Relaxed: a hint.
        if m.poll.load(Ordering::Relaxed) & request::STOP != 0 {
            // Acquire pairs with the release in `request`.
            m.poll.fetch_and(!request::STOP, Ordering::Acquire);
            stand_still();
        }
    });
}

fn stand_still() {
    detach();
    attach();
}

/// From now on the thread holds no unowned pointers but in registers, and touches no object, until [`attach`].
pub fn detach() {
    crate::lock::ranks::none_held();
    crate::credit::settle_all();
    crate::reclaim::hand_over();
    crate::alloc::tidy();
    CURRENT.with(|m| {
        m.quiet.detach();
        registry::one_less_attached();
    });
}

/// Ends what [`detach`] began. Waits while the world is stopped, and for ever if another thread ends the process.
pub fn attach() {
    CURRENT.with(|m| {
        loop {
            registry::one_more_attached();
            m.quiet.attach();
            let over = registry::is_over(m);
            if !over && !registry::is_stopping() {
                break;
            }
            m.quiet.detach();
            registry::one_less_attached();
            if over {
                loop {
                    std::thread::park();
                }
            }
            registry::wait_until_resumed();
        }
        if crate::reclaim::has_orphans() {
            m.request(request::RECLAIM);
        }
        if crate::cycle::has_funerals() {
            m.request(request::COLLECT);
        }
    });
}

/// Whether the current thread is attached, or is none that is registered.
#[cfg(any(debug_assertions, feature = "verify"))]
pub(crate) fn is_attached_or_unknown() -> bool {
    current_slot() == UNREGISTERED || CURRENT.try_with(|m| m.quiet.is_attached()).unwrap_or(true)
}

/// Runs something that blocks, without holding anybody up. It must not touch objects.
pub fn detached<R>(blocking: impl FnOnce() -> R) -> R {
    struct Attach;
    impl Drop for Attach {
        fn drop(&mut self) {
            attach();
        }
    }
    if !CURRENT.with(|m| m.quiet.is_attached()) {
        return blocking();
    }
    detach();
    let _attach = Attach;
    blocking()
}

/// As [`detached`], for what may take long. If all other threads wait too, what has been dropped by them and by this one is seen to first:
/// finalisers and callbacks would wait as long. What the reaper leaves is waited for, but not long: see [`patience`]. To be called where
/// [`poll`] may be.
pub fn waiting<R>(blocking: impl FnOnce() -> R) -> R {
    /// About a millisecond in all.
    const LOOKS: u32 = 10;
    const PAUSE: Duration = Duration::from_micros(50);
    if !CURRENT.with(|m| m.quiet.is_attached()) {
        return blocking();
    }
    detached(|| {
        // Once for what the reaper has got; else who reads and writes much would wait each time while it is at work.
        let lists = crate::reaper::given();
        let more = CURRENT.with(|m| m.waited_for.replace(lists)) != lists;
        for i in 0..LOOKS {
            if !crate::reclaim::is_left_to_us(more) {
                break;
            }
            if i > 0 {
                std::thread::sleep(PAUSE);
            }
            if crate::reclaim::has_orphans() {
                attach();
                crate::reclaim::step();
                detach();
            }
        }
        blocking()
    })
}

/// How long to wait at most before one looks again whether the reaper has left something that wants Python code; `None`: it has nothing to
/// do. For who can wait in pieces.
pub fn patience() -> Option<Duration> {
    const PIECE: Duration = Duration::from_millis(10);
    (crate::reaper::is_behind() || crate::reclaim::has_orphans()).then_some(PIECE)
}
