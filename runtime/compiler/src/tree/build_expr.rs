//! From the parser's tree: expressions.

use super::build::{Builder, node};
use super::{Field, Node};
use crate::literal;
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, ExprContext, Operator, UnaryOp};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::Const;

fn kind(name: &'static str) -> Field {
    Node::new(name, None, Vec::new()).into()
}

macro_rules! kinds {
    ($($f:ident $ty:ident: $($name:ident)*;)*) => {$(
        pub(super) fn $f(o: $ty) -> Field {
            kind(match o { $($ty::$name => stringify!($name),)* })
        }
    )*};
}
kinds! {
    operator Operator: Add Sub Mult MatMult Div Mod Pow LShift RShift BitOr BitXor BitAnd FloorDiv;
    bool_op BoolOp: And Or;
    unary UnaryOp: Invert Not UAdd USub;
    cmp CmpOp: Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn;
}

fn context(c: ExprContext) -> Field {
    kind(match c {
        ExprContext::Load | ExprContext::Invalid => "Load",
        ExprContext::Store => "Store",
        ExprContext::Del => "Del",
    })
}

impl Builder<'_> {
    pub fn constant(&self, r: TextRange, value: Const, unicode: bool) -> Node {
        let kind = if unicode { Field::from("u") } else { Field::None };
        node!(self, "Constant", r; value: Field::Const(value), kind: kind)
    }

    pub fn expr(&self, e: &Expr) -> Node {
        let r = e.range();
        match e {
            Expr::BoolOp(x) => node!(self, "BoolOp", r; op: bool_op(x.op), values: self.exprs(&x.values)),
            Expr::Named(x) => {
                node!(self, "NamedExpr", r; target: self.expr(&x.target), value: self.expr(&x.value))
            }
            Expr::BinOp(x) => node!(self, "BinOp", r;
                left: self.expr(&x.left), op: operator(x.op), right: self.expr(&x.right)),
            Expr::UnaryOp(x) => {
                node!(self, "UnaryOp", r; op: unary(x.op), operand: self.expr(&x.operand))
            }
            Expr::Lambda(x) => {
                let none = ast::Parameters::default();
                node!(self, "Lambda", r;
                    args: self.parameters(x.parameters.as_deref().unwrap_or(&none)), body: self.expr(&x.body))
            }
            Expr::If(x) => node!(self, "IfExp", r;
                test: self.expr(&x.test), body: self.expr(&x.body), orelse: self.expr(&x.orelse)),
            Expr::Dict(x) => node!(self, "Dict", r;
                keys: x.items.iter().map(|i| self.opt(i.key.as_ref())).collect::<Field>(),
                values: x.items.iter().map(|i| self.expr(&i.value)).collect::<Field>()),
            Expr::Set(x) => node!(self, "Set", r; elts: self.exprs(&x.elts)),
            Expr::ListComp(x) => node!(self, "ListComp", r;
                elt: self.expr(&x.elt), generators: self.comprehensions(&x.generators)),
            Expr::SetComp(x) => node!(self, "SetComp", r;
                elt: self.expr(&x.elt), generators: self.comprehensions(&x.generators)),
            Expr::DictComp(x) => node!(self, "DictComp", r;
                key: self.opt(x.key.as_deref()), value: self.expr(&x.value),
                generators: self.comprehensions(&x.generators)),
            Expr::Generator(x) => self.generator(x, r),
            Expr::Await(x) => node!(self, "Await", r; value: self.expr(&x.value)),
            Expr::Yield(x) => node!(self, "Yield", r; value: self.opt(x.value.as_deref())),
            Expr::YieldFrom(x) => node!(self, "YieldFrom", r; value: self.expr(&x.value)),
            Expr::Compare(x) => node!(self, "Compare", r;
                left: self.expr(&x.left), ops: x.ops.iter().map(|o| cmp(*o)).collect::<Field>(),
                comparators: self.exprs(&x.comparators)),
            Expr::Call(x) => self.call(x, r),
            Expr::FString(x) => self.f_string(x),
            Expr::TString(x) => self.t_string(x),
            Expr::StringLiteral(x) => {
                let unicode = x.value.iter().next().is_some_and(|p| p.flags.prefix().is_unicode());
                self.constant(r, Const::Str(literal::string(x, self.src.text)), unicode)
            }
            Expr::BytesLiteral(x) => self.constant(r, Const::Bytes(x.value.bytes().collect::<Vec<u8>>().into()), false),
            Expr::NumberLiteral(x) => self.constant(r, literal::number(&x.value).unwrap_or(Const::None), false),
            Expr::BooleanLiteral(x) => self.constant(r, if x.value { Const::True } else { Const::False }, false),
            Expr::EllipsisLiteral(_) => self.constant(r, Const::Ellipsis, false),
            // The parser gives no escape commands in this mode.
            Expr::NoneLiteral(_) | Expr::IpyEscapeCommand(_) => self.constant(r, Const::None, false),
            Expr::Attribute(x) => node!(self, "Attribute", r;
                value: self.expr(&x.value), attr: x.attr.as_str(), ctx: context(x.ctx)),
            Expr::Subscript(x) => node!(self, "Subscript", r;
                value: self.expr(&x.value), slice: self.expr(&x.slice), ctx: context(x.ctx)),
            Expr::Starred(x) => {
                node!(self, "Starred", r; value: self.expr(&x.value), ctx: context(x.ctx))
            }
            Expr::Name(x) => node!(self, "Name", r; id: x.id.as_str(), ctx: context(x.ctx)),
            Expr::List(x) => node!(self, "List", r; elts: self.exprs(&x.elts), ctx: context(x.ctx)),
            Expr::Tuple(x) => node!(self, "Tuple", r; elts: self.exprs(&x.elts), ctx: context(x.ctx)),
            Expr::Slice(x) => node!(self, "Slice", r;
                lower: self.opt(x.lower.as_deref()), upper: self.opt(x.upper.as_deref()),
                step: self.opt(x.step.as_deref())),
        }
    }

    fn generator(&self, x: &ast::ExprGenerator, r: TextRange) -> Node {
        node!(self, "GeneratorExp", r;
            elt: self.expr(&x.elt), generators: self.comprehensions(&x.generators))
    }

    fn call(&self, x: &ast::ExprCall, r: TextRange) -> Node {
        let args = x
            .arguments
            .args
            .iter()
            .map(|a| match a {
                // A generator without parentheses of its own has those of the call.
                Expr::Generator(g) if !g.parenthesized => self.generator(g, x.arguments.range),
                a => self.expr(a),
            })
            .collect::<Field>();
        node!(self, "Call", r;
            func: self.expr(&x.func), args: args, keywords: self.keywords(&x.arguments.keywords))
    }
}
