//! `_socket`.
//!
//! Rooms: `socket` (the object), `address` (Python addresses and C ones), `resolve` (names), `constants`, `sys` (libc).
//!
//! A socket with a timeout is non-blocking for the kernel; [`socket`] waits with `poll` in its place.

mod address;
mod constants;
mod resolve;
mod socket;
mod sys;

use skein_object::error::Result;
use skein_object::native::{ModuleDef, Row};
use skein_object::object::Payload;
use skein_object::types::{Type, flag};
use skein_object::{Context, ExceptionBody, Ref, dict, statics as s};
use skein_types::startup::{TypeDef, ready_type};

static SOCKET: ModuleDef = ModuleDef {
    name: "_socket",
    doc: "Implementation module for socket operations.\n\nSee the socket module for documentation.",
    functions: &[],
    init,
};

pub static MODULES: &[&ModuleDef] = &[&SOCKET];

macro_rules! errors {
    ($($id:ident $name:literal;)*) => {$(
        pub static $id: Type = Type::declare(
            $name,
            Some(&s::OS_ERROR),
            <ExceptionBody as Payload>::LAYOUT,
            flag::BASETYPE | flag::HAS_DICT,
        );
    )*};
}

errors! {
    GAI_ERROR "socket.gaierror";
    H_ERROR "socket.herror";
}

fn init(cx: &Context, d: &Ref) -> Result<()> {
    for ty in [&GAI_ERROR, &H_ERROR] {
        if !ty.has(flag::READY) {
            ready_type(&TypeDef::new(ty))?;
        }
    }
    socket::ready()?;
    let name = skein_object::intern::name("_socket");
    let tables: [&'static [Row]; 2] = [socket::FUNCTIONS, resolve::FUNCTIONS];
    for row in tables.into_iter().flatten() {
        let f = skein_object::native::module_function(row, &name)?;
        dict::set_str(d, row.name(), f)?;
    }
    for (name, value) in [
        ("socket", socket::SOCKET.object()),
        ("SocketType", socket::SOCKET.object()),
        ("error", s::OS_ERROR.object()),
        ("timeout", s::TIMEOUT_ERROR.object()),
        ("gaierror", GAI_ERROR.object()),
        ("herror", H_ERROR.object()),
        ("has_ipv6", s::true_()),
        ("CAPI", s::none()),
    ] {
        dict::set_str(d, name, value)?;
    }
    constants::add(cx, d)
}
