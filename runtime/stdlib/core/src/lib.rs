//! Small native modules close to the object model: `_abc`, `_weakref`, `_warnings`, `atexit`, `gc`.

mod abc;
pub mod atexit;
pub mod collector;
mod proxy;
pub mod warnings;
pub mod weakref;

use skein_object::native::ModuleDef;

pub static MODULES: &[&ModuleDef] = &[
    &abc::MODULE,
    &weakref::MODULE,
    &warnings::MODULE,
    &atexit::MODULE,
    &collector::MODULE,
];
