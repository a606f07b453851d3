//! The object behind `Pattern.scanner` and `finditer`.

use super::run::{self, Kind};
use super::subject::Subject;
use super::{matches, pattern};
use skein_object::error::Result;
use skein_object::object::alloc;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, row, statics as s};
use skein_stdlib_support::body;
use skein_types::startup::{GetSet, TypeDef, member};
use std::sync::atomic::{AtomicU64, Ordering};

pub struct ScannerBody {
    pattern: Ref,
    subject: Subject,
    end: usize,
    /// Next start, shifted left by one; the low bit: the next match must not be empty there. All ones: over.
    place: AtomicU64,
}
payload!(ScannerBody, "_sre.SRE_Scanner", |this, v| {
    v.reference(&this.pattern);
    this.subject.trace(v);
});

static SCANNER: Type = Type::declare(
    "_sre.SRE_Scanner",
    Some(&s::OBJECT),
    <ScannerBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

const OVER: u64 = u64::MAX;

pub fn make(pattern: &Ref, subject: Subject, start: usize, end: usize) -> Result<Ref> {
    alloc(
        &SCANNER,
        ScannerBody {
            pattern: pattern.clone(),
            subject,
            end,
            place: AtomicU64::new((start as u64) << 1),
        },
    )
}

fn step(a: Args<'_>, kind: Kind) -> Result<Ref> {
    let b = body::<ScannerBody>(a.at(0))?;
    // Relaxed: a position of its own; two threads may find the same match.
    let place = b.place.load(Ordering::Relaxed);
    if place == OVER {
        return Ok(s::none());
    }
    let start = (place >> 1) as usize;
    let p = pattern::of(&b.pattern)?;
    match run::once(&b.subject, p, kind, start, b.end, place & 1 == 1) {
        Some(m) => {
            let next = (m.end as u64) << 1 | u64::from(m.end == m.start);
            b.place.store(next, Ordering::Relaxed);
            matches::make(&b.pattern, &b.subject.object, m, start, b.end)
        }
        None => {
            b.place.store(OVER, Ordering::Relaxed);
            Ok(s::none())
        }
    }
}

fn match_(_: &Context, a: Args<'_>) -> Result<Ref> {
    step(a, Kind::Match)
}

fn search(_: &Context, a: Args<'_>) -> Result<Ref> {
    step(a, Kind::Search)
}

fn pattern_(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(body::<ScannerBody>(r)?.pattern.clone())
}

static METHODS: &[Row] = &[row!("match(self, /)", match_, ""), row!("search(self, /)", search, "")];
static GETSET: &[GetSet] = &[member("pattern", pattern_)];

pub static DEF: TypeDef = TypeDef {
    methods: METHODS,
    getset: GETSET,
    ..TypeDef::new(&SCANNER)
};
