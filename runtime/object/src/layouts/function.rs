//! Python functions.

use crate::payload;
use skein_gc::{Ref, Slot};

/// Body of a function. Slots may be replaced from Python.
pub struct FunctionBody {
    pub code: Slot,
    pub globals: Ref,
    pub builtins: Ref,
    pub name: Slot,
    pub qualname: Slot,
    /// Tuple or null.
    pub defaults: Slot,
    /// Dict or null.
    pub kwdefaults: Slot,
    /// Tuple of cells or null.
    pub closure: Slot,
    pub doc: Slot,
    pub module: Slot,
    /// `__annotate__` function or null.
    pub annotate: Slot,
    /// Evaluated `__annotations__` or null.
    pub annotations: Slot,
    /// Tuple or null.
    pub type_params: Slot,
}
payload!(FunctionBody, "function", |this, v| {
    v.reference(&this.globals);
    v.reference(&this.builtins);
    for s in [
        &this.code,
        &this.name,
        &this.qualname,
        &this.defaults,
        &this.kwdefaults,
        &this.closure,
        &this.doc,
        &this.module,
        &this.annotate,
        &this.annotations,
        &this.type_params,
    ] {
        v.slot(s);
    }
});
