//! Methods of dicts.

use super::iter::{self, Direction};
use super::{body, copy, get_opt, hash_key, remove, set, update, views};
use crate::type_::generic_alias::class_getitem;
use skein_object::dict::ObjectEq;
use skein_object::error::{Result, key_error};
use skein_object::iter::{DICT_ITEMS, DICT_KEYS, DICT_VALUES, DictPart};
use skein_object::object::RefExt;
use skein_object::{Args, Context, DictBody, Ref, Row, SetBody, number, protocol, row, statics as s, str, tuple};

pub static METHODS: &[Row] = &[
    row!(
        "__sizeof__(self, /)",
        sizeof,
        "Return the size of the dict in memory, in bytes."
    ),
    row!(
        "get(self, key, default=None, /)",
        get,
        "Return the value for key if key is in the dictionary, else default."
    )
    .peek(|a| skein_object::dict::peek_or(&a[0], &a[1], a.get(2).map_or_else(|| s::none().value(), Ref::word))),
    row!(
        "setdefault(self, key, default=None, /)",
        setdefault,
        "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the dictionary, else default."
    ),
    row!(
        "pop(self, key, default=<unrepresentable>, /)",
        pop,
        "D.pop(k[,d]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the default if given; otherwise,\nraise a KeyError."
    ),
    row!(
        "popitem(self, /)",
        popitem,
        "Remove and return a (key, value) pair as a 2-tuple.\n\nPairs are returned in LIFO (last-in, first-out) order.\nRaises KeyError if the dict is empty."
    ),
    row!(
        "keys(self, /)",
        |_, a| views::make(&DICT_KEYS, a.at(0)),
        "Return a set-like object providing a view on the dict's keys."
    ),
    row!(
        "items(self, /)",
        |_, a| views::make(&DICT_ITEMS, a.at(0)),
        "Return a set-like object providing a view on the dict's items."
    ),
    row!(
        "values(self, /)",
        |_, a| views::make(&DICT_VALUES, a.at(0)),
        "Return an object providing a view on the dict's values."
    ),
    row!(
        "update(self, object=(), /, **kwargs)",
        update::update_row,
        "D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.\nIf E is present and has a .keys() method, then does:  for k in E.keys(): D[k] = E[k]\nIf E is present and lacks a .keys() method, then does:  for k, v in E: D[k] = v\nIn either case, this is followed by: for k in F:  D[k] = F[k]"
    )
    .quick(update::update_quick),
    row!(class "fromkeys(cls, iterable, value=None, /)", fromkeys, "Create a new dictionary with keys from iterable and values set to value."),
    row!("clear(self, /)", clear, "Remove all items from the dict."),
    row!(
        "copy(self, /)",
        |_, a| copy(a.at(0)),
        "Return a shallow copy of the dict."
    ),
    row!(
        "__reversed__(self, /)",
        |_, a| iter::make(a.at(0), DictPart::Keys, Direction::Back),
        "Return a reverse iterator over the dict keys."
    ),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "dicts are generic over two types, signifying (respectively) the types of their keys and values"),
];

fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    let n = body(a.at(0))?.len();
    number::int_from_usize(if n == 0 {
        48
    } else {
        64 + 40 * n.next_power_of_two().max(8)
    })
}

fn get(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(match get_opt(cx, a.at(0), a.at(1))? {
        Some(v) => v,
        None => a.opt(2).cloned().unwrap_or_else(s::none),
    })
}

fn setdefault(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (d, key) = (a.at(0), a.at(1));
    let hash = hash_key(cx, key)?;
    // Mostly the key is there. Others than strings are to be compared once.
    if key.is_exact(&s::STR)
        && let Some(v) = body(d)?.get(d.holder(), hash, key, &mut ObjectEq(cx))?
    {
        return Ok(v);
    }
    let default = a.opt(2).cloned().unwrap_or_else(s::none);
    let (v, _) = body(d)?.get_or_insert(d.holder(), hash, key.clone(), default, &mut ObjectEq(cx))?;
    Ok(v)
}

fn pop(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let found = if body(a.at(0))?.is_empty() {
        None
    } else {
        remove(cx, a.at(0), a.at(1))?
    };
    match found.or_else(|| a.opt(2).cloned()) {
        Some(v) => Ok(v),
        None => Err(key_error(a.at(1))),
    }
}

fn popitem(_: &Context, a: Args<'_>) -> Result<Ref> {
    match body(a.at(0))?.pop_last(a.at(0).holder()) {
        Some((k, v)) => tuple::new(vec![k, v]),
        None => Err(key_error(&str::from_str("popitem(): dictionary is empty")?)),
    }
}

fn clear(_: &Context, a: Args<'_>) -> Result<Ref> {
    body(a.at(0))?.clear(a.at(0).holder());
    Ok(s::none())
}

fn fromkeys(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let value = a.opt(2).cloned().unwrap_or_else(s::none);
    let d = protocol::call0(cx, a.at(0))?;
    let exact = d.is_exact(&s::DICT);
    // Sets and dicts know the hashes of what they hold.
    if let (true, Some(table)) = (exact, d.body::<DictBody>()) {
        let mut pos = 0;
        if let Some(from) = a
            .at(1)
            .body::<SetBody>()
            .filter(|_| a.at(1).is_exact(&s::SET) || a.at(1).is_exact(&s::FROZENSET))
        {
            while let Some((k, hash)) = from.set.next(&mut pos) {
                drop(table.0.insert(d.holder(), hash, k, value.clone(), &mut ObjectEq(cx))?);
            }
            return Ok(d);
        }
        if let Some(from) = a.at(1).body::<DictBody>().filter(|_| a.at(1).is_exact(&s::DICT)) {
            while let Some((k, _, hash)) = from.0.next(&mut pos) {
                drop(table.0.insert(d.holder(), hash, k, value.clone(), &mut ObjectEq(cx))?);
            }
            return Ok(d);
        }
    }
    let mut it = protocol::Iter::new(cx, a.at(1))?;
    while let Some(k) = it.next(cx)? {
        if exact {
            set(cx, &d, &k, &value)?;
        } else {
            protocol::setitem(cx, &d, &k, &value)?;
        }
    }
    Ok(d)
}
