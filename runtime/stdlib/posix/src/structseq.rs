//! Struct sequences: tuples whose items have names, and which may have more named fields than items.
//!
//! The items are the tuple; hidden fields are attributes of the instance.

use parking_lot::RwLock;
use skein_object::error::{Result, type_error};
use skein_object::intern;
use skein_object::native::{self, Args, Row};
use skein_object::object::{Payload, RefExt};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{
    Context, Ref, TupleBody, dict, number, protocol, row, statics as s, str, tuple,
};
use skein_text::StrBuf;
use skein_types::startup::{GetSet, TypeDef, member, ready_type};

/// Declaration of a struct sequence.
pub struct StructSeq {
    pub ty: &'static Type,
    /// Names of the items; with `-` in front where the item has a name in the repr only.
    pub fields: &'static [&'static str],
    /// Fields that are no items.
    pub hidden: &'static [&'static str],
    pub doc: &'static str,
}

/// A static type for a struct sequence without hidden fields.
pub const fn declare(name: &'static str) -> Type {
    Type::declare(
        name,
        Some(&s::TUPLE),
        <TupleBody as Payload>::LAYOUT,
        flag::SEQUENCE,
    )
}

/// A static type for a struct sequence with hidden fields.
pub const fn declare_hidden(name: &'static str) -> Type {
    Type::declare(
        name,
        Some(&s::TUPLE),
        <TupleBody as Payload>::LAYOUT,
        flag::SEQUENCE | flag::HAS_DICT,
    )
}

static ALL: RwLock<Vec<&'static StructSeq>> = RwLock::new(Vec::new());

fn find(ty: &'static Type) -> Result<&'static StructSeq> {
    ALL.read()
        .iter()
        .find(|q| std::ptr::eq(q.ty, ty))
        .copied()
        .ok_or_else(|| type_error("not a struct sequence"))
}

fn item<const N: usize>(_: &Context, r: &Ref) -> Result<Ref> {
    tuple::items(r)
        .and_then(|items| items.get(N))
        .cloned()
        .ok_or_else(|| type_error("field of no struct sequence"))
}

type Getter = fn(&Context, &Ref) -> Result<Ref>;
static ITEMS: [Getter; 20] = [
    item::<0>, item::<1>, item::<2>, item::<3>, item::<4>, item::<5>, item::<6>, item::<7>,
    item::<8>, item::<9>, item::<10>, item::<11>, item::<12>, item::<13>, item::<14>, item::<15>,
    item::<16>, item::<17>, item::<18>, item::<19>,
];

static METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce, ""),
    row!(
        "__replace__(self, /, **changes)",
        replace,
        "Return a copy of the structure with new values for the specified fields."
    ),
];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.repr.set(Some(repr));
}

impl StructSeq {
    /// Completes the type; idempotent.
    ///
    /// # Errors
    /// MemoryError.
    pub fn ready(&'static self) -> Result<()> {
        if ALL.read().iter().any(|q| std::ptr::eq(*q, self)) {
            return Ok(());
        }
        let mut rows: Vec<GetSet> = Vec::new();
        for (name, get) in self.fields.iter().zip(ITEMS) {
            if !name.starts_with('-') {
                rows.push(member(name, get));
            }
        }
        ready_type(&TypeDef {
            slots,
            methods: METHODS,
            getset: Box::leak(rows.into_boxed_slice()),
            doc: self.doc,
            ..TypeDef::new(self.ty)
        })?;
        let unnamed = self.fields.iter().filter(|f| f.starts_with('-')).count();
        let named: Vec<Ref> = self
            .fields
            .iter()
            .filter(|f| !f.starts_with('-'))
            .map(|f| intern::name(f))
            .collect();
        let set = |name: &str, value: Ref| {
            self.ty.set_own(&intern::name(name), value);
        };
        set(
            "n_sequence_fields",
            number::int_from_usize(self.fields.len())?,
        );
        set(
            "n_fields",
            number::int_from_usize(self.fields.len() + self.hidden.len())?,
        );
        set("n_unnamed_fields", number::int_from_usize(unnamed)?);
        set("__match_args__", tuple::new(named)?);
        ALL.write().push(self);
        Ok(())
    }

    /// A new one: items, and the values of the hidden fields.
    ///
    /// # Errors
    /// MemoryError.
    pub fn make(&self, cx: &Context, items: Vec<Ref>, hidden: Vec<Ref>) -> Result<Ref> {
        let r = tuple::from_iter_of(self.ty, items.len(), items.into_iter())?;
        for (name, value) in self.hidden.iter().zip(hidden) {
            set_hidden(cx, &r, name, value)?;
        }
        Ok(r)
    }
}

fn set_hidden(_: &Context, r: &Ref, name: &str, value: Ref) -> Result<()> {
    match r
        .header()
        .and_then(|h| skein_object::instance::Attrs::of(h, r.ty()).map(|attrs| (h, attrs)))
    {
        Some((h, attrs)) => attrs.set(h, &intern::name(name), value),
        None => Err(type_error("struct sequence without fields")),
    }
}

static NEW: Row = row!("structseq(cls, sequence, dict={})", new_row, "");

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let mut all = vec![class.clone()];
    all.extend_from_slice(args);
    native::call(cx, &NEW, &all, names)
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let ty = Type::from_ref(a.at(0)).ok_or_else(|| type_error("a class is wanted"))?;
    let q = find(ty)?;
    if !a.at(1).ty().slots.iter.is_set() && !a.at(1).ty().slots.getitem.is_set() {
        return Err(type_error("constructor requires a sequence"));
    }
    let mut items = protocol::collect(cx, a.at(1))?;
    if let Some(d) = a.opt(2)
        && !d.is_instance(&s::DICT)
    {
        return Err(type_error(format!(
            "{}() takes a dict as second arg, if any",
            ty.name()
        )));
    }
    let (min, max, n) = (q.fields.len(), q.fields.len() + q.hidden.len(), items.len());
    if n < min || n > max {
        let which = match (min == max, n < min) {
            (true, _) => "a",
            (false, true) => "an at least",
            (false, false) => "an at most",
        };
        let want = if n < min { min } else { max };
        return Err(type_error(format!(
            "{}() takes {which} {want}-sequence ({n}-sequence given)",
            ty.name()
        )));
    }
    let mut hidden = items.split_off(min);
    for name in q.hidden.iter().skip(hidden.len()) {
        let given = a
            .opt(2)
            .and_then(|d| dict::get_name(d, &intern::name(name)));
        hidden.push(given.unwrap_or_else(s::none));
    }
    q.make(cx, items, hidden)
}

fn hidden_of(cx: &Context, q: &StructSeq, r: &Ref) -> Result<Vec<(Ref, Ref)>> {
    q.hidden
        .iter()
        .map(|name| {
            let name = intern::name(name);
            let v = protocol::getattr(cx, r, &name)?;
            Ok((name, v))
        })
        .collect()
}

fn reduce(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let q = find(r.ty())?;
    let items = tuple::from_slice(tuple::items(r).unwrap_or(&[]))?;
    let d = dict::new()?;
    for (name, v) in hidden_of(cx, q, r)? {
        dict::set_name(&d, &name, v)?;
    }
    tuple::new(vec![r.ty().object(), tuple::new(vec![items, d])?])
}

fn replace(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let r = a.at(0);
    let q = find(r.ty())?;
    if q.fields.iter().any(|f| f.starts_with('-')) {
        return Err(type_error(format!(
            "__replace__() is not supported for {} because it has unnamed field(s)",
            r.ty().name()
        )));
    }
    let mut items = tuple::items(r).unwrap_or(&[]).to_vec();
    let mut hidden: Vec<Ref> = hidden_of(cx, q, r)?.into_iter().map(|(_, v)| v).collect();
    let mut unknown = Vec::new();
    if let Some(changes) = a.opt(1) {
        for (k, v) in dict::entries(changes) {
            let name = str::text(&k);
            if let Some(i) = q.fields.iter().position(|f| *f == name) {
                items[i] = v;
            } else if let Some(i) = q.hidden.iter().position(|f| *f == name) {
                hidden[i] = v;
            } else {
                unknown.push(k);
            }
        }
    }
    if !unknown.is_empty() {
        let list = skein_object::list::new(unknown)?;
        return Err(type_error(format!(
            "Got unexpected field name(s): {}",
            str::text(&protocol::repr(cx, &list)?)
        )));
    }
    q.make(cx, items, hidden)
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let q = find(r.ty())?;
    let mut out = StrBuf::from(format!("{}(", r.ty().name()).as_str());
    for (i, (name, v)) in q
        .fields
        .iter()
        .zip(tuple::items(r).unwrap_or(&[]))
        .enumerate()
    {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(name.trim_start_matches('-'));
        out.push_str("=");
        let text = protocol::repr(cx, v)?;
        if let Some(t) = text.body::<skein_object::StrBody>() {
            out.push_view(t.view());
        }
    }
    out.push_str(")");
    str::from_buf(out)
}
