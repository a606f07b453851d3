//! `_io`: files, buffers, text layers.
//!
//! Three layers as in CPython: raw ([`fileio`]), buffered ([`buffered`], [`bytesio`]), text ([`text`], [`stringio`]), over
//! the abstract bases of [`base`]. Every layer calls the one below through Python methods, unless it is exactly the native
//! class: then directly ([`buffered::raw`], [`text::below`]).
//!
//! A buffered object and a text object each have a lock (`OwnedMutex`) that is held while the layer below runs, be it
//! Python code; a thread that comes back to an object that it holds gets RuntimeError.
//!
//! Does not know: `print`, `input`, codecs other than the UTF family, ASCII and Latin-1 (those come from `codecs`).

pub mod base;
pub mod buffered;
pub mod bytesio;
pub mod codec;
pub mod fileio;
pub mod newline;
pub mod open;
pub mod stdio;
pub mod stringio;
pub mod support;
mod sys;
pub mod text;

pub use stdio::stdio;

use skein_object::error::Result;
use skein_object::native::ModuleDef;
use skein_object::types::Type;
use skein_object::{Context, Ref, dict, number, statics as s};
use std::sync::OnceLock;

pub const DEFAULT_BUFFER_SIZE: usize = 128 * 1024;

static IO: ModuleDef = ModuleDef {
    name: "_io",
    doc: "The io module provides the Python interfaces to stream handling.",
    functions: open::FUNCTIONS,
    init,
};

pub static MODULES: &[&ModuleDef] = &[&IO];

/// Completes the types; idempotent.
///
/// # Errors
/// MemoryError.
pub fn ready() -> Result<()> {
    static DONE: OnceLock<()> = OnceLock::new();
    static ONE: skein_gc::lock::Mutex<()> = skein_gc::lock::Mutex::new(());
    let _one = ONE.lock();
    if DONE.get().is_none() {
        base::ready()?;
        support::ready()?;
        fileio::ready()?;
        bytesio::ready()?;
        stringio::ready()?;
        buffered::ready()?;
        newline::ready()?;
        text::ready()?;
        let _ = DONE.set(());
    }
    Ok(())
}

fn init(_: &Context, d: &Ref) -> Result<()> {
    ready()?;
    let types: &[&'static Type] = &[
        &base::IO_BASE,
        &base::RAW_IO_BASE,
        &base::BUFFERED_IO_BASE,
        &base::TEXT_IO_BASE,
        &fileio::FILE_IO,
        &bytesio::BYTES_IO,
        &bytesio::BYTES_IO_BUFFER,
        &stringio::STRING_IO,
        &buffered::BUFFERED_READER,
        &buffered::BUFFERED_WRITER,
        &buffered::BUFFERED_RANDOM,
        &buffered::pair::BUFFERED_RW_PAIR,
        &newline::NEWLINE_DECODER,
        &text::TEXT_IO_WRAPPER,
        &support::UNSUPPORTED_OPERATION,
    ];
    for t in types {
        dict::set_str(d, t.short_name(), t.object())?;
    }
    dict::set_str(d, "BlockingIOError", s::BLOCKING_IO_ERROR.object())?;
    dict::set_str(d, "DEFAULT_BUFFER_SIZE", number::int_from_usize(DEFAULT_BUFFER_SIZE)?)
}
