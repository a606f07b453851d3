//! `faulthandler`: tracebacks of the running thread on request.
//!
//! `enable` only keeps the setting: a handler of a fatal signal would need unsafe code, which this crate does not have.
//! Dumps after a time limit are not implemented: `dump_traceback_later` says so.

use skein_gc::Ref;
use skein_object::context::hooks;
use skein_object::error::{Result, not_implemented_error, runtime_error, value_error};
use skein_object::layouts::number;
use skein_object::native::{ModuleDef, Row};
use skein_object::{Args, Context, intern, protocol, row, statics as s, str};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

pub static MODULE: ModuleDef = ModuleDef {
    name: "faulthandler",
    doc: "faulthandler module.",
    functions: FUNCTIONS,
    init: |_, _| Ok(()),
};

/// Read and written by `enable`, `disable`, `is_enabled` alone; Relaxed: nothing else hangs on it.
static ENABLED: AtomicBool = AtomicBool::new(false);
/// Frames that a dump shows.
const MAX_FRAMES: usize = 100;
const MAX_TEXT: usize = 500;

static FUNCTIONS: &[Row] = &[
    row!(
        "enable(file=sys.stderr, all_threads=True, c_stack=True)",
        enable,
        "Enable the fault handler."
    ),
    row!(
        "disable()",
        |_, _| Ok(number::bool(ENABLED.swap(false, Ordering::Relaxed))),
        "Disable the fault handler."
    ),
    row!(
        "is_enabled()",
        |_, _| Ok(number::bool(ENABLED.load(Ordering::Relaxed))),
        "Check if the handler is enabled."
    ),
    row!(
        "dump_traceback(file=sys.stderr, all_threads=True)",
        dump,
        "Dump the traceback of the current thread, or of all threads if all_threads is True, into file."
    ),
    row!(
        "dump_traceback_later(timeout, repeat=False, file=sys.stderr, exit=False)",
        |_, _| Err(not_implemented_error(
            "faulthandler.dump_traceback_later() is not supported"
        )),
        "Dump the traceback of all threads in timeout seconds."
    ),
    row!(
        "cancel_dump_traceback_later()",
        |_, _| Ok(s::none()),
        "Cancel the previous call to dump_traceback_later()."
    ),
    row!(
        "register(signum, file=sys.stderr, all_threads=True, chain=False)",
        |_, _| Err(not_implemented_error("faulthandler.register() is not supported")),
        "Register a handler for the signal 'signum'."
    ),
    row!(
        "unregister(signum, /)",
        |_, _| Ok(s::false_()),
        "Unregister the handler of the signal 'signum' registered by register()."
    ),
];

/// The file object to write to: a number is a descriptor, which the library's `os.write` serves.
fn target(cx: &Context, file: Option<&Ref>) -> Result<Ref> {
    let file = match file.filter(|f| !s::is_none(f)) {
        Some(f) => f.clone(),
        None => match skein_object::context::sys_attr(&intern::name("stderr")) {
            Some(f) if !s::is_none(&f) => f,
            Some(_) => return Err(runtime_error("sys.stderr is None")),
            None => return Err(runtime_error("unable to get sys.stderr")),
        },
    };
    match file.as_int() {
        Some(n) if n < 0 => Err(value_error("file is not a valid file descriptor")),
        Some(_) => Ok(file),
        None => {
            let fd = protocol::call_method(cx, &file, &intern::name("fileno"), &[])?;
            protocol::call_method_opt(cx, &file, &intern::name("flush"), &[])?;
            Ok(fd)
        }
    }
}

fn enable(cx: &Context, a: Args<'_>) -> Result<Ref> {
    target(cx, a.opt(0))?;
    ENABLED.store(true, Ordering::Relaxed);
    Ok(s::none())
}

fn shorten(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((i, _)) => format!("{}...", text.get(..i).unwrap_or("")),
        None => text,
    }
}

fn dump(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let fd = target(cx, a.opt(0))?;
    let mut out = String::new();
    if skein_stdlib_support::flag(cx, a.opt(1), true)? {
        let _ = writeln!(out, "Current thread {:#018x} (most recent call first):", cx.ident.get());
    } else {
        out.push_str("Stack (most recent call first):\n");
    }
    let mut n = 0;
    while let Some(frame) = (hooks().frame_object)(cx, n) {
        if n == MAX_FRAMES {
            out.push_str("  ...\n");
            break;
        }
        let code = protocol::getattr_str(cx, &frame, "f_code")?;
        let line = protocol::getattr_str(cx, &frame, "f_lineno")?;
        let file = str::text(&protocol::getattr_str(cx, &code, "co_filename")?);
        let name = str::text(&protocol::getattr_str(cx, &code, "co_name")?);
        let line = line.as_int().map_or_else(|| "???".to_owned(), |n| n.to_string());
        let _ = writeln!(out, "  File \"{}\", line {line} in {}", shorten(file), shorten(name));
        n += 1;
    }
    if n == 0 {
        out.push_str("  <no Python frame>\n");
    }
    let write = skein_stdlib_support::import_attr(cx, "os", "write")?;
    protocol::call(cx, &write, &[fd, str::bytes(out.as_bytes())?])?;
    Ok(s::none())
}
