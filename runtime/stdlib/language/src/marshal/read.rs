//! Reading values.

use super::{FLAG_REF, MAX_DEPTH};
use num_bigint::{BigInt, Sign};
use skein_gc::Ref;
use skein_object::error::{Error, Result, eof_error, type_error, value_error};
use skein_object::layouts::code::{self, SliceBody};
use skein_object::layouts::{number, set};
use skein_object::object::{RefExt, alloc};
use skein_object::{BytesBody, Context, dict, intern, list, protocol, statics as s, str, tuple};
use std::sync::Arc;

/// Where the bytes come from.
pub enum Input {
    Bytes {
        data: Vec<u8>,
        at: usize,
    },
    /// The bound `read` of a file.
    File(Ref),
}

impl Input {
    pub fn bytes(data: Vec<u8>) -> Input {
        Input::Bytes { data, at: 0 }
    }

    pub fn file(read: Ref) -> Input {
        Input::File(read)
    }

    fn take(&mut self, cx: &Context, n: usize) -> Result<Vec<u8>> {
        match self {
            Input::Bytes { data, at } => match at.checked_add(n).and_then(|end| data.get(*at..end)) {
                Some(part) => {
                    *at += n;
                    Ok(part.to_vec())
                }
                None => Err(eof_error("marshal data too short")),
            },
            Input::File(read) => {
                let got = protocol::call1(cx, read, &number::int_from_usize(n)?)?;
                let Some(b) = got.body::<BytesBody>() else {
                    return Err(type_error(format!(
                        "file.read() returned not bytes but {}",
                        got.ty().name()
                    )));
                };
                if b.len() > n {
                    return Err(value_error(format!(
                        "read() returned too much data: {n} bytes requested, {} returned",
                        b.len()
                    )));
                }
                if b.len() < n {
                    return Err(eof_error("marshal data too short"));
                }
                Ok(b.as_slice().to_vec())
            }
        }
    }
}

pub struct Reader {
    input: Input,
    allow_code: bool,
    /// Objects by reference number; `None` while one is being read.
    refs: Vec<Option<Ref>>,
}

#[cold]
fn bad(why: &str) -> Error {
    value_error(format!("bad marshal data ({why})"))
}

impl Reader {
    pub fn new(input: Input, allow_code: bool) -> Reader {
        Reader {
            input,
            allow_code,
            refs: Vec::new(),
        }
    }

    /// Reads the one value of the input.
    ///
    /// # Errors
    /// ValueError, EOFError, TypeError.
    pub fn value(&mut self, cx: &Context) -> Result<Ref> {
        self.object(cx, 0)?
            .ok_or_else(|| type_error("NULL object in marshal data for object"))
    }

    fn array<const N: usize>(&mut self, cx: &Context) -> Result<[u8; N]> {
        let v = self.input.take(cx, N)?;
        let mut out = [0; N];
        for (o, b) in out.iter_mut().zip(v) {
            *o = b;
        }
        Ok(out)
    }

    fn byte(&mut self, cx: &Context) -> Result<u8> {
        Ok(self.array::<1>(cx)?[0])
    }

    fn long(&mut self, cx: &Context) -> Result<i32> {
        Ok(i32::from_le_bytes(self.array(cx)?))
    }

    fn size(&mut self, cx: &Context, what: &str) -> Result<usize> {
        let n = self.long(cx)?;
        usize::try_from(n).map_err(|_| bad(&format!("{what} size out of range")))
    }

    fn float(&mut self, cx: &Context) -> Result<f64> {
        Ok(f64::from_le_bytes(self.array(cx)?))
    }

    fn float_text(&mut self, cx: &Context) -> Result<f64> {
        let n = self.byte(cx)? as usize;
        let data = self.input.take(cx, n)?;
        String::from_utf8(data)
            .ok()
            .and_then(|t| t.parse().ok())
            .ok_or_else(|| value_error("could not convert string to float"))
    }

    fn integer(&mut self, cx: &Context) -> Result<Ref> {
        let n = self.long(cx)?;
        if n == i32::MIN {
            return Err(bad("long size out of range"));
        }
        let data = self.input.take(cx, n.unsigned_abs() as usize * 2)?;
        let (mut bytes, mut acc, mut bits, mut last) = (Vec::new(), 0u32, 0, 1);
        for pair in data.chunks_exact(2) {
            let d = u16::from_le_bytes([pair[0], pair[1]]);
            if d > 0x7fff {
                return Err(bad("digit out of range in long"));
            }
            last = d;
            acc |= (d as u32) << bits;
            bits += 15;
            while bits >= 8 {
                bytes.push(acc as u8);
                acc >>= 8;
                bits -= 8;
            }
        }
        if last == 0 {
            return Err(bad("unnormalized long data"));
        }
        bytes.push(acc as u8);
        number::big(BigInt::from_bytes_le(
            if n < 0 { Sign::Minus } else { Sign::Plus },
            &bytes,
        ))
    }

    fn text(&mut self, cx: &Context, n: usize, ascii: bool, interned: bool) -> Result<Ref> {
        let data = self.input.take(cx, n)?;
        let r = match std::str::from_utf8(&data) {
            _ if ascii && !data.is_ascii() => {
                // CPython reads these bytes as Latin-1.
                str::from_str(&data.iter().map(|&b| b as char).collect::<String>())?
            }
            Ok(t) => str::from_str(t)?,
            Err(_) => match skein_text::StrBuf::from_wtf8(&data) {
                Some(b) => str::from_buf(b)?,
                None => return Err(bad("invalid UTF-8 in string")),
            },
        };
        Ok(if interned { intern::intern(&r) } else { r })
    }

    fn items(&mut self, cx: &Context, n: usize, depth: u32, what: &str) -> Result<Vec<Ref>> {
        let mut out = Vec::new();
        for _ in 0..n {
            skein_gc::alloc::make_room(&mut out, 1)?;
            match self.object(cx, depth + 1)? {
                Some(r) => out.push(r),
                None => return Err(type_error(format!("NULL object in marshal data for {what}"))),
            }
        }
        Ok(out)
    }

    fn code(&mut self, cx: &Context) -> Result<Ref> {
        if !self.allow_code {
            return Err(value_error("unmarshalling code objects is disallowed"));
        }
        let n = self.size(cx, "code")?;
        let data = self.input.take(cx, n)?;
        let unit = skein_bytecode::marshal::from_bytes(&data).map_err(|e| bad(e.0))?;
        skein_bytecode::verify(&unit).map_err(|_| bad("invalid code"))?;
        code::code(&Arc::new(unit))
    }

    /// Reads an object; `None` is the end mark of a dict.
    fn object(&mut self, cx: &Context, depth: u32) -> Result<Option<Ref>> {
        let tag = match self.byte(cx) {
            Ok(b) => b,
            Err(e) if e.is(&s::EOF_ERROR) => return Err(eof_error("EOF read where object expected")),
            Err(e) => return Err(e),
        };
        if depth > MAX_DEPTH {
            return Err(value_error("recursion limit exceeded"));
        }
        cx.check_stack()?;
        let place = (tag & FLAG_REF != 0).then(|| {
            self.refs.push(None);
            self.refs.len() - 1
        });
        let early = |this: &mut Reader, r: &Ref| {
            if let Some(slot) = place.and_then(|i| this.refs.get_mut(i)) {
                *slot = Some(r.clone());
            }
        };
        let r = match tag & !FLAG_REF {
            b'0' => return Ok(None),
            b'N' => s::none(),
            b'T' => s::true_(),
            b'F' => s::false_(),
            b'.' => s::ellipsis(),
            b'S' => s::STOP_ITERATION.object(),
            b'i' => number::int(self.long(cx)? as i64)?,
            b'I' => number::int(i64::from_le_bytes(self.array(cx)?))?,
            b'l' => self.integer(cx)?,
            b'g' => number::float(self.float(cx)?)?,
            b'f' => number::float(self.float_text(cx)?)?,
            b'y' => {
                let re = self.float(cx)?;
                number::complex(re, self.float(cx)?)?
            }
            b'x' => {
                let re = self.float_text(cx)?;
                number::complex(re, self.float_text(cx)?)?
            }
            b's' => {
                let n = self.size(cx, "bytes object")?;
                str::bytes(&self.input.take(cx, n)?)?
            }
            t @ (b'z' | b'Z') => {
                let n = self.byte(cx)? as usize;
                self.text(cx, n, true, t == b'Z')?
            }
            t @ (b'a' | b'A' | b'u' | b't') => {
                let n = self.size(cx, "string")?;
                self.text(cx, n, matches!(t, b'a' | b'A'), matches!(t, b'A' | b't'))?
            }
            t @ (b'(' | b')') => {
                let n = if t == b')' {
                    self.byte(cx)? as usize
                } else {
                    self.size(cx, "tuple")?
                };
                tuple::new(self.items(cx, n, depth, "tuple")?)?
            }
            b'[' => {
                let n = self.size(cx, "list")?;
                let l = list::new(Vec::new())?;
                early(self, &l);
                for _ in 0..n {
                    match self.object(cx, depth + 1)? {
                        Some(i) => list::push(&l, i)?,
                        None => return Err(type_error("NULL object in marshal data for list")),
                    }
                }
                l
            }
            b'{' => {
                let d = dict::new()?;
                early(self, &d);
                while let Some(k) = self.object(cx, depth + 1)? {
                    let Some(v) = self.object(cx, depth + 1)? else { break };
                    protocol::setitem(cx, &d, &k, &v)?;
                }
                d
            }
            b'<' => {
                let n = self.size(cx, "set")?;
                let r = set::new()?;
                early(self, &r);
                for i in self.items(cx, n, depth, "set")? {
                    set::add(cx, &r, i)?;
                }
                r
            }
            b'>' => {
                let n = self.size(cx, "set")?;
                let items = self.items(cx, n, depth, "set")?;
                for i in &items {
                    protocol::hash(cx, i)?;
                }
                set::frozen(items)?
            }
            b':' => {
                let mut parts = self.items(cx, 3, depth, "slice")?.into_iter();
                let mut next = || parts.next().unwrap_or_else(s::none);
                alloc(
                    &s::SLICE,
                    SliceBody {
                        start: next(),
                        stop: next(),
                        step: next(),
                    },
                )?
            }
            b'c' => self.code(cx)?,
            b'r' => {
                let n = self.long(cx)?;
                let found = usize::try_from(n).ok().and_then(|n| self.refs.get(n)?.clone());
                return found.map(Some).ok_or_else(|| bad("invalid reference"));
            }
            _ => return Err(bad("unknown type code")),
        };
        early(self, &r);
        Ok(Some(r))
    }
}
