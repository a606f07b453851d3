//! `set` and `frozenset`.

use crate::error::Result;
use crate::layouts::dict::ObjectEq;
use crate::object::{RefExt, alloc};
use crate::payload;
use crate::statics as s;
use skein_collections::Set;
use skein_gc::Ref;
use std::sync::atomic::AtomicI64;

/// Body of a set or frozenset.
pub struct SetBody {
    pub set: Set,
    /// Hash of a frozenset; -1: not computed.
    pub hash: AtomicI64,
}
payload!(SetBody, "set", |this, v| { this.set.trace(v) });

pub fn new() -> Result<Ref> {
    alloc(
        &s::SET,
        SetBody {
            set: Set::new(),
            hash: AtomicI64::new(-1),
        },
    )
}

/// A frozenset of constants.
///
/// # Errors
/// MemoryError; TypeError for an unhashable item.
pub fn frozen(items: Vec<Ref>) -> Result<Ref> {
    let r = alloc(
        &s::FROZENSET,
        SetBody {
            set: Set::new(),
            hash: AtomicI64::new(-1),
        },
    )?;
    let cx = crate::Context::current();
    for item in items {
        add(cx, &r, item)?;
    }
    Ok(r)
}

/// Adds to a set; true if it was not there.
///
/// # Errors
/// What `__hash__` and `__eq__` raise; MemoryError.
pub fn add(cx: &crate::Context, set: &Ref, item: Ref) -> Result<bool> {
    let Some(b) = set.body::<SetBody>() else {
        return Err(crate::error::system_error("not a set"));
    };
    let hash = crate::protocol::compare::table_hash(cx, &item)
        .map_err(|e| crate::protocol::compare::cannot_use(cx, &item, e, "a set element"))?;
    b.set.insert(set.holder(), hash, item, &mut ObjectEq(cx))
}
