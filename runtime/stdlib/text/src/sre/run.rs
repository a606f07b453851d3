//! Calls of the engine.

use super::pattern::PatternBody;
use super::subject::{Subject, drive};
use rustpython_sre_engine::{Request, State, StrDrive};
use skein_object::error::Result;

/// Where a match is: the whole and its groups.
pub struct Found {
    pub start: usize,
    pub end: usize,
    pub groups: Vec<Option<(usize, usize)>>,
    /// -1: none.
    pub last_index: i64,
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
    Found {
        start: state.start,
        end: state.cursor.position,
        groups: (0..groups).map(mark).collect(),
        last_index: state.marks.last_index() as i64,
    }
}

fn attempt<S: StrDrive>(s: S, p: &PatternBody, kind: Kind, start: usize, end: usize, advance: bool) -> Option<Found> {
    let mut req = Request::new(s, start, end, &p.codes, kind == Kind::FullMatch);
    req.must_advance = advance;
    let mut state = State::default();
    state.reset(&req, req.start);
    let hit = if kind == Kind::Search {
        state.search(req)
    } else {
        state.py_match(&req)
    };
    hit.then(|| found(&state, p.groups))
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
