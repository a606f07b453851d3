//! Assignment to `f_lineno`: a trace function makes its frame go on at another line.
//!
//! As CPython does, only places are allowed that need nothing in the temporaries but what is there: out of loops, `with` and
//! handlers, not into them. What is there and not needed is dropped. Locals that are not bound become None, since the
//! compiler leaves checks out where they must be bound.

use crate::frame_object::{self, FrameBody, NOWHERE};
use crate::regs::Regs;
use crate::trace::{self, Moment};
use skein_bytecode::stack::{self, Kind, State};
use skein_object::context::hooks;
use skein_object::error::value_error;
use skein_object::{CellBody, CodeBody, Context, Result, statics as s};
use std::sync::atomic::Ordering;

/// Makes the frame go on at the line.
///
/// # Errors
/// ValueError if it cannot; what a warning raises.
pub fn to_line(cx: &Context, b: &FrameBody, line: i64) -> Result<()> {
    let top = match trace::moment() {
        None => return Err(value_error("f_lineno can only be set in a trace function")),
        Some((_, Moment::Call)) => {
            return Err(value_error("can't jump from the 'call' trace event of a new frame"));
        }
        Some((top, Moment::Line)) if frame_object::live(b) == Some(top) => top,
        Some(_) => return Err(value_error("can only jump from a 'line' trace event")),
    };
    let Some(code) = frame_object::code_of(b) else {
        return Ok(());
    };
    if line < code.first_line as i64 {
        return Err(value_error(format!("line {line} comes before the current code block")));
    }
    let lines = line_starts(code);
    let Some(wanted) = lines.iter().map(|l| l.1).filter(|l| *l as i64 >= line).min() else {
        return Err(value_error(format!("line {line} comes after the current code block")));
    };
    let states = stack::states(&code.unit);
    // SAFETY: a live frame of this thread.
    let at = unsafe { (*top).lasti() };
    let Some(here) = &states[at] else {
        return Err(value_error("can't jump from unreachable code"));
    };
    // SAFETY: as above; the registers are in the window.
    let regs = unsafe { Regs((*top).regs) };
    // What the instruction has used already is here no more.
    let mut here = here.clone();
    for (i, kind) in here.iter_mut().enumerate() {
        // SAFETY: as above.
        if unsafe { regs.raw(code.nlocals as usize + i) } == 0 {
            *kind = None;
        }
    }
    let here = &here;
    let held = |s: &State| s.iter().flatten().count();
    let mut best: Option<(usize, usize)> = None;
    let mut message = "cannot find bytecode for specified line";
    for &(to, _) in lines.iter().filter(|l| l.1 == wanted) {
        match &states[to] {
            Some(there) if fits(here, there) => {
                if best.is_none_or(|b| held(there) > b.1) {
                    best = Some((to, held(there)));
                }
            }
            Some(there) => message = explain(there),
            None => message = "can't jump into an exception handler, or code may be unreachable",
        }
    }
    let Some((to, _)) = best else {
        return Err(value_error(message));
    };
    let there = states[to].clone().unwrap_or_default();
    bind_all(cx, code, regs)?;
    for (i, kind) in here.iter().enumerate().rev() {
        let Some(kind) = kind else { continue };
        if there[i].is_some() {
            continue;
        }
        // SAFETY: as above.
        let value = unsafe { regs.take_opt(code.nlocals as usize + i) };
        let old = match (kind, value) {
            (Kind::Previous(_), Some(previous)) => cx.swap_handled((!s::is_none(&previous)).then_some(previous)),
            (_, value) => value,
        };
        drop(old);
    }
    // Relaxed: read and written by the thread that runs the frame.
    b.watched().jump.store(to as u32, Ordering::Relaxed);
    b.watched().branch.store(NOWHERE, Ordering::Relaxed);
    b.watched().yielded.store(false, Ordering::Relaxed);
    // SAFETY: as above; an instruction of the frame's code.
    unsafe { (*top).pc = code.words.as_ptr().add(to + 1) };
    Ok(())
}

/// The instructions at which a line begins.
fn line_starts(code: &CodeBody) -> Vec<(usize, u32)> {
    let lines = &code.unit.positions;
    let mut before = 0;
    let mut out = Vec::new();
    for (at, p) in lines.iter().enumerate() {
        if p.line != 0 && p.line != before {
            out.push((at, p.line));
        }
        before = p.line;
    }
    out
}

/// Whether all that is needed there is here.
fn fits(here: &State, there: &State) -> bool {
    here.iter().zip(there).all(|(h, t)| t.is_none() || h == t)
}

fn explain(there: &State) -> &'static str {
    match there.iter().rev().flatten().next() {
        Some(Kind::Exception(_) | Kind::Previous(_)) => "can't jump into an 'except' block as there's no exception",
        Some(Kind::Iterator) => "can't jump into the body of a for loop",
        _ => "incompatible stacks",
    }
}

/// Binds all locals that are not bound.
fn bind_all(cx: &Context, code: &CodeBody, regs: Regs) -> Result<()> {
    // SAFETY: the locals are in the window.
    let unbound: Vec<usize> = unsafe { (0..code.nlocals as usize).filter(|&i| regs.raw(i) == 0).collect() };
    if unbound.is_empty() {
        return Ok(());
    }
    let text = format!(
        "assigning None to {} unbound local{}",
        unbound.len(),
        if unbound.len() == 1 { "" } else { "s" }
    );
    (hooks().warn)(cx, &s::RUNTIME_WARNING, &text, 0)?;
    for i in unbound {
        // SAFETY: as above. The warning has run Python code, which may have bound it.
        unsafe {
            if regs.raw(i) != 0 {
                continue;
            }
            let value = if code.unit.cell_regs.contains(&(i as u32)) {
                skein_object::object::alloc(&s::CELL, CellBody(skein_gc::Slot::empty()))?
            } else {
                s::none()
            };
            regs.set(i, value);
        }
    }
    Ok(())
}
