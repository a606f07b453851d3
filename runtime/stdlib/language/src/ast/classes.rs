//! Node classes as objects, made from the table.

use super::base;
use super::table::ROWS;
use skein_gc::Ref;
use skein_object::error::Result;
use skein_object::object::RefExt;
use skein_object::{Context, Type, dict, intern, protocol, statics as s, str, tuple};
use skein_stdlib_support::pack;
use skein_types::type_::{generic_alias, union};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Fields that say where a node is.
pub const POSITION: [&str; 4] = ["lineno", "col_offset", "end_lineno", "end_col_offset"];

/// A field of a class.
pub struct Spec {
    pub name: &'static str,
    /// A class of the table, or `identifier`, `string`, `int`, `constant`.
    pub ty: &'static str,
    /// `?`: may be None.
    pub optional: bool,
    /// `*` or `?*`: a list.
    pub list: bool,
}

pub struct Class {
    pub name: &'static str,
    pub base: &'static str,
    pub fields: Vec<Spec>,
    /// Nodes have a position.
    pub placed: bool,
    pub object: Ref,
    /// The one instance, of a class without fields whose nodes have no position.
    pub single: Option<Ref>,
}

pub struct Classes {
    pub by_name: HashMap<&'static str, Class>,
    /// Names by class identity.
    by_object: HashMap<u64, &'static str>,
}

static CLASSES: OnceLock<Classes> = OnceLock::new();

/// The classes, once `_ast` has been imported.
pub fn classes() -> Option<&'static Classes> {
    CLASSES.get()
}

impl Classes {
    /// The table's class of a node, or of the nearest base of its class.
    pub fn find(&self, node: &Ref) -> Option<&Class> {
        node.ty()
            .mro()
            .iter()
            .find_map(|t| self.by_object.get(&t.object().value().0))
            .and_then(|n| self.by_name.get(n))
    }

    pub fn get(&self, name: &str) -> Option<&Class> {
        self.by_name.get(name)
    }
}

fn specs(text: &'static str) -> Vec<Spec> {
    text.split(", ")
        .filter_map(|f| f.split_once(' '))
        .map(|(ty, name)| Spec {
            name,
            ty: ty.trim_end_matches(['?', '*']),
            optional: ty.ends_with('?'),
            list: ty.ends_with('*'),
        })
        .collect()
}

fn is_sum(name: &str) -> bool {
    ROWS.iter().any(|r| r.1 == name)
}

fn has_position(name: &str, base: &str) -> bool {
    const GROUPS: &[&str] = &["stmt", "expr", "excepthandler", "pattern", "type_param"];
    GROUPS.contains(&name) || GROUPS.contains(&base) || matches!(name, "arg" | "keyword" | "alias")
}

/// CPython's docstring: the rule of the grammar.
fn doc(name: &str, fields: &str) -> String {
    let rule = |name: &str, fields: &str| {
        if fields.is_empty() {
            name.to_owned()
        } else {
            format!("{name}({fields})")
        }
    };
    if !is_sum(name) {
        return rule(name, fields);
    }
    let all: Vec<String> = ROWS.iter().filter(|r| r.1 == name).map(|r| rule(r.0, r.2)).collect();
    let joint = if all.iter().any(|a| a.contains('(')) {
        format!("\n{}| ", " ".repeat(name.len() + 1))
    } else {
        " | ".to_owned()
    };
    format!("{name} = {}", all.join(&joint))
}

fn names<'a>(list: impl Iterator<Item = &'a str>) -> Result<Ref> {
    tuple::new(list.map(intern::name).collect())
}

/// Makes all classes and puts them into the module's dict.
///
/// # Errors
/// MemoryError.
pub fn install(cx: &Context, module: &Ref) -> Result<()> {
    skein_stdlib_support::add_type(module, &base::DEF)?;
    let made = match CLASSES.get() {
        Some(c) => c,
        None => {
            let c = make(cx)?;
            CLASSES.get_or_init(|| c)
        }
    };
    for row in ROWS {
        if let Some(c) = made.get(row.0) {
            dict::set_str(module, row.0, c.object.clone())?;
        }
    }
    Ok(())
}

fn make(cx: &Context) -> Result<Classes> {
    let empty = s::empty_tuple();
    for name in ["_fields", "_attributes", "__match_args__"] {
        base::AST.set_own(&intern::name(name), empty.clone());
    }
    base::AST.invalidate();
    let mut out = Classes {
        by_name: HashMap::new(),
        by_object: HashMap::new(),
    };
    for &(name, base_name, text) in ROWS {
        let fields = specs(text);
        let placed = has_position(name, base_name);
        let base = match out.get(base_name) {
            Some(c) => c.object.clone(),
            None => base::AST.object(),
        };
        let d = dict::new()?;
        let set = |key: &str, value: Ref| dict::set_str(&d, key, value);
        set("__module__", intern::name("ast"))?;
        set("__doc__", str::from_str(&doc(name, text))?)?;
        let field_names = names(fields.iter().map(|f| f.name))?;
        set("_fields", field_names.clone())?;
        set("__match_args__", field_names)?;
        // Members of a sum inherit its position.
        if base_name == "AST" {
            set(
                "_attributes",
                if placed {
                    names(POSITION.into_iter())?
                } else {
                    empty.clone()
                },
            )?;
            if placed && !matches!(name, "pattern" | "type_param") {
                set("end_lineno", s::none())?;
                set("end_col_offset", s::none())?;
            }
        }
        for f in fields.iter().filter(|f| f.optional) {
            set(f.name, s::none())?;
        }
        let args = [intern::name(name), pack([base])?, d];
        let object = protocol::call(cx, &s::TYPE.object(), &args)?;
        skein_gc::publish::publish(object.value());
        out.by_object.insert(object.value().0, name);
        let single = if fields.is_empty() && !placed && base_name != "AST" {
            let r = protocol::call0(cx, &object)?;
            skein_gc::publish::publish(r.value());
            Some(r)
        } else {
            None
        };
        let class = Class {
            name,
            base: base_name,
            fields,
            placed,
            object,
            single,
        };
        out.by_name.insert(name, class);
    }
    for class in out.by_name.values() {
        if is_sum(class.name) {
            continue;
        }
        let d = dict::new()?;
        for f in &class.fields {
            dict::set_str(&d, f.name, field_type(cx, &out, f)?)?;
        }
        protocol::setattr(cx, &class.object, &intern::name("_field_types"), &d)?;
        protocol::setattr(cx, &class.object, &intern::name("__annotations__"), &d)?;
    }
    Ok(out)
}

fn field_type(cx: &Context, all: &Classes, f: &Spec) -> Result<Ref> {
    let plain = |t: &'static Type| t.object();
    let ty = match f.ty {
        "identifier" | "string" => plain(&s::STR),
        "int" => plain(&s::INT),
        "constant" => plain(&s::OBJECT),
        name => all.get(name).map_or_else(|| plain(&s::OBJECT), |c| c.object.clone()),
    };
    if f.list {
        generic_alias::make(&plain(&s::LIST), &ty)
    } else if f.optional {
        union::or(cx, &ty, &s::none())
    } else {
        Ok(ty)
    }
}
