//! Native modules of text and of the language's own machinery: `_sre`, `_string`, `unicodedata`, `_csv`, `_json`, `_typing`,
//! `_contextvars`, `_templatelib`.

mod contextvars;
mod json;
mod sre;
mod string;
mod typing;

use skein_object::native::ModuleDef;

pub static MODULES: &[&ModuleDef] = &[
    &sre::MODULE,
    &string::MODULE,
    &json::MODULE,
    &typing::MODULE,
    &contextvars::MODULE,
];
