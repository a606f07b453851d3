//! To the parser's tree: parameters, keywords, imports, comprehensions, type parameters, patterns.

use super::back::{Back, NONE, child, int, items, nodes};
use super::{Field, Node, malformed};
use crate::error::Res;
use ruff_python_ast::{self as ast, Expr, ExprContext, Identifier, Pattern, Singleton, TypeParam};
use ruff_text_size::TextRange;
use skein_bytecode::Const;

impl Back {
    fn parameter(&mut self, n: &Node) -> Res<ast::Parameter> {
        let s = self.open(n);
        let name = self.identifier(n, "arg")?;
        let annotation = self.opt_expr(n, "annotation")?;
        Ok(ast::Parameter {
            range: self.close(s),
            node_index: NONE,
            name,
            annotation,
        })
    }

    fn with_default(&mut self, n: &Node, default: Option<&Node>) -> Res<ast::ParameterWithDefault> {
        let s = self.open(n);
        let parameter = self.parameter(n)?;
        let default = default.map(|d| self.expr(d).map(Box::new)).transpose()?;
        Ok(ast::ParameterWithDefault {
            range: self.close(s),
            node_index: NONE,
            parameter,
            default,
        })
    }

    pub fn parameters(&mut self, n: &Node) -> Res<ast::Parameters> {
        let start = self.point().start();
        let (posonly, args, defaults) = (nodes(n, "posonlyargs")?, nodes(n, "args")?, nodes(n, "defaults")?);
        let total = posonly.len() + args.len();
        let Some(without) = total.checked_sub(defaults.len()) else {
            return malformed("more positional defaults than args on arguments");
        };
        let (kwonly, kw_defaults) = (nodes(n, "kwonlyargs")?, items(n, "kw_defaults"));
        if kwonly.len() != kw_defaults.len() {
            return malformed("length of kwonlyargs is not the same as kw_defaults on arguments");
        }
        let mut positional = Vec::new();
        for (i, p) in posonly.iter().chain(&args).enumerate() {
            let default = i.checked_sub(without).and_then(|i| defaults.get(i)).copied();
            positional.push(self.with_default(p, default)?);
        }
        let args = positional.split_off(posonly.len());
        let mut single = |name: &str| match n.get(name) {
            Field::Node(p) => self.parameter(p).map(|p| Some(Box::new(p))),
            _ => Ok(None),
        };
        let vararg = single("vararg")?;
        let mut kwonlyargs = Vec::new();
        for (p, d) in kwonly.into_iter().zip(kw_defaults) {
            let default = match d {
                Field::Node(d) => Some(&**d),
                _ => None,
            };
            kwonlyargs.push(self.with_default(p, default)?);
        }
        let kwarg = match n.get("kwarg") {
            Field::Node(p) => Some(Box::new(self.parameter(p)?)),
            _ => None,
        };
        Ok(ast::Parameters {
            range: TextRange::new(start, self.point().end()),
            node_index: NONE,
            posonlyargs: positional.into(),
            args: args.into(),
            vararg,
            kwonlyargs: kwonlyargs.into(),
            kwarg,
        })
    }

    pub fn keywords(&mut self, n: &Node) -> Res<Vec<ast::Keyword>> {
        let mut out = Vec::new();
        for k in nodes(n, "keywords")? {
            let s = self.open(k);
            let arg = self.opt_identifier(k, "arg")?;
            let value = self.expr(child(k, "value")?)?;
            out.push(ast::Keyword {
                range: self.close(s),
                node_index: NONE,
                arg,
                value,
            });
        }
        Ok(out)
    }

    pub fn aliases(&mut self, n: &Node) -> Res<Vec<ast::Alias>> {
        let mut out = Vec::new();
        for a in nodes(n, "names")? {
            let s = self.open(a);
            let name = self.identifier(a, "name")?;
            let asname = self.opt_identifier(a, "asname")?;
            out.push(ast::Alias {
                range: self.close(s),
                node_index: NONE,
                name,
                asname,
            });
        }
        Ok(out)
    }

    pub fn with_item(&mut self, n: &Node) -> Res<ast::WithItem> {
        let start = self.point().start();
        let context_expr = self.expr(child(n, "context_expr")?)?;
        let optional_vars = match n.get("optional_vars") {
            Field::Node(v) => Some(Box::new(self.expr_in(v, ExprContext::Store)?)),
            _ => None,
        };
        Ok(ast::WithItem {
            range: TextRange::new(start, self.point().end()),
            node_index: NONE,
            context_expr,
            optional_vars,
        })
    }

    pub fn comprehensions(&mut self, n: &Node) -> Res<Vec<ast::Comprehension>> {
        let list = nodes(n, "generators")?;
        if list.is_empty() {
            return malformed("comprehension with no generators");
        }
        let mut out = Vec::new();
        for c in list {
            let start = self.point().start();
            let target = self.expr_in(child(c, "target")?, ExprContext::Store)?;
            let iter = self.expr(child(c, "iter")?)?;
            let ifs = self.exprs(c, "ifs", ExprContext::Load)?;
            out.push(ast::Comprehension {
                range: TextRange::new(start, self.point().end()),
                node_index: NONE,
                target,
                iter,
                ifs,
                is_async: int(c, "is_async") != 0,
            });
        }
        Ok(out)
    }

    pub fn type_params(&mut self, n: &Node) -> Res<Option<Box<ast::TypeParams>>> {
        let list = nodes(n, "type_params")?;
        if list.is_empty() {
            return Ok(None);
        }
        let start = self.point().start();
        let mut type_params = Vec::new();
        for t in list {
            let s = self.open(t);
            let name = self.identifier(t, "name")?;
            let bound = self.opt_expr(t, "bound")?;
            let default = self.opt_expr(t, "default_value")?;
            let (node_index, range) = (NONE, self.close(s));
            type_params.push(match t.kind {
                "TypeVar" => TypeParam::TypeVar(ast::TypeParamTypeVar {
                    node_index,
                    range,
                    name,
                    bound,
                    default,
                }),
                "ParamSpec" => TypeParam::ParamSpec(ast::TypeParamParamSpec {
                    node_index,
                    range,
                    name,
                    default,
                }),
                "TypeVarTuple" => TypeParam::TypeVarTuple(ast::TypeParamTypeVarTuple {
                    node_index,
                    range,
                    name,
                    default,
                }),
                k => return malformed(format!("expected some sort of type_param, but got {k}")),
            });
        }
        Ok(Some(Box::new(ast::TypeParams {
            range: TextRange::new(start, self.point().end()),
            node_index: NONE,
            type_params,
        })))
    }

    pub fn case(&mut self, n: &Node) -> Res<ast::MatchCase> {
        let start = self.point().start();
        let pattern = self.pattern(child(n, "pattern")?)?;
        let guard = self.opt_expr(n, "guard")?;
        let body = self.body(n)?.into();
        Ok(ast::MatchCase {
            range: TextRange::new(start, self.point().end()),
            node_index: NONE,
            pattern,
            guard,
            body,
        })
    }

    fn patterns(&mut self, n: &Node) -> Res<Vec<Pattern>> {
        nodes(n, "patterns")?.into_iter().map(|p| self.pattern(p)).collect()
    }

    fn pattern(&mut self, n: &Node) -> Res<Pattern> {
        let s = self.open(n);
        let node_index = NONE;
        Ok(match n.kind {
            "MatchValue" => {
                let value = Box::new(self.pattern_value(child(n, "value")?)?);
                Pattern::MatchValue(ast::PatternMatchValue {
                    node_index,
                    range: self.close(s),
                    value,
                })
            }
            "MatchSingleton" => Pattern::MatchSingleton(ast::PatternMatchSingleton {
                node_index,
                range: self.close(s),
                value: match n.get("value") {
                    Field::Const(Const::True) => Singleton::True,
                    Field::Const(Const::False) => Singleton::False,
                    Field::Const(Const::None) | Field::None => Singleton::None,
                    _ => return malformed("MatchSingleton can only contain True, False and None"),
                },
            }),
            "MatchSequence" => {
                let patterns = self.patterns(n)?;
                Pattern::MatchSequence(ast::PatternMatchSequence {
                    node_index,
                    range: self.close(s),
                    patterns,
                })
            }
            "MatchMapping" => {
                if items(n, "keys").len() != items(n, "patterns").len() {
                    return malformed("MatchMapping doesn't have the same number of keys as patterns");
                }
                let keys: Vec<Expr> = nodes(n, "keys")?
                    .into_iter()
                    .map(|k| self.pattern_value(k))
                    .collect::<Res<_>>()?;
                let patterns = self.patterns(n)?.into();
                let rest = self.opt_identifier(n, "rest")?;
                Pattern::MatchMapping(ast::PatternMatchMapping {
                    node_index,
                    range: self.close(s),
                    keys: keys.into(),
                    patterns,
                    rest,
                })
            }
            "MatchClass" => self.class_pattern(n, s)?,
            "MatchStar" => {
                let name = self.opt_identifier(n, "name")?;
                Pattern::MatchStar(ast::PatternMatchStar {
                    node_index,
                    range: self.close(s),
                    name,
                })
            }
            "MatchAs" => {
                let pattern = match n.get("pattern") {
                    Field::Node(p) => Some(Box::new(self.pattern(p)?)),
                    _ => None,
                };
                let name = self.opt_identifier(n, "name")?;
                match (&pattern, &name) {
                    (Some(_), None) => {
                        return malformed("MatchAs must specify a target name if a pattern is given");
                    }
                    (_, Some(n)) if n.as_str() == "_" => {
                        return malformed("can't capture name '_' in patterns");
                    }
                    _ => {}
                }
                Pattern::MatchAs(ast::PatternMatchAs {
                    node_index,
                    range: self.close(s),
                    pattern,
                    name,
                })
            }
            "MatchOr" => {
                let patterns = self.patterns(n)?;
                if patterns.len() < 2 {
                    return malformed("MatchOr requires at least 2 patterns");
                }
                Pattern::MatchOr(ast::PatternMatchOr {
                    node_index,
                    range: self.close(s),
                    patterns,
                })
            }
            k => return malformed(format!("expected some sort of pattern, but got {k}")),
        })
    }

    fn class_pattern(&mut self, n: &Node, s: (ruff_text_size::TextSize, skein_bytecode::Position)) -> Res<Pattern> {
        let cls = self.boxed(n, "cls")?;
        let start = self.point().start();
        let patterns = self.patterns(n)?;
        let (names, values) = (items(n, "kwd_attrs"), nodes(n, "kwd_patterns")?);
        if names.len() != values.len() {
            return malformed("MatchClass doesn't have the same number of keyword attributes as patterns");
        }
        let mut keywords = Vec::new();
        for (name, value) in names.iter().zip(values) {
            let Field::Text(name) = name else {
                return malformed("None disallowed in list field 'kwd_attrs' of MatchClass");
            };
            let range = self.point();
            let attr = Identifier::new(name.as_str(), range);
            let pattern = self.pattern(value)?;
            keywords.push(ast::PatternKeyword {
                range: TextRange::new(range.start(), self.point().end()),
                node_index: NONE,
                attr,
                pattern,
            });
        }
        let range = TextRange::new(start, self.point().end());
        Ok(Pattern::MatchClass(ast::PatternMatchClass {
            node_index: NONE,
            range: self.close(s),
            cls,
            arguments: ast::PatternArguments {
                range,
                node_index: NONE,
                patterns: patterns.into(),
                keywords,
            },
        }))
    }

    /// Values that patterns may hold: literals, attributes, signed and complex numbers.
    fn pattern_value(&mut self, n: &Node) -> Res<Expr> {
        match n.kind {
            "Constant" | "Attribute" | "UnaryOp" | "BinOp" | "JoinedStr" | "TemplateStr" => self.expr(n),
            _ => malformed("patterns may only match literals and attribute lookups"),
        }
    }
}
