//! Native modules of text and of the language's own machinery: `_sre`, `unicodedata`, `_csv`, `_json`, `_typing`,
//! `_contextvars`, `_templatelib`.

mod contextvars;
mod csv;
mod json;
mod sre;
mod templatelib;
mod typing;
mod unicodedata;

use skein_object::native::ModuleDef;

pub static MODULES: &[&ModuleDef] = &[
    &sre::MODULE,
    &unicodedata::MODULE,
    &csv::MODULE,
    &json::MODULE,
    &typing::MODULE,
    &contextvars::MODULE,
    &templatelib::MODULE,
];
