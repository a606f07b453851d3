//! The runtime as a whole: start-up, imports, `sys`, compilation, threads, the main program.
//!
//! Knows all other crates and is known to the command line alone.

mod compile;
mod frames;
mod generators;
mod hooks;
mod import;
mod library;
mod modules;
mod report;
mod start;
mod sys;
mod threads;

pub use start::{Config, Runtime};

/// Runs the interpreter with a configuration; gives the exit code.
pub fn run(config: Config) -> i32 {
    start::run(config)
}
