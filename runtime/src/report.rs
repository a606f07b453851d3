//! Reports of exceptions that nobody catches.

use skein_object::error::Error;
use skein_object::object::RefExt;
use skein_object::{Context, ExceptionBody, Ref, protocol, statics as s, str};
use std::io::Write;

/// Prints an exception as `sys.excepthook` does.
pub fn print(cx: &Context, e: &Error) {
    if !through_library(cx, e) {
        plain(cx, e);
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

/// Without the library: for failures at start-up.
pub fn plain(cx: &Context, e: &Error) {
    let mut out = String::from("Traceback (most recent call last):\n");
    let mut tb = e.0.body::<ExceptionBody>().and_then(|b| b.traceback.get());
    while let Some(t) = tb {
        let Some(b) = t.body::<skein_object::layouts::exception::TracebackBody>() else {
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

/// `sys.unraisablehook`.
pub fn unraisable(cx: &Context, e: Error, message: Option<&str>, object: &Ref) {
    let hook = crate::import::loaded(cx, "sys").and_then(|m| protocol::getattr_str(cx, &m, "unraisablehook").ok());
    if let Some(h) = hook
        && let Ok(args) = crate::sys::unraisable_args(&e, message, object)
        && protocol::call1(cx, &h, &args).is_ok()
    {
        return;
    }
    let what = protocol::repr(cx, object).map_or_else(|_| "?".into(), |r| str::text(&r));
    let _ = writeln!(
        std::io::stderr(),
        "{}: {what}",
        message.unwrap_or("Exception ignored in")
    );
    print(cx, &e);
}

/// Exit code of an exception that leaves the main program, after it was reported.
pub fn exit_code(cx: &Context, e: Error) -> i32 {
    if e.is(&s::SYSTEM_EXIT) {
        let code = skein_object::layouts::exception::field(&e.0, skein_object::layouts::exception::EXIT_CODE);
        return match code {
            None => 0,
            Some(c) if s::is_none(&c) => 0,
            Some(c) => match skein_object::layouts::number::int_value(&c) {
                Some(v) => v.to_i64().unwrap_or(-1) as i32 & 0xff,
                None => {
                    let text = protocol::convert::str_of(cx, &c).map_or_else(|_| String::new(), |t| str::text(&t));
                    crate::start::flush_streams(cx);
                    let _ = writeln!(std::io::stderr(), "{text}");
                    1
                }
            },
        };
    }
    let hook = crate::import::loaded(cx, "sys").and_then(|m| protocol::getattr_str(cx, &m, "excepthook").ok());
    let tb =
        e.0.body::<ExceptionBody>()
            .and_then(|b| b.traceback.get())
            .unwrap_or_else(s::none);
    let handled = match hook {
        Some(h) => protocol::call(cx, &h, &[e.0.ty().object(), e.0.clone(), tb]).is_ok(),
        None => false,
    };
    if !handled {
        print(cx, &e);
    }
    if e.is(&s::KEYBOARD_INTERRUPT) { 130 } else { 1 }
}
