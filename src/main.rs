//! The command line.
#![forbid(unsafe_code)]

mod command;

fn main() {
    std::process::exit(command::main(std::env::args_os().collect()));
}
