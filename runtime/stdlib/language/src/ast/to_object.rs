//! From the compiler's tree to nodes.

use super::classes::{Classes, POSITION};
use skein_compiler::tree::{Field, Node};
use skein_gc::Ref;
use skein_object::error::{Result, system_error};
use skein_object::layouts::{code, number};
use skein_object::object::alloc;
use skein_object::{Context, Type, intern, list, protocol, statics as s};

/// The object of a node.
///
/// # Errors
/// MemoryError; RecursionError.
pub fn node(cx: &Context, all: &Classes, n: &Node) -> Result<Ref> {
    cx.check_stack()?;
    let Some(class) = all.get(n.kind) else {
        return Err(system_error(format!("no node class '{}'", n.kind)));
    };
    if let Some(single) = &class.single {
        return Ok(single.clone());
    }
    let Some(ty) = Type::from_ref(&class.object) else {
        return Err(system_error("a node class is no class"));
    };
    let r = alloc(ty, ())?;
    for (name, f) in &n.fields {
        protocol::setattr(cx, &r, &intern::name(name), &field(cx, all, f)?)?;
    }
    if let Some(p) = n.position.filter(|_| class.placed) {
        for (name, value) in POSITION.iter().zip([p.line, p.col, p.end_line, p.end_col]) {
            protocol::setattr(cx, &r, &intern::name(name), &number::int(value as i64)?)?;
        }
    }
    Ok(r)
}

fn field(cx: &Context, all: &Classes, f: &Field) -> Result<Ref> {
    Ok(match f {
        Field::None => s::none(),
        Field::Int(i) => number::int(*i)?,
        Field::Text(t) => intern::name(t),
        Field::Const(c) => code::constant(c)?,
        Field::List(l) => list::new(l.iter().map(|f| field(cx, all, f)).collect::<Result<_>>()?)?,
        Field::Node(n) => node(cx, all, n)?,
    })
}
