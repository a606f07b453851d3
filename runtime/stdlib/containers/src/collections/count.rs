//! `_count_elements`: the loop of `Counter.update`.

use skein_object::error::Result;
use skein_object::intern;
use skein_object::layouts::dict::{DictBody, ObjectEq};
use skein_object::object::RefExt;
use skein_object::protocol::number::binary;
use skein_object::protocol::{self, Iter};
use skein_object::slots::BinaryOp;
use skein_object::{Args, Context, Ref, Row, row, statics as s};

pub static FUNCTIONS: &[Row] = &[row!(
    "_count_elements(mapping, iterable, /)",
    count_elements,
    "Count elements in the iterable, updating the mapping"
)];

/// Whether the plain dict methods are what the class has: then the table is used directly.
fn plain(mapping: &Ref) -> bool {
    let ty = mapping.ty();
    let same = |name: &str| {
        let name = intern::name(name);
        ty.lookup(&name) == s::DICT.lookup(&name)
    };
    mapping.body::<DictBody>().is_some() && same("get") && same("__setitem__")
}

fn count_elements(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mapping = a.at(0);
    let mut it = Iter::new(cx, a.at(1))?;
    let one = Ref::small(1);
    if plain(mapping)
        && let Some(d) = mapping.body::<DictBody>()
    {
        let h = mapping.holder();
        while let Some(key) = it.next(cx)? {
            let hash = protocol::compare::table_hash(cx, &key)?;
            let new = match d.0.get(h, hash, &key, &mut ObjectEq(cx))? {
                None => one.clone(),
                Some(old) => match old.as_int().and_then(|n| n.checked_add(1)).and_then(Ref::int) {
                    Some(n) => n,
                    None => binary(cx, BinaryOp::Add, &old, &one)?,
                },
            };
            drop(d.0.insert(h, hash, key, new, &mut ObjectEq(cx))?);
        }
        return Ok(s::none());
    }
    let get = protocol::getattr(cx, mapping, &intern::name("get"))?;
    let zero = Ref::small(0);
    while let Some(key) = it.next(cx)? {
        let old = protocol::call(cx, &get, &[key.clone(), zero.clone()])?;
        let new = binary(cx, BinaryOp::Add, &old, &one)?;
        protocol::setitem(cx, mapping, &key, &new)?;
    }
    Ok(s::none())
}
