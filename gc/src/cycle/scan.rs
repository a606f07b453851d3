//! What of the shared objects looks like garbage: trial deletion over all of them, while other threads go on.
//!
//! As in `trial.rs`: each shared container gets a word with its references, each edge between two of them is subtracted,
//! and what has some left, and all that it reaches, is alive. But nothing stands still meanwhile, so the answer may be wrong both ways.
//! An object wrongly taken for alive is found the next time; one wrongly taken for garbage is found out by `confirm.rs`.
//! (The design's marking from roots would want the registers of all threads; this wants the counts alone, and traces each
//! object at most twice.)
//!
//! What has to hold is that no freed memory is taken for an object. The scan goes from cell to cell and keeps nothing but addresses
//! of cells from one safepoint to the next; whenever it comes to a cell it asks anew whether that holds a shared object that is alive
//! ([`Header::is_shared_and_alive`]), which is then not freed before the next safepoint. The targets of edges are never
//! looked at: their words are found by address.
//!
//! Where the heap is large and cores are idle, several threads do it (`scan/scanners.rs`), each with safepoints of its own; so the rule
//! holds for each by itself. What they write in common are words (`scan/words.rs`).

use super::{Aborted, Safepoints, trace};
use crate::alloc::{self, Scan};
use crate::header::{Header, flag};
use crate::registry;

mod scanners;
mod words;

pub(super) use crate::rounds::{ALIVE, OUTSIDE, Word};
pub use scanners::{helped, set_scanners};
pub(super) use words::{Near, Words};

use crate::rounds::{BATCH, Round, Table};
use scanners::{Pause, Quit};
use words::Found;

/// Objects traced between two safepoints.
const STRIDE: usize = 256;

/// The threads that are there no more, whose objects are shared.
pub(super) struct Owners {
    exited: Box<[u64; 1 << 10]>,
    generation: usize,
}

impl Owners {
    pub fn now() -> Owners {
        let mut exited = Box::new([0; 1 << 10]);
        let generation = registry::each_exited(|slot| exited[slot as usize / 64] |= 1 << (slot % 64));
        Owners { exited, generation }
    }

    /// To be called after each safepoint: slots may have been given to new threads.
    fn refresh(&mut self) {
        if self.generation != registry::generation() {
            *self = Owners::now();
        }
    }

    #[inline(always)]
    pub fn are_gone(&self, owner: u16) -> bool {
        owner == 0 || self.exited[owner as usize / 64] >> (owner % 64) & 1 != 0
    }
}

/// The shared objects that look like garbage. They may be anything at all when the caller has passed a safepoint: see
/// [`Suspects::is_alive`].
pub(super) struct Suspects {
    pub cells: Vec<*const Header>,
    owners: Owners,
    /// Keeps the memory of cells what it is.
    _scan: Scan,
}

impl Suspects {
    /// Whether a cell of `cells` holds a shared container that is alive, until the next safepoint.
    pub fn is_alive(&mut self, cell: *const Header) -> bool {
        self.owners.refresh();
        is_alive(cell, &self.owners)
    }
}

fn is_alive(cell: *const Header, owners: &Owners) -> bool {
    // SAFETY: a cell, or a large object that was shared; the scan holds their memory.
    unsafe { Header::is_shared_and_alive(cell, |owner| owners.are_gone(owner)) && (*cell).class().is_container() }
}

/// What the scanners share.
struct Job {
    words: Words,
    large: Vec<usize>,
    count: Round,
    subtract: Round,
    spread: Round,
    table: Table,
    quit: Quit,
}

impl Job {
    fn new(words: Words, large: Vec<usize>) -> Job {
        let pages = words.spans.len();
        let parts = pages + large.len();
        Job {
            words,
            large,
            count: Round::of(pages),
            subtract: Round::of(parts),
            spread: Round::of(parts),
            table: Table::new(),
            quit: Quit::new(),
        }
    }

    /// Calls `f` with each cell or object of a part and its word.
    fn each(&self, part: usize, mut f: impl FnMut(*const Header, &Word) -> Result<(), Aborted>) -> Result<(), Aborted> {
        if let Some(span) = self.words.spans.get(part) {
            for (number, word) in self.words.of_span(part).iter().enumerate() {
                f(span.at(number as u32), word)?;
            }
        } else {
            let address = self.large[part - self.words.spans.len()];
            if let Some(word) = self.words.large.get(&address) {
                f(std::ptr::with_exposed_provenance(address), word)?;
            }
        }
        Ok(())
    }
}

/// A thread at work on a scan; whether there is no other.
struct Scanner<'a, const ALONE: bool> {
    job: &'a Job,
    owners: Owners,
    /// Traced since the last safepoint.
    traced: usize,
    /// Parts and batches taken.
    taken: [usize; 2],
    safepoints: &'a mut Safepoints,
}

impl<'a, const ALONE: bool> Scanner<'a, ALONE> {
    fn new(job: &'a Job, safepoints: &'a mut Safepoints) -> Scanner<'a, ALONE> {
        Scanner {
            job,
            owners: Owners::now(),
            traced: 0,
            taken: [0; 2],
            safepoints,
        }
    }

    fn run(&mut self) -> Result<(), Aborted> {
        self.count()?;
        self.subtract()?;
        self.spread()
    }

    fn safepoint(&mut self) -> Result<(), Aborted> {
        self.traced = 0;
        self.safepoints.pass()?;
        if self.job.quit.is_set() {
            return Err(Aborted);
        }
        self.owners.refresh();
        Ok(())
    }

    /// Calls `f` with each part of a round that is left, and waits for those that others have taken.
    fn each_part(
        &mut self,
        round: &Round,
        mut f: impl FnMut(&mut Self, usize) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        while let Some(part) = round.take() {
            self.taken[0] += 1;
            f(self, part)?;
            round.finish();
            self.safepoint()?;
        }
        let mut pause = Pause::default();
        while !round.is_over() {
            pause.make();
            self.safepoint()?;
        }
        Ok(())
    }

    /// Visits the addresses of what an object refers to, if the cell holds a shared one.
    fn trace(&mut self, cell: *const Header, f: &mut dyn FnMut(usize)) -> Result<(), Aborted> {
        if is_alive(cell, &self.owners) {
            // SAFETY: alive until the next safepoint.
            trace(unsafe { &*cell }, &mut |v| {
                if v.is_counted() {
                    f(v.pointer().addr());
                }
            });
        }
        self.traced += 1;
        if self.traced >= STRIDE {
            self.safepoint()?;
        }
        Ok(())
    }

    /// Gives each shared container its references.
    fn count(&mut self) -> Result<(), Aborted> {
        let job = self.job;
        self.each_part(&job.count, |s, part| {
            job.each(part, |cell, word| {
                // SAFETY: as in `trace`.
                if is_alive(cell, &s.owners) && unsafe { !(*cell).has_flag(flag::FROZEN) } {
                    // SAFETY: as in `trace`.
                    word.begin(unsafe { (*cell).references() });
                }
                Ok(())
            })
        })
    }

    /// Subtracts what the containers refer to.
    fn subtract(&mut self) -> Result<(), Aborted> {
        let job = self.job;
        let mut found = Found::new();
        let mut near = Near::new();
        self.each_part(&job.subtract, |s, part| {
            job.each(part, |cell, word| {
                if word.get() == OUTSIDE {
                    return Ok(());
                }
                s.trace(cell, &mut |to| {
                    if !ALONE {
                        found.add(to, &job.words);
                    } else if let Some(word) = job.words.word(to, &mut near) {
                        word.subtract(1, true);
                    }
                })
            })?;
            found.end(&job.words);
            Ok(())
        })
    }

    /// What has references left is alive, and all that it reaches.
    fn spread(&mut self) -> Result<(), Aborted> {
        let job = self.job;
        let mut work = Vec::new();
        // Not `each_part`, since who finds no part any more may be given a batch.
        while let Some(part) = job.spread.take() {
            self.taken[0] += 1;
            job.each(part, |cell, word| {
                if word.is_root() && word.mark(ALONE) {
                    work.push(cell.addr());
                    self.drain(&mut work)?;
                }
                Ok(())
            })?;
            job.spread.finish();
            self.safepoint()?;
        }
        job.table.want(true);
        let mut pause = Pause::default();
        while !job.spread.is_over() {
            if let Some(mut batch) = job.table.take() {
                job.table.want(false);
                self.taken[1] += 1;
                self.drain(&mut batch)?;
                job.spread.finish();
                job.table.want(true);
                pause = Pause::default();
            } else {
                pause.make();
            }
            self.safepoint()?;
        }
        Ok(())
    }

    /// Marks what the objects of `work` reach.
    fn drain(&mut self, work: &mut Vec<usize>) -> Result<(), Aborted> {
        let job = self.job;
        let mut near = Near::new();
        let mut room = Ok(());
        while let Some(address) = work.pop() {
            self.trace(std::ptr::with_exposed_provenance(address), &mut |to| {
                if let Some(word) = job.words.word(to, &mut near)
                    && word.mark(ALONE)
                {
                    if work.len() == work.capacity() && work.try_reserve(1).is_err() {
                        room = Err(Aborted);
                        return;
                    }
                    work.push(to);
                    // There is work for others before a long list has been looked through.
                    if !ALONE && work.len().is_multiple_of(BATCH) {
                        job.table.share(work, &job.spread);
                    }
                }
            })?;
            if room.is_err() {
                return Err(Aborted);
            }
            if !ALONE {
                job.table.share(work, &job.spread);
            }
        }
        Ok(())
    }
}

/// Gives each large shared container its references, and the addresses of all.
fn count_large(words: &mut Words, owners: &Owners) -> Vec<usize> {
    let mut large = Vec::new();
    // Those that are shared now keep their memory, since the scan has begun.
    alloc::each_large(|h| {
        if is_alive(h, owners) && !h.has_flag(flag::FROZEN) {
            let word = Word::new(0);
            word.begin(h.references());
            large.push((&raw const *h).addr());
            words.large.insert((&raw const *h).addr(), word);
        }
    });
    large
}

/// Looks at all shared objects.
pub(super) fn suspects(safepoints: &mut Safepoints) -> Result<Suspects, Aborted> {
    let (scan, spans) = Scan::begin();
    let helpers = scanners::helpers(spans.len());
    let mut words = Words::new(spans, || Aborted, || safepoints.pass())?;
    let large = count_large(&mut words, &Owners::now());
    safepoints.pass()?;
    let job = Job::new(words, large);
    let help = |safepoints: &mut Safepoints| {
        let mut s = Scanner::<false>::new(&job, safepoints);
        let result = s.safepoint().and_then(|()| s.run());
        scanners::note_helped(s.taken);
        result
    };
    if helpers == 0 {
        Scanner::<true>::new(&job, safepoints).run()?;
    } else {
        scanners::scan(helpers, &job.quit, help, || {
            Scanner::<false>::new(&job, safepoints).run()
        })?;
    }
    let mut cells = Vec::new();
    for part in 0..job.words.spans.len() + job.large.len() {
        job.each(part, |cell, word| {
            if word.is_suspect() {
                cells.try_reserve(1).map_err(|_| Aborted)?;
                cells.push(cell);
            }
            Ok(())
        })?;
        safepoints.pass()?;
    }
    Ok(Suspects {
        cells,
        owners: Owners::now(),
        _scan: scan,
    })
}

/// Calls `f` with each shared container, alive when it is called, and safepoints in between.
pub(super) fn each_shared(safepoints: &mut Safepoints, mut f: impl FnMut(&Header)) -> Result<(), Aborted> {
    let (_scan, spans) = Scan::begin();
    let mut owners = Owners::now();
    for span in spans {
        for number in 0..span.ready {
            let cell = span.at(number);
            if is_alive(cell, &owners) {
                // SAFETY: alive until the next safepoint.
                f(unsafe { &*cell });
            }
        }
        safepoints.pass()?;
        owners.refresh();
    }
    alloc::each_large(|h| {
        if is_alive(h, &owners) {
            f(h);
        }
    });
    Ok(())
}
