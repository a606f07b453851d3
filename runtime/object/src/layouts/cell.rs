//! Closure cells.

use crate::payload;
use skein_gc::Slot;

pub struct CellBody(pub Slot);
payload!(CellBody, "cell", |this, v| { v.slot(&this.0) });
