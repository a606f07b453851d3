//! Functions on iterables and containers.

use skein_object::error::{Result, stop_iteration, type_error, value_error};
use skein_object::object::{RefExt, type_of};
use skein_object::protocol::compare::compare_bool;
use skein_object::protocol::{self, Iter, call, is_true};
use skein_object::slots::{BinaryOp, CompareOp};
use skein_object::statics as s;
use skein_object::{Args, Context, DictBody, ListBody, Ref, StrBody, Value, intern, list, number, str, tuple};

pub fn len(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::int_from_usize(protocol::len(cx, a.at(0))?)
}

/// The length of a built-in container; null for anything else.
pub fn peek_len(r: &Ref) -> Value {
    let ty = type_of(r);
    let len = if std::ptr::eq(ty, &raw const s::LIST) {
        r.body::<ListBody>().map(|b| b.0.len())
    } else if std::ptr::eq(ty, &raw const s::TUPLE) {
        tuple::items(r).map(<[Ref]>::len)
    } else if std::ptr::eq(ty, &raw const s::STR) {
        r.body::<StrBody>().map(StrBody::len)
    } else if std::ptr::eq(ty, &raw const s::DICT) {
        r.body::<DictBody>().map(|b| b.0.len())
    } else {
        None
    };
    // Nothing has more items than fit.
    len.and_then(|n| Value::int(n as i64)).unwrap_or(Value::NULL)
}

pub fn all(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut it = Iter::new(cx, a.at(0))?;
    while let Some(x) = it.next(cx)? {
        if !is_true(cx, &x)? {
            return Ok(s::false_());
        }
    }
    Ok(s::true_())
}

pub fn any(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mut it = Iter::new(cx, a.at(0))?;
    while let Some(x) = it.next(cx)? {
        if is_true(cx, &x)? {
            return Ok(s::true_());
        }
    }
    Ok(s::false_())
}

pub fn iter(cx: &Context, a: Args<'_>) -> Result<Ref> {
    match a.opt(1) {
        None => protocol::iter(cx, a.at(0)),
        Some(sentinel) => {
            if !protocol::is_callable(a.at(0)) {
                return Err(type_error("iter(v, w): v must be callable"));
            }
            crate::iterators::callable::make(a.at(0), sentinel)
        }
    }
}

pub fn next(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(f) = type_of(a.at(0)).slots.next.get() else {
        return Err(type_error(format!(
            "'{}' object is not an iterator",
            a.at(0).ty().name()
        )));
    };
    match f(cx, a.at(0)) {
        Ok(Some(v)) => Ok(v),
        Ok(None) => a.opt(1).cloned().ok_or_else(|| stop_iteration(None)),
        Err(e) if e.is(&s::STOP_ITERATION) => match a.opt(1) {
            Some(d) => Ok(d.clone()),
            None => Err(e),
        },
        Err(e) => Err(e),
    }
}

pub fn aiter(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let ty = type_of(a.at(0));
    let Some(f) = ty.slots.aiter.get() else {
        return Err(type_error(format!("'{}' object is not an async iterable", ty.name())));
    };
    let it = f(cx, a.at(0))?;
    if it.ty().slots.anext.is_set() {
        return Ok(it);
    }
    Err(type_error(format!(
        "aiter() returned not an async iterator of type '{}'",
        it.ty().name()
    )))
}

pub fn anext(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let ty = type_of(a.at(0));
    let Some(f) = ty.slots.anext.get() else {
        return Err(type_error(format!("'{}' object is not an async iterator", ty.name())));
    };
    let awaitable = f(cx, a.at(0))?;
    match a.opt(1) {
        None => Ok(awaitable),
        Some(default) => super::anext::make(&awaitable, default),
    }
}

fn extremum(
    cx: &Context,
    args: &[Ref],
    key: Option<&Ref>,
    default: Option<&Ref>,
    name: &str,
    op: CompareOp,
) -> Result<Ref> {
    let mut best = Best {
        cx,
        key,
        op,
        found: None,
    };
    match args {
        [] => {
            return Err(type_error(format!("{name} expected at least 1 argument, got 0")));
        }
        [one] => {
            let mut it = Iter::new(cx, one)?;
            while let Some(x) = it.next(cx)? {
                best.see(x)?;
            }
        }
        many => {
            if default.is_some() {
                return Err(type_error(format!(
                    "Cannot specify a default for {name}() with multiple positional arguments"
                )));
            }
            for x in many {
                best.see(x.clone())?;
            }
        }
    }
    match (best.found, default) {
        (Some((x, _)), _) => Ok(x),
        (None, Some(d)) => Ok(d.clone()),
        (None, None) => Err(value_error(format!("{name}() iterable argument is empty"))),
    }
}

/// The item that beats all others seen.
struct Best<'a> {
    cx: &'a Context,
    key: Option<&'a Ref>,
    op: CompareOp,
    /// With its key, where that is not the item itself.
    found: Option<(Ref, Option<Ref>)>,
}

impl Best<'_> {
    fn see(&mut self, x: Ref) -> Result<()> {
        let k = match self.key {
            Some(f) => Some(call(self.cx, f, std::slice::from_ref(&x))?),
            None => None,
        };
        if let Some((best, best_key)) = &self.found {
            let (new, old) = (k.as_ref().unwrap_or(&x), best_key.as_ref().unwrap_or(best));
            let better = match (new.as_int(), old.as_int()) {
                (Some(a), Some(b)) => self.op.holds(a.cmp(&b)),
                _ => compare_bool(self.cx, new, old, self.op)?,
            };
            if !better {
                return Ok(());
            }
        }
        self.found = Some((x, k));
        Ok(())
    }
}

pub fn max(cx: &Context, a: Args<'_>) -> Result<Ref> {
    extremum(cx, a.rest(2), a.opt_not_none(0), a.opt(1), "max", CompareOp::Gt)
}

pub fn min(cx: &Context, a: Args<'_>) -> Result<Ref> {
    extremum(cx, a.rest(2), a.opt_not_none(0), a.opt(1), "min", CompareOp::Lt)
}

/// `max` of positional arguments.
pub fn max_quick(cx: &Context, args: &[Ref]) -> Option<Result<Ref>> {
    Some(extremum(cx, args, None, None, "max", CompareOp::Gt))
}

/// `min` of positional arguments.
pub fn min_quick(cx: &Context, args: &[Ref]) -> Option<Result<Ref>> {
    Some(extremum(cx, args, None, None, "min", CompareOp::Lt))
}

pub fn sorted(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let reverse = match a.opt(2) {
        Some(r) => protocol::is_true(cx, r)?,
        None => false,
    };
    sorted_by(cx, a.at(0), a.opt_not_none(1), reverse)
}

/// `sorted(iterable)`.
pub fn sorted_quick(cx: &Context, args: &[Ref]) -> Option<Result<Ref>> {
    match args {
        [x] => Some(sorted_by(cx, x, None, false)),
        _ => None,
    }
}

fn sorted_by(cx: &Context, iterable: &Ref, key: Option<&Ref>, reverse: bool) -> Result<Ref> {
    let mut items = protocol::collect(cx, iterable)?;
    crate::list::sort::sort_items(cx, &mut items, key, reverse)?;
    list::new(items)
}

/// Sums of ints and floats are made without objects; the float sum is compensated, as CPython's.
pub fn sum(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let start = a.opt(1).cloned().unwrap_or(Ref::small(0));
    if str::is_str(&start) {
        return Err(type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    if start.body::<skein_object::BytesBody>().is_some() {
        return Err(type_error("sum() can't sum bytes [use b''.join(seq) instead]"));
    }
    if start.ty().name() == "bytearray" {
        return Err(type_error("sum() can't sum bytearray [use b''.join(seq) instead]"));
    }
    let mut it = Iter::new(cx, a.at(0))?;
    let mut total = start;
    let mut pending = None;
    if let Some(mut n) = total.as_int() {
        loop {
            match it.next(cx)? {
                None => return number::int(n),
                Some(x) => match x.as_int().and_then(|m| n.checked_add(m)) {
                    Some(sum) => n = sum,
                    None => {
                        pending = Some(x);
                        break;
                    }
                },
            }
        }
        total = number::int(n)?;
        if let Some(x) = pending.take() {
            total = protocol::number::binary(cx, BinaryOp::Add, &total, &x)?;
        }
    }
    if total.is_exact(&s::FLOAT)
        && let Some(first) = number::float_value(&total)
    {
        let mut sum = Compensated(first, 0.0);
        loop {
            let x = match pending.take() {
                Some(x) => x,
                None => match it.next(cx)? {
                    Some(x) => x,
                    None => return number::float(sum.value()),
                },
            };
            let x_value = if x.is_exact(&s::FLOAT) {
                number::float_value(&x)
            } else {
                int_value(&x)?
            };
            match x_value {
                Some(v) => sum.add(v),
                None => {
                    pending = Some(x);
                    break;
                }
            }
        }
        total = number::float(sum.value())?;
        if let Some(x) = pending.take() {
            total = protocol::number::binary(cx, BinaryOp::Add, &total, &x)?;
        }
    }
    if total.is_exact(&s::COMPLEX)
        && let Some(first) = crate::complex::arith::value(&total)
    {
        let (mut re, mut im) = (Compensated(first.0, 0.0), Compensated(first.1, 0.0));
        loop {
            let x = match pending.take() {
                Some(x) => x,
                None => match it.next(cx)? {
                    Some(x) => x,
                    None => return number::complex(re.value(), im.value()),
                },
            };
            if x.is_exact(&s::COMPLEX)
                && let Some(z) = crate::complex::arith::value(&x)
            {
                re.add(z.0);
                im.add(z.1);
            } else if let Some(v) = int_value(&x)? {
                re.add(v);
            } else if let Some(v) = number::float_value(&x).filter(|_| x.is_exact(&s::FLOAT)) {
                re.add(v);
            } else {
                pending = Some(x);
                break;
            }
        }
        total = number::complex(re.value(), im.value())?;
    }
    loop {
        let x = match pending.take() {
            Some(x) => x,
            None => match it.next(cx)? {
                Some(x) => x,
                None => return Ok(total),
            },
        };
        total = protocol::number::binary(cx, BinaryOp::Add, &total, &x)?;
    }
}

/// The value of an int of any size.
fn int_value(x: &Ref) -> Result<Option<f64>> {
    match number::int_value(x) {
        Some(_) => protocol::convert::int_to_f64(x).map(Some),
        None => Ok(None),
    }
}

/// A sum and what its additions have lost.
struct Compensated(f64, f64);

impl Compensated {
    fn add(&mut self, v: f64) {
        let t = self.0 + v;
        self.1 += if self.0.abs() >= v.abs() {
            (self.0 - t) + v
        } else {
            (v - t) + self.0
        };
        self.0 = t;
    }

    fn value(&self) -> f64 {
        finish(self.0, self.1)
    }
}

fn finish(sum: f64, c: f64) -> f64 {
    if c != 0.0 && c.is_finite() { sum + c } else { sum }
}

/// Interned name, for tests of rows.
pub fn name(text: &str) -> Ref {
    intern::name(text)
}
