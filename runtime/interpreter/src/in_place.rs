//! Binding of arguments where they lie: the window of the callee begins at the arguments that the caller has written.
//!
//! This knows the usual cases. In any other it touches nothing, and `call::bind` sees to it, errors included. The window belongs to
//! no frame yet: so there is no poll until it does, and nothing is dropped but on an error.

use crate::regs::{settle, share};
use skein_bytecode::code::flags::{VARARGS, VARKEYWORDS};
use skein_gc::{Ref, Value};
use skein_object::object::RefExt;
use skein_object::{CodeBody, Error, FunctionBody, StrBody, TupleBody, dict, statics as s, str, tuple};

/// Most keywords, and most keyword-only defaults, that are bound in place.
pub const FEW: usize = 12;
/// Parameters that fit in a set of bits.
const BITS: usize = 64;

/// What has become of the arguments.
#[must_use]
pub enum Bound {
    /// All parameters are written.
    Yes,
    /// Nothing has been done.
    No,
    /// No memory. What was not yet bound is dropped.
    Error(Error),
}

/// A tuple in a function's slot, without counting it.
///
/// # Safety
/// The items are used before the next poll, and before anything is dropped.
#[inline(always)]
pub unsafe fn items_of(slot: &skein_gc::Slot) -> &[Ref] {
    let v = slot.load();
    if !v.is_pointer() {
        return &[];
    }
    // SAFETY: the slots of which this is asked hold a tuple or nothing; what is replaced meanwhile is freed after a poll.
    unsafe { (*(v.pointer() as *const skein_object::Object<TupleBody>)).body.items() }
}

/// Binds the `n` arguments at `window`, of which the last ones are keywords with these `names`.
///
/// # Safety
/// The arguments are registers' values, the registers behind them are free, and the window has room for all registers of `code`.
#[inline]
pub unsafe fn bind(f: &FunctionBody, code: &CodeBody, window: *mut u64, n: usize, names: &[Ref]) -> Bound {
    // SAFETY: by the caller's promise.
    unsafe {
        if names.is_empty() && code.unit.kwonly_args == 0 {
            bind_positional(f, code, window, n)
        } else {
            bind_names(f, code, window, n, names)
        }
    }
}

/// [`bind`] without keywords and keyword-only parameters.
unsafe fn bind_positional(f: &FunctionBody, code: &CodeBody, window: *mut u64, n: usize) -> Bound {
    let unit = &code.unit;
    let argc = unit.args as usize;
    // SAFETY: by the caller's promise; each argument is moved once. For the defaults see `items_of`.
    unsafe {
        if n > argc && unit.flags & VARARGS == 0 {
            return Bound::No;
        }
        if n < argc {
            let defaults = items_of(&f.defaults);
            if n + defaults.len() < argc {
                return Bound::No;
            }
            fill(window, n, argc, defaults);
        }
        if unit.flags & (VARARGS | VARKEYWORDS) == 0 {
            return Bound::Yes;
        }
        let extra = n.saturating_sub(argc);
        let mut next = window.add(argc);
        if unit.flags & VARARGS != 0 {
            let rest = match extra {
                0 => Ok(s::empty_tuple()),
                _ => tuple::from_iter_of(
                    &s::TUPLE,
                    extra,
                    (argc..n).map(|i| Ref::from_value(Value(settle(std::mem::replace(&mut *window.add(i), 0))))),
                ),
            };
            match rest {
                Ok(t) => *next = t.into_value().0,
                Err(e) => return give_up(e, window, n.max(argc), &[]),
            }
            next = next.add(1);
        }
        if unit.flags & VARKEYWORDS != 0 {
            *next = s::no_keywords().into_value().0;
        }
        Bound::Yes
    }
}

/// Writes the defaults of the positional parameters from number `n` on, of `argc`.
///
/// # Safety
/// There are as many defaults, and the registers are free.
#[inline(always)]
pub unsafe fn fill(window: *mut u64, n: usize, argc: usize, defaults: &[Ref]) {
    // SAFETY: by the caller's promise.
    unsafe {
        let given = defaults.get_unchecked(defaults.len() - (argc - n)..);
        for (i, r) in given.iter().enumerate() {
            *window.add(n + i) = share(r.word().0);
        }
    }
}

/// Writes the parameters `*args` and `**kwargs` of a function without keyword-only ones, for which nothing is left.
///
/// # Safety
/// The registers are free.
#[inline(always)]
pub unsafe fn write_stars(window: *mut u64, code: &CodeBody) {
    let (form, argc) = (&code.form, code.args as usize);
    // SAFETY: by the caller's promise.
    unsafe {
        if form.varargs {
            *window.add(argc) = s::empty_tuple().into_value().0;
        }
        if form.varkeywords {
            *window.add(argc + form.varargs as usize) = s::no_keywords().into_value().0;
        }
    }
}

/// [`bind`] in general.
#[inline(never)]
unsafe fn bind_names(f: &FunctionBody, code: &CodeBody, window: *mut u64, n: usize, names: &[Ref]) -> Bound {
    let unit = &code.unit;
    let (argc, kwonly) = (unit.args as usize, unit.kwonly_args as usize);
    let named = argc + kwonly;
    let positional = n - names.len();
    let (varargs, varkw) = (unit.flags & VARARGS != 0, unit.flags & VARKEYWORDS != 0);
    if positional > argc && !varargs || named > BITS || names.len() > FEW {
        return Bound::No;
    }
    let given = positional.min(argc);
    // Which parameters have their values. Argument `i` is parameter `i`, or a keyword.
    let mut filled = ones(given);
    let mut targets = [NOWHERE; FEW];
    // Keywords mostly stand in the parameters' order.
    let mut next = given;
    for (name, target) in names.iter().zip(&mut targets) {
        match parameter(code, unit.posonly_args as usize, named, name, next) {
            Some(i) if filled & 1 << i == 0 => {
                filled |= 1 << i;
                *target = i;
                next = i + 1;
            }
            None if varkw => {}
            _ => return Bound::No,
        }
    }
    // SAFETY: see `items_of`: nothing is dropped below before the values are copied.
    let defaults = unsafe { items_of(&f.defaults) };
    // Parameters without a default.
    let first = argc - defaults.len().min(argc);
    if !filled & ones(first) != 0 {
        return Bound::No;
    }
    let absent = ones(named) & !ones(argc) & !filled;
    let kwdefaults = if absent == 0 {
        None
    } else {
        match keyword_defaults(f, code, argc, absent) {
            None => return Bound::No,
            found => found,
        }
    };
    // From here on arguments are moved. Those that belong elsewhere come first.
    // SAFETY: the registers are in the window; each argument is moved once.
    unsafe {
        let take = |i: usize| std::mem::replace(&mut *window.add(i), 0);
        let mut values = [0u64; FEW];
        for (k, v) in values.iter_mut().enumerate().take(names.len()) {
            *v = take(positional + k);
        }
        let mut rest = 0;
        if varargs {
            let extra = positional - given;
            match tuple::from_iter_of(
                &s::TUPLE,
                extra,
                (0..extra).map(|i| Ref::from_value(Value(settle(take(argc + i))))),
            ) {
                Ok(t) => rest = t.into_value().0,
                Err(e) => return give_up(e, window, positional, &values),
            }
        }
        let mut kwargs = 0;
        if varkw {
            match keywords(names, &targets, &mut values) {
                Ok(d) => kwargs = d.into_value().0,
                Err(e) => {
                    crate::regs::release(rest);
                    return give_up(e, window, positional, &values);
                }
            }
        }
        for i in given..argc {
            if filled & 1 << i == 0 {
                *window.add(i) = share(defaults[i - first].word().0);
            }
        }
        if let Some(found) = kwdefaults {
            for (i, v) in found.into_iter().enumerate() {
                if let Some(v) = v {
                    *window.add(argc + i) = v.into_value().0;
                }
            }
        }
        for (target, v) in targets.iter().zip(&values).take(names.len()) {
            if *target != NOWHERE {
                *window.add(*target) = *v;
            }
        }
        if varargs {
            *window.add(named) = rest;
        }
        if varkw {
            *window.add(named + varargs as usize) = kwargs;
        }
    }
    Bound::Yes
}

/// The defaults of the keyword-only parameters with numbers in `absent`, in their places after number `argc`; `None` if one has
/// none, or if there are too many.
#[inline(never)]
fn keyword_defaults(f: &FunctionBody, code: &CodeBody, argc: usize, absent: u64) -> Option<[Option<Ref>; FEW]> {
    let mut out = [const { None }; FEW];
    let d = f.kwdefaults.get()?;
    let mut left = absent;
    while left != 0 {
        let i = left.trailing_zeros() as usize;
        left &= left - 1;
        *out.get_mut(i - argc)? = Some(dict::get_name(&d, code.local_names.get(i)?)?);
    }
    Some(out)
}

/// Of a keyword that no parameter takes.
const NOWHERE: usize = usize::MAX;

/// The lowest `n` bits.
#[inline(always)]
fn ones(n: usize) -> u64 {
    if n >= BITS { u64::MAX } else { (1 << n) - 1 }
}

/// The parameter that a keyword names, which may be number `next`.
#[inline(always)]
fn parameter(code: &CodeBody, posonly: usize, named: usize, name: &Ref, next: usize) -> Option<usize> {
    let names = code.local_names.get(posonly..named)?;
    if names.get(next.wrapping_sub(posonly)).is_some_and(|p| p.is(name)) {
        return Some(next);
    }
    // Nearly always both are the interned string.
    if let Some(i) = names.iter().position(|p| p.is(name)) {
        return Some(posonly + i);
    }
    let wanted = name.body::<StrBody>()?;
    let i = names
        .iter()
        .position(|p| p.body::<StrBody>().is_some_and(|p| p.equals(wanted)))?;
    Some(posonly + i)
}

/// The dict of the keywords that no parameter takes.
unsafe fn keywords(names: &[Ref], targets: &[usize], values: &mut [u64]) -> skein_object::Result<Ref> {
    let n = targets[..names.len()].iter().filter(|t| **t == NOWHERE).count();
    if n == 0 {
        return Ok(s::no_keywords());
    }
    let d = dict::with_capacity(n)?;
    for ((name, target), v) in names.iter().zip(targets).zip(values) {
        if *target == NOWHERE {
            // SAFETY: the value is owned, and taken out.
            let v = unsafe { Ref::from_value(Value(settle(std::mem::replace(v, 0)))) };
            dict::set_name(&d, name, v)?;
        }
    }
    Ok(d)
}

/// Drops all that is left of the arguments.
#[cold]
unsafe fn give_up(e: Error, window: *mut u64, n: usize, values: &[u64]) -> Bound {
    // Moved first, since what dies may run code that uses the registers above the frame.
    let mut first = [0u64; BITS];
    for (i, v) in first.iter_mut().enumerate().take(n) {
        // SAFETY: what has been moved is null.
        *v = unsafe { std::mem::replace(&mut *window.add(i), 0) };
    }
    for v in values.iter().chain(&first) {
        crate::regs::release(*v);
    }
    // SAFETY: as above; so many are rare.
    unsafe { crate::frame::drop_registers(window, n) };
    Bound::Error(e)
}

/// Whether all names are strings: what `**` passes may be anything.
pub fn all_strings(names: &[Ref]) -> bool {
    names.iter().all(str::is_str)
}
