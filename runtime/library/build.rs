//! Compiles the library to code units: see the head of `src/lib.rs`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

/// Files of another interpreter, and what is not wanted in the binary.
const SKIP: &[&str] = &[
    "_dummy_os.py",
    "_dummy_thread.py",
    "dummy_threading.py",
    "_pycodecs.py",
    "idlelib",
    "turtledemo",
    "tkinter",
    "turtle.py",
    "ensurepip",
    "test",
    "lib2to3",
    "site-packages",
    "__pycache__",
    "pydoc_data",
    "msilib",
];

struct Input {
    path: String,
    data: Vec<u8>,
    code: Option<Vec<u8>>,
    packed: Vec<u8>,
}

fn collect(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)
        .map(|d| d.flatten().map(|e| e.path()).collect())
        .unwrap_or_default();
    entries.sort();
    for p in entries {
        let name = p
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        if SKIP.contains(&name.as_str()) || name.ends_with(".pyc") {
            continue;
        }
        if p.is_dir() {
            collect(&p, out);
        } else if name.ends_with(".py") || name == "Grammar.txt" || p.to_string_lossy().contains("importlib") {
            out.push(p);
        }
    }
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=patches");
    let root = PathBuf::from(rustpython_pylib::LIB_PATH);
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    // Modules of our own, and ours in place of files that were edited for another interpreter.
    let own = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("patches");
    let mut inputs: Vec<Input> = Vec::new();
    for base in [&own, &root] {
        let mut paths = Vec::new();
        collect(base, &mut paths);
        for p in paths {
            let path = p
                .strip_prefix(base)
                .expect("below the root")
                .to_string_lossy()
                .into_owned();
            if inputs.iter().any(|i| i.path == path) {
                continue;
            }
            let data = fs::read(&p).expect("readable library file");
            inputs.push(Input {
                path,
                data,
                code: None,
                packed: Vec::new(),
            });
        }
    }
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    let inputs: Vec<Mutex<Input>> = inputs.into_iter().map(Mutex::new).collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get());
    std::thread::scope(|s| {
        for _ in 0..threads {
            std::thread::Builder::new()
                .stack_size(256 << 20)
                .spawn_scoped(s, || {
                    loop {
                        // Relaxed: hands out indices only.
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let Some(cell) = inputs.get(i) else { break };
                        work(&mut cell.lock().expect("no worker panics"));
                    }
                })
                .expect("a thread can be started");
        }
    });
    let inputs: Vec<Input> = inputs
        .into_iter()
        .map(|m| m.into_inner().expect("no worker panics"))
        .collect();
    write(&out, &inputs);
}

fn work(input: &mut Input) {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&input.data).expect("memory is writable");
    input.packed = encoder.finish().expect("memory is writable");
    if !input.path.ends_with(".py") {
        return;
    }
    let Ok(source) = std::str::from_utf8(&input.data) else {
        return;
    };
    match skein_compiler::compile(source, &input.path, &skein_compiler::Options::default()) {
        Ok(code) => input.code = Some(skein_bytecode::marshal::to_bytes(&code)),
        Err(e) => println!("cargo:warning={}:{}: {}", input.path, e.line, e.message),
    }
}

fn write(out: &Path, inputs: &[Input]) {
    let (mut code, mut files) = (Vec::new(), Vec::new());
    let mut index = String::from("static ENTRIES: &[File] = &[\n");
    let mut modules = Vec::new();
    for (i, input) in inputs.iter().enumerate() {
        writeln!(
            index,
            "File {{ path: {:?}, data: ({}, {}), len: {} }},",
            input.path,
            files.len(),
            input.packed.len(),
            input.data.len()
        )
        .expect("memory is writable");
        files.extend_from_slice(&input.packed);
        if let Some(c) = &input.code {
            let stem = input.path.trim_end_matches(".py");
            let is_package = stem.ends_with("/__init__");
            let name = stem.trim_end_matches("/__init__").replace('/', ".");
            modules.push((name, is_package, input.path.clone(), code.len(), c.len(), i));
            code.extend_from_slice(c);
        }
    }
    index.push_str("];\nstatic MODULES: &[Module] = &[\n");
    modules.sort();
    for (name, is_package, path, at, len, file) in modules {
        writeln!(
            index,
            "Module {{ name: {name:?}, is_package: {is_package}, path: {path:?}, code: ({at}, {len}), file: {file} }},"
        )
        .expect("memory is writable");
    }
    index.push_str("];\n");
    // FNV-1a over all that the compiler made of the library: another compiler, another number.
    let fingerprint = code.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    });
    index.push_str(&format!(
        "/// Changes with what the compiler makes of the library.\npub const FINGERPRINT: u64 = {fingerprint:#x};\n"
    ));
    fs::write(out.join("code.bin"), code).expect("OUT_DIR is writable");
    fs::write(out.join("files.bin"), files).expect("OUT_DIR is writable");
    fs::write(out.join("index.rs"), index).expect("OUT_DIR is writable");
}
