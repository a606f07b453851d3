//! From no references to free memory.
//!
//! A **private** object is finalised where its last reference goes ([`finalize`]). A **shared** one becomes PENDING
//! (`count.rs`) and goes through these steps, on the thread that dropped the last reference:
//!
//! 1. [`zero_shared`] puts it on the thread's `fresh` list.
//! 2. At a poll, when no other list is `waiting`, the fresh list becomes the waiting one: it is extended by what only the
//!    objects in it refer to ([`extend`]), and a grace period starts.
//! 3. At a poll after the grace period each is claimed: DEAD ones are finalised and destroyed, the others leave the list
//!    or wait again.
//!
//! In a grace period every thread's registers are looked through (`uncounted.rs`). With no other thread attached it passes at
//! the poll that starts it. The **reaper** (`reaper.rs`), a thread of its own, asks all attached threads every millisecond for a
//! handshake while anything is pending; that is what makes steps 2 and 3 happen. A list that is **long** goes to the reaper, which does
//! steps 2 and 3 in small pieces, so that no thread of the program stands still for it. A thread **in a hurry** (an object with a finaliser or
//! with weak references, or 8 MiB of garbage; the first few objects after a tick, where no other thread is attached) asks at
//! once.
//!
//! Buffers that were replaced wait in the same lists. A thread that detaches or exits leaves its lists to the **orphans**,
//! which any thread takes care of at its polls, a piece at a time. The reaper and the collector of cycles have lists too, but run no
//! Python code: what has a finaliser that has not run, or weak references with callbacks, they leave to the orphans. When all threads wait,
//! the last one takes care of the orphans before it does ([`is_left_to_us`]), and the reaper of those that come later
//! and want no Python code ([`take_plain_orphans`]).
//!
//! # Extension
//!
//! Without it a linked list of n shared nodes would take n grace periods. A child whose count is one, and whose one
//! reference is in a PENDING parent, is made PENDING too, without having fallen to zero, before the grace period starts.
//! If the parent is dead at the end, nobody has touched it since, so the child's reference was in it all the time; no slot
//! elsewhere held the child when the grace period started, and each later count of it would have set DIRTY. Who has the parent in a
//! register still may take the child out, without counting it: it touches the parent before that, and once more after it, since the parent may
//! have become PENDING in between ([`Header::touch_again`]). So when the
//! parent's destruction brings it to zero and it is not DIRTY, it is dead as well. Parents with finalisers are not followed: what
//! runs there can do anything. If the parent is not dead the child needs a grace period of its own.

use crate::count::Claim;
use crate::header::{Header, flag};
use crate::lock::{Mutex, MutexGuard};
use crate::mutator::{request, request_self};
use crate::reaper::keep_ticking;
use crate::registry::{EPOCHS, all_have_seen, alone, request_others};
use crate::value::{Ref, Value};
use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Nesting of `destroy` calls at which objects are put off, so that long chains need no native stack.
const MAX_NESTING: u32 = 64;
/// Pending bytes at which a thread gets into a hurry.
const MANY_BYTES: usize = 8 << 20;
/// What an object is taken to weigh.
const OBJECT_BYTES: usize = 64;
/// Objects that one round of the reaper adds by extension.
const MOST_EXTENDED: usize = if cfg!(miri) { 8 } else { 50_000 };
/// Objects from which on a list is long.
const MANY: usize = if cfg!(miri) { 16 } else { 1 << 10 };
/// Objects from which on a list does not wait for its thread's next poll.
const VERY_MANY: usize = 1 << 15;
/// Bytes from which on a list is long.
const LONG_BYTES: usize = 1 << 20;
/// Objects between two looks at the time.
const STRIDE: usize = 32;
/// Rounds at one poll: what dies releases what it held, and so on.
const MOST_ROUNDS: usize = 32;
/// Objects for which a thread that is alone gets into a hurry, between two ticks: a look through registers takes its time.
const PROMPT: u32 = 8;
/// Objects that the orphans have in one piece.
const PIECE: usize = 1 << 10;
/// How long a thread takes care of orphans at one poll.
const PATIENCE: Duration = Duration::from_micros(200);
/// After that many polls in a hurry the reaper's ticks must do: some thread is slow.
const HURRIED_POLLS: u32 = 100;

thread_local! {
    static NESTING: Cell<u32> = const { Cell::new(0) };
    static PUT_OFF: RefCell<Vec<*mut Header>> = const { RefCell::new(Vec::new()) };
    /// `PUT_OFF` may hold something: a look that wants no borrow.
    static ANY_PUT_OFF: Cell<bool> = const { Cell::new(false) };
    /// This thread runs Python code.
    static PYTHON: Cell<bool> = const { Cell::new(true) };
    /// Not dropped, so that it is still there when a thread-local's destructor calls `leave`, which empties it.
    static LOCAL: ManuallyDrop<RefCell<Local>> = const { ManuallyDrop::new(RefCell::new(Local::new())) };
}

fn with_local<R>(f: impl FnOnce(&mut Local) -> R) -> R {
    LOCAL.with(|l| f(&mut l.borrow_mut()))
}

/// A shared object that may be dead.
struct Candidate {
    object: *mut Header,
    /// Place in the same batch of the object that refers to it; `ROOT` if it fell to zero by itself.
    parent: u32,
}

const ROOT: u32 = u32::MAX;
/// In a batch of which this one was part.
const ELSEWHERE: u32 = u32::MAX - 1;

/// What waits for a grace period without conditions.
enum Retired {
    Buffer(NonNull<u8>),
    /// An object that was shared and had weak references, which have been cleared.
    Object(*mut Header),
    Call(Box<dyn FnOnce() + Send>),
}

/// A list on its way through the steps; see the head.
#[derive(Default)]
pub(crate) struct Batch {
    /// Grace period that it waits for; 0: not yet extended.
    epoch: u64,
    /// Those that have died are null.
    objects: Vec<Candidate>,
    retired: Vec<Retired>,
    /// What all of it weighs, as far as that is known.
    bytes: usize,
    /// How many objects have been asked for others that only they refer to.
    extended: usize,
    /// How many objects there were before extension.
    own: usize,
    /// How many objects have been claimed.
    claimed: usize,
    /// All of it wants Python code: see the head.
    python: bool,
}

// SAFETY: the objects are shared, and belong to whoever has the batch.
unsafe impl Send for Batch {}

impl Batch {
    const fn new() -> Batch {
        Batch {
            epoch: 0,
            objects: Vec::new(),
            retired: Vec::new(),
            bytes: 0,
            extended: 0,
            own: 0,
            claimed: 0,
            python: false,
        }
    }

    fn of(objects: Vec<Candidate>) -> Batch {
        Batch {
            bytes: objects.len() * OBJECT_BYTES,
            objects,
            ..Batch::new()
        }
    }

    fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.retired.is_empty()
    }

    fn is_long(&self) -> bool {
        self.objects.len() > MANY || self.bytes > LONG_BYTES
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the objects are still to be extended.
    pub fn is_fresh(&self) -> bool {
        self.epoch == 0
    }

    /// Whether its grace period is over. At a poll.
    pub fn is_ripe(&self) -> bool {
        self.epoch != 0 && all_have_seen(self.epoch)
    }
}

/// The time at which to stop, looked at now and then.
struct Watch {
    until: Option<Instant>,
    steps: usize,
}

impl Watch {
    fn is_over(&mut self) -> bool {
        self.steps += 1;
        self.steps.is_multiple_of(STRIDE) && self.until.is_some_and(|t| Instant::now() >= t)
    }
}

/// This thread's lists.
struct Local {
    fresh: Batch,
    waiting: Batch,
    /// Bytes that were dropped at any time: see [`let_go`].
    let_go: usize,
    /// As many of them as there were when the thread last waited for the reaper.
    waited: usize,
    /// Polls for which the thread keeps asking for handshakes by itself.
    hurry: u32,
    /// For how many more objects a thread that is alone gets into a hurry.
    prompt: u32,
    /// A step is on; finalisers may poll.
    busy: bool,
}

impl Local {
    const fn new() -> Local {
        Local {
            fresh: Batch::new(),
            waiting: Batch::new(),
            let_go: 0,
            waited: 0,
            hurry: 0,
            prompt: PROMPT,
            busy: false,
        }
    }

    fn weigh(&mut self, bytes: usize, hurry: bool) {
        self.fresh.bytes += bytes;
        self.let_go += bytes;
        if (hurry || self.fresh.bytes > MANY_BYTES) && self.hurry == 0 {
            self.hurry = HURRIED_POLLS;
            request_self(request::RECLAIM);
        }
    }

    /// Whether the thread has dropped more than so many bytes since it last waited for the reaper; if so it does that now.
    fn is_to_wait(&mut self, most: usize) -> bool {
        let much = self.let_go - self.waited > most;
        if much {
            self.waited = self.let_go;
        }
        much
    }
}

static ORPHANS: Mutex<Vec<Batch>> = Mutex::new(Vec::new());
/// Length of `ORPHANS`, for a look without the lock.
static ORPHANED: AtomicUsize = AtomicUsize::new(0);

// ---- finalisation ------------------------------------------------------------------------------------------------

/// Finalises and destroys an object that nobody can reach any more.
///
/// # Safety
/// The count word is DEAD and this thread made it so.
pub(crate) unsafe fn finalize(object: *mut Header) {
    // SAFETY: not destroyed yet.
    let h = unsafe { &*object };
    if h.class().finalize.get().is_some() || h.has_flag(flag::WEAK) {
        // A function of its own, so that the usual way saves no registers.
        // SAFETY: by the caller's promise.
        unsafe { finalize_first(object) };
    } else {
        // SAFETY: unreachable, and there is nothing to finalise.
        unsafe { destroy(object) };
    }
}

/// [`finalize`] of an object that has a finaliser or weak references.
///
/// # Safety
/// As for `finalize`.
#[inline(never)]
unsafe fn finalize_first(object: *mut Header) {
    // SAFETY: not destroyed yet.
    let h = unsafe { &*object };
    if let Some(finalizer) = h.class().finalize.get()
        && h.set_flag(flag::FINALIZED)
    {
        h.count.revive(1);
        // SAFETY: the reference just counted. When it is dropped and the object was not resurrected, the decrement comes
        // back here with FINALIZED set.
        let r = unsafe { Ref::from_value(Value::of(h)) };
        finalizer(&r);
        return;
    }
    if h.has_flag(flag::WEAK) {
        crate::weak::clear(h);
        if !h.is_private() && !alone() {
            // A reader may have the address from a weak cell.
            retire_anything(Retired::Object(object), OBJECT_BYTES);
            return;
        }
    }
    // SAFETY: unreachable and finalised.
    unsafe { destroy(object) };
}

/// # Safety
/// Nobody can reach the object, and its finaliser and weak references have been seen to.
#[inline(always)]
unsafe fn destroy(object: *mut Header) {
    let depth = NESTING.get();
    if depth >= MAX_NESTING {
        return put_off(object);
    }
    NESTING.set(depth + 1);
    // SAFETY: unreachable, finalised; the class knows how to destroy it.
    unsafe { ((*object).class().destroy.get())(object) };
    NESTING.set(depth);
    if depth == 0 && ANY_PUT_OFF.get() {
        destroy_put_off();
    }
}

#[cold]
#[inline(never)]
fn put_off(object: *mut Header) {
    PUT_OFF.with_borrow_mut(|v| v.push(object));
    ANY_PUT_OFF.set(true);
}

#[cold]
#[inline(never)]
fn destroy_put_off() {
    while let Some(next) = PUT_OFF.with_borrow_mut(Vec::pop) {
        NESTING.set(1);
        // SAFETY: was put off in the state that `destroy` wants.
        unsafe { ((*next).class().destroy.get())(next) };
        NESTING.set(0);
    }
    ANY_PUT_OFF.set(false);
}

// ---- lists -------------------------------------------------------------------------------------------------------

/// A shared object has become PENDING.
///
/// # Safety
/// The caller's decrement gave `Left::Zero`.
pub(crate) unsafe fn zero_shared(object: *mut Header) {
    // SAFETY: PENDING objects are not freed but by us.
    let h = unsafe { &*object };
    let mut hurry = h.class().finalize.get().is_some() || h.has_flag(flag::WEAK);
    let candidate = Candidate { object, parent: ROOT };
    let full = with_local(|l| {
        if !hurry && l.prompt > 0 && alone() {
            l.prompt -= 1;
            hurry = true;
        }
        l.fresh.objects.push(candidate);
        // SAFETY: as above.
        l.weigh(unsafe { crate::alloc::object_bytes(object) }, hurry);
        l.fresh.objects.len() >= VERY_MANY
    });
    if full {
        give_fresh();
    }
    keep_ticking();
}

/// Gives the reaper what this thread has dropped since its last poll, where that is so much: it begins at once, and what the lists take
/// is no memory to speak of.
#[cold]
#[inline(never)]
fn give_fresh() {
    let batch = with_local(|l| std::mem::take(&mut l.fresh));
    crate::reaper::give(batch);
}

/// Frees something when every thread has passed a poll.
pub fn retire(free: Box<dyn FnOnce() + Send>) {
    if alone() {
        free();
    } else {
        retire_anything(Retired::Call(free), OBJECT_BYTES);
    }
}

/// Frees a buffer of `alloc::allocate_buffer` when every thread has passed a poll.
///
/// # Safety
/// Nobody can find the buffer any more, and those who have found it do not use it after their next poll. If no other
/// thread is attached it is freed at once, so the caller does not use it after this either.
pub unsafe fn retire_buffer(buffer: NonNull<u8>) {
    if alone() {
        if !PYTHON.get() {
            // SAFETY: not freed yet.
            let bytes = unsafe { crate::alloc::buffer_bytes(buffer) };
            with_local(|l| l.let_go += bytes);
        }
        // SAFETY: nobody else is between two polls, and the caller is done with it.
        unsafe { crate::alloc::free_buffer(buffer) };
    } else {
        // SAFETY: not freed yet.
        let bytes = unsafe { crate::alloc::buffer_bytes(buffer) };
        retire_anything(Retired::Buffer(buffer), bytes);
    }
}

/// Ends the watch over a shared object, which is PENDING then if nobody refers to it.
pub(crate) fn unwatch(h: &Header) {
    if h.count.unwatch() == Claim::Again {
        // SAFETY: PENDING, on no list, and so ours.
        unsafe { zero_shared((&raw const *h).cast_mut()) };
    }
}

/// Drops a reference to a shared object that no other thread can get at. If it is the last one no grace period is waited for.
pub(crate) fn drop_unreachable(r: Ref) {
    let v = r.into_value();
    // SAFETY: the reference that was just given up is still counted.
    let h = unsafe { &*v.pointer() };
    if v.is_counted() && !h.is_private() && h.count.claim_last() {
        // SAFETY: claimed just now; nobody has a pointer to it that could be used.
        unsafe { finalize(v.pointer()) };
    } else {
        // SAFETY: as it was.
        drop(unsafe { Ref::from_value(v) });
    }
}

fn retire_anything(what: Retired, bytes: usize) {
    with_local(|l| {
        l.fresh.retired.push(what);
        l.weigh(bytes, false);
    });
    keep_ticking();
}

/// Gives this thread's lists to the orphans.
pub(crate) fn hand_over() {
    with_local(|l| {
        for batch in [std::mem::take(&mut l.fresh), std::mem::take(&mut l.waiting)] {
            if batch.is_long() {
                crate::reaper::give(batch);
            } else if !batch.is_empty() {
                orphan(batch);
            }
        }
        l.hurry = 0;
    });
}

/// About how many bytes of shared memory this thread has dropped in all, those included, where it runs no Python code, that were freed at
/// once: they are free already, or will be when lists have been worked off, this thread's or the reaper's. What the reaper finds by
/// extension is missing.
pub(crate) fn let_go() -> usize {
    with_local(|l| l.let_go)
}

/// Takes the fresh list of this thread, which has no other one: for the reaper.
pub(crate) fn take_fresh() -> Option<Batch> {
    with_local(|l| (!l.fresh.is_empty()).then(|| std::mem::take(&mut l.fresh)))
}

pub(crate) fn orphan(mut batch: Batch) {
    batch.epoch = EPOCHS.advance();
    let mut orphans = ORPHANS.lock();
    // A child does not go with its parent if they are in different pieces; it waits for another grace period then.
    while batch.objects.len() > PIECE {
        let mut objects = batch.objects.split_off(batch.objects.len() - PIECE);
        let first = batch.objects.len() as u32;
        for c in objects.iter_mut().filter(|c| c.parent != ROOT) {
            c.parent = c.parent.checked_sub(first).unwrap_or(ELSEWHERE);
        }
        orphans.push(Batch {
            epoch: batch.epoch,
            python: batch.python,
            ..Batch::of(objects)
        });
    }
    orphans.push(batch);
    // Relaxed: a hint.
    ORPHANED.store(orphans.len(), Ordering::Relaxed);
    drop(orphans);
    keep_ticking();
}

pub(crate) fn has_orphans() -> bool {
    // Relaxed: a hint.
    ORPHANED.load(Ordering::Relaxed) != 0
}

/// Whether this thread, which has detached, is to take care of orphans, or (`reaper`) of what the reaper may leave, since nobody is attached who
/// would at a poll. Of threads that detach at the same time one sees that at least: the lock of the registry puts their looks in an order.
pub(crate) fn is_left_to_us(reaper: bool) -> bool {
    (has_orphans() || reaper && crate::reaper::is_behind())
        && PYTHON.get()
        && !with_local(|l| l.busy)
        && !crate::registry::python_is_attached()
}

/// Takes what is left and wants no Python code, unless there is somebody who takes care of it: for the reaper.
pub(crate) fn take_plain_orphans() -> Vec<Batch> {
    if !has_orphans() || crate::registry::python_is_attached() {
        return Vec::new();
    }
    let mut orphans = ORPHANS.lock();
    let (rest, plain) = std::mem::take(&mut *orphans).into_iter().partition(|b| b.python);
    *orphans = rest;
    // Relaxed: as above.
    ORPHANED.store(orphans.len(), Ordering::Relaxed);
    plain
}

// ---- rounds ------------------------------------------------------------------------------------------------------

/// A tick of the reaper has come.
pub(crate) fn ticked() {
    with_local(|l| l.prompt = PROMPT);
}

/// Looks after the lists, at a poll.
pub(crate) fn step() {
    if with_local(|l| std::mem::replace(&mut l.busy, true)) {
        return;
    }
    let patient = Instant::now() + PATIENCE;
    // More than once, because with no other thread attached a grace period passes at once: we stand at a poll.
    for _ in 0..MOST_ROUNDS {
        let mut idle = !has_orphans() || !PYTHON.get() || !adopt(patient);
        let ripe = with_local(|l| {
            (!l.waiting.is_empty() && all_have_seen(l.waiting.epoch)).then(|| std::mem::take(&mut l.waiting))
        });
        if let Some(mut batch) = ripe {
            batch.bury(None);
            idle = false;
        }
        let fresh = with_local(|l| (l.waiting.is_empty() && !l.fresh.is_empty()).then(|| std::mem::take(&mut l.fresh)));
        if let Some(mut batch) = fresh {
            idle = false;
            if !batch.is_long() && batch.extend(MANY, None) {
                batch.epoch = EPOCHS.advance();
            }
            if batch.is_long() || batch.is_fresh() {
                crate::reaper::give(batch);
            } else {
                with_local(|l| l.waiting = batch);
            }
        }
        if idle {
            break;
        }
    }
    let (pending, hurry) = with_local(|l| {
        l.busy = false;
        let pending = !l.waiting.is_empty() || !l.fresh.is_empty();
        l.hurry = if pending { l.hurry.saturating_sub(1) } else { 0 };
        (pending, l.hurry > 0)
    });
    if has_orphans() && Instant::now() >= patient {
        // Those that are left are not forgotten.
        request_self(request::RECLAIM);
    }
    if hurry {
        request_others(request::HANDSHAKE);
        request_self(request::RECLAIM);
    }
    if pending || has_orphans() {
        keep_ticking();
    }
    if PYTHON.get() {
        crate::reaper::wait_for_room(|most| with_local(|l| l.is_to_wait(most)));
    }
}

/// This thread, which is to be registered after that, runs no Python code: what wants that becomes an orphan.
pub(crate) fn run_no_python() {
    PYTHON.set(false);
}

pub(crate) fn runs_python() -> bool {
    PYTHON.get()
}

/// Waits until nothing is left on the lists of this thread, which runs no Python code, or it takes too long. `pass` passes a
/// safepoint.
pub(crate) fn finish_own(mut pass: impl FnMut()) {
    for _ in 0..1000 {
        step();
        if with_local(|l| l.fresh.is_empty() && l.waiting.is_empty()) {
            return;
        }
        request_others(request::HANDSHAKE);
        std::thread::sleep(Duration::from_micros(50));
        pass();
    }
}

/// Takes care of orphans whose grace period has passed, until a time; whether there were any.
fn adopt(until: Instant) -> bool {
    let mut some = false;
    loop {
        if some && Instant::now() >= until {
            return false;
        }
        let ripe = ORPHANS.try_lock().and_then(|mut orphans| {
            let i = orphans.iter().position(|b| all_have_seen(b.epoch))?;
            let batch = orphans.swap_remove(i);
            ORPHANED.store(orphans.len(), Ordering::Relaxed);
            Some(batch)
        });
        match ripe {
            Some(mut batch) => {
                some = true;
                batch.bury(None);
            }
            None => return some,
        }
    }
}

impl Batch {
    /// Adds what only its objects refer to; see the head. Stops at `until`, and when it has added `most`; false: there may be more to
    /// be added. Without `until`, which is on a thread of the program, it also stops at an object with a large buffer.
    fn extend(&mut self, most: usize, until: Option<Instant>) -> bool {
        if self.extended == 0 {
            self.own = self.objects.len();
        }
        let before = self.bytes;
        let all = self.extend_by(most, until);
        with_local(|l| l.let_go += self.bytes - before);
        all
    }

    fn extend_by(&mut self, most: usize, until: Option<Instant>) -> bool {
        let mut watch = Watch { until, steps: 0 };
        while self.extended < self.objects.len() {
            if self.objects.len() >= self.own + most || watch.is_over() {
                return false;
            }
            let parent = self.extended as u32;
            let object = self.objects[self.extended].object;
            self.extended += 1;
            // SAFETY: PENDING and on our list.
            let h = unsafe { &*object };
            if wants_finalizer(h) {
                continue;
            }
            let objects = &mut self.objects;
            let mut bytes = 0;
            let mut visit = |v: Value| {
                if !v.is_counted() {
                    return;
                }
                // SAFETY: loaded from a slot just now, and we do not poll.
                let child = unsafe { &*v.pointer() };
                if !child.is_private() && child.count.watch() {
                    // SAFETY: as above.
                    bytes += unsafe { crate::alloc::object_bytes(child) };
                    objects.push(Candidate {
                        object: v.pointer(),
                        parent,
                    });
                }
            };
            let passed_over = if until.is_none() { LONG_BYTES } else { usize::MAX };
            let mut visitor = crate::Visitor::new(&mut visit).passing_over(passed_over);
            // Pairs with the fence in `touch_again`; who has made it PENDING has done so by an exchange.
            crate::sync::fence_after_exchange();
            // SAFETY: alive and of this class; tracing a shared object is reading it.
            crate::cycle::reading(|| unsafe { (h.class().trace.get())(h, &mut visitor) });
            let storage = visitor.storage();
            if storage >= passed_over {
                // For the reaper. What has been visited is watched already, and is not added again.
                self.extended -= 1;
                self.bytes += LONG_BYTES + bytes;
                return false;
            }
            self.bytes += storage + bytes;
        }
        true
    }

    /// As `extend`, and starts the grace period when all is added that one round adds; whether it has been started.
    pub fn extend_some(&mut self, until: Instant) -> bool {
        let all = self.extend(MOST_EXTENDED, Some(until));
        if all || self.objects.len() >= self.own + MOST_EXTENDED {
            self.epoch = EPOCHS.advance();
        }
        self.epoch != 0
    }

    /// Frees what is dead, now that the grace period is over, until a time; whether nothing is left.
    pub fn bury(&mut self, until: Option<Instant>) -> bool {
        let mut watch = Watch { until, steps: 0 };
        while let Some(retired) = self.retired.pop() {
            match retired {
                // SAFETY: nobody can have it any more.
                Retired::Buffer(buffer) => unsafe { crate::alloc::free_buffer(buffer) },
                // SAFETY: nobody can have its address any more; finalised and cleared before it was retired.
                Retired::Object(object) => unsafe { destroy(object) },
                Retired::Call(free) => free(),
            }
            if watch.is_over() {
                return false;
            }
        }
        let mut for_others = Vec::new();
        while let Some(c) = self.objects.get(self.claimed) {
            let (object, parent) = (c.object, c.parent);
            // SAFETY: PENDING and on our list, so not freed by anybody else.
            let h = unsafe { &*object };
            if !PYTHON.get() && (wants_finalizer(h) || crate::weak::wants_call(h)) {
                // (Who makes a weakref with a callback now has counted the object before, and it does not die.)
                // Its words stay as they are: PENDING, or watched for a parent that is gone.
                for_others.push(Candidate {
                    object,
                    parent: if parent == ROOT { ROOT } else { ELSEWHERE },
                });
            } else {
                // The dead ones are null.
                let own = parent == ROOT || self.objects.get(parent as usize).is_some_and(|p| p.object.is_null());
                match if own { h.count.claim() } else { h.count.unwatch() } {
                    Claim::Dead => {
                        self.objects[self.claimed].object = std::ptr::null_mut();
                        // SAFETY: claimed just now.
                        unsafe { finalize(object) };
                    }
                    Claim::Again => with_local(|l| {
                        l.fresh.objects.push(Candidate { object, parent: ROOT });
                        l.fresh.bytes += OBJECT_BYTES;
                    }),
                    Claim::Alive => {}
                }
            }
            self.claimed += 1;
            if watch.is_over() {
                break;
            }
        }
        if !for_others.is_empty() {
            orphan(Batch {
                python: true,
                ..Batch::of(for_others)
            });
        }
        self.claimed >= self.objects.len()
    }
}

/// Whether Python code is to run before the object dies.
fn wants_finalizer(h: &Header) -> bool {
    h.class().finalize.get().is_some() && !h.has_flag(flag::FINALIZED)
}

/// All locks of this file, held across a fork.
pub(crate) fn lock_for_fork() -> MutexGuard<'static, Vec<Batch>> {
    ORPHANS.lock()
}
