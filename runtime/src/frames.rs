//! What Python sees of frames.

use skein_interpreter::frame_object::{self as f, FRAME, FrameBody};
use skein_object::error::{Result, system_error};
use skein_object::layouts::number;
use skein_object::native::Row;
use skein_object::object::RefExt;
use skein_object::slots::Slots;
use skein_object::{Args, CodeBody, Context, Ref, row, statics as s, str};
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};
use std::sync::atomic::{AtomicBool, Ordering};

pub fn ready() -> Result<()> {
    crate::frame_locals::ready()?;
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: FIELDS,
        ..TypeDef::new(&FRAME)
    })
}

fn body(r: &Ref) -> Result<&FrameBody> {
    r.body::<FrameBody>().ok_or_else(|| system_error("not a frame"))
}

fn slots(t: &Slots) {
    t.repr.set(Some(|_, r| {
        let b = body(r)?;
        let Some(code) = b.code.body::<CodeBody>() else {
            return str::from_str("<frame>");
        };
        str::from_str(&format!(
            "<frame at {:#x}, file '{}', line {}, code {}>",
            r.value().0,
            str::text(&code.filename),
            f::line_of(code, f::lasti(b)),
            str::text(&code.name)
        ))
    }));
}

/// `f_lineno` of a frame object.
pub fn line(r: &Ref) -> u32 {
    r.body::<FrameBody>().map_or(0, f::line)
}

static FIELDS: &[GetSet] = &[
    getset("f_back", |cx, r| Ok(f::back(cx, body(r)?).unwrap_or_else(s::none))),
    getset("f_code", |_, r| Ok(body(r)?.code.clone())),
    getset("f_globals", |_, r| Ok(body(r)?.globals.clone())),
    getset("f_builtins", |_, r| Ok(body(r)?.builtins.clone())),
    getset("f_locals", |_, r| match f::namespace(body(r)?)? {
        Some(namespace) => Ok(namespace),
        None => crate::frame_locals::of(r),
    }),
    getset("f_lasti", |_, r| {
        let b = body(r)?;
        // While the beginning of the call is shown it has no instruction.
        let at = match b.shown_line() {
            0 => f::lasti(b) as i64 + 1,
            _ => 0,
        };
        number::int(2 * at)
    }),
    getset("f_lineno", |_, r| number::int(line(r) as i64)).setter(set_line),
    getset("f_trace", |_, r| {
        Ok(body(r)?
            .if_watched()
            .and_then(|w| w.trace.get())
            .unwrap_or_else(s::none))
    })
    .setter(set_trace),
    getset("f_trace_lines", |_, r| {
        Ok(number::bool(body(r)?.watched().trace_lines.load(Ordering::Relaxed)))
    })
    .setter(|_, r, v| set_flag(&body(r)?.watched().trace_lines, v)),
    getset("f_trace_opcodes", |_, r| {
        Ok(number::bool(body(r)?.watched().trace_opcodes.load(Ordering::Relaxed)))
    })
    .setter(|_, r, v| match v {
        Some(_) => set_flag(&body(r)?.watched().trace_opcodes, v),
        None => Err(skein_object::error::raise(
            &s::ATTRIBUTE_ERROR,
            "attribute 'f_trace_opcodes' of 'frame' objects cannot be deleted",
        )),
    }),
    getset("f_generator", |_, r| Ok(f::generator(body(r)?).unwrap_or_else(s::none))),
];

fn set_line(cx: &Context, r: &Ref, v: Option<&Ref>) -> Result<()> {
    let Some(v) = v else {
        return Err(skein_object::error::raise(
            &s::ATTRIBUTE_ERROR,
            "attribute 'f_lineno' of 'frame' objects cannot be deleted",
        ));
    };
    let not_integer = || skein_object::error::value_error("lineno must be an integer");
    match v.value().as_int() {
        Some(line) => skein_interpreter::jump::to_line(cx, body(r)?, line),
        None if v.is_exact(&s::INT) => Err(skein_object::error::value_error("lineno out of range")),
        None => Err(not_integer()),
    }
}

fn set_flag(flag: &AtomicBool, v: Option<&Ref>) -> Result<()> {
    match v {
        Some(v) if v.is(&s::true_()) || v.is(&s::false_()) => {
            // Relaxed: read by the thread whose frame it is.
            flag.store(v.is(&s::true_()), Ordering::Relaxed);
            Ok(())
        }
        Some(_) => Err(skein_object::error::type_error("attribute value type must be bool")),
        None => Err(skein_object::error::type_error("can't delete numeric/char attribute")),
    }
}

fn set_trace(_: &Context, r: &Ref, v: Option<&Ref>) -> Result<()> {
    let v = v.filter(|v| !s::is_none(v)).cloned();
    if v.is_some()
        && let Some(code) = body(r)?.code.body::<CodeBody>()
    {
        skein_interpreter::trace::mark(code);
    }
    drop(body(r)?.watched().trace.set(r.holder(), v));
    Ok(())
}

fn clear(_: &Context, a: Args<'_>) -> Result<Ref> {
    f::clear(a.at(0), body(a.at(0))?)?;
    Ok(s::none())
}

static METHODS: &[Row] = &[row!("clear(self, /)", clear, "Clear all references held by the frame.")];
