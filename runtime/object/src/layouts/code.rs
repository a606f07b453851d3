//! Code objects: the compiler's code unit with constants and names as objects, and the words that run.

use crate::error::Result;
use crate::intern;
use crate::layouts::{number, str, tuple};
use crate::object::alloc;
use crate::payload;
use crate::statics as s;
use num_bigint::BigInt;
use skein_bytecode::{Code, Const, Instr, Op};
use skein_gc::Ref;
use skein_gc::lock::Mutex;
use std::any::Any;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, OnceLock};

/// Body of a code object.
pub struct CodeBody {
    pub unit: Arc<Code>,
    pub consts: Box<[Ref]>,
    pub names: Box<[Ref]>,
    pub local_names: Box<[Ref]>,
    /// Instruction and cache words. Of an instruction only the opcode's byte is written, other words whole.
    pub words: Box<[AtomicU64]>,
    pub name: Ref,
    pub qualname: Ref,
    pub filename: Ref,
    pub first_line: u32,
    /// `nlocals`, `nregs`, `args` of the unit, in reach of the call path.
    pub nlocals: u32,
    pub nregs: u32,
    pub args: u32,
    /// Parameters are plain: no *args, **kwargs or keyword-only ones.
    pub simple: bool,
    pub is_generator: bool,
    pub form: Form,
    /// A call can give nothing but None: there is no other return, and it is no generator.
    pub returns_none: bool,
    /// What its inline caches refer to: freed with the code.
    pub records: Mutex<Vec<Box<dyn Any + Send + Sync>>>,
    /// Once a tool of `sys.monitoring` has asked for events of this code alone, or disabled one.
    pub monitored: OnceLock<Box<Monitored>>,
}

/// What `sys.monitoring` knows of a code object.
#[derive(Default)]
pub struct Monitored {
    /// Events of the code's own, by tool. Relaxed: who sees them late tells late.
    pub local: [AtomicU32; 8],
    /// What tools want to hear no more.
    pub disabled: Mutex<Disabled>,
}

/// Disabled events as instruction, tool and event; they hold while no tool has restarted events.
#[derive(Default)]
pub struct Disabled {
    pub restarts: u32,
    pub events: HashSet<(u32, u8, u8)>,
}
payload!(CodeBody, "code", |this, v| {
    for r in this
        .consts
        .iter()
        .chain(this.names.iter())
        .chain(this.local_names.iter())
    {
        v.reference(r);
    }
    v.reference(&this.name);
    v.reference(&this.qualname);
    v.reference(&this.filename);
});

/// The object of a constant. Strings that look like names are interned.
///
/// # Errors
/// MemoryError.
pub fn constant(c: &Const) -> Result<Ref> {
    Ok(match c {
        Const::None => s::none(),
        Const::True => s::true_(),
        Const::False => s::false_(),
        Const::Ellipsis => s::ellipsis(),
        Const::Int(n) => number::int(*n)?,
        Const::BigInt(text) => number::big(parse_big(text))?,
        Const::Float(x) => number::float(*x)?,
        Const::Complex(re, im) => number::complex(*re, *im)?,
        Const::Str(w) => {
            let r = match std::str::from_utf8(w) {
                Ok(t) => str::from_str(t)?,
                Err(_) => str::from_buf(skein_text::StrBuf::from_wtf8(w).unwrap_or_default())?,
            };
            if w.len() <= 64 && w.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') {
                intern::intern(&r)
            } else {
                r
            }
        }
        Const::Bytes(b) => str::bytes(b)?,
        Const::Tuple(items) => tuple::new(items.iter().map(constant).collect::<Result<_>>()?)?,
        Const::FrozenSet(items) => {
            let items: Vec<Ref> = items.iter().map(constant).collect::<Result<_>>()?;
            crate::layouts::set::frozen(items)?
        }
        Const::Slice(parts) => alloc(
            &s::SLICE,
            SliceBody {
                start: constant(&parts[0])?,
                stop: constant(&parts[1])?,
                step: constant(&parts[2])?,
            },
        )?,
        Const::Code(unit) => code(unit)?,
    })
}

fn parse_big(text: &str) -> BigInt {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |t| (true, t));
    let n = match digits.strip_prefix("0x") {
        Some(hex) => BigInt::parse_bytes(hex.as_bytes(), 16),
        None => BigInt::parse_bytes(digits.as_bytes(), 10),
    }
    .unwrap_or_default();
    if negative { -n } else { n }
}

/// `slice` objects.
pub struct SliceBody {
    pub start: Ref,
    pub stop: Ref,
    pub step: Ref,
}
payload!(SliceBody, "slice", |this, v| {
    v.reference(&this.start);
    v.reference(&this.stop);
    v.reference(&this.step);
});

/// What a call has to know of a code unit before it looks closer.
#[derive(Clone, Copy)]
pub struct Form {
    /// Number of parameters, if they are plain and a call pushes a frame; else `u32::MAX`, which no call has.
    pub takes: u32,
    /// Parameters are plain or `*args` and `**kwargs`.
    pub positional: bool,
    pub varargs: bool,
    pub varkeywords: bool,
    /// Parameters are plain, and the code is that of a generator which can be made without a frame: where it begins. Else 0.
    pub starts: u32,
}

impl Form {
    pub fn of(unit: &Code) -> Form {
        use skein_bytecode::code::flags::{ASYNC_GENERATOR, COROUTINE, GENERATOR, VARARGS, VARKEYWORDS};
        let has = |flags: u32| unit.flags & flags != 0;
        let simple = !has(VARARGS | VARKEYWORDS) && unit.kwonly_args == 0;
        let op = |at: usize| unit.words.get(at).and_then(|w| Instr(*w).op());
        let at = (op(0) == Some(Op::CopyFree)) as usize;
        let starts = simple
            && has(GENERATOR | COROUTINE | ASYNC_GENERATOR)
            && op(at) == Some(Op::ReturnGenerator)
            // Their cells go to the registers that are theirs.
            && (at == 0 || Instr(unit.words[0]).b() == unit.nfree as usize);
        Form {
            takes: if simple && !starts { unit.args } else { u32::MAX },
            positional: unit.kwonly_args == 0,
            varargs: has(VARARGS),
            varkeywords: has(VARKEYWORDS),
            starts: if starts { at as u32 + 1 } else { 0 },
        }
    }
}

/// See [`CodeBody::returns_none`].
pub fn returns_none(unit: &Code) -> bool {
    use skein_bytecode::code::flags::{ASYNC_GENERATOR, COROUTINE, GENERATOR};
    if unit.flags & (GENERATOR | COROUTINE | ASYNC_GENERATOR) != 0 {
        return false;
    }
    let mut at = 0;
    while let Some(word) = unit.words.get(at) {
        match Instr(*word).op() {
            Some(Op::Return) | None => return false,
            Some(op) => at += op.words(),
        }
    }
    true
}

/// The code object of a unit; its nested units become constants.
///
/// # Errors
/// MemoryError.
pub fn code(unit: &Arc<Code>) -> Result<Ref> {
    use skein_bytecode::code::flags::{ASYNC_GENERATOR, COROUTINE, GENERATOR, VARARGS, VARKEYWORDS};
    let consts: Vec<Ref> = unit.consts.iter().map(constant).collect::<Result<_>>()?;
    let names = |list: &[Box<str>]| {
        list.iter()
            .map(|n| intern::name(n))
            .collect::<Vec<_>>()
            .into_boxed_slice()
    };
    let mut words = skein_gc::alloc::vec_with(unit.words.len())?;
    words.extend(unit.words.iter().map(|w| AtomicU64::new(*w)));
    alloc(
        &s::CODE,
        CodeBody {
            consts: consts.into_boxed_slice(),
            names: names(&unit.names),
            local_names: names(&unit.local_names),
            words: words.into_boxed_slice(),
            name: intern::name(&unit.name),
            qualname: intern::name(&unit.qualname),
            filename: intern::name(&unit.filename),
            first_line: unit.first_line,
            nlocals: unit.nlocals,
            nregs: unit.nregs,
            args: unit.args,
            simple: unit.flags & (VARARGS | VARKEYWORDS) == 0 && unit.kwonly_args == 0,
            is_generator: unit.flags & (GENERATOR | COROUTINE | ASYNC_GENERATOR) != 0,
            form: Form::of(unit),
            returns_none: returns_none(unit),
            records: Mutex::new(Vec::new()),
            monitored: OnceLock::new(),
            unit: unit.clone(),
        },
    )
}
