//! Calls of the engine.

use super::pattern::PatternBody;
use super::subject::{Subject, drive};
use super::wide::Wide;
use rustpython_sre_engine::{Request, State, StrDrive};
use skein_object::error::Result;
use skein_text::StrView;
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
    /// The whole match, then the groups.
    pub regs: Regs,
    /// -1: none.
    pub last_index: i64,
}

impl Found {
    pub fn groups(&self) -> &[Span] {
        self.regs.get(1..).unwrap_or(&[])
    }
}

/// Where a group is, if it took part.
pub type Span = Option<(usize, usize)>;

const FEW: usize = 3;

/// Where a match and its groups are: a few lie here.
pub enum Regs {
    Few(usize, [Span; FEW]),
    Many(Box<[Span]>),
}

impl std::ops::Deref for Regs {
    type Target = [Span];

    #[inline]
    fn deref(&self) -> &[Span] {
        match self {
            Regs::Few(n, all) => all.get(..*n).unwrap_or(all),
            Regs::Many(all) => all,
        }
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
    let (start, end) = (state.start, state.cursor.position);
    let whole = Some((start, end));
    let regs = if groups < FEW {
        let mut few = [whole, None, None];
        for (i, place) in few[1..=groups].iter_mut().enumerate() {
            *place = mark(i);
        }
        Regs::Few(groups + 1, few)
    } else {
        Regs::Many(std::iter::once(whole).chain((0..groups).map(mark)).collect())
    };
    Found {
        start,
        end,
        regs,
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

/// As [`once`], in a text from its beginning to its end, which is at `len`.
pub fn once_in(text: StrView<'_>, p: &PatternBody, kind: Kind, len: usize) -> Option<Found> {
    match text {
        StrView::Latin1(d) => attempt(d, p, kind, 0, len, false),
        StrView::Ucs2(d) => attempt(Wide::<2>::new(d), p, kind, 0, len, false),
        StrView::Ucs4(d) => attempt(Wide::<4>::new(d), p, kind, 0, len, false),
    }
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
