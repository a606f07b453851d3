//! One code unit while it is written: words, labels, temporaries, constants and what is known to be bound.

use crate::error::{Error, ErrorKind, Res};
use crate::scope::ScopeId;
use ruff_python_ast::Stmt;
use ruff_python_ast::name::Name;
use ruff_text_size::TextRange;
use skein_bytecode::instr::{CONSUME_A, CONSUME_B, CONSUME_C, SILENT};
use skein_bytecode::table::Extra;
use skein_bytecode::{Const, Handler, Instr, Op, Position, Role};
use std::collections::HashMap;

pub(crate) type Reg = u16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label(u32);

/// A set of small numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bits(Vec<u64>);
/// A set of registers.
pub(crate) type Regs = Bits;

impl Bits {
    pub fn has<T: Into<u32>>(&self, r: T) -> bool {
        let r: u32 = r.into();
        self.0.get(r as usize / 64).is_some_and(|w| w >> (r % 64) & 1 != 0)
    }
    pub fn add<T: Into<u32>>(&mut self, r: T) {
        let r: u32 = r.into();
        let i = r as usize / 64;
        if self.0.len() <= i {
            self.0.resize(i + 1, 0);
        }
        self.0[i] |= 1 << (r % 64);
    }
    pub fn remove(&mut self, r: Reg) {
        if let Some(w) = self.0.get_mut(r as usize / 64) {
            *w &= !(1 << (r % 64));
        }
    }
    pub fn intersect(&mut self, other: &Regs) {
        for (i, w) in self.0.iter_mut().enumerate() {
            *w &= other.0.get(i).copied().unwrap_or(0);
        }
    }
    pub fn subtract(&mut self, other: &Regs) {
        for (i, w) in self.0.iter_mut().enumerate() {
            *w &= !other.0.get(i).copied().unwrap_or(0);
        }
    }
}

#[derive(Default)]
struct LabelInfo {
    at: Option<u32>,
    used: bool,
    bound: Option<Regs>,
}

/// A range of words that a handler covers; it is interrupted where an exit path of the block is written out.
pub(crate) struct Protect {
    ranges: Vec<(u32, u32)>,
    open: Option<u32>,
    target: Label,
    reg: Reg,
    bound: Regs,
    reached: bool,
}

pub(crate) type ProtectId = usize;

/// What has to be undone to leave a construct early.
#[derive(Clone)]
pub(crate) enum Block<'a> {
    Loop {
        brk: Label,
        cont: Label,
        /// Iterator to drop on `break` and `return`.
        iter: Option<Reg>,
        /// Of a loop without a condition: where `while` stands.
        head: Option<TextRange>,
    },
    Try {
        protect: ProtectId,
    },
    Finally {
        protect: ProtectId,
        body: &'a [Stmt],
    },
    /// In the copy of a `finally` body that handles an exception.
    FinallyEnd {
        protect: ProtectId,
        exc: Reg,
        prev: Reg,
    },
    Handler {
        protect: ProtectId,
        exc: Reg,
        prev: Reg,
        name: Option<(&'a Name, ProtectId, TextRange)>,
    },
    /// In the body of an `except*` clause, which nothing may leave.
    StarHandler,
    /// A value that is kept while a `finally` body runs.
    Value(Reg),
    With {
        protect: ProtectId,
        exit: Reg,
        is_async: bool,
        range: TextRange,
    },
}

pub(crate) struct Unit<'a> {
    pub scope: ScopeId,
    /// Innermost scope; differs from `scope` in an inlined comprehension.
    pub inner: ScopeId,
    pub qualname: String,
    pub flags: u32,
    pub first_line: u32,
    /// Number of positional parameters.
    pub positional: u32,
    pub nlocals: u16,
    pub top: u16,
    max: u16,
    words: Vec<u64>,
    positions: Vec<Position>,
    labels: Vec<LabelInfo>,
    fixups: Vec<(u32, Label)>,
    /// Words that are the second of their instruction and hold a label.
    second: Bits,
    handlers: Vec<Handler>,
    protects: Vec<Protect>,
    consts: Vec<Const>,
    const_index: HashMap<Vec<u8>, u32>,
    names: Vec<Box<str>>,
    name_index: HashMap<Name, u32>,
    pub reachable: bool,
    pub bound: Regs,
    pub deletable: Regs,
    /// The register of `**kwargs`, unless that is a cell. Not in `bound` as long as it may hold what stands for an empty dict.
    pub keywords: Option<Reg>,
    pub blocks: Vec<Block<'a>>,
    pub pos: Position,
    /// Words before this index may be a jump's target: they must not be removed.
    barrier: usize,
    /// The last word that jumps or exceptions lead to.
    met: usize,
    /// A `Nop` that stands for a line, the last word: it goes if the next instruction has that line.
    nop: Option<usize>,
    /// The return that no statement asks for.
    implicit: Option<u32>,
    pub error: Option<&'static str>,
}

/// The finished parts of a unit.
pub(crate) struct Finished {
    pub words: Vec<u64>,
    pub positions: Vec<Position>,
    pub handlers: Vec<Handler>,
    pub consts: Vec<Const>,
    pub names: Vec<Box<str>>,
    pub nregs: u32,
}

impl<'a> Unit<'a> {
    pub fn new(scope: ScopeId, nlocals: u16, qualname: String, first_line: u32) -> Unit<'a> {
        Unit {
            scope,
            inner: scope,
            qualname,
            flags: 0,
            first_line,
            positional: 0,
            nlocals,
            top: nlocals,
            max: nlocals,
            words: Vec::new(),
            positions: Vec::new(),
            labels: Vec::new(),
            fixups: Vec::new(),
            second: Bits::default(),
            handlers: Vec::new(),
            protects: Vec::new(),
            consts: Vec::new(),
            const_index: HashMap::new(),
            names: Vec::new(),
            name_index: HashMap::new(),
            reachable: true,
            bound: Regs::default(),
            keywords: None,
            deletable: Regs::default(),
            blocks: Vec::new(),
            pos: Position::default(),
            barrier: 0,
            met: 0,
            nop: None,
            implicit: None,
            error: None,
        }
    }

    // ---- temporaries

    pub fn is_temp(&self, r: Reg) -> bool {
        r >= self.nlocals
    }

    pub fn alloc(&mut self) -> Reg {
        let r = self.top;
        if r >= 65_000 {
            self.error = Some("too many registers");
            return r;
        }
        self.top += 1;
        self.max = self.max.max(self.top);
        r
    }

    pub fn alloc_n(&mut self, n: u16) -> Reg {
        let r = self.top;
        for _ in 0..n {
            self.alloc();
        }
        r
    }

    // ---- emission

    fn push(&mut self, w: u64) {
        self.words.push(w);
        self.positions.push(self.pos);
    }

    /// Line that the code in front of here has, if it can be reached from there alone.
    fn line_before(&self) -> Option<u32> {
        let last = self.words.len().checked_sub(1)?;
        (self.reachable && self.met <= last).then(|| self.positions[last].line)
    }

    /// Something happens on the line of the current position, though no instruction may be needed for it: whoever traces the
    /// program sees it.
    pub fn note_line(&mut self) {
        if self.reachable && self.line_before() != Some(self.pos.line) {
            self.nop = Some(self.words.len());
            self.push(Instr::abc(Op::Nop, 0, 0, 0, 0).0);
        }
    }

    /// The position of the last instruction that has one.
    pub fn last_position(&self) -> Position {
        let with_line = self.positions.iter().rev().find(|p| p.line != 0);
        with_line.copied().unwrap_or_default()
    }

    /// Takes the position of the instruction before, if there is one that always comes before: for what the source does not show.
    pub fn keep_position(&mut self) {
        self.pos = match self.positions.last() {
            Some(p) if self.reachable && self.met < self.words.len() => *p,
            _ => Position::default(),
        };
    }

    /// Writes the return that no statement asks for.
    pub fn return_at_end(&mut self) {
        if !self.reachable {
            return;
        }
        self.pos = self.positions.last().copied().unwrap_or_default();
        // A line that jumps lead to is told to all.
        if self.nop.is_some_and(|at| self.barrier >= at) {
            self.nop = None;
        }
        self.forget_nop();
        self.implicit = Some(self.words.len() as u32);
        self.emit(Op::ReturnNone, 0, 0, 0);
    }

    /// To be called before an instruction is written.
    fn forget_nop(&mut self) {
        if let Some(at) = self.nop.take()
            && at + 1 == self.words.len()
            && self.barrier <= at
            && self.positions[at].line == self.pos.line
        {
            self.words.pop();
            self.positions.pop();
        }
    }

    /// Emits an instruction of three operands; the consume flags follow from the row.
    pub fn emit(&mut self, op: Op, a: u16, b: u16, c: u16) {
        self.emit_second(op, a, b, c, None, 0);
    }

    /// Emits one with a second word that holds a pair of numbers.
    pub fn emit_pair(&mut self, op: Op, a: u16, b: u16, c: u16, low: u32, high: u32) {
        self.emit_second(op, a, b, c, None, low as u64 | (high as u64) << 32);
    }

    /// Emits one whose second word is a label.
    pub fn emit_to(&mut self, op: Op, a: u16, b: u16, c: u16, label: Label) {
        self.emit_second(op, a, b, c, Some(label), 0);
    }

    fn emit_second(&mut self, op: Op, a: u16, b: u16, c: u16, label: Option<Label>, extra: u64) {
        if !self.reachable {
            return;
        }
        self.forget_nop();
        let info = op.info();
        let b = match op {
            // Temporaries that are free hold nothing.
            Op::Return | Op::ReturnNone => self.top,
            _ => b,
        };
        let ops = [a, b, c];
        let written = |r: u16| {
            matches!(info.operands[0], Role::Dst | Role::Mut) && r == a
                || matches!(op, Op::LoadMethod | Op::LoadSpecial | Op::EgMatch) && (r == a || r == a + 1)
        };
        let mut flags = 0;
        for (i, f) in [CONSUME_A, CONSUME_B, CONSUME_C].into_iter().enumerate() {
            if info.operands.get(i) == Some(&Role::Src) && self.is_temp(ops[i]) && !(i > 0 && written(ops[i])) {
                flags |= f;
            }
        }
        if op == Op::Raise {
            flags &= match a {
                0 => 0,
                1 => CONSUME_B,
                _ => CONSUME_B | CONSUME_C,
            };
        }
        self.push(Instr::abc(op, flags, a, b, c).0);
        match info.extra {
            Extra::None => {}
            Extra::Cache => self.push(0),
            Extra::Pair => self.push(extra),
            Extra::Label => {
                if let Some(l) = label {
                    self.fixups.push((self.words.len() as u32, l));
                    self.second.add(self.words.len() as u32);
                    self.use_label(l);
                }
                self.push(0);
            }
        }
        if matches!(op, Op::Return | Op::ReturnNone | Op::Raise | Op::Reraise | Op::JumpBack) {
            self.reachable = false;
        }
    }

    /// Emits an instruction with a 32-bit operand.
    pub fn emit_x(&mut self, op: Op, a: u16, bx: u32) {
        if !self.reachable {
            return;
        }
        self.forget_nop();
        let info = op.info();
        let flags = if info.operands[0] == Role::Src && self.is_temp(a) {
            CONSUME_A
        } else {
            0
        };
        self.push(Instr::abx(op, flags, a, bx).0);
        if info.extra != Extra::None {
            self.push(0);
        }
    }

    /// Emits a jump of one word: `Jump`, `JumpBack`, `JumpIf...`.
    pub fn jump(&mut self, op: Op, a: u16, label: Label) {
        if !self.reachable {
            return;
        }
        self.forget_nop();
        self.fixups.push((self.words.len() as u32, label));
        self.use_label(label);
        self.emit_x(op, a, 0);
        if matches!(op, Op::Jump | Op::JumpBack) {
            self.reachable = false;
        }
    }

    /// Jumps over a handler, which CPython has elsewhere: nobody is told of the jump.
    pub fn jump_over_handler(&mut self, label: Label) {
        let reachable = self.reachable;
        self.keep_position();
        self.jump(Op::Jump, 0, label);
        if let (true, Some(w)) = (reachable, self.words.last_mut()) {
            *w |= u64::from(SILENT) << 8;
        }
    }

    // ---- labels

    pub fn label(&mut self) -> Label {
        self.labels.push(LabelInfo::default());
        Label(self.labels.len() as u32 - 1)
    }

    fn use_label(&mut self, l: Label) {
        let info = &mut self.labels[l.0 as usize];
        info.used = true;
        match &mut info.bound {
            Some(b) => b.intersect(&self.bound),
            None => info.bound = Some(self.bound.clone()),
        }
    }

    /// The label stands here. Code is reachable from now on if something jumps to it.
    pub fn bind(&mut self, l: Label) {
        // A jump to the next word is none.
        if let Some(&(at, target)) = self.fixups.last()
            && target == l
            && !self.reachable
            && at as usize + 1 == self.words.len()
            && self.barrier < self.words.len()
            && Instr(self.words[at as usize]).op() == Some(Op::Jump)
        {
            self.fixups.pop();
            self.words.pop();
            let gone = self.positions.pop().unwrap_or_default();
            // Unless nothing else tells of its line.
            let before = self.words.len().checked_sub(1).filter(|last| self.barrier <= *last);
            if gone.line != 0 && before.is_none_or(|last| self.positions[last].line != gone.line) {
                self.words.push(Instr::abc(Op::Nop, 0, 0, 0, 0).0);
                self.positions.push(gone);
            }
            // What was bound at the jump is part of the label's set already.
            self.reachable = false;
        }
        let here = self.words.len() as u32;
        self.barrier = here as usize;
        let info = &mut self.labels[l.0 as usize];
        info.at = Some(here);
        if let Some(b) = info.bound.clone() {
            self.met = here as usize;
            if self.reachable {
                self.bound.intersect(&b);
            } else {
                self.bound = b;
            }
            self.reachable = true;
        }
    }

    /// Start of a loop: what may be deleted in its body is not known to be bound.
    pub fn bind_loop(&mut self, l: Label) {
        let deletable = std::mem::take(&mut self.deletable);
        self.bound.subtract(&deletable);
        self.deletable = deletable;
        self.barrier = self.words.len();
        self.met = self.words.len();
        self.labels[l.0 as usize].at = Some(self.words.len() as u32);
    }

    // ---- protected ranges

    /// Begins a range whose exceptions go to the register at the top.
    pub fn protect(&mut self) -> ProtectId {
        let target = self.label();
        let mut bound = self.bound.clone();
        bound.subtract(&self.deletable);
        self.protects.push(Protect {
            ranges: Vec::new(),
            open: Some(self.words.len() as u32),
            target,
            reg: self.top,
            bound,
            reached: false,
        });
        self.barrier = self.words.len();
        self.protects.len() - 1
    }

    pub fn suspend(&mut self, id: ProtectId) {
        let here = self.words.len() as u32;
        self.barrier = here as usize;
        let p = &mut self.protects[id];
        if let Some(start) = p.open.take()
            && start < here
        {
            match p.ranges.last_mut() {
                Some(last) if last.1 == start => last.1 = here,
                _ => p.ranges.push((start, here)),
            }
        }
    }

    pub fn resume(&mut self, id: ProtectId) {
        let here = self.words.len() as u32;
        self.barrier = here as usize;
        self.protects[id].open = Some(here);
    }

    /// The register the exceptions of `id` go to.
    pub fn protect_reg(&self, id: ProtectId) -> Reg {
        self.protects[id].reg
    }

    /// Ends the range for good. Ranges that end first are innermost.
    pub fn end_protect(&mut self, id: ProtectId) {
        self.suspend(id);
        let p = &mut self.protects[id];
        p.reached = !p.ranges.is_empty();
        for &(start, end) in &p.ranges {
            self.handlers.push(Handler {
                start,
                end,
                target: p.target.0,
                exc_reg: p.reg,
            });
        }
    }

    /// The handler of `id` begins here; gives the register of the exception, which is allocated.
    pub fn bind_handler(&mut self, id: ProtectId) -> Reg {
        let here = self.words.len() as u32;
        self.barrier = here as usize;
        self.met = here as usize;
        let p = &self.protects[id];
        let (reached, reg) = (p.reached, p.reg);
        self.labels[p.target.0 as usize].at = Some(here);
        self.bound = p.bound.clone();
        self.reachable = reached;
        debug_assert_eq!(self.top, reg);
        self.alloc()
    }

    // ---- constants and names

    pub fn constant(&mut self, c: Const) -> u32 {
        if let Const::Code(_) = c {
            self.consts.push(c);
            return self.consts.len() as u32 - 1;
        }
        let mut key = Vec::new();
        crate::fold::key(&c, &mut key);
        if let Some(&i) = self.const_index.get(&key) {
            return i;
        }
        self.consts.push(c);
        let i = self.consts.len() as u32 - 1;
        self.const_index.insert(key, i);
        i
    }

    pub fn name(&mut self, n: &Name) -> u32 {
        if let Some(&i) = self.name_index.get(n) {
            return i;
        }
        self.names.push(n.as_str().into());
        let i = self.names.len() as u32 - 1;
        if i >= 65_535 {
            self.error = Some("too many names");
        }
        self.name_index.insert(n.clone(), i);
        i
    }

    pub fn name16(&mut self, n: &Name) -> u16 {
        self.name(n) as u16
    }

    // ---- the end

    /// Resolves labels.
    pub fn finish(mut self, range: TextRange) -> Res<Finished> {
        if let Some(e) = self.error {
            return Err(Error::new(ErrorKind::Memory, range, e));
        }
        let mut target: HashMap<u32, u32> = HashMap::with_capacity(self.fixups.len());
        for &(at, l) in &self.fixups {
            let to = self.labels[l.0 as usize].at.unwrap_or(0);
            target.insert(at, to);
        }
        // Jumps without a line that only the word before leads to, once all others that led there go on at once.
        let plain: Vec<u32> = self
            .fixups
            .iter()
            .map(|f| f.0)
            .filter(|&at| {
                let jump = !self.is_second(at) && Instr(self.words[at as usize]).op() == Some(Op::Jump);
                jump && at > 0 && self.positions[at as usize].line == 0
            })
            .collect();
        // Returns of their own for jumps from other lines to the one that no statement asks for.
        let mut returns: HashMap<u32, u32> = HashMap::new();
        for i in 0..self.fixups.len() {
            let at = self.fixups[i].0;
            let mut to = target.get(&at).copied().unwrap_or(0);
            let from = self.positions[at as usize];
            // Jumps to jumps, if nobody misses the line of the second.
            let mut budget = 16;
            while budget > 0 && to > at {
                match self.words.get(to as usize).and_then(|&w| Instr(w).op()) {
                    Some(Op::Jump)
                        if !self.is_second(to) && [0, from.line].contains(&self.positions[to as usize].line) =>
                    {
                        match target.get(&to) {
                            Some(&t) => to = t,
                            None => break,
                        }
                    }
                    _ => break,
                }
                budget -= 1;
            }
            let w = self.words[at as usize];
            let is_jump = !self.is_second(at) && Instr(w).op() == Some(Op::Jump);
            if self.implicit == Some(to) && !is_jump && ![0, self.positions[to as usize].line].contains(&from.line) {
                to = *returns.entry(from.line).or_insert_with(|| {
                    self.words.push(self.words[to as usize]);
                    self.positions.push(from);
                    self.words.len() as u32 - 1
                });
            }
            if self.is_second(at) {
                self.words[at as usize] = to as u64;
                continue;
            }
            let there = self.words.get(to as usize).copied().map(Instr);
            match there.and_then(Instr::op) {
                Some(Op::JumpBack) if is_jump && [0, from.line].contains(&self.positions[to as usize].line) => {
                    if let Some(&t) = target.get(&to) {
                        self.words[at as usize] = Instr::abx(Op::JumpBack, 0, 0, t).0;
                        continue;
                    }
                }
                Some(Op::ReturnNone) if is_jump => {
                    if self.implicit != Some(to) {
                        self.positions[at as usize] = self.positions[to as usize];
                    }
                    self.words[at as usize] = self.words[to as usize];
                    continue;
                }
                _ => {}
            }
            self.words[at as usize] = w & 0xFFFF_FFFF | (to as u64) << 32;
        }
        for at in plain {
            self.positions[at as usize] = self.positions[at as usize - 1];
        }
        let labels = &self.labels;
        for h in &mut self.handlers {
            h.target = labels[h.target as usize].at.unwrap_or(0);
        }
        Ok(Finished {
            words: self.words,
            positions: self.positions,
            handlers: self.handlers,
            consts: self.consts,
            names: self.names,
            nregs: self.max as u32,
        })
    }

    /// Whether word `at`, which has a fixup, is the second word of its instruction.
    fn is_second(&self, at: u32) -> bool {
        self.second.has(at)
    }
}
