//! `_suggestions`: the name that was probably meant.

use skein_object::error::{Result, type_error};
use skein_object::native::{ModuleDef, Row};
use skein_object::object::RefExt;
use skein_object::{Args, Context, ListBody, Ref, list, row, statics as s, str, suggest};

pub static MODULE: ModuleDef = ModuleDef {
    name: "_suggestions",
    doc: "",
    functions: FUNCTIONS,
    init: |_, _| Ok(()),
};

static FUNCTIONS: &[Row] = &[row!(
    "_generate_suggestions(candidates, item, /)",
    generate,
    "Returns the candidate in candidates that's closest to item"
)];

fn generate(_: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(b) = a.at(0).body::<ListBody>() else {
        return Err(type_error("candidates must be a list"));
    };
    /// Among more than this nothing is searched.
    const MAX_CANDIDATES: usize = 750;
    if b.0.len() >= MAX_CANDIDATES {
        return Ok(s::none());
    }
    let mut names = Vec::new();
    for c in list::snapshot(b) {
        if !str::is_str(&c) {
            return Err(type_error("all elements in 'candidates' must be strings"));
        }
        names.push(str::text(&c));
    }
    if !str::is_str(a.at(1)) {
        return Err(type_error("argument 2 must be str"));
    }
    match suggest::closest(&str::text(a.at(1)), names.iter().map(String::as_str)) {
        Some(found) => str::from_str(found),
        None => Ok(s::none()),
    }
}
