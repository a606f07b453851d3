//! `__slots__`.

use super::create::Parts;
use skein_object::error::{Result, type_error, value_error};
use skein_object::intern::{self, names};
use skein_object::object::RefExt;
use skein_object::protocol;
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, dict, str};

/// What a class adds to the instances of its base.
#[derive(Default)]
pub struct Fields {
    /// Names of new fields, mangled, in order.
    pub names: Vec<Ref>,
    pub dict: bool,
    pub weakref: bool,
}

/// Whether instances of the layout vary in size in CPython.
pub fn variable(ty: &Type) -> bool {
    let families: [&'static Type; 4] = [&s::INT, &s::BYTES, &s::TUPLE, &s::TYPE];
    families.iter().any(|t| std::ptr::eq(t.layout(), ty.layout()))
}

/// The name that a private name has in a class.
pub fn mangle(class: &str, name: &str) -> Option<String> {
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return None;
    }
    let class = class.trim_start_matches('_');
    if class.is_empty() {
        return None;
    }
    Some(format!("_{class}{name}"))
}

/// Reads `__slots__` of a namespace.
pub fn resolve(cx: &Context, parts: &Parts<'_>, base: &'static Type) -> Result<Fields> {
    let own_dict = std::ptr::eq(base.layout(), s::TYPE.layout()) || std::ptr::eq(base.layout(), s::MODULE.layout());
    let may_dict = !base.has(flag::HAS_DICT) && !own_dict;
    // A native base that can be weakly referenced has no field for it that a class could see.
    let may_weak = !base.has(flag::WEAKREFABLE) || !base.has(flag::HEAP);
    let mut out = Fields::default();
    let Some(slots) = dict::get_name(parts.namespace, names::__slots__()) else {
        out.dict = may_dict;
        out.weakref = may_weak && !variable(base);
        return Ok(out);
    };
    let list = if str::is_str(&slots) {
        vec![slots.clone()]
    } else {
        protocol::collect(cx, &slots)?
    };
    if !list.is_empty() && variable(base) {
        return Err(type_error(format!(
            "nonempty __slots__ not supported for subtype of '{}'",
            base.name()
        )));
    }
    for name in &list {
        let Some(body) = name.body::<skein_object::StrBody>() else {
            return Err(type_error(format!(
                "__slots__ items must be strings, not '{}'",
                name.ty().name()
            )));
        };
        if !is_identifier(&body.to_lossy()) {
            return Err(type_error("__slots__ must be identifiers"));
        }
        let text = str::text(name);
        match text.as_str() {
            "__dict__" => {
                if !may_dict || out.dict {
                    return Err(type_error("__dict__ slot disallowed: we already got one"));
                }
                out.dict = true;
            }
            "__weakref__" => {
                if !may_weak || out.weakref {
                    return Err(type_error("__weakref__ slot disallowed: we already got one"));
                }
                out.weakref = true;
            }
            _ => {
                let mangled = match mangle(&parts.name_text, &text) {
                    Some(m) => intern::name(&m),
                    None => intern::intern(name),
                };
                let special = ["__qualname__", "__classcell__", "__classdictcell__"];
                if dict::get_name(parts.namespace, &mangled).is_some() && !special.contains(&text.as_str()) {
                    let shown = protocol::repr(cx, name)?;
                    return Err(value_error(format!(
                        "{} in __slots__ conflicts with class variable",
                        str::text(&shown)
                    )));
                }
                out.names.push(mangled);
            }
        }
    }
    out.names.sort_by_key(str::text);
    for b in parts.bases {
        if std::ptr::eq(*b, base) {
            continue;
        }
        out.dict |= may_dict && b.has(flag::HAS_DICT);
        out.weakref |= may_weak && b.has(flag::WEAKREFABLE);
    }
    Ok(out)
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic()) && chars.all(|c| c == '_' || c.is_alphanumeric())
}
