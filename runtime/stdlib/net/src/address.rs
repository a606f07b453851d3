//! Python addresses and C ones.

use crate::{resolve, sys};
use skein_object::error::{Result, overflow_error, raise, type_error};
use skein_object::object::RefExt;
use skein_object::protocol::buffer;
use skein_object::{Context, Ref, number, statics as s, str, tuple};
use skein_stdlib_os::{arg, path};
use std::ffi::CString;
use std::net::{Ipv4Addr, Ipv6Addr};

fn family_of(a: &[u8]) -> i32 {
    match a {
        [x, y, ..] => i32::from(u16::from_ne_bytes([*x, *y])),
        _ => libc::AF_UNSPEC,
    }
}

fn header(family: i32, port: u16) -> Vec<u8> {
    let mut out = (family as u16).to_ne_bytes().to_vec();
    out.extend_from_slice(&port.to_be_bytes());
    out
}

/// `sockaddr_in`.
pub fn inet(ip: [u8; 4], port: u16) -> Vec<u8> {
    let mut out = header(libc::AF_INET, port);
    out.extend_from_slice(&ip);
    out.extend_from_slice(&[0; 8]);
    out
}

/// `sockaddr_in6`.
pub fn inet6(ip: [u8; 16], port: u16, flow: u32, scope: u32) -> Vec<u8> {
    let mut out = header(libc::AF_INET6, port);
    out.extend_from_slice(&flow.to_be_bytes());
    out.extend_from_slice(&ip);
    out.extend_from_slice(&scope.to_ne_bytes());
    out
}

/// Part of an address as an array; zeros where it is short.
fn part<const N: usize>(a: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(a.get(at..).unwrap_or(&[])) {
        *to = *from;
    }
    out
}

/// An address as Python sees it; None for an empty one.
pub fn to_python(a: &[u8]) -> Result<Ref> {
    if a.len() < 2 {
        return Ok(s::none());
    }
    match family_of(a) {
        libc::AF_INET => tuple::new(vec![
            str::from_str(&Ipv4Addr::from(part::<4>(a, 4)).to_string())?,
            Ref::small(i32::from(u16::from_be_bytes(part(a, 2)))),
        ]),
        libc::AF_INET6 => {
            let mut text = Ipv6Addr::from(part::<16>(a, 8)).to_string();
            let scope = u32::from_ne_bytes(part(a, 24));
            if scope != 0
                && let Ok((host, _)) = sys::getnameinfo(a, libc::NI_NUMERICHOST | libc::NI_NUMERICSERV)
            {
                text = String::from_utf8_lossy(&host).into_owned();
            }
            tuple::new(vec![
                str::from_str(&text)?,
                Ref::small(i32::from(u16::from_be_bytes(part(a, 2)))),
                number::int(i64::from(u32::from_be_bytes(part(a, 4))))?,
                number::int(i64::from(scope))?,
            ])
        }
        libc::AF_UNIX => {
            let name = &a[2..];
            if name.first() == Some(&0) {
                // The abstract name space.
                return str::bytes(name);
            }
            let end = name.iter().position(|c| *c == 0).unwrap_or(name.len());
            path::decode(&name[..end])
        }
        family => tuple::new(vec![Ref::small(family), str::bytes(&a[2..])?]),
    }
}

/// A host argument as a C string: str in IDNA, or bytes. Empty for None.
pub fn host_name(cx: &Context, r: &Ref) -> Result<CString> {
    let bytes = if let Some(t) = r.body::<skein_object::StrBody>() {
        match t.as_ascii() {
            Some(a) => a.as_bytes().to_vec(),
            None => {
                let name = skein_object::intern::name("encode");
                let idna = str::from_str("idna")?;
                let b = skein_object::protocol::call_method(cx, r, &name, &[idna])?;
                buffer::to_vec(cx, &b)?
            }
        }
    } else if buffer::is_buffer(r) {
        buffer::to_vec(cx, r)?
    } else {
        return Err(type_error(format!(
            "str, bytes or bytearray expected, not {}",
            r.ty().name()
        )));
    };
    CString::new(bytes).map_err(|_| type_error("host name must not contain null character"))
}

/// The address of a host.
fn host(cx: &Context, r: &Ref, family: i32) -> Result<Vec<u8>> {
    let name = host_name(cx, r)?;
    let text = name.to_str().unwrap_or("");
    match (family, text) {
        (libc::AF_INET, "<broadcast>") => return Ok(inet([255; 4], 0)),
        (libc::AF_INET, "") => return Ok(inet([0; 4], 0)),
        (libc::AF_INET6, "") => return Ok(inet6([0; 16], 0, 0, 0)),
        (libc::AF_INET, t) => {
            if let Ok(ip) = t.parse::<Ipv4Addr>() {
                return Ok(inet(ip.octets(), 0));
            }
        }
        (_, t) => {
            if let Ok(ip) = t.parse::<Ipv6Addr>() {
                return Ok(inet6(ip.octets(), 0, 0, 0));
            }
        }
    }
    let found = resolve::lookup(Some(&name), None, family, 0, 0, 0)?;
    match found.into_iter().next() {
        Some(i) => Ok(i.address),
        None => Err(resolve::gai_error(libc::EAI_NONAME)),
    }
}

/// The IPv4 address of a host, for `gethostbyname`.
pub fn host4(cx: &Context, r: &Ref) -> Result<[u8; 4]> {
    Ok(part(&host(cx, r, libc::AF_INET)?, 4))
}

fn port(cx: &Context, r: &Ref, function: &str) -> Result<u16> {
    u16::try_from(arg::int(cx, r)?).map_err(|_| overflow_error(format!("{function}(): port must be 0-65535.")))
}

/// A Python address as a C one, for a socket of a family.
pub fn from_python(cx: &Context, r: &Ref, family: i32, function: &str) -> Result<Vec<u8>> {
    let tuple_of = |name: &str| {
        tuple::items(r).ok_or_else(|| {
            type_error(format!(
                "{function}(): {name} address must be tuple, not {}",
                r.ty().name()
            ))
        })
    };
    match family {
        libc::AF_INET => {
            let items = tuple_of("AF_INET")?;
            let [h, p] = items else {
                return Err(type_error(format!(
                    "{function}(): AF_INET address must be a pair (host, port)"
                )));
            };
            let mut a = host(cx, h, family)?;
            let p = port(cx, p, function)?;
            a[2..4].copy_from_slice(&p.to_be_bytes());
            Ok(a)
        }
        libc::AF_INET6 => {
            let items = tuple_of("AF_INET6")?;
            let (Some(h), Some(p), true) = (items.first(), items.get(1), items.len() <= 4) else {
                return Err(type_error(format!(
                    "{function}(): AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"
                )));
            };
            let mut a = host(cx, h, family)?;
            a.resize(28, 0);
            let p = port(cx, p, function)?;
            a[2..4].copy_from_slice(&p.to_be_bytes());
            if let Some(flow) = items.get(2) {
                let flow = arg::uint(cx, flow)?;
                if flow > 0xfffff {
                    return Err(overflow_error(format!("{function}(): flowinfo must be 0-1048575.")));
                }
                a[4..8].copy_from_slice(&flow.to_be_bytes());
            }
            if let Some(scope) = items.get(3) {
                a[24..28].copy_from_slice(&arg::uint(cx, scope)?.to_ne_bytes());
            }
            Ok(a)
        }
        libc::AF_UNIX => {
            let name = if str::is_str(r) {
                path::encode_str(r)?
            } else {
                buffer::to_vec(cx, r)?
            };
            let abstract_name = name.first() == Some(&0);
            if name.len() + usize::from(!abstract_name) > 108 {
                return Err(raise(&s::OS_ERROR, "AF_UNIX path too long"));
            }
            let mut a = (libc::AF_UNIX as u16).to_ne_bytes().to_vec();
            a.extend_from_slice(&name);
            if !abstract_name {
                a.push(0);
            }
            Ok(a)
        }
        _ => Err(raise(&s::OS_ERROR, format!("{function}(): bad family"))),
    }
}
