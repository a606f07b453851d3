//! Iterators of the core containers. Their bodies are here so that the interpreter can inline `next`.
//!
//! An exhausted iterator has let go of its container: the slot is null. Two threads on one iterator may get the same item
//! twice; positions are only numbers, and every access checks them.

use crate::layouts::dict::DictBody;
use crate::layouts::list::ListBody;
use crate::layouts::set::SetBody;
use crate::object::RefExt;
use crate::payload;
use crate::statics as s;
use crate::types::{Type, flag};
use skein_gc::{Ref, Slot, Value};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// How an iterator over a dict or set went on.
pub enum Step<T> {
    Item(T),
    End,
    /// The size of the table has changed since the iteration began.
    Resized,
    /// There are more items than there were when the iteration began.
    Replaced,
}

macro_rules! iterator_type {
    ($id:ident $name:literal $body:ty) => {
        pub static $id: Type = Type::declare(
            $name,
            Some(&s::OBJECT),
            <$body as crate::object::Payload>::LAYOUT,
            flag::NO_NEW,
        );
    };
}

/// Iterator over a list of any class.
pub struct ListIterBody {
    /// The list, or null.
    pub sequence: Slot,
    /// Next index.
    pub index: AtomicUsize,
}

impl ListIterBody {
    /// The element at the index, which moves on; `None` at the end.
    #[inline]
    pub fn advance(&self) -> Option<Ref> {
        // SAFETY: nothing here polls.
        let sequence = unsafe { self.sequence.peek() }?;
        let list = &sequence.body::<ListBody>()?.0;
        // Relaxed: a position is only a number that every use checks.
        let i = self.index.load(Ordering::Relaxed);
        let item = list.get(i)?;
        self.index.store(i.wrapping_add(1), Ordering::Relaxed);
        Some(item)
    }
}

payload!(ListIterBody, "list_iterator", |this, v| { v.slot(&this.sequence) });
iterator_type!(LIST_ITERATOR "list_iterator" ListIterBody);

/// Backward iterator over a list of any class.
pub struct ListReverseIterBody {
    pub sequence: Slot,
    /// Next index; -1 at the end.
    pub index: AtomicI64,
}
payload!(ListReverseIterBody, "list_reverseiterator", |this, v| {
    v.slot(&this.sequence)
});
iterator_type!(LIST_REVERSE_ITERATOR "list_reverseiterator" ListReverseIterBody);

/// Iterator over a tuple of any class.
pub struct TupleIterBody {
    /// The tuple, or null.
    pub sequence: Slot,
    /// Next index.
    pub index: AtomicUsize,
}
payload!(TupleIterBody, "tuple_iterator", |this, v| { v.slot(&this.sequence) });
iterator_type!(TUPLE_ITERATOR "tuple_iterator" TupleIterBody);

/// What a dict iterator gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DictPart {
    Keys,
    Values,
    Items,
}

/// Iterator over a dict of any class: keys, values or items, forwards or backwards. The types tell which.
pub struct DictIterBody {
    /// The dict, or null.
    pub dict: Slot,
    /// Position of `Dict::next` or `Dict::next_back`.
    pub position: AtomicUsize,
    /// Length of the dict when the iteration began; -1 after a change of size was reported.
    pub length: AtomicI64,
    /// Items left.
    pub left: AtomicI64,
    pub part: DictPart,
    pub backwards: bool,
}
impl DictIterBody {
    /// The next entry of a forward iterator, of which `take` makes what is wanted without polling.
    #[inline(always)]
    fn advance<T>(&self, take: impl FnOnce(Value, Value) -> T) -> Step<T> {
        // SAFETY: nothing here polls.
        let Some(dict) = (unsafe { self.dict.peek() }) else {
            return Step::End;
        };
        let Some(DictBody(table)) = dict.body::<DictBody>() else {
            return Step::End;
        };
        // All accesses to positions are Relaxed: a position is only a number that every use checks.
        if self.length.load(Ordering::Relaxed) != table.len() as i64 {
            // From now on no length is right.
            self.length.store(-1, Ordering::Relaxed);
            return Step::Resized;
        }
        let mut position = self.position.load(Ordering::Relaxed);
        let Some((key, value)) = table.next_uncounted(&mut position) else {
            return Step::End;
        };
        let left = self.left.load(Ordering::Relaxed);
        if left <= 0 {
            self.length.store(-1, Ordering::Relaxed);
            return Step::Replaced;
        }
        self.left.store(left - 1, Ordering::Relaxed);
        self.position.store(position, Ordering::Relaxed);
        Step::Item(take(key, value))
    }

    /// The next key or value of a forward iterator over these.
    #[inline]
    pub fn advance_one(&self) -> Step<Ref> {
        let keys = self.part == DictPart::Keys;
        // SAFETY: just loaded, and not null.
        self.advance(|key, value| unsafe { Ref::copy_of(if keys { key } else { value }) })
    }

    /// The next key and value of a forward iterator.
    #[inline]
    pub fn advance_pair(&self) -> Step<(Ref, Ref)> {
        // SAFETY: just loaded, and not null.
        self.advance(|key, value| unsafe { (Ref::copy_of(key), Ref::copy_of(value)) })
    }
}

payload!(DictIterBody, "dict_iterator", |this, v| { v.slot(&this.dict) });
iterator_type!(DICT_KEY_ITERATOR "dict_keyiterator" DictIterBody);
iterator_type!(DICT_VALUE_ITERATOR "dict_valueiterator" DictIterBody);
iterator_type!(DICT_ITEM_ITERATOR "dict_itemiterator" DictIterBody);
iterator_type!(DICT_REVERSE_KEY_ITERATOR "dict_reversekeyiterator" DictIterBody);
iterator_type!(DICT_REVERSE_VALUE_ITERATOR "dict_reversevalueiterator" DictIterBody);
iterator_type!(DICT_REVERSE_ITEM_ITERATOR "dict_reverseitemiterator" DictIterBody);

/// Iterator over a set or frozenset.
pub struct SetIterBody {
    /// The set, or null.
    pub set: Slot,
    pub position: AtomicUsize,
    /// Length of the set when the iteration began; -1 after a change was reported.
    pub length: AtomicI64,
    pub left: AtomicI64,
}
impl SetIterBody {
    /// The next item.
    #[inline]
    pub fn advance(&self) -> Step<Ref> {
        // SAFETY: nothing here polls.
        let Some(set) = (unsafe { self.set.peek() }) else {
            return Step::End;
        };
        let Some(b) = set.body::<SetBody>() else {
            return Step::End;
        };
        // Relaxed, as in a dict's.
        if self.length.load(Ordering::Relaxed) != b.set.len() as i64 {
            self.length.store(-1, Ordering::Relaxed);
            return Step::Resized;
        }
        let mut position = self.position.load(Ordering::Relaxed);
        let Some((item, _)) = b.set.next(&mut position) else {
            return Step::End;
        };
        self.left
            .store(self.left.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
        self.position.store(position, Ordering::Relaxed);
        Step::Item(item)
    }
}

payload!(SetIterBody, "set_iterator", |this, v| { v.slot(&this.set) });
iterator_type!(SET_ITERATOR "set_iterator" SetIterBody);

/// A view of a dict: `keys()`, `values()`, `items()`.
pub struct DictViewBody {
    pub dict: skein_gc::Ref,
}
payload!(DictViewBody, "dict_view", |this, v| { v.reference(&this.dict) });

macro_rules! view_type {
    ($id:ident $name:literal) => {
        pub static $id: Type = Type::declare(
            $name,
            Some(&s::OBJECT),
            <DictViewBody as crate::object::Payload>::LAYOUT,
            flag::NO_NEW,
        );
    };
}
view_type!(DICT_KEYS "dict_keys");
view_type!(DICT_VALUES "dict_values");
view_type!(DICT_ITEMS "dict_items");
