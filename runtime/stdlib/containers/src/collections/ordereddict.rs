//! `OrderedDict`: a dict, whose table keeps the order anyway, with what depends on the order.
//!
//! Each operation is one step for other threads, as of a dict. To move a key to the front copies the table.

use super::ordereddict_views::{self as views, Direction};
use skein_collections::Dict;
use skein_object::error::{Result, key_error, runtime_error, type_error, value_error};
use skein_object::iter::DictPart;
use skein_object::layouts::dict::{DictBody, ObjectEq};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Ref, Row, intern, number, protocol, row, statics as s, str, tuple};
use skein_stdlib_support::{enter_repr, flag as truth, pack, split_keywords, wrong};
use skein_types::dict;
use skein_types::startup::TypeDef;

pub static ORDERED_DICT: Type = Type::declare(
    "collections.OrderedDict",
    Some(&s::DICT),
    <DictBody as Payload>::LAYOUT,
    flag::BASETYPE | flag::HAS_DICT | flag::WEAKREFABLE | flag::MAPPING,
);

static METHODS: &[Row] = &[
    row!(class "fromkeys(cls, /, iterable, value=None)", fromkeys, "Create a new ordered dictionary with keys from iterable and values set to value."),
    row!(
        "setdefault(self, /, key, default=None)",
        setdefault,
        "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the dictionary, else default."
    ),
    row!(
        "pop(self, /, key, default=<unrepresentable>)",
        pop,
        "od.pop(key[,default]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the default if given; otherwise,\nraise a KeyError."
    ),
    row!(
        "popitem(self, /, last=True)",
        popitem,
        "Remove and return a (key, value) pair from the dictionary.\n\nPairs are returned in LIFO order if last is true or FIFO order if false."
    ),
    row!(
        "move_to_end(self, /, key, last=True)",
        move_to_end,
        "Move an existing element to the end (or beginning if last is false).\n\nRaise KeyError if the element does not exist."
    ),
    row!("keys(self, /)", |_, a| views::make(&views::KEYS, a.at(0)), ""),
    row!("values(self, /)", |_, a| views::make(&views::VALUES, a.at(0)), ""),
    row!("items(self, /)", |_, a| views::make(&views::ITEMS, a.at(0)), ""),
    row!("update(self, /, *args, **kwargs)", update_row, ""),
    row!("copy(self, /)", copy, "od.copy() -> a shallow copy of od"),
    row!(
        "__reversed__(self, /)",
        |_, a| views::iterator(a.at(0), DictPart::Keys, Direction::Back),
        "od.__reversed__() <==> reversed(od)"
    ),
    row!("__reduce__(self, /)", reduce, "Return state information for pickling"),
    row!("__sizeof__(self, /)", sizeof, ""),
];

fn body(r: &Ref) -> Result<&DictBody> {
    r.body::<DictBody>().ok_or_else(|| wrong("OrderedDict", r))
}

/// `od[key] = value`, through the class where it is a subclass.
fn set(cx: &Context, d: &Ref, key: &Ref, value: &Ref) -> Result<()> {
    if d.is_exact(&ORDERED_DICT) {
        return dict::set(cx, d, key, value);
    }
    protocol::setitem(cx, d, key, value)
}

/// Sets the pairs that an iterable gives.
fn add_pairs(cx: &Context, d: &Ref, pairs: &Ref) -> Result<()> {
    let mut it = protocol::Iter::new(cx, pairs)?;
    while let Some(pair) = it.next(cx)? {
        if let Some([k, v]) = tuple::items(&pair) {
            set(cx, d, k, v)?;
            continue;
        }
        let parts = protocol::iter(cx, &pair)?;
        let Some(k) = protocol::next(cx, &parts)? else {
            return Err(value_error("need more than 0 values to unpack"));
        };
        let Some(v) = protocol::next(cx, &parts)? else {
            return Err(value_error("need more than 1 value to unpack"));
        };
        if protocol::next(cx, &parts)?.is_some() {
            return Err(value_error("too many values to unpack (expected 2)"));
        }
        set(cx, d, &k, &v)?;
    }
    Ok(())
}

/// Sets what a mapping or an iterable of pairs has.
fn merge(cx: &Context, d: &Ref, other: &Ref) -> Result<()> {
    if other.is_exact(&s::DICT) {
        if d.is_exact(&ORDERED_DICT) {
            return dict::update::update(cx, d, other);
        }
        for (k, v) in skein_object::dict::entries(other) {
            set(cx, d, &k, &v)?;
        }
        return Ok(());
    }
    if let Some(keys) = protocol::getattr_opt(cx, other, intern::names::keys())? {
        let keys = protocol::call0(cx, &keys)?;
        let mut it = protocol::Iter::new(cx, &keys)?;
        while let Some(k) = it.next(cx)? {
            let v = protocol::getitem(cx, other, &k)?;
            set(cx, d, &k, &v)?;
        }
        return Ok(());
    }
    match protocol::getattr_opt(cx, other, &intern::name("items"))? {
        Some(items) => add_pairs(cx, d, &protocol::call0(cx, &items)?),
        None => add_pairs(cx, d, other),
    }
}

fn init(cx: &Context, d: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (positional, keywords, values) = split_keywords(args, names);
    if positional.len() > 1 {
        let n = positional.len();
        return Err(type_error(format!("expected at most 1 arguments, got {n}")));
    }
    body(d)?;
    if let [other] = positional {
        merge(cx, d, other)?;
    }
    for (k, v) in keywords.iter().zip(values) {
        set(cx, d, k, v)?;
    }
    Ok(s::none())
}

fn update_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let d = a.at(0);
    let positional = tuple::items(a.at(1)).unwrap_or(&[]);
    if positional.len() > 1 {
        let n = positional.len();
        return Err(type_error(format!(
            "update() takes at most 1 positional argument ({n} given)"
        )));
    }
    if let [other] = positional {
        merge(cx, d, other)?;
    }
    for (k, v) in skein_object::dict::entries(a.at(2)) {
        set(cx, d, &k, &v)?;
    }
    Ok(s::none())
}

fn fromkeys(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let value = a.opt(2).cloned().unwrap_or_else(s::none);
    let d = protocol::call0(cx, a.at(0))?;
    let mut it = protocol::Iter::new(cx, a.at(1))?;
    while let Some(k) = it.next(cx)? {
        protocol::setitem(cx, &d, &k, &value)?;
    }
    Ok(d)
}

fn setdefault(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (d, key) = (a.at(0), a.at(1));
    let default = a.opt(2).cloned().unwrap_or_else(s::none);
    if d.is_exact(&ORDERED_DICT) {
        let hash = dict::hash_key(cx, key)?;
        let (v, _) = body(d)?
            .0
            .get_or_insert(d.holder(), hash, key.clone(), default, &mut ObjectEq(cx))?;
        return Ok(v);
    }
    if protocol::contains(cx, d, key)? {
        return protocol::getitem(cx, d, key);
    }
    protocol::setitem(cx, d, key, &default)?;
    Ok(default)
}

fn pop(cx: &Context, a: Args<'_>) -> Result<Ref> {
    match dict::remove(cx, a.at(0), a.at(1))?.or_else(|| a.opt(2).cloned()) {
        Some(v) => Ok(v),
        None => Err(key_error(a.at(1))),
    }
}

fn popitem(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let last = truth(cx, a.opt(1), true)?;
    let d = &body(a.at(0))?.0;
    let h = a.at(0).holder();
    match if last { d.pop_last(h) } else { d.pop_first(h) } {
        Some((k, v)) => pack([k, v]),
        None => Err(key_error(&str::from_str("dictionary is empty")?)),
    }
}

fn move_to_end(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (d, key) = (a.at(0), a.at(1));
    let last = truth(cx, a.opt(2), true)?;
    let hash = dict::hash_key(cx, key)?;
    let found = body(d)?.0.move_to_end(d.holder(), hash, key, last, &mut ObjectEq(cx))?;
    if found { Ok(s::none()) } else { Err(key_error(key)) }
}

fn copy(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let d = a.at(0);
    if d.is_exact(&ORDERED_DICT) {
        return alloc(&ORDERED_DICT, DictBody(body(d)?.0.copy(d.holder())?));
    }
    let out = protocol::call0(cx, &d.ty().object())?;
    let (keys, changes) = keys_of(d)?;
    let mut pos = 0;
    while let Some((k, _, _)) = keys.next(&mut pos) {
        let v = protocol::getitem(cx, d, &k)?;
        protocol::setitem(cx, &out, &k, &v)?;
        check_unchanged(d, changes)?;
    }
    Ok(out)
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let d = a.at(0);
    let state = protocol::call_method(cx, d, intern::names::__getstate__(), &[])?;
    let items = protocol::call_method(cx, d, &intern::name("items"), &[])?;
    let it = protocol::iter(cx, &items)?;
    pack([d.ty().object(), s::empty_tuple(), state, s::none(), it])
}

fn sizeof(_: &Context, a: Args<'_>) -> Result<Ref> {
    let n = body(a.at(0))?.0.len();
    number::int_from_usize(96 + 40 * n.next_power_of_two().max(8))
}

fn repr(cx: &Context, d: &Ref) -> Result<Ref> {
    let name = d.ty().short_name();
    if body(d)?.0.is_empty() {
        return str::from_str(&format!("{name}()"));
    }
    let Some(_guard) = enter_repr(cx, d) else {
        return str::from_str("...");
    };
    let plain = if d.is_exact(&ORDERED_DICT) {
        dict::copy(d)?
    } else {
        let items = protocol::call_method(cx, d, &intern::name("items"), &[])?;
        protocol::call1(cx, &s::DICT.object(), &items)?
    };
    let mut out = skein_text::StrBuf::from(name);
    out.push_str("(");
    if let Some(t) = protocol::repr(cx, &plain)?.body::<skein_object::StrBody>() {
        out.push_view(t.view());
    }
    out.push_str(")");
    str::from_buf(out)
}

/// The keys of one moment, and what `changes` was then; none where the dict is shared: others may change it, and what this thread does to
/// it while keys are compared is not told from that.
fn keys_of(d: &Ref) -> Result<(Dict, Option<u64>)> {
    let table = &body(d)?.0;
    let changes = d.holder().is_private().then(|| table.changes());
    Ok((table.copy(d.holder())?, changes))
}

/// Whether two dicts have equal keys in the same order.
fn same_order(cx: &Context, a: &Ref, b: &Ref) -> Result<bool> {
    let ((x, of_a), (y, of_b)) = (keys_of(a)?, keys_of(b)?);
    let (mut i, mut j) = (0, 0);
    loop {
        match (x.next(&mut i), y.next(&mut j)) {
            (Some((k, _, _)), Some((l, _, _))) => {
                if !protocol::equal(cx, &k, &l)? {
                    return Ok(false);
                }
                check_unchanged(a, of_a)?;
                check_unchanged(b, of_b)?;
            }
            (None, None) => return Ok(true),
            _ => return Ok(false),
        }
    }
}

fn check_unchanged(d: &Ref, changes: Option<u64>) -> Result<()> {
    if changes.is_some_and(|n| body(d).is_ok_and(|b| b.0.changes() != n)) {
        return Err(runtime_error("OrderedDict mutated during iteration"));
    }
    Ok(())
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (true, Some(f)) = (matches!(op, CompareOp::Eq | CompareOp::Ne), s::DICT.slots.compare.get()) else {
        return Ok(s::not_implemented());
    };
    if a.body::<DictBody>().is_none() || b.body::<DictBody>().is_none() {
        return Ok(s::not_implemented());
    }
    let mut equal = protocol::is_true(cx, &f(cx, a, b, CompareOp::Eq)?)?;
    if equal && a.is_instance(&ORDERED_DICT) && b.is_instance(&ORDERED_DICT) {
        equal = same_order(cx, a, b)?;
    }
    Ok(number::bool(equal == (op == CompareOp::Eq)))
}

fn or(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    if !a.is_instance(&s::DICT) || !b.is_instance(&s::DICT) {
        return Ok(s::not_implemented());
    }
    let class = if a.is_instance(&ORDERED_DICT) { a.ty() } else { b.ty() };
    let out = protocol::call1(cx, &class.object(), a)?;
    merge(cx, &out, b)?;
    Ok(out)
}

fn inplace_or(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    merge(cx, a, b)?;
    Ok(a.clone())
}

fn slots(t: &Slots) {
    t.init.set(Some(init));
    t.repr.set(Some(repr));
    t.compare.set(Some(compare));
    t.iter
        .set(Some(|_, d| views::iterator(d, DictPart::Keys, Direction::Forward)));
    t.binary[BinaryOp::Or as usize].set(Some(or));
    t.inplace[BinaryOp::Or as usize].set(Some(inplace_or));
}

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    doc: "Dictionary that remembers insertion order",
    ..TypeDef::new(&ORDERED_DICT)
};
