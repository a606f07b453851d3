//! Functions and methods written in Rust, as rows of tables.
//!
//! ```ignore
//! static METHODS: &[Row] = &[
//!     row!("append(self, object, /)", append, "Append object to the end of the list."),
//! ];
//! fn append(cx: &Context, a: Args<'_>) -> Result<Ref> { ... a.at(0) is self, a.at(1) is object ... }
//! ```
//!
//! The signature is CPython's text signature; it gives binding, `__text_signature__` and `inspect`. Parameters with a
//! default that the caller leaves out arrive as `None` in [`Args::opt`]; `*args` arrives as a tuple, `**kwargs` as a dict.
//! `$self`/`$module` are written `self`/`module`: a leading `self` is the receiver, a leading `module` is not passed by the
//! caller but bound (it arrives as argument 0 only if the row says `module`). A leading `cls` in a class method row likewise.

use crate::context::Context;
use crate::error::{Result, type_error};
use crate::layouts::{dict, method::NativeBody, str, tuple};
use crate::object::{RefExt, alloc, alloc_immortal, alloc_of_class};
use crate::statics as s;
use crate::types::Type;
use skein_gc::{Ref, Value};
use std::mem::ManuallyDrop;

/// The Rust function of a row.
pub type NativeFn = fn(&Context, Args<'_>) -> Result<Ref>;

/// How a row of a type is bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Method,
    Class,
    Static,
}

/// One native function.
pub struct Row {
    pub signature: &'static str,
    pub doc: &'static str,
    pub function: NativeFn,
    pub kind: Kind,
    pub shape: Shape,
    /// Tried first where all arguments are positional, without binding; `None` if it does not know the case.
    pub quick: Option<fn(&Context, &[Ref]) -> Option<Result<Ref>>>,
    /// For the few functions that the compiler knows.
    pub known: Option<Known>,
    /// Finds what `function` would give, where that is an argument, a reference in some field, or needs no count, and takes no
    /// Python code, no poll and no dropping; null if it does not know. The machine asks it first, to write a shared result to a register without counting it.
    pub peek: Option<fn(&[Ref]) -> Value>,
}

/// Functions that instructions ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    Any,
    All,
    /// `list.append`
    Append,
}

/// What the signature says, as numbers.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Length of the name in the signature.
    name_len: usize,
    /// Positional-only parameters, `self` included.
    pub posonly: usize,
    /// All positional parameters.
    pub args: usize,
    /// How many of them have no default.
    pub required: usize,
    pub kwonly: usize,
    pub varargs: bool,
    pub varkw: bool,
    /// The first parameter is the module, which the caller does not pass.
    pub module: bool,
    /// The fewest arguments that need no binding: see [`Shape::takes`]. No call has as many if the shape always binds.
    fewest: usize,
}

impl Shape {
    /// Total number of parameters, as the function receives them.
    pub const fn total(&self) -> usize {
        self.args + self.kwonly + self.varargs as usize + self.varkw as usize
    }

    /// Whether `n` positional arguments need no binding. What is missing at the end has a default, and reads as left out.
    #[inline(always)]
    pub const fn takes(&self, n: usize) -> bool {
        n >= self.fewest && n <= self.args
    }

    /// Reads a signature. Nesting in defaults (`()`, strings) is respected.
    pub const fn parse(signature: &str) -> Shape {
        let b = signature.as_bytes();
        let mut i = 0;
        while i < b.len() && b[i] != b'(' {
            i += 1;
        }
        let mut shape = Shape {
            name_len: i,
            posonly: 0,
            args: 0,
            required: 0,
            kwonly: 0,
            varargs: false,
            varkw: false,
            module: false,
            fewest: 0,
        };
        i += 1;
        shape.module = i + 6 <= b.len()
            && b[i] == b'm'
            && b[i + 1] == b'o'
            && b[i + 2] == b'd'
            && b[i + 3] == b'u'
            && b[i + 4] == b'l'
            && b[i + 5] == b'e'
            && (i + 6 == b.len() || b[i + 6] == b',' || b[i + 6] == b')');
        let mut keyword_only = false;
        while i < b.len() && b[i] != b')' {
            while i < b.len() && (b[i] == b' ' || b[i] == b',' || b[i] == b'\n') {
                i += 1;
            }
            if i >= b.len() || b[i] == b')' {
                break;
            }
            let start = i;
            let mut depth = 0;
            let mut default = false;
            let mut quote = 0u8;
            while i < b.len() {
                let c = b[i];
                if quote != 0 {
                    if c == b'\\' {
                        i += 1;
                    } else if c == quote {
                        quote = 0;
                    }
                } else if c == b'\'' || c == b'"' {
                    quote = c;
                } else if c == b'(' || c == b'[' || c == b'{' {
                    depth += 1;
                } else if depth > 0 && (c == b')' || c == b']' || c == b'}') {
                    depth -= 1;
                } else if depth == 0 && (c == b',' || c == b')') {
                    break;
                } else if c == b'=' {
                    default = true;
                }
                i += 1;
            }
            if b[start] == b'/' {
                shape.posonly = shape.args;
            } else if b[start] == b'*' {
                if i > start + 1 && b[start + 1] == b'*' {
                    shape.varkw = true;
                } else {
                    keyword_only = true;
                    if i > start + 1 {
                        shape.varargs = true;
                    }
                }
            } else if keyword_only {
                shape.kwonly += 1;
            } else {
                shape.args += 1;
                if !default {
                    shape.required = shape.args;
                }
            }
        }
        shape.fewest = if shape.varargs || shape.varkw {
            usize::MAX
        } else {
            shape.required
        };
        shape
    }
}

impl Row {
    pub const fn new(signature: &'static str, function: NativeFn, doc: &'static str, kind: Kind) -> Row {
        Row {
            signature,
            doc,
            function,
            kind,
            shape: Shape::parse(signature),
            quick: None,
            known: None,
            peek: None,
        }
    }

    pub const fn known(self, known: Known) -> Row {
        Row {
            known: Some(known),
            ..self
        }
    }

    /// The row with a function for frequent cases that need no binding.
    pub const fn peek(self, f: fn(&[Ref]) -> Value) -> Row {
        Row { peek: Some(f), ..self }
    }

    pub const fn quick(self, f: fn(&Context, &[Ref]) -> Option<Result<Ref>>) -> Row {
        Row { quick: Some(f), ..self }
    }

    pub fn name(&self) -> &'static str {
        self.signature.get(..self.shape.name_len).unwrap_or(self.signature)
    }

    /// Parameter texts between the brackets.
    fn parameters(&self) -> Vec<&'static str> {
        let inner = &self.signature[(self.shape.name_len + 1).min(self.signature.len())..];
        let inner = inner.strip_suffix(')').unwrap_or(inner);
        let (mut out, mut depth, mut quote, mut start) = (Vec::new(), 0, None, 0);
        for (i, c) in inner.char_indices() {
            match (quote, c) {
                (Some(q), c) if c == q => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(c),
                (None, '(' | '[' | '{') => depth += 1,
                (None, ')' | ']' | '}') => depth -= 1,
                (None, ',') if depth == 0 => {
                    out.push(inner[start..i].trim());
                    start = i + 1;
                }
                _ => {}
            }
        }
        let last = inner[start.min(inner.len())..].trim();
        if !last.is_empty() {
            out.push(last);
        }
        out
    }

    /// Names of the parameters in the order in which the function receives them, positional first, then keyword-only.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.parameters()
            .into_iter()
            .filter(|p| *p != "/" && !p.starts_with('*'))
            .map(|p| p.split(['=', ':']).next().unwrap_or(p).trim())
            .collect()
    }

    /// `__text_signature__`, with the receiver marked as `$self` (`$module`, `$type`).
    pub fn text_signature(&self) -> String {
        let inner = &self.signature[self.shape.name_len..];
        for (plain, marked) in [("(self", "($self"), ("(module", "($module"), ("(cls", "($type")] {
            if let Some(rest) = inner.strip_prefix(plain)
                && rest.starts_with([',', ')'])
            {
                return format!("{marked}{rest}");
            }
        }
        inner.to_owned()
    }
}

/// `row!("name(signature)", function, "doc")`, with `class` or `static` in front for class and static methods.
#[macro_export]
macro_rules! row {
    (class $signature:expr, $function:expr, $doc:expr) => {
        $crate::native::Row::new($signature, $function, $doc, $crate::native::Kind::Class)
    };
    (static $signature:expr, $function:expr, $doc:expr) => {
        $crate::native::Row::new($signature, $function, $doc, $crate::native::Kind::Static)
    };
    ($signature:expr, $function:expr, $doc:expr) => {
        $crate::native::Row::new($signature, $function, $doc, $crate::native::Kind::Method)
    };
}

/// Arguments of a native function, one for each parameter of its row.
#[derive(Clone, Copy)]
pub struct Args<'a>(&'a [Option<Ref>]);

impl<'a> Args<'a> {
    /// Arguments that are all present.
    #[inline(always)]
    pub fn all(items: &'a [Ref]) -> Args<'a> {
        // SAFETY: `Ref` is a transparent non-zero word, so `Option<Ref>` has its size and `Some` its bits.
        Args(unsafe { std::slice::from_raw_parts(items.as_ptr().cast(), items.len()) })
    }

    pub fn new(items: &'a [Option<Ref>]) -> Args<'a> {
        Args(items)
    }

    /// A parameter that has no default.
    #[inline(always)]
    pub fn at(&self, i: usize) -> &'a Ref {
        static NONE: std::sync::OnceLock<Ref> = std::sync::OnceLock::new();
        match self.0.get(i) {
            Some(Some(r)) => r,
            // The binder has filled required parameters; a row that asks beyond its signature sees None.
            _ => NONE.get_or_init(s::none),
        }
    }

    /// A parameter that may have been left out.
    #[inline(always)]
    pub fn opt(&self, i: usize) -> Option<&'a Ref> {
        self.0.get(i).and_then(Option::as_ref)
    }

    /// Like `opt`, with None counting as left out.
    pub fn opt_not_none(&self, i: usize) -> Option<&'a Ref> {
        self.opt(i).filter(|r| !s::is_none(r))
    }

    /// The items of the `*args` parameter at `i`.
    pub fn rest(&self, i: usize) -> &'a [Ref] {
        self.opt(i).and_then(tuple::items).unwrap_or(&[])
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Calls a row with its receiver (if any) first in `args`; the last arguments are keywords named by `names`.
///
/// # Errors
/// TypeError for arguments that do not fit, in CPython's words; what the function raises.
#[inline]
pub fn call(cx: &Context, row: &'static Row, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    if names.is_none() && row.shape.takes(args.len()) {
        return (row.function)(cx, Args::all(args));
    }
    if names.is_none()
        && let Some(f) = row.quick
        && let Some(r) = f(cx, args)
    {
        return r;
    }
    bind(cx, row, args, names)
}

/// An argument of a call that outlives the call, and so is not counted for it.
type Lent = ManuallyDrop<Ref>;

#[inline(always)]
fn lend(r: &Ref) -> Lent {
    // SAFETY: not null, not dropped, and used only while what was borrowed is.
    ManuallyDrop::new(unsafe { Ref::from_value(r.word()) })
}

/// Calls `f` with arguments that have another one in front. They are not counted for that: the borrows outlive the call.
#[inline]
pub fn with_first<R>(first: &Ref, args: &[Ref], f: impl FnOnce(&[Ref]) -> R) -> R {
    let call = |all: &[Lent]| {
        // SAFETY: a `ManuallyDrop` has the representation of what is in it.
        f(unsafe { &*(std::ptr::from_ref(all) as *const [Ref]) })
    };
    match args {
        [] => call(&[lend(first)]),
        [a] => call(&[lend(first), lend(a)]),
        [a, b] => call(&[lend(first), lend(a), lend(b)]),
        [a, b, c] => call(&[lend(first), lend(a), lend(b), lend(c)]),
        _ => {
            let mut all = Vec::with_capacity(args.len() + 1);
            all.push(lend(first));
            all.extend(args.iter().map(lend));
            call(&all)
        }
    }
}

/// [`call`] with the class or the object in front of the arguments: for `new` and `init` slots.
///
/// # Errors
/// As `call`.
#[inline]
pub fn call_with(cx: &Context, row: &'static Row, first: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    with_first(first, args, |all| call(cx, row, all, names))
}

#[inline(never)]
fn bind(cx: &Context, row: &'static Row, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let shape = &row.shape;
    let names = names.and_then(tuple::items).unwrap_or(&[]);
    let positional = args.len() - names.len().min(args.len());
    // What was given is lent, what is made for the call is kept in `rest` and `extra`.
    let mut slots: [Option<Lent>; 12] = [const { None }; 12];
    let mut heap;
    let total = shape.total();
    let out: &mut [Option<Lent>] = if total <= slots.len() {
        &mut slots[..total]
    } else {
        heap = Vec::from_iter((0..total).map(|_| None));
        &mut heap
    };
    if positional > shape.args && !shape.varargs {
        return Err(too_many(row, args, positional, names.len()));
    }
    for (o, a) in out.iter_mut().zip(&args[..positional.min(shape.args)]) {
        *o = Some(lend(a));
    }
    let fixed = shape.args + shape.kwonly;
    let rest;
    if shape.varargs {
        rest = tuple::from_slice(&args[positional.min(shape.args)..positional])?;
        out[fixed] = Some(lend(&rest));
    }
    let mut extra = None;
    if !names.is_empty() {
        let parameters = crate::row_names::of(row).get(shape.posonly..).unwrap_or(&[]);
        for (name, value) in names.iter().zip(&args[positional..]) {
            // Nearly always both are the interned string.
            let found = parameters
                .iter()
                .position(|p| p.is(name))
                .or_else(|| parameters.iter().position(|p| same_text(p, name)))
                .map(|i| i + shape.posonly);
            match found {
                Some(i) if i < fixed => {
                    if out[i].is_some() {
                        return Err(type_error(format!(
                            "argument for {}() given by name ('{}') and position ({})",
                            row.name(),
                            str::text(name),
                            i + 1 - receiver(row)
                        )));
                    }
                    out[i] = Some(lend(value));
                }
                _ if shape.varkw => {
                    let d = match &extra {
                        Some(d) => d,
                        None => extra.insert(dict::new()?),
                    };
                    dict::set_name(d, name, value.clone())?;
                }
                _ if shape.args == shape.posonly && shape.kwonly == 0 => {
                    return Err(type_error(format!(
                        "{}() takes no keyword arguments",
                        qualified(row, args)
                    )));
                }
                _ => {
                    return Err(type_error(format!(
                        "{}() got an unexpected keyword argument '{}'",
                        row.name(),
                        str::text(name)
                    )));
                }
            }
        }
    }
    if shape.varkw {
        let d = match &extra {
            Some(d) => d,
            None => extra.insert(dict::new()?),
        };
        out[fixed + shape.varargs as usize] = Some(lend(d));
    }
    if let Some(i) = out.iter().take(shape.required).position(Option::is_none) {
        return Err(too_few(row, args, positional, i));
    }
    // SAFETY: a `ManuallyDrop` has the representation of what is in it.
    let out = unsafe { &*(std::ptr::from_ref::<[Option<Lent>]>(out) as *const [Option<Ref>]) };
    (row.function)(cx, Args::new(out))
}

fn same_text(a: &Ref, b: &Ref) -> bool {
    match (a.body::<str::StrBody>(), b.body::<str::StrBody>()) {
        (Some(a), Some(b)) => a.equals(b),
        _ => false,
    }
}

/// 1 if the first parameter is a receiver that the caller does not write.
fn receiver(row: &Row) -> usize {
    let inner = &row.signature[row.shape.name_len..];
    (inner.starts_with("(self") || inner.starts_with("(cls") || inner.starts_with("(module")) as usize
}

fn qualified(row: &Row, args: &[Ref]) -> String {
    match args.first() {
        Some(r) if receiver(row) == 1 && row.signature[row.shape.name_len..].starts_with("(self") => {
            format!("{}.{}", r.ty().short_name(), row.name())
        }
        _ => row.name().to_owned(),
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// `list.append` for a method: the class that has the row, then its name.
fn method_name(row: &Row, args: &[Ref]) -> String {
    let owner = args.first().filter(|_| receiver(row) == 1).and_then(|r| {
        r.ty().mro().iter().find(|t| {
            t.own(&crate::intern::name(row.name()))
                .and_then(|f| {
                    f.body::<crate::layouts::method::MethodDescriptorBody>()
                        .map(|b| std::ptr::eq(b.row, row))
                })
                .unwrap_or(false)
        })
    });
    match owner {
        Some(t) => format!("{}.{}", t.short_name(), row.name()),
        None => row.name().to_owned(),
    }
}

#[cold]
fn too_many(row: &Row, args: &[Ref], given: usize, named: usize) -> crate::Error {
    let (skip, shape) = (receiver(row), &row.shape);
    let (max, min, given) = (shape.args - skip, shape.required.max(skip) - skip, given - skip);
    let positional_only = shape.posonly == shape.args && shape.kwonly == 0;
    let name = row.name();
    type_error(if !positional_only {
        let total = max + shape.kwonly;
        if given + named > total && !shape.varkw {
            format!(
                "{name}() takes at most {total} {}argument{} ({} given)",
                if given == 0 { "keyword " } else { "" },
                plural(total),
                given + named
            )
        } else if max == 0 {
            format!("{name}() takes no positional arguments")
        } else {
            format!(
                "{name}() takes {} {max} positional argument{} ({given} given)",
                if min < max { "at most" } else { "exactly" },
                plural(max)
            )
        }
    } else if max == 0 {
        format!("{}() takes no arguments ({given} given)", method_name(row, args))
    } else if min == max && max == 1 {
        format!(
            "{}() takes exactly one argument ({given} given)",
            method_name(row, args)
        )
    } else if min == max {
        format!("{name} expected {max} argument{}, got {given}", plural(max))
    } else {
        format!("{name} expected at most {max} argument{}, got {given}", plural(max))
    })
}

#[cold]
fn too_few(row: &Row, args: &[Ref], given: usize, missing: usize) -> crate::Error {
    let (skip, shape) = (receiver(row), &row.shape);
    if given < skip {
        return type_error(format!("unbound method {}() needs an argument", row.name()));
    }
    let (max, min, given) = (shape.args - skip, shape.required - skip, given - skip);
    let positional_only = shape.posonly == shape.args && shape.kwonly == 0;
    // Of parameters that have no names in a call, the number is said where others have names.
    let nameless = (shape.posonly.max(skip) - skip).min(min);
    type_error(if !positional_only && given < nameless {
        format!(
            "{}() takes {} {nameless} positional argument{} ({given} given)",
            row.name(),
            if nameless < max { "at least" } else { "exactly" },
            plural(nameless)
        )
    } else if !positional_only {
        let names = row.names();
        format!(
            "{}() missing required argument '{}' (pos {})",
            row.name(),
            names.get(missing).copied().unwrap_or("?"),
            missing + 1 - skip
        )
    } else if min == max && max == 1 {
        format!(
            "{}() takes exactly one argument ({given} given)",
            method_name(row, args)
        )
    } else if min == max {
        format!("{} expected {max} argument{}, got {given}", row.name(), plural(max))
    } else {
        format!(
            "{} expected at least {min} argument{}, got {given}",
            row.name(),
            plural(min)
        )
    })
}

/// A function object of a module.
pub fn module_function(row: &'static Row, module_name: &Ref) -> Result<Ref> {
    alloc_immortal(
        &s::NATIVE,
        NativeBody {
            row,
            receiver: None,
            module: Some(module_name.clone()),
        },
    )
}

/// A row bound to a receiver.
pub fn bound(row: &'static Row, receiver: Ref) -> Result<Ref> {
    alloc(
        &s::NATIVE,
        NativeBody {
            row,
            receiver: Some(receiver),
            module: None,
        },
    )
}

/// Adds method rows to a type's dict.
pub fn add_methods(ty: &'static Type, rows: &'static [Row]) -> Result<()> {
    for row in rows {
        let name = crate::intern::name(row.name());
        let value = match row.kind {
            Kind::Method => alloc_of_class(
                &s::METHOD_DESCRIPTOR_TYPE,
                ty,
                crate::layouts::method::MethodDescriptorBody { row, owner: ty },
            )?,
            Kind::Class => alloc_of_class(
                &CLASS_METHOD_DESCRIPTOR,
                ty,
                crate::layouts::method::MethodDescriptorBody { row, owner: ty },
            )?,
            Kind::Static => alloc_immortal(
                &s::NATIVE,
                NativeBody {
                    row,
                    receiver: None,
                    module: None,
                },
            )?,
        };
        ty.define(&name, value);
    }
    Ok(())
}

/// classmethod_descriptor: a class method row of a type.
pub static CLASS_METHOD_DESCRIPTOR: Type = Type::declare(
    "classmethod_descriptor",
    Some(&s::OBJECT),
    <crate::layouts::method::MethodDescriptorBody as crate::object::Payload>::LAYOUT,
    crate::types::flag::NO_NEW,
);

/// Declaration of a native module.
pub struct ModuleDef {
    pub name: &'static str,
    pub doc: &'static str,
    pub functions: &'static [Row],
    /// Adds types and constants to the module's dict.
    pub init: fn(&Context, &Ref) -> Result<()>,
}

/// Makes the module object of a declaration.
///
/// # Errors
/// MemoryError; what `init` raises.
pub fn make_module(cx: &Context, def: &'static ModuleDef) -> Result<Ref> {
    let d = dict::new()?;
    let name = crate::intern::name(def.name);
    dict::set_str(&d, "__name__", name.clone())?;
    dict::set_str(
        &d,
        "__doc__",
        if def.doc.is_empty() {
            s::none()
        } else {
            str::from_str(def.doc)?
        },
    )?;
    for key in ["__package__", "__loader__", "__spec__"] {
        dict::set_str(&d, key, s::none())?;
    }
    for row in def.functions {
        dict::set_str(&d, row.name(), module_function(row, &name)?)?;
    }
    (def.init)(cx, &d)?;
    alloc(
        &s::MODULE,
        crate::layouts::ModuleBody {
            dict: skein_gc::Slot::new(d),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures() {
        let s = Shape::parse("f(self, a, b=(), /, c='),', *args, d, **kw)");
        assert_eq!(
            (s.posonly, s.args, s.required, s.kwonly, s.varargs, s.varkw),
            (3, 4, 2, 1, true, true)
        );
        let s = Shape::parse("append(self, object, /)");
        assert!(s.takes(2) && !s.takes(1) && s.posonly == 2);
        let s = Shape::parse("f()");
        assert!(s.takes(0) && s.args == 0);
    }
}
