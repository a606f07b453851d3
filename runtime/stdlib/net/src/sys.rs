//! Calls into libc. Addresses are bytes: a `sockaddr` as it lies in memory.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::io;

fn check(r: i64) -> io::Result<i64> {
    if r < 0 { Err(io::Error::last_os_error()) } else { Ok(r) }
}

/// Room for any address.
const ADDRESS: usize = 128;

/// Runs a call that fills an address.
fn with_address(f: impl FnOnce(*mut libc::sockaddr, *mut libc::socklen_t) -> i64) -> io::Result<(i64, Vec<u8>)> {
    // As u64, so that the structure is aligned.
    let mut room = [0u64; ADDRESS / 8];
    let mut len = ADDRESS as libc::socklen_t;
    let r = check(f(room.as_mut_ptr().cast(), &raw mut len))?;
    let bytes: Vec<u8> = room.iter().flat_map(|w| w.to_ne_bytes()).collect();
    Ok((r, bytes[..(len as usize).min(ADDRESS)].to_vec()))
}

pub fn socket(family: i32, kind: i32, proto: i32) -> io::Result<i32> {
    // SAFETY: integers.
    check(unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, proto) }.into()).map(|n| n as i32)
}

pub fn socketpair(family: i32, kind: i32, proto: i32) -> io::Result<[i32; 2]> {
    let mut fds = [0; 2];
    // SAFETY: fills two words.
    check(unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, proto, fds.as_mut_ptr()) }.into())?;
    Ok(fds)
}

pub fn bind(fd: i32, a: &[u8]) -> io::Result<i64> {
    // SAFETY: reads the slice.
    check(unsafe { libc::bind(fd, a.as_ptr().cast(), a.len() as u32) }.into())
}

pub fn connect(fd: i32, a: &[u8]) -> io::Result<i64> {
    // SAFETY: reads the slice.
    check(unsafe { libc::connect(fd, a.as_ptr().cast(), a.len() as u32) }.into())
}

pub fn accept(fd: i32) -> io::Result<(i64, Vec<u8>)> {
    // SAFETY: fills the address.
    with_address(|a, n| unsafe { libc::accept4(fd, a, n, libc::SOCK_CLOEXEC) }.into())
}

pub fn getsockname(fd: i32) -> io::Result<Vec<u8>> {
    // SAFETY: fills the address.
    with_address(|a, n| unsafe { libc::getsockname(fd, a, n) }.into()).map(|r| r.1)
}

pub fn getpeername(fd: i32) -> io::Result<Vec<u8>> {
    // SAFETY: fills the address.
    with_address(|a, n| unsafe { libc::getpeername(fd, a, n) }.into()).map(|r| r.1)
}

pub fn listen(fd: i32, n: i32) -> io::Result<i64> {
    // SAFETY: integers.
    check(unsafe { libc::listen(fd, n) }.into())
}

pub fn shutdown(fd: i32, how: i32) -> io::Result<i64> {
    // SAFETY: integers.
    check(unsafe { libc::shutdown(fd, how) }.into())
}

pub fn close(fd: i32) -> io::Result<i64> {
    // SAFETY: an integer.
    check(unsafe { libc::close(fd) }.into())
}

pub fn dup(fd: i32) -> io::Result<i32> {
    // SAFETY: integers.
    check(unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) }.into()).map(|n| n as i32)
}

pub fn set_blocking(fd: i32, on: bool) -> io::Result<i64> {
    // SAFETY: integers.
    unsafe {
        let now = check(libc::fcntl(fd, libc::F_GETFL).into())? as i32;
        let new = if on {
            now & !libc::O_NONBLOCK
        } else {
            now | libc::O_NONBLOCK
        };
        if new == now {
            return Ok(0);
        }
        check(libc::fcntl(fd, libc::F_SETFL, new).into())
    }
}

/// Receives at most `n` bytes into spare capacity, with the sender's address.
pub fn recvfrom(fd: i32, out: &mut Vec<u8>, n: usize, flags: i32) -> io::Result<Vec<u8>> {
    let n = n.min(out.capacity() - out.len());
    let at = out.len();
    // SAFETY: at most `n` bytes of spare capacity are written; what was written is initialised.
    let (got, a) =
        with_address(|a, len| unsafe { libc::recvfrom(fd, out.as_mut_ptr().add(at).cast(), n, flags, a, len) as i64 })?;
    // SAFETY: as above. With MSG_TRUNC the result may exceed what was written.
    unsafe { out.set_len(at + (got as usize).min(n)) };
    Ok(a)
}

pub fn send(fd: i32, data: &[u8], flags: i32) -> io::Result<usize> {
    // SAFETY: reads the slice.
    check(unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), flags) } as i64).map(|n| n as usize)
}

pub fn sendto(fd: i32, data: &[u8], flags: i32, a: &[u8]) -> io::Result<usize> {
    // SAFETY: reads the slices.
    check(unsafe {
        libc::sendto(
            fd,
            data.as_ptr().cast(),
            data.len(),
            flags,
            a.as_ptr().cast(),
            a.len() as u32,
        )
    } as i64)
    .map(|n| n as usize)
}

pub fn getsockopt(fd: i32, level: i32, name: i32, len: usize) -> io::Result<Vec<u8>> {
    let mut out = vec![0u8; len];
    let mut n = len as u32;
    // SAFETY: writes at most `n` bytes.
    check(unsafe { libc::getsockopt(fd, level, name, out.as_mut_ptr().cast(), &raw mut n) }.into())?;
    out.truncate(n as usize);
    Ok(out)
}

/// Sets an option; `None` passes a null pointer of length `len`.
pub fn setsockopt(fd: i32, level: i32, name: i32, value: Option<&[u8]>, len: usize) -> io::Result<i64> {
    let (p, n) = value.map_or((std::ptr::null(), len), |v| (v.as_ptr(), v.len()));
    // SAFETY: reads the slice, or nothing.
    check(unsafe { libc::setsockopt(fd, level, name, p.cast(), n as u32) }.into())
}

/// Waits for one event of a descriptor: false when the time is up.
pub fn poll(fd: i32, events: i16, ms: i32) -> io::Result<bool> {
    let mut p = libc::pollfd { fd, events, revents: 0 };
    // SAFETY: one structure.
    check(unsafe { libc::poll(&raw mut p, 1, ms) }.into()).map(|n| n > 0)
}

/// One answer of `getaddrinfo`.
pub struct Info {
    pub family: i32,
    pub kind: i32,
    pub proto: i32,
    pub canonical: Vec<u8>,
    pub address: Vec<u8>,
}

/// Asks the resolver. The error is one of `EAI_*`, or EAI_SYSTEM with errno.
pub fn getaddrinfo(
    host: Option<&CStr>,
    service: Option<&CStr>,
    family: i32,
    kind: i32,
    proto: i32,
    flags: i32,
) -> Result<Vec<Info>, i32> {
    let mut out = Vec::new();
    // SAFETY: the hints are zeros but for integers; the list is copied and freed.
    unsafe {
        let mut hints: libc::addrinfo = std::mem::zeroed();
        hints.ai_family = family;
        hints.ai_socktype = kind;
        hints.ai_protocol = proto;
        hints.ai_flags = flags;
        let mut list = std::ptr::null_mut();
        let p = |s: Option<&CStr>| s.map_or(std::ptr::null(), CStr::as_ptr);
        let r = libc::getaddrinfo(p(host), p(service), &raw const hints, &raw mut list);
        if r != 0 {
            return Err(r);
        }
        let mut at = list;
        while let Some(i) = at.as_ref() {
            let name = if i.ai_canonname.is_null() {
                Vec::new()
            } else {
                CStr::from_ptr(i.ai_canonname).to_bytes().to_vec()
            };
            out.push(Info {
                family: i.ai_family,
                kind: i.ai_socktype,
                proto: i.ai_protocol,
                canonical: name,
                address: std::slice::from_raw_parts(i.ai_addr.cast::<u8>(), i.ai_addrlen as usize).to_vec(),
            });
            at = i.ai_next;
        }
        libc::freeaddrinfo(list);
    }
    Ok(out)
}

pub fn getnameinfo(a: &[u8], flags: i32) -> Result<(Vec<u8>, Vec<u8>), i32> {
    let (mut host, mut service) = ([0u8; 1025], [0u8; 32]);
    // SAFETY: writes terminated strings of at most the arrays' sizes.
    let r = unsafe {
        libc::getnameinfo(
            a.as_ptr().cast(),
            a.len() as u32,
            host.as_mut_ptr().cast(),
            1025,
            service.as_mut_ptr().cast(),
            32,
            flags,
        )
    };
    if r != 0 {
        return Err(r);
    }
    let cut = |b: &[u8]| b.iter().copied().take_while(|c| *c != 0).collect();
    Ok((cut(&host), cut(&service)))
}

pub fn gai_strerror(e: i32) -> String {
    // SAFETY: a constant string.
    unsafe { CStr::from_ptr(libc::gai_strerror(e)) }
        .to_string_lossy()
        .into_owned()
}

pub fn gethostname() -> io::Result<Vec<u8>> {
    let mut b = [0u8; 1024];
    // SAFETY: writes a terminated string of at most the array's size.
    check(unsafe { libc::gethostname(b.as_mut_ptr().cast(), b.len() - 1) }.into())?;
    Ok(b.iter().copied().take_while(|c| *c != 0).collect())
}

pub fn if_nametoindex(name: &CStr) -> u32 {
    // SAFETY: a terminated string.
    unsafe { libc::if_nametoindex(name.as_ptr()) }
}

/// Serialises the functions whose results lie in static memory.
static RECORDS: skein_gc::lock::Mutex<()> = skein_gc::lock::Mutex::new(());

/// Port of a service.
pub fn getservbyname(name: &CStr, proto: Option<&CStr>) -> Option<u16> {
    let _one = RECORDS.lock();
    // SAFETY: null or a record that is read at once.
    unsafe { libc::getservbyname(name.as_ptr(), proto.map_or(std::ptr::null(), CStr::as_ptr)).as_ref() }
        .map(|s| u16::from_be(s.s_port as u16))
}

/// Name of the service of a port.
pub fn getservbyport(port: u16, proto: Option<&CStr>) -> Option<Vec<u8>> {
    let _one = RECORDS.lock();
    // SAFETY: null or a record that is read at once.
    unsafe {
        libc::getservbyport(i32::from(port.to_be()), proto.map_or(std::ptr::null(), CStr::as_ptr))
            .as_ref()
            .map(|s| CStr::from_ptr(s.s_name).to_bytes().to_vec())
    }
}

pub fn getprotobyname(name: &CStr) -> Option<i32> {
    let _one = RECORDS.lock();
    // SAFETY: null or a record that is read at once.
    unsafe { libc::getprotobyname(name.as_ptr()).as_ref() }.map(|p| p.p_proto)
}
