//! `tuple`.

pub mod iter;

use crate::iterators::support::{bind_new, bound, clamp, class_of, enter_repr, reflected, repeated_len, wrong};
use crate::list::item::bad_index;
use crate::list::{Repeat, push_repr, repeat_operands};
use crate::slice::{self, Bounds};
use crate::startup::{TypeDef, ready_type};
use crate::type_::generic_alias::class_getitem;
use skein_collections::place;
use skein_object::error::{Result, index_error, recursion_error, type_error, value_error};
use skein_object::object::RefExt;
use skein_object::slots::{BinaryOp, CompareOp, Slots};
use skein_object::types::Type;
use skein_object::{Args, Context, Ref, Row, TupleBody, number, protocol, row, statics as s, str, tuple};
use skein_text::StrBuf;

/// The items of a tuple of any class.
pub fn items(r: &Ref) -> Result<&[Ref]> {
    tuple::items(r).ok_or_else(|| wrong("tuple", r))
}

static NEW: Row = row!("tuple(cls, iterable=(), /)", make, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind_new(cx, &NEW, &s::TUPLE, class, args, names)
}

fn make(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let ty = class_of(a.at(0))?;
    match a.opt(1) {
        None => tuple::from_iter_of(ty, 0, std::iter::empty()),
        Some(x) if std::ptr::eq(ty, &raw const s::TUPLE) => from_iterable(cx, x),
        Some(x) => {
            let list = protocol::collect(cx, x)?;
            tuple::from_iter_of(ty, list.len(), list.into_iter())
        }
    }
}

fn from_iterable(cx: &Context, x: &Ref) -> Result<Ref> {
    if x.is_exact(&s::TUPLE) {
        return Ok(x.clone());
    }
    if x.is_exact(&s::LIST) {
        return tuple::from_list(x);
    }
    tuple::new(protocol::collect(cx, x)?)
}

fn make_exact(cx: &Context, ty: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    match args {
        [x] if std::ptr::eq(ty, &raw const s::TUPLE) => Some(from_iterable(cx, x)),
        _ => None,
    }
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let list = items(r)?;
    if list.is_empty() {
        return str::from_str("()");
    }
    let Some(_guard) = enter_repr(cx, r) else {
        return str::from_str("(...)");
    };
    let mut out = StrBuf::from("(");
    for (i, item) in list.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        push_repr(cx, &mut out, item)?;
    }
    out.push_str(if list.len() == 1 { ",)" } else { ")" });
    str::from_buf(out)
}

/// CPython's hash of tuples and slices: a variant of xxHash.
pub struct Hasher(u64);

const PRIME_1: u64 = 11_400_714_785_074_694_791;
const PRIME_2: u64 = 14_029_467_366_897_019_727;
const PRIME_5: u64 = 2_870_177_450_012_600_261;

impl Hasher {
    pub fn new() -> Hasher {
        Hasher(PRIME_5)
    }

    /// Adds the hash of an item.
    pub fn add(&mut self, hash: i64) {
        let sum = self.0.wrapping_add((hash as u64).wrapping_mul(PRIME_2));
        self.0 = sum.rotate_left(31).wrapping_mul(PRIME_1);
    }

    /// The hash; `last` is mixed in.
    pub fn finish(self, last: u64) -> i64 {
        match self.0.wrapping_add(last) {
            u64::MAX => 1_546_275_796,
            h => h as i64,
        }
    }
}

impl Default for Hasher {
    fn default() -> Hasher {
        Hasher::new()
    }
}

/// Hash of a sequence of items.
///
/// # Errors
/// TypeError for an unhashable item.
pub fn hash_items(cx: &Context, items: &[Ref]) -> Result<i64> {
    let mut hasher = Hasher::new();
    for item in items {
        hasher.add(protocol::hash(cx, item)?);
    }
    Ok(hasher.finish(items.len() as u64 ^ (PRIME_5 ^ 3_527_539)))
}

fn hash(cx: &Context, r: &Ref) -> Result<i64> {
    if cx.check_stack().is_err() {
        return Err(recursion_error(
            "maximum recursion depth exceeded while hashing a tuple",
        ));
    }
    hash_items(cx, items(r)?)
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (tuple::items(a), tuple::items(b)) else {
        return Ok(s::not_implemented());
    };
    for (p, q) in x.iter().zip(y) {
        if !protocol::equal(cx, p, q)? {
            return match op {
                CompareOp::Eq => Ok(number::bool(false)),
                CompareOp::Ne => Ok(number::bool(true)),
                _ => protocol::rich_compare(cx, p, q, op),
            };
        }
    }
    Ok(number::bool(op.holds(x.len().cmp(&y.len()))))
}

fn contains(cx: &Context, r: &Ref, item: &Ref) -> Result<bool> {
    for x in items(r)? {
        if protocol::equal(cx, x, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn length(_: &Context, r: &Ref) -> Result<usize> {
    Ok(items(r)?.len())
}

fn getitem(cx: &Context, r: &Ref, key: &Ref) -> Result<Ref> {
    let list = items(r)?;
    let i = match key.as_int() {
        Some(i) => i,
        None if key.ty().slots.index.is_set() => protocol::to_index_i64(cx, key)?,
        None => {
            let Some(k) = slice::body(key) else {
                return Err(bad_index("tuple", key));
            };
            let picked = Bounds::of(cx, k)?.fit(list.len());
            if picked.count == list.len() && picked.step == 1 && r.is_exact(&s::TUPLE) {
                return Ok(r.clone());
            }
            if picked.step == 1
                && let Some(body) = r.body::<TupleBody>()
            {
                return tuple::slice(body, picked.start, picked.count);
            }
            return tuple::from_iter_of(
                &s::TUPLE,
                picked.count,
                picked.indices().filter_map(|i| list.get(i).cloned()),
            );
        }
    };
    match place(i, list.len()).and_then(|i| list.get(i)) {
        Some(x) => Ok(x.clone()),
        None => Err(index_error("tuple index out of range")),
    }
}

fn concat(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some(x) = a.body::<TupleBody>() else {
        return Ok(s::not_implemented());
    };
    if let Some(y) = b.body::<TupleBody>() {
        if x.items().is_empty() && b.is_exact(&s::TUPLE) {
            return Ok(b.clone());
        }
        if y.items().is_empty() && a.is_exact(&s::TUPLE) {
            return Ok(a.clone());
        }
        return tuple::concat(x, y);
    }
    match reflected(cx, BinaryOp::Add, &s::TUPLE, a, b)? {
        Some(r) => Ok(r),
        None => Err(type_error(format!(
            "can only concatenate tuple (not \"{}\") to tuple",
            b.ty().name()
        ))),
    }
}

fn multiply(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    match repeat_operands(cx, &s::TUPLE, a, b)? {
        Repeat::Done(r) => Ok(r),
        Repeat::Of(sequence, count) => {
            let list = items(sequence)?;
            if (count == 1 || list.is_empty()) && sequence.is_exact(&s::TUPLE) {
                return Ok(sequence.clone());
            }
            let len = repeated_len(list.len(), count)?;
            tuple::from_iter_of(&s::TUPLE, len, list.iter().cycle().take(len).cloned())
        }
    }
}

static METHODS: &[Row] = &[
    row!("__getnewargs__(self, /)", getnewargs, ""),
    row!(
        "index(self, value, start=0, stop=sys.maxsize, /)",
        index,
        "Return first index of value.\n\nRaises ValueError if the value is not present."
    ),
    row!("count(self, value, /)", count, "Return number of occurrences of value."),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "Tuples are generic over the types of their contents.\n\nFor example, use ``tuple[int, str]`` for a pair whose first element is an int\nand second element is a string.\n\nTo specify a variable-length tuple, use an ellipsis after the type of the\ncontents."),
    row!(
        "__sizeof__(self, /)",
        |_, a| number::int_from_usize(a.at(0).ty().instance_size(8 * items(a.at(0))?.len())),
        "Size of object in memory, in bytes."
    ),
];

fn getnewargs(_: &Context, a: Args<'_>) -> Result<Ref> {
    tuple::new(vec![tuple::from_slice(items(a.at(0))?)?])
}

fn index(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let start = bound(cx, a.opt(2), 0)?;
    let stop = bound(cx, a.opt(3), i64::MAX)?;
    let list = items(a.at(0))?;
    let (start, stop) = (clamp(start, list.len()), clamp(stop, list.len()));
    for (i, x) in list.iter().enumerate().take(stop).skip(start) {
        if protocol::equal(cx, x, a.at(1))? {
            return number::int_from_usize(i);
        }
    }
    Err(value_error("tuple.index(x): x not in tuple"))
}

fn count(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut n = 0;
    for x in items(a.at(0))? {
        n += usize::from(protocol::equal(cx, x, a.at(1))?);
    }
    number::int_from_usize(n)
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.make.set(Some(make_exact));
    t.repr.set(Some(repr));
    t.hash.set(Some(hash));
    t.compare.set(Some(compare));
    t.iter.set(Some(iter::iter));
    t.len.set(Some(length));
    t.getitem.set(Some(getitem));
    t.contains.set(Some(contains));
    t.binary[BinaryOp::Add as usize].set(Some(concat));
    t.binary[BinaryOp::Mul as usize].set(Some(multiply));
}

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        doc: "tuple(iterable=(), /)\n--\n\nBuilt-in immutable sequence.\n\nIf no argument is given, the constructor returns an empty tuple.\nIf iterable is specified the tuple is initialized from iterable's items.\n\nIf the argument is a tuple, the return value is the same object.",
        hide: &["__radd__"],
        ..TypeDef::new(&s::TUPLE)
    })?;
    iter::ready()
}
