//! The command line.
#![forbid(unsafe_code)]

mod command;

/// Buffers of native code come from the allocator that the object pages are built on.
#[cfg(not(tsan))]
#[global_allocator]
static ALLOCATOR: skein_gc::alloc::Allocator = skein_gc::alloc::Allocator;

fn main() {
    std::process::exit(command::main(std::env::args_os().collect()));
}
