//! Calls of the engine.

use super::pattern::PatternBody;
use super::subject::{Subject, drive};
use rustpython_sre_engine::{Request, State, StrDrive};
use skein_object::error::Result;
use std::cell::Cell;

thread_local! {
    /// What this thread's last match with groups has left, so that the next one need not ask for memory.
    static SPARE: Cell<Option<State>> = const { Cell::new(None) };
}

/// Length of a subject beyond which what a match leaves is not kept: it may be as long.
const MOST_SPARE: usize = 1 << 12;

/// Where a match is: the whole and its groups.
pub struct Found {
    pub start: usize,
    pub end: usize,
    pub groups: Vec<Option<(usize, usize)>>,
    /// -1: none.
    pub last_index: i64,
}

impl Found {
    /// The whole match, then the groups.
    pub fn regs(self) -> Box<[Option<(usize, usize)>]> {
        let whole = Some((self.start, self.end));
        if self.groups.is_empty() {
            return Box::new([whole]);
        }
        let mut all = self.groups;
        all.insert(0, whole);
        all.into_boxed_slice()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Match,
    FullMatch,
    Search,
}

fn found(state: &State, groups: usize) -> Found {
    let mark = |i| {
        let (a, b) = state.marks.get(i);
        match (a.into_option(), b.into_option()) {
            (Some(a), Some(b)) if a <= b => Some((a, b)),
            _ => None,
        }
    };
    let mut marks = Vec::new();
    if groups > 0 {
        // One more, for `regs`.
        marks.reserve_exact(groups + 1);
        marks.extend((0..groups).map(mark));
    }
    Found {
        start: state.start,
        end: state.cursor.position,
        groups: marks,
        last_index: state.marks.last_index() as i64,
    }
}

fn attempt<S: StrDrive>(s: S, p: &PatternBody, kind: Kind, start: usize, end: usize, advance: bool) -> Option<Found> {
    let mut req = Request::new(s, start, end, &p.codes, kind == Kind::FullMatch);
    req.must_advance = advance;
    let mut state = if p.groups > 0 { spare() } else { State::default() };
    state.reset(&req, req.start);
    let hit = if kind == Kind::Search {
        state.search(req)
    } else {
        state.py_match(&req)
    };
    let found = hit.then(|| found(&state, p.groups));
    if p.groups > 0 && end <= MOST_SPARE {
        // A thread that ends keeps nothing.
        let _ = SPARE.try_with(|s| s.set(Some(state)));
    }
    found
}

/// A state for a match, as good as new once it is reset.
fn spare() -> State {
    let mut state = SPARE.try_with(Cell::take).ok().flatten().unwrap_or_default();
    // It pointed into another subject.
    state.cursor = Default::default();
    state
}

/// One match between two positions. `advance`: it must not be empty at the start.
pub fn once(subject: &Subject, p: &PatternBody, kind: Kind, start: usize, end: usize, advance: bool) -> Option<Found> {
    if start > end {
        return None;
    }
    drive!(subject, s => attempt(s, p, kind, start, end, advance))
}

fn walk<S: StrDrive>(
    s: S,
    p: &PatternBody,
    start: usize,
    end: usize,
    f: &mut dyn FnMut(Found) -> Result<bool>,
) -> Result<()> {
    let mut req = Request::new(s, start, end, &p.codes, false);
    let mut state = State::default();
    while req.start <= req.end {
        state.reset(&req, req.start);
        if !state.search(req) {
            return Ok(());
        }
        let m = found(&state, p.groups);
        req.must_advance = m.end == m.start;
        req.start = m.end;
        if !f(m)? {
            return Ok(());
        }
    }
    Ok(())
}

/// All matches, one after the other, until `f` says false. `f` may run Python code.
pub fn each(
    subject: &Subject,
    p: &PatternBody,
    start: usize,
    end: usize,
    mut f: impl FnMut(Found) -> Result<bool>,
) -> Result<()> {
    if start > end {
        return Ok(());
    }
    drive!(subject, s => walk(s, p, start, end, &mut f))
}
