//! Replacement templates: literals with groups between them.

use super::matches::MatchBody;
use skein_object::error::{Result, type_error};
use skein_object::layouts::{BytesBody, StrBody, number};
use skein_object::object::{RefExt, alloc};
use skein_object::types::{Type, flag};
use skein_object::{Context, Payload, Ref, payload, statics as s};
use skein_types::startup::TypeDef;

pub struct TemplateBody {
    pub first: Ref,
    /// Group, and the literal behind it.
    pub rest: Vec<(usize, Ref)>,
}
payload!(TemplateBody, "_sre.SRE_Template", |this, v| {
    v.reference(&this.first);
    for (_, r) in &this.rest {
        v.reference(r);
    }
});

static TEMPLATE: Type = Type::declare(
    "_sre.SRE_Template",
    Some(&s::OBJECT),
    <TemplateBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub static DEF: TypeDef = TypeDef::new(&TEMPLATE);

pub fn make(parts: Vec<Ref>, groups: usize) -> Result<Ref> {
    let bad = || type_error("invalid template");
    let mut parts = parts.into_iter();
    let first = parts.next().ok_or_else(bad)?;
    let mut rest = Vec::new();
    while let Some(index) = parts.next() {
        let n = number::int_value(&index).and_then(|v| v.to_i64()).ok_or_else(bad)?;
        let n = usize::try_from(n).ok().filter(|n| *n <= groups).ok_or_else(bad)?;
        let literal = parts.next().unwrap_or_else(s::empty_str);
        rest.push((n, literal));
    }
    alloc(&TEMPLATE, TemplateBody { first, rest })
}

fn is_empty(r: &Ref) -> bool {
    r.body::<StrBody>().is_some_and(StrBody::is_empty) || r.body::<BytesBody>().is_some_and(BytesBody::is_empty)
}

impl TemplateBody {
    /// The pieces that a match gives; groups that took no part are left out.
    pub fn expand(&self, cx: &Context, m: &MatchBody) -> Result<Vec<Ref>> {
        let mut out = Vec::with_capacity(1 + 2 * self.rest.len());
        if !is_empty(&self.first) {
            out.push(self.first.clone());
        }
        for (group, literal) in &self.rest {
            if let Some(text) = m.text(cx, *group)? {
                out.push(text);
            }
            if !is_empty(literal) {
                out.push(literal.clone());
            }
        }
        Ok(out)
    }
}
