//! Frames, and the two stacks of a thread: frame records and registers.
//!
//! Windows overlap: a callee's window begins at the arguments that the caller has written at its own end. Frame records
//! lie in a stack of their own, so that nothing has to be moved in between. The registers of a generator stay in the
//! generator while it runs; what it calls has its window on the stack, above that of the frame which resumed the generator.

use crate::regs::release;
use skein_gc::header::decrement_quick;
use skein_gc::lock::Mutex;
use skein_gc::{Header, Ref, Value};
use skein_object::context::recursion_limit;
use skein_object::object::Object;
use skein_object::{CodeBody, Context, Result};
use std::hint::cold_path;
use std::sync::atomic::{AtomicU64, Ordering};

/// What happens when a frame returns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// Goes on in the caller's frame, with the result in `dst`.
    Call,
    /// Leaves the dispatch loop.
    Entry,
    /// `__init__` called by a class: the result is the instance in `extra`.
    Init,
    /// The special method of an operator, called by an instruction without a second word, of which the operands are still in their
    /// registers: NotImplemented means to ask the other operand.
    Operator,
    /// `__new__` called by Call or CallMethod of a class, which is still in its register with the arguments behind it (`index` says
    /// where): for the `__init__` of what it gives, if that is of a subclass.
    New,
    /// A generator resumed by native code; leaves the dispatch loop.
    GenEntry,
    /// A generator resumed by ForIter of the frame below.
    GenFor,
    /// A generator resumed by Send of the frame below.
    GenSend,
}

impl Kind {
    /// Whether the frame is a generator's, whose registers do not lie on the stack.
    #[inline(always)]
    pub const fn is_generator(self) -> bool {
        self as u8 >= Kind::GenEntry as u8
    }
}

/// A frame record.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Frame {
    /// First register of the window; a generator's lies in the generator.
    pub regs: *mut u64,
    /// Next instruction word, as of the last call or slow operation.
    pub pc: *const AtomicU64,
    /// The code; kept alive by the frame, as `pins` says.
    pub code: *const CodeBody,
    /// Owned as a register's value is: the function, or the code object of a frame without one.
    pub function: u64,
    /// Borrowed from the function, or owned by the entry's caller: globals dict.
    pub globals: u64,
    /// Borrowed likewise: builtins dict.
    pub builtins: u64,
    /// Owned: namespace mapping of class bodies and modules; else 0.
    pub locals: u64,
    /// Owned: generator, instance under construction; else 0.
    pub extra: u64,
    /// Owned: the frame object, once someone asked for it.
    pub object: u64,
    /// Where the result goes: a register of the frame below.
    pub dst: *mut u64,
    pub kind: Kind,
    /// Generators: the record is as in the chain's, see `generator/chain.rs`.
    pub kept: bool,
    /// Generators: how many frames of the same chain lie below this one. New: register of the first argument, and their number in
    /// the low half.
    pub index: u32,
    /// Generators: the first free register of the stack. Valid while the frame is the top one, and after that as long as
    /// its callees run.
    pub free: *mut u64,
}

impl Frame {
    /// The code body.
    ///
    /// # Safety
    /// The frame is on the stack.
    #[inline(always)]
    pub unsafe fn code<'a>(&self) -> &'a CodeBody {
        // SAFETY: the frame keeps it alive.
        unsafe { &*self.code }
    }

    /// Index of the instruction that runs (the word before `pc`).
    pub fn lasti(&self) -> usize {
        // SAFETY: the frame is on the stack, so its code is alive.
        let base = unsafe { (*self.code).words.as_ptr() };
        ((self.pc as usize - base as usize) / 8).saturating_sub(1)
    }
}

const MAIN_REGISTERS: usize = 512 << 20;
const MAIN_FRAMES: usize = 256 << 20;
const THREAD_REGISTERS: usize = 64 << 20;
const THREAD_FRAMES: usize = 32 << 20;
/// How much more than its stacks the main thread leaves to the rest of the process.
const MUCH_MORE: usize = 4;
/// Registers that stay free at the end, for windows of native calls.
const RESERVE: usize = 4096;

fn reserve(bytes: usize) -> Option<*mut u8> {
    // SAFETY: a fresh private mapping; pages are given by the system when they are first touched.
    let p = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if p == libc::MAP_FAILED { None } else { Some(p.cast()) }
}

/// The two stacks of a thread; when dropped they are kept for the next thread, or unmapped.
pub struct Stacks {
    registers: *mut u8,
    register_bytes: usize,
    frames: *mut u8,
    frame_bytes: usize,
}

/// Stacks of exited threads: of registers, and of frames. A mapping, and the page faults of its first pages, take longer than most of the
/// rest of a thread's start.
struct Kept(Vec<(*mut u8, *mut u8)>);

// SAFETY: the mappings belong to whoever takes them out.
unsafe impl Send for Kept {}

static KEPT: Mutex<Kept> = Mutex::new(Kept(Vec::new()));
/// How many are kept.
const MOST_KEPT: usize = 32;
/// Bytes at the beginning of a kept stack that keep their memory.
const WARM: usize = 16 << 10;

impl Stacks {
    /// Reserves the stacks and installs them in the context.
    ///
    /// # Errors
    /// MemoryError.
    pub fn install(cx: &Context, main: bool) -> Result<Stacks> {
        let (mut rb, mut fb) = if main {
            (MAIN_REGISTERS, MAIN_FRAMES)
        } else {
            (THREAD_REGISTERS, THREAD_FRAMES)
        };
        // Where the address space is limited, those of the main thread are not to take all of it.
        while main && rb > THREAD_REGISTERS {
            let all = MUCH_MORE * (rb + fb);
            if let Some(p) = reserve(all) {
                // SAFETY: mapped just now.
                unsafe { libc::munmap(p.cast(), all) };
                break;
            }
            (rb, fb) = (rb / 2, fb / 2);
        }
        let kept = if main { None } else { KEPT.lock().0.pop() };
        let (registers, frames) = match kept {
            Some(stacks) => stacks,
            None => {
                let Some(registers) = reserve(rb) else {
                    return Err(skein_object::error::memory_error());
                };
                let Some(frames) = reserve(fb) else {
                    // SAFETY: mapped just now.
                    unsafe { libc::munmap(registers.cast(), rb) };
                    return Err(skein_object::error::memory_error());
                };
                (registers, frames)
            }
        };
        cx.registers.set(registers.cast());
        cx.registers_limit
            .set((registers as usize + rb - 8 * RESERVE) as *mut u64);
        // The frame below the first one is never used: it marks the bottom.
        cx.frame.set(frames);
        cx.frames.set(frames);
        cx.frames_end
            .set((frames as usize + fb - 2 * std::mem::size_of::<Frame>()) as *mut u8);
        cx.frame_limit.set(limit(cx));
        // SAFETY: `walk` and `pins` know the stacks of a thread's context, and all that its frames hold.
        unsafe { skein_gc::uncounted::set_walk(walk, pins) };
        skein_gc::mutator::set_roots(std::ptr::from_ref(cx).cast());
        Ok(Stacks {
            registers,
            register_bytes: rb,
            frames,
            frame_bytes: fb,
        })
    }
}

impl Drop for Stacks {
    fn drop(&mut self) {
        skein_gc::mutator::set_roots(std::ptr::null());
        if self.register_bytes == THREAD_REGISTERS && KEPT.lock().0.len() < MOST_KEPT {
            for (stack, bytes) in [(self.registers, self.register_bytes), (self.frames, self.frame_bytes)] {
                // SAFETY: our own mapping, of which nothing is used any more. What was deep goes back to the system.
                unsafe { libc::madvise(stack.add(WARM).cast(), bytes - WARM, libc::MADV_DONTNEED) };
            }
            // A few more than the most, where several threads end at once: no harm.
            return KEPT.lock().0.push((self.registers, self.frames));
        }
        // SAFETY: our own mappings; the thread has left all frames.
        unsafe {
            libc::munmap(self.registers.cast(), self.register_bytes);
            libc::munmap(self.frames.cast(), self.frame_bytes);
        }
    }
}

/// Visits every word of a thread's frames that may hold a reference without counting it.
///
/// # Safety
/// `context` is the context of a thread that has stacks, does not run, and stands where it may poll, or is detached.
unsafe fn walk(context: *const (), visit: &mut dyn FnMut(*mut u64)) {
    // SAFETY: by the caller's promise; each frame's window has as many registers as its code says.
    unsafe {
        let mut f = top(&*context.cast::<Context>());
        while is_real(f) {
            for i in 0..(*(*f).code).nregs as usize {
                visit((*f).regs.add(i));
            }
            visit(&raw mut (*f).function);
            visit(&raw mut (*f).extra);
            f = f.sub(1);
        }
    }
}

/// Visits the code objects of a thread's frames: their functions may have others by now.
///
/// # Safety
/// As for `walk`.
unsafe fn pins(context: *const (), visit: &mut dyn FnMut(Value)) {
    // SAFETY: by the caller's promise; the body of a code object lies behind its header.
    unsafe {
        let mut f = top(&*context.cast::<Context>());
        while is_real(f) {
            visit(skein_gc::uncounted::edge(Object::header_of((*f).code())));
            f = f.sub(1);
        }
    }
}

/// The running frame; the bottom mark if there is none.
#[inline(always)]
pub fn top(cx: &Context) -> *mut Frame {
    cx.frame.get().cast()
}

/// Number of frames on a thread's stack.
pub fn depth(cx: &Context) -> usize {
    (cx.frame.get() as usize - cx.frames.get() as usize) / std::mem::size_of::<Frame>()
}

/// The last record that a frame may take. The stack's own height is what the recursion limit bounds, so that a call compares one
/// address.
pub fn limit(cx: &Context) -> *mut u8 {
    let bytes = (recursion_limit() as usize).saturating_mul(std::mem::size_of::<Frame>());
    let end = cx.frames_end.get();
    end.min((cx.frames.get() as usize).saturating_add(bytes) as *mut u8)
}

/// Whether `frame` is a real frame, not the bottom mark. It comes from [`top`] or lies below one that does.
#[allow(clippy::not_unsafe_ptr_arg_deref)] // A crate-internal pointer into the frame stack, which stays mapped.
#[inline(always)]
pub fn is_real(frame: *mut Frame) -> bool {
    // SAFETY: frames and the bottom mark are mapped memory; the mark is zeroed.
    !unsafe { (*frame).code.is_null() }
}

/// First free register above the running frame.
#[inline]
pub fn free_registers(cx: &Context) -> *mut u64 {
    let f = top(cx);
    if is_real(f) {
        // SAFETY: the top frame.
        unsafe { end(f) }
    } else {
        cx.registers.get()
    }
}

/// First free register above a frame.
///
/// # Safety
/// `frame` is a real frame, and the top one.
#[inline(always)]
pub unsafe fn end(frame: *mut Frame) -> *mut u64 {
    // SAFETY: a frame's window ends after `nregs` registers.
    unsafe {
        if (*frame).kind.is_generator() {
            (*frame).free
        } else {
            (*frame).regs.add((*(*frame).code).nregs as usize)
        }
    }
}

/// Pushes a frame over a window that begins at `regs`, whose first `given` registers are already written. The others
/// become null.
///
/// # Errors
/// RecursionError. The window's contents are then the caller's to drop.
///
/// # Safety
/// `code` belongs to `function`, whose count the frame takes over on success.
#[inline(always)]
pub unsafe fn push(
    cx: &Context,
    function: u64,
    code: *const CodeBody,
    regs: *mut u64,
    given: usize,
    kind: Kind,
) -> Result<*mut Frame> {
    // SAFETY: by the caller's promise; the limits are checked before memory is touched.
    unsafe {
        let n = (*code).nregs as usize;
        let frame = top(cx).add(1);
        if regs.add(n) > cx.registers_limit.get() || frame.cast() > cx.frame_limit.get() {
            let fits = regs.add(n) <= cx.registers_limit.get();
            if !crate::trace::admit(cx, &*code, frame, fits) {
                return Err(crate::trace::too_deep());
            }
        }
        for i in given..n {
            *regs.add(i) = 0;
        }
        write(frame, regs, code, function, kind);
        (*frame).pc = (*code).words.as_ptr();
        cx.frame.set(frame.cast());
        Ok(frame)
    }
}

/// Writes what every new frame begins with.
///
/// # Safety
/// `frame` is a free record.
#[inline(always)]
unsafe fn write(frame: *mut Frame, regs: *mut u64, code: *const CodeBody, function: u64, kind: Kind) {
    // SAFETY: by the caller's promise.
    unsafe {
        (*frame).regs = regs;
        (*frame).code = code;
        (*frame).function = function;
        (*frame).locals = 0;
        (*frame).extra = 0;
        (*frame).object = 0;
        (*frame).kind = kind;
    }
}

/// Pushes the frame of a generator, whose registers lie at `regs`.
///
/// # Errors
/// RecursionError.
///
/// # Safety
/// As for [`push`]; the registers stay where they are while the generator runs.
pub unsafe fn push_generator(
    cx: &Context,
    function: u64,
    code: &CodeBody,
    regs: *mut u64,
    kind: Kind,
) -> Result<*mut Frame> {
    // SAFETY: as in `push`.
    unsafe {
        let below = top(cx);
        let free = free_registers(cx);
        let frame = below.add(1);
        if free > cx.registers_limit.get() || frame.cast() > cx.frame_limit.get() {
            let fits = free <= cx.registers_limit.get();
            if !crate::trace::admit(cx, code, frame, fits) {
                return Err(crate::trace::too_deep());
            }
        }
        write_generator(frame, below, function, code, regs, free, kind);
        cx.frame.set(frame.cast());
        Ok(frame)
    }
}

/// As [`push_generator`] over the top frame `top`, but gives null where that would be an error.
///
/// # Safety
/// As for [`push_generator`].
#[inline(always)]
pub unsafe fn push_generator_quick(
    cx: &Context,
    top: *mut Frame,
    function: u64,
    code: &CodeBody,
    regs: *mut u64,
    kind: Kind,
) -> *mut Frame {
    // SAFETY: as in `push`.
    unsafe {
        let free = end(top);
        let frame = top.add(1);
        if free > cx.registers_limit.get() || frame.cast() > cx.frame_limit.get() {
            return std::ptr::null_mut();
        }
        write_generator(frame, top, function, code, regs, free, kind);
        cx.frame.set(frame.cast());
        frame
    }
}

/// # Safety
/// `frame` is the free record above `below`, which is a real frame or the bottom mark.
#[inline(always)]
unsafe fn write_generator(
    frame: *mut Frame,
    below: *mut Frame,
    function: u64,
    code: &CodeBody,
    regs: *mut u64,
    free: *mut u64,
    kind: Kind,
) {
    // SAFETY: by the caller's promise.
    unsafe {
        write(frame, regs, code, function, kind);
        (*frame).kept = false;
        (*frame).index = if matches!(kind, Kind::GenSend) && (*below).kind.is_generator() {
            (*below).index + 1
        } else {
            0
        };
        (*frame).free = free;
    }
}

/// To be called when a generator's frame has been taken off: the one below becomes the top one.
///
/// # Safety
/// `frame` was the top frame and a generator's; its record is as it was.
#[inline(always)]
pub unsafe fn uncover(frame: *mut Frame) {
    // SAFETY: below a frame lies a frame or the bottom mark, which is mapped memory.
    unsafe {
        let below = frame.sub(1);
        if (*below).kind.is_generator() {
            (*below).free = (*frame).free;
            (*below).kept = false;
        }
    }
}

/// As [`push`] over the top frame `top`, but gives null where that would be an error.
///
/// # Safety
/// As for [`push`].
#[inline(always)]
pub unsafe fn push_quick(
    cx: &Context,
    top: *mut Frame,
    function: u64,
    code: &CodeBody,
    regs: *mut u64,
    given: usize,
    kind: Kind,
) -> *mut Frame {
    // SAFETY: as in `push`.
    unsafe {
        let n = code.nregs as usize;
        let frame = top.add(1);
        if regs.add(n) > cx.registers_limit.get() || frame.cast() > cx.frame_limit.get() {
            return std::ptr::null_mut();
        }
        clear_free(regs.add(given), regs.add(n));
        write(frame, regs, code, function, kind);
        cx.frame.set(frame.cast());
        frame
    }
}

/// Pushes the frame of a call over `top`, which is no generator's: the function is in the register `callee` and its `n()` arguments
/// in those behind it, where the window begins. Null where that would be an error, or a thread watches.
///
/// # Safety
/// As for [`push`]; `code` is the function's.
#[inline(always)]
pub unsafe fn push_call(
    cx: &Context,
    top: *mut Frame,
    code: &CodeBody,
    callee: *mut u64,
    n: impl FnOnce() -> usize,
) -> *mut Frame {
    // SAFETY: as in `push`.
    unsafe {
        let frame = top.add(1);
        let end = callee.add(1 + code.nregs as usize);
        if frame.cast() > cx.frame_limit.get() || end > cx.registers_limit.get() {
            return std::ptr::null_mut();
        }
        cx.frame.set(frame.cast());
        let window = callee.add(1);
        clear_free(window.add(n()), end);
        let function = std::mem::replace(&mut *callee, 0);
        write(frame, window, code, function, Kind::Call);
        frame
    }
}

/// Nulls the registers up to `end`, which are free, and maybe a few of those behind, which are as well.
///
/// # Safety
/// No frame's window reaches `end`, which is not above the limit.
#[inline(always)]
unsafe fn clear_free(mut at: *mut u64, end: *mut u64) {
    while at < end {
        // SAFETY: by the caller's promise; `RESERVE` registers lie behind the limit. Relaxed: as for `copy_registers`.
        unsafe {
            for i in 0..4 {
                AtomicU64::from_ptr(at.add(i)).store(0, Ordering::Relaxed);
            }
            at = at.add(4);
        }
    }
}

/// Moves `n` arguments from the registers of a running generator to where a callee's window begins, which has room for some
/// thousand registers at least.
///
/// # Safety
/// `frame` is a generator's and the top one; the arguments lie in its registers.
#[inline(always)]
pub unsafe fn move_up(frame: *mut Frame, arguments: *mut u64, n: usize) -> *mut u64 {
    // SAFETY: by the caller's promise; `free` is below the limit, behind which `RESERVE` registers lie.
    unsafe {
        let window = (*frame).free;
        copy_registers(arguments, window, n);
        clear_registers(arguments, n);
        window
    }
}

/// Undoes [`move_up`].
///
/// # Safety
/// As for `move_up`.
#[cold]
pub unsafe fn move_down(window: *mut u64, arguments: *mut u64, n: usize) {
    // SAFETY: by the caller's promise.
    unsafe {
        copy_registers(window, arguments, n);
        clear_registers(window, n);
    }
}

/// Copies the registers of a generator, usually a handful. Atomic accesses, since the compiler makes a call of plain ones,
/// which takes longer.
///
/// # Safety
/// Both windows have `n` registers, and no other thread uses them.
#[inline(always)]
pub unsafe fn copy_registers(from: *const u64, to: *mut u64, n: usize) {
    for i in 0..n {
        // SAFETY: by the caller's promise. Relaxed: no other thread is involved.
        unsafe {
            let v = AtomicU64::from_ptr(from.add(i).cast_mut()).load(Ordering::Relaxed);
            AtomicU64::from_ptr(to.add(i)).store(v, Ordering::Relaxed);
        }
    }
}

/// Nulls registers without dropping anything.
///
/// # Safety
/// As for [`copy_registers`].
#[inline(always)]
pub unsafe fn clear_registers(window: *mut u64, n: usize) {
    for i in 0..n {
        // SAFETY: by the caller's promise. Relaxed: no other thread is involved.
        unsafe { AtomicU64::from_ptr(window.add(i)).store(0, Ordering::Relaxed) };
    }
}

/// Does the first half of [`pop`], dropping what the frame holds, if nothing of it dies; `false` if there is more to do, and
/// `pop` still owed. The caller has then only to take the frame off.
///
/// # Safety
/// `frame` is the top frame, and of kind Call. Registers from `live` on hold nothing.
#[inline(always)]
pub unsafe fn clear_quick(frame: *mut Frame, live: usize) -> bool {
    // SAFETY: by the caller's promise; what is dropped is nulled.
    unsafe {
        let f = &mut *frame;
        if f.object | f.locals | f.extra != 0 {
            return false;
        }
        clear_registers_quick(frame, f.regs, live) && release_quick(f.function)
    }
}

/// Drops what a register held that is not null, if it does not die; else `false`.
///
/// # Safety
/// The register has been overwritten or is about to be forgotten, if the answer is true.
#[inline(always)]
pub unsafe fn release_quick(bits: u64) -> bool {
    // SAFETY: by the caller's promise.
    bits & 7 != 0 || unsafe { decrement_quick(bits as *mut Header) }
}

/// Drops what the registers hold, if nothing of it dies; `false` if there is more to drop.
///
/// # Safety
/// `frame` is the top frame, of which `regs` are the registers. Those from `live` on hold nothing.
#[inline(always)]
pub unsafe fn clear_registers_quick(frame: *mut Frame, regs: *mut u64, live: usize) -> bool {
    // SAFETY: by the caller's promise; what is dropped is nulled.
    unsafe {
        let mut p = regs;
        let end = p.add(live);
        debug_assert!(
            (live..(*(*frame).code).nregs as usize)
                .all(|i| *(*frame).regs.add(i) & 7 != 0 || *(*frame).regs.add(i) == 0)
        );
        while p != end {
            let v = *p;
            // Tests of bits one after the other, each of which jumps: joined they want more registers than there are free ones.
            if v & 7 == 0 {
                cold_path();
                if v != 0 {
                    if !decrement_quick(v as *mut Header) {
                        return false;
                    }
                    *p = 0;
                }
            } else if v & 3 == 0 {
                // Also where it is not counted: see the rules of `skein_gc::uncounted`.
                *p = 0;
            }
            p = p.add(1);
        }
        true
    }
}

/// Takes the top frame off: drops its registers and references.
///
/// # Safety
/// `frame` is the top frame.
#[inline(always)]
pub unsafe fn pop(cx: &Context, frame: *mut Frame) {
    // SAFETY: by the caller's promise.
    unsafe { pop_live(cx, frame, (*(*frame).code).nregs as usize) }
}

/// [`pop`] where registers from `live` on hold nothing.
///
/// # Safety
/// As for `pop`.
#[inline(always)]
pub unsafe fn pop_live(cx: &Context, frame: *mut Frame, live: usize) {
    // SAFETY: by the caller's promise. The frame stays the top one while its registers are dropped, so that finalisers
    // that run meanwhile use windows above it.
    unsafe {
        let f = &mut *frame;
        if f.object != 0 {
            crate::frame_object::detach(f);
        }
        drop_registers(f.regs, live);
        cx.frame.set(frame.sub(1).cast());
        release(f.function);
        if f.locals | f.extra != 0 {
            release(f.locals);
            release(f.extra);
        }
    }
}

/// Drops what `n` registers hold, and nulls them.
///
/// # Safety
/// They are of a frame on the stack, whose windows above it what is dropped may use.
#[inline(always)]
pub unsafe fn drop_registers(window: *mut u64, n: usize) {
    // SAFETY: by the caller's promise.
    unsafe {
        let mut p = window;
        let end = p.add(n);
        while p != end {
            let v = *p;
            if v != 0 {
                // Relaxed, and atomic: those of a generator that is DONE are read by collectors (`generator::word`).
                AtomicU64::from_ptr(p).store(0, Ordering::Relaxed);
                release(v);
            }
            p = p.add(1);
        }
    }
}

/// A reference from borrowed register bits.
///
/// # Safety
/// The bits are a live, non-null value.
pub unsafe fn borrow(bits: u64) -> Ref {
    // SAFETY: by the caller's promise.
    unsafe { Ref::copy_of_word(Value(bits)) }
}
