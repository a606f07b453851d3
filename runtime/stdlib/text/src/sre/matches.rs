//! `re.Match`.

use super::pattern::of as pattern_of;
use super::run::{Found, Regs};
use super::subject::slice_of;
use super::substitute::{Joined, compile_template};
use super::template::TemplateBody;
use skein_object::error::{Result, index_error};
use skein_object::layouts::{dict, number, str, tuple};
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s};
use skein_stdlib_support::{body, pack, repr_text};
use skein_types::startup::{GetSet, TypeDef, getset, member};
use skein_types::type_::generic_alias::class_getitem;

pub struct MatchBody {
    pattern: Ref,
    string: Ref,
    /// The whole match, then the groups.
    regs: Regs,
    last_index: i64,
    pos: usize,
    endpos: usize,
}
payload!(MatchBody, "re.Match", |this, v| {
    v.reference(&this.pattern);
    v.reference(&this.string);
});

static MATCH: Type = Type::declare(
    "re.Match",
    Some(&s::OBJECT),
    <MatchBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

pub fn make(pattern: &Ref, string: &Ref, found: Found, pos: usize, endpos: usize) -> Result<Ref> {
    alloc(
        &MATCH,
        MatchBody {
            pattern: pattern.clone(),
            string: string.clone(),
            regs: found.regs,
            last_index: found.last_index,
            pos,
            endpos,
        },
    )
}

impl MatchBody {
    /// The text of a group; `None` if it took no part.
    pub fn text(&self, cx: &Context, group: usize) -> Result<Option<Ref>> {
        match self.regs.get(group) {
            Some(Some((a, b))) => slice_of(cx, &self.string, *a, *b).map(Some),
            _ => Ok(None),
        }
    }

    /// The number of a group given by number or name.
    fn index(&self, cx: &Context, key: &Ref) -> Result<usize> {
        let bad = || index_error("no such group");
        let n = if let Some(n) = key.as_int() {
            Some(n)
        } else if number::int_value(key).is_some() || key.ty().slots.index.is_set() {
            let i = protocol::index(cx, key)?;
            number::int_value(&i).and_then(|v| v.to_i64())
        } else {
            let names = &pattern_of(&self.pattern)?.group_index;
            match protocol::getitem(cx, names, key) {
                Ok(v) => number::int_value(&v).and_then(|v| v.to_i64()),
                Err(e) if e.is(&s::KEY_ERROR) || e.is(&s::TYPE_ERROR) => None,
                Err(e) => return Err(e),
            }
        };
        n.and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n < self.regs.len())
            .ok_or_else(bad)
    }

    fn span(&self, cx: &Context, key: Option<&Ref>) -> Result<(i64, i64)> {
        let i = match key {
            Some(k) => self.index(cx, k)?,
            None => 0,
        };
        Ok(match self.regs.get(i) {
            Some(Some((a, b))) => (*a as i64, *b as i64),
            _ => (-1, -1),
        })
    }

    fn or(&self, cx: &Context, group: usize, default: &Ref) -> Result<Ref> {
        Ok(self.text(cx, group)?.unwrap_or_else(|| default.clone()))
    }
}

fn of(r: &Ref) -> Result<&MatchBody> {
    body::<MatchBody>(r)
}

fn group(cx: &Context, a: Args<'_>) -> Result<Ref> {
    groups_of(cx, a.at(0), a.rest(1))
}

/// `group` of positional arguments, after the match.
fn group_quick(cx: &Context, args: &[Ref]) -> Option<Result<Ref>> {
    let (m, groups) = args.split_first()?;
    Some(groups_of(cx, m, groups))
}

fn groups_of(cx: &Context, m: &Ref, groups: &[Ref]) -> Result<Ref> {
    let m = of(m)?;
    let one = |k: &Ref| m.or(cx, m.index(cx, k)?, &s::none());
    match groups {
        [] => m.or(cx, 0, &s::none()),
        [k] => one(k),
        many => tuple::new(many.iter().map(one).collect::<Result<_>>()?),
    }
}

fn getitem(cx: &Context, r: &Ref, key: &Ref) -> Result<Ref> {
    let m = of(r)?;
    m.or(cx, m.index(cx, key)?, &s::none())
}

fn groups(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let m = of(a.at(0))?;
    let none = s::none();
    let default = a.opt(1).unwrap_or(&none);
    match m.regs.len() {
        2 => tuple::single(m.or(cx, 1, default)?),
        3 => tuple::pair(m.or(cx, 1, default)?, m.or(cx, 2, default)?),
        n => {
            let items: Result<Vec<Ref>> = (1..n).map(|i| m.or(cx, i, default)).collect();
            tuple::new(items?)
        }
    }
}

fn groupdict(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let m = of(a.at(0))?;
    let default = a.opt(1).cloned().unwrap_or_else(s::none);
    let d = dict::new()?;
    for (name, index) in dict::entries(&pattern_of(&m.pattern)?.group_index) {
        let value = m.or(cx, m.index(cx, &index)?, &default)?;
        dict::set_name(&d, &name, value)?;
    }
    Ok(d)
}

fn start(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::int(of(a.at(0))?.span(cx, a.opt(1))?.0)
}

fn end(cx: &Context, a: Args<'_>) -> Result<Ref> {
    number::int(of(a.at(0))?.span(cx, a.opt(1))?.1)
}

fn span(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (x, y) = of(a.at(0))?.span(cx, a.opt(1))?;
    pack([number::int(x)?, number::int(y)?])
}

fn expand(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let m = of(a.at(0))?;
    let t = compile_template(cx, &m.pattern, a.at(1))?;
    let Some(b) = t.body::<TemplateBody>() else {
        return Ok(t);
    };
    if b.rest.is_empty() {
        return Ok(b.first.clone());
    }
    let mut out = Joined::new(str::is_str(&m.string));
    for (i, r) in b.expand(cx, m)?.iter().enumerate() {
        out.push(cx, i, r)?;
    }
    out.finish()
}

fn itself(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(a.at(0).clone())
}

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let m = of(r)?;
    let (a, b) = m.span(cx, None)?;
    let text = repr_text(cx, &m.or(cx, 0, &s::none())?)?;
    let text: String = text.chars().take(50).collect();
    str::from_str(&format!(
        "<{} object; span=({a}, {b}), match={text}>",
        skein_stdlib_support::full_name(r.ty())
    ))
}

fn slots(t: &Slots) {
    t.repr.set(Some(repr));
    t.getitem.set(Some(getitem));
}

fn string(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.string.clone())
}

fn re(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.pattern.clone())
}

fn pos(_: &Context, r: &Ref) -> Result<Ref> {
    number::int_from_usize(of(r)?.pos)
}

fn endpos(_: &Context, r: &Ref) -> Result<Ref> {
    number::int_from_usize(of(r)?.endpos)
}

fn lastindex(_: &Context, r: &Ref) -> Result<Ref> {
    match of(r)?.last_index {
        n if n >= 0 => number::int(n),
        _ => Ok(s::none()),
    }
}

fn lastgroup(_: &Context, r: &Ref) -> Result<Ref> {
    let m = of(r)?;
    let names = &pattern_of(&m.pattern)?.index_group;
    Ok(usize::try_from(m.last_index)
        .ok()
        .and_then(|i| tuple::items(names)?.get(i).cloned())
        .unwrap_or_else(s::none))
}

fn regs(cx: &Context, r: &Ref) -> Result<Ref> {
    let m = of(r)?;
    let items: Result<Vec<Ref>> = (0..m.regs.len())
        .map(|i| {
            let (a, b) = m.span(cx, Some(&number::int_from_usize(i)?))?;
            pack([number::int(a)?, number::int(b)?])
        })
        .collect();
    tuple::new(items?)
}

static GETSET: &[GetSet] = &[
    member("string", string).doc("The string passed to match() or search()."),
    member("re", re).doc("The regular expression object."),
    member("pos", pos).doc("The index into the string at which the RE engine started looking for a match."),
    member("endpos", endpos).doc("The index into the string beyond which the RE engine will not go."),
    getset("lastindex", lastindex).doc("The integer index of the last matched capturing group."),
    getset("lastgroup", lastgroup).doc("The name of the last matched capturing group."),
    getset("regs", regs),
];

static METHODS: &[Row] = &[
    row!(
        "group(self, /, *groups)",
        group,
        "group([group1, ...]) -> str or tuple.\n\nReturn subgroup(s) of the match by indices or names.\nFor 0 returns the entire match."
    )
    .quick(group_quick),
    row!(
        "start(self, group=0, /)",
        start,
        "Return index of the start of the substring matched by group."
    ),
    row!(
        "end(self, group=0, /)",
        end,
        "Return index of the end of the substring matched by group."
    ),
    row!(
        "span(self, group=0, /)",
        span,
        "For match object m, return the 2-tuple (m.start(group), m.end(group))."
    ),
    row!(
        "groups(self, /, default=None)",
        groups,
        "Return a tuple containing all the subgroups of the match, from 1.\n\n  default\n    Is used for groups that did not participate in the match."
    ),
    row!(
        "groupdict(self, /, default=None)",
        groupdict,
        "Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name.\n\n  default\n    Is used for groups that did not participate in the match."
    ),
    row!(
        "expand(self, /, template)",
        expand,
        "Return the string obtained by doing backslash substitution on the string template, as done by the sub() method."
    ),
    row!("__copy__(self, /)", itself, ""),
    row!("__deepcopy__(self, memo, /)", itself, ""),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    getset: GETSET,
    doc: "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.",
    ..TypeDef::new(&MATCH)
};
