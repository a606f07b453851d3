//! Compiles files through their `ast` trees and compares the code units; with `--dump` prints the trees, a line per node.

use skein_bytecode::{Code, Const};
use skein_compiler::tree::{Field, Node, compile_tree, parse_tree};
use skein_compiler::{Mode, Options};

fn constant(c: &Const) -> String {
    match c {
        Const::Str(s) => format!("str {}", s.len()),
        Const::Bytes(s) => format!("bytes {}", s.len()),
        Const::Int(i) => format!("int {i}"),
        Const::BigInt(_) => "int big".into(),
        Const::Float(_) => "float".into(),
        Const::Complex(..) => "complex".into(),
        Const::None => "NoneType".into(),
        Const::True | Const::False => "bool".into(),
        _ => "ellipsis".into(),
    }
}

fn field(name: &str, f: &Field, depth: usize) {
    let indent = " ".repeat(depth);
    match f {
        Field::None => {}
        Field::Int(i) => println!("{indent}{name}={i}"),
        Field::Text(t) => println!("{indent}{name}={t}"),
        Field::Const(c) => println!("{indent}{name}={}", constant(c)),
        Field::List(l) => l.iter().for_each(|f| field(name, f, depth)),
        Field::Node(n) => node(name, n, depth),
    }
}

fn node(name: &str, n: &Node, depth: usize) {
    let at = n.position.map_or(String::new(), |p| {
        format!(" {}:{}-{}:{}", p.line, p.col, p.end_line, p.end_col)
    });
    println!("{}{name} {}{at}", " ".repeat(depth), n.kind);
    n.fields.iter().for_each(|(k, f)| field(k, f, depth + 1));
}

/// Where two units differ.
fn differ(a: &Code, b: &Code) -> Option<String> {
    if a == b {
        return None;
    }
    for (x, y) in a.consts.iter().zip(&b.consts) {
        if let (Const::Code(x), Const::Code(y)) = (x, y)
            && let Some(d) = differ(x, y)
        {
            return Some(d);
        }
    }
    if a.words != b.words {
        return Some(format!("{}: words", a.qualname));
    }
    if a.first_line != b.first_line {
        return Some(format!("{}: first line", a.qualname));
    }
    match a.positions.iter().zip(&b.positions).position(|(x, y)| x != y) {
        Some(i) => Some(format!(
            "{}: position {i}: {:?} {:?}",
            a.qualname, a.positions[i], b.positions[i]
        )),
        None => Some(format!("{}: other", a.qualname)),
    }
}

fn main() {
    let dump = std::env::args().any(|a| a == "--dump");
    let (mut bad, mut all) = (0, 0);
    for path in std::env::args().skip(1).filter(|a| a != "--dump") {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if dump {
            if let Err(e) = parse_tree(&text, &path, Mode::Exec, |t| node("root", t, 0)) {
                println!("{e}");
            }
            continue;
        }
        let options = Options::default();
        let Ok(plain) = skein_compiler::compile(&text, &path, &options) else {
            continue;
        };
        all += 1;
        match parse_tree(&text, &path, Mode::Exec, |t| compile_tree(t, &path, &options)) {
            Ok(Ok(c)) => {
                if let Some(d) = differ(&plain, &c.code) {
                    bad += 1;
                    println!("{path}: {d}");
                }
            }
            Ok(Err(e)) => {
                bad += 1;
                println!("{path}: compile: {e}");
            }
            Err(e) => {
                bad += 1;
                println!("{path}: parse: {e}");
            }
        }
    }
    if !dump {
        println!("{bad} of {all} differ");
    }
}
