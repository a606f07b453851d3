//! Prints the warnings for files.

fn main() {
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if let Ok(c) = skein_compiler::compile_with_warnings(&text, &path, &skein_compiler::Options::default()) {
            for w in c.warnings {
                println!("{path}\t{}\t{}", w.line, w.message);
            }
        }
    }
}
