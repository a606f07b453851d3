//! What a thread has of `threading.local` objects: a dict of each, which is its own (so it stays private), and dies with the thread or
//! with the object, whichever is first.

use skein_gc::Ref;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Of a `threading.local` object, which has it, as has each thread with attributes of it; its address is the object's name.
pub type Life = Arc<State>;

#[derive(Default)]
pub struct State {
    dead: AtomicBool,
}

impl State {
    pub fn end(&self) {
        // Relaxed: who wants others to see it asks them afterwards.
        self.dead.store(true, Ordering::Relaxed);
    }
}

/// A thread's dicts, by the addresses of the objects' states.
#[derive(Default)]
pub struct Locals {
    dicts: BTreeMap<usize, (Life, Ref)>,
    /// How many there are before dead ones are looked for unasked.
    enough: usize,
}

const FEW: usize = 16;

impl Locals {
    pub fn is_empty(&self) -> bool {
        self.dicts.is_empty()
    }

    pub fn get(&self, life: &Life) -> Option<&Ref> {
        self.dicts.get(&Arc::as_ptr(life).addr()).map(|(_, dict)| dict)
    }

    /// The caller drops what it gets when it has let go of the locals: that runs finalisers.
    #[must_use]
    pub fn insert(&mut self, life: &Life, dict: Ref) -> Vec<Ref> {
        let replaced = self.dicts.insert(Arc::as_ptr(life).addr(), (life.clone(), dict));
        let mut dropped = Vec::new();
        if self.dicts.len() > self.enough {
            dropped = self.take_dead();
            self.enough = (2 * self.dicts.len()).max(FEW);
        }
        dropped.extend(replaced.map(|(_, dict)| dict));
        dropped
    }

    /// As [`insert`](Locals::insert).
    #[must_use]
    pub fn remove(&mut self, life: &Life) -> Option<Ref> {
        self.dicts.remove(&Arc::as_ptr(life).addr()).map(|(_, dict)| dict)
    }

    /// The dicts of objects that are dead, which the caller drops as after [`insert`](Locals::insert).
    #[must_use]
    pub fn take_dead(&mut self) -> Vec<Ref> {
        // Relaxed: see `end`.
        let dead = self
            .dicts
            .extract_if(.., |_, (life, _)| life.dead.load(Ordering::Relaxed));
        dead.map(|(_, (_, dict))| dict).collect()
    }
}
