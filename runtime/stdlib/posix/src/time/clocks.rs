//! Clocks and `sleep`.

use super::nanoseconds;
use crate::sys;
use skein_object::context::hooks;
use skein_object::error::{Error, Result, value_error};
use skein_object::native::{Args, Row};
use skein_object::{Context, Ref, dict, number, protocol, row, statics as s, str};
use skein_stdlib_os::{arg, import};

macro_rules! clock {
    ($name:literal, $id:ident, $doc:literal) => {
        row!(concat!($name, "()"), |_, _| number::float(float(now(libc::$id)?)), $doc)
    };
    (ns $name:literal, $id:ident, $doc:literal) => {
        row!(concat!($name, "()"), |_, _| number::int(nanos(now(libc::$id)?)), $doc)
    };
}

pub static FUNCTIONS: &[Row] = &[
    clock!(
        "time",
        CLOCK_REALTIME,
        "Return the current time in seconds since the Epoch."
    ),
    clock!("monotonic", CLOCK_MONOTONIC, "Monotonic clock, cannot go backward."),
    clock!("perf_counter", CLOCK_MONOTONIC, "Performance counter for benchmarking."),
    clock!(
        "process_time",
        CLOCK_PROCESS_CPUTIME_ID,
        "Process time for profiling: sum of the kernel and user-space CPU time."
    ),
    clock!(
        "thread_time",
        CLOCK_THREAD_CPUTIME_ID,
        "Thread time for profiling: sum of the kernel and user-space CPU time."
    ),
    clock!(ns "time_ns", CLOCK_REALTIME, "Return the current time in nanoseconds since the Epoch."),
    clock!(ns "monotonic_ns", CLOCK_MONOTONIC, "Monotonic clock, cannot go backward, as nanoseconds."),
    clock!(ns "perf_counter_ns", CLOCK_MONOTONIC, "Performance counter for benchmarking as nanoseconds."),
    clock!(ns "process_time_ns", CLOCK_PROCESS_CPUTIME_ID, "Process time for profiling as nanoseconds."),
    clock!(ns "thread_time_ns", CLOCK_THREAD_CPUTIME_ID, "Thread time for profiling as nanoseconds."),
    row!(
        "clock_gettime(clk_id, /)",
        |cx, a| number::float(float(now(arg::int(cx, a.at(0))?)?)),
        "Return the time of the specified clock clk_id as a float."
    ),
    row!(
        "clock_gettime_ns(clk_id, /)",
        |cx, a| number::int(nanos(now(arg::int(cx, a.at(0))?)?)),
        "Return the time of the specified clock clk_id as nanoseconds (int)."
    ),
    row!(
        "clock_getres(clk_id, /)",
        |cx, a| {
            let t = sys::clock_getres(arg::int(cx, a.at(0))?).map_err(fail)?;
            number::float(float(t))
        },
        "Return the resolution (precision) of the specified clock clk_id."
    ),
    row!(
        "clock_settime(clk_id, time, /)",
        |cx, a| {
            let t = super::timespec(cx, a.at(1))?;
            sys::clock_settime(arg::int(cx, a.at(0))?, t.tv_sec, t.tv_nsec).map_err(fail)?;
            Ok(s::none())
        },
        ""
    ),
    row!(
        "clock_settime_ns(clk_id, time, /)",
        |cx, a| {
            let n = arg::long(cx, a.at(1))?;
            sys::clock_settime(arg::int(cx, a.at(0))?, n.div_euclid(NANO), n.rem_euclid(NANO)).map_err(fail)?;
            Ok(s::none())
        },
        ""
    ),
    row!(
        "get_clock_info(name, /)",
        info,
        "Get information of the specified clock."
    ),
    row!(
        "sleep(seconds, /)",
        sleep,
        "Delay execution for a given number of seconds."
    ),
];

const NANO: i64 = 1_000_000_000;

fn fail(e: std::io::Error) -> Error {
    skein_stdlib_os::error::from_io(&e)
}

fn now(id: i32) -> Result<libc::timespec> {
    sys::clock_gettime(id).map_err(fail)
}

fn float(t: libc::timespec) -> f64 {
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}

fn nanos(t: libc::timespec) -> i64 {
    t.tv_sec.saturating_mul(NANO).saturating_add(t.tv_nsec)
}

fn sleep(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = nanoseconds(cx, a.at(0))?;
    if n < 0 {
        return Err(value_error("sleep length must be non-negative"));
    }
    let end = nanos(now(libc::CLOCK_MONOTONIC)?).saturating_add(n);
    loop {
        let slept = skein_gc::mutator::waiting(|| {
            let until = match skein_gc::mutator::patience() {
                Some(piece) => {
                    end.min(nanos(sys::clock_gettime(libc::CLOCK_MONOTONIC)?).saturating_add(piece.as_nanos() as i64))
                }
                None => end,
            };
            sys::sleep_until(until / NANO, until % NANO).map(|()| until)
        });
        match slept {
            Ok(until) if until < end => {}
            Ok(_) => return Ok(s::none()),
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => (hooks().poll)(cx)?,
            Err(e) => return Err(fail(e)),
        }
    }
}

fn info(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let name = arg::text(a.at(0), "get_clock_info", "1")?;
    let (id, text, monotonic, adjustable) = match name.as_str() {
        "time" => (libc::CLOCK_REALTIME, "CLOCK_REALTIME", false, true),
        "monotonic" | "perf_counter" => (libc::CLOCK_MONOTONIC, "CLOCK_MONOTONIC", true, false),
        "process_time" => (libc::CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID", true, false),
        "thread_time" => (libc::CLOCK_THREAD_CPUTIME_ID, "CLOCK_THREAD_CPUTIME_ID", true, false),
        _ => return Err(value_error("unknown clock")),
    };
    let resolution = float(sys::clock_getres(id).map_err(fail)?);
    let d = dict::new()?;
    dict::set_str(&d, "implementation", str::from_str(&format!("clock_gettime({text})"))?)?;
    dict::set_str(&d, "monotonic", number::bool(monotonic))?;
    dict::set_str(&d, "adjustable", number::bool(adjustable))?;
    dict::set_str(&d, "resolution", number::float(resolution)?)?;
    let class = import::attribute(cx, "types", "SimpleNamespace")?;
    protocol::call1(cx, &class, &d)
}
