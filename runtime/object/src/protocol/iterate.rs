//! Iteration.

use crate::context::Context;
use crate::error::{Result, type_error};
use crate::layouts::dict::DictBody;
use crate::layouts::iter::{DICT_ITEMS, DICT_KEYS, DICT_VALUES, DictPart, DictViewBody, LIST_ITERATOR, ListIterBody};
use crate::layouts::list::ListBody;
use crate::layouts::set::SetBody;
use crate::layouts::tuple;
use crate::object::{RefExt, alloc, type_of};
use crate::payload;
use crate::statics as s;
use crate::types::Type;
use skein_collections::{Dict, Set};
use skein_gc::{Ref, Slot};
use std::sync::atomic::{AtomicI64, Ordering};

/// `iter(object)`.
///
/// # Errors
/// TypeError "'X' object is not iterable".
pub fn iter(cx: &Context, object: &Ref) -> Result<Ref> {
    let ty = type_of(object);
    if let Some(f) = ty.slots.iter.get() {
        let it = f(cx, object)?;
        if type_of(&it).slots.next.is_set() {
            return Ok(it);
        }
        return Err(type_error(format!(
            "iter() returned non-iterator of type '{}'",
            it.ty().name()
        )));
    }
    if ty.slots.getitem.is_set() && !ty.is_subtype(&s::DICT) {
        return alloc(
            &SEQUENCE_ITERATOR,
            SequenceIterBody {
                sequence: Slot::new(object.clone()),
                index: AtomicI64::new(0),
            },
        );
    }
    Err(type_error(format!("'{}' object is not iterable", ty.name())))
}

/// The next item of an iterator; `None` at its end.
///
/// # Errors
/// What the iterator raises, but StopIteration.
#[inline]
pub fn next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    // Most are over lists. At the end they have more to do.
    if it.is_exact(&LIST_ITERATOR)
        && let Some(x) = it.body::<ListIterBody>().and_then(ListIterBody::advance)
    {
        return Ok(Some(x));
    }
    // Iterators over iterators, any number of them.
    cx.check_stack()?;
    match type_of(it).slots.next.get() {
        // A generator that returns a value ends with the exception, which carries it.
        Some(f) => match f(cx, it) {
            Err(e) if e.is(&s::STOP_ITERATION) => Ok(None),
            r => r,
        },
        None => Err(type_error(format!("'{}' object is not an iterator", it.ty().name()))),
    }
}

/// A native loop over any iterable. Lists and tuples of exact type are walked without an iterator object.
pub enum Iter {
    Tuple(Ref, usize),
    List(Ref, usize),
    Any(Ref),
}

impl Iter {
    /// # Errors
    /// As [`iter`].
    pub fn new(cx: &Context, object: &Ref) -> Result<Iter> {
        if object.is_exact(&s::LIST) {
            Ok(Iter::List(object.clone(), 0))
        } else if object.is_exact(&s::TUPLE) {
            Ok(Iter::Tuple(object.clone(), 0))
        } else {
            iter(cx, object).map(Iter::Any)
        }
    }

    /// The next item.
    ///
    /// # Errors
    /// What the iterator raises.
    #[inline]
    pub fn next(&mut self, cx: &Context) -> Result<Option<Ref>> {
        match self {
            Iter::Tuple(t, i) => {
                *i += 1;
                Ok(tuple::items(t).and_then(|items| items.get(*i - 1)).cloned())
            }
            Iter::List(l, i) => {
                *i += 1;
                Ok(l.body::<ListBody>().and_then(|b| b.0.get(*i - 1)))
            }
            Iter::Any(it) => next(cx, it),
        }
    }
}

/// What is walked without an iterator object: a dict, a view of one, or a set, of exact type and private, so that nothing changes it but
/// code that this thread runs.
#[derive(Clone, Copy)]
pub struct Plain<'a> {
    table: Table<'a>,
    position: usize,
}

#[derive(Clone, Copy)]
enum Table<'a> {
    Dict(&'a Dict, DictPart),
    Set(&'a Set),
}

impl<'a> Plain<'a> {
    pub fn of(object: &'a Ref) -> Option<Plain<'a>> {
        let (plain, owner) = Plain::over(object)?;
        owner.holder().is_private().then_some(plain)
    }

    /// Also over what is shared, and whose it is.
    fn over(object: &'a Ref) -> Option<(Plain<'a>, &'a Ref)> {
        let ty = type_of(object);
        let (owner, part) = if std::ptr::eq(ty, &raw const s::DICT) {
            (object, DictPart::Keys)
        } else if std::ptr::eq(ty, &raw const s::SET) || std::ptr::eq(ty, &raw const s::FROZENSET) {
            let table = Table::Set(&object.body::<SetBody>()?.set);
            return Some((Plain { table, position: 0 }, object));
        } else {
            let part = if std::ptr::eq(ty, &raw const DICT_ITEMS) {
                DictPart::Items
            } else if std::ptr::eq(ty, &raw const DICT_VALUES) {
                DictPart::Values
            } else if std::ptr::eq(ty, &raw const DICT_KEYS) {
                DictPart::Keys
            } else {
                return None;
            };
            (&object.body::<DictViewBody>()?.dict, part)
        };
        let table = Table::Dict(&owner.body::<DictBody>()?.0, part);
        Some((Plain { table, position: 0 }, owner))
    }

    /// All items.
    fn all(mut self) -> Result<Vec<Ref>> {
        let mut out = skein_gc::alloc::vec_with(self.len())?;
        while let Some(x) = self.step()? {
            out.push(x);
        }
        Ok(out)
    }

    fn changes(&self) -> u64 {
        match self.table {
            Table::Dict(d, _) => d.changes(),
            Table::Set(t) => t.changes(),
        }
    }

    /// How many items there are in all.
    pub fn len(&self) -> usize {
        match self.table {
            Table::Dict(d, _) => d.len(),
            Table::Set(t) => t.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next item.
    ///
    /// # Errors
    /// MemoryError.
    #[inline]
    pub fn step(&mut self) -> Result<Option<Ref>> {
        Ok(match self.table {
            Table::Dict(d, part) => match d.next(&mut self.position) {
                None => None,
                Some((k, v, _)) => Some(match part {
                    DictPart::Keys => k,
                    DictPart::Values => v,
                    DictPart::Items => tuple::pair(k, v)?,
                }),
            },
            Table::Set(t) => t.next(&mut self.position).map(|(x, _)| x),
        })
    }
}

/// All items that a dict, a view of one, or a set, of exact type, has at one moment, whatever other threads do to it; `None` for anything
/// else.
///
/// # Errors
/// MemoryError.
pub fn at_once(object: &Ref) -> Result<Option<Vec<Ref>>> {
    let Some((plain, owner)) = Plain::over(object) else {
        return Ok(None);
    };
    if owner.holder().is_private() {
        return plain.all().map(Some);
    }
    let before = plain.changes();
    let again = plain;
    let items = plain.all()?;
    if again.changes() == before {
        return Ok(Some(items));
    }
    drop(items);
    match again.table {
        Table::Dict(d, part) => {
            let copy = d.copy(owner.holder())?;
            let table = Table::Dict(&copy, part);
            Plain { table, position: 0 }.all().map(Some)
        }
        Table::Set(t) => {
            let copy = t.copy(owner.holder())?;
            let table = Table::Set(&copy);
            Plain { table, position: 0 }.all().map(Some)
        }
    }
}

/// All items of an iterable.
///
/// # Errors
/// As [`iter`]; what the iterator raises; MemoryError.
pub fn collect(cx: &Context, object: &Ref) -> Result<Vec<Ref>> {
    if object.is_exact(&s::TUPLE)
        && let Some(items) = tuple::items(object)
    {
        return Ok(items.to_vec());
    }
    if object.is_exact(&s::LIST)
        && let Some(b) = object.body::<ListBody>()
    {
        return Ok(b.0.snapshot(object.holder())?);
    }
    if let Some(items) = at_once(object)? {
        return Ok(items);
    }
    if let Some(items) = rest_reversed(object)? {
        return Ok(items);
    }
    let mut out = Vec::new();
    let mut it = Iter::new(cx, object)?;
    while let Some(x) = it.next(cx)? {
        if out.len() == out.capacity() {
            let more = out.len().max(8);
            skein_gc::alloc::make_room(&mut out, more)?;
        }
        out.push(x);
    }
    Ok(out)
}

/// What is left of a backward iterator over an exact list, which is at its end then.
fn rest_reversed(it: &Ref) -> Result<Option<Vec<Ref>>> {
    use crate::layouts::iter::{LIST_REVERSE_ITERATOR, ListReverseIterBody};
    if !it.is_exact(&LIST_REVERSE_ITERATOR) {
        return Ok(None);
    }
    let Some((b, list)) = it
        .body::<ListReverseIterBody>()
        .and_then(|b| Some((b, b.sequence.get()?)))
    else {
        return Ok(None);
    };
    let Some(items) = list.body::<ListBody>() else {
        return Ok(None);
    };
    // Relaxed: a position is only a number that every use checks.
    let n = usize::try_from(b.index.load(Ordering::Relaxed) + 1).unwrap_or(0);
    if n > items.0.len() {
        // The list has become shorter: there is nothing left.
        return Ok(None);
    }
    let mut out = items.0.snapshot_range(list.holder(), 0, n)?;
    out.reverse();
    b.index.store(-1, Ordering::Relaxed);
    drop(b.sequence.set(it.holder(), None));
    Ok(Some(out))
}

/// Iterator over an object with `__getitem__` only.
pub struct SequenceIterBody {
    pub sequence: Slot,
    pub index: AtomicI64,
}
payload!(SequenceIterBody, "iterator", |this, v| { v.slot(&this.sequence) });

pub static SEQUENCE_ITERATOR: Type = Type::declare(
    "iterator",
    Some(&s::OBJECT),
    <SequenceIterBody as crate::object::Payload>::LAYOUT,
    crate::types::flag::NO_NEW,
);

/// `__next__` of [`SEQUENCE_ITERATOR`].
pub fn sequence_next(cx: &Context, it: &Ref) -> Result<Option<Ref>> {
    let Some(b) = it.body::<SequenceIterBody>() else {
        return Ok(None);
    };
    let Some(sequence) = b.sequence.get() else {
        return Ok(None);
    };
    // Relaxed: two threads on one iterator may see items twice, never a wrong memory.
    let i = b.index.load(Ordering::Relaxed);
    match crate::protocol::getitem(cx, &sequence, &crate::layouts::number::int(i)?) {
        Ok(v) => {
            b.index.store(i.saturating_add(1), Ordering::Relaxed);
            Ok(Some(v))
        }
        Err(e) if e.is(&s::INDEX_ERROR) || e.is(&s::STOP_ITERATION) => {
            drop(b.sequence.set(it.holder(), None));
            Ok(None)
        }
        Err(e) => Err(e),
    }
}
