//! Calls into libc.

#![allow(unsafe_code)]

mod records;

pub use records::*;

use std::ffi::{CStr, CString};
use std::io;
use std::mem::MaybeUninit;

/// Turns a C result into a `Result`.
pub fn check(r: i64) -> io::Result<i64> {
    if r < 0 { Err(io::Error::last_os_error()) } else { Ok(r) }
}

/// Arguments as C takes them.
pub trait C {
    type T;
    fn c(self) -> Self::T;
}
macro_rules! same {
    ($($t:ty),*) => {$(impl C for $t { type T = $t; fn c(self) -> $t { self } })*};
}
same!(i32, u32, i64, u64, usize);
impl C for &CStr {
    type T = *const libc::c_char;
    fn c(self) -> *const libc::c_char {
        self.as_ptr()
    }
}

macro_rules! calls {
    ($($name:ident($($a:ident: $t:ty),*);)*) => {$(
        #[allow(clippy::too_many_arguments)]
        pub fn $name($($a: $t),*) -> io::Result<i64> {
            // SAFETY: integers, and terminated strings that outlive the call.
            check(unsafe { libc::$name($($a.c()),*) } as i64)
        }
    )*};
}

calls! {
    access(p: &CStr, m: i32);
    alarm(n: u32);
    chdir(p: &CStr);
    chroot(p: &CStr);
    close(fd: i32);
    dup3(fd: i32, to: i32, flags: i32);
    eventfd(n: u32, flags: i32);
    faccessat(fd: i32, p: &CStr, m: i32, flags: i32);
    fchdir(fd: i32);
    fchmod(fd: i32, m: u32);
    fchmodat(fd: i32, p: &CStr, m: u32, flags: i32);
    fchown(fd: i32, u: u32, g: u32);
    fchownat(fd: i32, p: &CStr, u: u32, g: u32, flags: i32);
    fdatasync(fd: i32);
    fsync(fd: i32);
    ftruncate(fd: i32, n: i64);
    truncate(p: &CStr, n: i64);
    flock(fd: i32, op: i32);
    getegid();
    geteuid();
    getgid();
    getpgid(pid: i32);
    getpid();
    getppid();
    getsid(pid: i32);
    getuid();
    isatty(fd: i32);
    kill(pid: i32, sig: i32);
    killpg(pid: i32, sig: i32);
    linkat(fd: i32, a: &CStr, to: i32, b: &CStr, flags: i32);
    lseek(fd: i32, n: i64, whence: i32);
    memfd_create(name: &CStr, flags: u32);
    mkdirat(fd: i32, p: &CStr, m: u32);
    mkfifoat(fd: i32, p: &CStr, m: u32);
    mknodat(fd: i32, p: &CStr, m: u32, dev: u64);
    openat(fd: i32, p: &CStr, flags: i32, m: u32);
    pause();
    posix_fadvise(fd: i32, a: i64, b: i64, advice: i32);
    posix_fallocate(fd: i32, a: i64, b: i64);
    raise(sig: i32);
    renameat(fd: i32, a: &CStr, to: i32, b: &CStr);
    sched_get_priority_max(p: i32);
    sched_get_priority_min(p: i32);
    sched_getscheduler(pid: i32);
    sched_yield();
    setegid(id: u32);
    seteuid(id: u32);
    setgid(id: u32);
    setpgid(a: i32, b: i32);
    setregid(a: u32, b: u32);
    setresgid(a: u32, b: u32, c: u32);
    setresuid(a: u32, b: u32, c: u32);
    setreuid(a: u32, b: u32);
    setsid();
    setuid(id: u32);
    symlinkat(a: &CStr, fd: i32, b: &CStr);
    system(p: &CStr);
    tcgetpgrp(fd: i32);
    tcsetpgrp(fd: i32, n: i32);
    umask(m: u32);
    unlinkat(fd: i32, p: &CStr, flags: i32);
    initgroups(name: &CStr, g: u32);
    fork();
    epoll_create1(flags: i32);
}

/// Whether a signal's handler interrupts system calls.
pub fn siginterrupt(sig: i32, on: bool) -> io::Result<()> {
    // SAFETY: changes one flag of the disposition.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        check(i64::from(libc::sigaction(sig, std::ptr::null(), &raw mut action)))?;
        if on {
            action.sa_flags &= !libc::SA_RESTART;
        } else {
            action.sa_flags |= libc::SA_RESTART;
        }
        check(i64::from(libc::sigaction(sig, &raw const action, std::ptr::null_mut()))).map(drop)
    }
}

pub fn fcntl(fd: i32, op: i32, n: i64) -> io::Result<i64> {
    // SAFETY: operations with pointer arguments go through `fcntl_bytes`.
    check(unsafe { libc::fcntl(fd, op, n) } as i64)
}

/// `fcntl` and `ioctl` with a buffer argument.
pub fn fcntl_bytes(fd: i32, op: i32, b: &mut [u8]) -> io::Result<i64> {
    // SAFETY: the caller's buffer is of the size that the operation wants, as in C; `fcntl.fcntl` keeps it at 1024 bytes.
    check(unsafe { libc::fcntl(fd, op, b.as_mut_ptr()) } as i64)
}

pub fn ioctl(fd: i32, op: u64, n: i64) -> io::Result<i64> {
    // SAFETY: an integer argument.
    check(unsafe { libc::ioctl(fd, op, n) } as i64)
}

pub fn ioctl_bytes(fd: i32, op: u64, b: &mut [u8]) -> io::Result<i64> {
    // SAFETY: as for `fcntl_bytes`.
    check(unsafe { libc::ioctl(fd, op, b.as_mut_ptr()) } as i64)
}

/// Reads at most `n` bytes; at an offset if there is one.
pub fn read(fd: i32, out: &mut Vec<u8>, n: usize, offset: Option<i64>) -> io::Result<usize> {
    let n = n.min(out.capacity() - out.len()).min(0x7fff_f000);
    let at = out.len();
    // SAFETY: at most `n` bytes of spare capacity are written, and what was written is initialised.
    unsafe {
        let p = out.as_mut_ptr().add(at).cast();
        let got = check(match offset {
            Some(o) => libc::pread(fd, p, n, o),
            None => libc::read(fd, p, n),
        } as i64)? as usize;
        out.set_len(at + got);
        Ok(got)
    }
}

pub fn write(fd: i32, data: &[u8], offset: Option<i64>) -> io::Result<i64> {
    let n = data.len().min(0x7fff_f000);
    let p = data.as_ptr().cast();
    // SAFETY: reads `n` bytes of the slice.
    check(unsafe {
        match offset {
            Some(o) => libc::pwrite(fd, p, n, o),
            None => libc::write(fd, p, n),
        }
    } as i64)
}

fn filled<T>(f: impl FnOnce(*mut T) -> i32) -> io::Result<T> {
    let mut value = MaybeUninit::<T>::zeroed();
    check(i64::from(f(value.as_mut_ptr())))?;
    // SAFETY: plain C structures, for which zeros are valid, and which the call has filled.
    Ok(unsafe { value.assume_init() })
}

pub fn fstatat(fd: i32, p: &CStr, flags: i32) -> io::Result<libc::stat> {
    // SAFETY: fills the structure.
    filled(|st| unsafe { libc::fstatat(fd, p.as_ptr(), st, flags) })
}

pub fn fstat(fd: i32) -> io::Result<libc::stat> {
    // SAFETY: fills the structure.
    filled(|st| unsafe { libc::fstat(fd, st) })
}

pub fn statvfs(p: &CStr) -> io::Result<libc::statvfs> {
    // SAFETY: fills the structure.
    filled(|st| unsafe { libc::statvfs(p.as_ptr(), st) })
}

pub fn fstatvfs(fd: i32) -> io::Result<libc::statvfs> {
    // SAFETY: fills the structure.
    filled(|st| unsafe { libc::fstatvfs(fd, st) })
}

pub fn uname() -> io::Result<libc::utsname> {
    // SAFETY: fills the structure.
    filled(|u| unsafe { libc::uname(u) })
}

pub fn times() -> io::Result<(libc::tms, i64)> {
    let mut ticks = 0;
    // SAFETY: fills the structure.
    let t = filled(|t| unsafe {
        ticks = libc::times(t);
        0
    })?;
    Ok((t, ticks))
}

pub fn getrusage(who: i32) -> io::Result<libc::rusage> {
    // SAFETY: fills the structure.
    filled(|u| unsafe { libc::getrusage(who, u) })
}

pub fn getrlimit(which: u32) -> io::Result<libc::rlimit> {
    // SAFETY: fills the structure.
    filled(|u| unsafe { libc::getrlimit(which, u) })
}

pub fn setrlimit(which: u32, soft: u64, hard: u64) -> io::Result<()> {
    let limit = libc::rlimit {
        rlim_cur: soft,
        rlim_max: hard,
    };
    // SAFETY: reads the structure.
    check(unsafe { libc::setrlimit(which, &raw const limit) } as i64).map(drop)
}

pub fn clock_gettime(id: i32) -> io::Result<libc::timespec> {
    // SAFETY: fills the structure.
    filled(|t| unsafe { libc::clock_gettime(id, t) })
}

pub fn clock_getres(id: i32) -> io::Result<libc::timespec> {
    // SAFETY: fills the structure.
    filled(|t| unsafe { libc::clock_getres(id, t) })
}

pub fn clock_settime(id: i32, sec: i64, nsec: i64) -> io::Result<()> {
    let t = libc::timespec {
        tv_sec: sec,
        tv_nsec: nsec,
    };
    // SAFETY: reads the structure.
    check(unsafe { libc::clock_settime(id, &raw const t) } as i64).map(drop)
}

/// Sleeps until an absolute time of the monotonic clock.
pub fn sleep_until(sec: i64, nsec: i64) -> io::Result<()> {
    let t = libc::timespec {
        tv_sec: sec,
        tv_nsec: nsec,
    };
    // SAFETY: reads the structure.
    match unsafe {
        libc::clock_nanosleep(
            libc::CLOCK_MONOTONIC,
            libc::TIMER_ABSTIME,
            &raw const t,
            std::ptr::null_mut(),
        )
    } {
        0 => Ok(()),
        e => Err(io::Error::from_raw_os_error(e)),
    }
}

/// Broken-down time, in the local zone or in UTC.
pub fn broken_down(t: i64, local: bool) -> Option<libc::tm> {
    let mut tm = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: fills the structure or gives null.
    unsafe {
        let p = if local {
            libc::localtime_r(&raw const t, tm.as_mut_ptr())
        } else {
            libc::gmtime_r(&raw const t, tm.as_mut_ptr())
        };
        (!p.is_null()).then(|| tm.assume_init())
    }
}

/// The zone name of a broken-down time.
pub fn zone_name(tm: &libc::tm) -> Vec<u8> {
    if tm.tm_zone.is_null() {
        return Vec::new();
    }
    // SAFETY: points to a name of the zone tables, which stay until `tzset`.
    unsafe { CStr::from_ptr(tm.tm_zone) }.to_bytes().to_vec()
}

/// `mktime`; normalises `tm`. -1 may be an error or a time: `tm_wday` tells.
pub fn mktime(tm: &mut libc::tm) -> i64 {
    // SAFETY: reads and writes the structure.
    unsafe { libc::mktime(tm) }
}

pub fn tzset() {
    unsafe extern "C" {
        fn tzset();
    }
    // SAFETY: reads TZ; the lock of `posix.putenv` keeps it still.
    unsafe { tzset() }
}

/// `strftime`, with an empty `zone` for none. `None`: the result does not fit 64 KiB.
pub fn strftime(format: &CStr, tm: &libc::tm, zone: &CStr) -> Option<Vec<u8>> {
    let mut tm = *tm;
    tm.tm_zone = zone.as_ptr();
    let mut size = 256;
    while size <= 1 << 16 {
        let mut out: Vec<u8> = Vec::with_capacity(size);
        // SAFETY: writes at most `size` bytes into the capacity and says how many.
        let n = unsafe {
            let n = libc::strftime(out.as_mut_ptr().cast(), size, format.as_ptr(), &raw const tm);
            out.set_len(n);
            n
        };
        if n > 0 || size >= 256 * format.to_bytes().len().max(1) {
            return Some(out);
        }
        size *= 4;
    }
    None
}

pub fn pipe2(flags: i32) -> io::Result<[i32; 2]> {
    // SAFETY: fills the array.
    filled(|p: *mut [i32; 2]| unsafe { libc::pipe2(p.cast(), flags) })
}

pub fn waitpid(pid: i32, options: i32) -> io::Result<(i32, i32, libc::rusage)> {
    let (mut status, mut got) = (0, 0);
    // SAFETY: fills the structures.
    let usage = filled(|u| unsafe {
        got = libc::wait4(pid, &raw mut status, options, u);
        got.min(0)
    })?;
    Ok((got, status, usage))
}

pub fn waitid(kind: u32, id: u32, options: i32) -> io::Result<libc::siginfo_t> {
    // SAFETY: fills the structure.
    filled(|s| unsafe { libc::waitid(kind, id, s, options) })
}

/// pid, uid, status of what `waitid` gave.
pub fn siginfo_child(s: &libc::siginfo_t) -> (i32, u32, i32) {
    // SAFETY: the accessors read the union's variant for SIGCHLD; zeros if nothing was reported.
    unsafe { (s.si_pid(), s.si_uid(), s.si_status()) }
}

pub fn readlinkat(fd: i32, p: &CStr) -> io::Result<Vec<u8>> {
    let mut out: Vec<u8> = Vec::with_capacity(libc::PATH_MAX as usize);
    // SAFETY: writes at most the capacity and says how many bytes.
    unsafe {
        let n = check(libc::readlinkat(fd, p.as_ptr(), out.as_mut_ptr().cast(), out.capacity()) as i64)?;
        out.set_len(n as usize);
    }
    Ok(out)
}

pub fn utimensat(fd: i32, p: Option<&CStr>, t: Option<[libc::timespec; 2]>, flags: i32) -> io::Result<()> {
    let t = t.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
    // SAFETY: reads two structures or none; a null path means the descriptor itself.
    check(unsafe {
        match p {
            Some(p) => libc::utimensat(fd, p.as_ptr(), t, flags),
            None => libc::futimens(fd, t),
        }
    } as i64)
    .map(drop)
}

pub fn getrandom(out: &mut [u8], flags: u32) -> io::Result<usize> {
    // SAFETY: writes at most the slice's length.
    check(unsafe { libc::getrandom(out.as_mut_ptr().cast(), out.len(), flags) } as i64).map(|n| n as usize)
}

pub fn getgroups() -> io::Result<Vec<u32>> {
    // SAFETY: with size 0 only the number is asked for; then at most the capacity is written.
    unsafe {
        let n = check(i64::from(libc::getgroups(0, std::ptr::null_mut())))? as usize;
        let mut out: Vec<u32> = Vec::with_capacity(n);
        let n = check(i64::from(libc::getgroups(n as i32, out.as_mut_ptr())))?;
        out.set_len(n as usize);
        Ok(out)
    }
}

pub fn setgroups(groups: &[u32]) -> io::Result<()> {
    // SAFETY: reads the slice.
    check(unsafe { libc::setgroups(groups.len(), groups.as_ptr()) } as i64).map(drop)
}

pub fn getres(user: bool) -> io::Result<[u32; 3]> {
    let mut v = [0u32; 3];
    let [a, b, c] = &mut v;
    // SAFETY: fills three words.
    check(unsafe {
        if user {
            libc::getresuid(a, b, c)
        } else {
            libc::getresgid(a, b, c)
        }
    } as i64)?;
    Ok(v)
}

pub fn getloadavg() -> Option<[f64; 3]> {
    let mut v = [0.0; 3];
    // SAFETY: fills three floats.
    (unsafe { libc::getloadavg(v.as_mut_ptr(), 3) } == 3).then_some(v)
}

/// `sysconf`, `pathconf`, `fpathconf`: `None` for "no limit".
pub fn conf(name: i32, path: Option<&CStr>, fd: Option<i32>) -> io::Result<i64> {
    // SAFETY: clears this thread's errno, then a plain query.
    let r = unsafe {
        *libc::__errno_location() = 0;
        match (path, fd) {
            (_, Some(fd)) => libc::fpathconf(fd, name),
            (Some(p), None) => libc::pathconf(p.as_ptr(), name),
            (None, None) => libc::sysconf(name),
        }
    };
    match io::Error::last_os_error() {
        e if r == -1 && e.raw_os_error() != Some(0) => Err(e),
        _ => Ok(r),
    }
}

pub fn affinity(pid: i32) -> io::Result<Vec<usize>> {
    // SAFETY: fills the set.
    let set = filled(|s: *mut libc::cpu_set_t| unsafe {
        libc::sched_getaffinity(pid, std::mem::size_of::<libc::cpu_set_t>(), s)
    })?;
    // SAFETY: reads bits of the set within its size.
    Ok((0..libc::CPU_SETSIZE as usize)
        .filter(|i| unsafe { libc::CPU_ISSET(*i, &set) })
        .collect())
}

pub fn set_affinity(pid: i32, cpus: &[usize]) -> io::Result<()> {
    // SAFETY: an empty set is all zeros; bits within its size are set.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        for i in cpus.iter().filter(|i| **i < libc::CPU_SETSIZE as usize) {
            libc::CPU_SET(*i, &mut set);
        }
        check(i64::from(libc::sched_setaffinity(
            pid,
            std::mem::size_of::<libc::cpu_set_t>(),
            &raw const set,
        )))
        .map(drop)
    }
}

/// Ends the process without any cleaning up.
pub fn exit_now(status: i32) -> ! {
    // SAFETY: does not return.
    unsafe { libc::_exit(status) }
}

/// Null-terminated pointers to strings.
pub fn pointers(list: &[CString]) -> Vec<*const libc::c_char> {
    list.iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect()
}

/// Replaces the process's image; comes back only with an error.
pub fn execve(p: &CStr, argv: &[CString], env: &[CString]) -> io::Error {
    let (a, e) = (pointers(argv), pointers(env));
    // SAFETY: null-terminated lists of terminated strings.
    unsafe { libc::execve(p.as_ptr(), a.as_ptr(), e.as_ptr()) };
    io::Error::last_os_error()
}

/// The environment as it is now.
pub fn environ() -> Vec<Vec<u8>> {
    unsafe extern "C" {
        static environ: *const *const libc::c_char;
    }
    let mut out = Vec::new();
    // SAFETY: the list is null-terminated; `ENVIRON` keeps this program's own changes away.
    unsafe {
        let mut p = environ;
        while !p.is_null() && !(*p).is_null() {
            out.push(CStr::from_ptr(*p).to_bytes().to_vec());
            p = p.add(1);
        }
    }
    out
}

/// Serialises changes of the environment.
pub static ENVIRON: skein_gc::lock::Mutex<()> = skein_gc::lock::Mutex::new(());

pub fn setenv(name: &CStr, value: Option<&CStr>) -> io::Result<()> {
    let _one = ENVIRON.lock();
    // SAFETY: terminated strings; readers in this program hold the lock, C code elsewhere takes the risk as in CPython.
    check(i64::from(unsafe {
        match value {
            Some(v) => libc::setenv(name.as_ptr(), v.as_ptr(), 1),
            None => libc::unsetenv(name.as_ptr()),
        }
    }))
    .map(drop)
}

/// Name of a C string function's static result.
pub fn ttyname(fd: i32) -> io::Result<Vec<u8>> {
    let mut b = [0u8; 256];
    // SAFETY: writes a terminated string of at most the array's size.
    match unsafe { libc::ttyname_r(fd, b.as_mut_ptr().cast(), b.len()) } {
        0 => Ok(b.iter().copied().take_while(|c| *c != 0).collect()),
        e => Err(io::Error::from_raw_os_error(e)),
    }
}

pub fn winsize(fd: i32) -> io::Result<libc::winsize> {
    // SAFETY: fills the structure.
    filled(|w: *mut libc::winsize| unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, w) })
}

/// Entries of a directory, without `.` and `..`: name, type, inode.
pub struct Dir(*mut libc::DIR);

// SAFETY: a stream that moves between threads is used by one at a time: it is behind a lock.
unsafe impl Send for Dir {}

impl Dir {
    pub fn open(p: &CStr) -> io::Result<Dir> {
        // SAFETY: a terminated string.
        let d = unsafe { libc::opendir(p.as_ptr()) };
        if d.is_null() {
            Err(io::Error::last_os_error())
        } else {
            Ok(Dir(d))
        }
    }

    /// From a descriptor, which is duplicated.
    pub fn of_fd(fd: i32) -> io::Result<Dir> {
        let own = fcntl(fd, libc::F_DUPFD_CLOEXEC, 0)? as i32;
        // SAFETY: a descriptor of our own, which the stream takes over.
        let d = unsafe { libc::fdopendir(own) };
        if d.is_null() {
            let e = io::Error::last_os_error();
            let _ = close(own);
            return Err(e);
        }
        // SAFETY: a live stream.
        unsafe { libc::rewinddir(d) };
        Ok(Dir(d))
    }

    pub fn next(&mut self) -> io::Result<Option<(Vec<u8>, u8, u64)>> {
        loop {
            // SAFETY: a live stream; the entry is read before the next call.
            unsafe {
                *libc::__errno_location() = 0;
                let e = libc::readdir(self.0);
                if e.is_null() {
                    let e = io::Error::last_os_error();
                    return if e.raw_os_error() == Some(0) { Ok(None) } else { Err(e) };
                }
                let name = CStr::from_ptr((*e).d_name.as_ptr()).to_bytes();
                if name != b"." && name != b".." {
                    return Ok(Some((name.to_vec(), (*e).d_type, (*e).d_ino)));
                }
            }
        }
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        // SAFETY: the stream is ours.
        unsafe { libc::closedir(self.0) };
    }
}

pub fn poll(fds: &mut [libc::pollfd], timeout: i32) -> io::Result<i64> {
    // SAFETY: reads and writes the slice.
    check(i64::from(unsafe {
        libc::poll(fds.as_mut_ptr(), fds.len() as u64, timeout)
    }))
}

pub fn epoll_ctl(ep: i32, op: i32, fd: i32, events: u32) -> io::Result<()> {
    let mut e = libc::epoll_event { events, u64: fd as u64 };
    // SAFETY: reads the structure.
    check(i64::from(unsafe { libc::epoll_ctl(ep, op, fd, &raw mut e) })).map(drop)
}

pub fn epoll_wait(ep: i32, out: &mut [libc::epoll_event], timeout: i32) -> io::Result<usize> {
    // SAFETY: writes at most the slice's length.
    check(i64::from(unsafe {
        libc::epoll_wait(ep, out.as_mut_ptr(), out.len() as i32, timeout)
    }))
    .map(|n| n as usize)
}

/// Signal sets as lists of numbers.
pub fn sigset(signals: &[i32]) -> libc::sigset_t {
    // SAFETY: an empty set is made first; numbers out of range are refused by the call.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        for s in signals {
            libc::sigaddset(&raw mut set, *s);
        }
        set
    }
}

pub fn sigset_list(set: &libc::sigset_t) -> Vec<i32> {
    // SAFETY: reads the set.
    (1..65).filter(|s| unsafe { libc::sigismember(set, *s) } == 1).collect()
}

pub fn sigmask(how: i32, set: Option<&libc::sigset_t>) -> io::Result<libc::sigset_t> {
    let p = set.map_or(std::ptr::null(), |s| s as *const libc::sigset_t);
    // SAFETY: reads one set or none, fills the other.
    filled(|old| unsafe {
        match libc::pthread_sigmask(how, p, old) {
            0 => 0,
            e => {
                *libc::__errno_location() = e;
                -1
            }
        }
    })
}

pub fn sigpending() -> io::Result<libc::sigset_t> {
    // SAFETY: fills the set.
    filled(|s| unsafe { libc::sigpending(s) })
}

/// Waits for one of a set; `None`: for ever.
pub fn sigtimedwait(set: &libc::sigset_t, timeout: Option<libc::timespec>) -> io::Result<libc::siginfo_t> {
    let t = timeout
        .as_ref()
        .map_or(std::ptr::null(), |t| t as *const libc::timespec);
    // SAFETY: reads the set and the time, fills the structure.
    filled(|i| unsafe { libc::sigtimedwait(set, i, t) }.min(0))
}

pub fn pthread_kill(thread: u64, sig: i32) -> io::Result<()> {
    // SAFETY: the caller vouches that the thread lives, as in C.
    match unsafe { libc::pthread_kill(thread, sig) } {
        0 => Ok(()),
        e => Err(io::Error::from_raw_os_error(e)),
    }
}

/// Installs a handler, or SIG_DFL or SIG_IGN.
pub fn install(sig: i32, handler: usize) -> io::Result<()> {
    // SAFETY: the handler is `signal::handle`, which only touches atomics, or one of the two constants.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = libc::SA_ONSTACK;
        libc::sigemptyset(&raw mut action.sa_mask);
        check(i64::from(libc::sigaction(sig, &raw const action, std::ptr::null_mut()))).map(drop)
    }
}

/// The disposition now: SIG_DFL, SIG_IGN or a handler.
pub fn disposition(sig: i32) -> usize {
    // SAFETY: only asks.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(sig, std::ptr::null(), &raw mut action) != 0 {
            return usize::MAX;
        }
        action.sa_sigaction
    }
}

pub fn setitimer(which: i32, value: libc::itimerval) -> io::Result<libc::itimerval> {
    // SAFETY: reads one structure, fills the other.
    filled(|old| unsafe { libc::syscall(libc::SYS_setitimer, which, &raw const value, old) as i32 })
}

pub fn getitimer(which: i32) -> io::Result<libc::itimerval> {
    // SAFETY: fills the structure.
    filled(|v: *mut libc::itimerval| unsafe { libc::syscall(libc::SYS_getitimer, which, v) as i32 })
}

pub fn strsignal(sig: i32) -> Option<Vec<u8>> {
    // SAFETY: null or a terminated string that stays until the thread's next call.
    unsafe {
        let p = libc::strsignal(sig);
        (!p.is_null()).then(|| CStr::from_ptr(p).to_bytes().to_vec())
    }
}

pub fn realtime_signals() -> (i32, i32) {
    (libc::SIGRTMIN(), libc::SIGRTMAX())
}

pub fn thread_self() -> u64 {
    // SAFETY: no arguments.
    unsafe { libc::pthread_self() }
}
