//! Function definitions and parameters.

use super::Compiler;
use crate::error::Res;
use crate::scope::{Part, ScopeKind};
use crate::unit::Reg;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use skein_bytecode::code::flags;
use skein_bytecode::table::{Intrinsic1, Intrinsic2};
use skein_bytecode::{Const, Op};

impl<'a> Compiler<'a> {
    /// The range of a definition without its decorators.
    pub fn definition_range(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        let Some(last) = decorators.last() else {
            return range;
        };
        let mut at = last.range.end().to_usize();
        let bytes = self.src.text.as_bytes();
        while let Some(&b) = bytes.get(at) {
            match b {
                b'#' => {
                    while bytes.get(at).is_some_and(|&b| b != b'\n' && b != b'\r') {
                        at += 1;
                    }
                }
                b if b.is_ascii_whitespace() || b == b'\\' || b == 12 => at += 1,
                _ => break,
            }
        }
        let start = TextSize::try_from(at).unwrap_or(range.start());
        TextRange::new(start.min(range.end()), range.end())
    }

    /// Pushes the tuple of defaults and the dict of keyword defaults, where there are any.
    pub fn defaults(&mut self, p: &'a ast::Parameters) -> Res<[Option<Reg>; 2]> {
        let mut out = [None, None];
        let plain: Vec<&'a Expr> = p
            .posonlyargs
            .iter()
            .chain(&p.args)
            .filter_map(|a| a.default.as_deref())
            .collect();
        if let (Some(first), Some(last)) = (plain.first(), plain.last()) {
            let range = Self::span(first.range().start(), last.range().end());
            let t = self.u.alloc();
            let folded: Option<Vec<Const>> = plain.iter().map(|e| self.fold(e)).collect();
            match folded {
                Some(items) => {
                    self.at(range);
                    self.load_const(Const::Tuple(items), t);
                }
                None => {
                    self.u.top = t;
                    for e in &plain {
                        self.temp(e)?;
                    }
                    self.at(range);
                    self.u.emit(Op::BuildTuple, t, t, plain.len() as u16);
                    self.u.top = t + 1;
                }
            }
            out[0] = Some(t);
        }
        let mut kw = None;
        let mut n = 0;
        for a in &p.kwonlyargs {
            if let Some(d) = &a.default {
                let k = self.u.alloc();
                kw = kw.or(Some(k));
                let name = self.mangled(&a.parameter.name.id);
                self.at(d.range());
                self.load_str(&name, k);
                self.temp(d)?;
                n += 1;
            }
        }
        if let Some(k) = kw {
            self.u.emit(Op::BuildMap, k, k, n);
            self.u.top = k + 1;
            out[1] = Some(k);
        }
        Ok(out)
    }

    /// Sets the flags of the parameters; gives the counts of the code object.
    pub fn signature(&mut self, p: Option<&ast::Parameters>) -> [u32; 3] {
        let Some(p) = p else { return [0; 3] };
        if p.vararg.is_some() {
            self.u.flags |= flags::VARARGS;
        }
        if p.kwarg.is_some() {
            self.u.flags |= flags::VARKEYWORDS;
        }
        let pos = p.posonlyargs.len() as u32;
        self.u.positional = pos + p.args.len() as u32;
        [pos, pos + p.args.len() as u32, p.kwonlyargs.len() as u32]
    }

    /// Pushes the values of decorators.
    pub fn decorators(&mut self, list: &'a [ast::Decorator]) -> Res<()> {
        for d in list {
            self.temp(&d.expression)?;
        }
        Ok(())
    }

    /// Calls the decorators below the value at the top.
    pub fn decorate(&mut self, list: &'a [ast::Decorator], value: Reg) -> Reg {
        let mut r = value;
        for d in list.iter().rev() {
            r -= 1;
            self.at(d.expression.range());
            self.u.emit(Op::Call, r, r, 1);
        }
        self.u.top = r + 1;
        r
    }

    pub fn function_def(&mut self, f: &'a ast::StmtFunctionDef) -> Res<()> {
        let base = self.u.top;
        let range = self.definition_range(f.range, &f.decorator_list);
        let first = f.decorator_list.first().map_or(range, |d| d.range);
        for p in f.parameters.iter() {
            self.forbidden(&p.name().id, p.name().range, "assign to")?;
        }
        self.decorators(&f.decorator_list)?;
        let func = self.u.alloc();
        let after = self.u.top;
        if let Some(tp) = &f.type_params {
            let scope = self.scope_of(f, Part::TypeParams)?;
            // The defaults are evaluated out here and passed in.
            self.u.top = func;
            self.u.alloc();
            let defaults = self.defaults(&f.parameters)?;
            self.enter(scope, first)?;
            self.at(range);
            let w = self.u.alloc_n(2);
            self.u.top = w + 1;
            self.type_params(tp)?;
            let mut next = 0;
            let inner = defaults.map(|d| {
                d.map(|_| {
                    next += 1;
                    next - 1
                })
            });
            let n = next as u32;
            self.build_function(f, range, first, w, inner)?;
            self.at(range);
            self.u
                .emit(Op::Intrinsic2, w, w, Intrinsic2::SetFunctionTypeParams as u16);
            self.u.emit(Op::Return, w, 0, 0);
            let code = self.leave(range, [0, n, 0])?;
            self.at(range);
            // The function goes to the first register, the defaults lie behind it in order.
            self.make_function(code, scope, func)?;
            self.u.emit(Op::Call, func, func, n as u16);
        } else {
            let defaults = self.defaults(&f.parameters)?;
            self.build_function(f, range, first, func, defaults)?;
        }
        self.u.top = after;
        let r = self.decorate(&f.decorator_list, func);
        self.store_name(&f.name.id, range, r)?;
        self.u.top = base;
        Ok(())
    }

    /// Compiles the function and makes it in `dst`.
    fn build_function(
        &mut self,
        f: &'a ast::StmtFunctionDef,
        range: TextRange,
        first: TextRange,
        dst: Reg,
        defaults: [Option<Reg>; 2],
    ) -> Res<()> {
        let base = self.u.top;
        let annotate = self.function_annotations(f)?;
        let scope = self.scope_of(f, Part::Body)?;
        self.enter(scope, first)?;
        let args = self.signature(Some(&f.parameters));
        if self.scopes.all[scope].is_method {
            self.u.flags |= flags::METHOD;
        }
        let mut body: &'a [Stmt] = &f.body;
        if let Some(doc) = docstring(body) {
            if self.optimize < 2 {
                self.u.flags |= flags::HAS_DOCSTRING;
                let text = self.clean_docstring(doc);
                self.u.constant(text);
            }
            body = &body[1..];
        }
        self.body(body)?;
        let end = f.body.last().map_or(range, |s| s.range());
        self.at(end);
        let code = self.leave(range, args)?;
        self.at(range);
        self.make_function(code, scope, dst)?;
        for (i, r) in defaults.into_iter().enumerate() {
            if let Some(r) = r {
                self.u.emit(Op::SetFuncAttr, dst, r, i as u16);
            }
        }
        if let Some((r, kind)) = annotate {
            self.u.emit(Op::SetFuncAttr, dst, r, kind);
        }
        self.u.top = base;
        Ok(())
    }

    /// The docstring as a constant without its indentation.
    pub fn clean_docstring(&self, doc: &ast::ExprStringLiteral) -> Const {
        let bytes = crate::literal::string(doc, self.src.text);
        Const::Str(clean(&bytes).into())
    }

    // ---- type parameters

    /// Binds the type parameters; their tuple is left in a new temporary.
    pub fn type_params(&mut self, tp: &'a ast::TypeParams) -> Res<Reg> {
        let base = self.u.top;
        let mut seen_default = false;
        for p in &tp.type_params {
            let (name, range, default) = match p {
                ast::TypeParam::TypeVar(t) => (&t.name, t.range, t.default.as_deref()),
                ast::TypeParam::TypeVarTuple(t) => (&t.name, t.range, t.default.as_deref()),
                ast::TypeParam::ParamSpec(t) => (&t.name, t.range, t.default.as_deref()),
            };
            let r = self.u.alloc();
            self.at(range);
            self.load_str(&name.id, r);
            match p {
                ast::TypeParam::TypeVar(t) => match &t.bound {
                    Some(b) => {
                        let scope = self.scope_of(t, Part::Bound)?;
                        let e = self.u.alloc();
                        self.evaluator(scope, b, e)?;
                        let kind = if b.is_tuple_expr() {
                            Intrinsic2::TypeVarWithConstraints
                        } else {
                            Intrinsic2::TypeVarWithBound
                        };
                        self.at(range);
                        self.u.emit(Op::Intrinsic2, r, r, kind as u16);
                    }
                    None => self.u.emit(Op::Intrinsic1, r, r, Intrinsic1::TypeVar as u16),
                },
                ast::TypeParam::TypeVarTuple(_) => self.u.emit(Op::Intrinsic1, r, r, Intrinsic1::TypeVarTuple as u16),
                ast::TypeParam::ParamSpec(_) => self.u.emit(Op::Intrinsic1, r, r, Intrinsic1::ParamSpec as u16),
            }
            self.u.top = r + 1;
            match default {
                Some(d) => {
                    seen_default = true;
                    let scope = match p {
                        ast::TypeParam::TypeVar(t) => self.scope_of(t, Part::Default)?,
                        ast::TypeParam::TypeVarTuple(t) => self.scope_of(t, Part::Default)?,
                        ast::TypeParam::ParamSpec(t) => self.scope_of(t, Part::Default)?,
                    };
                    let e = self.u.alloc();
                    self.evaluator(scope, d, e)?;
                    self.at(range);
                    self.u
                        .emit(Op::Intrinsic2, r, r, Intrinsic2::SetTypeParamDefault as u16);
                }
                None if seen_default => {
                    return crate::error::syntax(
                        range,
                        format!(
                            "non-default type parameter '{}' follows default type parameter",
                            name.id
                        ),
                    );
                }
                None => {}
            }
            let c = self.u.alloc();
            self.at(range);
            self.u.emit(Op::Copy, c, r, 0);
            let mangled = self.mangled(&name.id);
            self.store_mangled(&mangled, c);
            self.u.top = r + 1;
        }
        self.at(tp.range);
        self.u.top = base;
        let t = self.u.alloc();
        self.u.emit(Op::BuildTuple, t, t, tp.type_params.len() as u16);
        Ok(t)
    }

    pub fn type_alias(&mut self, t: &'a ast::StmtTypeAlias) -> Res<()> {
        let base = self.u.top;
        let Expr::Name(n) = &*t.name else {
            return crate::error::syntax(t.range, "invalid syntax");
        };
        let w = self.u.alloc_n(3);
        match &t.type_params {
            Some(tp) => {
                let scope = self.scope_of(t, Part::TypeParams)?;
                self.enter(scope, t.range)?;
                let w2 = self.u.alloc();
                self.at(t.range);
                self.load_str(&n.id, w2);
                self.type_params(tp)?;
                let e = self.u.alloc();
                let body = self.scope_of(t, Part::Body)?;
                self.evaluator(body, &t.value, e)?;
                self.at(t.range);
                self.u.emit(Op::BuildTuple, w2, w2, 3);
                self.u.emit(Op::Intrinsic1, w2, w2, Intrinsic1::TypeAlias as u16);
                self.u.emit(Op::Return, w2, 0, 0);
                let code = self.leave(t.range, [0; 3])?;
                self.at(t.range);
                self.make_function(code, scope, w)?;
                self.u.emit(Op::Call, w, w, 0);
            }
            None => {
                let body = self.scope_of(t, Part::Body)?;
                self.at(t.range);
                self.load_str(&n.id, w);
                self.u.emit(Op::LoadNone, w + 1, 0, 0);
                self.evaluator(body, &t.value, w + 2)?;
                self.at(t.range);
                self.u.emit(Op::BuildTuple, w, w, 3);
                self.u.emit(Op::Intrinsic1, w, w, Intrinsic1::TypeAlias as u16);
            }
        }
        self.store_name(&n.id, t.range, w)?;
        self.u.top = base;
        Ok(())
    }

    /// A function that evaluates `e` lazily, for the `format` it is given.
    pub fn evaluator(&mut self, scope: usize, e: &'a Expr, dst: Reg) -> Res<()> {
        debug_assert_eq!(self.scopes.all[scope].kind, ScopeKind::TypeExpr);
        let base = self.u.top;
        self.enter(scope, e.range())?;
        self.check_format(e.range());
        self.at(e.range());
        let r = match e {
            // `*Ts` as the default of a TypeVarTuple.
            Expr::Starred(s) => {
                let v = self.temp(&s.value)?;
                self.at(e.range());
                let one = self.u.alloc();
                self.u.emit(Op::UnpackSeq, v, one, 1);
                one
            }
            e => self.expr(e, None)?,
        };
        self.at(e.range());
        self.u.emit(Op::Return, r, 0, 0);
        let code = self.leave(e.range(), [1, 1, 0])?;
        self.at(e.range());
        self.make_function(code, scope, dst)?;
        let t = self.u.alloc();
        self.load_const(Const::Tuple(vec![Const::Int(1)]), t);
        self.u.emit(Op::SetFuncAttr, dst, t, 0);
        self.u.top = base;
        Ok(())
    }

    /// `if format > 2: raise NotImplementedError`
    pub fn check_format(&mut self, range: TextRange) {
        self.at(range);
        let go = self.u.label();
        self.u.emit_to(Op::JGtI, 0, 2, 0, go);
        let t = self.u.alloc();
        let n = self.u.name(&ast::name::Name::new_static("NotImplementedError"));
        self.u.emit_x(Op::LoadGlobal, t, n);
        self.u.emit(Op::Raise, 1, t, 0);
        self.u.top = t;
        self.u.bind(go);
    }
}

/// The docstring of a body.
pub(crate) fn docstring(body: &[Stmt]) -> Option<&ast::ExprStringLiteral> {
    match body.first() {
        Some(Stmt::Expr(e)) => match &*e.value {
            Expr::StringLiteral(s) => Some(s),
            _ => None,
        },
        _ => None,
    }
}

/// Removes the common indentation of the lines after the first, tabs expanded to 8.
fn clean(doc: &[u8]) -> Vec<u8> {
    let mut expanded = Vec::with_capacity(doc.len());
    let mut col = 0;
    for &b in doc {
        match b {
            b'\t' => {
                let n = 8 - col % 8;
                expanded.extend(std::iter::repeat_n(b' ', n));
                col += n;
            }
            b'\n' | b'\r' => {
                expanded.push(b);
                col = 0;
            }
            b => {
                expanded.push(b);
                // Continuation bytes do not count as columns.
                if b & 0xC0 != 0x80 {
                    col += 1;
                }
            }
        }
    }
    let mut lines = expanded.split(|&b| b == b'\n');
    let first = lines.next().unwrap_or(&[]);
    let indent = |l: &[u8]| l.iter().take_while(|&&b| b == b' ').count();
    let margin = lines
        .clone()
        .filter(|l| l.iter().any(|&b| b != b' '))
        .map(indent)
        .min()
        .unwrap_or(0);
    let mut out = first[indent(first)..].to_vec();
    for l in lines {
        out.push(b'\n');
        out.extend(&l[indent(l).min(margin)..]);
    }
    out
}
