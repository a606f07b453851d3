//! `_opcode`: the instruction table, and the instructions of a code object, for `opcode.py` and `dis.py`.

use skein_bytecode::table::{ALL, Extra};
use skein_bytecode::{Instr, Op, Role};
use skein_gc::Ref;
use skein_object::error::{Result, type_error, value_error};
use skein_object::layouts::number;
use skein_object::native::{ModuleDef, Row};
use skein_object::object::RefExt;
use skein_object::{Args, CodeBody, Context, dict, intern, list, protocol, row, statics as s, str, tuple};
use skein_stdlib_support::repr_text;

pub static MODULE: ModuleDef = ModuleDef {
    name: "_opcode",
    doc: "Opcode support module.",
    functions: FUNCTIONS,
    init: |_, d| {
        let map = dict::new()?;
        for (i, op) in ALL.iter().enumerate() {
            dict::set_str(&map, op.info().name, number::int_from_usize(i)?)?;
        }
        dict::set_str(d, "opmap", map)?;
        // Of CPython's bytecode.
        dict::set_str(d, "ENABLE_SPECIALIZATION", s::false_())?;
        dict::set_str(d, "ENABLE_SPECIALIZATION_FT", s::false_())
    },
};

static FUNCTIONS: &[Row] = &[
    row!(
        "stack_effect(opcode, oparg=None, /, *, jump=None)",
        stack_effect,
        "Compute the stack effect of the opcode: always 0, for the machine has registers."
    ),
    row!(
        "is_valid(opcode)",
        |cx, a| Ok(number::bool(op(cx, a)?.is_some())),
        "Return True if opcode is valid, False otherwise."
    ),
    row!(
        "has_arg(opcode)",
        has_arg,
        "Return True if the opcode uses its oparg, False otherwise."
    ),
    row!(
        "has_const(opcode)",
        |cx, a| has(cx, a, &[Role::Const32]),
        "Return True if the opcode accesses a constant, False otherwise."
    ),
    row!(
        "has_name(opcode)",
        |cx, a| has(cx, a, &[Role::Name, Role::Name32]),
        "Return True if the opcode accesses an attribute by name, False otherwise."
    ),
    row!(
        "has_jump(opcode)",
        has_jump,
        "Return True if the opcode has a jump target, False otherwise."
    ),
    row!(
        "has_free(opcode)",
        |_, _| Ok(s::false_()),
        "Return True if the opcode accesses a free variable, False otherwise."
    ),
    row!(
        "has_local(opcode)",
        has_local,
        "Return True if the opcode accesses a local variable, False otherwise."
    ),
    row!(
        "has_exc(opcode)",
        |_, _| Ok(s::false_()),
        "Return True if the opcode sets up an exception handler, False otherwise."
    ),
    row!(
        "get_executor(*, code, offset)",
        |_, _| Ok(s::none()),
        "Return the executor object at offset in code if exists, None otherwise."
    ),
    row!(
        "get_specialization_stats()",
        |_, _| Ok(s::none()),
        "Return the specialization stats"
    ),
    row!("get_doc(opcode, /)", get_doc, "What the instruction does."),
    row!(
        "instructions(code, /)",
        instructions,
        "Tuples (word, words, opcode, operands, target) of a code object."
    ),
    row!(
        "handlers(code, /)",
        handlers,
        "Tuples (start, end, target, register) of a code object's exception table, in words."
    ),
];

fn op(cx: &Context, a: Args<'_>) -> Result<Option<Op>> {
    let n = protocol::convert::to_i64(cx, a.at(0))?;
    Ok(u8::try_from(n).ok().and_then(Op::from_u8))
}

fn stack_effect(cx: &Context, a: Args<'_>) -> Result<Ref> {
    match op(cx, a)? {
        Some(_) => Ok(Ref::small(0)),
        None => Err(value_error("invalid opcode or oparg")),
    }
}

fn has(cx: &Context, a: Args<'_>, roles: &[Role]) -> Result<Ref> {
    let found = op(cx, a)?.is_some_and(|o| o.info().operands.iter().any(|r| roles.contains(r)));
    Ok(number::bool(found))
}

fn has_arg(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let found = op(cx, a)?.is_some_and(|o| o.info().operands.iter().any(|r| *r != Role::None));
    Ok(number::bool(found))
}

fn has_jump(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let found =
        op(cx, a)?.is_some_and(|o| o.info().extra == Extra::Label || o.info().operands.contains(&Role::Label32));
    Ok(number::bool(found))
}

fn has_local(cx: &Context, a: Args<'_>) -> Result<Ref> {
    use Role::{Dst, Keep, KeepWin, Mut, Src, Win};
    has(cx, a, &[Dst, Src, Keep, Mut, Win, KeepWin])
}

fn get_doc(cx: &Context, a: Args<'_>) -> Result<Ref> {
    match op(cx, a)? {
        Some(o) => str::from_str(o.info().doc),
        None => Err(value_error("invalid opcode")),
    }
}

fn code(r: &Ref) -> Result<&CodeBody> {
    r.body::<CodeBody>()
        .ok_or_else(|| type_error(format!("expected a code object, got '{}'", r.ty().name())))
}

/// One operand: kind (`reg`, `const`, `name`, `int`, `label`), value, and how it is shown.
fn operand(cx: &Context, c: &CodeBody, role: Role, w: Instr, i: usize) -> Result<Option<[Ref; 3]>> {
    let v = [w.a(), w.b(), w.c()].get(i).copied().unwrap_or(0);
    let names = |i: usize| -> Result<[Ref; 3]> {
        let name = c.names.get(i).cloned().unwrap_or_else(s::empty_str);
        Ok([intern::name("name"), name.clone(), name])
    };
    let int =
        |n: i64| -> Result<[Ref; 3]> { Ok([intern::name("int"), number::int(n)?, str::from_str(&format!("#{n}"))?]) };
    Ok(Some(match role {
        Role::None => return Ok(None),
        Role::Dst | Role::Src | Role::Keep | Role::Mut | Role::Win | Role::KeepWin => {
            let mark = if w.flags() >> i & 1 != 0 { "!" } else { "" };
            let text = match c.unit.local_names.get(v) {
                Some(n) => format!("{n}{mark}"),
                None => format!("r{v}{mark}"),
            };
            [intern::name("reg"), number::int_from_usize(v)?, str::from_str(&text)?]
        }
        Role::Name => names(v)?,
        Role::Name32 => names(w.bx() as usize)?,
        Role::Imm => int(v as i16 as i64)?,
        Role::Imm32 => int(w.bx() as i32 as i64)?,
        Role::Const32 => {
            let value = c.consts.get(w.bx() as usize).cloned().unwrap_or_else(s::none);
            let text = str::from_str(&repr_text(cx, &value)?)?;
            [intern::name("const"), value, text]
        }
        Role::Label32 => [
            intern::name("label"),
            number::int_from_usize(w.bx() as usize)?,
            str::from_str(&format!("to {}", 2 * w.bx() as u64))?,
        ],
    }))
}

fn instructions(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let c = code(a.at(0))?;
    let words = &c.unit.words;
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(&bits) = words.get(at) {
        let w = Instr(bits);
        let Some(op) = w.op() else {
            at += 1;
            continue;
        };
        let info = op.info();
        let second = words.get(at + 1).copied().unwrap_or(0);
        let mut target = s::none();
        let mut operands = Vec::new();
        for (i, role) in info.operands.iter().enumerate() {
            if *role == Role::Label32 {
                target = number::int_from_usize(w.bx() as usize)?;
            }
            if let Some(o) = operand(cx, c, *role, w, i)? {
                operands.push(tuple::from_slice(&o)?);
            }
        }
        match info.extra {
            Extra::None | Extra::Cache => {}
            Extra::Label => {
                target = number::int_from_usize(second as usize)?;
                operands.push(tuple::new(vec![
                    intern::name("label"),
                    target.clone(),
                    str::from_str(&format!("to {}", 2 * second))?,
                ])?);
            }
            Extra::Pair => {
                let (low, high) = (second as u32, (second >> 32) as u32);
                let (kind, value, text) = match (op, c.consts.get(low as usize)) {
                    (Op::CallKw | Op::CallMethodKw, Some(names)) => ("const", names.clone(), repr_text(cx, names)?),
                    _ => {
                        let pair = tuple::new(vec![number::int(low as i64)?, number::int(high as i64)?])?;
                        ("pair", pair, format!("({low}, {high})"))
                    }
                };
                operands.push(tuple::new(vec![intern::name(kind), value, str::from_str(&text)?])?);
            }
        }
        out.push(tuple::new(vec![
            number::int_from_usize(at)?,
            number::int_from_usize(op.words())?,
            number::int(op as i64)?,
            tuple::new(operands)?,
            target,
        ])?);
        at += op.words();
    }
    list::new(out)
}

fn handlers(_: &Context, a: Args<'_>) -> Result<Ref> {
    let mut out = Vec::new();
    for h in &code(a.at(0))?.unit.handlers {
        let row = [h.start, h.end, h.target, h.exc_reg as u32];
        out.push(tuple::new(
            row.iter().map(|n| number::int(*n as i64)).collect::<Result<_>>()?,
        )?);
    }
    list::new(out)
}
