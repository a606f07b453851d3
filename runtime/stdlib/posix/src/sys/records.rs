//! Users, groups and the locale: functions whose results lie in the C library's memory.

use std::ffi::CStr;

/// A user's or group's record: name, password, uid, gid, gecos, directory, shell; or name, password, gid, members.
pub struct User {
    pub texts: [Vec<u8>; 5],
    pub uid: u32,
    pub gid: u32,
}

fn text(p: *const libc::c_char) -> Vec<u8> {
    if p.is_null() {
        return Vec::new();
    }
    // SAFETY: a terminated string of a record that the caller has.
    unsafe { CStr::from_ptr(p) }.to_bytes().to_vec()
}

/// Serialises the functions whose results lie in static memory.
static RECORDS: skein_gc::lock::Mutex<()> = skein_gc::lock::Mutex::new(());

/// SAFETY: `p` is null or a record of the C library, read under `RECORDS`.
unsafe fn user(p: *const libc::passwd) -> Option<User> {
    // SAFETY: by the caller's promise.
    unsafe { p.as_ref() }.map(|p| User {
        texts: [
            text(p.pw_name),
            text(p.pw_passwd),
            text(p.pw_gecos),
            text(p.pw_dir),
            text(p.pw_shell),
        ],
        uid: p.pw_uid,
        gid: p.pw_gid,
    })
}

pub fn getpwuid(id: u32) -> Option<User> {
    let _one = RECORDS.lock();
    // SAFETY: read before the lock is released.
    unsafe { user(libc::getpwuid(id)) }
}

pub fn getpwnam(name: &CStr) -> Option<User> {
    let _one = RECORDS.lock();
    // SAFETY: read before the lock is released.
    unsafe { user(libc::getpwnam(name.as_ptr())) }
}

pub fn getpwall() -> Vec<User> {
    let _one = RECORDS.lock();
    let mut out = Vec::new();
    // SAFETY: each record is read before the next is asked for.
    unsafe {
        libc::setpwent();
        while let Some(u) = user(libc::getpwent()) {
            out.push(u);
        }
        libc::endpwent();
    }
    out
}

pub struct Group {
    pub name: Vec<u8>,
    pub password: Vec<u8>,
    pub gid: u32,
    pub members: Vec<Vec<u8>>,
}

/// SAFETY: as for `user`.
unsafe fn group(p: *const libc::group) -> Option<Group> {
    // SAFETY: by the caller's promise; the member list is null-terminated.
    unsafe {
        p.as_ref().map(|g| {
            let mut members = Vec::new();
            let mut m = g.gr_mem;
            while !m.is_null() && !(*m).is_null() {
                members.push(text(*m));
                m = m.add(1);
            }
            Group {
                name: text(g.gr_name),
                password: text(g.gr_passwd),
                gid: g.gr_gid,
                members,
            }
        })
    }
}

pub fn getgrgid(id: u32) -> Option<Group> {
    let _one = RECORDS.lock();
    // SAFETY: read before the lock is released.
    unsafe { group(libc::getgrgid(id)) }
}

pub fn getgrnam(name: &CStr) -> Option<Group> {
    let _one = RECORDS.lock();
    // SAFETY: read before the lock is released.
    unsafe { group(libc::getgrnam(name.as_ptr())) }
}

pub fn getgrall() -> Vec<Group> {
    let _one = RECORDS.lock();
    let mut out = Vec::new();
    // SAFETY: each record is read before the next is asked for.
    unsafe {
        libc::setgrent();
        while let Some(g) = group(libc::getgrent()) {
            out.push(g);
        }
        libc::endgrent();
    }
    out
}

/// `setlocale`: the name, or `None` if there is no such locale.
pub fn setlocale(category: i32, name: Option<&CStr>) -> Option<Vec<u8>> {
    let _one = RECORDS.lock();
    // SAFETY: the result is copied before the next call.
    unsafe {
        let p = libc::setlocale(category, name.map_or(std::ptr::null(), CStr::as_ptr));
        (!p.is_null()).then(|| text(p))
    }
}

pub fn nl_langinfo(item: i32) -> Vec<u8> {
    let _one = RECORDS.lock();
    // SAFETY: a string of the locale, copied at once.
    text(unsafe { libc::nl_langinfo(item) })
}
