//! Blocks of half a megabyte and more: buffers of long lists, tables of big dicts, long strings.
//!
//! Each is a mapping of its own, so that it goes back to the system when it is free, whichever thread has asked for it and whatever that
//! thread does next (mimalloc leaves a block with the thread that asked for it until that allocates or frees again); and so that it can
//! grow without being copied: its pages move.
//!
//! A mapping begins at a multiple of [`ALIGNMENT`] and the block [`HEAD`] bytes behind that, where blocks of mimalloc seldom begin; whether one
//! does is in [`MAP`].
//!
//! | state | where | who goes on |
//! |---|---|---|
//! | in use | the [`Head`] before the block says how long it is | its user |
//! | idle | [`IDLE`], by length | whoever asks for a block that fits, or the reaper when it has been idle for a whole period of it |
//! | going back | a list, then nowhere | the reaper: piece by piece, with rests between them, since a system call that frees much takes long and lets nobody else run on its core |

use super::Apart;
use super::system::HUGE_PAGE;
use crate::lock::Mutex;
use crate::pace;
use std::collections::BTreeMap;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};

/// Bytes of the smallest block.
pub const LEAST: usize = 512 << 10;
/// Bytes before a block, in the same mapping.
pub const HEAD: usize = 64;
/// Lengths of mappings are multiples of it, and so are their addresses.
const ALIGNMENT: usize = 1 << 20;
/// Mappings from this length on come in huge pages.
const WORTH_HUGE_PAGES: usize = 4 << 20;
/// Bytes of idle mappings from which on what is freed goes back at once.
const MOST_IDLE: usize = 1 << 30;
/// Bytes of idle mappings of which the reaper is told.
const MUCH: usize = 2 << 20;

#[repr(C)]
struct Head {
    /// Length of the mapping.
    mapped: usize,
    /// Bytes of the block.
    bytes: usize,
    /// Bytes of the mapping from its start on that may have been written; those behind them are zero.
    written: usize,
}

const _: () = assert!(size_of::<Head>() <= HEAD);

/// A mapping that nobody uses.
struct Unused {
    written: usize,
    /// When it became idle.
    period: u32,
}

struct Idle {
    /// By length and address.
    mappings: BTreeMap<(usize, usize), Unused>,
    /// Their lengths in all.
    total: usize,
    /// Counts the calls of [`purge_idle`].
    period: u32,
    /// Those that are to go back: length, address, bytes written.
    going: Vec<(usize, usize, usize)>,
}

/// What is allocated under the lock is small: there are at most `MOST_IDLE / ALIGNMENT` mappings in it.
static IDLE: Mutex<Idle> = Mutex::new(Idle {
    mappings: BTreeMap::new(),
    total: 0,
    period: 0,
    going: Vec::new(),
});

// ---- where blocks are --------------------------------------------------------------------------------------------

/// Multiples of [`ALIGNMENT`] of which a leaf of [`MAP`] knows.
const LEAF: usize = 1 << 14;
/// Leaves: for all addresses of 48 bits.
const LEAVES: usize = (1 << 48) / (LEAF * ALIGNMENT);

type Leaf = [AtomicU8; LEAF];

/// For each multiple of [`ALIGNMENT`] whether a mapping of ours begins there. Leaves come when they are needed and stay.
///
/// Relaxed throughout, but for the leaves: whoever asks for an address has got it from somebody, in an order that puts what was written
/// when the block was made before; of addresses that are mimalloc's the answer is no, whether it is this or that of a time before
/// the mapping, because mappings are entered before their address can be given out and erased before it can be another's.
static MAP: Apart<[AtomicPtr<Leaf>; LEAVES]> = Apart([const { AtomicPtr::new(null_mut()) }; LEAVES]);

fn leaf_of(address: usize) -> Option<&'static AtomicPtr<Leaf>> {
    MAP.0.get(address / (LEAF * ALIGNMENT))
}

/// Where it is noted whether a mapping begins at an address; `None` if no mapping has been near it.
fn mark_of(address: usize) -> Option<&'static AtomicU8> {
    // Acquire pairs with the release in `enter`.
    let leaf = leaf_of(address)?.load(Ordering::Acquire);
    // SAFETY: leaves are never freed.
    let leaf = unsafe { leaf.as_ref() }?;
    Some(&leaf[address / ALIGNMENT % LEAF])
}

#[cold]
#[inline(never)]
fn begins_mapping(address: usize) -> bool {
    mark_of(address).is_some_and(|m| m.load(Ordering::Relaxed) != 0)
}

/// Whether an address is that of a block of ours that is in use, and not of one of mimalloc's.
pub fn is_block(p: *const u8) -> bool {
    p.addr() % ALIGNMENT == HEAD && begins_mapping(p.addr() - HEAD)
}

/// Notes that a mapping begins at an address; false if there is no room for that.
fn enter(address: usize) -> bool {
    let Some(place) = leaf_of(address) else { return false };
    if place.load(Ordering::Relaxed).is_null() {
        let bytes = size_of::<Leaf>();
        let Some(leaf) = system::map(bytes) else { return false };
        // Release pairs with the acquire in `mark_of`; what is there is zero, as the system gives it.
        if place
            .compare_exchange(null_mut(), leaf.cast(), Ordering::Release, Ordering::Relaxed)
            .is_err()
        {
            // SAFETY: mapped just now, and nobody else's.
            unsafe { system::unmap(leaf, bytes) };
        }
    }
    mark_of(address).map(|m| m.store(1, Ordering::Relaxed)).is_some()
}

fn erase(address: usize) {
    if let Some(mark) = mark_of(address) {
        mark.store(0, Ordering::Relaxed);
    }
}

// ---- mappings ----------------------------------------------------------------------------------------------------

/// Length of a mapping that has room for a block: with the head, up to an eighth more, so that there are few lengths.
fn length(bytes: usize) -> Option<usize> {
    let n = bytes.checked_add(HEAD)?;
    let step = if n < WORTH_HUGE_PAGES {
        ALIGNMENT
    } else {
        HUGE_PAGE.max(1 << (n.ilog2() - 3))
    };
    n.checked_next_multiple_of(step)
        .filter(|&n| n <= isize::MAX.cast_unsigned())
}

/// What the address of a mapping is a multiple of; also the pieces in which it goes back.
fn grain(mapped: usize) -> usize {
    if mapped < WORTH_HUGE_PAGES {
        ALIGNMENT
    } else {
        HUGE_PAGE
    }
}

/// Where the latest mapping begins: the next one is tried below it, where it is aligned.
static LATEST: AtomicUsize = AtomicUsize::new(0);

/// Maps so many bytes at a multiple of what they want, and notes it. They are zero. The caller [advises](advise).
fn map(mapped: usize) -> Option<*mut u8> {
    let alignment = grain(mapped);
    // Relaxed: a hint.
    let below = LATEST.load(Ordering::Relaxed).saturating_sub(mapped) / alignment * alignment;
    let mut start = system::map_near(below, mapped)?;
    if !start.addr().is_multiple_of(alignment) {
        // SAFETY: mapped just now, and nobody else's.
        unsafe { system::unmap(start, mapped) };
        start = map_aligned(mapped, alignment)?;
    }
    if !enter(start.addr()) {
        // SAFETY: as above.
        unsafe { system::unmap(start, mapped) };
        return None;
    }
    LATEST.store(start.addr(), Ordering::Relaxed);
    super::has_started();
    Some(start)
}

/// Whether the system would give so much at once. It is given back, so nobody else is kept from it: no more than a good guess.
pub fn can_map(bytes: usize) -> bool {
    let p = system::map(bytes);
    if let Some(p) = p {
        // SAFETY: mapped just now, and nobody else's.
        unsafe { system::unmap(p, bytes) };
    }
    p.is_some()
}

/// Says that a mapping is to come in huge pages, if it is worth that. What was said of it stays with it when it moves.
fn advise(start: *mut u8, mapped: usize) {
    if mapped >= WORTH_HUGE_PAGES {
        super::system::huge_pages(start, mapped, true);
    }
}

#[cold]
fn map_aligned(mapped: usize, alignment: usize) -> Option<*mut u8> {
    let p = system::map(mapped.checked_add(alignment)?)?;
    let before = p.addr().next_multiple_of(alignment) - p.addr();
    let start = p.wrapping_add(before);
    // SAFETY: mapped just now, and nobody else's; the parts lie before and behind what is kept.
    unsafe {
        if before > 0 {
            system::unmap(p, before);
        }
        if alignment > before {
            system::unmap(start.wrapping_add(mapped), alignment - before);
        }
    }
    Some(start)
}

/// Gives a mapping back to the system.
///
/// # Safety
/// It is one of ours, and nobody uses it.
unsafe fn unmap(start: *mut u8, mapped: usize, written: usize) {
    let piece = grain(mapped);
    let mut at = 0;
    while at + piece < written {
        // SAFETY: within the mapping.
        unsafe { super::system::purge(start.wrapping_add(at), piece) };
        at += piece;
        pace::rest_if_due();
    }
    erase(start.addr());
    // SAFETY: by the caller's promise.
    unsafe { system::unmap(start, mapped) };
}

/// The calls of the system.
mod system {
    use std::ptr::without_provenance_mut;

    pub fn map(bytes: usize) -> Option<*mut u8> {
        map_near(0, bytes)
    }

    /// Maps so many bytes, at an address if they can be had there. `None` if the system does not give them.
    pub fn map_near(address: usize, bytes: usize) -> Option<*mut u8> {
        // SAFETY: a new private mapping, which takes no other's place.
        let p = unsafe {
            libc::mmap(
                without_provenance_mut(address),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        (p != libc::MAP_FAILED && !p.is_null()).then_some(p.cast())
    }

    /// # Safety
    /// The memory was mapped here, and nobody uses it.
    pub unsafe fn unmap(p: *mut u8, bytes: usize) {
        // SAFETY: by the caller's promise.
        let failed = unsafe { libc::munmap(p.cast(), bytes) } != 0;
        debug_assert!(!failed, "unmapping {bytes} bytes");
    }

    /// Moves a mapping, with its pages, to the place of another, longer one, and makes it as long; the first place is free then. False if the
    /// system does not do that: then it is where it was, and the other one may be gone.
    ///
    /// # Safety
    /// Both are mapped so long, and the caller's; nothing in the second one is needed.
    pub unsafe fn take_over(from: *mut u8, length: usize, to: *mut u8, longer: usize) -> bool {
        #[cfg(target_os = "linux")]
        // SAFETY: by the caller's promise.
        return unsafe {
            let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
            libc::mremap(from.cast(), length, longer, flags, to.cast::<libc::c_void>()) != libc::MAP_FAILED
        };
        #[cfg(not(target_os = "linux"))]
        return {
            let _ = (from, length, to, longer);
            false
        };
    }
}

// ---- blocks ------------------------------------------------------------------------------------------------------

/// The head of a block.
///
/// # Safety
/// The block is one of ours, and the caller's.
unsafe fn head(p: *mut u8) -> *mut Head {
    // The mapping's address is exposed where it is made.
    std::ptr::with_exposed_provenance_mut(p.addr() - HEAD)
}

/// Makes a block of a mapping.
///
/// # Safety
/// The mapping is ours, has room for the block, and nobody else uses it.
unsafe fn begin(start: *mut u8, mapped: usize, bytes: usize, written: usize) -> *mut u8 {
    let _ = start.expose_provenance();
    let written = written.max(HEAD + bytes);
    // SAFETY: by the caller's promise; mappings are aligned.
    unsafe {
        start.cast::<Head>().write(Head { mapped, bytes, written });
        start.add(HEAD)
    }
}

/// An idle mapping with room for a block, of which not too much would be left over; else a new one. With how much of it has been written.
fn find(mapped: usize) -> Option<(*mut u8, usize, usize)> {
    let most = mapped.saturating_add(mapped / 2);
    let mut idle = IDLE.lock();
    let found = idle.mappings.range((mapped, 0)..=(most, usize::MAX)).next();
    if let Some((&key, unused)) = found {
        let written = unused.written;
        idle.mappings.remove(&key);
        idle.total -= key.0;
        return Some((std::ptr::with_exposed_provenance_mut(key.1), key.0, written));
    }
    drop(idle);
    let start = map(mapped).or_else(|| {
        // What is idle is free memory, too.
        give_all_back();
        map(mapped)
    })?;
    advise(start, mapped);
    Some((start, mapped, 0))
}

/// A block of so many bytes, and how many from its start on are not zero, perhaps.
fn new(bytes: usize) -> Option<(*mut u8, usize)> {
    let (start, mapped, written) = find(length(bytes)?)?;
    // SAFETY: a mapping with room for it, which is ours now.
    let p = unsafe { begin(start, mapped, bytes, written) };
    Some((p, bytes.min(written.saturating_sub(HEAD))))
}

/// A block of so many bytes, 64-byte aligned, not initialised; null if the system does not give it. There are [`LEAST`] bytes at least.
pub fn allocate(bytes: usize) -> *mut u8 {
    new(bytes).map_or(null_mut(), |(p, _)| p)
}

/// As [`allocate`], and zero.
pub fn allocate_zeroed(bytes: usize) -> *mut u8 {
    new(bytes).map_or(null_mut(), |(p, written)| {
        // SAFETY: within the block, which is ours.
        unsafe { p.write_bytes(0, written) };
        p
    })
}

/// Bytes of a block.
///
/// # Safety
/// [`is_block`], and it was not freed.
pub unsafe fn size(p: *mut u8) -> usize {
    // SAFETY: by the caller's promise.
    unsafe { (*head(p)).bytes }
}

/// Gives a block another size, and perhaps another place, with as much of its contents as fits. Null, and nothing has changed, if that
/// cannot be done here: it is too small for a block then, or the system does not give so much.
///
/// # Safety
/// [`is_block`], and it is the caller's.
pub unsafe fn resize(p: *mut u8, bytes: usize) -> *mut u8 {
    // SAFETY: by the caller's promise.
    let Head { mapped, written, .. } = unsafe { head(p).read() };
    let Some(wanted) = length(bytes) else { return null_mut() };
    if wanted <= mapped {
        if wanted < mapped / 2 || bytes < LEAST / 2 {
            return null_mut();
        }
        // SAFETY: as above.
        return unsafe { begin(p.wrapping_sub(HEAD), mapped, bytes, written) };
    }
    if let Some(start) = map(wanted) {
        // SAFETY: the block is the caller's, and the new mapping ours.
        if unsafe { system::take_over(p.wrapping_sub(HEAD), mapped, start, wanted) } {
            erase(p.addr() - HEAD);
            if mapped < WORTH_HUGE_PAGES {
                advise(start, wanted);
            }
            // SAFETY: as above.
            return unsafe { begin(start, wanted, bytes, written) };
        }
        // Whether it is there still is not known. It was never touched, so it is no memory that is lost.
        erase(start.addr());
    }
    let new = allocate(bytes);
    if !new.is_null() {
        // SAFETY: it is longer than the old one, which is the caller's.
        unsafe {
            std::ptr::copy_nonoverlapping(p, new, size(p));
            free(p);
        }
    }
    new
}

/// Gives a block back; gives its size.
///
/// # Safety
/// [`is_block`], and nobody uses it any more.
#[cold]
pub unsafe fn free(p: *mut u8) -> usize {
    let start = p.wrapping_sub(HEAD);
    // SAFETY: by the caller's promise.
    let Head { mapped, bytes, written } = unsafe { head(p).read() };
    let mut idle = IDLE.lock();
    if idle.total + mapped > MOST_IDLE {
        drop(idle);
        // SAFETY: ours now.
        unsafe { unmap(start, mapped, written) };
        return bytes;
    }
    let period = idle.period;
    idle.mappings.insert((mapped, start.addr()), Unused { written, period });
    idle.total += mapped;
    let much = idle.total >= MUCH;
    drop(idle);
    if much {
        crate::reaper::tend();
    }
    bytes
}

// ---- going back --------------------------------------------------------------------------------------------------

/// Gives those mappings back to the system that were idle since the call before the last one. Gives whether there are more. By the reaper.
pub fn purge_idle() -> bool {
    let mut idle = IDLE.lock();
    idle.period = idle.period.wrapping_add(1);
    let now = idle.period;
    idle.let_go(|unused| now.wrapping_sub(unused.period) > 1);
    drop(idle);
    give_back();
    IDLE.lock().total >= MUCH
}

#[cold]
fn give_all_back() {
    IDLE.lock().let_go(|_| true);
    give_back();
}

impl Idle {
    fn let_go(&mut self, mut due: impl FnMut(&Unused) -> bool) {
        for ((mapped, address), unused) in self.mappings.extract_if(.., |_, unused| due(unused)) {
            self.total -= mapped;
            self.going.push((mapped, address, unused.written));
        }
    }
}

fn give_back() {
    // One at a time, so that a fork meanwhile does not leave the child with more than one that nobody knows of.
    while let Some((mapped, address, written)) = { IDLE.lock().going.pop() } {
        // SAFETY: taken out of those that are idle, so ours.
        unsafe { unmap(std::ptr::with_exposed_provenance_mut(address), mapped, written) };
    }
}

/// The lock of this file, held across a fork. Nothing big is allocated or freed meanwhile.
pub fn lock_for_fork() -> impl Sized {
    IDLE.lock()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        assert_eq!(length(LEAST), Some(ALIGNMENT));
        assert_eq!(length(ALIGNMENT - HEAD), Some(ALIGNMENT));
        assert_eq!(length(ALIGNMENT), Some(2 * ALIGNMENT));
        assert_eq!(length(WORTH_HUGE_PAGES), Some(WORTH_HUGE_PAGES + HUGE_PAGE));
        assert_eq!(length((64 << 20) + 1), Some(72 << 20));
        assert_eq!(length(usize::MAX - HEAD), None);
        assert_eq!(length(isize::MAX.cast_unsigned()), None);
    }

    /// Blocks are found again, keep what is in them when they grow and shrink, and are zero where that was asked for.
    #[test]
    fn blocks() {
        const MEGABYTE: usize = 1 << 20;
        for n in [LEAST, MEGABYTE, 3 * MEGABYTE, 5 * MEGABYTE, 40 * MEGABYTE] {
            let mut p = allocate(n);
            assert!(is_block(p) && !is_block(p.wrapping_add(16)) && !is_block(p.wrapping_add(ALIGNMENT)));
            // SAFETY: of that size, and ours.
            unsafe {
                assert_eq!(size(p), n);
                p.write_bytes(7, n);
                for bytes in [n + n / 8, 3 * n, 2 * n] {
                    p = resize(p, bytes);
                    assert!(is_block(p));
                    assert_eq!(size(p), bytes);
                    assert!(std::slice::from_raw_parts(p, n).iter().all(|&b| b == 7));
                }
                assert!(resize(p, n / 4).is_null());
                assert_eq!(free(p), 2 * n);
                let zeroed = allocate_zeroed(2 * n);
                assert!(std::slice::from_raw_parts(zeroed, 2 * n).iter().all(|&b| b == 0));
                free(zeroed);
            }
        }
        assert!(allocate(1 << 46).is_null());
        for _ in 0..3 {
            purge_idle();
        }
    }

    #[test]
    fn many_threads() {
        std::thread::scope(|scope| {
            for t in 0..4_u8 {
                scope.spawn(move || {
                    for i in 0..200 {
                        let n = LEAST << (i % 4);
                        let p = allocate(n);
                        // SAFETY: of that size, and ours.
                        unsafe {
                            p.write_bytes(t, n);
                            let p = resize(p, 2 * n);
                            assert_eq!((p.read(), p.add(n - 1).read()), (t, t));
                            free(p);
                        }
                        if i % 50 == 0 {
                            purge_idle();
                        }
                    }
                });
            }
        });
    }
}
