//! Being written.
use skein_object::native::ModuleDef;
pub static MODULES: &[&ModuleDef] = &[];
