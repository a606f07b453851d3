//! Compiles the standard library and golden snippets.

use skein_bytecode::{disasm, marshal, verify};
use skein_compiler::{Options, compile};
use std::path::{Path, PathBuf};

fn python_files(dir: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for e in entries.flatten() {
        let p = e.path();
        if p.is_dir() {
            python_files(&p, out);
        } else if p.extension().is_some_and(|x| x == "py") {
            out.push(p);
        }
    }
}

/// Everything compiles, verifies and survives its binary form.
#[test]
fn standard_library() {
    let mut files = Vec::new();
    python_files(Path::new(rustpython_pylib::LIB_PATH), &mut files);
    files.sort();
    assert!(files.len() > 100, "the library is missing");
    for f in files {
        // Some files are bad on purpose.
        let Ok(text) = std::fs::read_to_string(&f) else {
            continue;
        };
        let name = f.display().to_string();
        let code = match compile(&text, &name, &Options::default()) {
            Ok(c) => c,
            Err(_) if name.contains("bad") => continue,
            Err(e) => panic!("{e}"),
        };
        if let Err(e) = verify(&code) {
            panic!("{name}: {e}");
        }
        let bytes = marshal::to_bytes(&code);
        match marshal::from_bytes(&bytes) {
            Ok(back) => assert!(back == *code, "{name}: differs after a round trip"),
            Err(e) => panic!("{name}: {e}"),
        }
    }
}

/// Damaged bytes are errors, never panics.
#[test]
fn damaged_bytes() {
    let source = "def f(a, *b):\n  for i in b:\n    yield (a, 1.5, 'x', b'y', 10**30)\nclass A: x: int = 3\n";
    let code = compile(source, "m", &Options::default()).expect("compiles");
    let bytes = marshal::to_bytes(&code);
    for i in 0..bytes.len() {
        let _ = marshal::from_bytes(&bytes[..i]);
        for v in [0, 1, 0x7F, 0x80, 0xFF] {
            let mut b = bytes.clone();
            b[i] = v;
            if let Ok(c) = marshal::from_bytes(&b) {
                let _ = verify(&c);
            }
        }
    }
}

/// Listings of `tests/golden/*.py`; `BLESS=1` writes them anew.
#[test]
fn golden() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files = Vec::new();
    python_files(&dir, &mut files);
    files.sort();
    let mut failed = Vec::new();
    for f in files {
        let text = std::fs::read_to_string(&f).expect("readable");
        let code = compile(&text, "golden.py", &Options::default()).expect("compiles");
        if let Err(e) = verify(&code) {
            panic!("{}: {e}", f.display());
        }
        let list = disasm(&code);
        let expected = f.with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&expected, &list).expect("writable");
        } else if std::fs::read_to_string(&expected).ok().as_deref() != Some(&list) {
            failed.push(f);
        }
    }
    assert!(
        failed.is_empty(),
        "listings changed (BLESS=1 writes them anew): {failed:?}"
    );
}

/// Broken text is an error, never a panic.
#[test]
fn broken_text() {
    let lib = Path::new(rustpython_pylib::LIB_PATH);
    let mut seed = 12345u64;
    let mut random = |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % n.max(1) as u64) as usize
    };
    let junk = [
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ":",
        "=",
        "'",
        "\"",
        "f'{",
        "\n",
        "\\",
        "*",
        "**",
        "lambda ",
        " if ",
        " else ",
        " for x in ",
        "yield ",
        "await ",
        "async ",
        "import ",
        "class ",
        "def ",
        "match x:\n case ",
        ",",
        ".",
        "@",
        "0x",
        "1_",
        "é",
        "\u{0}",
        "global x\n",
        "nonlocal x\n",
        "del ",
        ":=",
        "->",
        "\t",
        "    ",
        "try:\n",
        "except* ",
        "finally:\n",
        "type X[T] = ",
        "!",
    ];
    for name in [
        "ast.py",
        "dataclasses.py",
        "contextlib.py",
        "typing.py",
        "test/test_syntax.py",
    ] {
        let Ok(text) = std::fs::read_to_string(lib.join(name)) else {
            continue;
        };
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for _ in 0..150 {
            let start = random(lines.len());
            let n = 1 + random(40);
            let mut part: String = lines[start..(start + n).min(lines.len())].concat();
            for _ in 0..random(4) {
                let mut at = random(part.len());
                while !part.is_char_boundary(at) {
                    at -= 1;
                }
                if random(2) == 0 {
                    part.insert_str(at, junk[random(junk.len())]);
                } else {
                    part.truncate(at);
                }
            }
            let Ok(code) = compile(&part, "f", &Options::default()) else {
                continue;
            };
            if let Err(e) = verify(&code) {
                panic!("{e}\n{part}");
            }
        }
    }
}
