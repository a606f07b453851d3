//! Which of some shared objects are garbage for certain, while other threads go on.
//!
//! 1. All are **watched**: made PENDING with the references that they have (`count.rs`). From now on whoever counts one, or is about
//!    to change what it refers to, sets DIRTY; and it is not freed by anybody else. A **handshake**: every thread passes a poll, so
//!    changes that began without seeing PENDING are over.
//! 2. Their counts are read, then what they refer to; each edge between two of them is subtracted. What has references left, or is
//!    DIRTY, **leaves**, with all that it reaches by these edges.
//! 3. Another handshake: every thread looks through its registers, and counts what it finds PENDING, which sets DIRTY.
//! 4. Under the gate, which weak references take before they count a watched object: what is DIRTY now or has another count
//!    leaves, with all that it reaches. The rest is made DEAD, so that weak references fail from now on.
//!
//! # Why that is enough
//!
//! Let S be what is left. None of it was touched since step 1, so its edges are what they were in step 2, and all references to
//! members of S are in members of S: no field, no owned reference of native code or registers, refers to one from outside.
//! A register that held one without counting it in step 3 would have made it DIRTY. A thread that got one later has read
//! it from a field of another member, which it must have had before; or followed a weak reference, which counts. So nobody has any.
//!
//! That changes set DIRTY is what makes it hold for references that are moved: `y = x.pop(); del x` counts nothing, but touches `x`. As
//! a second safeguard the edges are read again after step 3 and must be the same.
//!
//! Members get their counts back at the end ([`Count::revive`](crate::count::Count::revive)), and one more for the caller.

use super::{Aborted, Safepoints, trace};
use crate::header::{Header, flag};
use crate::lock::{Mutex, MutexGuard};
use crate::mutator::request;
use crate::registry::{self, EPOCHS};
use crate::value::{Ref, Value};
use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::time::{Duration, Instant};

/// Objects looked at between two safepoints.
const STRIDE: usize = 256;

static GATE: Mutex<()> = Mutex::new(());

/// Taken before a weak reference counts a watched object.
pub(crate) fn gate() -> MutexGuard<'static, ()> {
    GATE.lock()
}

thread_local! {
    /// This thread reads edges: that it locks an object for it is no change.
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// A shared object that is watched or PENDING is about to be changed.
#[cold]
pub(crate) fn touched(h: &Header) {
    if !READING.get() {
        h.count.touch();
    }
}

/// Hashes addresses.
#[derive(Default)]
struct Address(u64);

impl Hasher for Address {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("addresses are words");
    }

    fn write_usize(&mut self, n: usize) {
        self.0 = (n as u64 >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26);
    }
}

type Numbers = HashMap<usize, u32, BuildHasherDefault<Address>>;

/// What a confirmation has found.
#[derive(Default)]
pub(super) struct Confirmed {
    /// Garbage, with a reference to each. Weak references to it are cleared.
    pub garbage: Vec<Ref>,
    /// Weakrefs that are not garbage, with their callbacks due.
    pub due: Vec<Ref>,
}

/// Objects being watched, null if they have left. Those that are left when it is dropped are watched no more.
struct Watched(Vec<*const Header>);

impl Watched {
    fn leave(object: *const Header) {
        // SAFETY: watched by us, so not freed.
        let h = unsafe { &*object };
        crate::reclaim::unwatch(h);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        for &object in self.0.iter().filter(|h| !h.is_null()) {
            Self::leave(object);
        }
    }
}

/// Edges between members, in the order in which they were found.
struct Graph {
    /// Of each member, where its edges begin.
    first: Vec<usize>,
    to: Vec<u32>,
}

impl Graph {
    fn of(&self, i: usize) -> &[u32] {
        &self.to[self.first[i]..self.first[i + 1]]
    }
}

/// Runs `f`, which locks objects only to read them.
pub(crate) fn reading<R>(f: impl FnOnce() -> R) -> R {
    READING.set(true);
    let out = f();
    READING.set(false);
    out
}

/// Calls `f` with what an object refers to, by address.
fn read(h: &Header, f: &mut dyn FnMut(usize)) {
    reading(|| {
        trace(h, &mut |v: Value| {
            if v.is_counted() {
                f(v.pointer().addr());
            }
        });
    });
}

/// Waits until every other thread has passed a poll.
fn handshake(safepoints: &mut Safepoints) -> Result<(), Aborted> {
    let epoch = EPOCHS.advance();
    let begin = Instant::now();
    loop {
        if registry::all_have_seen(epoch) {
            return Ok(());
        }
        registry::request_others(request::HANDSHAKE);
        // Attached, so that nothing of ours becomes another thread's work; but not for long, since others may wait for us.
        if begin.elapsed() < Duration::from_micros(50) {
            std::thread::yield_now();
        } else {
            std::thread::sleep(Duration::from_micros(50));
        }
        safepoints.pass()?;
    }
}

/// Finds out which of `suspects` are garbage. Each may be anything, unless `is_alive` says that it is a live shared
/// object, until the next safepoint.
pub(super) fn suspects(
    suspects: &[*const Header],
    mut is_alive: impl FnMut(*const Header) -> bool,
    safepoints: &mut Safepoints,
) -> Result<Confirmed, Aborted> {
    let mut watched = Watched(room_for(suspects.len())?);
    for some in suspects.chunks(STRIDE) {
        for &h in some {
            // SAFETY: alive until the next safepoint, and from then on because it is watched.
            if is_alive(h) && unsafe { (*h).count.watch_any() } {
                watched.0.push(h);
            }
        }
        safepoints.pass()?;
    }
    confirm(watched, 0, safepoints)
}

/// Finds out which of `objects` are garbage still, but for the reference given to each. That goes over to the result; the others
/// are dropped.
pub(super) fn held(objects: &mut Vec<Ref>, safepoints: &mut Safepoints) -> Result<Confirmed, Aborted> {
    let mut watched = Watched(room_for(objects.len())?);
    for some in objects.chunks(STRIDE) {
        for h in some.iter().filter_map(Ref::header) {
            if h.count.watch_any() {
                watched.0.push(h);
            }
        }
        safepoints.pass()?;
    }
    let confirmed = confirm(watched, 1, safepoints)?;
    let dead: Numbers = confirmed
        .garbage
        .iter()
        .filter_map(Ref::header)
        .map(|h| ((&raw const *h).addr(), 0))
        .collect();
    let objects = std::mem::take(objects);
    let (again, alive): (Vec<Ref>, Vec<Ref>) = objects
        .into_iter()
        .partition(|r| r.header().is_some_and(|h| dead.contains_key(&(&raw const *h).addr())));
    // There are two references to each of these now.
    drop(again);
    drop(alive);
    Ok(confirmed)
}

/// An empty list with room for so many.
fn room_for<T>(n: usize) -> Result<Vec<T>, Aborted> {
    crate::alloc::vec_with(n).map_err(|_| Aborted)
}

/// Steps 1 (the handshake) to 4. `held`: references to each that the caller has.
fn confirm(watched: Watched, held: u32, safepoints: &mut Safepoints) -> Result<Confirmed, Aborted> {
    if watched.0.is_empty() {
        return Ok(Confirmed::default());
    }
    handshake(safepoints)?;
    let mut members = Members::read(watched, held, safepoints)?;
    members.leave_unexplained();
    if members.left == 0 {
        return Ok(Confirmed::default());
    }
    // What is condemned must be given back: there is to be room for the list of it, and for what finds it out.
    let bytes = members.watched.0.len() * 64;
    if bytes > crate::alloc::RESERVED && !crate::alloc::has_room(bytes) {
        return Err(Aborted);
    }
    handshake(safepoints)?;
    members.read_again(safepoints)?;
    Ok(members.condemn())
}

struct Members {
    watched: Watched,
    numbers: Numbers,
    /// Of each, its references; 0: it has left.
    counts: Vec<u32>,
    /// Of each, how many of them are not explained by members.
    unexplained: Vec<u32>,
    graph: Graph,
    /// How many have not left.
    left: usize,
}

impl Members {
    /// Step 2.
    fn read(watched: Watched, held: u32, safepoints: &mut Safepoints) -> Result<Members, Aborted> {
        let n = watched.0.len();
        let mut numbers = Numbers::with_hasher(BuildHasherDefault::default());
        numbers.try_reserve(n).map_err(|_| Aborted)?;
        let mut counts = room_for(n)?;
        for some in watched.0.chunks(STRIDE) {
            for &h in some {
                numbers.insert(h.addr(), counts.len() as u32);
                // SAFETY: watched, so not freed.
                counts.push(unsafe { (*h).count.watched() }.unwrap_or(0));
            }
            safepoints.pass()?;
        }
        // Those that are DIRTY already are unexplained for good.
        let mut unexplained: Vec<u32> = counts
            .iter()
            .map(|c| c.checked_sub(held).filter(|_| *c > 0).unwrap_or(u32::MAX))
            .collect();
        let mut graph = Graph {
            first: room_for(n + 1)?,
            to: Vec::new(),
        };
        let mut room = Ok(());
        graph.first.push(0);
        for some in watched.0.chunks(STRIDE) {
            for &h in some {
                // SAFETY: as above.
                read(unsafe { &*h }, &mut |to| {
                    if let Some(&to) = numbers.get(&to) {
                        if graph.to.len() == graph.to.capacity() && graph.to.try_reserve(1).is_err() {
                            room = Err(Aborted);
                            return;
                        }
                        graph.to.push(to);
                        let rest = &mut unexplained[to as usize];
                        // More edges than references: something moved meanwhile, and is alive.
                        *rest = if *rest == 0 {
                            u32::MAX
                        } else {
                            *rest - (*rest != u32::MAX) as u32
                        };
                    }
                });
                graph.first.push(graph.to.len());
            }
            if room.is_err() {
                return Err(Aborted);
            }
            safepoints.pass()?;
        }
        Ok(Members {
            watched,
            numbers,
            counts,
            unexplained,
            graph,
            left: n,
        })
    }

    /// Members with a reason to leave do, and all that they reach.
    fn leave(&mut self, mut has_reason: impl FnMut(&Members, usize) -> bool) {
        let mut work = Vec::new();
        for i in 0..self.counts.len() {
            // Those without a count of their own have not been let go yet.
            if !self.has_left(i) && has_reason(self, i) {
                self.let_go(i, &mut work);
            }
            while let Some(i) = work.pop() {
                for at in self.graph.first[i]..self.graph.first[i + 1] {
                    let to = self.graph.to[at] as usize;
                    if !self.has_left(to) {
                        self.let_go(to, &mut work);
                    }
                }
            }
        }
    }

    fn has_left(&self, i: usize) -> bool {
        self.watched.0[i].is_null()
    }

    fn let_go(&mut self, i: usize, work: &mut Vec<usize>) {
        Watched::leave(std::mem::replace(&mut self.watched.0[i], std::ptr::null()));
        self.left -= 1;
        work.push(i);
    }

    fn leave_unexplained(&mut self) {
        self.leave(|m, i| m.unexplained[i] != 0);
    }

    /// Between steps 3 and 4: members whose edges are not the same any more leave.
    fn read_again(&mut self, safepoints: &mut Safepoints) -> Result<(), Aborted> {
        let mut changed = vec![false; self.counts.len()];
        for (i, changed) in changed.iter_mut().enumerate() {
            if !self.has_left(i) {
                let mut expected = self.graph.of(i).iter();
                // SAFETY: watched, so not freed.
                read(unsafe { &*self.watched.0[i] }, &mut |to| {
                    if let Some(to) = self.numbers.get(&to) {
                        *changed |= expected.next() != Some(to);
                    }
                });
                *changed |= expected.next().is_some();
            }
            if i % STRIDE == 0 {
                safepoints.pass()?;
            }
        }
        self.leave(|_, i| changed[i]);
        Ok(())
    }

    /// Step 4.
    fn condemn(mut self) -> Confirmed {
        {
            let _gate = gate();
            self.leave(|m, i| {
                // SAFETY: watched, so not freed.
                let now = unsafe { (*m.watched.0[i]).count.watched() };
                now != Some(m.counts[i])
            });
            for i in 0..self.counts.len() {
                if !self.has_left(i) {
                    // SAFETY: as above.
                    let dead = unsafe { (*self.watched.0[i]).count.condemn(self.counts[i]) };
                    assert!(dead, "garbage was found by somebody");
                }
            }
        }
        // From here on the objects are nobody's but ours.
        let dead: Vec<(*const Header, u32)> = std::mem::take(&mut self.watched.0)
            .into_iter()
            .zip(std::mem::take(&mut self.counts))
            .filter(|(h, _)| !h.is_null())
            .collect();
        let mut due = Vec::new();
        for &(h, _) in &dead {
            // SAFETY: DEAD, and not destroyed.
            let h = unsafe { &*h };
            if h.has_flag(flag::WEAK) {
                due.append(&mut crate::weak::clear_cell(h));
            }
        }
        let mut garbage = Vec::with_capacity(dead.len());
        for (h, count) in dead {
            // SAFETY: as above.
            let h = unsafe { &*h };
            h.count.revive(count + 1);
            // SAFETY: the reference just counted.
            garbage.push(unsafe { Ref::from_value(Value::of(h)) });
        }
        Confirmed { garbage, due }
    }
}
