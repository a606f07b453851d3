//! `select`: `select`, `poll` objects, `epoll` objects.

use crate::{add_ints, ints, sys};
use skein_gc::lock::Mutex;
use skein_object::error::{Result, key_error, type_error, value_error};
use skein_object::native::{self, Args, ModuleDef, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, dict, list, number, payload, protocol, row, statics as s, tuple};
use skein_stdlib_os::{arg, retry};
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::Relaxed};
use std::time::{Duration, Instant};

pub static SELECT: ModuleDef = ModuleDef {
    name: "select",
    doc: "This module supports asynchronous I/O on multiple file descriptors.",
    functions: FUNCTIONS,
    init,
};

static FUNCTIONS: &[Row] = &[
    row!(
        "select(rlist, wlist, xlist, timeout=None, /)",
        select,
        "Wait until one or more file descriptors are ready for some kind of I/O."
    ),
    row!(
        "poll()",
        |_, _| alloc(
            &POLL,
            PollBody {
                fds: Mutex::new(BTreeMap::new()),
                busy: AtomicBool::new(false)
            }
        ),
        "Returns a polling object."
    ),
];

/// Waits until a deadline, again after each signal.
fn wait<R>(cx: &Context, timeout: Option<Duration>, mut call: impl FnMut(i32) -> io::Result<R>) -> Result<R> {
    let end = timeout.and_then(|t| Instant::now().checked_add(t));
    let r = retry(cx, || {
        let ms = match end {
            None => -1,
            Some(end) => {
                let left = end.saturating_duration_since(Instant::now());
                i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
            }
        };
        call(ms)
    })?;
    r.map_err(|e| skein_stdlib_os::error::from_io(&e))
}

/// A timeout in units of `unit` nanoseconds; `None` waits for ever.
fn timeout_in(cx: &Context, r: Option<&Ref>, unit: f64) -> Result<Option<Duration>> {
    let Some(r) = r.filter(|r| !s::is_none(r)) else {
        return Ok(None);
    };
    if number::float_value(r).is_none() && number::int_value(r).is_none() && !r.ty().slots.index.is_set() {
        return Err(type_error("timeout must be an integer or None"));
    }
    let x = protocol::convert::to_f64(cx, r)? * unit;
    if x < 0.0 {
        return Ok(None);
    }
    Ok(Duration::try_from_secs_f64(x / 1e9).ok())
}

fn select(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let timeout = match a.opt_not_none(3) {
        None => None,
        Some(t) => {
            if number::float_value(t).is_none() && number::int_value(t).is_none() && !t.ty().slots.index.is_set() {
                return Err(type_error("timeout must be a float or None"));
            }
            if protocol::convert::to_f64(cx, t)? < 0.0 {
                return Err(value_error("timeout must be non-negative"));
            }
            timeout_in(cx, Some(t), 1e9)?
        }
    };
    let mut objects: [Vec<(Ref, i32)>; 3] = Default::default();
    let mut wanted: BTreeMap<i32, i16> = BTreeMap::new();
    let events = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
    for i in 0..3 {
        if !a.at(i).ty().slots.iter.is_set() && !a.at(i).ty().slots.getitem.is_set() {
            return Err(type_error("arguments 1-3 must be sequences"));
        }
        for o in protocol::collect(cx, a.at(i))? {
            let fd = arg::fileno(cx, &o)?;
            *wanted.entry(fd).or_default() |= events[i];
            objects[i].push((o, fd));
        }
    }
    let mut fds: Vec<libc::pollfd> = wanted
        .iter()
        .map(|(fd, events)| libc::pollfd {
            fd: *fd,
            events: *events,
            revents: 0,
        })
        .collect();
    wait(cx, timeout, |ms| sys::poll(&mut fds, ms))?;
    let mut seen = BTreeMap::new();
    for f in &fds {
        if f.revents & libc::POLLNVAL != 0 {
            return Err(skein_stdlib_os::os_error(libc::EBADF));
        }
        seen.insert(f.fd, f.revents);
    }
    let ready = [
        libc::POLLIN | libc::POLLHUP | libc::POLLERR,
        libc::POLLOUT | libc::POLLERR,
        libc::POLLPRI,
    ];
    let mut out = Vec::with_capacity(3);
    for (list_of, mask) in objects.into_iter().zip(ready) {
        let items = list_of
            .into_iter()
            .filter(|(_, fd)| seen.get(fd).is_some_and(|r| r & mask != 0));
        out.push(list::new(items.map(|(o, _)| o).collect())?);
    }
    tuple::new(out)
}

pub struct PollBody {
    fds: Mutex<BTreeMap<i32, i16>>,
    busy: AtomicBool,
}
payload!(PollBody, "poll", |_this, _v| {});

pub static POLL: Type = Type::declare(
    "select.poll",
    Some(&s::OBJECT),
    <PollBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

static POLL_METHODS: &[Row] = &[
    row!(
        "register(self, fd, eventmask=7, /)",
        |cx, a| poll_set(cx, a, true),
        "Register a file descriptor with the polling object."
    ),
    row!(
        "modify(self, fd, eventmask, /)",
        |cx, a| poll_set(cx, a, false),
        "Modify an already registered file descriptor."
    ),
    row!(
        "unregister(self, fd, /)",
        |cx, a| {
            let fd = arg::fileno(cx, a.at(1))?;
            if poll_body(a.at(0))?.fds.lock().remove(&fd).is_none() {
                return Err(key_error(&Ref::small(fd)));
            }
            Ok(s::none())
        },
        "Remove a file descriptor being tracked by the polling object."
    ),
    row!(
        "poll(self, timeout=None, /)",
        poll_row,
        "Polls the set of registered file descriptors."
    ),
];

fn poll_body(r: &Ref) -> Result<&PollBody> {
    r.body::<PollBody>()
        .ok_or_else(|| type_error("a poll object is wanted"))
}

fn poll_set(cx: &Context, a: Args<'_>, new: bool) -> Result<Ref> {
    let fd = arg::fileno(cx, a.at(1))?;
    let events = match a.opt(2) {
        None => libc::POLLIN | libc::POLLPRI | libc::POLLOUT,
        Some(e) => arg::uint(cx, e)? as i16,
    };
    let mut g = poll_body(a.at(0))?.fds.lock();
    if !new && !g.contains_key(&fd) {
        return Err(skein_stdlib_os::os_error(libc::ENOENT));
    }
    g.insert(fd, events);
    Ok(s::none())
}

fn poll_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = poll_body(a.at(0))?;
    let timeout = timeout_in(cx, a.opt(1), 1e6)?;
    if b.busy.swap(true, Relaxed) {
        return Err(skein_object::error::runtime_error("concurrent poll() invocation"));
    }
    let mut fds: Vec<libc::pollfd> = b
        .fds
        .lock()
        .iter()
        .map(|(fd, events)| libc::pollfd {
            fd: *fd,
            events: *events,
            revents: 0,
        })
        .collect();
    let r = wait(cx, timeout, |ms| sys::poll(&mut fds, ms));
    b.busy.store(false, Relaxed);
    r?;
    let mut out = Vec::new();
    for f in fds.iter().filter(|f| f.revents != 0) {
        out.push(tuple::new(vec![
            Ref::small(f.fd),
            Ref::small(i32::from(f.revents) & 0xffff),
        ])?);
    }
    list::new(out)
}

pub struct EpollBody {
    fd: AtomicI32,
}
payload!(EpollBody, "epoll", |_this, _v| {});

pub static EPOLL: Type = Type::declare(
    "select.epoll",
    Some(&s::OBJECT),
    <EpollBody as Payload>::LAYOUT,
    flag::BASETYPE,
);

static EPOLL_NEW: Row = row!("epoll(cls, sizehint=-1, flags=0)", epoll_new, "");

static EPOLL_METHODS: &[Row] = &[
    row!(class "fromfd(cls, fd, /)", |cx, a| {
        let ty = Type::from_ref(a.at(0)).unwrap_or(&EPOLL);
        alloc(ty, EpollBody { fd: AtomicI32::new(arg::int(cx, a.at(1))?) })
    }, "Create an epoll object from a given control fd."),
    row!(
        "close(self, /)",
        |_, a| {
            close_epoll(a.at(0))?;
            Ok(s::none())
        },
        "Close the epoll control file descriptor."
    ),
    row!(
        "fileno(self, /)",
        |_, a| Ok(Ref::small(epoll_fd(a.at(0))?)),
        "Return the epoll control file descriptor."
    ),
    row!(
        "register(self, fd, eventmask=7)",
        |cx, a| control(cx, a, libc::EPOLL_CTL_ADD),
        "Registers a new fd or raises an OSError if the fd is already registered."
    ),
    row!(
        "modify(self, fd, eventmask)",
        |cx, a| control(cx, a, libc::EPOLL_CTL_MOD),
        "Modify event mask for a registered file descriptor."
    ),
    row!(
        "unregister(self, fd)",
        |cx, a| control(cx, a, libc::EPOLL_CTL_DEL),
        "Remove a registered file descriptor from the epoll object."
    ),
    row!(
        "poll(self, timeout=None, maxevents=-1)",
        epoll_poll,
        "Wait for events on the epoll file descriptor."
    ),
    row!(
        "__enter__(self, /)",
        |_, a| {
            epoll_fd(a.at(0))?;
            Ok(a.at(0).clone())
        },
        ""
    ),
    row!(
        "__exit__(self, exc_type=None, exc_value=None, exc_tb=None, /)",
        |_, a| {
            close_epoll(a.at(0))?;
            Ok(s::none())
        },
        ""
    ),
];

static EPOLL_GETSET: &[GetSet] = &[getset("closed", |_, r| {
    Ok(number::bool(epoll_body(r)?.fd.load(Relaxed) < 0))
})];

fn epoll_body(r: &Ref) -> Result<&EpollBody> {
    r.body::<EpollBody>()
        .ok_or_else(|| type_error("an epoll object is wanted"))
}

fn epoll_fd(r: &Ref) -> Result<i32> {
    match epoll_body(r)?.fd.load(Relaxed) {
        fd if fd < 0 => Err(value_error("I/O operation on closed epoll object")),
        fd => Ok(fd),
    }
}

fn close_epoll(r: &Ref) -> Result<()> {
    let fd = epoll_body(r)?.fd.swap(-1, Relaxed);
    if fd >= 0 {
        sys::close(fd).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    }
    Ok(())
}

fn epoll_new(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let ty = Type::from_ref(a.at(0)).unwrap_or(&EPOLL);
    if let Some(n) = a.opt(1) {
        let n = arg::int(cx, n)?;
        if n != -1 && n <= 0 {
            return Err(value_error("negative sizehint"));
        }
    }
    if let Some(f) = a.opt(2)
        && arg::int(cx, f)? & !libc::EPOLL_CLOEXEC != 0
    {
        return Err(skein_stdlib_os::os_error(libc::EINVAL));
    }
    let fd = sys::epoll_create1(libc::EPOLL_CLOEXEC).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    alloc(
        ty,
        EpollBody {
            fd: AtomicI32::new(fd as i32),
        },
    )
}

fn control(cx: &Context, a: Args<'_>, op: i32) -> Result<Ref> {
    let ep = epoll_fd(a.at(0))?;
    let fd = arg::fileno(cx, a.at(1))?;
    let events = match a.opt(2) {
        None => (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32,
        Some(e) => arg::uint(cx, e)?,
    };
    sys::epoll_ctl(ep, op, fd, events).map_err(|e| skein_stdlib_os::error::from_io(&e))?;
    Ok(s::none())
}

fn epoll_poll(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let ep = epoll_fd(a.at(0))?;
    let timeout = timeout_in(cx, a.opt(1), 1e9)?;
    let max = match a.opt(2) {
        None => -1,
        Some(n) => arg::int(cx, n)?,
    };
    let max = match max {
        -1 => 255,
        n if n > 0 => n.min(1 << 16) as usize,
        n => {
            return Err(value_error(format!("maxevents must be greater than 0, got {n}")));
        }
    };
    let mut out = vec![libc::epoll_event { events: 0, u64: 0 }; max];
    let n = wait(cx, timeout, |ms| sys::epoll_wait(ep, &mut out, ms))?;
    let mut items = Vec::with_capacity(n);
    for e in &out[..n.min(max)] {
        let (events, data) = (e.events, e.u64);
        items.push(tuple::new(vec![
            Ref::small(data as i32),
            number::int(i64::from(events))?,
        ])?);
    }
    list::new(items)
}

fn epoll_slots(t: &Slots) {
    t.new.set(Some(|cx, class, args, names| {
        let mut all = vec![class.clone()];
        all.extend_from_slice(args);
        native::call(cx, &EPOLL_NEW, &all, names)
    }));
}

fn finalize_epoll(r: &Ref) {
    let _ = close_epoll(r);
}

fn init(_: &Context, d: &Ref) -> Result<()> {
    if !POLL.has(flag::READY) {
        ready_type(&TypeDef {
            methods: POLL_METHODS,
            ..TypeDef::new(&POLL)
        })?;
        ready_type(&TypeDef {
            slots: epoll_slots,
            methods: EPOLL_METHODS,
            getset: EPOLL_GETSET,
            doc: "select.epoll(sizehint=-1, flags=0)",
            ..TypeDef::new(&EPOLL)
        })?;
        EPOLL.set_finalizer(Some(finalize_epoll));
    }
    dict::set_str(d, "epoll", EPOLL.object())?;
    dict::set_str(d, "error", s::OS_ERROR.object())?;
    add_ints(
        d,
        ints![
            POLLIN,
            POLLPRI,
            POLLOUT,
            POLLERR,
            POLLHUP,
            POLLNVAL,
            POLLRDNORM,
            POLLRDBAND,
            POLLWRNORM,
            POLLWRBAND,
            POLLRDHUP,
            EPOLLIN,
            EPOLLOUT,
            EPOLLPRI,
            EPOLLERR,
            EPOLLHUP,
            EPOLLRDHUP,
            EPOLLONESHOT,
            EPOLLRDNORM,
            EPOLLRDBAND,
            EPOLLWRNORM,
            EPOLLWRBAND,
            EPOLLMSG,
            EPOLLEXCLUSIVE,
            EPOLLWAKEUP,
            EPOLL_CLOEXEC
        ],
    )?;
    add_ints(
        d,
        &[
            ("POLLMSG", 0x400),
            ("EPOLLET", 1 << 31),
            ("PIPE_BUF", libc::PIPE_BUF as i64),
        ],
    )
}
