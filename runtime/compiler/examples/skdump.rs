//! Prints what is comparable with CPython's code objects, one line each.

use skein_bytecode::{Code, Const};

fn dump(c: &Code, depth: usize) {
    let n = c.local_names.len() - c.nfree as usize;
    let mut free: Vec<_> = c.local_names[n..].to_vec();
    free.sort();
    let mut cells: Vec<_> = c.cell_regs.iter().map(|&r| c.local_names[r as usize].clone()).collect();
    cells.sort();
    cells.dedup();
    let params = (c.args + c.kwonly_args + u32::from(c.flags & 4 != 0) + u32::from(c.flags & 8 != 0)) as usize;
    let mut locals: Vec<_> = c.local_names[..n].to_vec();
    let head: Vec<_> = locals[..params].to_vec();
    locals.sort();
    locals.dedup();
    println!(
        "{depth} {} {} {:#x} {} {} {} {:?} {:?} {:?} {:?}",
        c.qualname, c.first_line, c.flags, c.args, c.posonly_args, c.kwonly_args, head, locals, cells, free
    );
    for k in &c.consts {
        if let Const::Code(k) = k {
            dump(k, depth + 1);
        }
    }
}

fn main() {
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        println!("FILE {path}");
        match skein_compiler::compile(&text, &path, &skein_compiler::Options::default()) {
            Ok(code) => dump(&code, 0),
            Err(e) => println!("ERROR {e}"),
        }
    }
}
