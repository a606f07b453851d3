//! `time`.

mod calendar;
mod clocks;

use crate::structseq::StructSeq;
use crate::{add_ints, add_rows, ints};
use skein_object::error::{Result, overflow_error, type_error, value_error};
use skein_object::native::ModuleDef;
use skein_object::object::RefExt;
use skein_object::{Context, Ref, dict, number, statics as s};

pub static TIME: ModuleDef = ModuleDef {
    name: "time",
    doc: "This module provides various functions to manipulate time values.",
    functions: &[],
    init,
};

pub use calendar::STRUCT_TIME;

fn init(cx: &Context, d: &Ref) -> Result<()> {
    let seq: &'static StructSeq = &calendar::STRUCT;
    seq.ready()?;
    add_rows(d, "time", &[clocks::FUNCTIONS, calendar::FUNCTIONS])?;
    add_ints(
        d,
        ints![
            CLOCK_REALTIME,
            CLOCK_MONOTONIC,
            CLOCK_MONOTONIC_RAW,
            CLOCK_PROCESS_CPUTIME_ID,
            CLOCK_THREAD_CPUTIME_ID,
            CLOCK_BOOTTIME,
            CLOCK_TAI
        ],
    )?;
    add_ints(d, &[("_STRUCT_TM_ITEMS", 11)])?;
    dict::set_str(d, "struct_time", STRUCT_TIME.object())?;
    calendar::set_zone(cx, d)
}

/// Nanoseconds of a number of seconds, rounded as CPython rounds timeouts: away from zero.
pub fn nanoseconds(cx: &Context, r: &Ref) -> Result<i64> {
    if let Some(x) = number::float_value(r) {
        if x.is_nan() {
            return Err(value_error("Invalid value NaN (not a number)"));
        }
        let n = x * 1e9;
        let n = if n >= 0.0 { n.ceil() } else { n.floor() };
        if !(-9.223_372_036_854_775e18..9.223_372_036_854_775e18).contains(&n) {
            return Err(overflow_error("timestamp out of range for platform time_t"));
        }
        return Ok(n as i64);
    }
    if number::int_value(r).is_none() && !r.ty().slots.index.is_set() {
        return Err(type_error(format!(
            "'{}' object cannot be interpreted as an integer or float",
            r.ty().name()
        )));
    }
    skein_stdlib_os::arg::as_i64(cx, r)?
        .and_then(|n| n.checked_mul(1_000_000_000))
        .ok_or_else(|| overflow_error("timestamp too large to convert to C PyTime_t"))
}

/// A number of seconds as a C structure, rounded down.
pub fn timespec(cx: &Context, r: &Ref) -> Result<libc::timespec> {
    if let Some(x) = number::float_value(r) {
        if x.is_nan() {
            return Err(value_error("Invalid value NaN (not a number)"));
        }
        if x.abs() >= 9.2e18 {
            return Err(overflow_error("timestamp out of range for platform time_t"));
        }
        let (sec, nsec) = (x.floor(), ((x - x.floor()) * 1e9).floor());
        return Ok(libc::timespec {
            tv_sec: sec as i64,
            tv_nsec: (nsec as i64).clamp(0, 999_999_999),
        });
    }
    Ok(libc::timespec {
        tv_sec: seconds(cx, r)?,
        tv_nsec: 0,
    })
}

/// A time in whole seconds.
fn seconds(cx: &Context, r: &Ref) -> Result<i64> {
    if let Some(x) = number::float_value(r) {
        if x.is_nan() {
            return Err(value_error("Invalid value NaN (not a number)"));
        }
        if x.abs() >= 9.2e18 {
            return Err(overflow_error("timestamp out of range for platform time_t"));
        }
        return Ok(x.floor() as i64);
    }
    skein_stdlib_os::arg::as_i64(cx, r)?
        .ok_or_else(|| overflow_error("timestamp out of range for platform time_t"))
}

/// True for None or nothing.
fn absent(r: Option<&Ref>) -> bool {
    r.is_none_or(s::is_none)
}
