//! Checks that a code unit is well formed.
//!
//! Structure first: every opcode and operand is in range, jumps and handlers lead to starts of instructions. Then the
//! temporaries: an abstract run over all paths knows which temporaries are occupied. Reading an empty one, overwriting
//! nothing but leaving one occupied where paths meet, and falling off the end are errors.

use crate::instr::{CONSUME_A, CONSUME_B, CONSUME_C, Role};
use crate::table::Extra;
use crate::{Code, Const, Instr, Op};

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    pub unit: String,
    pub word: usize,
    pub message: String,
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at word {}: {}", self.unit, self.word, self.message)
    }
}

impl std::error::Error for VerifyError {}

/// Verifies `code` and all code units among its constants.
pub fn verify(code: &Code) -> Result<(), VerifyError> {
    let v = Verifier {
        code,
        starts: Vec::new(),
    };
    v.run()?;
    for c in &code.consts {
        if let Const::Code(c) = c {
            verify(c)?;
        }
    }
    Ok(())
}

/// What one instruction does with registers.
#[derive(Default)]
pub(crate) struct Effects {
    /// Must be bound if they are temporaries.
    pub reads: Vec<usize>,
    /// Empty afterwards.
    pub kills: Vec<usize>,
    pub writes: Vec<usize>,
    /// Instead of `kills` and `writes` when it jumps.
    pub on_jump: Option<(Vec<usize>, Vec<usize>)>,
}

fn span(first: usize, n: usize) -> impl Iterator<Item = usize> {
    first..first + n
}

/// Registers a `Win` operand covers: how many are read, how many written.
fn window(op: Op, w: Instr, pair: u64) -> (usize, usize) {
    let c = w.c();
    match op {
        Op::LoadMethod | Op::LoadSpecial => (0, 2),
        Op::LoadSuperAttr => (3, 0),
        Op::LoadSuperMethod => (3, 2),
        Op::BuildSlice | Op::BuildTuple | Op::BuildList | Op::BuildSet | Op::BuildString => (c, 0),
        Op::BuildMap => (2 * c, 0),
        Op::LoadSlice | Op::StoreSlice => (2, 0),
        Op::UnpackSeq => (0, c),
        Op::UnpackEx => (0, pair as u32 as usize + 1 + (pair >> 32) as usize),
        Op::BuildInterpolation => (3, 0),
        Op::BuildTemplate => (2, 0),
        Op::Call | Op::CallKw | Op::MakeGenexpr => (c + 1, 0),
        Op::CallMethod | Op::CallMethodKw => (c + 2, 0),
        Op::CallEx => (2 + c, 0),
        Op::Intrinsic2 => (2, 0),
        Op::EgMatch => (0, 2),
        Op::WithExcept | Op::WithExceptAsync => (2, 0),
        Op::ImportName => (2, 0),
        Op::MatchClass => (3, 0),
        _ => (0, 0),
    }
}

/// Where an instruction may jump to.
pub(crate) fn label(op: Op, w: Instr, second: u64) -> Option<usize> {
    match op.info().extra {
        Extra::Label => Some(second as usize),
        _ if op.info().operands.get(1) == Some(&Role::Label32) => Some(w.bx() as usize),
        _ => None,
    }
}

/// Whether the instruction behind this one is never the next.
pub(crate) fn is_last(op: Op) -> bool {
    matches!(
        op,
        Op::Jump | Op::JumpBack | Op::Return | Op::ReturnNone | Op::Raise | Op::Reraise
    )
}

pub(crate) fn effects(op: Op, w: Instr, second: u64) -> Effects {
    let mut e = Effects::default();
    let flags = [CONSUME_A, CONSUME_B, CONSUME_C];
    let operands = [w.a(), w.b(), w.c()];
    if op == Op::Raise {
        for i in 1..=w.a().min(2) {
            e.reads.push(operands[i]);
            if w.flags() & flags[i] != 0 {
                e.kills.push(operands[i]);
            }
        }
        return e;
    }
    for (i, role) in op.info().operands.iter().enumerate() {
        let r = operands[i];
        match role {
            Role::Dst => e.writes.push(r),
            Role::Src => {
                e.reads.push(r);
                if w.flags() & flags[i] != 0 {
                    e.kills.push(r);
                }
            }
            Role::Keep => e.reads.push(r),
            Role::Mut => match op {
                Op::Kill | Op::DelLocal => e.kills.push(r),
                Op::KillRange => e.kills.extend(span(r, w.b())),
                Op::CopyFree => e.writes.extend(span(r, w.b())),
                Op::MakeCell => e.writes.push(r),
                _ => e.reads.push(r),
            },
            Role::Win => {
                let (reads, writes) = window(op, w, second);
                e.reads.extend(span(r, reads));
                e.kills.extend(span(r, reads));
                e.writes.extend(span(r, writes));
            }
            Role::KeepWin => {
                let (reads, _) = window(op, w, second);
                e.reads.extend(span(r, reads));
            }
            _ => {}
        }
    }
    match op {
        Op::JumpIfTrueOrPop | Op::JumpIfFalseOrPop => {
            e.kills.push(w.a());
            e.on_jump = Some((Vec::new(), Vec::new()));
        }
        Op::ForIter => {
            e.on_jump = Some((vec![w.b()], Vec::new()));
        }
        Op::Send => {
            e.on_jump = Some((vec![w.b(), w.c()], vec![w.a()]));
        }
        Op::YieldFrom => {
            e.on_jump = Some((vec![w.c()], vec![w.b()]));
        }
        _ => {}
    }
    e
}

struct Verifier<'a> {
    code: &'a Code,
    starts: Vec<bool>,
}

impl Verifier<'_> {
    fn fail<T>(&self, word: usize, message: impl Into<String>) -> Result<T, VerifyError> {
        Err(VerifyError {
            unit: self.code.qualname.to_string(),
            word,
            message: message.into(),
        })
    }

    fn run(mut self) -> Result<(), VerifyError> {
        let c = self.code;
        if c.nlocals > c.nregs || c.local_names.len() != c.nlocals as usize {
            return self.fail(0, "numbers of registers do not agree");
        }
        if c.positions.len() != c.words.len() {
            return self.fail(0, "positions and words differ in number");
        }
        if c.nfree > c.nlocals || c.cell_regs.iter().any(|&r| r >= c.nlocals) {
            return self.fail(0, "cell register out of range");
        }
        let params = c.args as usize
            + c.kwonly_args as usize
            + usize::from(c.flags & crate::code::flags::VARARGS != 0)
            + usize::from(c.flags & crate::code::flags::VARKEYWORDS != 0);
        if params > c.nlocals as usize || c.posonly_args > c.args {
            return self.fail(0, "more parameters than locals");
        }
        self.starts = vec![false; c.words.len()];
        let mut at = 0;
        while at < c.words.len() {
            self.starts[at] = true;
            let Some(op) = Instr(c.words[at]).op() else {
                return self.fail(at, "no such opcode");
            };
            at += op.words();
        }
        if at != c.words.len() {
            return self.fail(at, "the last instruction is cut off");
        }
        self.structure()?;
        self.temporaries()
    }

    fn target(&self, at: usize, to: u64) -> Result<usize, VerifyError> {
        let to = usize::try_from(to).unwrap_or(usize::MAX);
        if self.starts.get(to) != Some(&true) {
            return self.fail(at, format!("jump to {to}, which is no instruction"));
        }
        Ok(to)
    }

    fn structure(&self) -> Result<(), VerifyError> {
        let c = self.code;
        let nregs = c.nregs as usize;
        for at in (0..c.words.len()).filter(|&i| self.starts[i]) {
            let w = Instr(c.words[at]);
            let Some(op) = w.op() else { continue };
            let second = c.words.get(at + 1).copied().unwrap_or(0);
            let e = effects(op, w, second);
            for r in e.reads.iter().chain(&e.kills).chain(&e.writes) {
                if *r >= nregs {
                    return self.fail(at, format!("{op:?}: register {r} out of range"));
                }
            }
            for (i, role) in op.info().operands.iter().enumerate() {
                let v = [w.a(), w.b(), w.c()][i];
                let ok = match role {
                    Role::Name => v < c.names.len(),
                    Role::Name32 => (w.bx() as usize) < c.names.len(),
                    Role::Const32 => (w.bx() as usize) < c.consts.len(),
                    Role::Label32 => {
                        self.target(at, w.bx() as u64)?;
                        true
                    }
                    _ => true,
                };
                if !ok {
                    return self.fail(at, format!("{op:?}: operand {i} out of range"));
                }
            }
            if op.info().extra == Extra::Label {
                self.target(at, second)?;
            }
            if matches!(op, Op::Return | Op::ReturnNone) && w.b() > nregs {
                return self.fail(at, format!("{op:?}: {} registers", w.b()));
            }
            if op == Op::MakeFunction && !matches!(c.consts.get(w.bx() as usize), Some(Const::Code(_))) {
                return self.fail(at, "MakeFunction of something else than code");
            }
            if op == Op::MakeGenexpr {
                let Some(Const::Code(inner)) = c.consts.get(second as u32 as usize) else {
                    return self.fail(at, "MakeGenexpr of something else than code");
                };
                if inner.expression_start(w.c()).is_none() {
                    return self.fail(at, "MakeGenexpr of code that does not begin as it should");
                }
            }
        }
        for h in &c.handlers {
            let start = h.start as usize;
            let end = h.end as usize;
            if start >= end
                || end > c.words.len()
                || !self.starts[start]
                || (end < c.words.len() && !self.starts[end])
                || h.exc_reg as usize >= nregs
                || (h.exc_reg as u32) < c.nlocals
            {
                return self.fail(start, "bad handler");
            }
            self.target(start, h.target as u64)?;
        }
        Ok(())
    }

    /// Which temporaries are occupied, along every path.
    fn temporaries(&self) -> Result<(), VerifyError> {
        let c = self.code;
        let base = c.nlocals as usize;
        let n = c.nregs as usize - base;
        let mut states: Vec<Option<Vec<bool>>> = vec![None; c.words.len()];
        let mut work = Vec::new();
        if c.words.is_empty() {
            return self.fail(0, "no instructions");
        }
        let mut by_start: Vec<(usize, usize, usize, usize)> = Vec::new();
        for h in &c.handlers {
            by_start.push((h.start as usize, h.end as usize, h.target as usize, h.exc_reg as usize));
        }
        states[0] = Some(vec![false; n]);
        work.push(0);
        while let Some(at) = work.pop() {
            let Some(before) = states[at].clone() else {
                continue;
            };
            let w = Instr(c.words[at]);
            let Some(op) = w.op() else { continue };
            let second = c.words.get(at + 1).copied().unwrap_or(0);
            let e = effects(op, w, second);
            for &r in &e.reads {
                if r >= base && !before[r - base] {
                    return self.fail(at, format!("{op:?} reads the empty temporary r{r}"));
                }
            }
            let apply = |kills: &[usize], writes: &[usize]| {
                let mut s = before.clone();
                for &r in kills.iter().filter(|&&r| r >= base) {
                    s[r - base] = false;
                }
                for &r in writes.iter().filter(|&&r| r >= base) {
                    s[r - base] = true;
                }
                s
            };
            // The innermost handler.
            if let Some(&(_, _, target, reg)) = by_start.iter().find(|h| h.0 <= at && at < h.1) {
                let mut s = before.clone();
                for (i, x) in s.iter_mut().enumerate() {
                    if i + base >= reg {
                        *x = false;
                    }
                }
                s[reg - base] = true;
                self.flow(at, target, s, &mut states, &mut work)?;
            }
            if let Some(to) = label(op, w, second) {
                let s = match &e.on_jump {
                    Some((kills, writes)) => apply(kills, writes),
                    None => apply(&e.kills, &e.writes),
                };
                self.flow(at, to, s, &mut states, &mut work)?;
            }
            if matches!(op, Op::Return | Op::ReturnNone)
                && let Some(i) = (w.b().saturating_sub(base)..n).find(|i| before[*i] && !e.kills.contains(&(base + i)))
            {
                return self.fail(at, format!("{op:?} leaves r{}", base + i));
            }
            if !is_last(op) {
                let next = at + op.words();
                if next >= c.words.len() {
                    return self.fail(at, "runs off the end");
                }
                let s = apply(&e.kills, &e.writes);
                self.flow(at, next, s, &mut states, &mut work)?;
            }
        }
        Ok(())
    }

    /// Whether the instructions at `to` begin with clearing all registers in which the two states differ.
    fn cleared(&self, mut to: usize, a: &[bool], b: &[bool]) -> bool {
        let base = self.code.nlocals as usize;
        let mut differ: Vec<usize> = (0..a.len()).filter(|&i| a[i] != b[i]).map(|i| i + base).collect();
        while !differ.is_empty() {
            let Some(&w) = self.code.words.get(to) else {
                return false;
            };
            let w = Instr(w);
            match w.op() {
                Some(Op::Kill) => differ.retain(|&r| r != w.a()),
                Some(Op::KillRange) => differ.retain(|r| !span(w.a(), w.b()).any(|x| x == *r)),
                _ => return false,
            }
            to += 1;
        }
        true
    }

    fn flow(
        &self,
        from: usize,
        to: usize,
        state: Vec<bool>,
        states: &mut [Option<Vec<bool>>],
        work: &mut Vec<usize>,
    ) -> Result<(), VerifyError> {
        match &states[to] {
            None => {
                states[to] = Some(state);
                work.push(to);
                Ok(())
            }
            Some(old) if *old == state => Ok(()),
            Some(old) if self.cleared(to, old, &state) => Ok(()),
            Some(old) => {
                let i = old.iter().zip(&state).position(|(a, b)| a != b).unwrap_or(0);
                self.fail(
                    from,
                    format!(
                        "paths to {to} differ: r{} is {}",
                        i + self.code.nlocals as usize,
                        if state[i] {
                            "occupied here, empty on another"
                        } else {
                            "empty here, occupied on another"
                        }
                    ),
                )
            }
        }
    }
}
