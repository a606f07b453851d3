//! The listing of a code unit.

use crate::instr::Role;
use crate::table::Extra;
use crate::{Code, Const, Instr, Op};
use std::fmt::Write;

/// Lists `code` and all code units among its constants.
pub fn disasm(code: &Code) -> String {
    let mut out = String::new();
    list(code, &mut out);
    out
}

fn list(code: &Code, out: &mut String) {
    let _ = writeln!(
        out,
        "code {} (line {}, flags {:#x}, args {}+{}+{}, locals {}, regs {})",
        code.qualname,
        code.first_line,
        code.flags,
        code.posonly_args,
        code.args,
        code.kwonly_args,
        code.nlocals,
        code.nregs
    );
    if !code.local_names.is_empty() {
        let _ = writeln!(
            out,
            "  locals {:?} cells {:?} free {}",
            code.local_names, code.cell_regs, code.nfree
        );
    }
    let mut at = 0;
    while at < code.words.len() {
        let next = line(code, at, out);
        at = next;
    }
    for h in &code.handlers {
        let _ = writeln!(out, "  handler {}..{} -> {} r{}", h.start, h.end, h.target, h.exc_reg);
    }
    for c in &code.consts {
        if let Const::Code(c) = c {
            out.push('\n');
            list(c, out);
        }
    }
}

fn reg(code: &Code, r: usize) -> String {
    match code.local_names.get(r) {
        Some(n) => format!("{n}"),
        None => format!("r{r}"),
    }
}

/// Writes the instruction at `at`; gives where the next one is.
fn line(code: &Code, at: usize, out: &mut String) -> usize {
    let w = Instr(code.words[at]);
    let Some(op) = w.op() else {
        let _ = writeln!(out, "  {at:4} ?? {:#x}", w.0);
        return at + 1;
    };
    let info = op.info();
    let pos = code.positions.get(at).copied().unwrap_or_default();
    let _ = write!(
        out,
        "  {at:4} {:>8} {:<14}",
        format!("{}:{}", pos.line, pos.col),
        info.name
    );
    for (i, role) in info.operands.iter().enumerate() {
        let v = [w.a(), w.b(), w.c()][i];
        let text = match role {
            Role::None => continue,
            Role::Dst | Role::Src | Role::Keep | Role::Mut | Role::Win | Role::KeepWin => reg(code, v),
            Role::Name => code.names.get(v).map_or("?".into(), |n| format!(".{n}")),
            Role::Imm => format!("#{}", v as i16),
            Role::Imm32 => format!("#{}", w.bx() as i32),
            Role::Const32 => code.consts.get(w.bx() as usize).map_or("?".into(), short_const),
            Role::Name32 => code.names.get(w.bx() as usize).map_or("?".into(), |n| format!(".{n}")),
            Role::Label32 => format!("->{}", w.bx()),
        };
        let mark = if w.flags() >> i & 1 != 0 { "!" } else { "" };
        let _ = write!(out, " {text}{mark}");
    }
    match info.extra {
        Extra::None | Extra::Cache => {}
        Extra::Label => {
            let _ = write!(out, " ->{}", code.words.get(at + 1).copied().unwrap_or(0));
        }
        Extra::Pair => {
            let x = code.words.get(at + 1).copied().unwrap_or(0);
            let _ = write!(out, " ({}, {})", x as u32, x >> 32);
            if matches!(op, Op::CallKw | Op::CallMethodKw) {
                if let Some(c) = code.consts.get(x as u32 as usize) {
                    let _ = write!(out, " {}", short_const(c));
                }
            }
        }
    }
    out.push('\n');
    at + op.words()
}

fn short_const(c: &Const) -> String {
    match c {
        Const::None => "None".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Ellipsis => "...".into(),
        Const::Int(i) => i.to_string(),
        Const::BigInt(s) => s.to_string(),
        Const::Float(f) => format!("{f:?}"),
        Const::Complex(a, b) => format!("({a:?}+{b:?}j)"),
        Const::Str(s) => format!("{:?}", String::from_utf8_lossy(s)),
        Const::Bytes(s) => format!("b{:?}", String::from_utf8_lossy(s)),
        Const::Tuple(t) => {
            let items: Vec<_> = t.iter().map(short_const).collect();
            format!("({})", items.join(", "))
        }
        Const::FrozenSet(t) => {
            let items: Vec<_> = t.iter().map(short_const).collect();
            format!("frozenset{{{}}}", items.join(", "))
        }
        Const::Slice(s) => format!(
            "slice({}, {}, {})",
            short_const(&s[0]),
            short_const(&s[1]),
            short_const(&s[2])
        ),
        Const::Code(c) => format!("<code {}>", c.qualname),
    }
}
