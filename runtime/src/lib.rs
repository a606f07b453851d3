//! The runtime as a whole: start-up, imports, `sys`, compilation, threads, the main program.
//!
//! Knows all other crates and is known to the command line alone.

#[cfg(feature = "verify")]
mod audit;
mod compile;
mod descriptors;
mod finish;
mod frame_locals;
mod frames;
mod generators;
mod hooks;
mod import;
mod internals;
mod library;
mod modules;
mod prompt;
mod report;
mod start;
mod sys;
mod threads;
mod warn;

pub use start::{Config, Program, Runtime};

/// Runs the interpreter with a configuration; gives the exit code.
pub fn run(config: Config) -> i32 {
    start::run(config)
}

/// What `-V` prints.
pub fn version_line(long: bool) -> String {
    let (a, b, c) = sys::VERSION;
    if long {
        format!("Python {}", sys::version_text())
    } else {
        format!("Python {a}.{b}.{c}")
    }
}
