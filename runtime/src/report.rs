//! Reports of exceptions that nobody catches.

use skein_object::error::{Error, Result};
use skein_object::layouts::{exception, number};
use skein_object::object::RefExt;
use skein_object::{Context, ExceptionBody, Ref, context, dict, intern, protocol, statics as s, str};
use std::io::Write;

/// Prints an exception as `sys.excepthook` does.
pub fn print(cx: &Context, e: &Error) {
    match context::sys_attr(&intern::name("stderr")) {
        // A program without standard error is told nothing.
        Some(f) if s::is_none(&f) => {}
        Some(_) => {
            if !through_library(cx, e) {
                plain(cx, e);
            }
        }
        None => {
            plain(cx, e);
            // Nothing is left to report a failing standard error to.
            let _ = writeln!(std::io::stderr(), "lost sys.stderr");
        }
    }
}

/// By the library's `traceback` module.
fn through_library(cx: &Context, e: &Error) -> bool {
    let Ok(module) = crate::import::import_module(cx, "traceback") else {
        return false;
    };
    let Ok(f) = protocol::getattr_str(cx, &module, "_print_exception_bltin") else {
        return false;
    };
    protocol::call1(cx, &f, &e.0).is_ok()
}

fn traceback_of(e: &Error) -> Ref {
    e.0.body::<ExceptionBody>()
        .and_then(|b| b.traceback.get())
        .unwrap_or_else(s::none)
}

/// Without the library: for failures at start-up.
pub fn plain(cx: &Context, e: &Error) {
    let mut out = String::new();
    let mut tb = e.0.body::<ExceptionBody>().and_then(|b| b.traceback.get());
    if tb.is_some() {
        out.push_str("Traceback (most recent call last):\n");
    }
    while let Some(t) = tb {
        let Some(b) = t.body::<exception::TracebackBody>() else {
            break;
        };
        if let Some(f) = b.frame.body::<skein_interpreter::frame_object::FrameBody>()
            && let Some(c) = f.code.body::<skein_object::CodeBody>()
        {
            out.push_str(&format!(
                "  File \"{}\", line {}, in {}\n",
                str::text(&c.filename),
                b.lineno,
                str::text(&c.name)
            ));
        }
        tb = b.next.get();
    }
    let text =
        protocol::convert::str_of(cx, &e.0).map_or_else(|_| "<exception str() failed>".into(), |t| str::text(&t));
    let first = e.0.body::<ExceptionBody>().and_then(|b| b.args.get());
    let first = first
        .as_ref()
        .and_then(skein_object::tuple::items)
        .and_then(|a| a.first().cloned());
    let text = match first {
        Some(a) if str::is_str(&a) => str::text(&a),
        _ => text,
    };
    out.push_str(e.0.ty().name());
    if !text.is_empty() {
        out.push_str(": ");
        out.push_str(&text);
    }
    out.push('\n');
    // Nothing is left to report a failing standard error to.
    let _ = std::io::stderr().write_all(out.as_bytes());
}

/// Calls `sys.unraisablehook`. A message names what was done, the object to whom: both become the hook's `err_msg`.
pub fn unraisable(cx: &Context, e: Error, message: Option<&str>, object: &Ref) {
    let whole = message
        .filter(|_| !s::is_none(object))
        .map(|m| format!("{m} {}", repr(cx, object)));
    let none = s::none();
    let (message, object) = match &whole {
        Some(w) => (Some(w.as_str()), &none),
        None => (message, object),
    };
    let hook = crate::import::loaded(cx, "sys").and_then(|m| protocol::getattr_str(cx, &m, "unraisablehook").ok());
    let Ok(args) = crate::sys::unraisable_args(&e, message, object) else {
        return;
    };
    match hook {
        Some(h) => {
            if let Err(second) = protocol::call1(cx, &h, &args) {
                // The hook itself failed: its error is reported instead.
                let what = format!("Exception ignored in sys.unraisablehook: {}", repr(cx, &h));
                ignored(cx, Some(&what), &none, &second);
            }
        }
        None => ignored(cx, message, object, &e),
    }
}

fn repr(cx: &Context, object: &Ref) -> String {
    protocol::repr(cx, object).map_or_else(|_| "<object repr() failed>".into(), |t| str::text(&t))
}

/// What `sys.__unraisablehook__` prints.
pub fn ignored(cx: &Context, message: Option<&str>, object: &Ref, e: &Error) {
    let line = match (message, s::is_none(object)) {
        (Some(m), false) => format!("{m}: {}\n", repr(cx, object)),
        (Some(m), true) => format!("{m}:\n"),
        (None, false) => format!("Exception ignored in: {}\n", repr(cx, object)),
        (None, true) => String::new(),
    };
    crate::start::write_stderr(cx, &line);
    match short(cx, e) {
        Ok(text) => crate::start::write_stderr(cx, &text),
        Err(_) => plain(cx, e),
    }
}

/// An exception by itself, with the lines of its traceback but no marks in them.
fn short(cx: &Context, e: &Error) -> Result<String> {
    let module = crate::import::import_module(cx, "traceback")?;
    let get = |name: &str| protocol::getattr_str(cx, &module, name);
    let text = |lines: Ref| -> Result<String> { Ok(protocol::collect(cx, &lines)?.iter().map(str::text).collect()) };
    let mut out = String::new();
    let tb = traceback_of(e);
    if !s::is_none(&tb) {
        let walk = protocol::call1(cx, &get("walk_tb")?, &tb)?;
        let extract = protocol::getattr_str(cx, &get("StackSummary")?, "extract")?;
        let stack = protocol::call1(cx, &extract, &walk)?;
        out.push_str("Traceback (most recent call last):\n");
        out.push_str(&text(protocol::call_method(cx, &stack, &intern::name("format"), &[])?)?);
    }
    out.push_str(&text(protocol::call1(cx, &get("format_exception_only")?, &e.0)?)?);
    Ok(out)
}

/// The exit code that SystemExit asks for; its text is printed. `None` for other exceptions.
fn asked_exit(cx: &Context, e: &Error) -> Option<i32> {
    if !e.is(&s::SYSTEM_EXIT) {
        return None;
    }
    // The attribute, which a subclass may have replaced.
    let code = protocol::getattr_str(cx, &e.0, "code").ok();
    let code = match code {
        None => return Some(0),
        Some(c) if s::is_none(&c) => return Some(0),
        Some(c) => c,
    };
    if let Some(v) = number::int_value(&code) {
        return Some(v.to_i64().unwrap_or(-1) as i32 & 0xff);
    }
    let text = protocol::convert::str_of(cx, &code).map_or_else(|_| String::new(), |t| str::text(&t));
    crate::start::write_stderr(cx, &format!("{text}\n"));
    Some(1)
}

/// Reports an exception that leaves the main program or an input of the prompt, through `sys.excepthook`. Gives an exit code
/// if the program is to end: SystemExit was raised, by the program or by the hook.
pub fn uncaught(cx: &Context, e: &Error, keep_going: bool) -> Option<i32> {
    if !keep_going && let Some(code) = asked_exit(cx, e) {
        return Some(code);
    }
    let Some(sys) = crate::import::loaded(cx, "sys") else {
        plain(cx, e);
        return None;
    };
    let tb = traceback_of(e);
    let d = crate::import::dict_of(&sys);
    for (name, value) in [
        ("last_exc", e.0.clone()),
        ("last_type", e.0.ty().object()),
        ("last_value", e.0.clone()),
        ("last_traceback", tb.clone()),
    ] {
        // Without memory for them they are not set.
        let _ = dict::set_str(&d, name, value);
    }
    let Some(hook) = context::sys_attr(&intern::name("excepthook")) else {
        crate::start::write_stderr(cx, "sys.excepthook is missing\n");
        print(cx, e);
        return None;
    };
    if let Err(second) = protocol::call(cx, &hook, &[e.0.ty().object(), e.0.clone(), tb]) {
        if let Some(code) = asked_exit(cx, &second) {
            return Some(code);
        }
        crate::start::write_stderr(cx, "Error in sys.excepthook:\n");
        print(cx, &second);
        crate::start::write_stderr(cx, "\nOriginal exception was:\n");
        print(cx, e);
    }
    None
}
