//! From nodes to the compiler's tree, with CPython's checks of classes and field types.

use super::classes::{Class, Classes, Spec};
use skein_bytecode::{Const, Position};
use skein_compiler::tree::{Field, Node};
use skein_gc::Ref;
use skein_object::error::{Error, Result, type_error, value_error};
use skein_object::layouts::number::{ComplexBody, float_value, int_value};
use skein_object::object::RefExt;
use skein_object::{BytesBody, Context, ListBody, StrBody, intern, list, protocol, statics as s, tuple};
use skein_stdlib_support::repr_text;

/// The tree of an object.
///
/// # Errors
/// TypeError, ValueError; RecursionError.
pub fn node(cx: &Context, all: &Classes, r: &Ref) -> Result<Node> {
    cx.check_stack()?;
    let Some(class) = all.find(r) else {
        return Err(type_error(format!("expected an AST node, got {}", repr_text(cx, r)?)));
    };
    let position = if class.placed {
        Some(position(cx, class, r)?)
    } else {
        None
    };
    let mut fields = Vec::new();
    for f in &class.fields {
        fields.push((f.name, field(cx, all, class, f, r)?));
    }
    Ok(Node::new(class.name, position, fields))
}

fn missing(name: &str, owner: &str) -> Error {
    type_error(format!("required field \"{name}\" missing from {owner}"))
}

fn number(cx: &Context, r: &Ref) -> Result<i64> {
    match int_value(r) {
        Some(n) => match n.to_i64().filter(|n| i32::try_from(*n).is_ok()) {
            Some(n) => Ok(n),
            None => Err(skein_object::error::overflow_error(
                "Python int too large to convert to C int",
            )),
        },
        None => Err(value_error(format!("invalid integer value: {}", repr_text(cx, r)?))),
    }
}

fn position(cx: &Context, class: &Class, r: &Ref) -> Result<Position> {
    let owner = if class.base == "AST" { class.name } else { class.base };
    let get = |name: &str, default: Option<u32>| -> Result<u32> {
        let found = protocol::getattr_opt(cx, r, &intern::name(name))?;
        match (found.filter(|v| !s::is_none(v)), default) {
            (Some(v), _) => Ok(u32::try_from(number(cx, &v)?).unwrap_or(0)),
            (None, Some(d)) => Ok(d),
            (None, None) => Err(missing(name, owner)),
        }
    };
    let line = get("lineno", None)?;
    let col = get("col_offset", None)?;
    // Patterns and type parameters always have an end.
    let required = matches!(class.base, "pattern" | "type_param");
    let end = |d: u32| (!required).then_some(d);
    let end_line = get("end_lineno", end(line))?;
    let end_col = get("end_col_offset", end(col))?;
    if line > end_line {
        return Err(value_error(format!(
            "AST node line range ({line}, {end_line}) is not valid"
        )));
    }
    if line == end_line && col > end_col {
        return Err(value_error(format!(
            "line {line}, column {col}-{end_col} is not a valid range"
        )));
    }
    Ok(Position {
        line,
        end_line,
        col,
        end_col,
    })
}

fn field(cx: &Context, all: &Classes, class: &Class, f: &Spec, r: &Ref) -> Result<Field> {
    let found = protocol::getattr_opt(cx, r, &intern::name(f.name))?;
    if f.list {
        let Some(found) = found else {
            return Ok(Field::List(Vec::new()));
        };
        let Some(b) = found.body::<ListBody>() else {
            return Err(type_error(format!(
                "{} field \"{}\" must be a list, not a {}",
                class.name,
                f.name,
                found.ty().short_name()
            )));
        };
        let mut out = Vec::new();
        for item in list::snapshot(b) {
            out.push(value(cx, all, f, &item)?);
        }
        return Ok(Field::List(out));
    }
    match found {
        Some(v) => value(cx, all, f, &v),
        None if f.optional => Ok(Field::None),
        None => Err(missing(f.name, class.name)),
    }
}

fn value(cx: &Context, all: &Classes, f: &Spec, v: &Ref) -> Result<Field> {
    if f.ty == "constant" {
        return constant(cx, v).map(Field::Const);
    }
    if s::is_none(v) {
        return Ok(Field::None);
    }
    match f.ty {
        "int" => number(cx, v).map(Field::Int),
        "identifier" => match v.body::<StrBody>().filter(|_| v.is_exact(&s::STR)) {
            Some(b) => Ok(Field::Text(b.to_lossy())),
            None => Err(type_error("AST identifier must be of type str")),
        },
        "string" => match v.body::<StrBody>() {
            Some(b) => Ok(Field::Text(b.to_lossy())),
            None => Err(type_error("AST string must be of type str")),
        },
        ty => {
            let fits = all
                .get(ty)
                .is_some_and(|want| v.ty().mro().iter().any(|t| t.object().is(&want.object)));
            let sum = all.get(ty).is_some_and(|c| c.fields.is_empty() && c.single.is_none());
            if !fits {
                return Err(type_error(format!(
                    "expected some sort of {ty}, but got {}",
                    repr_text(cx, v)?
                )));
            }
            let n = node(cx, all, v)?;
            if sum && n.kind == ty {
                // The bare class of a sum, like `ast.expr()`.
                return Err(type_error(format!(
                    "expected some sort of {ty}, but got {}",
                    repr_text(cx, v)?
                )));
            }
            Ok(n.into())
        }
    }
}

/// A value that a Constant may hold.
fn constant(cx: &Context, v: &Ref) -> Result<Const> {
    cx.check_stack()?;
    if s::is_none(v) {
        return Ok(Const::None);
    }
    if v.is(&s::true_()) {
        return Ok(Const::True);
    }
    if v.is(&s::false_()) {
        return Ok(Const::False);
    }
    if v.is(&s::ellipsis()) {
        return Ok(Const::Ellipsis);
    }
    if v.is_exact(&s::INT)
        && let Some(n) = int_value(v)
    {
        return Ok(match n.to_i64().filter(|n| n.unsigned_abs() < 1 << 62) {
            Some(n) => Const::Int(n),
            None => {
                let big = n.to_big();
                // Hexadecimal, for decimal digits take quadratic time.
                let (sign, digits) = (big.sign(), big.magnitude().to_str_radix(16));
                let minus = if sign == num_bigint::Sign::Minus { "-" } else { "" };
                Const::BigInt(format!("{minus}0x{digits}").into())
            }
        });
    }
    if v.is_exact(&s::FLOAT)
        && let Some(x) = float_value(v)
    {
        return Ok(Const::Float(x));
    }
    if v.is_exact(&s::COMPLEX)
        && let Some(c) = v.body::<ComplexBody>()
    {
        return Ok(Const::Complex(c.real, c.imag));
    }
    if v.is_exact(&s::STR)
        && let Some(b) = v.body::<StrBody>()
    {
        return Ok(Const::Str(b.view().to_wtf8().into()));
    }
    if v.is_exact(&s::BYTES)
        && let Some(b) = v.body::<BytesBody>()
    {
        return Ok(Const::Bytes(b.as_slice().into()));
    }
    if v.is_exact(&s::TUPLE)
        && let Some(items) = tuple::items(v)
    {
        return Ok(Const::Tuple(
            items.iter().map(|i| constant(cx, i)).collect::<Result<_>>()?,
        ));
    }
    if v.is_exact(&s::FROZENSET) {
        let items = protocol::collect(cx, v)?;
        return Ok(Const::FrozenSet(
            items.iter().map(|i| constant(cx, i)).collect::<Result<_>>()?,
        ));
    }
    Err(type_error(format!(
        "got an invalid type in Constant: {}",
        v.ty().short_name()
    )))
}
