//! From the parser's tree: parameters, keywords, imports, handlers, patterns, type parameters.

use super::build::{Builder, node};
use super::{Field, Node};
use ruff_python_ast::{self as ast, Pattern, Singleton, TypeParam};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::Const;

fn name(id: Option<&ast::Identifier>) -> Field {
    id.map_or(Field::None, |i| i.as_str().into())
}

impl Builder<'_> {
    fn parameter(&self, p: &ast::Parameter) -> Node {
        node!(self, "arg", p.range;
            arg: p.name.as_str(), annotation: self.opt(p.annotation.as_deref()), type_comment: Field::None)
    }

    /// `*args` and `**kwargs`: without the stars.
    fn variadic(&self, p: Option<&ast::Parameter>) -> Field {
        let node = p.map(|p| {
            let r = TextRange::new(p.name.range.start(), p.range.end());
            Node {
                position: Some(self.src.position(r)),
                ..self.parameter(p)
            }
        });
        node.into()
    }

    pub fn parameters(&self, p: &ast::Parameters) -> Node {
        let plain = |list: &[ast::ParameterWithDefault]| -> Field {
            list.iter().map(|p| self.parameter(&p.parameter)).collect()
        };
        Node::new(
            "arguments",
            None,
            vec![
                ("posonlyargs", plain(&p.posonlyargs)),
                ("args", plain(&p.args)),
                ("vararg", self.variadic(p.vararg.as_deref())),
                ("kwonlyargs", plain(&p.kwonlyargs)),
                (
                    "kw_defaults",
                    p.kwonlyargs.iter().map(|p| self.opt(p.default.as_deref())).collect(),
                ),
                ("kwarg", self.variadic(p.kwarg.as_deref())),
                (
                    "defaults",
                    p.posonlyargs
                        .iter()
                        .chain(&p.args)
                        .filter_map(|p| p.default.as_deref())
                        .map(|e| self.expr(e))
                        .collect(),
                ),
            ],
        )
    }

    pub fn keywords(&self, list: &[ast::Keyword]) -> Field {
        list.iter()
            .map(|k| node!(self, "keyword", k.range; arg: name(k.arg.as_ref()), value: self.expr(&k.value)))
            .collect()
    }

    pub fn aliases(&self, list: &[ast::Alias]) -> Field {
        list.iter()
            .map(|a| node!(self, "alias", a.range; name: a.name.as_str(), asname: name(a.asname.as_ref())))
            .collect()
    }

    pub fn with_item(&self, i: &ast::WithItem) -> Node {
        Node::new(
            "withitem",
            None,
            vec![
                ("context_expr", self.expr(&i.context_expr).into()),
                ("optional_vars", self.opt(i.optional_vars.as_deref())),
            ],
        )
    }

    pub fn handler(&self, h: &ast::ExceptHandler) -> Node {
        let ast::ExceptHandler::ExceptHandler(h) = h;
        node!(self, "ExceptHandler", h.range;
            r#type: self.opt(h.type_.as_deref()), name: name(h.name.as_ref()), body: self.body(&h.body))
    }

    pub fn comprehensions(&self, list: &[ast::Comprehension]) -> Field {
        list.iter()
            .map(|c| {
                Node::new(
                    "comprehension",
                    None,
                    vec![
                        ("target", self.expr(&c.target).into()),
                        ("iter", self.expr(&c.iter).into()),
                        ("ifs", self.exprs(&c.ifs)),
                        ("is_async", Field::Int(c.is_async as i64)),
                    ],
                )
            })
            .collect()
    }

    pub fn type_params(&self, p: Option<&ast::TypeParams>) -> Field {
        let list = p.map_or(&[][..], |p| &p.type_params);
        list.iter()
            .map(|p| match p {
                TypeParam::TypeVar(t) => node!(self, "TypeVar", t.range;
                    name: t.name.as_str(), bound: self.opt(t.bound.as_deref()),
                    default_value: self.opt(t.default.as_deref())),
                TypeParam::ParamSpec(t) => node!(self, "ParamSpec", t.range;
                    name: t.name.as_str(), default_value: self.opt(t.default.as_deref())),
                TypeParam::TypeVarTuple(t) => node!(self, "TypeVarTuple", t.range;
                    name: t.name.as_str(), default_value: self.opt(t.default.as_deref())),
            })
            .collect()
    }

    pub fn case(&self, c: &ast::MatchCase) -> Node {
        Node::new(
            "match_case",
            None,
            vec![
                ("pattern", self.pattern(&c.pattern).into()),
                ("guard", self.opt(c.guard.as_deref())),
                ("body", self.body(&c.body)),
            ],
        )
    }

    fn patterns(&self, list: &[Pattern]) -> Field {
        list.iter().map(|p| self.pattern(p)).collect()
    }

    fn pattern(&self, p: &Pattern) -> Node {
        let r = p.range();
        match p {
            Pattern::MatchValue(x) => node!(self, "MatchValue", r; value: self.expr(&x.value)),
            Pattern::MatchSingleton(x) => node!(self, "MatchSingleton", r;
            value: Field::Const(match x.value {
                Singleton::None => Const::None,
                Singleton::True => Const::True,
                Singleton::False => Const::False,
            })),
            Pattern::MatchSequence(x) => {
                node!(self, "MatchSequence", r; patterns: self.patterns(&x.patterns))
            }
            Pattern::MatchMapping(x) => node!(self, "MatchMapping", r;
                keys: self.exprs(&x.keys), patterns: self.patterns(&x.patterns), rest: name(x.rest.as_ref())),
            Pattern::MatchClass(x) => {
                let keywords = &x.arguments.keywords;
                node!(self, "MatchClass", r;
                    cls: self.expr(&x.cls), patterns: self.patterns(&x.arguments.patterns),
                    kwd_attrs: keywords.iter().map(|k| k.attr.as_str()).collect::<Field>(),
                    kwd_patterns: keywords.iter().map(|k| self.pattern(&k.pattern)).collect::<Field>())
            }
            Pattern::MatchStar(x) => node!(self, "MatchStar", r; name: name(x.name.as_ref())),
            Pattern::MatchAs(x) => node!(self, "MatchAs", r;
                pattern: x.pattern.as_deref().map(|p| self.pattern(p)), name: name(x.name.as_ref())),
            Pattern::MatchOr(x) => node!(self, "MatchOr", r; patterns: self.patterns(&x.patterns)),
        }
    }
}
