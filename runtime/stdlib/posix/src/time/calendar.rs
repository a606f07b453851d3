//! Broken-down time.

use super::{absent, seconds};
use crate::structseq::{StructSeq, declare_hidden};
use crate::sys;
use skein_object::error::{Result, overflow_error, type_error, value_error};
use skein_object::native::{Args, Row};
use skein_object::object::RefExt;
use skein_object::types::Type;
use skein_object::{Context, Ref, dict, number, protocol, row, statics as s, str, tuple};
use skein_stdlib_os::{arg, import, path};
use std::ffi::CString;

pub static STRUCT_TIME: Type = declare_hidden("time.struct_time");

pub static STRUCT: StructSeq = StructSeq {
    ty: &STRUCT_TIME,
    fields: &[
        "tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday",
        "tm_isdst",
    ],
    hidden: &["tm_zone", "tm_gmtoff"],
    doc: "The time value as returned by gmtime(), localtime(), and strptime(), and\n accepted by asctime(), mktime() and strftime().",
};

pub static FUNCTIONS: &[Row] = &[
    row!(
        "gmtime(seconds=None, /)",
        |cx, a| broken(cx, a, false),
        "Convert seconds since the Epoch to a time tuple expressing UTC (a.k.a. GMT)."
    ),
    row!(
        "localtime(seconds=None, /)",
        |cx, a| broken(cx, a, true),
        "Convert seconds since the Epoch to a time tuple expressing local time."
    ),
    row!(
        "mktime(seconds, /)",
        mktime,
        "Convert a time tuple in local time to seconds since the Epoch."
    ),
    row!(
        "asctime(seconds=None, /)",
        |cx, a| {
            let tm = given_or_now(cx, a.opt(0))?;
            str::from_str(&ascii(&tm))
        },
        "Convert a time tuple to a string, e.g. 'Sat Jun 06 16:26:11 1998'."
    ),
    row!(
        "ctime(seconds=None, /)",
        |cx, a| {
            let t = stamp(cx, a.opt(0))?;
            str::from_str(&ascii(&split(t, true)?))
        },
        "Convert a time in seconds since the Epoch to a string in local time."
    ),
    row!(
        "strftime(format, t=None, /)",
        strftime,
        "Convert a time tuple to a string according to a format specification."
    ),
    row!(
        "strptime(*args)",
        |cx, a| import::call(cx, "_strptime", "_strptime_time", a.rest(0)),
        "Parse a string to a time tuple according to a format specification."
    ),
    row!(
        "tzset()",
        tzset,
        "Initialize, or reinitialize, the local timezone to the value stored in os.environ['TZ']."
    ),
];

fn stamp(cx: &Context, r: Option<&Ref>) -> Result<i64> {
    match r {
        Some(r) if !absent(Some(r)) => seconds(cx, r),
        _ => Ok(sys::clock_gettime(libc::CLOCK_REALTIME).map_or(0, |t| t.tv_sec)),
    }
}

fn split(t: i64, local: bool) -> Result<libc::tm> {
    sys::broken_down(t, local)
        .ok_or_else(|| overflow_error("timestamp out of range for platform time_t"))
}

fn broken(cx: &Context, a: Args<'_>, local: bool) -> Result<Ref> {
    let tm = split(stamp(cx, a.opt(0))?, local)?;
    let items = [
        i64::from(tm.tm_year) + 1900,
        i64::from(tm.tm_mon) + 1,
        i64::from(tm.tm_mday),
        i64::from(tm.tm_hour),
        i64::from(tm.tm_min),
        i64::from(tm.tm_sec),
        i64::from((tm.tm_wday + 6) % 7),
        i64::from(tm.tm_yday) + 1,
        i64::from(tm.tm_isdst),
    ];
    let zone = if local {
        path::decode(&sys::zone_name(&tm))?
    } else {
        str::from_str("UTC")?
    };
    STRUCT.make(
        cx,
        items
            .into_iter()
            .map(number::int)
            .collect::<Result<Vec<_>>>()?,
        vec![zone, number::int(tm.tm_gmtoff)?],
    )
}

fn given_or_now(cx: &Context, r: Option<&Ref>) -> Result<libc::tm> {
    match r {
        Some(t) if !absent(Some(t)) => {
            let tm = from_tuple(cx, t)?;
            check(&tm)?;
            Ok(tm)
        }
        _ => split(stamp(cx, None)?, true),
    }
}

/// A time tuple as a C structure.
fn from_tuple(cx: &Context, r: &Ref) -> Result<libc::tm> {
    let Some(items) = tuple::items(r) else {
        return Err(type_error("Tuple or struct_time argument required"));
    };
    if items.len() != 9 {
        return Err(type_error(format!(
            "function takes exactly 9 arguments ({} given)",
            items.len()
        )));
    }
    let mut n = [0i32; 9];
    for (to, from) in n.iter_mut().zip(items) {
        *to = arg::int(cx, from)?;
    }
    let mut tm = split(0, false)?;
    tm.tm_year = n[0]
        .checked_sub(1900)
        .ok_or_else(|| overflow_error("year out of range"))?;
    tm.tm_mon = n[1].saturating_sub(1);
    tm.tm_mday = n[2];
    tm.tm_hour = n[3];
    tm.tm_min = n[4];
    tm.tm_sec = n[5];
    tm.tm_wday = n[6].saturating_add(1) % 7;
    tm.tm_yday = n[7].saturating_sub(1);
    tm.tm_isdst = n[8];
    if r.is_exact(&STRUCT_TIME)
        && let Ok(off) = protocol::getattr_str(cx, r, "tm_gmtoff")
        && let Some(off) = off.as_int()
    {
        tm.tm_gmtoff = off;
    }
    Ok(tm)
}

/// Corrects zeros, and refuses fields that are out of range.
fn check(tm: &libc::tm) -> Result<()> {
    let wrong = |what: &str| Err(value_error(format!("{what} out of range")));
    match () {
        () if !(-1..=11).contains(&tm.tm_mon) => wrong("month"),
        () if !(0..=31).contains(&tm.tm_mday) => wrong("day of month"),
        () if !(0..=23).contains(&tm.tm_hour) => wrong("hour"),
        () if !(0..=59).contains(&tm.tm_min) => wrong("minute"),
        () if !(0..=61).contains(&tm.tm_sec) => wrong("seconds"),
        () if tm.tm_wday < 0 => wrong("day of week"),
        () if !(-1..=365).contains(&tm.tm_yday) => wrong("day of year"),
        () => Ok(()),
    }
}

fn ascii(tm: &libc::tm) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    format!(
        "{} {}{:3} {:02}:{:02}:{:02} {}",
        DAYS[tm.tm_wday.rem_euclid(7) as usize],
        MONTHS[tm.tm_mon.max(0).rem_euclid(12) as usize],
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec,
        i64::from(tm.tm_year) + 1900
    )
}

fn mktime(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut tm = from_tuple(cx, a.at(0))?;
    tm.tm_wday = -1;
    let t = sys::mktime(&mut tm);
    if t == -1 && tm.tm_wday == -1 {
        return Err(overflow_error("mktime argument out of range"));
    }
    number::float(t as f64)
}

fn strftime(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if !str::is_str(a.at(0)) {
        return Err(type_error(format!(
            "strftime() argument 1 must be str, not {}",
            a.at(0).ty().name()
        )));
    }
    let mut tm = given_or_now(cx, a.opt(1))?;
    tm.tm_mon = tm.tm_mon.max(0);
    tm.tm_mday = tm.tm_mday.max(1);
    tm.tm_yday = tm.tm_yday.max(0);
    tm.tm_isdst = tm.tm_isdst.clamp(-1, 1);
    let zone = match a.opt(1) {
        Some(t) if t.is_exact(&STRUCT_TIME) => match protocol::getattr_str(cx, t, "tm_zone") {
            Ok(z) if str::is_str(&z) => path::encode_str(&z)?,
            _ => Vec::new(),
        },
        Some(t) if !absent(Some(t)) => {
            let at = usize::from(tm.tm_isdst > 0);
            zones()[at].0.clone()
        }
        _ => sys::zone_name(&tm),
    };
    let zone = CString::new(zone).unwrap_or_default();
    // The C function ends at a null character: the parts between them go separately.
    let mut out = skein_text::StrBuf::new();
    for (i, part) in path::encode_str(a.at(0))?.split(|c| *c == 0).enumerate() {
        if i > 0 {
            out.push(0);
        }
        let Ok(format) = CString::new(part) else {
            continue;
        };
        if let Some(b) = sys::strftime(&format, &tm, &zone)
            && let Some(t) = path::decode(&b)?.body::<skein_object::StrBody>()
        {
            out.push_view(t.view());
        }
    }
    str::from_buf(out)
}

/// Names and offsets (east of Greenwich, in seconds) of standard and summer time in this year.
fn zones() -> [(Vec<u8>, i64); 2] {
    let now = sys::clock_gettime(libc::CLOCK_REALTIME).map_or(0, |t| t.tv_sec);
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    let start = now / YEAR * YEAR;
    let at = |t: i64| match sys::broken_down(t, true) {
        Some(tm) => (sys::zone_name(&tm), tm.tm_gmtoff),
        None => (b"UTC".to_vec(), 0),
    };
    let (january, july) = (at(start), at(start + YEAR / 2));
    if january.1 < july.1 {
        [january, july]
    } else {
        [july, january]
    }
}

/// Sets `timezone`, `altzone`, `daylight` and `tzname`.
pub fn set_zone(_: &Context, d: &Ref) -> Result<()> {
    sys::tzset();
    let [winter, summer] = zones();
    dict::set_str(d, "timezone", number::int(-winter.1)?)?;
    dict::set_str(d, "altzone", number::int(-summer.1)?)?;
    dict::set_str(d, "daylight", number::int(i64::from(winter.1 != summer.1))?)?;
    dict::set_str(
        d,
        "tzname",
        tuple::new(vec![path::decode(&winter.0)?, path::decode(&summer.0)?])?,
    )
}

fn tzset(cx: &Context, _: Args<'_>) -> Result<Ref> {
    let module = import::module(cx, "time")?;
    let d = protocol::getattr(cx, &module, skein_object::intern::names::__dict__())?;
    set_zone(cx, &d)?;
    Ok(s::none())
}
