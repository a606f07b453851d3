//! Frame objects: what `sys._getframe` and tracebacks show of a frame.
//!
//! A frame object is made when somebody asks. While its frame runs it points to it; when the frame is left it takes over
//! what can still be asked for: the position and the locals.

use crate::frame::{self, Frame};
use skein_gc::{Ref, Slot, Value};
use skein_object::error::runtime_error;
use skein_object::object::{Object, RefExt, alloc};
use skein_object::{CodeBody, Context, Payload, Result, Type, dict, payload, statics as s, tuple};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

/// Body of a frame object.
pub struct FrameBody {
    /// The running frame, or null. Only the thread `owner` may follow it.
    live: AtomicPtr<Frame>,
    owner: AtomicU32,
    pub lasti: AtomicU32,
    /// Where the frame last raised, or [`NOWHERE`].
    raised: AtomicU32,
    /// The frame of a generator that is suspended.
    suspended: AtomicBool,
    pub code: Ref,
    pub globals: Ref,
    pub builtins: Ref,
    /// Namespace of a class body or module; null in functions.
    pub namespace: Slot,
    /// Locals as they were when the frame was left: a tuple of their numbers and values, and a dict once someone asks.
    pub snapshot: Slot,
    pub back: Slot,
    watched: OnceLock<Box<Watched>>,
}

/// What is kept of a frame that is traced, or whose locals are written from outside: of few, so that tracebacks cost less.
pub struct Watched {
    /// Dict of what was stored through `f_locals` under names that are no variables; null: nothing.
    pub extra: Slot,
    /// List of values that `f_locals` has replaced while the frame ran: a callee may still borrow them.
    replaced: Slot,
    /// Dict of what `f_locals` has stored while the frame was suspended, by number of the variable.
    written: Slot,
    /// `f_trace`.
    pub trace: Slot,
    /// `f_trace_lines`, `f_trace_opcodes`.
    pub trace_lines: AtomicBool,
    pub trace_opcodes: AtomicBool,
    /// The instruction that was traced last; [`NOWHERE`] before the first.
    pub last: AtomicU32,
    /// The branch that was traced last, if the frame has not gone on since; else [`NOWHERE`].
    pub branch: AtomicU32,
    /// The instruction at which a trace function makes the frame go on; else [`NOWHERE`].
    pub jump: AtomicU32,
    /// A generator whose last traced instruction was a yield.
    pub yielded: AtomicBool,
    /// A line that is shown in place of the instruction's; else 0.
    pub line: AtomicU32,
}

/// No instruction.
pub const NOWHERE: u32 = u32::MAX;
payload!(FrameBody, "frame", |this, v| {
    v.reference(&this.code);
    v.reference(&this.globals);
    v.reference(&this.builtins);
    for slot in [&this.namespace, &this.snapshot, &this.back] {
        v.slot(slot);
    }
    if let Some(w) = this.watched.get() {
        for slot in [&w.extra, &w.replaced, &w.written, &w.trace] {
            v.slot(slot);
        }
    }
});

impl FrameBody {
    /// Of a frame that is on no stack, at the instruction `lasti`, and of which nothing else is known yet.
    fn left(code: Ref, globals: Ref, builtins: Ref, lasti: usize) -> FrameBody {
        FrameBody {
            live: AtomicPtr::new(std::ptr::null_mut()),
            owner: AtomicU32::new(0),
            lasti: AtomicU32::new(lasti as u32),
            raised: AtomicU32::new(NOWHERE),
            suspended: AtomicBool::new(false),
            code,
            globals,
            builtins,
            namespace: Slot::empty(),
            snapshot: Slot::empty(),
            back: Slot::empty(),
            watched: OnceLock::new(),
        }
    }

    /// What is kept of a watched frame, for one that may be watched from now on.
    pub fn watched(&self) -> &Watched {
        self.watched.get_or_init(|| {
            Box::new(Watched {
                extra: Slot::empty(),
                replaced: Slot::empty(),
                written: Slot::empty(),
                trace: Slot::empty(),
                trace_lines: AtomicBool::new(true),
                trace_opcodes: AtomicBool::new(false),
                last: AtomicU32::new(NOWHERE),
                branch: AtomicU32::new(NOWHERE),
                jump: AtomicU32::new(NOWHERE),
                yielded: AtomicBool::new(false),
                line: AtomicU32::new(0),
            })
        })
    }

    /// What is kept of a watched frame, if it is one.
    pub fn if_watched(&self) -> Option<&Watched> {
        self.watched.get().map(|w| &**w)
    }

    /// A line that is shown in place of the instruction's; else 0.
    pub fn shown_line(&self) -> u32 {
        // Relaxed: of this thread.
        self.if_watched().map_or(0, |w| w.line.load(Ordering::Relaxed))
    }
}

pub static FRAME: Type = Type::declare(
    "frame",
    Some(&s::OBJECT),
    <FrameBody as Payload>::LAYOUT,
    skein_object::types::flag::NO_NEW,
);

/// The frame object of a running frame of this thread, made on first use, as are those of its callers.
///
/// # Errors
/// MemoryError.
///
/// # Safety
/// `frame` is a real frame of this thread's stack, with `pc` saved.
pub unsafe fn of(cx: &Context, frame: *mut Frame) -> Result<Ref> {
    // SAFETY: by the caller's promise.
    unsafe {
        crate::generator::cut_around(cx, frame);
        let f = &mut *frame;
        if f.object != 0 {
            return Ok(frame::borrow(f.object));
        }
        let code = Ref::of(Object::header_of(f.code()));
        let (globals, builtins) = (frame::borrow(f.globals), frame::borrow(f.builtins));
        let body = FrameBody {
            live: AtomicPtr::new(frame),
            owner: AtomicU32::new(skein_gc::current_slot() as u32),
            namespace: if f.locals == 0 {
                Slot::empty()
            } else {
                Slot::new(frame::borrow(f.locals))
            },
            ..FrameBody::left(code, globals, builtins, f.lasti())
        };
        let r = alloc(&FRAME, body)?;
        f.object = r.clone().into_value().0;
        Ok(r)
    }
}

/// Where a trace function has made the frame go on, once; `bits` is the frame's reference to its object, or 0.
pub fn take_jump(bits: u64) -> Option<u32> {
    if bits == 0 {
        return None;
    }
    // Relaxed: read and written by the thread that runs the frame.
    with(bits, |_, b| {
        b.if_watched().map(|w| w.jump.swap(NOWHERE, Ordering::Relaxed))
    })
    .flatten()
    .filter(|at| *at != NOWHERE)
}

/// Where a frame last raised; `bits` is the frame's reference to its object, or 0.
pub fn raised_at(bits: u64) -> Option<u32> {
    if bits == 0 {
        return None;
    }
    with(bits, |_, b| b.raised.load(Ordering::Relaxed)).filter(|at| *at != NOWHERE)
}

pub fn set_raised_at(bits: u64, at: u32) {
    if bits != 0 {
        // Relaxed: read and written by the thread that runs the frame.
        with(bits, |_, b| b.raised.store(at, Ordering::Relaxed));
    }
}

fn with<T>(bits: u64, f: impl FnOnce(&Ref, &FrameBody) -> T) -> Option<T> {
    // SAFETY: the frame record owns the reference.
    let r = unsafe { &*(&raw const bits as *const Ref) };
    r.body::<FrameBody>().map(|b| f(r, b))
}

/// The frame is being popped: keep position, locals and caller, and drop the frame's reference to the object.
pub fn detach(f: &mut Frame) {
    let bits = std::mem::take(&mut f.object);
    // SAFETY: the frame owned the reference.
    let r = unsafe { Ref::from_value(Value(bits)) };
    if let Some(b) = r.body::<FrameBody>() {
        // Not worth the copy if nobody else holds the object.
        if !is_alone(&r) {
            b.lasti.store(f.lasti() as u32, Ordering::Relaxed);
            // SAFETY: the frame is still on the stack.
            unsafe {
                if let Ok(values) = variables(f) {
                    drop(b.snapshot.set(r.holder(), Some(values)));
                }
                let below = (f as *mut Frame).sub(1);
                // What a generator was resumed from is gone with the resumption.
                let resumed = f.kind.is_generator();
                if b.back.is_null()
                    && !resumed
                    && frame::is_real(below)
                    && let Ok(back) = of(Context::current(), below)
                {
                    drop(b.back.set(r.holder(), Some(back)));
                }
            }
        }
        // Release: whoever sees null sees the snapshot.
        b.live.store(std::ptr::null_mut(), Ordering::Release);
        if let Some(w) = b.if_watched() {
            drop(w.replaced.set(r.holder(), None));
        }
    }
}

/// Whether a frame's own reference to its object is the only one.
fn is_alone(object: &Ref) -> bool {
    object.header().is_some_and(|h| h.is_private() && h.references() == 1)
}

/// A generator's frame is suspended. Where nobody else holds the object it gets its locals when somebody asks for it
/// ([`of_suspended`]).
pub fn suspend(bits: u64) {
    with(bits, |r, b| {
        let live = b.live.load(Ordering::Acquire);
        if !live.is_null() {
            // SAFETY: called before the frame is left.
            unsafe {
                b.lasti.store((*live).lasti() as u32, Ordering::Relaxed);
                let locals = if is_alone(r) { None } else { fast_locals(&*live).ok() };
                drop(b.snapshot.set(r.holder(), locals));
            }
        }
        drop(b.back.set(r.holder(), None));
        // Relaxed: whoever asks on another thread gets an answer that was true.
        b.suspended.store(true, Ordering::Relaxed);
        b.live.store(std::ptr::null_mut(), Ordering::Release);
    });
}

/// A suspended generator has died, and will not go on.
pub fn end(bits: u64) {
    // Relaxed: as in `suspend`.
    with(bits, |_, b| b.suspended.store(false, Ordering::Relaxed));
}

/// `clear` of a frame object.
///
/// # Errors
/// RuntimeError if the frame runs or is suspended.
pub fn clear(frame: &Ref, b: &FrameBody) -> Result<()> {
    if !b.live.load(Ordering::Acquire).is_null() {
        return Err(runtime_error("cannot clear an executing frame"));
    }
    // Relaxed: as in `suspend`.
    if b.suspended.load(Ordering::Relaxed) {
        return Err(runtime_error("cannot clear a suspended frame"));
    }
    drop(b.snapshot.set(frame.holder(), None));
    Ok(())
}

/// A generator's frame runs again.
pub fn attach(bits: u64, frame: *mut Frame) {
    with(bits, |r, b| {
        b.owner.store(skein_gc::current_slot() as u32, Ordering::Relaxed);
        b.suspended.store(false, Ordering::Relaxed);
        b.live.store(frame, Ordering::Release);
        if let Some(written) = b.if_watched().and_then(|w| w.written.set(r.holder(), None)) {
            for (k, v) in dict::entries(&written) {
                if let Some(i) = k.as_int() {
                    // Without memory for the list of replaced values the old one stays.
                    let _ = set_variable(r, b, i as usize, v);
                }
            }
        }
    });
}

/// The running frame behind a frame object, if it runs on this thread.
pub fn live(b: &FrameBody) -> Option<*mut Frame> {
    let p = b.live.load(Ordering::Acquire);
    (!p.is_null() && b.owner.load(Ordering::Relaxed) == skein_gc::current_slot() as u32).then_some(p)
}

/// `f_generator` of a frame that runs. One that is suspended does not know its generator, which is not to live as long as it.
pub fn generator(b: &FrameBody) -> Option<Ref> {
    let f = live(b)?;
    // SAFETY: a live frame of this thread; such a one owns its generator.
    unsafe { (*f).kind.is_generator().then(|| frame::borrow((*f).extra)) }
}

/// `f_back`.
pub fn back(cx: &Context, b: &FrameBody) -> Option<Ref> {
    if let Some(f) = live(b) {
        // SAFETY: a live frame of this thread; the one below is a frame or the bottom mark.
        unsafe {
            let below = f.sub(1);
            return if frame::is_real(below) {
                of(cx, below).ok()
            } else {
                None
            };
        }
    }
    b.back.get()
}

/// Index of the current instruction word.
pub fn lasti(b: &FrameBody) -> usize {
    match live(b) {
        // SAFETY: a live frame of this thread.
        Some(f) => unsafe { (*f).lasti() },
        None => b.lasti.load(Ordering::Relaxed) as usize,
    }
}

/// The line that a frame is at.
pub fn line(b: &FrameBody) -> u32 {
    let shown = b.shown_line();
    if shown != 0 {
        return shown;
    }
    let Some(code) = code_of(b) else { return 0 };
    line_of(code, lasti(b))
}

/// Line of an instruction word.
pub fn line_of(code: &CodeBody, lasti: usize) -> u32 {
    // Instructions without a line count to the one before.
    let mut at = lasti;
    loop {
        match code.unit.positions.get(at) {
            Some(p) if p.line != 0 => return p.line,
            _ if at == 0 => return code.first_line,
            _ => at -= 1,
        }
    }
}

/// The locals of a function frame as a new dict: plain ones, and the contents of cells.
///
/// # Errors
/// MemoryError.
///
/// # Safety
/// The frame is on this thread's stack.
pub unsafe fn fast_locals(f: &Frame) -> Result<Ref> {
    let d = dict::new()?;
    // SAFETY: by the caller's promise: the registers are in the window.
    unsafe {
        let code = f.code();
        let regs = crate::regs::Regs(f.regs);
        for (i, name) in code.local_names.iter().enumerate() {
            if regs.raw(i) == 0 || skein_object::str::text(name).starts_with('.') {
                continue;
            }
            crate::ops::build::own_keywords_at(regs, i)?;
            let r = regs.get(i);
            let value = if is_cell(code, i)
                && let Some(c) = r.body::<skein_object::CellBody>()
            {
                c.0.get()
            } else {
                Some(r.clone())
            };
            if let Some(v) = value {
                dict::set_name(&d, name, v)?;
            }
        }
    }
    Ok(d)
}

/// The variables of a function frame that is about to be left, as a tuple of their numbers and values: few frames whose objects
/// tracebacks hold are ever asked for their locals.
///
/// # Errors
/// MemoryError.
///
/// # Safety
/// As for [`fast_locals`].
unsafe fn variables(f: &Frame) -> Result<Ref> {
    // SAFETY: by the caller's promise: the registers are in the window.
    unsafe {
        let code = f.code();
        let regs = crate::regs::Regs(f.regs);
        let locals = code.local_names.len();
        let bound = (0..locals).filter(|i| regs.raw(*i) != 0).count();
        let mut i = 0;
        tuple::of_pairs(bound, || {
            while regs.raw(i) == 0 {
                i += 1;
            }
            i += 1;
            (Ref::small(i as i32 - 1), regs.get(i - 1).clone())
        })
    }
}

/// The dict of the locals of a frame that has been left, if it has any.
///
/// # Errors
/// MemoryError.
fn snapshot(frame: &Ref, b: &FrameBody) -> Result<Option<Ref>> {
    let found = b.snapshot.get();
    let Some(items) = found.as_ref().and_then(tuple::items) else {
        return Ok(found);
    };
    let Some(code) = code_of(b) else { return Ok(None) };
    let d = dict::new()?;
    for pair in items.chunks_exact(2) {
        let (i, value) = (pair[0].as_int().unwrap_or(0) as usize, &pair[1]);
        let Some(name) = code.local_names.get(i) else { continue };
        if skein_object::str::text(name).starts_with('.') {
            continue;
        }
        let value = match value.body::<skein_object::CellBody>() {
            Some(c) if is_cell(code, i) => c.0.get(),
            // As for `own_keywords`.
            _ if value.is(&s::no_keywords()) => Some(dict::new()?),
            _ => Some(value.clone()),
        };
        if let Some(v) = value {
            dict::set_name(&d, name, v)?;
        }
    }
    drop(b.snapshot.set(frame.holder(), Some(d.clone())));
    Ok(Some(d))
}

/// What `super()` goes by: `__class__` and the first argument of the function that calls it.
///
/// # Errors
/// RuntimeError if it has no such thing.
pub fn super_arguments(cx: &Context) -> Result<(Ref, Ref)> {
    let top = frame::top(cx);
    if !frame::is_real(top) {
        return Err(runtime_error("super(): no current frame"));
    }
    // SAFETY: the top frame of this thread, whose registers are in its window.
    unsafe {
        let code = (*top).code();
        let regs = crate::regs::Regs((*top).regs);
        let cell = |r: &Ref| r.body::<skein_object::CellBody>().map(|c| c.0.get());
        if code.unit.args == 0 {
            return Err(runtime_error("super(): no arguments"));
        }
        let deleted = || runtime_error("super(): arg[0] deleted");
        if regs.raw(0) == 0 {
            return Err(deleted());
        }
        let mut first = regs.get(0).clone();
        if code.unit.cell_regs.contains(&0)
            && let Some(held) = cell(&first)
        {
            first = held.ok_or_else(deleted)?;
        }
        let free = (code.nlocals as usize).saturating_sub(code.unit.nfree as usize);
        for i in free..code.nlocals as usize {
            let named = code.local_names.get(i).map(skein_object::str::text);
            if regs.raw(i) == 0 || named.as_deref() != Some("__class__") {
                continue;
            }
            return match cell(regs.get(i)) {
                Some(Some(class)) => Ok((class, first)),
                _ => Err(runtime_error("super(): empty __class__ cell")),
            };
        }
    }
    Err(runtime_error("super(): __class__ cell not found"))
}

/// The namespace of a frame that is not one of a function: `f_locals`. Variables of inlined comprehensions that run in it
/// make it a copy with them.
///
/// # Errors
/// MemoryError.
pub fn namespace(b: &FrameBody) -> Result<Option<Ref>> {
    let optimized = code_of(b).is_none_or(|c| c.unit.flags & skein_bytecode::code::flags::OPTIMIZED != 0);
    let found = match b.namespace.get() {
        Some(n) => n,
        None if optimized => return Ok(None),
        None => b.globals.clone(),
    };
    match live(b) {
        // SAFETY: a live frame of this thread.
        Some(f) => unsafe { with_hidden(&*f, found).map(Some) },
        None => Ok(Some(found)),
    }
}

/// A namespace, or a copy of it with the variables of inlined comprehensions.
///
/// # Errors
/// MemoryError; what a mapping that is not a dict raises.
///
/// # Safety
/// The frame is on this thread's stack.
pub unsafe fn with_hidden(f: &Frame, namespace: Ref) -> Result<Ref> {
    // SAFETY: by the caller's promise.
    unsafe {
        if f.code().local_names.is_empty() {
            return Ok(namespace);
        }
        let mut hidden = Vec::new();
        let code = f.code();
        let regs = crate::regs::Regs(f.regs);
        let own = code.local_names.len().saturating_sub(code.unit.nfree as usize);
        for (i, name) in code.local_names.iter().enumerate().take(own) {
            let text = skein_object::str::text(name);
            let implicit = text.starts_with('.')
                || matches!(&*text, "__class__" | "__classdict__" | "__conditional_annotations__");
            if implicit || regs.raw(i) == 0 {
                continue;
            }
            let r = regs.get(i);
            match r.body::<skein_object::CellBody>().filter(|_| is_cell(code, i)) {
                Some(c) => hidden.extend(c.0.get().map(|v| (name.clone(), v))),
                None => hidden.push((name.clone(), r.clone())),
            }
        }
        if hidden.is_empty() || !namespace.is_instance(&s::DICT) {
            return Ok(namespace);
        }
        let all = dict::new()?;
        for (k, v) in dict::entries(&namespace).into_iter().chain(hidden) {
            skein_object::protocol::setitem(Context::current(), &all, &k, &v)?;
        }
        Ok(all)
    }
}

/// The code of a frame.
pub fn code_of(b: &FrameBody) -> Option<&CodeBody> {
    b.code.body::<CodeBody>()
}

fn is_cell(code: &CodeBody, i: usize) -> bool {
    code.unit.cell_regs.contains(&(i as u32)) || i as u32 >= code.nlocals - code.unit.nfree.min(code.nlocals)
}

/// Value of the local variable with number `i`, if it is bound.
pub fn variable(frame: &Ref, b: &FrameBody, i: usize) -> Option<Ref> {
    let code = code_of(b)?;
    let name = code.local_names.get(i)?;
    match live(b) {
        // SAFETY: a live frame of this thread; its locals are in the window.
        Some(f) => unsafe {
            let regs = crate::regs::Regs((*f).regs);
            if regs.raw(i) == 0 {
                return None;
            }
            crate::ops::build::own_keywords_at(regs, i).ok()?;
            let r = regs.get(i);
            match r.body::<skein_object::CellBody>().filter(|_| is_cell(code, i)) {
                Some(c) => c.0.get(),
                None => Some(r.clone()),
            }
        },
        None => dict::get_name(&snapshot(frame, b).ok()??, name),
    }
}

/// Binds the local variable with number `i`; `frame` is the frame object.
///
/// # Errors
/// MemoryError.
pub fn set_variable(frame: &Ref, b: &FrameBody, i: usize, value: Ref) -> Result<()> {
    let Some(code) = code_of(b) else { return Ok(()) };
    let Some(name) = code.local_names.get(i) else {
        return Ok(());
    };
    let Some(f) = live(b) else {
        let snapshot = match snapshot(frame, b)? {
            Some(d) => d,
            None => {
                let d = dict::new()?;
                drop(b.snapshot.set(frame.holder(), Some(d.clone())));
                d
            }
        };
        let written = match b.watched().written.get() {
            Some(d) => d,
            None => {
                let d = dict::new()?;
                drop(b.watched().written.set(frame.holder(), Some(d.clone())));
                d
            }
        };
        skein_object::protocol::setitem(Context::current(), &written, &Ref::small(i as i32), &value)?;
        return dict::set_name(&snapshot, name, value);
    };
    // SAFETY: a live frame of this thread; its locals are in the window. What a register held is kept.
    unsafe {
        let regs = crate::regs::Regs((*f).regs);
        if is_cell(code, i)
            && regs.raw(i) != 0
            && let Some(c) = regs.get(i).body::<skein_object::CellBody>()
        {
            drop(c.0.set(regs.get(i).holder(), Some(value)));
            return Ok(());
        }
        if let Some(old) = regs.take_opt(i) {
            let kept = match b.watched().replaced.get() {
                Some(l) => l,
                None => {
                    let l = skein_object::list::new(Vec::new())?;
                    drop(b.watched().replaced.set(frame.holder(), Some(l.clone())));
                    l
                }
            };
            regs.set(i, value);
            return skein_object::protocol::call_method(
                Context::current(),
                &kept,
                &skein_object::intern::name("append"),
                &[old],
            )
            .map(drop);
        }
        regs.set(i, value);
    }
    Ok(())
}

/// The frame object of a suspended generator.
///
/// # Errors
/// MemoryError.
///
/// # Safety
/// The caller owns `saved`: it has marked the generator as running.
pub unsafe fn of_suspended(
    generator: &Ref,
    g: &crate::generator::GeneratorBody,
    saved: &mut crate::generator::Saved,
) -> Result<Ref> {
    // SAFETY: `saved.object` is 0 or an owned reference; the saved registers are bound or null.
    unsafe {
        let object = (saved.object != 0).then(|| frame::borrow(saved.object));
        let known = object.as_ref().and_then(|r| r.body::<FrameBody>());
        if let Some(b) = known
            && !b.snapshot.is_null()
            && let Some(object) = object
        {
            return Ok(object);
        }
        let Some(code) = g.code.body::<CodeBody>() else {
            return Err(skein_object::error::system_error("no code"));
        };
        // A frame record that only lends its registers to the snapshot.
        let shadow = Frame {
            regs: saved.regs.as_mut_ptr(),
            pc: saved.pc,
            code,
            function: 0,
            globals: 0,
            builtins: 0,
            locals: 0,
            extra: 0,
            object: 0,
            dst: std::ptr::null_mut(),
            kind: crate::frame::Kind::GenEntry,
            kept: false,
            index: 0,
            free: std::ptr::null_mut(),
        };
        let locals = fast_locals(&shadow)?;
        if let Some(object) = object {
            with(saved.object, |r, b| drop(b.snapshot.set(r.holder(), Some(locals))));
            return Ok(object);
        }
        let function = frame::borrow(saved.function);
        let (globals, builtins) = match function.body::<skein_object::FunctionBody>() {
            Some(f) => (f.globals.clone(), f.builtins.clone()),
            None => (dict::new()?, dict::new()?),
        };
        let base = code.words.as_ptr();
        let lasti = ((saved.pc as usize - base as usize) / 8).saturating_sub(1);
        let body = FrameBody {
            snapshot: Slot::new(locals),
            suspended: AtomicBool::new(true),
            ..FrameBody::left(g.code.clone(), globals, builtins, lasti)
        };
        let r = alloc(&FRAME, body)?;
        // Others find it there, if the generator is shared.
        skein_gc::publish::publish_like(generator.holder(), r.value());
        saved.object = r.clone().into_value().0;
        Ok(r)
    }
}
