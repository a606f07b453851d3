//! `bool`.

use crate::int::arith;
use crate::iterators::support::bind_new;
use crate::startup::{TypeDef, ready_type};
use skein_object::error::Result;
use skein_object::number::BoolBody;
use skein_object::object::RefExt;
use skein_object::slots::{Binary, BinaryOp, Slots};
use skein_object::{Args, Context, Ref, Row, Type, number, protocol, row, statics as s, str};

static NEW: Row = row!("bool(cls, object=False, /)", construct, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind_new(cx, &NEW, &s::BOOL, class, args, names)
}

fn construct(cx: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(number::bool(match a.opt(1) {
        Some(x) => protocol::is_true(cx, x)?,
        None => false,
    }))
}

/// `bool()` and `bool(x)`; there are no subclasses.
fn make(cx: &Context, _: &'static Type, args: &[Ref]) -> Option<Result<Ref>> {
    match args {
        [] => Some(Ok(number::bool(false))),
        [x] => Some(protocol::is_true(cx, x).map(number::bool)),
        _ => None,
    }
}

fn value(r: &Ref) -> Option<bool> {
    r.body::<BoolBody>().map(|b| b.0)
}

fn repr(_: &Context, r: &Ref) -> Result<Ref> {
    str::from_str(if value(r) == Some(true) { "True" } else { "False" })
}

macro_rules! logical {
    ($name:ident, $op:tt) => {
        fn $name(cx: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
            match (value(a), value(b)) {
                (Some(x), Some(y)) => Ok(number::bool(x $op y)),
                _ => arith::$name(cx, a, b),
            }
        }
    };
}
logical!(and, &);
logical!(or, |);
logical!(xor, ^);

fn invert(cx: &Context, r: &Ref) -> Result<Ref> {
    (skein_object::context::hooks().warn)(
        cx,
        &s::DEPRECATION_WARNING,
        "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise \
         inversion of the underlying int object and is usually not what you expect from negating a bool. Use the \
         'not' operator for boolean negation or ~int(x) if you really want the bitwise inversion of the underlying int.",
        1,
    )?;
    arith::invert(cx, r)
}

fn truth(_: &Context, r: &Ref) -> Result<bool> {
    Ok(value(r) == Some(true))
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.make.set(Some(make));
    t.repr.set(Some(repr));
    t.invert.set(Some(invert));
    t.bool.set(Some(truth));
    for (op, f) in [(BinaryOp::And, and as Binary), (BinaryOp::Or, or), (BinaryOp::Xor, xor)] {
        t.binary[op as usize].set(Some(f));
    }
}

/// Completes this room's types at start-up.
pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        doc: "bool(object=False, /)\n--\n\nReturns True when the argument is true, False otherwise.\nThe builtins True and False are the only two instances of the class bool.\nThe class bool is a subclass of the class int, and cannot be subclassed.",
        hide: &["__bool__"],
        ..TypeDef::new(&s::BOOL)
    })
}
