//! To the parser's tree: expressions.

use super::back::{Back, NONE, child, int, items, nodes};
use super::{Field, Node, malformed};
use crate::error::Res;
use ruff_python_ast::{
    self as ast, BoolOp, CmpOp, ConversionFlag, Expr, ExprContext, InterpolatedStringElement as Element, Operator,
    UnaryOp,
};
use ruff_text_size::{TextRange, TextSize};
use skein_bytecode::{Const, Position};
use std::str::FromStr;

macro_rules! kinds {
    ($($f:ident $ty:ident $what:literal: $($name:ident)*;)*) => {$(
        pub(super) fn $f(n: &Node) -> Res<$ty> {
            match n.kind {
                $(stringify!($name) => Ok($ty::$name),)*
                k => malformed(format!(concat!("expected some sort of ", $what, ", but got {}"), k)),
            }
        }
    )*};
}
kinds! {
    operator Operator "operator": Add Sub Mult MatMult Div Mod Pow LShift RShift BitOr BitXor BitAnd FloorDiv;
    bool_op BoolOp "boolop": And Or;
    unary UnaryOp "unaryop": Invert Not UAdd USub;
    cmp CmpOp "cmpop": Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn;
    context ExprContext "expr_context": Load Store Del;
}

/// Escapes every character, for the compiler to decode.
fn escaped(wtf8: &[u8]) -> String {
    let mut out = String::new();
    let mut rest = wtf8;
    while let Some(&b) = rest.first() {
        let n = match b {
            0..0x80 => 1,
            0x80..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        }
        .min(rest.len());
        let (head, tail) = rest.split_at(n);
        let code = head.iter().skip(1).fold(
            match n {
                1 => b as u32,
                2 => b as u32 & 0x1F,
                3 => b as u32 & 0x0F,
                _ => b as u32 & 0x07,
            },
            |c, &b| c << 6 | (b as u32 & 0x3F),
        );
        out.push_str(&format!("\\U{code:08x}"));
        rest = tail;
    }
    out
}

impl Back {
    pub fn expr(&mut self, n: &Node) -> Res<Expr> {
        self.expr_in(n, ExprContext::Load)
    }

    pub fn exprs(&mut self, n: &Node, field: &str, ctx: ExprContext) -> Res<Vec<Expr>> {
        items(n, field)
            .iter()
            .map(|f| match f {
                Field::Node(c) => self.expr_in(c, ctx),
                _ => malformed("None disallowed in expression list"),
            })
            .collect()
    }

    /// Text of a string, and the range where the compiler finds it again if the parser's tree cannot hold it.
    fn string_text(&mut self, wtf8: &[u8], quotes: &str) -> (Box<str>, Option<TextRange>) {
        let text = String::from_utf8_lossy(wtf8);
        let range = text
            .contains('\u{FFFD}')
            .then(|| self.marks.write(&format!("{quotes}{}{quotes}", escaped(wtf8))));
        (text.into(), range)
    }

    fn number(&mut self, value: ast::Number, negative: bool, s: (TextSize, Position)) -> Expr {
        let number = |range| {
            Expr::NumberLiteral(ast::ExprNumberLiteral {
                node_index: NONE,
                range,
                value,
            })
        };
        if !negative {
            return number(self.close(s));
        }
        let inner = self.marks.start(s.1);
        let operand = Box::new(number(self.marks.end(inner, s.1)));
        Expr::UnaryOp(ast::ExprUnaryOp {
            node_index: NONE,
            range: self.close(s),
            op: UnaryOp::USub,
            operand,
        })
    }

    fn integer(&mut self, text: &str, s: (TextSize, Position)) -> Res<Expr> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |t| (true, t));
        let parsed = match digits.strip_prefix("0x") {
            Some(hex) => ast::Int::from_str_radix(hex, 16, digits),
            None => ast::Int::from_str(digits),
        };
        match parsed {
            Ok(i) => Ok(self.number(ast::Number::Int(i), negative, s)),
            Err(_) => malformed("invalid integer constant"),
        }
    }

    fn constant(&mut self, value: &Const, s: (TextSize, Position)) -> Res<Expr> {
        let node_index = NONE;
        Ok(match value {
            Const::None => Expr::NoneLiteral(ast::ExprNoneLiteral {
                node_index,
                range: self.close(s),
            }),
            Const::True | Const::False => Expr::BooleanLiteral(ast::ExprBooleanLiteral {
                node_index,
                range: self.close(s),
                value: *value == Const::True,
            }),
            Const::Ellipsis => Expr::EllipsisLiteral(ast::ExprEllipsisLiteral {
                node_index,
                range: self.close(s),
            }),
            Const::Int(i) => return self.integer(&i.to_string(), s),
            Const::BigInt(t) => return self.integer(t, s),
            Const::Float(f) => self.number(ast::Number::Float(f.abs()), f.is_sign_negative(), s),
            Const::Complex(real, imag) => self.number(
                ast::Number::Complex {
                    real: *real,
                    imag: *imag,
                },
                false,
                s,
            ),
            Const::Str(text) => {
                let (value, range) = self.string_text(text, "\"");
                let whole = self.close(s);
                Expr::StringLiteral(ast::ExprStringLiteral {
                    node_index,
                    range: whole,
                    value: ast::StringLiteralValue::single(ast::StringLiteral {
                        range: range.unwrap_or(whole),
                        node_index: NONE,
                        value,
                        flags: ast::StringLiteralFlags::empty(),
                    }),
                })
            }
            Const::Bytes(b) => {
                let range = self.close(s);
                Expr::BytesLiteral(ast::ExprBytesLiteral {
                    node_index,
                    range,
                    value: ast::BytesLiteralValue::single(ast::BytesLiteral {
                        range,
                        node_index: NONE,
                        value: b.clone(),
                        flags: ast::BytesLiteralFlags::empty(),
                    }),
                })
            }
            Const::Tuple(t) => {
                let mut elts = Vec::new();
                for c in t {
                    let inner = (self.marks.start(s.1), s.1);
                    elts.push(self.constant(c, inner)?);
                }
                Expr::Tuple(ast::ExprTuple {
                    node_index,
                    range: self.close(s),
                    elts,
                    ctx: ExprContext::Load,
                    parenthesized: true,
                })
            }
            Const::FrozenSet(_) | Const::Slice(_) | Const::Code(_) => {
                return malformed("this kind of constant cannot be compiled yet");
            }
        })
    }

    fn elements(&mut self, n: &Node) -> Res<Vec<Element>> {
        let mut out = Vec::new();
        for v in nodes(n, "values")? {
            match (v.kind, v.get("value")) {
                ("Constant", Field::Const(Const::Str(text))) => {
                    let s = self.open(v);
                    let (value, range) = self.string_text(text, "");
                    let whole = self.close(s);
                    out.push(Element::Literal(ast::InterpolatedStringLiteralElement {
                        range: range.unwrap_or(whole),
                        node_index: NONE,
                        value,
                    }));
                }
                ("FormattedValue" | "Interpolation", _) => out.push(Element::Interpolation(self.interpolation(v)?)),
                // A part of a string that is itself one.
                ("JoinedStr", _) => out.extend(self.elements(v)?),
                (k, _) => {
                    return malformed(format!("unexpected {k} node in {} values", n.kind));
                }
            }
        }
        Ok(out)
    }

    fn interpolation(&mut self, n: &Node) -> Res<ast::InterpolatedElement> {
        let conversion = match int(n, "conversion") {
            -1 | 0 => ConversionFlag::None,
            115 => ConversionFlag::Str,
            114 => ConversionFlag::Repr,
            97 => ConversionFlag::Ascii,
            c => return malformed(format!("Unrecognized conversion character {c}")),
        };
        let s = self.open(n);
        let expression = self.boxed(n, "value")?;
        let spec = match n.get("format_spec") {
            Field::Node(spec) if matches!(spec.kind, "JoinedStr") => Some(self.elements(spec)?),
            // Any other expression is formatted first.
            Field::Node(spec) => {
                let expression = Box::new(self.expr(spec)?);
                let range = self.point();
                Some(vec![Element::Interpolation(ast::InterpolatedElement {
                    range,
                    node_index: NONE,
                    expression,
                    debug_text: None,
                    conversion: ConversionFlag::None,
                    format_spec: None,
                })])
            }
            _ => None,
        };
        let mut range = self.close(s);
        let mut end = range.end();
        // `Interpolation.expression` is cut out of the source.
        if let Field::Const(Const::Str(text)) = n.get("str") {
            let text = String::from_utf8_lossy(text);
            let bang = if conversion == ConversionFlag::None { "" } else { "!" };
            let all = self.marks.write(&format!("{{{text}{bang}:}}"));
            end = all.end() - TextSize::from(1);
            range = if spec.is_some() {
                all
            } else {
                // Without a colon the limit is one before the end.
                TextRange::new(all.start(), end)
            };
        }
        Ok(ast::InterpolatedElement {
            range,
            node_index: NONE,
            expression,
            debug_text: None,
            conversion,
            format_spec: spec.map(|elements| {
                Box::new(ast::InterpolatedStringFormatSpec {
                    range: TextRange::empty(end),
                    node_index: NONE,
                    elements: elements.into(),
                })
            }),
        })
    }

    fn call(&mut self, n: &Node, s: (TextSize, Position)) -> Res<Expr> {
        let func = self.boxed(n, "func")?;
        let start = self.point().start();
        let args = self.exprs(n, "args", ExprContext::Load)?;
        let keywords = self.keywords(n)?;
        let whole = self.close(s);
        Ok(Expr::Call(ast::ExprCall {
            node_index: NONE,
            range_start: whole.start(),
            func,
            arguments: ast::Arguments {
                range: TextRange::new(start, whole.end()),
                node_index: NONE,
                args: args.into(),
                keywords: keywords.into(),
            },
        }))
    }

    /// An expression in a place that wants the given context.
    pub fn expr_in(&mut self, n: &Node, want: ExprContext) -> Res<Expr> {
        use ExprContext::{Load, Store};
        let s = self.open(n);
        let node_index = NONE;
        macro_rules! done {
            ($variant:ident $ty:ident { $($field:ident : $value:expr),* }) => {{
                $(let $field = $value;)*
                let range = self.close(s);
                Expr::$variant(ast::$ty { node_index, range, $($field),* })
            }};
        }
        let has = match n.kind {
            "Name" | "Attribute" | "Subscript" | "Starred" | "List" | "Tuple" => context(child(n, "ctx")?)?,
            _ => Load,
        };
        if has != want {
            if matches!(n.get("ctx"), Field::None) {
                return malformed(format!("expression which can't be assigned to in {want:?} context"));
            }
            return malformed(format!("expression must have {want:?} context but has {has:?} instead"));
        }
        Ok(match n.kind {
            "BoolOp" => {
                if items(n, "values").len() < 2 {
                    return malformed("BoolOp with less than 2 values");
                }
                done!(BoolOp ExprBoolOp { op: bool_op(child(n, "op")?)?, values: self.exprs(n, "values", Load)? })
            }
            "NamedExpr" => done!(Named ExprNamed {
                target: Box::new(self.expr_in(child(n, "target")?, Store)?), value: self.boxed(n, "value")?
            }),
            "BinOp" => done!(BinOp ExprBinOp {
                left: self.boxed(n, "left")?, op: operator(child(n, "op")?)?, right: self.boxed(n, "right")?
            }),
            "UnaryOp" => {
                done!(UnaryOp ExprUnaryOp { op: unary(child(n, "op")?)?, operand: self.boxed(n, "operand")? })
            }
            "Lambda" => done!(Lambda ExprLambda {
                parameters: Some(Box::new(self.parameters(child(n, "args")?)?)), body: self.boxed(n, "body")?
            }),
            "IfExp" => done!(If ExprIf {
                test: self.boxed(n, "test")?, body: self.boxed(n, "body")?, orelse: self.boxed(n, "orelse")?
            }),
            "Dict" => {
                let (keys, values) = (items(n, "keys"), nodes(n, "values")?);
                if keys.len() != values.len() {
                    return malformed("Dict doesn't have the same number of keys as values");
                }
                let mut list = Vec::new();
                for (k, v) in keys.iter().zip(values) {
                    let key = match k {
                        Field::Node(k) => Some(self.expr(k)?),
                        _ => None,
                    };
                    list.push(ast::DictItem {
                        key,
                        value: self.expr(v)?,
                    });
                }
                done!(Dict ExprDict { items: list })
            }
            "Set" => done!(Set ExprSet { elts: self.exprs(n, "elts", Load)? }),
            "ListComp" => done!(ListComp ExprListComp {
                elt: self.boxed(n, "elt")?, generators: self.comprehensions(n)?
            }),
            "SetComp" => done!(SetComp ExprSetComp {
                elt: self.boxed(n, "elt")?, generators: self.comprehensions(n)?
            }),
            "DictComp" => done!(DictComp ExprDictComp {
                key: Some(self.boxed(n, "key")?), value: self.boxed(n, "value")?, generators: self.comprehensions(n)?
            }),
            "GeneratorExp" => done!(Generator ExprGenerator {
                elt: self.boxed(n, "elt")?, generators: self.comprehensions(n)?, parenthesized: true
            }),
            "Await" => done!(Await ExprAwait { value: self.boxed(n, "value")? }),
            "Yield" => done!(Yield ExprYield { value: self.opt_expr(n, "value")? }),
            "YieldFrom" => done!(YieldFrom ExprYieldFrom { value: self.boxed(n, "value")? }),
            "Compare" => {
                let ops: Vec<CmpOp> = nodes(n, "ops")?.into_iter().map(cmp).collect::<Res<_>>()?;
                if ops.is_empty() {
                    return malformed("Compare with no comparators");
                }
                if ops.len() != items(n, "comparators").len() {
                    return malformed("Compare has a different number of comparators and operands");
                }
                done!(Compare ExprCompare {
                    left: self.boxed(n, "left")?, ops: ops.into(),
                    comparators: self.exprs(n, "comparators", Load)?.into()
                })
            }
            "Call" => self.call(n, s)?,
            "JoinedStr" => {
                let elements = self.elements(n)?.into();
                let range = self.close(s);
                Expr::FString(ast::ExprFString {
                    node_index,
                    range,
                    value: ast::FStringValue::single(ast::FString {
                        range,
                        node_index: NONE,
                        elements,
                        flags: ast::FStringFlags::empty(),
                    }),
                })
            }
            "TemplateStr" => {
                let elements = self.elements(n)?.into();
                let range = self.close(s);
                Expr::TString(ast::ExprTString {
                    node_index,
                    range,
                    value: ast::TStringValue::single(ast::TString {
                        range,
                        node_index: NONE,
                        elements,
                        flags: ast::TStringFlags::empty(),
                    }),
                })
            }
            // Alone, as hand-written trees have it: a string of one part.
            "FormattedValue" => {
                let elements = vec![Element::Interpolation(self.interpolation(n)?)].into();
                let range = self.close(s);
                Expr::FString(ast::ExprFString {
                    node_index,
                    range,
                    value: ast::FStringValue::single(ast::FString {
                        range,
                        node_index: NONE,
                        elements,
                        flags: ast::FStringFlags::empty(),
                    }),
                })
            }
            "Constant" => match n.get("value") {
                Field::Const(c) => self.constant(c, s)?,
                _ => self.constant(&Const::None, s)?,
            },
            "Attribute" => {
                let value = self.boxed(n, "value")?;
                let attr = self.identifier(n, "attr")?;
                done!(Attribute ExprAttribute { value: value, attr: attr, ctx: has })
            }
            "Subscript" => done!(Subscript ExprSubscript {
                value: self.boxed(n, "value")?, slice: self.boxed(n, "slice")?, ctx: has
            }),
            "Starred" => done!(Starred ExprStarred {
                value: Box::new(self.expr_in(child(n, "value")?, has)?), ctx: has
            }),
            "Name" => done!(Name ExprName { id: self.identifier(n, "id")?.id, ctx: has }),
            "List" => done!(List ExprList { elts: self.exprs(n, "elts", has)?, ctx: has }),
            "Tuple" => done!(Tuple ExprTuple { elts: self.exprs(n, "elts", has)?, ctx: has, parenthesized: true }),
            "Slice" => done!(Slice ExprSlice {
                lower: self.opt_expr(n, "lower")?, upper: self.opt_expr(n, "upper")?, step: self.opt_expr(n, "step")?
            }),
            k => return malformed(format!("expected some sort of expr, but got {k}")),
        })
    }
}
