//! The binary form of a code unit.
//!
//! ```text
//! file    magic, strings, code
//! strings count, then length and bytes of each; everything else names strings by index
//! code    header numbers, name lists, constants, words, positions, handlers
//! ```
//!
//! Numbers are LEB128. Words are written as 8 bytes, for they load fastest so; positions as differences to the one
//! before. Reading never panics: bad input is an error, and nesting is bounded.

use crate::{Code, Const, Handler, Position};
use std::collections::HashMap;
use std::sync::Arc;

/// Changes with the opcode table: the number of opcodes is part of it.
const MAGIC: [u8; 4] = *b"SKN2";
const MAX_DEPTH: u32 = 400;

/// Why bytes are no code unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadBytes(pub &'static str);

impl std::fmt::Display for BadBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bad code data: {}", self.0)
    }
}

impl std::error::Error for BadBytes {}

type Res<T> = Result<T, BadBytes>;

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    strings: Vec<Vec<u8>>,
    index: HashMap<Vec<u8>, u64>,
}

fn push_number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

/// The binary form of `code`.
pub fn to_bytes(code: &Code) -> Vec<u8> {
    let mut w = Writer::default();
    let file = w.intern(code.filename.as_bytes());
    w.number(file);
    w.code(code);
    let mut out = MAGIC.to_vec();
    push_number(&mut out, crate::table::ALL.len() as u64);
    push_number(&mut out, w.strings.len() as u64);
    for s in &w.strings {
        push_number(&mut out, s.len() as u64);
        out.extend(s);
    }
    out.extend(w.out);
    out
}

impl Writer {
    fn intern(&mut self, s: &[u8]) -> u64 {
        if let Some(&i) = self.index.get(s) {
            return i;
        }
        let i = self.strings.len() as u64;
        self.strings.push(s.to_vec());
        self.index.insert(s.to_vec(), i);
        i
    }

    fn number(&mut self, n: u64) {
        push_number(&mut self.out, n);
    }

    fn string(&mut self, s: &[u8]) {
        let i = self.intern(s);
        self.number(i);
    }

    fn names(&mut self, list: &[Box<str>]) {
        self.number(list.len() as u64);
        for n in list {
            self.string(n.as_bytes());
        }
    }

    fn code(&mut self, c: &Code) {
        self.string(c.name.as_bytes());
        self.string(c.qualname.as_bytes());
        for n in [
            c.first_line,
            c.flags,
            c.posonly_args,
            c.args,
            c.kwonly_args,
            c.nlocals,
            c.nregs,
            c.nfree,
        ] {
            self.number(n as u64);
        }
        self.names(&c.local_names);
        self.number(c.cell_regs.len() as u64);
        for &r in &c.cell_regs {
            self.number(r as u64);
        }
        self.names(&c.names);
        self.number(c.consts.len() as u64);
        for k in &c.consts {
            self.constant(k);
        }
        self.number(c.words.len() as u64);
        for w in &c.words {
            self.out.extend(w.to_le_bytes());
        }
        // Runs of equal positions.
        let mut before = Position::default();
        let mut i = 0;
        while i < c.positions.len() {
            let p = c.positions[i];
            let run = c.positions[i..].iter().take_while(|&&x| x == p).count();
            self.number(run as u64);
            self.number(zigzag(p.line as i64 - before.line as i64));
            self.number(zigzag(p.end_line as i64 - p.line as i64));
            self.number(p.col as u64);
            self.number(zigzag(p.end_col as i64 - p.col as i64));
            before = p;
            i += run;
        }
        self.number(c.handlers.len() as u64);
        for h in &c.handlers {
            for n in [h.start, h.end, h.target, h.exc_reg as u32] {
                self.number(n as u64);
            }
        }
    }

    fn list(&mut self, tag: u8, items: &[Const]) {
        self.out.push(tag);
        self.number(items.len() as u64);
        for i in items {
            self.constant(i);
        }
    }

    fn constant(&mut self, c: &Const) {
        match c {
            Const::None => self.out.push(0),
            Const::True => self.out.push(1),
            Const::False => self.out.push(2),
            Const::Ellipsis => self.out.push(3),
            Const::Int(i) => {
                self.out.push(4);
                self.number(zigzag(*i));
            }
            Const::BigInt(s) => {
                self.out.push(5);
                self.string(s.as_bytes());
            }
            Const::Float(f) => {
                self.out.push(6);
                self.out.extend(f.to_bits().to_le_bytes());
            }
            Const::Complex(a, b) => {
                self.out.push(7);
                self.out.extend(a.to_bits().to_le_bytes());
                self.out.extend(b.to_bits().to_le_bytes());
            }
            Const::Str(s) => {
                self.out.push(8);
                self.string(s);
            }
            Const::Bytes(s) => {
                self.out.push(9);
                self.string(s);
            }
            Const::Tuple(t) => self.list(10, t),
            Const::FrozenSet(t) => self.list(11, t),
            Const::Slice(s) => {
                self.out.push(12);
                for x in s.iter() {
                    self.constant(x);
                }
            }
            Const::Code(c) => {
                self.out.push(13);
                self.code(c);
            }
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    strings: Vec<&'a [u8]>,
    filename: Arc<str>,
    depth: u32,
}

/// Reads what [`to_bytes`] wrote. The result is structurally sound only if the bytes were: see [`crate::verify()`].
pub fn from_bytes(bytes: &[u8]) -> Res<Code> {
    read(bytes, None)
}

/// Like [`from_bytes`], with another file name: the embedded library does not know where it will seem to lie.
pub fn from_bytes_named(bytes: &[u8], filename: &str) -> Res<Code> {
    read(bytes, Some(filename))
}

fn read(bytes: &[u8], filename: Option<&str>) -> Res<Code> {
    let mut r = Reader {
        bytes,
        strings: Vec::new(),
        filename: "".into(),
        depth: 0,
    };
    if r.take(4)? != MAGIC {
        return Err(BadBytes("no magic number"));
    }
    if r.number()? != crate::table::ALL.len() as u64 {
        return Err(BadBytes("another version of the opcode table"));
    }
    let n = r.count(1)?;
    for _ in 0..n {
        let len = r.count(1)?;
        let s = r.take(len)?;
        r.strings.push(s);
    }
    r.filename = r.text()?.into();
    if let Some(name) = filename {
        r.filename = name.into();
    }
    let code = r.code()?;
    if r.bytes.is_empty() {
        Ok(code)
    } else {
        Err(BadBytes("bytes left over"))
    }
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Res<&'a [u8]> {
        if n > self.bytes.len() {
            return Err(BadBytes("truncated"));
        }
        let (head, rest) = self.bytes.split_at(n);
        self.bytes = rest;
        Ok(head)
    }

    fn byte(&mut self) -> Res<u8> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self) -> Res<u64> {
        let mut n = 0;
        let mut shift = 0;
        loop {
            let b = self.byte()?;
            n |= ((b & 0x7F) as u64) << shift;
            if b < 0x80 {
                return Ok(n);
            }
            shift += 7;
            if shift > 63 {
                return Err(BadBytes("number too long"));
            }
        }
    }

    fn small(&mut self) -> Res<u32> {
        u32::try_from(self.number()?).map_err(|_| BadBytes("number too large"))
    }

    /// A number of things of at least `size` bytes each, which must still be there.
    fn count(&mut self, size: usize) -> Res<usize> {
        let n = usize::try_from(self.number()?).map_err(|_| BadBytes("count too large"))?;
        if n.checked_mul(size).is_none_or(|t| t > self.bytes.len()) {
            return Err(BadBytes("count too large"));
        }
        Ok(n)
    }

    fn string(&mut self) -> Res<&'a [u8]> {
        let i = self.number()? as usize;
        self.strings.get(i).copied().ok_or(BadBytes("no such string"))
    }

    fn text(&mut self) -> Res<&'a str> {
        std::str::from_utf8(self.string()?).map_err(|_| BadBytes("name is not UTF-8"))
    }

    fn names(&mut self) -> Res<Vec<Box<str>>> {
        let n = self.count(1)?;
        (0..n).map(|_| Ok(self.text()?.into())).collect()
    }

    fn float(&mut self) -> Res<f64> {
        let b = self.take(8)?;
        let mut a = [0; 8];
        a.copy_from_slice(b);
        Ok(f64::from_bits(u64::from_le_bytes(a)))
    }

    fn code(&mut self) -> Res<Code> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(BadBytes("nested too deep"));
        }
        let name = self.text()?.into();
        let qualname = self.text()?.into();
        let mut n = [0; 8];
        for x in &mut n {
            *x = self.small()?;
        }
        let local_names = self.names()?;
        let count = self.count(1)?;
        let cell_regs = (0..count).map(|_| self.small()).collect::<Res<_>>()?;
        let names = self.names()?;
        let count = self.count(1)?;
        let mut consts = Vec::with_capacity(count);
        for _ in 0..count {
            consts.push(self.constant()?);
        }
        let count = self.count(8)?;
        let words: Vec<u64> = self
            .take(count * 8)?
            .chunks_exact(8)
            .map(|b| {
                let mut a = [0; 8];
                a.copy_from_slice(b);
                u64::from_le_bytes(a)
            })
            .collect();
        let mut positions = Vec::with_capacity(count);
        let mut line = 0i64;
        while positions.len() < count {
            let run = self.number()? as usize;
            if run == 0 || run > count - positions.len() {
                return Err(BadBytes("bad positions"));
            }
            line = line.wrapping_add(unzigzag(self.number()?));
            let end_line = line.wrapping_add(unzigzag(self.number()?)) as u32;
            let col = self.small()?;
            let end_col = (col as i64).wrapping_add(unzigzag(self.number()?)) as u32;
            let p = Position {
                line: line as u32,
                end_line,
                col,
                end_col,
            };
            positions.extend(std::iter::repeat_n(p, run));
        }
        let count = self.count(4)?;
        let mut handlers = Vec::with_capacity(count);
        for _ in 0..count {
            handlers.push(Handler {
                start: self.small()?,
                end: self.small()?,
                target: self.small()?,
                exc_reg: u16::try_from(self.number()?).map_err(|_| BadBytes("bad handler"))?,
            });
        }
        self.depth -= 1;
        let [
            first_line,
            flags,
            posonly_args,
            args,
            kwonly_args,
            nlocals,
            nregs,
            nfree,
        ] = n;
        Ok(Code {
            name,
            qualname,
            filename: self.filename.clone(),
            first_line,
            flags,
            posonly_args,
            args,
            kwonly_args,
            nlocals,
            nregs,
            local_names,
            cell_regs,
            nfree,
            names,
            consts,
            words,
            handlers,
            positions,
        })
    }

    fn list(&mut self) -> Res<Vec<Const>> {
        let n = self.count(1)?;
        (0..n).map(|_| self.constant()).collect()
    }

    fn constant(&mut self) -> Res<Const> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(BadBytes("nested too deep"));
        }
        let c = match self.byte()? {
            0 => Const::None,
            1 => Const::True,
            2 => Const::False,
            3 => Const::Ellipsis,
            4 => Const::Int(unzigzag(self.number()?)),
            5 => Const::BigInt(self.text()?.into()),
            6 => Const::Float(self.float()?),
            7 => Const::Complex(self.float()?, self.float()?),
            8 => Const::Str(self.string()?.into()),
            9 => Const::Bytes(self.string()?.into()),
            10 => Const::Tuple(self.list()?),
            11 => Const::FrozenSet(self.list()?),
            12 => Const::Slice(Box::new([self.constant()?, self.constant()?, self.constant()?])),
            13 => Const::Code(Arc::new(self.code()?)),
            _ => return Err(BadBytes("no such constant")),
        };
        self.depth -= 1;
        Ok(c)
    }
}
