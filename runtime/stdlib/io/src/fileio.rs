//! `FileIO`: a file descriptor.

use crate::base::{self, RAW_IO_BASE};
use crate::support::{self, bool, data_of, fill, int, unsupported, usize_int};
use crate::{DEFAULT_BUFFER_SIZE, sys};
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{self, Args, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Context, Ref, intern, number, payload, protocol, row, statics as s, str};
use skein_stdlib_os::arg::{self, size_or_none};
use skein_stdlib_os::error::{errno_of, os_error_for};
use skein_stdlib_os::{blocking, path, retry};
use skein_types::startup::{GetSet, TypeDef, getset, member, ready_type};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicU32, Ordering::Relaxed};

pub mod mode {
    pub const READ: u32 = 1;
    pub const WRITE: u32 = 2;
    pub const CREATED: u32 = 4;
    pub const APPENDING: u32 = 8;
    /// The descriptor is the object's own.
    pub const CLOSE: u32 = 16;
    pub const SEEKABLE: u32 = 32;
    pub const NOT_SEEKABLE: u32 = 64;
    /// It is known not to be a terminal.
    pub const NO_TTY: u32 = 128;
}

/// Body of a FileIO. Relaxed throughout: each word stands alone; files used by two threads at once are ordered by the
/// kernel, and closing a file that another thread reads is that program's race, as in C.
pub struct FileBody {
    /// -1: closed.
    pub fd: AtomicI32,
    pub mode: AtomicU32,
    block_size: AtomicI64,
    pub finalizing: AtomicBool,
}
payload!(FileBody, "FileIO", |_this, _v| {});

pub static FILE_IO: Type = Type::declare(
    "_io.FileIO",
    Some(&RAW_IO_BASE),
    <FileBody as Payload>::LAYOUT,
    base::FLAGS,
);

static INIT: Row = row!(
    "FileIO(self, /, file, mode='r', closefd=True, opener=None)",
    init_row,
    ""
);

static METHODS: &[Row] = &[
    row!(
        "read(self, size=-1, /)",
        read,
        "Read at most size bytes, returned as bytes."
    ),
    row!(
        "readall(self, /)",
        readall_row,
        "Read all data from the file, returned as bytes."
    ),
    row!("readinto(self, buffer, /)", readinto, "Same as RawIOBase.readinto()."),
    row!(
        "write(self, b, /)",
        write,
        "Write buffer b to file, return number of bytes written."
    ),
    row!(
        "seek(self, pos, whence=0, /)",
        seek,
        "Move to new file position and return the file position."
    ),
    row!("tell(self, /)", tell, "Current file position."),
    row!(
        "truncate(self, size=None, /)",
        truncate,
        "Truncate the file to at most size bytes and return the truncated size."
    ),
    row!("close(self, /)", close, "Close the file."),
    row!("seekable(self, /)", seekable, "True if file supports random-access."),
    row!("readable(self, /)", readable, "True if file was opened in a read mode."),
    row!(
        "writable(self, /)",
        writable,
        "True if file was opened in a write mode."
    ),
    row!(
        "fileno(self, /)",
        fileno,
        "Return the underlying file descriptor (an integer)."
    ),
    row!(
        "isatty(self, /)",
        isatty,
        "True if the file is connected to a TTY device."
    ),
    row!("_isatty_open_only(self, /)", isatty_open_only, ""),
    row!("_dealloc_warn(self, object, /)", dealloc_warn, ""),
    row!("__getstate__(self, /)", support::no_pickle, ""),
];

static GETSET: &[GetSet] = &[
    member("_finalizing", |_, r| bool(body(r)?.finalizing.load(Relaxed))).setter(set_finalizing),
    getset("closed", |_, r| bool(body(r)?.fd.load(Relaxed) < 0)).doc("True if the file is closed"),
    getset("closefd", |_, r| bool(body(r)?.has(mode::CLOSE)))
        .doc("True if the file descriptor will be closed by close()."),
    getset("mode", |_, r| str::from_str(body(r)?.mode_string())).doc("String giving the file mode"),
    getset("_blksize", |_, r| int(body(r)?.block_size.load(Relaxed))).doc("Stat st_blksize if available"),
];

fn set_finalizing(cx: &Context, r: &Ref, v: Option<&Ref>) -> Result<()> {
    body(r)?.finalizing.store(arg::flag(cx, v, false)?, Relaxed);
    Ok(())
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
    t.repr.set(Some(repr));
}

pub fn body(r: &Ref) -> Result<&FileBody> {
    r.body::<FileBody>()
        .ok_or_else(|| type_error("a FileIO object is wanted"))
}

fn closed_error() -> skein_object::Error {
    value_error("I/O operation on closed file")
}

impl FileBody {
    fn empty() -> FileBody {
        FileBody {
            fd: AtomicI32::new(-1),
            mode: AtomicU32::new(mode::CLOSE),
            block_size: AtomicI64::new(DEFAULT_BUFFER_SIZE as i64),
            finalizing: AtomicBool::new(false),
        }
    }

    pub fn has(&self, bit: u32) -> bool {
        self.mode.load(Relaxed) & bit != 0
    }

    fn open_fd(&self) -> Result<i32> {
        match self.fd.load(Relaxed) {
            fd if fd < 0 => Err(closed_error()),
            fd => Ok(fd),
        }
    }

    pub fn reading(&self) -> Result<i32> {
        let fd = self.open_fd()?;
        if self.has(mode::READ) {
            return Ok(fd);
        }
        Err(unsupported("File not open for reading"))
    }

    pub fn writing(&self) -> Result<i32> {
        let fd = self.open_fd()?;
        if self.has(mode::WRITE) {
            return Ok(fd);
        }
        Err(unsupported("File not open for writing"))
    }

    fn mode_string(&self) -> &'static str {
        let m = self.mode.load(Relaxed);
        let both = m & mode::READ != 0 && m & mode::WRITE != 0;
        match () {
            () if m & mode::CREATED != 0 => {
                if both {
                    "xb+"
                } else {
                    "xb"
                }
            }
            () if m & mode::APPENDING != 0 => {
                if both {
                    "ab+"
                } else {
                    "ab"
                }
            }
            () if both => "rb+",
            () if m & mode::READ != 0 => "rb",
            () => "wb",
        }
    }

    /// Reads at most `max` bytes onto the end of `out`; `None` if the file would block.
    pub fn read_onto(&self, cx: &Context, out: &mut Vec<u8>, max: usize) -> Result<Option<usize>> {
        let fd = self.reading()?;
        would_block(retry(cx, || sys::read_into_spare(fd, out, max))?)
    }

    /// Writes; `None` if the file would block.
    pub fn write_bytes(&self, cx: &Context, data: &[u8]) -> Result<Option<usize>> {
        let fd = self.writing()?;
        would_block(retry(cx, || sys::write(fd, data))?)
    }

    /// Moves the position.
    pub fn seek_to(&self, cx: &Context, offset: i64, whence: i32) -> Result<i64> {
        let fd = self.open_fd()?;
        let at = blocking(cx, || sys::lseek(fd, offset, whence));
        if !self.has(mode::SEEKABLE | mode::NOT_SEEKABLE) {
            let bit = if at.is_ok() { mode::SEEKABLE } else { mode::NOT_SEEKABLE };
            self.mode.fetch_or(bit, Relaxed);
        }
        at
    }

    pub fn is_seekable(&self) -> Result<bool> {
        let fd = self.open_fd()?;
        if !self.has(mode::SEEKABLE | mode::NOT_SEEKABLE) {
            let ok = sys::lseek(fd, 0, libc::SEEK_CUR).is_ok();
            self.mode
                .fetch_or(if ok { mode::SEEKABLE } else { mode::NOT_SEEKABLE }, Relaxed);
        }
        Ok(self.has(mode::SEEKABLE))
    }

    /// Everything up to the end; `None` if nothing is there and the file would block.
    pub fn read_all(&self, cx: &Context) -> Result<Option<Vec<u8>>> {
        let fd = self.reading()?;
        let mut guess = 8192;
        if let Ok(st) = sys::fstat(fd)
            && st.size > 0
            && let Ok(at) = sys::lseek(fd, 0, libc::SEEK_CUR)
            && st.size >= at
        {
            // One byte more, so that the end is seen without growing.
            guess = (st.size - at) as usize + 1;
        }
        let mut out = skein_gc::alloc::vec_with(guess)?;
        loop {
            if out.len() == out.capacity() {
                let more = (out.len() / 4).clamp(8192, 64 << 20);
                skein_gc::alloc::make_room(&mut out, more)?;
            }
            match self.read_onto(cx, &mut out, usize::MAX)? {
                None if out.is_empty() => return Ok(None),
                None | Some(0) => return Ok(Some(out)),
                Some(_) => {}
            }
        }
    }
}

fn would_block<T>(r: std::io::Result<T>) -> Result<Option<T>> {
    match r {
        Ok(n) => Ok(Some(n)),
        Err(e) if e.raw_os_error() == Some(libc::EAGAIN) => Ok(None),
        Err(e) => Err(skein_stdlib_os::error::from_io(&e)),
    }
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    let ty = Type::from_ref(class).ok_or_else(|| type_error("a class is wanted"))?;
    alloc(ty, FileBody::empty())
}

fn init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    native::call_with(cx, &INIT, r, args, names)
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mode = match a.opt(2) {
        None => "r".to_owned(),
        Some(m) => arg::text(m, "FileIO", "'mode'")?,
    };
    let close = arg::flag(cx, a.opt(3), true)?;
    open_file(cx, a.at(0), a.at(1), &mode, close, a.opt_not_none(4))?;
    Ok(s::none())
}

/// Opens a file as a new FileIO.
pub fn open_new(cx: &Context, file: &Ref, mode: &str, close: bool, opener: Option<&Ref>) -> Result<Ref> {
    let r = alloc(&FILE_IO, FileBody::empty())?;
    open_file(cx, &r, file, mode, close, opener)?;
    Ok(r)
}

fn parse_mode(text: &str) -> Result<(u32, i32)> {
    let one = || value_error("Must have exactly one of create/read/write/append mode and at most one plus");
    let (mut kind, mut plus) = (None, false);
    for c in text.chars() {
        match c {
            'r' | 'w' | 'a' | 'x' if kind.is_none() => kind = Some(c),
            '+' if !plus => plus = true,
            'r' | 'w' | 'a' | 'x' | '+' => return Err(one()),
            'b' => {}
            _ => return Err(value_error(format!("invalid mode: {text}"))),
        }
    }
    let (mut m, flags) = match kind {
        Some('r') => (mode::READ, 0),
        Some('w') => (mode::WRITE, libc::O_CREAT | libc::O_TRUNC),
        Some('a') => (mode::WRITE | mode::APPENDING, libc::O_CREAT | libc::O_APPEND),
        Some(_) => (mode::WRITE | mode::CREATED, libc::O_CREAT | libc::O_EXCL),
        None => return Err(one()),
    };
    let access = if plus {
        m |= mode::READ | mode::WRITE;
        libc::O_RDWR
    } else if m & mode::READ != 0 {
        libc::O_RDONLY
    } else {
        libc::O_WRONLY
    };
    Ok((m, flags | access))
}

fn open_file(cx: &Context, r: &Ref, file: &Ref, mode_text: &str, close: bool, opener: Option<&Ref>) -> Result<()> {
    let b = body(r)?;
    if b.fd.load(Relaxed) >= 0 {
        // Initialised again.
        close_descriptor(cx, b)?;
    }
    let mut given = None;
    if number::int_value(file).is_some() {
        if file.is_exact(&s::BOOL) {
            skein_stdlib_os::import::warn(cx, &s::RUNTIME_WARNING, "bool is used as a file descriptor")?;
        }
        let fd = arg::int(cx, file)?;
        if fd < 0 {
            return Err(value_error("negative file descriptor"));
        }
        given = Some(fd);
    }
    let name = match given {
        Some(_) => None,
        None => Some(path::fs_cstring(cx, file)?),
    };
    let (mut m, flags) = parse_mode(mode_text)?;
    if close {
        m |= mode::CLOSE;
    }
    skein_stdlib_os::import::audit(cx, "open", std::slice::from_ref(file))?;
    let fd = match (given, name) {
        (Some(fd), _) => fd,
        (None, _) if !close => return Err(value_error("Cannot use closefd=False with file name")),
        (None, Some(name)) => match opener {
            None => retry(cx, || sys::open(&name, flags))?.map_err(|e| os_error_for(errno_of(&e), Some(file)))?,
            Some(f) => {
                let n = protocol::call(cx, f, &[file.clone(), int(i64::from(flags | libc::O_CLOEXEC))?])?;
                if number::int_value(&n).is_none() {
                    return Err(type_error("expected integer from opener"));
                }
                let fd = arg::int(cx, &n)?;
                if fd < 0 {
                    return Err(value_error(format!("opener returned {fd}")));
                }
                fd
            }
        },
        (None, None) => return Err(type_error("a path is wanted")),
    };
    let fail = |e| {
        if given.is_none() {
            let _ = sys::close(fd);
        }
        e
    };
    match sys::fstat(fd) {
        Ok(st) if st.mode & libc::S_IFMT == libc::S_IFDIR => {
            return Err(fail(os_error_for(libc::EISDIR, Some(file))));
        }
        Ok(st) => {
            if st.block_size > 1 {
                b.block_size.store(st.block_size, Relaxed);
            }
            if st.mode & libc::S_IFMT == libc::S_IFREG {
                m |= mode::NO_TTY;
            }
        }
        Err(e) if errno_of(&e) == libc::EBADF => {
            return Err(fail(os_error_for(libc::EBADF, given.is_none().then_some(file))));
        }
        Err(_) => {}
    }
    protocol::setattr(cx, r, &intern::name("name"), file).map_err(fail)?;
    let before = b.mode.swap(m, Relaxed);
    // Another thread may have initialised it meanwhile.
    let other = b.fd.swap(fd, Relaxed);
    if other >= 0 && before & mode::CLOSE != 0 {
        let _ = sys::close(other);
    }
    if m & mode::APPENDING != 0
        && let Err(e) = b.seek_to(cx, 0, libc::SEEK_END)
        && given.is_none()
        && !b.has(mode::NOT_SEEKABLE)
    {
        return Err(e);
    }
    Ok(())
}

fn close_descriptor(cx: &Context, b: &FileBody) -> Result<()> {
    let fd = b.fd.swap(-1, Relaxed);
    if fd < 0 || !b.has(mode::CLOSE) {
        return Ok(());
    }
    let _ = cx;
    // Not repeated after EINTR: the descriptor is gone.
    match skein_gc::mutator::detached(|| sys::close(fd)) {
        Err(e) if errno_of(&e) != libc::EINTR => Err(skein_stdlib_os::error::from_io(&e)),
        _ => Ok(()),
    }
}

fn close(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let flushed = base::close_base(cx, a.at(0));
    if b.finalizing.load(Relaxed) {
        warn_unclosed(cx, a.at(0), a.at(0))?;
    }
    if !b.has(mode::CLOSE) {
        b.fd.store(-1, Relaxed);
        flushed?;
        return Ok(s::none());
    }
    support::chain(flushed, close_descriptor(cx, b))?;
    Ok(s::none())
}

/// ResourceWarning for a file that the program has not closed.
pub fn warn_unclosed(cx: &Context, file: &Ref, source: &Ref) -> Result<()> {
    let b = body(file)?;
    if b.fd.load(Relaxed) >= 0 && b.has(mode::CLOSE) {
        let text = str::text(&protocol::repr(cx, source)?);
        if let Err(e) = skein_stdlib_os::import::warn(cx, &s::RESOURCE_WARNING, &format!("unclosed file {text}"))
            && e.is(&s::WARNING)
        {
            (skein_object::context::hooks().unraisable)(cx, e, Some("Exception ignored while finalizing file"), file);
        }
    }
    Ok(())
}

fn dealloc_warn(cx: &Context, a: Args<'_>) -> Result<Ref> {
    warn_unclosed(cx, a.at(0), a.at(1))?;
    Ok(s::none())
}

fn read(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    b.reading()?;
    let Some(n) = size_or_none(cx, a.opt(1))? else {
        return readall(cx, b);
    };
    let mut out = skein_gc::alloc::vec_with(n.min(0x7fff_f000))?;
    match b.read_onto(cx, &mut out, n)? {
        Some(_) => str::bytes(&out),
        None => Ok(s::none()),
    }
}

fn readall(cx: &Context, b: &FileBody) -> Result<Ref> {
    match b.read_all(cx)? {
        Some(v) => str::bytes(&v),
        None => Ok(s::none()),
    }
}

fn readall_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    readall(cx, body(a.at(0))?)
}

fn readinto(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    b.reading()?;
    let n = support::writable_len(
        cx,
        a.at(1),
        "readinto() argument 1 must be read-write bytes-like object",
    )?;
    // Through memory of our own: while the thread is detached it may not hold on to another object's bytes.
    let mut data = skein_gc::alloc::vec_with(n.min(0x7fff_f000))?;
    match b.read_onto(cx, &mut data, n)? {
        Some(k) => {
            fill(cx, a.at(1), &data)?;
            usize_int(k)
        }
        None => Ok(s::none()),
    }
}

fn write(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    b.writing()?;
    let data = data_of(cx, a.at(1))?;
    match b.write_bytes(cx, &data)? {
        Some(n) => usize_int(n),
        None => Ok(s::none()),
    }
}

fn seek(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    b.open_fd()?;
    let whence = support::whence(cx, a.opt(2))?;
    int(b.seek_to(cx, arg::long(cx, a.at(1))?, whence)?)
}

fn tell(cx: &Context, a: Args<'_>) -> Result<Ref> {
    int(body(a.at(0))?.seek_to(cx, 0, libc::SEEK_CUR)?)
}

fn truncate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    let fd = b.writing()?;
    let (size, object) = match a.opt_not_none(1) {
        Some(n) => (arg::long(cx, n)?, n.clone()),
        None => {
            let at = b.seek_to(cx, 0, libc::SEEK_CUR)?;
            (at, int(at)?)
        }
    };
    blocking(cx, || sys::ftruncate(fd, size))?;
    Ok(object)
}

fn seekable(_: &Context, a: Args<'_>) -> Result<Ref> {
    bool(body(a.at(0))?.is_seekable()?)
}

fn readable(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    b.open_fd()?;
    bool(b.has(mode::READ))
}

fn writable(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = body(a.at(0))?;
    b.open_fd()?;
    bool(b.has(mode::WRITE))
}

fn fileno(_: &Context, a: Args<'_>) -> Result<Ref> {
    int(i64::from(body(a.at(0))?.open_fd()?))
}

fn isatty(_: &Context, a: Args<'_>) -> Result<Ref> {
    bool(sys::isatty(body(a.at(0))?.open_fd()?))
}

fn isatty_open_only(_: &Context, a: Args<'_>) -> Result<Ref> {
    bool(is_tty_at_open(a.at(0))?)
}

/// `isatty` for a file that was opened just now: regular files need no call.
pub fn is_tty_at_open(r: &Ref) -> Result<bool> {
    let b = body(r)?;
    Ok(!b.has(mode::NO_TTY) && sys::isatty(b.open_fd()?))
}

/// The block size that `open` chooses a buffer by.
pub fn block_size(r: &Ref) -> usize {
    body(r).map_or(0, |b| b.block_size.load(Relaxed).max(0) as usize)
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = body(r)?;
    let ty = r.ty().name();
    let full = if ty.contains('.') {
        ty.to_owned()
    } else {
        qualified(cx, r)?
    };
    let fd = b.fd.load(Relaxed);
    if fd < 0 {
        return str::from_str(&format!("<{full} [closed]>"));
    }
    let close = if b.has(mode::CLOSE) { "True" } else { "False" };
    let tail = format!("mode='{}' closefd={close}>", b.mode_string());
    match protocol::getattr_opt(cx, r, &intern::name("name"))? {
        None => str::from_str(&format!("<{full} fd={fd} {tail}")),
        Some(name) => {
            let Some(_inside) = InRepr::enter(cx, r) else {
                return Err(skein_object::error::runtime_error(format!(
                    "reentrant call inside {ty}.__repr__"
                )));
            };
            let name = protocol::repr(cx, &name)?;
            joined(&format!("<{full} name="), &name, &format!(" {tail}"))
        }
    }
}

/// `module.qualname` of an object's class.
pub fn qualified(cx: &Context, r: &Ref) -> Result<String> {
    let class = r.ty().object();
    let module = protocol::getattr_str(cx, &class, "__module__")?;
    let name = protocol::getattr_str(cx, &class, "__qualname__")?;
    let (module, name) = (str::text(&module), str::text(&name));
    Ok(if module == "builtins" {
        name
    } else {
        format!("{module}.{name}")
    })
}

/// `before + text + after`, whatever characters `text` has.
pub fn joined(before: &str, text: &Ref, after: &str) -> Result<Ref> {
    let mut out = skein_text::StrBuf::from(before);
    if let Some(b) = text.body::<skein_object::StrBody>() {
        out.push_view(b.view());
    }
    out.push_str(after);
    str::from_buf(out)
}

/// Marks an object as being in the middle of its repr.
pub struct InRepr<'a>(&'a Context);

impl<'a> InRepr<'a> {
    /// `None` if it is in the middle of it already.
    pub fn enter(cx: &'a Context, r: &Ref) -> Option<InRepr<'a>> {
        let id = r.value().0;
        let mut list = cx.in_repr.borrow_mut();
        if list.contains(&id) {
            return None;
        }
        list.push(id);
        Some(InRepr(cx))
    }
}

impl Drop for InRepr<'_> {
    fn drop(&mut self) {
        self.0.in_repr.borrow_mut().pop();
    }
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "FileIO(file, mode='r', closefd=True, opener=None)\n--\n\nOpen a file.",
        ..TypeDef::new(&FILE_IO)
    })
}
