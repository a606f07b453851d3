//! f-strings, t-strings and `%` of a constant format.

use super::Compiler;
use crate::error::Res;
use crate::literal;
use crate::unit::Reg;
use ruff_python_ast::{self as ast, ConversionFlag, Expr, FStringPart, InterpolatedStringElement as Element};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::{Const, Op};

fn conversion(c: ConversionFlag) -> u16 {
    match c {
        ConversionFlag::None => 0,
        ConversionFlag::Str => 1,
        ConversionFlag::Repr => 2,
        ConversionFlag::Ascii => 3,
    }
}

/// A piece of a string to be joined.
enum Piece<'a> {
    Text(Vec<u8>, TextRange),
    Value(&'a ast::InterpolatedElement),
}

impl<'a> Compiler<'a> {
    fn pieces(&self, elements: impl Iterator<Item = &'a Element>, raw: bool, out: &mut Vec<Piece<'a>>) {
        let push = |out: &mut Vec<Piece<'a>>, bytes: &[u8], range: TextRange| {
            if bytes.is_empty() {
                return;
            }
            match out.last_mut() {
                Some(Piece::Text(t, r)) => {
                    t.extend(bytes);
                    *r = Self::span(r.start(), range.end());
                }
                _ => out.push(Piece::Text(bytes.to_vec(), range)),
            }
        };
        for e in elements {
            match e {
                Element::Literal(l) => {
                    let mut text = Vec::new();
                    literal::literal_element(l, self.src.text, raw, &mut text);
                    push(out, &text, l.range);
                }
                Element::Interpolation(i) => {
                    if let Some(d) = &i.debug_text {
                        push(out, d.as_str().as_bytes(), i.range);
                    }
                    out.push(Piece::Value(i));
                }
            }
        }
    }

    fn fstring_pieces(&self, f: &'a ast::ExprFString) -> Vec<Piece<'a>> {
        let mut out: Vec<Piece<'a>> = Vec::new();
        for part in f.value.iter() {
            match part {
                FStringPart::Literal(s) => {
                    let mut text = Vec::new();
                    literal::string_part(s, self.src.text, &mut text);
                    match out.last_mut() {
                        Some(Piece::Text(t, _)) => t.extend(text),
                        _ if text.is_empty() => {}
                        _ => out.push(Piece::Text(text, s.range)),
                    }
                }
                FStringPart::FString(f) => self.pieces(f.elements.iter(), f.flags.prefix().is_raw(), &mut out),
            }
        }
        out
    }

    pub fn fstring(&mut self, f: &'a ast::ExprFString, want: Option<Reg>) -> Res<Reg> {
        let pieces = self.fstring_pieces(f);
        self.join(pieces, f.range, want)
    }

    fn join(&mut self, pieces: Vec<Piece<'a>>, range: TextRange, want: Option<Reg>) -> Res<Reg> {
        let base = self.u.top;
        match &pieces[..] {
            [] => {
                let d = self.dst(want);
                self.at(range);
                self.load_str("", d);
                return Ok(d);
            }
            [Piece::Value(v)] => return self.format_value(v, want),
            [Piece::Text(t, _)] => {
                let d = self.dst(want);
                self.at(range);
                self.load_const(Const::Str(t.as_slice().into()), d);
                return Ok(d);
            }
            _ => {}
        }
        let total = pieces.len();
        if total > 100 {
            return self.join_many(pieces, range, want);
        }
        for p in pieces {
            match p {
                Piece::Text(t, r) => {
                    let k = self.u.alloc();
                    self.at(r);
                    self.load_const(Const::Str(t.into()), k);
                }
                Piece::Value(v) => {
                    let k = self.u.alloc();
                    self.format_value(v, Some(k))?;
                }
            }
        }
        self.u.top = base;
        let d = self.dst(want);
        self.at(range);
        self.u.emit(Op::BuildString, d, base, total as u16);
        Ok(d)
    }

    /// Joins in chunks.
    fn join_many(&mut self, pieces: Vec<Piece<'a>>, range: TextRange, want: Option<Reg>) -> Res<Reg> {
        let t = self.u.alloc();
        let mut it = pieces.into_iter().peekable();
        let mut first = true;
        while it.peek().is_some() {
            let chunk: Vec<_> = it.by_ref().take(90).collect();
            if first {
                self.join(chunk, range, Some(t))?;
                first = false;
            } else {
                let c = self.u.alloc();
                self.join(chunk, range, Some(c))?;
                self.u.emit(Op::BuildString, t, t, 2);
                self.u.top = t + 1;
            }
        }
        self.finish_temp(t, want)
    }

    fn format_value(&mut self, v: &'a ast::InterpolatedElement, want: Option<Reg>) -> Res<Reg> {
        let base = self.u.top;
        let r = self.expr(&v.expression, None)?;
        let mut conv = conversion(v.conversion);
        if v.debug_text.is_some() && conv == 0 && v.format_spec.is_none() {
            conv = 2;
        }
        let mut r = r;
        self.at(v.range);
        if conv != 0 {
            self.u.top = base;
            let t = self.u.alloc();
            self.u.emit(Op::ConvertValue, t, r, conv);
            r = t;
        }
        match &v.format_spec {
            None => {
                self.u.top = base;
                let d = self.dst(want);
                self.u.emit(Op::FormatSimple, d, r, 0);
                Ok(d)
            }
            Some(spec) => {
                let mut pieces = Vec::new();
                self.pieces(spec.elements.iter(), false, &mut pieces);
                let s = self.u.alloc();
                self.join(pieces, spec.range, Some(s))?;
                self.u.top = base;
                let d = self.dst(want);
                self.at(v.range);
                self.u.emit(Op::FormatSpec, d, r, s);
                Ok(d)
            }
        }
    }

    pub fn tstring(&mut self, t: &'a ast::ExprTString, want: Option<Reg>) -> Res<Reg> {
        let mut pieces = Vec::new();
        for part in &t.value {
            self.pieces(part.elements.iter(), part.flags.prefix().is_raw(), &mut pieces);
        }
        let base = self.u.top;
        let strings = self.u.alloc();
        let mut texts: Vec<Const> = Vec::new();
        let mut pending: Vec<u8> = Vec::new();
        let mut values = Vec::new();
        for p in pieces {
            match p {
                Piece::Text(t, _) => pending.extend(t),
                Piece::Value(v) => {
                    texts.push(Const::Str(std::mem::take(&mut pending).into()));
                    values.push(v);
                }
            }
        }
        texts.push(Const::Str(pending.into()));
        self.at(t.range);
        self.load_const(Const::Tuple(texts), strings);
        let list = self.u.alloc();
        let many = values.len() > 60;
        if many {
            self.u.emit(Op::BuildList, list, list, 0);
        } else {
            self.u.top = list;
        }
        let n = values.len();
        for v in values {
            let w = self.temp(&v.expression)?;
            let text = self.u.alloc();
            self.at(v.range);
            let source = interpolation_source(self.src.text, v);
            self.load_str(&source, text);
            let mut conv = conversion(v.conversion);
            if v.debug_text.is_some() && conv == 0 && v.format_spec.is_none() {
                conv = 2;
            }
            let s = self.u.alloc();
            match &v.format_spec {
                None => self.load_str("", s),
                Some(spec) => {
                    let mut pieces = Vec::new();
                    self.pieces(spec.elements.iter(), false, &mut pieces);
                    self.join(pieces, spec.range, Some(s))?;
                }
            }
            self.at(v.range);
            self.u.emit(Op::BuildInterpolation, w, w, conv);
            self.u.top = w + 1;
            if many {
                self.u.emit(Op::ListAppend, list, w, 0);
                self.u.top = w;
            }
        }
        self.at(t.range);
        if many {
            self.u.emit(Op::ListToTuple, list, list, 0);
        } else {
            self.u.emit(Op::BuildTuple, list, list, n as u16);
        }
        self.u.top = base;
        let d = self.dst(want);
        self.u.emit(Op::BuildTemplate, d, strings, 0);
        Ok(d)
    }

    /// `"..." % (a, b)` with only %s, %r and %a is an f-string.
    pub fn percent_format(&mut self, b: &'a ast::ExprBinOp, want: Option<Reg>) -> Res<Option<Reg>> {
        let (Expr::StringLiteral(s), Expr::Tuple(t)) = (&*b.left, &*b.right) else {
            return Ok(None);
        };
        if t.elts.is_empty() || t.elts.len() > 90 || t.elts.iter().any(Expr::is_starred_expr) {
            return Ok(None);
        }
        let text = literal::string(s, self.src.text);
        let mut parts: Vec<(Vec<u8>, Option<u16>)> = Vec::new();
        let mut cur = Vec::new();
        let mut it = text.iter();
        while let Some(&c) = it.next() {
            if c != b'%' {
                cur.push(c);
                continue;
            }
            let conv = match it.next() {
                Some(b'%') => {
                    cur.push(b'%');
                    continue;
                }
                Some(b's') => 1,
                Some(b'r') => 2,
                Some(b'a') => 3,
                _ => return Ok(None),
            };
            parts.push((std::mem::take(&mut cur), Some(conv)));
        }
        if parts.len() != t.elts.len() {
            return Ok(None);
        }
        parts.push((cur, None));
        let base = self.u.top;
        let mut n = 0;
        let mut values = t.elts.iter();
        for (text, conv) in parts {
            if !text.is_empty() {
                let k = self.u.alloc();
                self.at(b.left.range());
                self.load_const(Const::Str(text.into()), k);
                n += 1;
            }
            if let (Some(conv), Some(v)) = (conv, values.next()) {
                let k = self.temp(v)?;
                self.at(v.range());
                self.u.emit(Op::ConvertValue, k, k, conv);
                self.u.emit(Op::FormatSimple, k, k, 0);
                n += 1;
            }
        }
        self.u.top = base;
        let d = self.dst(want);
        self.at(b.range);
        self.u.emit(Op::BuildString, d, base, n);
        Ok(Some(d))
    }
}

/// The text of an interpolation as `Interpolation.expression` shows it.
pub(crate) fn interpolation_source(source: &str, v: &ast::InterpolatedElement) -> String {
    if let Some(d) = &v.debug_text {
        return d.as_str().trim_end().trim_end_matches('=').to_string();
    }
    // With the parentheses around the expression, which its own range lacks.
    let start = v.range.start().to_usize() + 1;
    let end = v.expression.range().end().to_usize();
    let limit = match &v.format_spec {
        Some(s) => s.range.start().to_usize().saturating_sub(1),
        None => v.range.end().to_usize().saturating_sub(1),
    };
    let mut text = source.get(start..limit.max(end)).unwrap_or("");
    if v.conversion != ConversionFlag::None
        && let Some(i) = text.rfind('!')
    {
        text = &text[..i];
    }
    text.to_string()
}
