//! To the parser's tree: modules and statements.

use super::marks::Marks;
use super::{Field, Node, malformed};
use crate::error::Res;
use ruff_python_ast::{self as ast, AtomicNodeIndex, ExceptHandler, Expr, ExprContext, Identifier, Stmt};
use ruff_text_size::{TextRange, TextSize};
use skein_bytecode::Position;

// A template that is copied, never shared.
#[allow(clippy::declare_interior_mutable_const)]
pub(super) const NONE: AtomicNodeIndex = AtomicNodeIndex::NONE;

pub(super) struct Back {
    pub marks: Marks,
    /// Position of the node visited last, for parts that have none.
    here: Position,
}

pub(super) fn child<'n>(n: &'n Node, field: &str) -> Res<&'n Node> {
    match n.get(field) {
        Field::Node(c) => Ok(c),
        _ => malformed(format!("field '{field}' is required for {}", n.kind)),
    }
}

pub(super) fn items<'n>(n: &'n Node, field: &str) -> &'n [Field] {
    match n.get(field) {
        Field::List(l) => l,
        _ => &[],
    }
}

pub(super) fn nodes<'n>(n: &'n Node, field: &str) -> Res<Vec<&'n Node>> {
    items(n, field)
        .iter()
        .map(|f| match f {
            Field::Node(c) => Ok(&**c),
            _ => malformed(format!("None disallowed in list field '{field}' of {}", n.kind)),
        })
        .collect()
}

pub(super) fn int(n: &Node, field: &str) -> i64 {
    match n.get(field) {
        Field::Int(i) => *i,
        _ => 0,
    }
}

fn not_empty(n: &Node, field: &str) -> Res<()> {
    if items(n, field).is_empty() {
        return malformed(format!("empty {field} on {}", n.kind));
    }
    Ok(())
}

impl Back {
    pub fn new() -> Back {
        Back {
            marks: Marks::default(),
            here: Position {
                line: 1,
                end_line: 1,
                col: 0,
                end_col: 0,
            },
        }
    }

    /// Begins a node.
    pub fn open(&mut self, n: &Node) -> (TextSize, Position) {
        let p = n.position.unwrap_or(self.here);
        self.here = p;
        (self.marks.start(p), p)
    }

    /// Ends a node.
    pub fn close(&mut self, (start, p): (TextSize, Position)) -> TextRange {
        self.here = p;
        self.marks.end(start, p)
    }

    /// A range for what has no position.
    pub fn point(&mut self) -> TextRange {
        let p = self.here;
        let start = self.marks.start(p);
        self.marks.end(start, p)
    }

    pub fn identifier(&mut self, n: &Node, field: &str) -> Res<Identifier> {
        match self.opt_identifier(n, field)? {
            Some(i) => Ok(i),
            None => malformed(format!("field '{field}' is required for {}", n.kind)),
        }
    }

    pub fn opt_identifier(&mut self, n: &Node, field: &str) -> Res<Option<Identifier>> {
        match n.get(field) {
            Field::Text(t) => self.named(t).map(Some),
            _ => Ok(None),
        }
    }

    fn named(&mut self, text: &str) -> Res<Identifier> {
        if matches!(text, "None" | "True" | "False") {
            return malformed(format!("identifier field can't represent '{text}' constant"));
        }
        let r = self.point();
        Ok(Identifier::new(text, r))
    }

    fn identifiers(&mut self, n: &Node) -> Res<Vec<Identifier>> {
        not_empty(n, "names")?;
        items(n, "names")
            .iter()
            .map(|f| match f {
                Field::Text(t) => self.named(t),
                _ => malformed(format!("None disallowed in list field 'names' of {}", n.kind)),
            })
            .collect()
    }

    pub fn module(&mut self, n: &Node) -> Res<ast::Mod> {
        let start = self.point().start();
        if n.kind == "Expression" {
            let body = Box::new(self.expr(child(n, "body")?)?);
            let range = TextRange::new(start, self.point().end());
            return Ok(ast::Mod::Expression(ast::ModExpression {
                node_index: NONE,
                range,
                body,
            }));
        }
        if n.kind == "FunctionType" {
            return malformed("cannot compile a FunctionType");
        }
        let body = self.stmts(n, "body")?.into();
        let range = TextRange::new(start, self.point().end());
        Ok(ast::Mod::Module(ast::ModModule {
            node_index: NONE,
            range,
            body,
        }))
    }

    fn stmts(&mut self, n: &Node, field: &str) -> Res<Vec<Stmt>> {
        nodes(n, field)?.into_iter().map(|s| self.stmt(s)).collect()
    }

    pub fn body(&mut self, n: &Node) -> Res<Vec<Stmt>> {
        not_empty(n, "body")?;
        self.stmts(n, "body")
    }

    /// Marks for a definition: its start, then the decorators, then the place of `def` or `class`.
    fn decorated(&mut self, n: &Node) -> Res<(TextSize, Position, Vec<ast::Decorator>)> {
        let (at, p) = match nodes(n, "decorator_list")?.first() {
            Some(d) => (d.position.unwrap_or_default(), n.position.unwrap_or(self.here)),
            None => (n.position.unwrap_or(self.here), n.position.unwrap_or(self.here)),
        };
        let start = self.marks.start(at);
        let mut list = Vec::new();
        for d in nodes(n, "decorator_list")? {
            let s = self.open(d);
            let expression = self.expr(d)?;
            let range = self.close(s);
            list.push(ast::Decorator {
                range,
                node_index: NONE,
                expression,
            });
        }
        self.here = p;
        self.marks.definition(p);
        Ok((start, p, list))
    }

    fn function(&mut self, n: &Node) -> Res<Stmt> {
        let (start, p, decorator_list) = self.decorated(n)?;
        let name = self.identifier(n, "name")?;
        let type_params = self.type_params(n)?;
        let parameters = Box::new(self.parameters(child(n, "args")?)?);
        let returns = self.opt_expr(n, "returns")?;
        let body = self.body(n)?.into();
        Ok(Stmt::FunctionDef(ast::StmtFunctionDef {
            node_index: NONE,
            range: self.close((start, p)),
            is_async: n.kind == "AsyncFunctionDef",
            decorator_list: decorator_list.into(),
            name,
            type_params,
            parameters,
            returns,
            body,
        }))
    }

    fn class(&mut self, n: &Node) -> Res<Stmt> {
        let (start, p, decorator_list) = self.decorated(n)?;
        let name = self.identifier(n, "name")?;
        let type_params = self.type_params(n)?;
        let s = self.point().start();
        let args = self.exprs(n, "bases", ExprContext::Load)?;
        let keywords = self.keywords(n)?;
        let range = TextRange::new(s, self.point().end());
        let arguments = (!args.is_empty() || !keywords.is_empty()).then(|| {
            Box::new(ast::Arguments {
                range,
                node_index: NONE,
                args: args.into(),
                keywords: keywords.into(),
            })
        });
        let body = self.body(n)?.into();
        Ok(Stmt::ClassDef(ast::StmtClassDef {
            node_index: NONE,
            range: self.close((start, p)),
            decorator_list: decorator_list.into(),
            name,
            type_params,
            arguments,
            body,
        }))
    }

    fn elifs(&mut self, n: &Node) -> Res<Vec<ast::ElifElseClause>> {
        let mut out = Vec::new();
        let mut n = n;
        loop {
            let orelse = nodes(n, "orelse")?;
            if let [only] = orelse[..]
                && only.kind == "If"
            {
                let s = self.open(only);
                let test = Some(self.expr(child(only, "test")?)?);
                let body = self.body(only)?.into();
                let range = self.close(s);
                out.push(ast::ElifElseClause {
                    range,
                    node_index: NONE,
                    test,
                    body,
                });
                n = only;
                continue;
            }
            if !orelse.is_empty() {
                let start = self.point().start();
                let body = self.stmts(n, "orelse")?.into();
                let range = TextRange::new(start, self.point().end());
                out.push(ast::ElifElseClause {
                    range,
                    node_index: NONE,
                    test: None,
                    body,
                });
            }
            return Ok(out);
        }
    }

    fn handler(&mut self, n: &Node) -> Res<ExceptHandler> {
        let s = self.open(n);
        let type_ = self.opt_expr(n, "type")?;
        let name = self.opt_identifier(n, "name")?;
        let body = self.body(n)?.into();
        Ok(ExceptHandler::ExceptHandler(ast::ExceptHandlerExceptHandler {
            range: self.close(s),
            node_index: NONE,
            type_,
            name,
            body,
        }))
    }

    fn stmt(&mut self, n: &Node) -> Res<Stmt> {
        use ExprContext::{Del, Load, Store};
        match n.kind {
            "FunctionDef" | "AsyncFunctionDef" => return self.function(n),
            "ClassDef" => return self.class(n),
            _ => {}
        }
        let s = self.open(n);
        let node_index = NONE;
        macro_rules! done {
            ($variant:ident $ty:ident { $($field:ident $(: $value:expr)?),* }) => {{
                $(let $field = done!(@ $field $($value)?);)*
                let range = self.close(s);
                Stmt::$variant(ast::$ty { node_index, range, $($field),* })
            }};
            (@ $field:ident $value:expr) => { $value };
            (@ $field:ident) => { $field };
        }
        Ok(match n.kind {
            "Return" => done!(Return StmtReturn { value: self.opt_expr(n, "value")? }),
            "Delete" => {
                not_empty(n, "targets")?;
                done!(Delete StmtDelete { targets: self.exprs(n, "targets", Del)? })
            }
            "TypeAlias" => done!(TypeAlias StmtTypeAlias {
                name: Box::new(self.expr_in(child(n, "name")?, Store)?), type_params: self.type_params(n)?,
                value: self.boxed(n, "value")?
            }),
            "Assign" => {
                not_empty(n, "targets")?;
                done!(Assign StmtAssign { targets: self.exprs(n, "targets", Store)?, value: self.boxed(n, "value")? })
            }
            "AugAssign" => done!(AugAssign StmtAugAssign {
                target: Box::new(self.expr_in(child(n, "target")?, Store)?),
                op: super::back_expr::operator(child(n, "op")?)?, value: self.boxed(n, "value")?
            }),
            "AnnAssign" => done!(AnnAssign StmtAnnAssign {
                target: Box::new(self.expr_in(child(n, "target")?, Store)?), annotation: self.boxed(n, "annotation")?,
                value: self.opt_expr(n, "value")?, simple: int(n, "simple") != 0
            }),
            "For" | "AsyncFor" => done!(For StmtFor {
                is_async: n.kind == "AsyncFor", target: Box::new(self.expr_in(child(n, "target")?, Store)?),
                iter: self.boxed(n, "iter")?, body: self.body(n)?.into(), orelse: self.stmts(n, "orelse")?.into()
            }),
            "While" => done!(While StmtWhile {
                test: self.boxed(n, "test")?, body: self.body(n)?.into(), orelse: self.stmts(n, "orelse")?.into()
            }),
            "If" => done!(If StmtIf {
                test: self.boxed(n, "test")?, body: self.body(n)?.into(), elif_else_clauses: self.elifs(n)?
            }),
            "With" | "AsyncWith" => {
                not_empty(n, "items")?;
                done!(With StmtWith {
                    is_async: n.kind == "AsyncWith",
                    items: nodes(n, "items")?.into_iter().map(|i| self.with_item(i)).collect::<Res<_>>()?,
                    body: self.body(n)?.into()
                })
            }
            "Match" => {
                not_empty(n, "cases")?;
                done!(Match StmtMatch {
                    subject: self.boxed(n, "subject")?,
                    cases: nodes(n, "cases")?.into_iter().map(|c| self.case(c)).collect::<Res<_>>()?
                })
            }
            "Raise" => {
                if *n.get("exc") == Field::None && *n.get("cause") != Field::None {
                    return malformed("Raise with cause but no exception");
                }
                done!(Raise StmtRaise { exc: self.opt_expr(n, "exc")?, cause: self.opt_expr(n, "cause")? })
            }
            "Try" | "TryStar" => {
                if items(n, "handlers").is_empty() {
                    if items(n, "finalbody").is_empty() {
                        return malformed(format!("{} has neither handlers nor finalbody", n.kind));
                    }
                    if !items(n, "orelse").is_empty() {
                        return malformed(format!("{} has orelse but no except handlers", n.kind));
                    }
                }
                done!(Try StmtTry {
                    body: self.body(n)?.into(),
                    handlers: nodes(n, "handlers")?.into_iter().map(|h| self.handler(h)).collect::<Res<_>>()?,
                    orelse: self.stmts(n, "orelse")?.into(), finalbody: self.stmts(n, "finalbody")?.into(),
                    is_star: n.kind == "TryStar"
                })
            }
            "Assert" => done!(Assert StmtAssert { test: self.boxed(n, "test")?, msg: self.opt_expr(n, "msg")? }),
            "Import" => {
                not_empty(n, "names")?;
                done!(Import StmtImport { names: self.aliases(n)?, is_lazy: false })
            }
            "ImportFrom" => {
                let level = int(n, "level");
                let Ok(level) = u32::try_from(level) else {
                    return malformed("Negative ImportFrom level");
                };
                not_empty(n, "names")?;
                done!(ImportFrom StmtImportFrom {
                    module: self.opt_identifier(n, "module")?, names: self.aliases(n)?, level, is_lazy: false
                })
            }
            "Global" => done!(Global StmtGlobal { names: self.identifiers(n)? }),
            "Nonlocal" => done!(Nonlocal StmtNonlocal { names: self.identifiers(n)? }),
            "Expr" => done!(Expr StmtExpr { value: Box::new(self.expr_in(child(n, "value")?, Load)?) }),
            "Pass" => done!(Pass StmtPass {}),
            "Break" => done!(Break StmtBreak {}),
            "Continue" => done!(Continue StmtContinue {}),
            k => return malformed(format!("expected some sort of stmt, but got {k}")),
        })
    }

    pub fn boxed(&mut self, n: &Node, field: &str) -> Res<Box<Expr>> {
        Ok(Box::new(self.expr(child(n, field)?)?))
    }

    pub fn opt_expr(&mut self, n: &Node, field: &str) -> Res<Option<Box<Expr>>> {
        match n.get(field) {
            Field::Node(c) => Ok(Some(Box::new(self.expr(c)?))),
            _ => Ok(None),
        }
    }
}
