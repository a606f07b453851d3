//! The exception hierarchy, and tracebacks.
//!
//! All exceptions have one body; fields of single classes are numbered by the constants in the layout. Rooms: `base`,
//! `simple` (classes with a few fields), `os_error`, `syntax`, `unicode`, `group`, `traceback`, `docs`.

pub mod base;
mod docs;
pub mod group;
pub mod os_error;
pub mod simple;
pub mod syntax;
pub mod traceback;
pub mod unicode;

use crate::startup::{TypeDef, ready_type};
use skein_object::error::{Error, Result};
use skein_object::instance::Attrs;
use skein_object::intern::names;
use skein_object::object::{RefExt, type_of};
use skein_object::statics as s;
use skein_object::types::{Type, flag};
use skein_object::{list, str};

/// Adds a note to an exception without running Python code.
pub fn add_note_text(e: &Error, text: &str) {
    let Ok(note) = str::from_str(text) else {
        return;
    };
    let Some(h) = e.0.header() else { return };
    let Some(attrs) = Attrs::of(h, type_of(&e.0)) else {
        return;
    };
    match attrs.get(h, names::__notes__()) {
        Ok(Some(notes)) if notes.body::<skein_object::ListBody>().is_some() => {
            let _ = list::push(&notes, note);
        }
        _ => {
            if let Ok(l) = list::new(vec![note]) {
                let _ = attrs.set(h, names::__notes__(), l);
            }
        }
    }
}

/// The definition of a class, with its doc.
fn def(ty: &'static Type) -> TypeDef {
    TypeDef {
        doc: docs::of(ty.name()),
        ..TypeDef::new(ty)
    }
}

/// Completes the exception types.
pub fn ready() -> Result<()> {
    base::ready()?;
    traceback::ready()?;
    for ty in s::ALL {
        if ty.has(flag::READY) || !ty.is_subtype(&s::BASE_EXCEPTION) {
            continue;
        }
        let mut d = def(ty);
        simple::define(&mut d);
        os_error::define(&mut d);
        syntax::define(&mut d);
        unicode::define(&mut d);
        group::define(&mut d);
        ready_type(&d)?;
    }
    Ok(())
}
