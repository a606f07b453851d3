//! Chains of generators that delegate to each other: `yield from`, `await`.
//!
//! When a value is yielded through several generators, each of which only hands it on, none but the innermost has anything
//! to do. So the innermost one, the **leaf**, gives the value to whoever resumed the outermost, the **root**, and the frames
//! in between are taken off the stack as they are. When the root is resumed they are put back, in one copy, and the leaf goes
//! on. That costs the same at any depth, but for that copy; and what the copy is made from is written anew only where a frame
//! has run meanwhile ([`Frame::kept`]).
//!
//! Members but the root are in state CHAINED, whether the chain runs or not; their `root` says where to look. `chained` of
//! the root is the number of frames that it keeps; 0: the chain runs, or is none. The kept frames own their function and
//! their generator, as frames on the stack do, but the root's does not own the root.
//!
//! Only private generators form chains, and only what is in this file and in `quick` knows of them: [`unchain`] makes generators of
//! them as if each had been suspended by itself, before anything else is done with one. Since all that exists becomes shared at
//! the first thread start, a suspended chain may be found shared; it is taken apart under a lock then. A chain that runs is taken apart
//! ([`cut`]) before it is published and before a frame object is made for one of its frames.

use super::quick::{park, ready};
use super::{CHAINED, GeneratorBody, RUNNING, SUSPENDED};
use crate::frame::{self, Frame, Kind};
use skein_bytecode::{Instr, Op};
use skein_gc::lock::{Mutex, MutexGuard};
use skein_gc::{Header, Ref, Value};
use skein_object::{Context, Object};
use std::sync::atomic::{AtomicU64, Ordering};

/// What the root of a chain keeps.
pub struct Chain {
    /// The frames from the root's to the one that resumed the leaf; valid as far as `chained` or [`Frame::kept`] say.
    frames: Vec<Frame>,
    leaf: *mut Object<GeneratorBody>,
    /// Where the leaf's value goes if the chain is taken apart: the register that its delegating instruction names.
    leaf_dst: *mut u64,
}

impl Chain {
    /// The references that the kept frames own.
    pub fn each(&self, chained: usize, mut visit: impl FnMut(Value)) {
        for (i, f) in self.frames.iter().take(chained).enumerate() {
            visit(Value(f.function));
            if i > 0 {
                visit(Value(f.extra));
            }
        }
    }
}

/// What [`super::Saved::delegate`] says, in one word: passed in a register, so that a handler's call of [`suspend_chain`] lets no
/// address escape. Registers have 8 bits, labels 32.
#[derive(Clone, Copy)]
pub struct Delegate(u64);

impl Delegate {
    pub const NONE: Delegate = Delegate(u64::MAX);

    pub fn new(delegate: usize, result: usize, label: u32) -> Delegate {
        Delegate((label as u64) << 32 | (delegate as u64 & 0xffff) << 16 | result as u64 & 0xffff)
    }

    fn get(self) -> Option<(u32, u32, u32)> {
        let at = |shift: u32| (self.0 >> shift) as u32;
        (self.0 != u64::MAX).then(|| (at(16) & 0xffff, at(0) & 0xffff, at(32)))
    }
}

/// The generator of a frame.
#[inline(always)]
unsafe fn generator_of(frame: *const Frame) -> *mut Object<GeneratorBody> {
    // SAFETY: a generator's frame owns a reference to the generator, which is counted.
    unsafe { (*frame).extra as *mut Object<GeneratorBody> }
}

/// Whether the frame, which has resumed the one above it, does nothing but hand on what that yields, and can be kept.
unsafe fn hands_on(frame: *const Frame) -> bool {
    // SAFETY: a generator's frame, with `pc` saved behind its Send.
    unsafe {
        let f = &*frame;
        let code = f.code();
        let at = (f.pc as usize - code.words.as_ptr() as usize) / 8;
        // Not `words`, which may be marked by `trace`.
        let next = code.unit.words.get(at).map(|w| Instr(*w));
        f.object | f.locals == 0
            && (*generator_of(frame).cast::<Header>()).is_private()
            && next.is_some_and(|i| i.op() == Some(Op::YieldFrom))
    }
}

/// Suspends the running generator, whose frame is not the first of its chain, and all below it in the chain: gives the root's
/// frame, which is off the stack like the others, and whose `dst` and `kind` say where the value goes. Null if that cannot be
/// done, with nothing changed.
///
/// # Safety
/// As for [`super::suspend`].
#[inline(never)]
pub unsafe fn suspend_chain(
    cx: &Context,
    frame: *mut Frame,
    pc: *const AtomicU64,
    resume_reg: usize,
    delegate: Delegate,
) -> *mut Frame {
    // SAFETY: the frames of a chain lie side by side, and each owns its generator. Private objects are this thread's alone.
    unsafe {
        let n = (*frame).index as usize;
        let root = frame.sub(n);
        let root_object = generator_of(root);
        // From here on frames are not kept yet.
        let mut first = n;
        while first > 0 && !(*root.add(first - 1)).kept {
            first -= 1;
            if !hands_on(root.add(first)) {
                return std::ptr::null_mut();
            }
        }
        let leaf = generator_of(frame);
        let leaf_dst = (*frame).dst;
        // Whoever resumed the root holds it as well.
        if (*root_object.cast::<Header>()).references() < 2
            || !(*root_object.cast::<Header>()).is_private()
            || !park(frame, pc, resume_reg, delegate.get(), CHAINED)
        {
            return std::ptr::null_mut();
        }
        let _ = skein_gc::header::decrement_quick(root_object.cast());
        let g = &(*root_object).body;
        let chain = (*g.chain.get()).get_or_insert_with(|| {
            Box::new(Chain {
                frames: Vec::new(),
                leaf: std::ptr::null_mut(),
                leaf_dst: std::ptr::null_mut(),
            })
        });
        chain.frames.truncate(first);
        for i in first..n {
            let f = root.add(i);
            let member = &(*generator_of(f)).body;
            // The frame's function goes with its registers, and comes back.
            let saved = &mut *member.saved.get();
            saved.function = (*f).function;
            saved.settle();
            (*f).function = std::mem::take(&mut saved.function);
            (*f).kept = true;
            chain.frames.push(*f);
            // Relaxed: private.
            member.root.store(root_object.cast(), Ordering::Relaxed);
            member.state.store(CHAINED, Ordering::Relaxed);
        }
        // Relaxed: as above.
        (*leaf).body.root.store(root_object.cast(), Ordering::Relaxed);
        chain.leaf = leaf;
        chain.leaf_dst = leaf_dst;
        cx.handled.set(g.handled.previous.get());
        cx.frame.set(root.sub(1).cast());
        // Relaxed: as above.
        g.chained.store(n as u32, Ordering::Relaxed);
        g.state.store(SUSPENDED, Ordering::Relaxed);
        root
    }
}

/// Puts the frames of a suspended chain on the stack, above the running frame `top`, and gives the leaf's. Null if
/// `generator` is not the root of one, or it cannot be done quickly, with nothing changed. What the root yields goes to `dst`.
///
/// # Safety
/// As for [`super::start_quick`].
#[inline(never)]
pub unsafe fn resume_chain(
    cx: &Context,
    generator: u64,
    top: *mut Frame,
    send: u64,
    kind: Kind,
    dst: *mut u64,
) -> *mut Frame {
    // SAFETY: as in `suspend_chain`.
    unsafe {
        let p = generator as *mut Object<GeneratorBody>;
        let g = &(*p).body;
        // Relaxed: private.
        let n = g.chained.load(Ordering::Relaxed) as usize;
        if n == 0
            || generator & 7 != 0
            || !(*p.cast::<Header>()).is_private()
            || g.state.load(Ordering::Relaxed) != SUSPENDED
        {
            return std::ptr::null_mut();
        }
        let Some(chain) = &mut *g.chain.get() else {
            return std::ptr::null_mut();
        };
        if top.add(n + 1).cast() > cx.frame_limit.get() {
            return std::ptr::null_mut();
        }
        let root = top.add(1);
        std::ptr::copy_nonoverlapping(chain.frames.as_ptr(), root, n);
        (*root).kind = kind;
        (*root).dst = dst;
        (*root).extra = Ref::copy_of(Value(generator)).into_value().0;
        if matches!(kind, Kind::GenSend) && (*top).kind.is_generator() {
            // The chain becomes part of a longer one, whose root keeps nothing of this yet.
            for i in 0..n {
                (*root.add(i)).index = (*top).index + 1 + i as u32;
                (*root.add(i)).kept = false;
            }
        }
        let leaf = &(*chain.leaf).body;
        let free = frame::end(top);
        let last = root.add(n - 1);
        (*last).free = free;
        cx.frame.set(last.cast());
        let frame = ready(cx, chain.leaf, last, send, Kind::GenSend);
        if frame.is_null() {
            cx.frame.set(top.cast());
            let _ = skein_gc::header::decrement_quick(p.cast());
            return frame;
        }
        (*frame).dst = chain.leaf_dst;
        // Relaxed: private.
        leaf.state.store(CHAINED, Ordering::Relaxed);
        g.handled.previous.set(cx.handled.get());
        cx.handled.set(&raw const leaf.handled);
        g.chained.store(0, Ordering::Relaxed);
        g.state.store(RUNNING, Ordering::Relaxed);
        frame
    }
}

/// Held while a chain that may be shared is taken apart, or looked at by a collector.
static SETTLING: Mutex<()> = Mutex::new(());

/// While the guard lives no chain is taken apart.
pub(super) fn hold() -> MutexGuard<'static, ()> {
    SETTLING.lock()
}

/// Makes a generator one that stands for itself, whose `state` and `saved` are as if there were no chains.
#[inline(always)]
pub fn unchain(g: &GeneratorBody) {
    // Acquire pairs with the releases in `dissolve`: what it has written is seen.
    if g.state.load(Ordering::Acquire) == CHAINED || g.chained.load(Ordering::Acquire) != 0 {
        unchain_slow(g);
    }
}

#[cold]
#[inline(never)]
fn unchain_slow(g: &GeneratorBody) {
    let mut dropped = Vec::new();
    {
        let _guard = SETTLING.lock();
        // SAFETY: the root of a chained generator lives: its chain holds it, or it runs. Shared ones are looked at under the lock.
        unsafe {
            let root = if g.chained.load(Ordering::Relaxed) != 0 {
                g
            } else if g.state.load(Ordering::Relaxed) == CHAINED {
                // Relaxed: written before the state, and the lock orders both.
                &(*g.root.load(Ordering::Relaxed).cast::<Object<GeneratorBody>>()).body
            } else {
                return;
            };
            if root.chained.load(Ordering::Relaxed) != 0 {
                dissolve(root, &mut dropped);
            } else if let Some(cx) = Context::try_current() {
                cut(cx);
            }
        }
    }
    // The generators are held by the frames that delegate to them.
    drop(dropped);
}

/// # Safety
/// `root` is the root of a suspended chain, and nobody else is at it.
unsafe fn dissolve(root: &GeneratorBody, dropped: &mut Vec<Ref>) {
    // SAFETY: by the caller's promise; the kept frames own what they refer to.
    unsafe {
        let Some(chain) = &mut *root.chain.get() else { return };
        let n = root.chained.load(Ordering::Relaxed) as usize;
        for (i, f) in chain.frames.drain(..).take(n).enumerate() {
            let g = if i == 0 {
                root
            } else {
                &(*generator_of(&raw const f)).body
            };
            g.header().touch();
            let saved = &mut *g.saved.get();
            let code = f.code();
            let at = (f.pc as usize - code.words.as_ptr() as usize) / 8;
            let (ins, label) = (Instr(code.unit.words[at]), code.unit.words[at + 1]);
            saved.function = f.function;
            saved.pc = f.pc.add(2);
            saved.resume_reg = ins.a() as u32;
            saved.delegate = Some((ins.c() as u32, ins.b() as u32, label as u32));
            if i > 0 {
                // Release pairs with the acquire in `unchain` and in `start`.
                g.state.store(SUSPENDED, Ordering::Release);
                dropped.push(Ref::from_value(Value(f.extra)));
            }
        }
        (*chain.leaf).body.state.store(SUSPENDED, Ordering::Release);
        // Release: as above.
        root.chained.store(0, Ordering::Release);
    }
}

/// Takes apart all chains that run on this thread: the frames stay, and each will be suspended by itself.
pub fn cut(cx: &Context) {
    let mut f = frame::top(cx);
    // SAFETY: real frames of this thread's stack; below one lies another or the bottom mark.
    unsafe {
        while frame::is_real(f) {
            cut_one(f);
            f = f.sub(1);
        }
    }
}

/// Takes apart the chain that a frame on this thread's stack is part of.
///
/// # Safety
/// `frame` is a real frame of this thread.
pub unsafe fn cut_around(cx: &Context, frame: *mut Frame) {
    // SAFETY: the frames of a chain lie side by side.
    unsafe {
        if !(*frame).kind.is_generator() {
            return;
        }
        let mut f = frame;
        while f != frame::top(cx) && (*f.add(1)).kind.is_generator() && (*f.add(1)).index > 0 {
            f = f.add(1);
        }
        while (*f).index > 0 {
            cut_one(f);
            f = f.sub(1);
        }
        cut_one(f);
    }
}

/// # Safety
/// `frame` is a real frame of this thread.
unsafe fn cut_one(frame: *mut Frame) {
    // SAFETY: a generator's frame owns its generator.
    unsafe {
        let f = &mut *frame;
        if !f.kind.is_generator() || f.extra == 0 {
            return;
        }
        f.index = 0;
        f.kept = false;
        let g = &(*generator_of(frame)).body;
        // Relaxed: a chain that runs is its thread's alone.
        if g.state.load(Ordering::Relaxed) == CHAINED {
            g.state.store(RUNNING, Ordering::Relaxed);
        }
    }
}
