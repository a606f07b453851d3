//! `sys.monitoring` (PEP 669) and `sys._jit`.

use super::namespace;
use skein_gc::lock::Mutex;
use skein_gc::publish::publish;
use skein_interpreter::monitor::{self, EVENTS, TOOLS, event};
use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::number;
use skein_object::native::{ModuleDef, Row, make_module};
use skein_object::object::{RefExt, alloc};
use skein_object::protocol::convert::to_i64;
use skein_object::{Args, CodeBody, Context, Ref, dict, row, statics as s, str};

/// What `sys._jit` tells: there is no compiler to machine code.
static JIT_FUNCTIONS: &[Row] = &[
    row!(
        "is_available()",
        |_, _| Ok(s::false_()),
        "Return True if the current Python executable supports JIT compilation, and False otherwise."
    ),
    row!(
        "is_enabled()",
        |_, _| Ok(s::false_()),
        "Return True if JIT compilation is enabled for the current Python process, and False otherwise."
    ),
    row!(
        "is_active()",
        |_, _| Ok(s::false_()),
        "Return True if the topmost Python frame is currently executing JIT code, and False otherwise."
    ),
];

static JIT: ModuleDef = ModuleDef {
    name: "sys._jit",
    doc: "Utilities for observing just-in-time compilation.",
    functions: JIT_FUNCTIONS,
    init: |_, _| Ok(()),
};

const C_EVENTS: u32 = 1 << event::C_RETURN | 1 << event::C_RAISE;
const BRANCH: u32 = 1 << event::BRANCH;
const BRANCHES: u32 = 1 << event::BRANCH_LEFT | 1 << event::BRANCH_RIGHT;

/// The names of the tools in use.
static NAMES: Mutex<[Option<Ref>; TOOLS]> = Mutex::new([const { None }; TOOLS]);
/// Code objects that a tool has events of its own for.
static LOCAL: Mutex<[Vec<Ref>; TOOLS]> = Mutex::new([const { Vec::new() }; TOOLS]);

fn tool_id(cx: &Context, r: &Ref) -> Result<usize> {
    let n = to_i64(cx, r)?;
    match usize::try_from(n) {
        Ok(id) if id < TOOLS => Ok(id),
        _ => Err(value_error(format!("invalid tool {n} (must be between 0 and 5)"))),
    }
}

fn in_use(id: usize) -> Result<()> {
    match &NAMES.lock()[id] {
        Some(_) => Ok(()),
        None => Err(value_error(format!("tool {id} is not in use"))),
    }
}

fn event_set(cx: &Context, r: &Ref, allowed: u32) -> Result<u32> {
    let n = to_i64(cx, r)?;
    let mut set = u32::try_from(n)
        .ok()
        .filter(|n| n & !((1 << EVENTS.len()) - 1) == 0)
        .ok_or_else(|| value_error(format!("invalid event set 0x{n:x}")))?;
    // They come with CALL.
    if set & C_EVENTS != 0 {
        if set & 1 << event::CALL == 0 {
            return Err(value_error("cannot set C_RETURN or C_RAISE events independently"));
        }
        set &= !C_EVENTS;
    }
    if set & !allowed != 0 {
        return Err(value_error(format!("invalid local event set 0x{set:x}")));
    }
    if set & BRANCH != 0 {
        set = set & !BRANCH | BRANCHES;
    }
    Ok(set)
}

fn use_tool_id(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    if !str::is_str(a.at(1)) {
        return Err(value_error("tool name must be a str"));
    }
    publish(a.at(1).value());
    let mut names = NAMES.lock();
    if names[id].is_some() {
        return Err(value_error(format!("tool {id} is already in use")));
    }
    names[id] = Some(a.at(1).clone());
    Ok(s::none())
}

/// Takes a tool's callbacks and events away.
fn clear(cx: &Context, id: usize) {
    monitor::set_events(cx, id, 0);
    let codes = std::mem::take(&mut LOCAL.lock()[id]);
    for c in codes.iter().filter_map(|c| c.body::<CodeBody>()) {
        monitor::set_local_events(c, id, 0);
    }
    drop((monitor::take_callbacks(id), codes));
}

fn clear_tool_id(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    clear(cx, id);
    Ok(s::none())
}

fn free_tool_id(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    clear(cx, id);
    let name = NAMES.lock()[id].take();
    drop(name);
    Ok(s::none())
}

fn get_tool(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    Ok(NAMES.lock()[id].clone().unwrap_or_else(s::none))
}

fn register_callback(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    let event = to_i64(cx, a.at(1))?;
    let bit = u32::try_from(event)
        .ok()
        .filter(|e| e.is_power_of_two() && (e.trailing_zeros() as usize) < EVENTS.len())
        .ok_or_else(|| {
            if event > 0 && (event & (event - 1)) != 0 {
                value_error("The callback can only be set for one event at a time")
            } else {
                value_error(format!("invalid event {event}"))
            }
        })?
        .trailing_zeros() as usize;
    let new = (!s::is_none(a.at(2))).then(|| a.at(2).clone());
    if let Some(f) = &new {
        publish(f.value());
    }
    Ok(monitor::set_callback(id, bit, new).unwrap_or_else(s::none))
}

fn get_events(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    number::int(monitor::events(id) as i64)
}

fn set_events(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    let set = event_set(cx, a.at(1), (1 << EVENTS.len()) - 1)?;
    in_use(id)?;
    monitor::set_events(cx, id, set);
    Ok(s::none())
}

fn code(r: &Ref) -> Result<&CodeBody> {
    r.body::<CodeBody>()
        .ok_or_else(|| type_error("code must be a code object"))
}

fn get_local_events(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    let c = code(a.at(1))?;
    number::int(monitor::local_events(c, id) as i64)
}

fn set_local_events(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    let c = code(a.at(1))?;
    let set = event_set(cx, a.at(2), monitor::LOCAL | BRANCH)?;
    in_use(id)?;
    publish(a.at(1).value());
    let mut all = LOCAL.lock();
    let known = all[id].iter().position(|c| c.is(a.at(1)));
    let gone = match known {
        Some(i) if set == 0 => Some(all[id].swap_remove(i)),
        None if set != 0 => {
            all[id].push(a.at(1).clone());
            None
        }
        _ => None,
    };
    monitor::set_local_events(c, id, set);
    drop(all);
    drop(gone);
    Ok(s::none())
}

fn restart_events(_: &Context, _: Args<'_>) -> Result<Ref> {
    monitor::restart();
    Ok(s::none())
}

fn all_events(_: &Context, _: Args<'_>) -> Result<Ref> {
    let d = dict::new()?;
    for (bit, name) in EVENTS.iter().enumerate().take(event::C_RETURN as usize) {
        let users = (0..TOOLS)
            .filter(|id| monitor::events(*id) & 1 << bit != 0)
            .fold(0, |users, id| users | 1 << id);
        if users != 0 {
            dict::set_str(&d, name, Ref::small(users))?;
        }
    }
    Ok(d)
}

static FUNCTIONS: &[Row] = &[
    row!("use_tool_id(tool_id, name, /)", use_tool_id, ""),
    row!("clear_tool_id(tool_id, /)", clear_tool_id, ""),
    row!("free_tool_id(tool_id, /)", free_tool_id, ""),
    row!("get_tool(tool_id, /)", get_tool, ""),
    row!("register_callback(tool_id, event, func, /)", register_callback, ""),
    row!("get_events(tool_id, /)", get_events, ""),
    row!("set_events(tool_id, event_set, /)", set_events, ""),
    row!("get_local_events(tool_id, code, /)", get_local_events, ""),
    row!("set_local_events(tool_id, code, event_set, /)", set_local_events, ""),
    row!("restart_events()", restart_events, ""),
    row!("_all_events()", all_events, ""),
];

static MONITORING: ModuleDef = ModuleDef {
    name: "sys.monitoring",
    doc: "",
    functions: FUNCTIONS,
    init: |cx, d| {
        for (name, id) in [
            ("DEBUGGER_ID", 0),
            ("COVERAGE_ID", 1),
            ("PROFILER_ID", 2),
            ("OPTIMIZER_ID", 5),
        ] {
            dict::set_str(d, name, Ref::small(id))?;
        }
        for (name, cell) in [("DISABLE", &monitor::DISABLE), ("MISSING", &monitor::MISSING)] {
            let object = alloc(&s::OBJECT, ())?;
            publish(object.value());
            dict::set_str(d, name, cell.get_or_init(|| object).clone())?;
        }
        let events = dict::new()?;
        for (bit, name) in EVENTS.iter().enumerate() {
            dict::set_str(&events, name, Ref::small(1 << bit))?;
        }
        dict::set_str(&events, "NO_EVENTS", Ref::small(0))?;
        dict::set_str(d, "events", namespace(cx, &events)?)
    },
};

/// The two modules that `sys` holds, by the name under which it does.
///
/// # Errors
/// MemoryError.
pub fn modules(cx: &Context) -> Result<[(&'static str, Ref); 2]> {
    Ok([
        ("_jit", make_module(cx, &JIT)?),
        ("monitoring", make_module(cx, &MONITORING)?),
    ])
}
