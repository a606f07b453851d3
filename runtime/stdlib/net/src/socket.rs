//! The socket object.

use crate::address::{from_python, to_python};
use crate::sys;
use skein_object::context::hooks;
use skein_object::error::{Result, raise, type_error, value_error};
use skein_object::native::{self, Args, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::protocol::buffer;
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, number, payload, protocol, row, statics as s, str, tuple};
use skein_stdlib_os::error::{errno_of, from_io};
use skein_stdlib_os::{arg, import};
use skein_types::startup::{GetSet, TypeDef, getset, member, ready_type};
use std::io;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Relaxed throughout: each word stands alone; closing a socket that another thread uses is that program's race, as in C.
pub struct SocketBody {
    /// -1: closed.
    fd: AtomicI32,
    family: AtomicI32,
    kind: AtomicI32,
    proto: AtomicI32,
    /// Nanoseconds; -1: waits for ever; 0: does not wait.
    timeout: AtomicI64,
}
payload!(SocketBody, "socket", |_this, _v| {});

pub static SOCKET: Type = Type::declare(
    "_socket.socket",
    Some(&s::OBJECT),
    <SocketBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::WEAKREFABLE,
);

/// Timeout of new sockets.
static DEFAULT_TIMEOUT: AtomicI64 = AtomicI64::new(-1);

pub static FUNCTIONS: &[Row] = &[
    row!(
        "socketpair(family=1, type=1, proto=0, /)",
        socketpair,
        "Create a pair of socket objects from the sockets returned by the platform socketpair() function."
    ),
    row!(
        "close(fd, /)",
        |cx, a| {
            let fd = arg::int(cx, a.at(0))?;
            done(skein_gc::mutator::detached(|| sys::close(fd)))
        },
        "Close an integer socket file descriptor."
    ),
    row!(
        "dup(fd, /)",
        |cx, a| Ok(Ref::small(sys::dup(arg::int(cx, a.at(0))?).map_err(|e| from_io(&e))?)),
        "Duplicate an integer socket file descriptor."
    ),
    row!(
        "getdefaulttimeout()",
        |_, _| timeout_object(DEFAULT_TIMEOUT.load(Relaxed)),
        ""
    ),
    row!(
        "setdefaulttimeout(timeout, /)",
        |cx, a| {
            DEFAULT_TIMEOUT.store(timeout_of(cx, a.at(0))?, Relaxed);
            Ok(s::none())
        },
        ""
    ),
];

static INIT: Row = row!(
    "socket(self, /, family=-1, type=-1, proto=-1, fileno=None)",
    init_row,
    ""
);

static METHODS: &[Row] = &[
    row!("_accept(self, /)", accept, "_accept() -> (integer, address info)"),
    row!("bind(self, address, /)", bind, "Bind the socket to a local address."),
    row!("close(self, /)", close, "Close the socket."),
    row!(
        "connect(self, address, /)",
        |cx, a| {
            match connect(cx, a, "connect")? {
                0 => Ok(s::none()),
                e if e == libc::EWOULDBLOCK && body(a.at(0))?.timeout.load(Relaxed) > 0 => Err(timed_out()),
                e => Err(skein_stdlib_os::os_error(e)),
            }
        },
        "Connect the socket to a remote address."
    ),
    row!(
        "connect_ex(self, address, /)",
        |cx, a| Ok(Ref::small(connect(cx, a, "connect_ex")?)),
        ""
    ),
    row!(
        "detach(self, /)",
        |_, a| Ok(Ref::small(body(a.at(0))?.fd.swap(-1, Relaxed))),
        "Close the socket object without closing the underlying file descriptor."
    ),
    row!(
        "fileno(self, /)",
        |_, a| Ok(Ref::small(body(a.at(0))?.fd.load(Relaxed))),
        "Return the integer file descriptor of the socket."
    ),
    row!(
        "getpeername(self, /)",
        |_, a| to_python(&sys::getpeername(fd(a)?).map_err(|e| from_io(&e))?),
        ""
    ),
    row!(
        "getsockname(self, /)",
        |_, a| to_python(&sys::getsockname(fd(a)?).map_err(|e| from_io(&e))?),
        ""
    ),
    row!("getsockopt(self, level, option, buflen=0, /)", getsockopt, ""),
    row!("setsockopt(self, level, option, value, optlen=None, /)", setsockopt, ""),
    row!(
        "listen(self, backlog=128, /)",
        listen,
        "Enable a server to accept connections."
    ),
    row!(
        "recv(self, bufsize, flags=0, /)",
        |cx, a| Ok(receive(cx, a, "recv")?.0),
        "Receive up to buffersize bytes from the socket."
    ),
    row!(
        "recvfrom(self, bufsize, flags=0, /)",
        |cx, a| {
            let (data, address) = receive(cx, a, "recvfrom")?;
            tuple::new(vec![data, to_python(&address)?])
        },
        ""
    ),
    row!(
        "recv_into(self, buffer, nbytes=0, flags=0)",
        |cx, a| Ok(receive_into(cx, a, "recv_into")?.0),
        ""
    ),
    row!(
        "recvfrom_into(self, buffer, nbytes=0, flags=0)",
        |cx, a| {
            let (n, address) = receive_into(cx, a, "recvfrom_into")?;
            tuple::new(vec![n, to_python(&address)?])
        },
        ""
    ),
    row!(
        "send(self, data, flags=0, /)",
        send,
        "Send a data string to the socket."
    ),
    row!("sendall(self, data, flags=0, /)", sendall, ""),
    row!("sendto(self, data, flags_or_address, address=None, /)", sendto, ""),
    row!(
        "setblocking(self, flag, /)",
        |cx, a| {
            let t = if protocol::is_true(cx, a.at(1))? { -1 } else { 0 };
            set_timeout(body(a.at(0))?, t)
        },
        ""
    ),
    row!(
        "getblocking(self, /)",
        |_, a| Ok(number::bool(body(a.at(0))?.timeout.load(Relaxed) != 0)),
        ""
    ),
    row!(
        "settimeout(self, timeout, /)",
        |cx, a| set_timeout(body(a.at(0))?, timeout_of(cx, a.at(1))?),
        ""
    ),
    row!(
        "gettimeout(self, /)",
        |_, a| timeout_object(body(a.at(0))?.timeout.load(Relaxed)),
        ""
    ),
    row!(
        "shutdown(self, how, /)",
        |cx, a| done(sys::shutdown(fd(a)?, arg::int(cx, a.at(1))?)),
        ""
    ),
];

static GETSET: &[GetSet] = &[
    member("family", |_, r| Ok(Ref::small(body(r)?.family.load(Relaxed)))),
    member("type", |_, r| Ok(Ref::small(body(r)?.kind.load(Relaxed)))),
    member("proto", |_, r| Ok(Ref::small(body(r)?.proto.load(Relaxed)))),
    getset("timeout", |_, r| timeout_object(body(r)?.timeout.load(Relaxed))),
];

fn body(r: &Ref) -> Result<&SocketBody> {
    r.body::<SocketBody>()
        .ok_or_else(|| type_error("a socket object is wanted"))
}

fn fd(a: Args<'_>) -> Result<i32> {
    Ok(body(a.at(0))?.fd.load(Relaxed))
}

fn done(r: io::Result<i64>) -> Result<Ref> {
    match r {
        Ok(_) => Ok(s::none()),
        Err(e) => Err(from_io(&e)),
    }
}

#[cold]
fn timed_out() -> skein_object::Error {
    raise(&s::TIMEOUT_ERROR, "timed out")
}

fn timeout_of(cx: &Context, r: &Ref) -> Result<i64> {
    if s::is_none(r) {
        return Ok(-1);
    }
    if number::float_value(r).is_none() && number::int_value(r).is_none() && !r.ty().slots.index.is_set() {
        return Err(type_error(format!(
            "'{}' object cannot be interpreted as an integer or float",
            r.ty().name()
        )));
    }
    let x = protocol::convert::to_f64(cx, r)?;
    if x.is_nan() {
        return Err(value_error("Invalid value NaN (not a number)"));
    }
    if x < 0.0 {
        return Err(value_error("Timeout value out of range"));
    }
    if x >= 9.2e9 {
        return Err(skein_object::error::overflow_error(
            "timeout doesn't fit into C timeval",
        ));
    }
    Ok((x * 1e9).ceil() as i64)
}

fn timeout_object(n: i64) -> Result<Ref> {
    if n < 0 {
        Ok(s::none())
    } else {
        number::float(n as f64 / 1e9)
    }
}

fn set_timeout(b: &SocketBody, n: i64) -> Result<Ref> {
    b.timeout.store(n, Relaxed);
    done(sys::set_blocking(b.fd.load(Relaxed), n < 0))
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    let ty = Type::from_ref(class).ok_or_else(|| type_error("a class is wanted"))?;
    alloc(
        ty,
        SocketBody {
            fd: AtomicI32::new(-1),
            family: AtomicI32::new(0),
            kind: AtomicI32::new(0),
            proto: AtomicI32::new(0),
            timeout: AtomicI64::new(-1),
        },
    )
}

fn init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let mut all = vec![r.clone()];
    all.extend_from_slice(args);
    native::call(cx, &INIT, &all, names)
}

fn int_option(fd: i32, name: i32) -> io::Result<i32> {
    let v = sys::getsockopt(fd, libc::SOL_SOCKET, name, 4)?;
    Ok(v.try_into().map_or(0, i32::from_ne_bytes))
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = |i: usize| a.opt(i).map_or(Ok(-1), |r| arg::int(cx, r));
    let (mut family, mut kind, mut proto) = (n(1)?, n(2)?, n(3)?);
    let b = body(a.at(0))?;
    let fd = match a.opt_not_none(4) {
        Some(f) => {
            if number::float_value(f).is_some() {
                return Err(type_error("integer argument expected, got float"));
            }
            let fd = arg::int(cx, f)?;
            if fd < 0 {
                return Err(value_error("negative file descriptor"));
            }
            if family == -1 {
                family = int_option(fd, libc::SO_DOMAIN).map_err(|e| from_io(&e))?;
            } else {
                sys::getsockname(fd).map_err(|e| from_io(&e))?;
            }
            if kind == -1 {
                kind = int_option(fd, libc::SO_TYPE).map_err(|e| from_io(&e))?;
            }
            if proto == -1 {
                proto = int_option(fd, libc::SO_PROTOCOL).map_err(|e| from_io(&e))?;
            }
            fd
        }
        None => {
            family = if family == -1 { libc::AF_INET } else { family };
            kind = if kind == -1 { libc::SOCK_STREAM } else { kind };
            proto = proto.max(0);
            sys::socket(family, kind, proto).map_err(|e| from_io(&e))?
        }
    };
    setup(b, fd, family, kind, proto)?;
    Ok(s::none())
}

fn setup(b: &SocketBody, fd: i32, family: i32, kind: i32, proto: i32) -> Result<()> {
    let plain = kind & !(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK);
    b.family.store(family, Relaxed);
    b.kind.store(plain, Relaxed);
    b.proto.store(proto, Relaxed);
    let old = b.fd.swap(fd, Relaxed);
    if old >= 0 {
        let _ = sys::close(old);
    }
    if kind & libc::SOCK_NONBLOCK != 0 {
        b.timeout.store(0, Relaxed);
    } else {
        let t = DEFAULT_TIMEOUT.load(Relaxed);
        b.timeout.store(t, Relaxed);
        if t >= 0 {
            sys::set_blocking(fd, false).map_err(|e| from_io(&e))?;
        }
    }
    Ok(())
}

fn socketpair(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = |i: usize, d: i32| a.opt(i).map_or(Ok(d), |r| arg::int(cx, r));
    let (family, kind, proto) = (n(0, libc::AF_UNIX)?, n(1, libc::SOCK_STREAM)?, n(2, 0)?);
    let fds = sys::socketpair(family, kind, proto).map_err(|e| from_io(&e))?;
    let mut out = Vec::with_capacity(2);
    for fd in fds {
        let r = new(cx, &SOCKET.object(), &[], None)?;
        setup(body(&r)?, fd, family, kind, proto)?;
        out.push(r);
    }
    tuple::new(out)
}

/// Waits for an event within the time that is left; false when it is up.
fn ready_for(cx: &Context, fd: i32, events: i16, end: Option<Instant>) -> Result<bool> {
    loop {
        let ms = match end {
            None => -1,
            Some(end) => {
                let left = end.saturating_duration_since(Instant::now());
                i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
            }
        };
        match skein_gc::mutator::waiting(|| sys::poll(fd, events, ms)) {
            Ok(ready) => return Ok(ready),
            Err(e) if errno_of(&e) == libc::EINTR => (hooks().poll)(cx)?,
            Err(e) => return Err(from_io(&e)),
        }
    }
}

/// Until when an operation may take.
fn deadline(b: &SocketBody) -> Option<Instant> {
    match b.timeout.load(Relaxed) {
        t if t > 0 => Instant::now().checked_add(Duration::from_nanos(t as u64)),
        _ => None,
    }
}

/// Does an operation within the socket's timeout.
fn operate<R>(cx: &Context, b: &SocketBody, writing: bool, mut f: impl FnMut(i32) -> io::Result<R>) -> Result<R> {
    operate_until(cx, b, writing, deadline(b), &mut f)
}

fn operate_until<R>(
    cx: &Context,
    b: &SocketBody,
    writing: bool,
    end: Option<Instant>,
    f: &mut impl FnMut(i32) -> io::Result<R>,
) -> Result<R> {
    let events = if writing { libc::POLLOUT } else { libc::POLLIN };
    loop {
        let fd = b.fd.load(Relaxed);
        if end.is_some() && !ready_for(cx, fd, events, end)? {
            return Err(timed_out());
        }
        match skein_gc::mutator::waiting(|| f(fd)) {
            Ok(r) => return Ok(r),
            Err(e) if errno_of(&e) == libc::EINTR => (hooks().poll)(cx)?,
            Err(e) if errno_of(&e) == libc::EAGAIN && end.is_some() => {}
            Err(e) => return Err(from_io(&e)),
        }
    }
}

fn accept(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (fd, address) = operate(cx, body(a.at(0))?, false, sys::accept)?;
    tuple::new(vec![number::int(fd)?, to_python(&address)?])
}

fn bind(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let address = from_python(cx, a.at(1), b.family.load(Relaxed), "bind")?;
    import::audit(cx, "socket.bind", &[a.at(0).clone(), a.at(1).clone()])?;
    let fd = b.fd.load(Relaxed);
    done(skein_gc::mutator::detached(|| sys::bind(fd, &address)))
}

fn listen(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let n = a.opt(1).map_or(Ok(128), |n| arg::int(cx, n))?.max(0);
    done(sys::listen(fd(a)?, n))
}

/// Connects: 0 or an errno.
fn connect(cx: &Context, a: Args<'_>, function: &str) -> Result<i32> {
    let b = body(a.at(0))?;
    let address = from_python(cx, a.at(1), b.family.load(Relaxed), function)?;
    let fd = b.fd.load(Relaxed);
    let end = deadline(b);
    let e = match skein_gc::mutator::waiting(|| sys::connect(fd, &address)) {
        Ok(_) => return Ok(0),
        Err(e) => errno_of(&e),
    };
    let timeout = b.timeout.load(Relaxed);
    let wait = match e {
        libc::EINTR => {
            (hooks().poll)(cx)?;
            timeout != 0
        }
        libc::EINPROGRESS => timeout > 0,
        _ => false,
    };
    if !wait {
        return Ok(e);
    }
    if !ready_for(cx, fd, libc::POLLOUT, end)? {
        return Ok(libc::EWOULDBLOCK);
    }
    let e = int_option(fd, libc::SO_ERROR).map_err(|e| from_io(&e))?;
    Ok(if e == libc::EISCONN { 0 } else { e })
}

fn close(_: &Context, a: Args<'_>) -> Result<Ref> {
    let fd = body(a.at(0))?.fd.swap(-1, Relaxed);
    if fd >= 0
        && let Err(e) = skein_gc::mutator::detached(|| sys::close(fd))
        && errno_of(&e) != libc::ECONNRESET
    {
        return Err(from_io(&e));
    }
    Ok(s::none())
}

fn getsockopt(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (level, name) = (arg::int(cx, a.at(1))?, arg::int(cx, a.at(2))?);
    let n = a.opt(3).map_or(Ok(0), |n| arg::int(cx, n))?;
    if n == 0 {
        let v = sys::getsockopt(fd(a)?, level, name, 4).map_err(|e| from_io(&e))?;
        let mut b = [0; 4];
        for (to, from) in b.iter_mut().zip(v) {
            *to = from;
        }
        return number::int(i64::from(i32::from_ne_bytes(b)));
    }
    if !(1..=1024).contains(&n) {
        return Err(raise(&s::OS_ERROR, "getsockopt buflen out of range"));
    }
    str::bytes(&sys::getsockopt(fd(a)?, level, name, n as usize).map_err(|e| from_io(&e))?)
}

fn setsockopt(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (level, name) = (arg::int(cx, a.at(1))?, arg::int(cx, a.at(2))?);
    let fd = fd(a)?;
    if let Some(n) = a.opt(4) {
        if !s::is_none(a.at(3)) {
            return Err(type_error("setsockopt() argument 3 must be None if optlen is given"));
        }
        return done(sys::setsockopt(fd, level, name, None, arg::uint(cx, n)? as usize));
    }
    if number::int_value(a.at(3)).is_some() {
        let v = arg::int(cx, a.at(3))?.to_ne_bytes();
        return done(sys::setsockopt(fd, level, name, Some(&v), 4));
    }
    let v = buffer::to_vec(cx, a.at(3))?;
    done(sys::setsockopt(fd, level, name, Some(&v), 0))
}

fn flags_at(cx: &Context, a: Args<'_>, i: usize) -> Result<i32> {
    a.opt(i).map_or(Ok(0), |f| arg::int(cx, f))
}

/// Receives at most `n` bytes.
fn receive_bytes(cx: &Context, r: &Ref, n: usize, flags: i32) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut out = Vec::new();
    if out.try_reserve_exact(n).is_err() {
        return Err(skein_object::error::memory_error());
    }
    let address = operate(cx, body(r)?, false, |fd| sys::recvfrom(fd, &mut out, n, flags))?;
    Ok((out, address))
}

fn receive(cx: &Context, a: Args<'_>, function: &str) -> Result<(Ref, Vec<u8>)> {
    let n = usize::try_from(arg::long(cx, a.at(1))?)
        .map_err(|_| value_error(format!("negative buffersize in {function}")))?;
    let (data, address) = receive_bytes(cx, a.at(0), n, flags_at(cx, a, 2)?)?;
    Ok((str::bytes(&data)?, address))
}

fn receive_into(cx: &Context, a: Args<'_>, function: &str) -> Result<(Ref, Vec<u8>)> {
    if !buffer::is_buffer(a.at(1)) || !buffer::is_writable(cx, a.at(1))? {
        return Err(type_error(format!(
            "{function}() argument 1 must be read-write bytes-like object, not {}",
            a.at(1).ty().name()
        )));
    }
    let len = buffer::byte_len(cx, a.at(1))?;
    let n = a.opt(2).map_or(Ok(0), |n| arg::long(cx, n))?;
    let n = usize::try_from(n).map_err(|_| value_error(format!("negative buffersize in {function}")))?;
    if n > len {
        return Err(value_error(if function == "recv_into" {
            "buffer too small for requested bytes"
        } else {
            "nbytes is greater than the length of the buffer"
        }));
    }
    let n = if n == 0 { len } else { n };
    let (data, address) = receive_bytes(cx, a.at(0), n, flags_at(cx, a, 3)?)?;
    buffer::with_bytes_mut(cx, a.at(1), |b| {
        let k = b.len().min(data.len());
        b[..k].copy_from_slice(&data[..k]);
    })?;
    Ok((number::int_from_usize(data.len())?, address))
}

fn send(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = buffer::to_vec(cx, a.at(1))?;
    let flags = flags_at(cx, a, 2)?;
    number::int_from_usize(operate(cx, body(a.at(0))?, true, |fd| sys::send(fd, &data, flags))?)
}

fn sendall(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = buffer::to_vec(cx, a.at(1))?;
    let flags = flags_at(cx, a, 2)?;
    let b = body(a.at(0))?;
    // The timeout is for all of it.
    let end = deadline(b);
    let mut sent = 0;
    while sent < data.len() {
        sent += operate_until(cx, b, true, end, &mut |fd| sys::send(fd, &data[sent..], flags))?;
        (hooks().poll)(cx)?;
    }
    Ok(s::none())
}

fn sendto(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = buffer::to_vec(cx, a.at(1))?;
    let (flags, address) = match a.opt(3) {
        Some(address) => (arg::int(cx, a.at(2))?, address),
        None => (0, a.at(2)),
    };
    let b = body(a.at(0))?;
    let address = from_python(cx, address, b.family.load(Relaxed), "sendto")?;
    number::int_from_usize(operate(cx, b, true, |fd| sys::sendto(fd, &data, flags, &address))?)
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    str::from_str(&format!(
        "<socket object, fd={}, family={}, type={}, proto={}>",
        b.fd.load(Relaxed),
        b.family.load(Relaxed),
        b.kind.load(Relaxed),
        b.proto.load(Relaxed)
    ))
}

/// Closes a socket that nobody has closed, with a ResourceWarning.
fn finalize(r: &Ref) {
    let (Ok(b), Some(cx)) = (body(r), Context::try_current()) else {
        return;
    };
    if b.fd.load(Relaxed) < 0 {
        return;
    }
    if let Ok(text) = protocol::repr(cx, r)
        && let Err(e) = import::warn(cx, &s::RESOURCE_WARNING, &format!("unclosed {}", str::text(&text)))
        && e.is(&s::WARNING)
    {
        (hooks().unraisable)(cx, e, Some("Exception ignored while finalizing socket"), r);
    }
    let fd = b.fd.swap(-1, Relaxed);
    if fd >= 0 {
        let _ = sys::close(fd);
    }
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
    t.repr.set(Some(repr));
}

pub fn ready() -> Result<()> {
    if SOCKET.has(flag::READY) {
        return Ok(());
    }
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object\nsocket(family=-1, type=-1, proto=-1, fileno=None) -> socket object\n\nOpen a socket of the given type.",
        ..TypeDef::new(&SOCKET)
    })?;
    SOCKET.set_finalizer(Some(finalize));
    Ok(())
}
