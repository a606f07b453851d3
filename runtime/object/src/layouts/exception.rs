//! Exceptions and tracebacks.

use crate::error::Error;
use crate::object::{RefExt, alloc};
use crate::payload;
use crate::statics as s;
use crate::types::Type;
use skein_gc::{Ref, Slot};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Number of special fields; SyntaxError has most.
pub const FIELDS: usize = 9;
/// How many of them need no memory of their own.
const INLINE: usize = 2;

/// Body of an exception of any class.
pub struct ExceptionBody {
    /// Tuple.
    pub args: Slot,
    /// Traceback or null.
    pub traceback: Slot,
    pub context: Slot,
    pub cause: Slot,
    pub suppress_context: AtomicBool,
    /// Fields that only some classes have; the `*_` constants number them. The first ones, which are set most, are here.
    fields: [Slot; INLINE],
    more: OnceLock<Box<[Slot; FIELDS - INLINE]>>,
}
payload!(ExceptionBody, "exception", |this, v| {
    v.slot(&this.args);
    v.slot(&this.traceback);
    v.slot(&this.context);
    v.slot(&this.cause);
    for s in this.fields.iter().chain(this.more.get().iter().flat_map(|f| f.iter())) {
        v.slot(s);
    }
});

pub const STOP_VALUE: usize = 0;
pub const EXIT_CODE: usize = 0;
pub const ATTRIBUTE_NAME: usize = 0;
pub const ATTRIBUTE_OBJ: usize = 1;
pub const NAME_NAME: usize = 0;
pub const IMPORT_MSG: usize = 0;
pub const IMPORT_NAME: usize = 1;
pub const IMPORT_PATH: usize = 2;
pub const IMPORT_NAME_FROM: usize = 3;
pub const OS_ERRNO: usize = 0;
pub const OS_STRERROR: usize = 1;
pub const OS_FILENAME: usize = 2;
pub const OS_WINERROR: usize = 3;
pub const OS_FILENAME2: usize = 4;
pub const OS_WRITTEN: usize = 5;
pub const UNICODE_ENCODING: usize = 0;
pub const UNICODE_OBJECT: usize = 1;
pub const UNICODE_START: usize = 2;
pub const UNICODE_END: usize = 3;
pub const UNICODE_REASON: usize = 4;
pub const GROUP_MESSAGE: usize = 0;
pub const GROUP_EXCEPTIONS: usize = 1;
pub const GROUP_SHOWN: usize = 2;
pub const SYNTAX_MSG: usize = 0;
pub const SYNTAX_FILENAME: usize = 1;
pub const SYNTAX_LINENO: usize = 2;
pub const SYNTAX_OFFSET: usize = 3;
pub const SYNTAX_TEXT: usize = 4;
pub const SYNTAX_END_LINENO: usize = 5;
pub const SYNTAX_END_OFFSET: usize = 6;
pub const SYNTAX_PRINT_FILE_AND_LINE: usize = 7;
pub const SYNTAX_METADATA: usize = 8;

/// One level of a traceback.
pub struct TracebackBody {
    pub next: Slot,
    pub frame: Ref,
    /// Twice the index of the instruction word, or what Python code has given.
    pub lasti: u32,
    pub lineno: u32,
}
payload!(TracebackBody, "traceback", |this, v| {
    v.slot(&this.next);
    v.reference(&this.frame);
});

impl ExceptionBody {
    pub fn new(args: Option<Ref>) -> ExceptionBody {
        ExceptionBody {
            args: Slot::from_option(args),
            traceback: Slot::empty(),
            context: Slot::empty(),
            cause: Slot::empty(),
            suppress_context: AtomicBool::new(false),
            fields: [const { Slot::empty() }; INLINE],
            more: OnceLock::new(),
        }
    }

    /// A special field, if it was ever set.
    pub fn field(&self, i: usize) -> Option<Ref> {
        match self.fields.get(i) {
            Some(slot) => slot.get(),
            None => self.more.get()?.get(i - INLINE)?.get(),
        }
    }

    pub fn set_field(&self, holder: &skein_gc::Header, i: usize, value: Option<Ref>) {
        let slot = match self.fields.get(i) {
            Some(slot) => Some(slot),
            None => {
                let more = self
                    .more
                    .get_or_init(|| Box::new([const { Slot::empty() }; FIELDS - INLINE]));
                more.get(i - INLINE)
            }
        };
        if let Some(slot) = slot {
            drop(slot.set(holder, value));
        }
    }
}

/// An exception without running Python code: for builtin classes.
pub fn instantiate(ty: &'static Type, args: Vec<Ref>) -> Error {
    let first = args.first().cloned();
    match crate::layouts::tuple::new(args) {
        Ok(args) => with_args(ty, first, args),
        Err(e) => e,
    }
}

/// As [`instantiate`], with one argument.
pub fn instantiate_one(ty: &'static Type, arg: Ref) -> Error {
    match crate::layouts::tuple::single(arg.clone()) {
        Ok(args) => with_args(ty, Some(arg), args),
        Err(e) => e,
    }
}

/// Whether a builtin class keeps its first argument in field 0: STOP_VALUE, EXIT_CODE, IMPORT_MSG.
fn keeps_first(ty: &'static Type) -> bool {
    if std::ptr::eq(ty, &raw const s::STOP_ITERATION) {
        return true;
    }
    // They set it in an `__init__` of their own.
    let plain = ty.slots.init.same(&s::BASE_EXCEPTION.slots.init);
    !plain
        && ty.mro().iter().any(|t| {
            std::ptr::eq(*t, &raw const s::STOP_ITERATION)
                || std::ptr::eq(*t, &raw const s::SYSTEM_EXIT)
                || std::ptr::eq(*t, &raw const s::IMPORT_ERROR)
        })
}

fn with_args(ty: &'static Type, first: Option<Ref>, args: Ref) -> Error {
    match alloc(ty, ExceptionBody::new(Some(args))) {
        Ok(r) => {
            if keeps_first(ty) {
                set_field(&r, 0, first.unwrap_or_else(s::none));
            }
            Error(r)
        }
        Err(e) => e,
    }
}

static MEMORY_ERROR: OnceLock<Ref> = OnceLock::new();

/// Makes the MemoryError that is raised when there is no memory for one.
pub fn preallocate() {
    MEMORY_ERROR.get_or_init(
        || match alloc(&s::MEMORY_ERROR, ExceptionBody::new(Some(s::empty_tuple()))) {
            Ok(r) => {
                skein_gc::publish::publish(r.value());
                r
            }
            Err(_) => std::process::abort(),
        },
    );
}

/// The MemoryError kept for the case that there is no memory for a new one.
pub fn preallocated_memory_error() -> Error {
    // Small allocations mostly still succeed when a huge one has failed: give each failure its own exception.
    if let Some(p) = skein_gc::alloc::allocate(s::MEMORY_ERROR.class(), s::MEMORY_ERROR.instance_size(0)) {
        // SAFETY: memory that was just given out and is of the size of any object.
        unsafe { skein_gc::alloc::free(p) };
        if let Ok(r) = alloc(&s::MEMORY_ERROR, ExceptionBody::new(Some(s::empty_tuple()))) {
            return Error(r);
        }
    }
    match MEMORY_ERROR.get() {
        Some(r) => Error(r.clone()),
        None => std::process::abort(),
    }
}

/// Sets a special field of an exception object.
pub fn set_field(exception: &Ref, i: usize, value: Ref) {
    if let Some(b) = exception.body::<ExceptionBody>() {
        b.set_field(exception.holder(), i, Some(value));
    }
}

/// A special field of an exception object.
pub fn field(exception: &Ref, i: usize) -> Option<Ref> {
    exception.body::<ExceptionBody>()?.field(i)
}

/// Sets `__context__` to the exception being handled, unless it is the exception itself; breaks cycles as CPython does.
pub fn set_context(exception: &Ref, handled: &Ref) {
    if exception.is(handled) {
        return;
    }
    let (Some(b), Some(first)) = (exception.body::<ExceptionBody>(), handled.body::<ExceptionBody>()) else {
        return;
    };
    if !first.context.is_null() {
        cut_chain(exception, handled);
    }
    drop(b.context.set(exception.holder(), Some(handled.clone())));
}

/// Cuts the link by which the chain of contexts from `handled` on leads back to the exception.
fn cut_chain(exception: &Ref, handled: &Ref) {
    let mut at = handled.clone();
    let mut slow = handled.clone();
    let mut step = false;
    while let Some(next) = at.body::<ExceptionBody>().and_then(|b| b.context.get()) {
        if next.is(exception) {
            if let Some(b) = at.body::<ExceptionBody>() {
                drop(b.context.set(at.holder(), None));
            }
            break;
        }
        at = next;
        if step && let Some(n) = slow.body::<ExceptionBody>().and_then(|b| b.context.get()) {
            slow = n;
            if slow.is(&at) {
                break;
            }
        }
        step = !step;
    }
}

/// Relaxed accessors of the flag: it carries no data.
impl ExceptionBody {
    pub fn suppresses(&self) -> bool {
        self.suppress_context.load(Ordering::Relaxed)
    }

    pub fn set_suppress(&self, on: bool) {
        self.suppress_context.store(on, Ordering::Relaxed);
    }
}
