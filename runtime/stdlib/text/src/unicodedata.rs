//! `unicodedata`, over the tables of `skein-text`.

use skein_object::error::{Result, raise, type_error, value_error};
use skein_object::layouts::{StrBody, number, str};
use skein_object::native::{ModuleDef, NativeFn};
use skein_object::object::RefExt;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, dict, row, statics as s};
use skein_stdlib_support::add_type;
use skein_text::unicode::{chars, data, names, normalize as forms};
use skein_types::startup::{GetSet, TypeDef, getset};

pub static MODULE: ModuleDef = ModuleDef {
    name: "unicodedata",
    doc: "This module provides access to the Unicode Character Database which\ndefines character properties for all Unicode characters. The data in\nthis database is based on the UnicodeData.txt file version\n16.0.0 which is publicly available from the Unicode Consortium\nat https://www.unicode.org/Public/16.0.0/ucd/UnicodeData.txt.\n\nThe module uses the same names and symbols as defined by the\nUnicodeData File Format 16.0.0.",
    functions: FUNCTIONS,
    init,
};

static UCD: Type = Type::declare(
    "unicodedata.UCD",
    Some(&s::OBJECT),
    <() as Payload>::LAYOUT,
    flag::NO_NEW,
);

fn init(_: &Context, module: &Ref) -> Result<()> {
    add_type(
        module,
        &TypeDef {
            methods: METHODS,
            getset: GETSET,
            ..TypeDef::new(&UCD)
        },
    )?;
    dict::set_str(module, "unidata_version", str::from_str("16.0.0")?)?;
    // The database of 3.2.0 answers as the present one: its characters have kept their properties but for a few.
    dict::set_str(module, "ucd_3_2_0", skein_object::object::alloc(&UCD, ())?)
}

fn old_version(_: &Context, _: &Ref) -> Result<Ref> {
    str::from_str("3.2.0")
}

static GETSET: &[GetSet] = &[getset("unidata_version", old_version)];

/// The character that an argument is.
fn character(r: &Ref, function: &str, number: &str) -> Result<u32> {
    match r.body::<StrBody>() {
        Some(b) if b.len() == 1 => Ok(b.view().get(0).unwrap_or(0)),
        Some(b) => Err(type_error(format!(
            "{function}(): argument{number} must be a unicode character, not a string of length {}",
            b.len()
        ))),
        None => Err(type_error(format!(
            "{function}() argument{number} must be a unicode character, not {}",
            r.ty().name()
        ))),
    }
}

fn text<'a>(r: &'a Ref, function: &str, n: u32) -> Result<&'a StrBody> {
    r.body::<StrBody>()
        .ok_or_else(|| type_error(format!("{function}() argument {n} must be str, not {}", r.ty().name())))
}

fn or_default(found: Option<Result<Ref>>, default: Option<&Ref>, message: &str) -> Result<Ref> {
    match (found, default) {
        (Some(r), _) => r,
        (None, Some(d)) => Ok(d.clone()),
        (None, None) => Err(value_error(message)),
    }
}

fn decimal(_: &Context, a: Args<'_>) -> Result<Ref> {
    let c = character(a.at(0), "decimal", " 1")?;
    let found = chars::to_decimal(c).map(|n| number::int(i64::from(n)));
    or_default(found, a.opt(1), "not a decimal")
}

fn digit(_: &Context, a: Args<'_>) -> Result<Ref> {
    let c = character(a.at(0), "digit", " 1")?;
    let found = chars::to_digit(c).map(|n| number::int(i64::from(n)));
    or_default(found, a.opt(1), "not a digit")
}

fn numeric(_: &Context, a: Args<'_>) -> Result<Ref> {
    let c = character(a.at(0), "numeric", " 1")?;
    or_default(data::numeric(c).map(number::float), a.opt(1), "not a numeric character")
}

fn category(_: &Context, a: Args<'_>) -> Result<Ref> {
    str::from_str(data::category(character(a.at(0), "category", "")?))
}

fn bidirectional(_: &Context, a: Args<'_>) -> Result<Ref> {
    str::from_str(data::bidirectional(character(a.at(0), "bidirectional", "")?))
}

fn combining(_: &Context, a: Args<'_>) -> Result<Ref> {
    let c = character(a.at(0), "combining", "")?;
    number::int(i64::from(data::combining(c)))
}

fn mirrored(_: &Context, a: Args<'_>) -> Result<Ref> {
    let c = character(a.at(0), "mirrored", "")?;
    number::int(i64::from(data::mirrored(c)))
}

fn east_asian_width(_: &Context, a: Args<'_>) -> Result<Ref> {
    let c = character(a.at(0), "east_asian_width", "")?;
    str::from_str(data::east_asian_width(c))
}

fn decomposition(_: &Context, a: Args<'_>) -> Result<Ref> {
    let c = character(a.at(0), "decomposition", "")?;
    str::from_str(&data::decomposition(c))
}

fn name(_: &Context, a: Args<'_>) -> Result<Ref> {
    let c = character(a.at(0), "name", " 1")?;
    or_default(names::name(c).map(|n| str::from_str(&n)), a.opt(1), "no such name")
}

fn lookup(_: &Context, a: Args<'_>) -> Result<Ref> {
    let wanted = str::text(a.at(0));
    text(a.at(0), "lookup", 1)?;
    match names::lookup(&wanted) {
        Some(b) => str::from_buf(b),
        None => Err(raise(&s::KEY_ERROR, format!("undefined character name '{wanted}'"))),
    }
}

fn form(r: &Ref, function: &str) -> Result<forms::Form> {
    text(r, function, 1)?;
    forms::Form::from_name(&str::text(r)).ok_or_else(|| value_error("invalid normalization form"))
}

fn normalize(_: &Context, a: Args<'_>) -> Result<Ref> {
    let input = text(a.at(1), "normalize", 2)?;
    if input.is_ascii() && a.at(1).is_exact(&s::STR) {
        form(a.at(0), "normalize")?;
        return Ok(a.at(1).clone());
    }
    str::from_buf(forms::normalize(form(a.at(0), "normalize")?, input.view()))
}

fn is_normalized(_: &Context, a: Args<'_>) -> Result<Ref> {
    let input = text(a.at(1), "is_normalized", 2)?;
    let f = form(a.at(0), "is_normalized")?;
    Ok(number::bool(forms::is_normalized(f, input.view())))
}

/// The rows of the module, and the same as methods, whose first argument is the database.
macro_rules! rows {
    ($($signature:literal $method:literal $f:ident $m:ident $doc:literal;)*) => {
        static FUNCTIONS: &[Row] = &[$(row!($signature, $f, $doc)),*];
        static METHODS: &[Row] = &[$(row!($method, $m, $doc)),*];
        $(fn $m(cx: &Context, a: Args<'_>) -> Result<Ref> {
            without_receiver(cx, a, $f)
        })*
    };
}

fn without_receiver(cx: &Context, a: Args<'_>, f: NativeFn) -> Result<Ref> {
    let rest: Vec<Option<Ref>> = (1..a.len()).map(|i| a.opt(i).cloned()).collect();
    f(cx, Args::new(&rest))
}

rows! {
    "decimal(chr, default=None, /)" "decimal(self, chr, default=None, /)" decimal m_decimal "Converts a Unicode character into its equivalent decimal value.\n\nReturns the decimal value assigned to the Unicode character unichr\nas integer. If no such value is defined, default is returned, or, if\nnot given, ValueError is raised.";
    "digit(chr, default=None, /)" "digit(self, chr, default=None, /)" digit m_digit "Converts a Unicode character into its equivalent digit value.\n\nReturns the digit value assigned to the Unicode character unichr as\ninteger. If no such value is defined, default is returned, or, if\nnot given, ValueError is raised.";
    "numeric(chr, default=None, /)" "numeric(self, chr, default=None, /)" numeric m_numeric "Converts a Unicode character into its equivalent numeric value.\n\nReturns the numeric value assigned to the Unicode character unichr\nas float. If no such value is defined, default is returned, or, if\nnot given, ValueError is raised.";
    "category(chr, /)" "category(self, chr, /)" category m_category "Returns the general category assigned to the Unicode character unichr as string.";
    "bidirectional(chr, /)" "bidirectional(self, chr, /)" bidirectional m_bidirectional "Returns the bidirectional class assigned to the Unicode character unichr as string.\n\nIf no such value is defined, an empty string is returned.";
    "combining(chr, /)" "combining(self, chr, /)" combining m_combining "Returns the canonical combining class assigned to the Unicode character unichr as integer.\n\nReturns 0 if no combining class is defined.";
    "mirrored(chr, /)" "mirrored(self, chr, /)" mirrored m_mirrored "Returns the mirrored property assigned to the Unicode character unichr as integer.\n\nReturns 1 if the character has been identified as a \"mirrored\"\ncharacter in bidirectional text, 0 otherwise.";
    "east_asian_width(chr, /)" "east_asian_width(self, chr, /)" east_asian_width m_east_asian_width "Returns the east asian width assigned to the Unicode character unichr as string.";
    "decomposition(chr, /)" "decomposition(self, chr, /)" decomposition m_decomposition "Returns the character decomposition mapping assigned to the Unicode character unichr as string.\n\nAn empty string is returned in case no such mapping is defined.";
    "name(chr, default=None, /)" "name(self, chr, default=None, /)" name m_name "Returns the name assigned to the character chr as a string.\n\nIf no name is defined, default is returned, or, if not given,\nValueError is raised.";
    "lookup(name, /)" "lookup(self, name, /)" lookup m_lookup "Look up character by name.\n\nIf a character with the given name is found, return the\ncorresponding character.  If not found, KeyError is raised.";
    "normalize(form, unistr, /)" "normalize(self, form, unistr, /)" normalize m_normalize "Return the normal form 'form' for the Unicode string unistr.\n\nValid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.";
    "is_normalized(form, unistr, /)" "is_normalized(self, form, unistr, /)" is_normalized m_is_normalized "Return whether the Unicode string unistr is in the normal form 'form'.\n\nValid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.";
}
