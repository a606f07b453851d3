//! Calls into libc that files need.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::io;

fn check(r: i64) -> io::Result<i64> {
    if r < 0 { Err(io::Error::last_os_error()) } else { Ok(r) }
}

/// Opens, never inheritable.
pub fn open(path: &CStr, flags: i32) -> io::Result<i32> {
    // SAFETY: a terminated string.
    check(unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC, 0o666) } as i64).map(|n| n as i32)
}

pub fn close(fd: i32) -> io::Result<()> {
    // SAFETY: an integer; closing a descriptor that others use is the caller's affair, as in C.
    check(unsafe { libc::close(fd) } as i64).map(drop)
}

/// Reads into the unused capacity of `buf`, at most `max` bytes, and appends them.
pub fn read_into_spare(fd: i32, buf: &mut Vec<u8>, max: usize) -> io::Result<usize> {
    let room = (buf.capacity() - buf.len()).min(max).min(isize::MAX as usize);
    let at = buf.len();
    // SAFETY: writes at most `room` bytes into spare capacity; what it has written is initialised.
    unsafe {
        let n = check(libc::read(fd, buf.as_mut_ptr().add(at).cast(), room) as i64)? as usize;
        buf.set_len(at + n);
        Ok(n)
    }
}

pub fn write(fd: i32, data: &[u8]) -> io::Result<usize> {
    let n = data.len().min(0x7fff_f000);
    // SAFETY: reads `n` bytes of the slice.
    check(unsafe { libc::write(fd, data.as_ptr().cast(), n) } as i64).map(|n| n as usize)
}

pub fn lseek(fd: i32, offset: i64, whence: i32) -> io::Result<i64> {
    // SAFETY: integers.
    check(unsafe { libc::lseek(fd, offset, whence) })
}

pub fn ftruncate(fd: i32, size: i64) -> io::Result<()> {
    // SAFETY: integers.
    check(unsafe { libc::ftruncate(fd, size) } as i64).map(drop)
}

pub fn isatty(fd: i32) -> bool {
    // SAFETY: an integer.
    unsafe { libc::isatty(fd) == 1 }
}

/// Mode, block size and size of an open file.
pub struct Stat {
    pub mode: u32,
    pub block_size: i64,
    pub size: i64,
}

pub fn fstat(fd: i32) -> io::Result<Stat> {
    let mut st = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: fills the structure, which is valid when zeroed.
    let st = unsafe {
        check(libc::fstat(fd, st.as_mut_ptr()) as i64)?;
        st.assume_init()
    };
    Ok(Stat {
        mode: st.st_mode,
        block_size: st.st_blksize as i64,
        size: st.st_size,
    })
}
