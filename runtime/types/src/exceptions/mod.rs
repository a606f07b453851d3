//! Exceptions.

use skein_object::error::{Error, Result};
use skein_object::instance::Attrs;
use skein_object::intern::names;
use skein_object::object::{RefExt, type_of};
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

/// Completes the exception types.
pub fn ready() -> Result<()> {
    Ok(())
}
