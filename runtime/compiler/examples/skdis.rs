//! Lists the bytecode of a file: `cargo run --example skdis FILE`, or only checks many: `--check FILES`.

fn main() {
    let mut check = false;
    let mut failed = 0;
    for path in std::env::args().skip(1) {
        if path == "--check" {
            check = true;
            continue;
        }
        let Ok(bytes) = std::fs::read(&path) else {
            eprintln!("{path}: cannot read");
            continue;
        };
        let Ok(text) = String::from_utf8(bytes) else {
            eprintln!("{path}: not UTF-8");
            continue;
        };
        match skein_compiler::compile(&text, &path, &skein_compiler::Options::default()) {
            Ok(code) => {
                if let Err(e) = skein_bytecode::verify(&code) {
                    println!("{path}: verify: {e}");
                    failed += 1;
                }
                if !check {
                    println!("{}", skein_bytecode::disasm(&code));
                }
            }
            Err(e) => {
                println!("{path}: {e}");
                failed += 1;
            }
        }
    }
    if failed > 0 {
        println!("{failed} failed");
        std::process::exit(1);
    }
}
