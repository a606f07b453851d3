//! Names of hosts and services, and text forms of addresses.

use crate::sys::{self, Info};
use crate::{GAI_ERROR, address};
use skein_object::error::{Error, Result, overflow_error, raise, type_error, value_error};
use skein_object::native::{Args, Row};
use skein_object::object::RefExt;
use skein_object::protocol::buffer;
use skein_object::{Context, Ref, list, number, protocol, row, statics as s, str, tuple};
use skein_stdlib_os::{arg, path};
use std::ffi::{CStr, CString};
use std::net::{Ipv4Addr, Ipv6Addr};

pub static FUNCTIONS: &[Row] = &[
    row!(
        "getaddrinfo(host, port, family=0, type=0, proto=0, flags=0)",
        getaddrinfo,
        "Resolve host and port into addrinfo struct."
    ),
    row!(
        "getnameinfo(sockaddr, flags, /)",
        getnameinfo,
        "Get host and port for a sockaddr."
    ),
    row!(
        "gethostname()",
        |_, _| match sys::gethostname() {
            Ok(b) => path::decode(&b),
            Err(e) => Err(skein_stdlib_os::error::from_io(&e)),
        },
        "Return the current host name."
    ),
    row!(
        "gethostbyname(host, /)",
        |cx, a| str::from_str(&Ipv4Addr::from(address::host4(cx, a.at(0))?).to_string()),
        "Return the IP address for a host."
    ),
    row!("gethostbyaddr(host, /)", |cx, a| host_record(cx, a, true), ""),
    row!("gethostbyname_ex(host, /)", |cx, a| host_record(cx, a, false), ""),
    row!("getservbyname(servicename, protocolname=None, /)", getservbyname, ""),
    row!("getservbyport(port, protocolname=None, /)", getservbyport, ""),
    row!(
        "getprotobyname(name, /)",
        |cx, a| {
            let name = path::fs_cstring(cx, a.at(0))?;
            sys::getprotobyname(&name)
                .map(Ref::small)
                .ok_or_else(|| raise(&s::OS_ERROR, "protocol not found"))
        },
        ""
    ),
    row!(
        "if_nametoindex(name, /)",
        |cx, a| {
            let name = path::fs_cstring(cx, a.at(0))?;
            match sys::if_nametoindex(&name) {
                0 => Err(raise(&s::OS_ERROR, "no interface with this name")),
                n => number::int(i64::from(n)),
            }
        },
        ""
    ),
    row!(
        "inet_aton(ip_addr, /)",
        inet_aton,
        "Convert an IP address in string format to the 32-bit packed binary format."
    ),
    row!(
        "inet_ntoa(packed_ip, /)",
        inet_ntoa,
        "Convert an IP address from 32-bit packed binary format to string format."
    ),
    row!("inet_pton(address_family, ip_string, /)", inet_pton, ""),
    row!("inet_ntop(address_family, packed_ip, /)", inet_ntop, ""),
    row!("htons(integer, /)", |cx, a| swap16(cx, a, "htons"), ""),
    row!("ntohs(integer, /)", |cx, a| swap16(cx, a, "ntohs"), ""),
    row!("htonl(integer, /)", swap32, ""),
    row!("ntohl(integer, /)", swap32, ""),
];

/// `gaierror(code, text)`.
#[cold]
pub fn gai_error(code: i32) -> Error {
    if code == libc::EAI_SYSTEM {
        return skein_stdlib_os::os_error(skein_stdlib_os::error::last_errno());
    }
    skein_stdlib_os::error::of_class(&GAI_ERROR, code, &sys::gai_strerror(code), None, None)
}

/// `getaddrinfo`, detached.
pub fn lookup(
    host: Option<&CStr>,
    service: Option<&CStr>,
    family: i32,
    kind: i32,
    proto: i32,
    flags: i32,
) -> Result<Vec<Info>> {
    skein_gc::mutator::detached(|| sys::getaddrinfo(host, service, family, kind, proto, flags)).map_err(gai_error)
}

fn getaddrinfo(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let host = match a.opt_not_none(0) {
        None => None,
        Some(h) if str::is_str(h) || h.body::<skein_object::BytesBody>().is_some() => Some(address::host_name(cx, h)?),
        Some(_) => {
            return Err(type_error("getaddrinfo() argument 1 must be string or None"));
        }
    };
    let service = match a.opt_not_none(1) {
        None => None,
        Some(p) if number::int_value(p).is_some() => {
            let n = arg::long(cx, p)?;
            Some(CString::new(n.to_string()).unwrap_or_default())
        }
        Some(p) if str::is_str(p) || p.body::<skein_object::BytesBody>().is_some() => Some(path::fs_cstring(cx, p)?),
        Some(_) => return Err(raise(&s::OS_ERROR, "Int or String expected")),
    };
    let n = |i: usize| a.opt(i).map_or(Ok(0), |r| arg::int(cx, r));
    let (family, kind, proto, flags) = (n(2)?, n(3)?, n(4)?, n(5)?);
    let found = lookup(host.as_deref(), service.as_deref(), family, kind, proto, flags)?;
    let mut out = Vec::with_capacity(found.len());
    for i in found {
        out.push(tuple::new(vec![
            Ref::small(i.family),
            Ref::small(i.kind),
            Ref::small(i.proto),
            path::decode(&i.canonical)?,
            address::to_python(&i.address)?,
        ])?);
    }
    list::new(out)
}

fn getnameinfo(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let flags = arg::int(cx, a.at(1))?;
    let Some(items) = tuple::items(a.at(0)) else {
        return Err(type_error("getnameinfo() argument 1 must be a tuple"));
    };
    let (Some(host), Some(port)) = (items.first(), items.get(1)) else {
        return Err(type_error("getnameinfo(): illegal sockaddr argument"));
    };
    let host = address::host_name(cx, host)?;
    let port = CString::new(arg::int(cx, port)?.to_string()).unwrap_or_default();
    let found = lookup(Some(&host), Some(&port), 0, libc::SOCK_DGRAM, 0, libc::AI_NUMERICHOST)?;
    let Some(first) = found.into_iter().next() else {
        return Err(gai_error(libc::EAI_NONAME));
    };
    let (h, p) = skein_gc::mutator::detached(|| sys::getnameinfo(&first.address, flags)).map_err(gai_error)?;
    tuple::new(vec![path::decode(&h)?, path::decode(&p)?])
}

/// `(name, aliases, addresses)`.
fn host_record(cx: &Context, a: Args<'_>, reverse: bool) -> Result<Ref> {
    let name = address::host_name(cx, a.at(0))?;
    let family = if reverse { 0 } else { libc::AF_INET };
    let found = lookup(Some(&name), None, family, libc::SOCK_STREAM, 0, libc::AI_CANONNAME)?;
    let mut addresses = Vec::new();
    let mut canonical = name.into_bytes();
    for (k, i) in found.iter().enumerate() {
        if k == 0 {
            if reverse {
                if let Ok((h, _)) = skein_gc::mutator::detached(|| sys::getnameinfo(&i.address, 0)) {
                    canonical = h;
                }
            } else if !i.canonical.is_empty() {
                canonical.clone_from(&i.canonical);
            }
        }
        if let Some(x) = tuple::items(&address::to_python(&i.address)?).and_then(|t| t.first()) {
            addresses.push(x.clone());
        }
    }
    tuple::new(vec![
        path::decode(&canonical)?,
        list::new(Vec::new())?,
        list::new(addresses)?,
    ])
}

fn protocol_name(cx: &Context, a: Args<'_>) -> Result<Option<CString>> {
    a.opt_not_none(1).map(|p| path::fs_cstring(cx, p)).transpose()
}

fn getservbyname(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (name, proto) = (path::fs_cstring(cx, a.at(0))?, protocol_name(cx, a)?);
    match sys::getservbyname(&name, proto.as_deref()) {
        Some(p) => Ok(Ref::small(i32::from(p))),
        None => Err(raise(&s::OS_ERROR, "service/proto not found")),
    }
}

fn getservbyport(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let port =
        u16::try_from(arg::int(cx, a.at(0))?).map_err(|_| overflow_error("getservbyport: port must be 0-65535."))?;
    match sys::getservbyport(port, protocol_name(cx, a)?.as_deref()) {
        Some(n) => path::decode(&n),
        None => Err(raise(&s::OS_ERROR, "port/proto not found")),
    }
}

fn illegal(text: &str) -> Error {
    raise(&s::OS_ERROR, text)
}

/// The old forms too: `1`, `1.2`, `1.2.3`, with octal and hexadecimal parts.
fn inet_aton(_: &Context, a: Args<'_>) -> Result<Ref> {
    let text = arg::text(a.at(0), "inet_aton", "1")?;
    let bad = || illegal("illegal IP address string passed to inet_aton");
    let mut parts = Vec::new();
    for p in text.split('.') {
        let n = match p.as_bytes() {
            [b'0', b'x' | b'X', ..] => u32::from_str_radix(&p[2..], 16),
            [b'0', _, ..] => u32::from_str_radix(p, 8),
            [b'0'..=b'9', ..] => p.parse(),
            _ => return Err(bad()),
        };
        parts.push(n.map_err(|_| bad())?);
    }
    let Some((last, front)) = parts.split_last() else {
        return Err(bad());
    };
    if front.len() > 3 || front.iter().any(|n| *n > 255) {
        return Err(bad());
    }
    let room = 8 * (4 - front.len()) as u32;
    if room < 32 && *last >= 1 << room {
        return Err(bad());
    }
    let mut n = *last;
    for (i, p) in front.iter().enumerate() {
        n |= p << (24 - 8 * i);
    }
    str::bytes(&n.to_be_bytes())
}

fn inet_ntoa(cx: &Context, a: Args<'_>) -> Result<Ref> {
    match <[u8; 4]>::try_from(buffer::to_vec(cx, a.at(0))?) {
        Ok(b) => str::from_str(&Ipv4Addr::from(b).to_string()),
        Err(_) => Err(illegal("packed IP wrong length")),
    }
}

fn inet_pton(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let text = arg::text(a.at(1), "inet_pton", "2")?;
    let bad = |_| illegal("illegal IP address string passed to inet_pton");
    match arg::int(cx, a.at(0))? {
        libc::AF_INET => str::bytes(&text.parse::<Ipv4Addr>().map_err(bad)?.octets()),
        libc::AF_INET6 => str::bytes(&text.parse::<Ipv6Addr>().map_err(bad)?.octets()),
        _ => Err(skein_stdlib_os::os_error(libc::EAFNOSUPPORT)),
    }
}

fn inet_ntop(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = buffer::to_vec(cx, a.at(1))?;
    let wrong = || value_error("invalid length of packed IP address string");
    match arg::int(cx, a.at(0))? {
        libc::AF_INET => {
            let b = <[u8; 4]>::try_from(b).map_err(|_| wrong())?;
            str::from_str(&Ipv4Addr::from(b).to_string())
        }
        libc::AF_INET6 => {
            let b = <[u8; 16]>::try_from(b).map_err(|_| wrong())?;
            str::from_str(&Ipv6Addr::from(b).to_string())
        }
        n => Err(value_error(format!("unknown address family {n}"))),
    }
}

fn swap16(cx: &Context, a: Args<'_>, name: &str) -> Result<Ref> {
    let n = protocol::convert::to_i64(cx, a.at(0))?;
    if n < 0 {
        return Err(overflow_error(format!(
            "{name}: can't convert negative Python int to C 16-bit unsigned integer"
        )));
    }
    let n = u16::try_from(n).map_err(|_| {
        overflow_error(format!(
            "{name}: Python int too large to convert to C 16-bit unsigned integer"
        ))
    })?;
    Ok(Ref::small(i32::from(n.to_be())))
}

fn swap32(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if number::int_value(a.at(0)).is_none() {
        return Err(type_error(format!("expected int, {} found", a.at(0).ty().name())));
    }
    let n = arg::as_i64(cx, a.at(0))?.unwrap_or(i64::MAX);
    if n < 0 {
        return Err(overflow_error("can't convert negative value to unsigned int"));
    }
    let n = u32::try_from(n).map_err(|_| overflow_error("int larger than 32 bits"))?;
    number::int(i64::from(n.to_be()))
}
