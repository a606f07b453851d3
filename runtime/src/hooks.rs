//! The up-calls of the object crate.
// Frames of the running thread are raw memory.
#![allow(unsafe_code)]

use skein_gc::mutator;
use skein_interpreter::{call, frame, frame_object, generator};
use skein_object::context::{self, Hooks};
use skein_object::error::{Error, Result};
use skein_object::object::RefExt;
use skein_object::{Context, Ref, Type, dict, protocol, str};

/// Requests of the interpreter in a thread's poll word.
pub mod request {
    use skein_gc::mutator::request::INTERPRETER;
    /// A signal came (main thread only).
    pub const SIGNAL: u32 = INTERPRETER;
    /// `PyThreadState_SetAsyncExc`.
    pub const ASYNC_EXC: u32 = INTERPRETER << 1;
    /// A `threading.local` of which other threads have attributes has died. `skein_interpreter::trace` has the bits between.
    pub const LOCALS: u32 = INTERPRETER << 5;
}

/// Installs the up-calls.
pub fn install() {
    context::set_hooks(Hooks {
        call_function: call::call_function,
        poll,
        import: crate::import::import,
        warn: crate::warn::warn,
        compile: crate::compile::compile,
        run_code,
        globals,
        locals,
        resume: generator::resume,
        frame_object: nth_frame,
        unwrap: skein_types::descriptors::unwrap,
        unraisable,
    });
    skein_gc::weak::set_callback_hook(weakref_callback);
    let _ = skein_types::function::super_::CALLER.set(skein_interpreter::frame_object::super_arguments);
}

fn weakref_callback(weakref: &Ref) {
    let Some(cx) = Context::try_current() else { return };
    crate::modules::call_weakref_callback(cx, weakref);
}

fn poll(cx: &Context) -> Result<()> {
    #[cfg(feature = "verify")]
    crate::audit::poll();
    let bits = mutator::poll();
    if bits == 0 {
        return Ok(());
    }
    mutator::clear_requests(bits);
    skein_interpreter::trace::answer(cx, bits);
    if bits & request::LOCALS != 0 {
        crate::threads::forget_dead_locals(cx);
    }
    if bits & mutator::request::EXHAUSTED != 0 {
        // Not forgotten because of this one.
        mutator::request_self(bits & (request::SIGNAL | request::ASYNC_EXC));
        return Err(skein_object::error::memory_error());
    }
    if bits & request::SIGNAL != 0
        && let Err(e) = crate::modules::run_signal_handlers(cx)
    {
        // Not forgotten because of this one.
        mutator::request_self(bits & request::ASYNC_EXC);
        return Err(e);
    }
    if bits & request::ASYNC_EXC != 0
        && let Some(e) = cx.async_exc.take()
    {
        let e = if Type::from_ref(&e).is_some() {
            protocol::call0(cx, &e)?
        } else {
            e
        };
        return Err(Error(e));
    }
    Ok(())
}

/// Runs a code object in globals and locals: `exec` and `eval`.
fn run_code(cx: &Context, code: &Ref, globals: &Ref, locals: &Ref, closure: Option<&Ref>) -> Result<Ref> {
    let builtins = builtins_of(cx, globals)?;
    let locals = if locals.is(globals) { None } else { Some(locals) };
    call::run_code(cx, code, globals, &builtins, locals, closure)
}

/// The builtins dict that goes with globals; installed if it is missing.
///
/// # Errors
/// MemoryError.
pub fn builtins_of(cx: &Context, globals: &Ref) -> Result<Ref> {
    let name = skein_object::intern::names::__builtins__();
    let found = match dict::get_name(globals, name) {
        Some(b) => b,
        None => {
            let b = match current(cx) {
                // SAFETY: a real frame's builtins are alive while it runs.
                Some(f) => unsafe { frame::borrow((*f).builtins) },
                None => crate::start::builtins_dict(),
            };
            dict::set_name(globals, name, b.clone())?;
            b
        }
    };
    Ok(match found.body::<skein_object::ModuleBody>() {
        Some(m) => m.dict.get().unwrap_or(found),
        None => found,
    })
}

/// The innermost Python frame.
pub fn current(cx: &Context) -> Option<*mut frame::Frame> {
    let f = frame::top(cx);
    frame::is_real(f).then_some(f)
}

/// `co_flags` of the innermost Python frame's code.
pub fn code_flags(cx: &Context) -> u32 {
    // SAFETY: the running frame's code is alive.
    current(cx).map_or(0, |f| unsafe { (*f).code().unit.flags })
}

fn globals(cx: &Context) -> Option<Ref> {
    // SAFETY: a real frame's globals are alive while it runs.
    current(cx).map(|f| unsafe { frame::borrow((*f).globals) })
}

fn locals(cx: &Context) -> Result<Ref> {
    let Some(f) = current(cx) else {
        return Err(skein_object::error::system_error("frame does not exist"));
    };
    // SAFETY: the running frame of this thread.
    unsafe {
        if (*f).locals != 0 {
            return frame_object::with_hidden(&*f, frame::borrow((*f).locals));
        }
        if (*f).code().unit.flags & skein_bytecode::code::flags::OPTIMIZED == 0 {
            return frame_object::with_hidden(&*f, frame::borrow((*f).globals));
        }
        let found = frame_object::fast_locals(&*f)?;
        // What was stored through f_locals counts, too.
        if (*f).object != 0
            && let Some(extra) = frame::borrow((*f).object)
                .body::<frame_object::FrameBody>()
                .and_then(|b| b.if_watched()?.extra.get())
        {
            for (k, v) in dict::entries(&extra) {
                protocol::setitem(cx, &found, &k, &v)?;
            }
        }
        Ok(found)
    }
}

fn nth_frame(cx: &Context, n: usize) -> Option<Ref> {
    let mut f = current(cx)?;
    for _ in 0..n {
        // SAFETY: below a real frame lies a frame or the bottom mark.
        f = unsafe { f.sub(1) };
        if !frame::is_real(f) {
            return None;
        }
    }
    // SAFETY: a real frame of this thread.
    unsafe { frame_object::of(cx, f).ok() }
}

fn unraisable(cx: &Context, e: Error, message: Option<&str>, object: &Ref) {
    crate::report::unraisable(cx, e, message, object);
}
