//! `sys.monitoring` (PEP 669) and `sys._jit`.

use super::namespace;
use parking_lot::Mutex;
use skein_gc::publish::publish;
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

/// Events in the order of their bits. The last two are groups of CPython's: C_RETURN and C_RAISE follow CALL.
const EVENTS: [&str; 19] = [
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
const C_RETURN: u32 = 1 << 16;
const C_RAISE: u32 = 1 << 17;
const CALL: u32 = 1 << 4;
const BRANCH: u32 = 1 << 18;
const BRANCHES: u32 = 1 << 8 | 1 << 9;
/// Events that a code object can have of its own.
const LOCAL: u32 = ((1 << 11) - 1) | BRANCH;
const TOOLS: usize = 8;
/// Tools that Python code can use; the last two are the profiler's and the tracer's.
const USER_TOOLS: i64 = 6;

struct Tool {
    name: Option<Ref>,
    events: u32,
    callbacks: [Option<Ref>; EVENTS.len()],
    /// Events of single code objects.
    local: Vec<(Ref, u32)>,
}

static STATE: Mutex<[Tool; TOOLS]> = Mutex::new(
    [const {
        Tool {
            name: None,
            events: 0,
            callbacks: [const { None }; EVENTS.len()],
            local: Vec::new(),
        }
    }; TOOLS],
);

fn tool_id(cx: &Context, r: &Ref) -> Result<usize> {
    let n = to_i64(cx, r)?;
    if (0..USER_TOOLS).contains(&n) {
        Ok(n as usize)
    } else {
        Err(value_error(format!("invalid tool {n} (must be between 0 and 5)")))
    }
}

fn in_use(tools: &[Tool; TOOLS], id: usize) -> Result<()> {
    match &tools[id].name {
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
    if set & (C_RETURN | C_RAISE) != 0 {
        if set & CALL == 0 {
            return Err(value_error("cannot set C_RETURN or C_RAISE events independently"));
        }
        set &= !(C_RETURN | C_RAISE);
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
    let mut tools = STATE.lock();
    if tools[id].name.is_some() {
        return Err(value_error(format!("tool {id} is already in use")));
    }
    tools[id].name = Some(a.at(1).clone());
    Ok(s::none())
}

/// Takes a tool's callbacks and events away; what it held is dropped behind the lock.
fn clear(id: usize, keep_name: bool) {
    let mut tools = STATE.lock();
    let name = if keep_name { tools[id].name.take() } else { None };
    let empty = Tool {
        name,
        events: 0,
        callbacks: [const { None }; EVENTS.len()],
        local: Vec::new(),
    };
    let old = std::mem::replace(&mut tools[id], empty);
    drop(tools);
    drop(old);
}

fn clear_tool_id(cx: &Context, a: Args<'_>) -> Result<Ref> {
    clear(tool_id(cx, a.at(0))?, true);
    Ok(s::none())
}

fn free_tool_id(cx: &Context, a: Args<'_>) -> Result<Ref> {
    clear(tool_id(cx, a.at(0))?, false);
    Ok(s::none())
}

fn get_tool(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    Ok(STATE.lock()[id].name.clone().unwrap_or_else(s::none))
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
    let old = std::mem::replace(&mut STATE.lock()[id].callbacks[bit], new);
    Ok(old.unwrap_or_else(s::none))
}

fn get_events(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    let tools = STATE.lock();
    in_use(&tools, id)?;
    number::int(tools[id].events as i64)
}

fn set_events(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    let set = event_set(cx, a.at(1), (1 << EVENTS.len()) - 1)?;
    let mut tools = STATE.lock();
    in_use(&tools, id)?;
    tools[id].events = set;
    Ok(s::none())
}

fn code(r: &Ref) -> Result<()> {
    match r.body::<CodeBody>() {
        Some(_) => Ok(()),
        None => Err(type_error("code must be a code object")),
    }
}

fn get_local_events(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    code(a.at(1))?;
    let tools = STATE.lock();
    in_use(&tools, id)?;
    let set = tools[id].local.iter().find(|(c, _)| c.is(a.at(1))).map_or(0, |x| x.1);
    number::int(set as i64)
}

fn set_local_events(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let id = tool_id(cx, a.at(0))?;
    code(a.at(1))?;
    let set = event_set(cx, a.at(2), LOCAL)?;
    publish(a.at(1).value());
    let mut tools = STATE.lock();
    in_use(&tools, id)?;
    let local = &mut tools[id].local;
    match local.iter_mut().find(|(c, _)| c.is(a.at(1))) {
        Some(entry) => entry.1 = set,
        None => local.push((a.at(1).clone(), set)),
    }
    Ok(s::none())
}

fn all_events(_: &Context, _: Args<'_>) -> Result<Ref> {
    let d = dict::new()?;
    let tools = STATE.lock();
    for (bit, name) in EVENTS.iter().enumerate().take(16) {
        let mut users = 0;
        for (id, tool) in tools.iter().enumerate() {
            if tool.events & 1 << bit != 0 {
                users |= 1 << id;
            }
        }
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
    row!("restart_events()", |_, _| Ok(s::none()), ""),
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
        for name in ["DISABLE", "MISSING"] {
            dict::set_str(d, name, alloc(&s::OBJECT, ())?)?;
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
