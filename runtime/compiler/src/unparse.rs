//! Source text of expressions, for string annotations.

use crate::error::Res;
use crate::literal;
use crate::stack::NoStack;
use ruff_python_ast::{self as ast, BoolOp, Expr, FStringPart, InterpolatedStringElement, Operator, UnaryOp};
use skein_bytecode::Const;

// Levels of precedence, from the loosest.
const TUPLE: u8 = 0;
const NAMED: u8 = 1;
const TEST: u8 = 2;
const OR: u8 = 3;
const AND: u8 = 4;
const NOT: u8 = 5;
const CMP: u8 = 6;
const BOR: u8 = 7;
const FACTOR: u8 = 13;
const POWER: u8 = 14;
const AWAIT: u8 = 15;
const ATOM: u8 = 16;

/// The text of an expression as CPython writes string annotations.
///
/// # Errors
/// MemoryError.
pub(crate) fn unparse(e: &Expr, source: &str) -> Res<Vec<u8>> {
    let mut u = Unparser {
        out: Vec::new(),
        source,
        failed: None,
    };
    u.expr(e, TEST);
    match u.failed {
        None => Ok(u.out),
        Some(e) => Err(e.into()),
    }
}

struct Unparser<'a> {
    out: Vec<u8>,
    source: &'a str,
    /// Something is missing in the text.
    failed: Option<NoStack>,
}

fn operator(op: Operator) -> (&'static str, u8) {
    match op {
        Operator::BitOr => (" | ", BOR),
        Operator::BitXor => (" ^ ", 8),
        Operator::BitAnd => (" & ", 9),
        Operator::LShift => (" << ", 10),
        Operator::RShift => (" >> ", 10),
        Operator::Add => (" + ", 11),
        Operator::Sub => (" - ", 11),
        Operator::Mult => (" * ", 12),
        Operator::Div => (" / ", 12),
        Operator::FloorDiv => (" // ", 12),
        Operator::Mod => (" % ", 12),
        Operator::MatMult => (" @ ", 12),
        Operator::Pow => (" ** ", POWER),
    }
}

impl Unparser<'_> {
    fn put(&mut self, s: &str) {
        self.out.extend(s.as_bytes());
    }

    fn paren(&mut self, on: bool, f: impl FnOnce(&mut Self)) {
        if on {
            self.put("(");
        }
        f(self);
        if on {
            self.put(")");
        }
    }

    fn list<'e>(&mut self, items: impl IntoIterator<Item = &'e Expr>, level: u8) {
        for (i, e) in items.into_iter().enumerate() {
            if i > 0 {
                self.put(", ");
            }
            self.expr(e, level);
        }
    }

    fn comprehension(&mut self, generators: &[ast::Comprehension]) {
        for g in generators {
            self.put(if g.is_async { " async for " } else { " for " });
            self.expr(&g.target, TUPLE);
            self.put(" in ");
            self.expr(&g.iter, TEST + 1);
            for i in &g.ifs {
                self.put(" if ");
                self.expr(i, TEST + 1);
            }
        }
    }

    fn expr(&mut self, e: &Expr, level: u8) {
        if let Err(e) = crate::stack::with(64 * 1024, 1024 * 1024, || self.expr_inner(e, level)) {
            self.failed = Some(e);
        }
    }

    fn expr_inner(&mut self, e: &Expr, level: u8) {
        match e {
            Expr::BoolOp(b) => {
                let (word, pr) = match b.op {
                    BoolOp::And => (" and ", AND),
                    BoolOp::Or => (" or ", OR),
                };
                self.paren(level > pr, |u| {
                    for (i, v) in b.values.iter().enumerate() {
                        if i > 0 {
                            u.put(word);
                        }
                        u.expr(v, pr + 1);
                    }
                });
            }
            Expr::Named(n) => self.paren(level > NAMED, |u| {
                u.expr(&n.target, ATOM);
                u.put(" := ");
                u.expr(&n.value, ATOM);
            }),
            Expr::BinOp(b) => {
                let (word, pr) = operator(b.op);
                let right = u8::from(b.op == Operator::Pow);
                self.paren(level > pr, |u| {
                    u.expr(&b.left, pr + right);
                    u.put(word);
                    u.expr(&b.right, pr + (1 - right));
                });
            }
            Expr::UnaryOp(x) => {
                let (word, pr) = match x.op {
                    UnaryOp::Invert => ("~", FACTOR),
                    UnaryOp::Not => ("not ", NOT),
                    UnaryOp::UAdd => ("+", FACTOR),
                    UnaryOp::USub => ("-", FACTOR),
                };
                self.paren(level > pr, |u| {
                    u.put(word);
                    u.expr(&x.operand, pr);
                });
            }
            Expr::Lambda(l) => self.paren(level > TEST, |u| {
                match &l.parameters {
                    Some(p) if !p.is_empty() => {
                        u.put("lambda ");
                        u.parameters(p);
                    }
                    _ => u.put("lambda"),
                }
                u.put(": ");
                u.expr(&l.body, TEST);
            }),
            Expr::If(i) => self.paren(level > TEST, |u| {
                u.expr(&i.body, TEST + 1);
                u.put(" if ");
                u.expr(&i.test, TEST + 1);
                u.put(" else ");
                u.expr(&i.orelse, TEST);
            }),
            Expr::Dict(d) => {
                self.put("{");
                for (i, item) in d.items.iter().enumerate() {
                    if i > 0 {
                        self.put(", ");
                    }
                    match &item.key {
                        Some(k) => {
                            self.expr(k, TEST);
                            self.put(": ");
                            self.expr(&item.value, TEST);
                        }
                        None => {
                            self.put("**");
                            self.expr(&item.value, BOR);
                        }
                    }
                }
                self.put("}");
            }
            Expr::Set(s) => {
                self.put("{");
                self.list(&s.elts, TEST);
                self.put("}");
            }
            Expr::ListComp(c) => {
                self.put("[");
                self.expr(&c.elt, TEST);
                self.comprehension(&c.generators);
                self.put("]");
            }
            Expr::SetComp(c) => {
                self.put("{");
                self.expr(&c.elt, TEST);
                self.comprehension(&c.generators);
                self.put("}");
            }
            Expr::DictComp(c) => {
                self.put("{");
                if let Some(k) = &c.key {
                    self.expr(k, TEST);
                    self.put(": ");
                }
                self.expr(&c.value, TEST);
                self.comprehension(&c.generators);
                self.put("}");
            }
            Expr::Generator(c) => {
                self.put("(");
                self.expr(&c.elt, TEST);
                self.comprehension(&c.generators);
                self.put(")");
            }
            Expr::Await(a) => self.paren(level > AWAIT, |u| {
                u.put("await ");
                u.expr(&a.value, ATOM);
            }),
            Expr::Yield(y) => match &y.value {
                Some(v) => {
                    self.put("(yield ");
                    self.expr(v, TEST);
                    self.put(")");
                }
                None => self.put("(yield)"),
            },
            Expr::YieldFrom(y) => {
                self.put("(yield from ");
                self.expr(&y.value, TEST);
                self.put(")");
            }
            Expr::Compare(c) => self.paren(level > CMP, |u| {
                u.expr(&c.left, CMP + 1);
                for (op, r) in c.ops.iter().zip(&c.comparators) {
                    u.put(" ");
                    u.put(op.as_str());
                    u.put(" ");
                    u.expr(r, CMP + 1);
                }
            }),
            Expr::Call(c) => self.call(c),
            Expr::FString(f) => self.fstring(f),
            Expr::TString(t) => {
                let r = t.range;
                let text = self.source.get(r.start().to_usize()..r.end().to_usize()).unwrap_or("");
                self.put(text);
            }
            Expr::Attribute(a) => {
                self.expr(&a.value, ATOM);
                let int = matches!(&*a.value, Expr::NumberLiteral(n) if matches!(n.value, ast::Number::Int(_)));
                self.put(if int { " ." } else { "." });
                self.put(&a.attr);
            }
            Expr::Subscript(s) => {
                self.expr(&s.value, ATOM);
                self.put("[");
                self.expr(&s.slice, TUPLE);
                self.put("]");
            }
            Expr::Starred(s) => {
                self.put("*");
                self.expr(&s.value, BOR);
            }
            Expr::Name(n) => self.put(&n.id),
            Expr::List(l) => {
                self.put("[");
                self.list(&l.elts, TEST);
                self.put("]");
            }
            Expr::Tuple(t) if t.elts.is_empty() => self.put("()"),
            Expr::Tuple(t) => self.paren(level > TUPLE, |u| {
                u.list(&t.elts, TEST);
                if t.elts.len() == 1 {
                    u.put(",");
                }
            }),
            Expr::Slice(s) => {
                if let Some(e) = &s.lower {
                    self.expr(e, TEST);
                }
                self.put(":");
                if let Some(e) = &s.upper {
                    self.expr(e, TEST);
                }
                if let Some(e) = &s.step {
                    self.put(":");
                    self.expr(e, TEST);
                }
            }
            Expr::StringLiteral(s) => {
                if s.value.is_unicode() {
                    self.put("u");
                }
                let text = literal::string(s, self.source);
                repr_str(&text, &mut self.out);
            }
            Expr::BytesLiteral(b) => {
                let bytes: Vec<u8> = b.value.bytes().collect();
                repr_bytes(&bytes, &mut self.out);
            }
            Expr::NumberLiteral(n) => {
                if let Some(c) = literal::number(&n.value) {
                    let text = const_repr(&c);
                    self.put(&text);
                }
            }
            Expr::BooleanLiteral(b) => self.put(if b.value { "True" } else { "False" }),
            Expr::NoneLiteral(_) => self.put("None"),
            Expr::EllipsisLiteral(_) => self.put("..."),
            Expr::IpyEscapeCommand(_) => {}
        }
    }

    fn call(&mut self, c: &ast::ExprCall) {
        self.expr(&c.func, ATOM);
        if let ([Expr::Generator(_)], true) = (&*c.arguments.args, c.arguments.keywords.is_empty()) {
            self.expr(&c.arguments.args[0], TEST);
            return;
        }
        self.put("(");
        let mut first = true;
        for e in &c.arguments.args {
            if !std::mem::take(&mut first) {
                self.put(", ");
            }
            self.expr(e, TEST);
        }
        for k in &c.arguments.keywords {
            if !std::mem::take(&mut first) {
                self.put(", ");
            }
            match &k.arg {
                Some(n) => {
                    self.put(n);
                    self.put("=");
                }
                None => self.put("**"),
            }
            self.expr(&k.value, TEST);
        }
        self.put(")");
    }

    fn parameters(&mut self, p: &ast::Parameters) {
        let mut first = true;
        let comma = |u: &mut Self, first: &mut bool| {
            if !std::mem::take(first) {
                u.put(", ");
            }
        };
        for (i, a) in p.posonlyargs.iter().chain(&p.args).enumerate() {
            comma(self, &mut first);
            self.put(&a.parameter.name);
            if let Some(d) = &a.default {
                self.put("=");
                self.expr(d, TEST);
            }
            if i + 1 == p.posonlyargs.len() {
                self.put(", /");
            }
        }
        if p.vararg.is_some() || !p.kwonlyargs.is_empty() {
            comma(self, &mut first);
            self.put("*");
            if let Some(v) = &p.vararg {
                self.put(&v.name);
            }
        }
        for a in &p.kwonlyargs {
            comma(self, &mut first);
            self.put(&a.parameter.name);
            if let Some(d) = &a.default {
                self.put("=");
                self.expr(d, TEST);
            }
        }
        if let Some(k) = &p.kwarg {
            comma(self, &mut first);
            self.put("**");
            self.put(&k.name);
        }
    }

    fn fstring(&mut self, f: &ast::ExprFString) {
        let mut body = Unparser {
            out: Vec::new(),
            source: self.source,
            failed: None,
        };
        for part in &f.value {
            match part {
                FStringPart::Literal(s) => {
                    let mut text = Vec::new();
                    literal::string_part(s, self.source, &mut text);
                    body.escape_braces(&text);
                }
                FStringPart::FString(f) => {
                    body.elements(&f.elements, f.flags.prefix().is_raw());
                }
            }
        }
        self.failed = self.failed.take().or(body.failed);
        self.put("f");
        repr_str(&body.out, &mut self.out);
    }

    fn escape_braces(&mut self, text: &[u8]) {
        for &b in text {
            self.out.push(b);
            if matches!(b, b'{' | b'}') {
                self.out.push(b);
            }
        }
    }

    fn elements(&mut self, elements: &[InterpolatedStringElement], raw: bool) {
        for e in elements {
            match e {
                InterpolatedStringElement::Literal(l) => {
                    let mut text = Vec::new();
                    literal::literal_element(l, self.source, raw, &mut text);
                    self.escape_braces(&text);
                }
                InterpolatedStringElement::Interpolation(i) => {
                    let mut inner = Unparser {
                        out: Vec::new(),
                        source: self.source,
                        failed: None,
                    };
                    inner.expr(&i.expression, TEST + 1);
                    if let Some(d) = &i.debug_text {
                        self.escape_braces(d.as_str().as_bytes());
                    }
                    self.put("{");
                    if inner.out.first() == Some(&b'{') {
                        self.put(" ");
                    }
                    self.out.extend(inner.out);
                    self.failed = self.failed.take().or(inner.failed);
                    let plain_debug = i.debug_text.is_some() && i.format_spec.is_none();
                    match i.conversion.to_char() {
                        Some(c) => {
                            self.put("!");
                            self.out.push(c as u8);
                        }
                        None if plain_debug => self.put("!r"),
                        None => {}
                    }
                    if let Some(s) = &i.format_spec {
                        self.put(":");
                        self.elements(&s.elements, raw);
                    }
                    self.put("}");
                }
            }
        }
    }
}

/// Which quotes `repr` takes.
fn quote(text: &[u8]) -> u8 {
    if text.contains(&b'\'') && !text.contains(&b'"') {
        b'"'
    } else {
        b'\''
    }
}

fn push_hex(out: &mut Vec<u8>, text: String) {
    out.extend(text.as_bytes());
}

fn repr_str(text: &[u8], out: &mut Vec<u8>) {
    let q = quote(text);
    out.push(q);
    // Lone surrogates stand as three bytes that are no UTF-8.
    let mut text = text;
    while let Some(at) = text.windows(3).position(|w| w[0] == 0xED && w[1] >= 0xA0) {
        let (head, rest) = text.split_at(at);
        let n = 0xD000 | (rest[1] as u32 & 0x3F) << 6 | (rest[2] as u32 & 0x3F);
        repr_body(head, q, out);
        push_hex(out, format!("\\u{n:04x}"));
        text = &rest[3..];
    }
    repr_body(text, q, out);
    out.push(q);
}

fn repr_body(text: &[u8], q: u8, out: &mut Vec<u8>) {
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.extend(b"\\\\"),
                '\n' => out.extend(b"\\n"),
                '\r' => out.extend(b"\\r"),
                '\t' => out.extend(b"\\t"),
                c if c as u32 == q as u32 => out.extend([b'\\', q]),
                c if (c as u32) < 32 || c as u32 == 127 => {
                    push_hex(out, format!("\\x{:02x}", c as u32));
                }
                c if c.is_control() || (c.is_whitespace() && c != ' ') => {
                    let n = c as u32;
                    push_hex(
                        out,
                        if n < 256 {
                            format!("\\x{n:02x}")
                        } else {
                            format!("\\u{n:04x}")
                        },
                    );
                }
                c => {
                    let mut buf = [0; 4];
                    out.extend(c.encode_utf8(&mut buf).as_bytes());
                }
            }
        }
    }
}

fn repr_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    let q = quote(bytes);
    out.extend([b'b', q]);
    for &b in bytes {
        match b {
            b'\\' => out.extend(b"\\\\"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            b if b == q => out.extend([b'\\', q]),
            32..=126 => out.push(b),
            b => push_hex(out, format!("\\x{b:02x}")),
        }
    }
    out.push(q);
}

/// The shortest text that reads back as the float.
fn repr_float(f: f64) -> String {
    if f.is_infinite() {
        return if f > 0.0 { "1e309" } else { "-1e309" }.into();
    }
    if f.is_nan() {
        return "nan".into();
    }
    let text = format!("{f:e}");
    let (digits, exp) = text.split_once('e').unwrap_or((&text, "0"));
    let exp: i32 = exp.parse().unwrap_or(0);
    if (-4..16).contains(&exp) {
        let plain = format!("{f}");
        if plain.contains('.') {
            plain
        } else {
            format!("{plain}.0")
        }
    } else {
        let sign = if exp < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exp.abs())
    }
}

/// `repr` of a constant.
pub(crate) fn const_repr(c: &Const) -> String {
    match c {
        Const::None => "None".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Ellipsis => "Ellipsis".into(),
        Const::Int(i) => i.to_string(),
        Const::BigInt(s) => literal::parse_big(s).map_or_else(|| s.to_string(), |b| b.to_string()),
        Const::Float(f) => repr_float(*f),
        Const::Complex(re, im) => {
            let part = |f: f64| {
                let s = repr_float(f);
                s.strip_suffix(".0").map_or(s.clone(), str::to_string)
            };
            if *re == 0.0 {
                format!("{}j", part(*im))
            } else {
                format!("({}{:+}j)", part(*re), im)
            }
        }
        Const::Str(s) => {
            let mut out = Vec::new();
            repr_str(s, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        }
        Const::Bytes(s) => {
            let mut out = Vec::new();
            repr_bytes(s, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        }
        Const::Tuple(t) => {
            let items: Vec<_> = t.iter().map(const_repr).collect();
            if items.len() == 1 {
                format!("({},)", items[0])
            } else {
                format!("({})", items.join(", "))
            }
        }
        _ => "...".into(),
    }
}
