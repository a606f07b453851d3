//! Writing values.

use super::{FLAG_REF, MAX_DEPTH};
use num_bigint::{BigInt, Sign};
use skein_gc::Ref;
use skein_object::error::{Result, value_error};
use skein_object::layouts::code::SliceBody;
use skein_object::layouts::number::{ComplexBody, float_value, int_value};
use skein_object::object::RefExt;
use skein_object::{CodeBody, Context, ListBody, StrBody, dict, list, protocol, statics as s, tuple};
use std::collections::HashMap;

pub struct Writer {
    pub out: Vec<u8>,
    version: i64,
    allow_code: bool,
    /// Reference numbers by identity; the objects are kept alive so that no identity is used twice.
    seen: HashMap<u64, u32>,
    kept: Vec<Ref>,
}

impl Writer {
    pub fn new(version: i64, allow_code: bool) -> Writer {
        Writer {
            out: Vec::new(),
            version,
            allow_code,
            seen: HashMap::new(),
            kept: Vec::new(),
        }
    }

    fn long(&mut self, n: u32) {
        self.out.extend(n.to_le_bytes());
    }

    fn size(&mut self, n: usize) -> Result<()> {
        match i32::try_from(n) {
            Ok(n) => {
                self.long(n as u32);
                Ok(())
            }
            Err(_) => Err(value_error("object too large to marshal")),
        }
    }

    fn sized(&mut self, tag: u8, data: &[u8]) -> Result<()> {
        self.out.push(tag);
        self.size(data.len())?;
        self.out.extend(data);
        Ok(())
    }

    fn integer(&mut self, flag: u8, n: &BigInt) -> Result<()> {
        let (sign, digits) = n.to_u32_digits();
        // Base 2**15, least significant digit first.
        let mut small: Vec<u16> = Vec::new();
        let (mut acc, mut bits) = (0u64, 0);
        for d in digits {
            acc |= (d as u64) << bits;
            bits += 32;
            while bits >= 15 {
                small.push((acc & 0x7fff) as u16);
                acc >>= 15;
                bits -= 15;
            }
        }
        while acc != 0 {
            small.push((acc & 0x7fff) as u16);
            acc >>= 15;
        }
        while small.last() == Some(&0) {
            small.pop();
        }
        self.out.push(b'l' | flag);
        let count = i32::try_from(small.len()).map_err(|_| value_error("object too large to marshal"))?;
        self.long(if sign == Sign::Minus { -count } else { count } as u32);
        for d in small {
            self.out.extend(d.to_le_bytes());
        }
        Ok(())
    }

    fn float(&mut self, x: f64) {
        if self.version > 1 {
            self.out.extend(x.to_le_bytes());
        } else {
            let text = format!("{x:e}");
            self.out.push(text.len() as u8);
            self.out.extend(text.as_bytes());
        }
    }

    fn text(&mut self, b: &StrBody, flag: u8) -> Result<()> {
        let interned = b.is_interned();
        if self.version >= 4
            && let Some(t) = b.as_ascii()
        {
            if let Ok(n) = u8::try_from(t.len()) {
                self.out.push(if interned { b'Z' } else { b'z' } | flag);
                self.out.push(n);
                self.out.extend(t.as_bytes());
                return Ok(());
            }
            return self.sized(if interned { b'A' } else { b'a' } | flag, t.as_bytes());
        }
        let tag = if interned && self.version >= 1 { b't' } else { b'u' };
        self.sized(tag | flag, &b.view().to_wtf8())
    }

    fn items(&mut self, cx: &Context, tag: u8, items: &[Ref], depth: u32) -> Result<()> {
        self.out.push(tag);
        self.size(items.len())?;
        items.iter().try_for_each(|i| self.object(cx, i, depth + 1))
    }

    /// Writes a value.
    ///
    /// # Errors
    /// ValueError.
    pub fn object(&mut self, cx: &Context, r: &Ref, depth: u32) -> Result<()> {
        if depth >= MAX_DEPTH {
            return Err(value_error("object too deeply nested to marshal"));
        }
        cx.check_stack()?;
        let simple = [
            (s::none(), b'N'),
            (s::true_(), b'T'),
            (s::false_(), b'F'),
            (s::ellipsis(), b'.'),
            (s::STOP_ITERATION.object(), b'S'),
        ];
        if let Some((_, tag)) = simple.iter().find(|(k, _)| k.is(r)) {
            self.out.push(*tag);
            return Ok(());
        }
        let mut flag = 0;
        if self.version >= 3 && r.header().is_some() {
            if let Some(&i) = self.seen.get(&r.value().0) {
                self.out.push(b'r');
                self.long(i);
                return Ok(());
            }
            self.seen.insert(r.value().0, self.kept.len() as u32);
            self.kept.push(r.clone());
            flag = FLAG_REF;
        }
        self.fresh(cx, r, flag, depth)
    }

    fn fresh(&mut self, cx: &Context, r: &Ref, flag: u8, depth: u32) -> Result<()> {
        if r.is_exact(&s::INT)
            && let Some(n) = int_value(r)
        {
            return match n.to_i64().and_then(|n| i32::try_from(n).ok()) {
                Some(n) => {
                    self.out.push(b'i' | flag);
                    self.long(n as u32);
                    Ok(())
                }
                None => self.integer(flag, &n.to_big()),
            };
        }
        if r.is_exact(&s::FLOAT)
            && let Some(x) = float_value(r)
        {
            self.out.push(if self.version > 1 { b'g' } else { b'f' } | flag);
            self.float(x);
            return Ok(());
        }
        if r.is_exact(&s::COMPLEX)
            && let Some(c) = r.body::<ComplexBody>()
        {
            self.out.push(if self.version > 1 { b'y' } else { b'x' } | flag);
            self.float(c.real);
            self.float(c.imag);
            return Ok(());
        }
        if r.is_exact(&s::STR)
            && let Some(b) = r.body::<StrBody>()
        {
            return self.text(b, flag);
        }
        if r.is_exact(&s::TUPLE)
            && let Some(items) = tuple::items(r)
        {
            if self.version >= 4
                && let Ok(n) = u8::try_from(items.len())
            {
                self.out.extend([b')' | flag, n]);
                return items.iter().try_for_each(|i| self.object(cx, i, depth + 1));
            }
            return self.items(cx, b'(' | flag, items, depth);
        }
        if r.is_exact(&s::LIST)
            && let Some(b) = r.body::<ListBody>()
        {
            return self.items(cx, b'[' | flag, &list::snapshot(b), depth);
        }
        if r.is_exact(&s::DICT) {
            self.out.push(b'{' | flag);
            for (k, v) in dict::entries(r) {
                self.object(cx, &k, depth + 1)?;
                self.object(cx, &v, depth + 1)?;
            }
            self.out.push(b'0');
            return Ok(());
        }
        if r.is_exact(&s::SET) || r.is_exact(&s::FROZENSET) {
            let tag = if r.is_exact(&s::SET) { b'<' } else { b'>' };
            let items = protocol::collect(cx, r)?;
            return self.items(cx, tag | flag, &items, depth);
        }
        if let Some(c) = r.body::<CodeBody>() {
            if !self.allow_code {
                return Err(value_error("marshalling code objects is disallowed"));
            }
            return self.sized(b'c' | flag, &skein_bytecode::marshal::to_bytes(&c.unit));
        }
        if let Some(b) = r.body::<SliceBody>()
            && self.version >= 5
        {
            self.out.push(b':' | flag);
            return [&b.start, &b.stop, &b.step]
                .into_iter()
                .try_for_each(|p| self.object(cx, p, depth + 1));
        }
        if protocol::buffer::is_buffer(r) && r.ty().name() != "array.array" {
            let data = protocol::buffer::to_vec(cx, r)?;
            return self.sized(b's' | flag, &data);
        }
        Err(value_error("unmarshallable object"))
    }
}
