//! `sys.monitoring` (PEP 669): which tools want to be told of which events, and telling them. The events come from `trace`.

use crate::trace;
use skein_gc::Ref;
use skein_gc::lock::{Mutex, MutexGuard};
use skein_object::error::value_error;
use skein_object::object::Object;
use skein_object::{CodeBody, Context, Disabled, Monitored, Result, number, protocol};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Tools that Python code can use.
pub const TOOLS: usize = 6;

/// Events in the order of their numbers, which are the bits of event sets.
pub const EVENTS: [&str; 19] = [
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
    "BRANCH",
];

/// Numbers of events.
pub mod event {
    pub const PY_START: u8 = 0;
    pub const PY_RESUME: u8 = 1;
    pub const PY_RETURN: u8 = 2;
    pub const PY_YIELD: u8 = 3;
    pub const CALL: u8 = 4;
    pub const LINE: u8 = 5;
    pub const INSTRUCTION: u8 = 6;
    pub const JUMP: u8 = 7;
    pub const BRANCH_LEFT: u8 = 8;
    pub const BRANCH_RIGHT: u8 = 9;
    pub const STOP_ITERATION: u8 = 10;
    pub const RAISE: u8 = 11;
    pub const EXCEPTION_HANDLED: u8 = 12;
    pub const PY_UNWIND: u8 = 13;
    pub const PY_THROW: u8 = 14;
    pub const RERAISE: u8 = 15;
    pub const C_RETURN: u8 = 16;
    pub const C_RAISE: u8 = 17;
    pub const BRANCH: u8 = 18;
}

/// Events that belong to an instruction and can be disabled there, and that a code object can have of its own.
pub const LOCAL: u32 = (1 << (event::STOP_ITERATION + 1)) - 1;

/// Events of each tool, everywhere. Relaxed, here and below: who sees a set late tells late; callbacks are under a lock.
static GLOBAL: [AtomicU32; TOOLS] = [const { AtomicU32::new(0) }; TOOLS];
/// The union of `GLOBAL`.
static ANY: AtomicU32 = AtomicU32::new(0);
static CALLBACKS: Mutex<[[Option<Ref>; EVENTS.len()]; TOOLS]> =
    Mutex::new([const { [const { None }; EVENTS.len()] }; TOOLS]);
/// How often events have been restarted.
static RESTARTS: AtomicU32 = AtomicU32::new(0);

/// What a callback returns to hear no more.
pub static DISABLE: OnceLock<Ref> = OnceLock::new();
/// Stands for the first argument of a call without one.
pub static MISSING: OnceLock<Ref> = OnceLock::new();

/// Whether a tool wants events of all code.
pub fn everywhere() -> bool {
    ANY.load(Ordering::Relaxed) != 0
}

pub fn events(tool: usize) -> u32 {
    GLOBAL[tool].load(Ordering::Relaxed)
}

/// Sets a tool's events, in this thread at once, in others at their next poll.
pub fn set_events(cx: &Context, tool: usize, set: u32) {
    /// Or of two threads that set events the one that comes last might have read those of the other too early.
    static SETTING: Mutex<()> = Mutex::new(());
    let setting = SETTING.lock();
    GLOBAL[tool].store(set, Ordering::Relaxed);
    let all = GLOBAL.iter().fold(0, |all, g| all | g.load(Ordering::Relaxed));
    let before = ANY.swap(all, Ordering::Relaxed);
    drop(setting);
    if (before != 0) != (all != 0) {
        trace::update(cx);
        trace::update_others();
    }
}

pub fn local_events(code: &CodeBody, tool: usize) -> u32 {
    code.monitored
        .get()
        .map_or(0, |m| m.local[tool].load(Ordering::Relaxed))
}

/// Sets the events that a tool wants of one code object.
pub fn set_local_events(code: &CodeBody, tool: usize, set: u32) {
    if set == 0 && code.monitored.get().is_none() {
        return;
    }
    let m = code.monitored.get_or_init(Box::default);
    m.local[tool].store(set, Ordering::Relaxed);
    if set != 0 {
        trace::mark(code);
    }
}

/// Makes `f` the callback of a tool; the one so far.
pub fn set_callback(tool: usize, event: usize, f: Option<Ref>) -> Option<Ref> {
    std::mem::replace(&mut CALLBACKS.lock()[tool][event], f)
}

/// Takes all callbacks of a tool away. They are dropped by the caller.
pub fn take_callbacks(tool: usize) -> [Option<Ref>; EVENTS.len()] {
    std::mem::replace(&mut CALLBACKS.lock()[tool], [const { None }; EVENTS.len()])
}

/// Makes what was disabled heard again.
pub fn restart() {
    RESTARTS.fetch_add(1, Ordering::Relaxed);
}

/// Whether a tool wants events of this code alone.
pub fn is_local(code: &CodeBody) -> bool {
    code.monitored
        .get()
        .is_some_and(|m| m.local.iter().any(|l| l.load(Ordering::Relaxed) != 0))
}

/// All events that are wanted of a code object.
pub fn wanted(code: &CodeBody) -> u32 {
    let local = code
        .monitored
        .get()
        .map_or(0, |m| m.local.iter().fold(0, |all, l| all | l.load(Ordering::Relaxed)));
    ANY.load(Ordering::Relaxed) | local
}

/// What is disabled in a code object since events were restarted.
fn disabled(m: &Monitored) -> MutexGuard<'_, Disabled> {
    let mut disabled = m.disabled.lock();
    let now = RESTARTS.load(Ordering::Relaxed);
    if disabled.restarts != now {
        disabled.restarts = now;
        disabled.events.clear();
    }
    disabled
}

fn is_disabled(code: &CodeBody, key: (u32, u8, u8)) -> bool {
    code.monitored.get().is_some_and(|m| disabled(m).events.contains(&key))
}

fn disable(code: &CodeBody, key: (u32, u8, u8)) {
    disabled(code.monitored.get_or_init(Box::default)).events.insert(key);
}

/// The callback, and whether it was registered for both ways of a branch.
fn callback(tool: usize, event: u8) -> Option<(Ref, bool)> {
    let all = CALLBACKS.lock();
    let own = all[tool][event as usize].clone();
    match event {
        event::BRANCH_LEFT | event::BRANCH_RIGHT if own.is_none() => {
            all[tool][event::BRANCH as usize].clone().map(|f| (f, true))
        }
        _ => own.map(|f| (f, false)),
    }
}

/// Tells the tools that want it of an event at an instruction. `args` are those behind the code object.
///
/// # Errors
/// What a callback raises.
pub fn fire(cx: &Context, code: &CodeBody, at: usize, event: u8, args: &[Ref]) -> Result<()> {
    // What native functions return and raise is told with their calls.
    let asked = match event {
        event::C_RETURN | event::C_RAISE => event::CALL,
        _ => event,
    };
    if wanted(code) & 1 << asked == 0 {
        return Ok(());
    }
    let mut all = Vec::with_capacity(args.len() + 1);
    // SAFETY: the code is alive while its frame is.
    all.push(unsafe { Ref::of(Object::header_of(code)) });
    all.extend_from_slice(args);
    for tool in 0..TOOLS {
        let set = events(tool) | local_events(code, tool);
        if set & 1 << asked == 0 || is_disabled(code, (at as u32, tool as u8, asked)) {
            continue;
        }
        let Some((f, both)) = callback(tool, event) else {
            continue;
        };
        let r = trace::quietly(|| protocol::call(cx, &f, &all))?;
        if DISABLE.get().is_none_or(|d| !r.is(d)) {
            continue;
        }
        if LOCAL & 1 << event == 0 {
            // Or it would come again and again.
            drop(set_callback(tool, event as usize, None));
            return Err(value_error(format!(
                "Cannot disable {} events. Callback removed.",
                EVENTS[event as usize]
            )));
        }
        let events = if both {
            [event::BRANCH_LEFT, event::BRANCH_RIGHT]
        } else {
            [event; 2]
        };
        for e in events {
            disable(code, (at as u32, tool as u8, e));
        }
    }
    Ok(())
}

/// The offset of an instruction, as `co_lines` has it.
///
/// # Errors
/// None.
pub fn offset(at: usize) -> Result<Ref> {
    number::int(2 * at as i64 + 2)
}
