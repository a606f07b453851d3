//! `re.Pattern`.

use super::run::{self, Kind};
use super::subject::Subject;
use super::{matches, scanner, substitute};
use num_traits::ToPrimitive;
use skein_object::error::{Result, overflow_error};
use skein_object::intern::names;
use skein_object::layouts::number::{self, IntValue};
use skein_object::layouts::{StrBody, list, str};
use skein_object::object::RefExt;
use skein_object::slots::{CompareOp, Slots};
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s, tuple};
use skein_stdlib_support::{body, repr_text, ssize};
use skein_types::startup::{GetSet, TypeDef, getset, member};
use skein_types::type_::generic_alias::class_getitem;

pub struct PatternBody {
    pub source: Ref,
    pub flags: i64,
    pub codes: Box<[u32]>,
    pub groups: usize,
    /// Dict from names to numbers.
    pub group_index: Ref,
    /// Tuple of names by number.
    pub index_group: Ref,
    /// `None`: either kind of subject will do.
    pub of_bytes: Option<bool>,
}
payload!(PatternBody, "re.Pattern", |this, v| {
    v.reference(&this.source);
    v.reference(&this.group_index);
    v.reference(&this.index_group);
});

pub static PATTERN: Type = Type::declare(
    "re.Pattern",
    Some(&s::OBJECT),
    <PatternBody as Payload>::LAYOUT,
    flag::WEAKREFABLE | flag::NO_NEW,
);

pub fn of(r: &Ref) -> Result<&PatternBody> {
    body::<PatternBody>(r)
}

/// A position argument, cut to the subject.
fn position(cx: &Context, r: Option<&Ref>, default: usize, len: usize) -> Result<usize> {
    let Some(r) = r else {
        return Ok(default.min(len));
    };
    let i = protocol::index(cx, r)?;
    Ok(match number::int_value(&i) {
        Some(IntValue::Small(n)) => usize::try_from(n).unwrap_or(0).min(len),
        Some(IntValue::Big(b)) => match b.to_i64() {
            Some(n) => usize::try_from(n).unwrap_or(0).min(len),
            None => {
                return Err(overflow_error("Python int too large to convert to C ssize_t"));
            }
        },
        None => 0,
    })
}

/// Subject, start and end from the arguments `string, pos, endpos`.
pub fn subject(cx: &Context, p: &PatternBody, a: Args<'_>) -> Result<(Subject, usize, usize)> {
    let s = Subject::new(cx, a.at(1), p)?;
    let start = position(cx, a.opt(2), 0, s.len())?;
    let end = position(cx, a.opt(3), usize::MAX, s.len())?;
    Ok((s, start, end))
}

fn one(cx: &Context, a: Args<'_>, kind: Kind) -> Result<Ref> {
    let p = of(a.at(0))?;
    if let Some(b) = a.at(1).body::<StrBody>()
        && p.of_bytes != Some(true)
        && a.opt(2).is_none()
        && a.opt(3).is_none()
    {
        // The argument outlives the match.
        let len = b.len();
        return match run::once_in(b.view(), p, kind, len) {
            Some(found) => matches::make(a.at(0), a.at(1), found, 0, len),
            None => Ok(s::none()),
        };
    }
    let (s, start, end) = subject(cx, p, a)?;
    match run::once(&s, p, kind, start, end, false) {
        Some(found) => matches::make(a.at(0), &s.object, found, start, end),
        None => Ok(s::none()),
    }
}

fn match_(cx: &Context, a: Args<'_>) -> Result<Ref> {
    one(cx, a, Kind::Match)
}

fn fullmatch(cx: &Context, a: Args<'_>) -> Result<Ref> {
    one(cx, a, Kind::FullMatch)
}

fn search(cx: &Context, a: Args<'_>) -> Result<Ref> {
    one(cx, a, Kind::Search)
}

/// Items that `findall` and `split` have room for at first.
const ROOM: usize = 4;

fn findall(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = of(a.at(0))?;
    let (s, start, end) = subject(cx, p, a)?;
    let out = list::with_capacity(ROOM)?;
    run::each(&s, p, start, end, |m| {
        let group = |g: &Option<(usize, usize)>| match g {
            Some((a, b)) => s.slice(*a, *b),
            None => Ok(s.empty()),
        };
        let item = match m.groups() {
            [] => s.slice(m.start, m.end)?,
            [one] => group(one)?,
            [one, two] => tuple::pair(group(one)?, group(two)?)?,
            all => tuple::new(all.iter().map(group).collect::<Result<_>>()?)?,
        };
        list::push(&out, item)?;
        Ok(true)
    })?;
    Ok(out)
}

fn split(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let p = of(a.at(0))?;
    let s = Subject::new(cx, a.at(1), p)?;
    let max = match a.opt(2) {
        Some(n) => ssize(cx, n)?,
        None => 0,
    };
    let out = list::with_capacity(ROOM)?;
    let mut last = 0;
    if max >= 0 {
        let mut n = 0;
        run::each(&s, p, 0, s.len(), |m| {
            list::push(&out, s.slice(last, m.start)?)?;
            for g in m.groups() {
                let text = match g {
                    Some((a, b)) => s.slice(*a, *b)?,
                    None => s::none(),
                };
                list::push(&out, text)?;
            }
            last = m.end;
            n += 1;
            Ok(max == 0 || n < max)
        })?;
    }
    list::push(&out, s.slice(last, s.len())?)?;
    Ok(out)
}

fn finditer(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let sc = scanner_(cx, a)?;
    // As CPython: a callable iterator that ends at None.
    skein_types::iterators::callable::make(&protocol::getattr(cx, &sc, names::search())?, &s::none())
}

fn scanner_(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (s, start, end) = subject(cx, of(a.at(0))?, a)?;
    scanner::make(a.at(0), s, start, end)
}

fn sub(cx: &Context, a: Args<'_>) -> Result<Ref> {
    substitute::sub(cx, a).map(|(text, _)| text)
}

fn subn(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (text, n) = substitute::sub(cx, a)?;
    skein_stdlib_support::pack([text, number::int(n)?])
}

fn itself(_: &Context, a: Args<'_>) -> Result<Ref> {
    Ok(a.at(0).clone())
}

const FLAGS: [(&str, i64); 8] = [
    ("re.IGNORECASE", 2),
    ("re.LOCALE", 4),
    ("re.MULTILINE", 8),
    ("re.DOTALL", 16),
    ("re.VERBOSE", 64),
    ("re.DEBUG", 128),
    ("re.ASCII", 256),
    ("re.UNICODE", 32),
];

fn repr(cx: &Context, r: &Ref) -> Result<Ref> {
    let p = of(r)?;
    let mut flags = p.flags;
    // What str patterns have unless they say otherwise is not shown.
    if p.of_bytes == Some(false) && flags & (4 | 32 | 256) == 32 {
        flags &= !32;
    }
    let mut names = Vec::new();
    for (name, bit) in FLAGS {
        if flags & bit != 0 {
            names.push(name.to_owned());
            flags &= !bit;
        }
    }
    if flags != 0 {
        names.push(format!("{flags:#x}"));
    }
    let source: String = repr_text(cx, &p.source)?.chars().take(200).collect();
    let flags = if names.is_empty() {
        String::new()
    } else {
        format!(", {}", names.join("|"))
    };
    str::from_str(&format!("re.compile({source}{flags})"))
}

fn compare(cx: &Context, a: &Ref, b: &Ref, op: CompareOp) -> Result<Ref> {
    let (Some(x), Some(y)) = (a.body::<PatternBody>(), b.body::<PatternBody>()) else {
        return Ok(s::not_implemented());
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(s::not_implemented());
    }
    let same = a.is(b)
        || x.flags == y.flags
            && x.of_bytes == y.of_bytes
            && x.codes == y.codes
            && protocol::equal(cx, &x.source, &y.source)?;
    Ok(number::bool(same == (op == CompareOp::Eq)))
}

fn hash(cx: &Context, r: &Ref) -> Result<i64> {
    let p = of(r)?;
    let codes: Vec<u8> = p.codes.iter().flat_map(|c| c.to_ne_bytes()).collect();
    let h = protocol::hash(cx, &p.source)? ^ str_hash(&codes) ^ p.flags ^ p.groups as i64;
    Ok(if h == -1 { -2 } else { h })
}

fn str_hash(b: &[u8]) -> i64 {
    skein_object::layouts::str::hash_bytes(b)
}

fn slots(t: &Slots) {
    t.repr.set(Some(repr));
    t.compare.set(Some(compare));
    t.hash.set(Some(hash));
}

fn source(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(of(r)?.source.clone())
}

fn flags(_: &Context, r: &Ref) -> Result<Ref> {
    number::int(of(r)?.flags)
}

fn groups(_: &Context, r: &Ref) -> Result<Ref> {
    number::int_from_usize(of(r)?.groups)
}

fn groupindex(cx: &Context, r: &Ref) -> Result<Ref> {
    let d = &of(r)?.group_index;
    let proxy = skein_stdlib_support::import_attr(cx, "types", "MappingProxyType");
    match proxy {
        Ok(p) => protocol::call1(cx, &p, d),
        Err(_) => Ok(d.clone()),
    }
}

static GETSET: &[GetSet] = &[
    member("pattern", source).doc("The pattern string from which the RE object was compiled."),
    member("flags", flags).doc("The regex matching flags."),
    member("groups", groups).doc("The number of capturing groups in the pattern."),
    getset("groupindex", groupindex).doc("A dictionary mapping group names to group numbers."),
];

static METHODS: &[Row] = &[
    row!(
        "match(self, /, string, pos=0, endpos=sys.maxsize)",
        match_,
        "Matches zero or more characters at the beginning of the string."
    ),
    row!(
        "fullmatch(self, /, string, pos=0, endpos=sys.maxsize)",
        fullmatch,
        "Matches against all of the string."
    ),
    row!(
        "search(self, /, string, pos=0, endpos=sys.maxsize)",
        search,
        "Scan through string looking for a match, and return a corresponding match object instance.\n\nReturn None if no position in the string matches."
    ),
    row!(
        "findall(self, /, string, pos=0, endpos=sys.maxsize)",
        findall,
        "Return a list of all non-overlapping matches of pattern in string."
    ),
    row!(
        "finditer(self, /, string, pos=0, endpos=sys.maxsize)",
        finditer,
        "Return an iterator over all non-overlapping matches for the RE pattern in string.\n\nFor each match, the iterator returns a match object."
    ),
    row!("scanner(self, /, string, pos=0, endpos=sys.maxsize)", scanner_, ""),
    row!(
        "split(self, /, string, maxsplit=0)",
        split,
        "Split string by the occurrences of pattern."
    ),
    row!(
        "sub(self, /, repl, string, count=0)",
        sub,
        "Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in string by the replacement repl."
    ),
    row!(
        "subn(self, /, repl, string, count=0)",
        subn,
        "Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost non-overlapping occurrences of pattern with the replacement repl."
    ),
    row!("__copy__(self, /)", itself, ""),
    row!("__deepcopy__(self, memo, /)", itself, ""),
    row!(class "__class_getitem__(cls, object, /)", class_getitem, "See PEP 585"),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    methods: METHODS,
    getset: GETSET,
    doc: "Compiled regular expression object.",
    ..TypeDef::new(&PATTERN)
};
