//! `errno`.

use crate::{add_ints, ints};
use skein_object::native::ModuleDef;
use skein_object::{Context, Ref, dict, error::Result, number, str};

pub static ERRNO: ModuleDef = ModuleDef {
    name: "errno",
    doc: "This module makes available standard errno system symbols.",
    functions: &[],
    init,
};

static NAMES: &[(&str, i64)] = ints![
    ENODEV, ENOCSI, EHOSTUNREACH, ENOMSG, EUCLEAN, EL2NSYNC, EL2HLT, ENODATA, ENOTBLK, ENOSYS,
    EPIPE, EINVAL, EOVERFLOW, EADV, EINTR, EUSERS, ENOTEMPTY, ENOBUFS, EPROTO, EREMOTE, ENAVAIL,
    ECHILD, ELOOP, EXDEV, E2BIG, ESRCH, EMSGSIZE, EAFNOSUPPORT, EBADR, EHOSTDOWN, EPFNOSUPPORT,
    ENOPROTOOPT, EBUSY, EAGAIN, EBADFD, EDOTDOT, EISCONN, ENOTCONN, ESHUTDOWN, ENOSTR, EBADFD,
    EPERM, ENXIO, ENOSR, ETIME, ENOTSOCK, EDEADLOCK, ENFILE, EEXIST, EALREADY, ENAMETOOLONG,
    ERANGE, ENOTDIR, EPROTOTYPE, EDESTADDRREQ, ESTALE, ECHRNG, EACCES, ENOTNAM, ENOPKG, EBADSLT,
    EPROTONOSUPPORT, EILSEQ, EMULTIHOP, EROFS, EMLINK, EBADRQC, ENONET, EREMCHG, EXFULL, EADDRINUSE,
    ECOMM, ENOENT, EIO, EBADE, EUNATCH, ETXTBSY, ELIBEXEC, ENOANO, EREMOTEIO, ELNRNG, ESRMNT,
    EL3RST, ENOTSUP, EFAULT, ENOLCK, EISDIR, EFBIG, EDOM, ELIBMAX, EISNAM, EL3HLT, EOPNOTSUPP,
    ESPIPE, ECONNRESET, ETIMEDOUT, ENOTUNIQ, ENOSPC, ENOLINK, EMFILE, ENOMEM, ECONNREFUSED, EBADF,
    ELIBBAD, ENOEXEC, ENETRESET, ECONNABORTED, EIDRM, EADDRNOTAVAIL, EDEADLK, EINPROGRESS, EBADMSG,
    ELIBACC, ELIBSCN, EDQUOT, ESOCKTNOSUPPORT, ENETDOWN, ENETUNREACH, ENOTTY, ESTRPIPE, ERESTART,
    ECANCELED, EKEYEXPIRED, EKEYREJECTED, EKEYREVOKED, EMEDIUMTYPE, ENOKEY, ENOMEDIUM,
    ENOTRECOVERABLE, EOWNERDEAD, ERFKILL, EHWPOISON, ETOOMANYREFS,
];

fn init(_: &Context, d: &Ref) -> Result<()> {
    add_ints(d, NAMES)?;
    add_ints(d, &[("EWOULDBLOCK", libc::EWOULDBLOCK as i64)])?;
    let codes = dict::new()?;
    for (name, n) in NAMES {
        // Of two names for a number the first that CPython lists counts.
        let name = match *name {
            "EOPNOTSUPP" => "ENOTSUP",
            "EDEADLOCK" => "EDEADLK",
            other => other,
        };
        let key = number::int(*n)?;
        skein_object::protocol::setitem(Context::current(), &codes, &key, &str::from_str(name)?)?;
    }
    dict::set_str(d, "errorcode", codes)
}
