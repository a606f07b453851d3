//! Arithmetic on any objects.

use crate::context::Context;
use crate::error::{Result, type_error};
use crate::object::{RefExt, type_of};
use crate::slots::{BINARY, BinaryOp, Unary};
use crate::statics as s;
use skein_gc::Ref;

/// `a op b`.
///
/// # Errors
/// TypeError "unsupported operand type(s) for op: 'A' and 'B'"; what the methods raise.
pub fn binary(cx: &Context, op: BinaryOp, a: &Ref, b: &Ref) -> Result<Ref> {
    match try_binary(cx, op, a, b)? {
        Some(r) => Ok(r),
        None => Err(unsupported(op, a, b, false)),
    }
}

/// `a op b`, or `None` if neither side knows how.
///
/// # Errors
/// What the methods raise.
pub fn try_binary(cx: &Context, op: BinaryOp, a: &Ref, b: &Ref) -> Result<Option<Ref>> {
    cx.check_stack()?;
    let (ta, tb) = (type_of(a), type_of(b));
    let left = ta.slots.binary[op as usize].get();
    if std::ptr::eq(ta, tb) {
        let Some(f) = left else { return Ok(None) };
        let r = f(cx, a, b)?;
        return Ok(if r.is(&s::not_implemented()) { None } else { Some(r) });
    }
    let mut right = tb.slots.binary[op as usize].get();
    if left.map(|f| f as usize) == right.map(|f| f as usize) {
        right = None;
    }
    if let (Some(_), Some(g)) = (left, right)
        && tb.is_subtype(ta)
    {
        let r = g(cx, a, b)?;
        if !r.is(&s::not_implemented()) {
            return Ok(Some(r));
        }
        right = None;
    }
    for f in [left, right].into_iter().flatten() {
        let r = f(cx, a, b)?;
        if !r.is(&s::not_implemented()) {
            return Ok(Some(r));
        }
    }
    Ok(None)
}

/// `a op= b`: the new value.
///
/// # Errors
/// As [`binary`].
pub fn inplace(cx: &Context, op: BinaryOp, a: &Ref, b: &Ref) -> Result<Ref> {
    if let Some(f) = type_of(a).slots.inplace[op as usize].get() {
        let r = f(cx, a, b)?;
        if !r.is(&s::not_implemented()) {
            return Ok(r);
        }
    }
    match try_binary(cx, op, a, b)? {
        Some(r) => Ok(r),
        None => Err(unsupported(op, a, b, true)),
    }
}

/// `a op b` after the method of the left operand's class has given NotImplemented; `b`'s class does not inherit from it.
///
/// # Errors
/// As [`binary`].
pub fn binary_reflected(cx: &Context, op: BinaryOp, a: &Ref, b: &Ref, inplace: bool) -> Result<Ref> {
    if !std::ptr::eq(type_of(a), type_of(b)) {
        let (_, reflected, _) = method_names(op);
        let r = crate::protocol::call_method_opt(cx, b, reflected, std::slice::from_ref(a))?;
        if let Some(r) = r.filter(|r| !r.is(&s::not_implemented())) {
            return Ok(r);
        }
    }
    Err(unsupported(op, a, b, inplace))
}

/// Names of an operator's methods: plain, reflected, in place.
pub fn method_names(op: BinaryOp) -> (&'static Ref, &'static Ref, &'static Ref) {
    static NAMES: std::sync::OnceLock<Vec<[Ref; 3]>> = std::sync::OnceLock::new();
    let names = NAMES.get_or_init(|| {
        BINARY
            .iter()
            .map(|(_, _, plain, reflected, inplace)| [plain, reflected, inplace].map(|n| crate::intern::name(n)))
            .collect()
    });
    let [plain, reflected, inplace] = &names[op as usize];
    (plain, reflected, inplace)
}

/// The words of concatenation and repetition, which have their own.
pub fn sequence_message(op: BinaryOp, a: &Ref, b: &Ref) -> Option<String> {
    let sequence = |r: &Ref| {
        ["str", "bytes", "bytearray", "list", "tuple"]
            .into_iter()
            .find(|n| *n == type_of(r).layout().name)
    };
    let (left, right) = (a.ty().name(), b.ty().name());
    match (op, sequence(a), sequence(b)) {
        (BinaryOp::Add, Some(kind @ ("bytes" | "bytearray")), _) => Some(format!("can't concat {right} to {kind}")),
        (BinaryOp::Add, Some(kind), _) => Some(format!("can only concatenate {kind} (not \"{right}\") to {kind}")),
        (BinaryOp::Mul, Some(_), _) => Some(format!("can't multiply sequence by non-int of type '{right}'")),
        (BinaryOp::Mul, None, Some(_)) => Some(format!("can't multiply sequence by non-int of type '{left}'")),
        _ => None,
    }
}

#[cold]
fn unsupported(op: BinaryOp, a: &Ref, b: &Ref, inplace: bool) -> crate::Error {
    let symbol = BINARY[op as usize].1;
    if let Some(message) = sequence_message(op, a, b) {
        return type_error(message);
    }
    let symbol = match (op, inplace) {
        (BinaryOp::Pow, true) => "**=".to_owned(),
        (_, true) => format!("{symbol}="),
        _ => symbol.to_owned(),
    };
    type_error(format!(
        "unsupported operand type(s) for {symbol}: '{}' and '{}'",
        a.ty().name(),
        b.ty().name()
    ))
}

/// `-a`, `+a`, `~a`, `abs(a)`: the slot is chosen by `pick`.
///
/// # Errors
/// TypeError "bad operand type for unary -: 'X'".
pub fn unary(cx: &Context, a: &Ref, slot: Option<Unary>, symbol: &str) -> Result<Ref> {
    match slot {
        Some(f) => {
            cx.check_stack()?;
            f(cx, a)
        }
        None => Err(type_error(format!(
            "bad operand type for {symbol}: '{}'",
            a.ty().name()
        ))),
    }
}
