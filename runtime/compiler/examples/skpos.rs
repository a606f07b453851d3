//! Prints the positions of instructions by kind, to be compared with CPython's.

use skein_bytecode::{Code, Const, Instr, Op};

fn dump(c: &Code) {
    let mut at = 0;
    while at < c.words.len() {
        let Some(op) = Instr(c.words[at]).op() else {
            break;
        };
        let p = c.positions[at];
        let kind = match op {
            Op::Call | Op::CallMethod | Op::CallKw | Op::CallMethodKw | Op::CallEx => "CALL",
            Op::LoadAttr | Op::LoadMethod => "ATTR",
            Op::LoadSubscr | Op::LoadSubscrI | Op::LoadSlice => "SUBSCR",
            Op::StoreAttr => "STORE_ATTR",
            Op::StoreSubscr | Op::StoreSlice => "STORE_SUBSCR",
            Op::Raise => "RAISE",
            Op::LoadGlobal => "GLOBAL",
            Op::GetIter => "GETITER",
            Op::Yield => "YIELD",
            Op::ImportName => "IMPORT",
            Op::ImportFrom => "IMPORTFROM",
            Op::UnpackSeq => "UNPACK",
            Op::Return | Op::ReturnNone => "RETURN",
            _ => "",
        };
        if !kind.is_empty() {
            println!(
                "{} {kind} {}:{}-{}:{}",
                c.qualname, p.line, p.col, p.end_line, p.end_col
            );
        }
        at += op.words();
    }
    for k in &c.consts {
        if let Const::Code(k) = k {
            dump(k);
        }
    }
}

fn main() {
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if let Ok(code) = skein_compiler::compile(&text, &path, &Default::default()) {
            println!("FILE {path}");
            dump(&code);
        }
    }
}
