//! Prints the errors of files as tab-separated fields, to be compared with CPython's.

use skein_compiler::{ErrorKind, Options, compile};

fn main() {
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let id = path.rsplit('/').next().unwrap_or(&path).replace(".py", "");
        match compile(&text, "f", &Options::default()) {
            Ok(_) => println!("{id}\tok"),
            Err(e) => {
                let kind = match e.kind {
                    ErrorKind::Syntax => "SyntaxError",
                    ErrorKind::Indentation => "IndentationError",
                    ErrorKind::Tab => "TabError",
                    ErrorKind::Recursion => "RecursionError",
                    ErrorKind::Memory => "MemoryError",
                    ErrorKind::Overflow => "OverflowError",
                    ErrorKind::Value => "ValueError",
                };
                println!(
                    "{id}\t{kind}\t{}\t{}\t{}\t{}\t{}",
                    e.message, e.line, e.col, e.end_line, e.end_col
                );
            }
        }
    }
}
