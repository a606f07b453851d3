//! Modules: a dict.

use crate::payload;
use skein_gc::Slot;

pub struct ModuleBody {
    pub dict: Slot,
}
payload!(ModuleBody, "module", |this, v| { v.slot(&this.dict) });
