//! Starting a program: fork and exec without running anything of ours in between.
//!
//! The child runs on a copy of this thread alone; other threads may have held any lock. So between fork and exec only
//! async-signal-safe calls are made, and all memory was prepared before.

#![allow(unsafe_code)]

use crate::sys::pointers;
use std::ffi::CString;
use std::io;

/// A step on descriptors in the child.
pub enum Action {
    Open {
        fd: i32,
        path: CString,
        flags: i32,
        mode: u32,
    },
    Close(i32),
    Dup(i32, i32),
    CloseFrom(i32),
}

/// What the child is to become.
#[derive(Default)]
pub struct Plan {
    /// Tried in order.
    pub programs: Vec<CString>,
    pub argv: Vec<CString>,
    /// `None`: as this process's.
    pub env: Option<Vec<CString>>,
    pub actions: Vec<Action>,
    /// stdin, stdout, stderr; -1: as they are.
    pub stdio: Option<[i32; 3]>,
    /// Descriptors that stay open, in order, if all others are to be closed.
    pub keep_only: Option<Vec<i32>>,
    /// Descriptors that the program inherits.
    pub inherit: Vec<i32>,
    pub cwd: Option<CString>,
    pub restore_signals: bool,
    pub setsid: bool,
    pub pgid: Option<i32>,
    pub reset_ids: bool,
    pub gid: Option<u32>,
    pub groups: Option<Vec<u32>>,
    pub uid: Option<u32>,
    pub umask: Option<u32>,
    pub mask: Option<Vec<i32>>,
    pub default_signals: Vec<i32>,
    /// Where the errno of a failure goes: written as `OSError:hex:` for subprocess, else to a pipe of our own.
    pub report: Option<i32>,
}

/// Closes descriptors from `low` on but for those in `keep`, which is sorted.
///
/// # Safety
/// In the child of a fork.
unsafe fn close_others(low: i32, keep: &[i32]) {
    let mut from = low;
    let close = |a: i32, b: i32| {
        if a > b {
            return;
        }
        // SAFETY: integers.
        unsafe {
            if libc::syscall(libc::SYS_close_range, a as u32, b as u32, 0u32) != 0 {
                for fd in a..=b.min(1 << 16) {
                    libc::close(fd);
                }
            }
        }
    };
    for fd in keep.iter().filter(|fd| **fd >= low) {
        close(from, fd - 1);
        from = fd + 1;
    }
    close(from, i32::MAX);
}

/// Everything between fork and exec; gives the errno of what failed, and whether it was before exec.
///
/// # Safety
/// In the child of a fork; `programs`, `argv` and `env` are null-terminated lists.
unsafe fn child(
    plan: &Plan,
    programs: &[CString],
    argv: &[*const libc::c_char],
    env: Option<&[*const libc::c_char]>,
    keep: &[i32],
) -> (i32, bool) {
    // SAFETY: async-signal-safe calls with integers and prepared strings.
    unsafe {
        let errno = || *libc::__errno_location();
        macro_rules! must {
            ($e:expr) => {
                if $e < 0 {
                    return (errno(), true);
                }
            };
        }
        for fd in &plan.inherit {
            must!(libc::fcntl(*fd, libc::F_SETFD, 0));
        }
        if let Some(mut io) = plan.stdio {
            // Descriptors that lie where others must go are moved out of the way first.
            for (i, fd) in io.iter_mut().enumerate() {
                if *fd >= 0 && *fd < i as i32 {
                    *fd = libc::fcntl(*fd, libc::F_DUPFD, 3);
                    must!(*fd);
                }
            }
            for i in 0..3 {
                for j in (i + 1)..3 {
                    if io[j] == i as i32 && io[i] >= 0 && io[i] != i as i32 {
                        io[j] = libc::fcntl(io[j], libc::F_DUPFD, 3);
                        must!(io[j]);
                    }
                }
                if io[i] == i as i32 {
                    must!(libc::fcntl(io[i], libc::F_SETFD, 0));
                } else if io[i] >= 0 {
                    must!(libc::dup2(io[i], i as i32));
                }
            }
        }
        for a in &plan.actions {
            match a {
                Action::Open {
                    fd,
                    path,
                    flags,
                    mode,
                } => {
                    let got = libc::open(path.as_ptr(), *flags, *mode);
                    must!(got);
                    if got != *fd {
                        must!(libc::dup2(got, *fd));
                        libc::close(got);
                    }
                }
                Action::Close(fd) => {
                    libc::close(*fd);
                }
                Action::Dup(a, b) if a == b => must!(libc::fcntl(*a, libc::F_SETFD, 0)),
                Action::Dup(a, b) => must!(libc::dup2(*a, *b)),
                Action::CloseFrom(low) => close_others(*low, keep),
            }
        }
        if let Some(d) = &plan.cwd {
            must!(libc::chdir(d.as_ptr()));
        }
        if let Some(m) = plan.umask {
            libc::umask(m);
        }
        if plan.restore_signals {
            for s in [libc::SIGPIPE, libc::SIGXFSZ] {
                libc::signal(s, libc::SIG_DFL);
            }
        }
        for s in &plan.default_signals {
            libc::signal(*s, libc::SIG_DFL);
        }
        if let Some(list) = &plan.mask {
            let set = crate::sys::sigset(list);
            libc::sigprocmask(libc::SIG_SETMASK, &raw const set, std::ptr::null_mut());
        }
        if plan.setsid {
            must!(libc::setsid());
        }
        if let Some(p) = plan.pgid {
            must!(libc::setpgid(0, p));
        }
        if let Some(g) = &plan.groups {
            must!(libc::setgroups(g.len(), g.as_ptr()));
        }
        if let Some(g) = plan.gid {
            must!(libc::setregid(g, g));
        }
        if let Some(u) = plan.uid {
            must!(libc::setreuid(u, u));
        }
        if plan.reset_ids {
            must!(libc::setegid(libc::getgid()));
            must!(libc::seteuid(libc::getuid()));
        }
        if plan.keep_only.is_some() {
            close_others(3, keep);
        }
        let mut last = libc::ENOENT;
        for p in programs {
            match env {
                Some(e) => libc::execve(p.as_ptr(), argv.as_ptr(), e.as_ptr()),
                None => libc::execv(p.as_ptr(), argv.as_ptr()),
            };
            let e = errno();
            if e != libc::ENOENT && e != libc::ENOTDIR {
                last = e;
            }
        }
        (last, false)
    }
}

/// `OSError:hex errno:` and `noexec` if it failed before exec, as `subprocess` reads it.
fn message(errno: i32, early: bool, out: &mut [u8; 40]) -> usize {
    let mut n = 0;
    let mut put = |b: &[u8]| {
        out[n..n + b.len()].copy_from_slice(b);
        n += b.len();
    };
    put(b"OSError:");
    let (mut digits, mut started) = ([0u8; 8], false);
    let mut k = 0;
    for i in (0..8).rev() {
        let d = (errno >> (4 * i)) & 15;
        if d != 0 || started || i == 0 {
            started = true;
            digits[k] = b"0123456789ABCDEF"[d as usize];
            k += 1;
        }
    }
    put(&digits[..k]);
    put(b":");
    if early {
        put(b"noexec");
    }
    n
}

/// Starts the program: the child's process number. If it cannot be started and the plan has no `report`, the error.
pub fn spawn(plan: &Plan) -> io::Result<i32> {
    let argv = pointers(&plan.argv);
    let env = plan.env.as_deref().map(pointers);
    let pipe = match plan.report {
        Some(_) => None,
        None => Some(crate::sys::pipe2(libc::O_CLOEXEC)?),
    };
    let report = plan.report.or(pipe.map(|p| p[1])).unwrap_or(-1);
    let mut keep = plan.keep_only.clone().unwrap_or_default();
    keep.push(report);
    keep.sort_unstable();
    keep.dedup();
    // No handler of this process may run in the child before exec has reset it.
    let all = crate::sys::sigset(&(1..65).collect::<Vec<_>>());
    let old = crate::sys::sigmask(libc::SIG_BLOCK, Some(&all))?;
    // SAFETY: the child calls `child`, which keeps to async-signal-safe calls, then writes and exits.
    let pid = unsafe {
        let pid = libc::fork();
        if pid == 0 {
            for s in 1..65 {
                // Handlers are functions of this program; ignored signals stay ignored.
                if crate::sys::disposition(s) > libc::SIG_IGN {
                    libc::signal(s, libc::SIG_DFL);
                }
            }
            libc::sigprocmask(libc::SIG_SETMASK, &raw const old, std::ptr::null_mut());
            let (errno, early) = child(plan, &plan.programs, &argv, env.as_deref(), &keep);
            let mut out = [0u8; 40];
            let n = message(errno, early, &mut out);
            libc::write(report, out.as_ptr().cast(), n);
            libc::_exit(255);
        }
        pid
    };
    let failed = io::Error::last_os_error();
    let _ = crate::sys::sigmask(libc::SIG_SETMASK, Some(&old));
    let Some([read, write]) = pipe else {
        return if pid < 0 { Err(failed) } else { Ok(pid) };
    };
    let _ = crate::sys::close(write);
    if pid < 0 {
        let _ = crate::sys::close(read);
        return Err(failed);
    }
    let mut out = Vec::with_capacity(40);
    let got = crate::sys::read(read, &mut out, 40, None);
    let _ = crate::sys::close(read);
    if got.is_ok_and(|n| n > 8) {
        let text = String::from_utf8_lossy(&out);
        let errno = text
            .split(':')
            .nth(1)
            .and_then(|h| i32::from_str_radix(h, 16).ok());
        let _ = crate::sys::waitpid(pid, 0);
        return Err(io::Error::from_raw_os_error(errno.unwrap_or(libc::ENOENT)));
    }
    Ok(pid)
}
