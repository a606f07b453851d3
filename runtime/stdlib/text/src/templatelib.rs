//! `_templatelib`: template strings (PEP 750).

use skein_gc::Slot;
use skein_object::error::{Result, type_error, value_error};
use skein_object::intern;
use skein_object::layouts::{StrBody, str, tuple};
use skein_object::native::ModuleDef;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::{BinaryOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, row, statics as s};
use skein_stdlib_support::{add_type, bind, body, class_of, import_attr, itself, no_keywords, pack, repr_text};
use skein_text::StrBuf;
use skein_types::startup::{GetSet, TypeDef, getset, member};
use skein_types::type_::generic_alias::class_getitem;
use std::sync::atomic::{AtomicUsize, Ordering};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_templatelib",
    doc: "",
    functions: &[],
    init,
};

/// One string more than interpolations.
pub struct TemplateBody {
    /// Tuple.
    strings: Ref,
    /// Tuple.
    interpolations: Ref,
}
payload!(TemplateBody, "string.templatelib.Template", |this, v| {
    v.reference(&this.strings);
    v.reference(&this.interpolations);
});

pub struct InterpolationBody {
    value: Ref,
    expression: Ref,
    conversion: Ref,
    format_spec: Ref,
}
payload!(InterpolationBody, "string.templatelib.Interpolation", |this, v| {
    v.reference(&this.value);
    v.reference(&this.expression);
    v.reference(&this.conversion);
    v.reference(&this.format_spec);
});

pub struct IterBody {
    template: Slot,
    /// Twice the number of the string, plus one for the interpolation behind it.
    place: AtomicUsize,
}
payload!(IterBody, "string.templatelib.TemplateIter", |this, v| {
    v.slot(&this.template)
});

static TEMPLATE: Type = Type::declare(
    "string.templatelib.Template",
    Some(&s::OBJECT),
    <TemplateBody as Payload>::LAYOUT,
    0,
);
static INTERPOLATION: Type = Type::declare(
    "string.templatelib.Interpolation",
    Some(&s::OBJECT),
    <InterpolationBody as Payload>::LAYOUT,
    0,
);
static TEMPLATE_ITER: Type = Type::declare(
    "string.templatelib.TemplateIter",
    Some(&s::OBJECT),
    <IterBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

fn init(_: &Context, module: &Ref) -> Result<()> {
    add_type(
        module,
        &TypeDef {
            slots: template_slots,
            methods: TEMPLATE_METHODS,
            getset: TEMPLATE_GETSET,
            doc: "Template object",
            ..TypeDef::new(&TEMPLATE)
        },
    )?;
    add_type(
        module,
        &TypeDef {
            slots: interpolation_slots,
            methods: INTERPOLATION_METHODS,
            getset: INTERPOLATION_GETSET,
            doc: "Interpolation object",
            ..TypeDef::new(&INTERPOLATION)
        },
    )?;
    let names: Result<Vec<Ref>> = ["value", "expression", "conversion", "format_spec"]
        .iter()
        .map(|n| Ok(intern::name(n)))
        .collect();
    INTERPOLATION.set_own(&intern::name("__match_args__"), tuple::new(names?)?);
    add_type(
        module,
        &TypeDef {
            slots: iter_slots,
            ..TypeDef::new(&TEMPLATE_ITER)
        },
    )
}

/// Two strings as one.
fn joined(a: &Ref, b: &Ref) -> Result<Ref> {
    let mut out = StrBuf::new();
    for r in [a, b] {
        if let Some(t) = r.body::<StrBody>() {
            out.push_view(t.view());
        }
    }
    str::from_buf(out)
}

fn make(strings: Vec<Ref>, interpolations: Vec<Ref>) -> Result<Ref> {
    alloc(
        &TEMPLATE,
        TemplateBody {
            strings: tuple::new(strings)?,
            interpolations: tuple::new(interpolations)?,
        },
    )
}

fn new_template(_: &Context, _: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    if !no_keywords(names) {
        return Err(type_error("Template.__new__ only accepts *args arguments"));
    }
    let (mut strings, mut interpolations) = (Vec::new(), Vec::new());
    let mut pending: Option<Ref> = None;
    for a in args {
        if str::is_str(a) {
            pending = Some(match pending {
                None => a.clone(),
                Some(p) => joined(&p, a)?,
            });
        } else if a.is_exact(&INTERPOLATION) {
            strings.push(pending.take().unwrap_or_else(s::empty_str));
            interpolations.push(a.clone());
        } else {
            return Err(type_error(format!(
                "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {}",
                a.ty().name()
            )));
        }
    }
    strings.push(pending.unwrap_or_else(s::empty_str));
    make(strings, interpolations)
}

fn of(r: &Ref) -> Result<&TemplateBody> {
    body::<TemplateBody>(r)
}

fn items(r: &Ref) -> &[Ref] {
    tuple::items(r).unwrap_or(&[])
}

fn repr_template(cx: &Context, r: &Ref) -> Result<Ref> {
    let t = of(r)?;
    str::from_str(&format!(
        "{}(strings={}, interpolations={})",
        r.ty().short_name(),
        repr_text(cx, &t.strings)?,
        repr_text(cx, &t.interpolations)?
    ))
}

fn add(_: &Context, a: &Ref, b: &Ref) -> Result<Ref> {
    let Some(x) = a.body::<TemplateBody>() else {
        return Ok(s::not_implemented());
    };
    let Some(y) = b.body::<TemplateBody>() else {
        return Err(type_error(format!(
            "can only concatenate string.templatelib.Template (not \"{}\") to string.templatelib.Template",
            b.ty().name()
        )));
    };
    let mut strings = items(&x.strings).to_vec();
    let mut rest = items(&y.strings).iter();
    if let (Some(last), Some(first)) = (strings.last_mut(), rest.next()) {
        *last = joined(last, first)?;
    }
    strings.extend(rest.cloned());
    let mut interpolations = items(&x.interpolations).to_vec();
    interpolations.extend_from_slice(items(&y.interpolations));
    make(strings, interpolations)
}

fn iter(_: &Context, r: &Ref) -> Result<Ref> {
    alloc(
        &TEMPLATE_ITER,
        IterBody {
            template: Slot::new(r.clone()),
            place: AtomicUsize::new(0),
        },
    )
}

fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<IterBody>(it)?;
    let Some(t) = b.template.get() else {
        return Ok(None);
    };
    let t = of(&t)?;
    loop {
        // Relaxed: a place; both tuples check it.
        let place = b.place.fetch_add(1, Ordering::Relaxed);
        let found = if place % 2 == 0 {
            items(&t.strings).get(place / 2)
        } else {
            items(&t.interpolations).get(place / 2)
        };
        match found {
            None => {
                b.place.store(place, Ordering::Relaxed);
                return Ok(None);
            }
            // Empty strings are left out.
            Some(x) if x.body::<StrBody>().is_some_and(StrBody::is_empty) => {}
            Some(x) => return Ok(Some(x.clone())),
        }
    }
}

fn reduce_template(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let f = import_attr(cx, "string.templatelib", "_template_unpickle")?;
    let t = of(a.at(0))?;
    pack([f, pack([t.strings.clone(), t.interpolations.clone()])?])
}

fn strings(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.strings.clone())
}

fn interpolations(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.interpolations.clone())
}

fn values(_: &Context, r: &Ref) -> Result<Ref> {
    let list: Result<Vec<Ref>> = items(&of(r)?.interpolations)
        .iter()
        .map(|i| Ok(body::<InterpolationBody>(i)?.value.clone()))
        .collect();
    tuple::new(list?)
}

fn template_slots(t: &Slots) {
    t.new.set(Some(new_template));
    t.repr.set(Some(repr_template));
    t.iter.set(Some(iter));
    t.binary[BinaryOp::Add as usize].set(Some(add));
}

fn iter_slots(t: &Slots) {
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

static TEMPLATE_METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce_template, ""),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];
static TEMPLATE_GETSET: &[GetSet] = &[
    member("strings", strings).doc("Strings"),
    member("interpolations", interpolations).doc("Interpolations"),
    getset("values", values).doc("Values of interpolations"),
];

static NEW_INTERPOLATION: Row = row!(
    "Interpolation(cls, value, expression='', conversion=None, format_spec='')",
    new_interpolation_row,
    ""
);

fn new_interpolation(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW_INTERPOLATION, class, args, names)
}

fn new_interpolation_row(_: &Context, a: Args<'_>) -> Result<Ref> {
    let text = |i: usize, name: &str| match a.opt(i) {
        None => Ok(s::empty_str()),
        Some(r) if str::is_str(r) => Ok(r.clone()),
        Some(r) => Err(type_error(format!(
            "Interpolation() argument '{name}' must be str, not {}",
            r.ty().name()
        ))),
    };
    let conversion = match a.opt_not_none(3) {
        None => s::none(),
        Some(r) if !str::is_str(r) => {
            return Err(type_error(format!(
                "Interpolation() argument 'conversion' must be str, not {}",
                r.ty().name()
            )));
        }
        Some(r) if ["s", "a", "r"].contains(&str::text(r).as_str()) => r.clone(),
        Some(_) => {
            return Err(value_error(
                "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'",
            ));
        }
    };
    alloc(
        class_of(a.at(0))?,
        InterpolationBody {
            value: a.at(1).clone(),
            expression: text(2, "expression")?,
            conversion,
            format_spec: text(4, "format_spec")?,
        },
    )
}

fn part(r: &Ref) -> Result<&InterpolationBody> {
    body::<InterpolationBody>(r)
}

fn repr_interpolation(cx: &Context, r: &Ref) -> Result<Ref> {
    let b = part(r)?;
    str::from_str(&format!(
        "{}({}, {}, {}, {})",
        r.ty().short_name(),
        repr_text(cx, &b.value)?,
        repr_text(cx, &b.expression)?,
        repr_text(cx, &b.conversion)?,
        repr_text(cx, &b.format_spec)?
    ))
}

fn reduce_interpolation(_: &Context, a: Args<'_>) -> Result<Ref> {
    let b = part(a.at(0))?;
    pack([
        a.at(0).ty().object(),
        pack([
            b.value.clone(),
            b.expression.clone(),
            b.conversion.clone(),
            b.format_spec.clone(),
        ])?,
    ])
}

fn interpolation_slots(t: &Slots) {
    t.new.set(Some(new_interpolation));
    t.repr.set(Some(repr_interpolation));
}

static INTERPOLATION_METHODS: &[Row] = &[
    row!("__reduce__(self, /)", reduce_interpolation, ""),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];
static INTERPOLATION_GETSET: &[GetSet] = &[
    member("value", |_, r| Ok(part(r)?.value.clone())).doc("Value"),
    member("expression", |_, r| Ok(part(r)?.expression.clone())).doc("Expression"),
    member("conversion", |_, r| Ok(part(r)?.conversion.clone())).doc("Conversion"),
    member("format_spec", |_, r| Ok(part(r)?.format_spec.clone())).doc("Format specifier"),
];
