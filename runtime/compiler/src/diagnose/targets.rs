//! What cannot be assigned to, deleted or annotated.

use super::tokens::{Kind, Token};
use super::{Doctor, Error};
use crate::emit::describe;
use ruff_python_ast::Expr;
use ruff_python_parser::ParseErrorType as P;

impl Doctor<'_> {
    /// CPython's word for the expression in a range of the source.
    fn name_of(&self, a: usize, b: usize) -> &'static str {
        match self.parsed(a, b) {
            Some(e) => describe(&e),
            None => "expression",
        }
    }

    pub fn target(&self, kind: &P, at: usize, end: usize) -> Error {
        let expr = self.parsed(at, end);
        let starred = self.text.get(at..end).is_some_and(|t| t.starts_with('*'));
        let name = match &expr {
            Some(e) => describe(e),
            None if starred => "starred",
            None => "expression",
        };
        match kind {
            P::InvalidDeleteTarget => self.make(at, end, format!("cannot delete {name}")),
            P::InvalidAugmentedAssignmentTarget => self.make(
                at,
                end,
                format!("'{name}' is an illegal expression for augmented assignment"),
            ),
            P::InvalidNamedAssignmentTarget => {
                self.make(at, end, format!("cannot use assignment expressions with {name}"))
            }
            P::InvalidAnnotatedAssignmentTarget => self.make(at, end, "illegal target for annotation"),
            _ => {
                // The tokens around the target, with parentheses that only group.
                let mut first = self.index_at(at);
                let mut last = self.index_at(end.saturating_sub(1));
                while first > 0 && self.word(first - 1) == "(" && self.word(last + 1) == ")" {
                    first -= 1;
                    last += 1;
                }
                let next = self.word(last + 1);
                let before = if first > 0 { self.word(first - 1) } else { "" };
                let level = self.tok(last + 1).map_or(0, |t| t.level);
                let statement = first == self.statement_start(first) || before == ";" || (before == ":" && level == 0);
                // The last one of a tuple without parentheses.
                let last_of_tuple = before == ","
                    && level == 0
                    && !(self.statement_start(first)..first)
                        .any(|k| self.word(k) == "=" && self.tok(k).is_some_and(|t| t.level == 0));
                if (statement || last_of_tuple) && next == "=" {
                    if matches!(expr, Some(Expr::Yield(_) | Expr::YieldFrom(_))) && self.word(first) != "(" {
                        return self.make(at, end, "assignment to yield expression not possible");
                    }
                    let simple = matches!(
                        expr,
                        Some(
                            Expr::Call(_)
                                | Expr::BinOp(_)
                                | Expr::StringLiteral(_)
                                | Expr::BytesLiteral(_)
                                | Expr::NumberLiteral(_)
                                | Expr::FString(_)
                                | Expr::TString(_)
                                | Expr::EllipsisLiteral(_)
                                | Expr::Await(_)
                                | Expr::Dict(_)
                                | Expr::Set(_)
                                | Expr::ListComp(_)
                                | Expr::SetComp(_)
                                | Expr::DictComp(_)
                        )
                    ) || matches!(&expr, Some(Expr::UnaryOp(u)) if u.op != ruff_python_ast::UnaryOp::Not)
                        || (self.word(first) == "(" && !matches!(expr, Some(Expr::Generator(_))));
                    if simple && self.operand_without_equals(last + 2) {
                        return self.make(
                            at,
                            end,
                            format!("cannot assign to {name} here. Maybe you meant '==' instead of '='?"),
                        );
                    }
                }
                self.make(at, end, format!("cannot assign to {name}"))
            }
        }
    }

    /// Whether an operand of a comparison (`bitwise_or` of the grammar) begins at token `k` of a statement, with no `=` behind it.
    fn operand_without_equals(&self, k: usize) -> bool {
        const NO_OPERAND: &[&str] = &["lambda", "not", "yield", "*", ";"];
        const BEHIND: &[&str] = &[
            "<", ">", "==", "!=", "<=", ">=", "in", "not", "is", "and", "or", "if", "else", ",", ";", ":", "=", ":=",
        ];
        let ends = |t: &Token| matches!(t.kind, Kind::Newline | Kind::End);
        if self.tok(k).is_none_or(|t| ends(t) || NO_OPERAND.contains(&self.str(t))) {
            return false;
        }
        let behind = (k..)
            .map_while(|i| self.tok(i))
            .find(|t| ends(t) || (t.level == 0 && BEHIND.contains(&self.str(t))));
        !behind.is_some_and(|t| matches!(self.str(t), "=" | ":="))
    }

    /// Whether the value that begins at token `k` is followed by another `=`.
    fn another_equals(&self, mut k: usize) -> bool {
        let level = self.tok(k.saturating_sub(1)).map_or(0, |t| t.level);
        while let Some(t) = self.tok(k) {
            if matches!(t.kind, Kind::Newline | Kind::End) || self.str(t) == ";" {
                return false;
            }
            if t.level == level && matches!(self.str(t), "=" | ":=") {
                return true;
            }
            k += 1;
        }
        false
    }

    /// An `=` where none may stand.
    pub fn equals(&self, i: usize) -> Option<Error> {
        let t = self.tok(i)?;
        let a = self.expression_start(i);
        if a >= i {
            // Nothing that could be assigned to.
            return None;
        }
        let first = self.tok(a)?;
        let last = self.tok(i.checked_sub(1)?)?;
        let in_call = t.level > 0 && self.is_call(i);
        let name = self.name_of(first.start, last.end);
        if in_call {
            let w = self.str(first);
            if i == a + 1 && matches!(w, "True" | "False" | "None") {
                return Some(self.make(first.start, t.end, format!("cannot assign to {w}")));
            }
            if w == "*" {
                return Some(self.make(first.start, t.end, "cannot assign to iterable argument unpacking"));
            }
            if w == "**" {
                return Some(self.make(first.start, t.end, "cannot assign to keyword argument unpacking"));
            }
            return Some(self.make(
                first.start,
                t.end,
                "expression cannot contain assignment, perhaps you meant \"==\"?",
            ));
        }
        if self.another_equals(i + 1) && t.level > 0 {
            return None;
        }
        let end = self.value_end(i + 1);
        if i == a + 1 && first.kind == Kind::Name && !matches!(self.str(first), "True" | "False" | "None") {
            return Some(self.make(
                first.start,
                end,
                "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
            ));
        }
        if matches!(
            name,
            "True" | "False" | "None" | "tuple" | "list" | "generator expression"
        ) {
            return None;
        }
        if matches!(name, "comparison" | "lambda" | "conditional expression") {
            return None;
        }
        Some(self.make(
            first.start,
            last.end,
            format!("cannot assign to {name} here. Maybe you meant '==' instead of '='?"),
        ))
    }

    fn value_end(&self, i: usize) -> usize {
        self.expression_end(i)
    }

    /// Whether the innermost bracket around token `i` is that of a call.
    pub(super) fn is_call(&self, i: usize) -> bool {
        let mut depth = 0;
        for k in (0..i).rev() {
            match self.word(k) {
                ")" | "]" | "}" => depth += 1,
                "[" | "{" if depth == 0 => return false,
                "(" if depth == 0 => {
                    let Some(p) = k.checked_sub(1).and_then(|p| self.tok(p)) else {
                        return false;
                    };
                    let w = self.str(p);
                    return (p.kind == Kind::Name && !self.is_keyword(w))
                        || matches!(w, ")" | "]")
                        || p.kind == Kind::String;
                }
                "(" | "[" | "{" => depth -= 1,
                _ => {}
            }
        }
        false
    }

    /// `"a "b" c"`
    pub(super) fn part_of_string(&self, i: usize) -> Option<Error> {
        let before = self.tok(i.checked_sub(1)?)?;
        if before.kind != Kind::String {
            return None;
        }
        let mut k = i;
        while self.starts_expression(k) && self.tok(k)?.kind != Kind::String && self.tok(k)?.kind != Kind::Op {
            k += 1;
        }
        if k > i && self.tok(k)?.kind == Kind::String {
            let a = self.tok(i)?.start;
            let b = self.tok(k - 1)?.end;
            return Some(self.make(a, b, "invalid syntax. Is this intended to be part of the string?"));
        }
        None
    }

    /// `import a as b.c`
    pub(super) fn import_target(&self, i: usize) -> Option<Error> {
        let start = self.statement_start(i);
        let k = (start..=i).rev().find(|&k| self.word(k) == "as")? + 1;
        let t = self.tok(k)?;
        let next = self.word(k + 1);
        let what = match (t.kind, self.str(t)) {
            (Kind::Number | Kind::String, _) => "literal",
            (_, "True") => "True",
            (_, "False") => "False",
            (_, "None") => "None",
            (_, "(") => "tuple",
            (_, "[") => "list",
            (Kind::Name, _) => match next {
                "." => "attribute",
                "[" => "subscript",
                "(" => "function call",
                _ => return None,
            },
            _ => return None,
        };
        // To the end of the target.
        let mut depth = 0;
        let mut b = k;
        while let Some(x) = self.tok(b) {
            match self.str(x) {
                "(" | "[" => depth += 1,
                ")" | "]" if depth > 0 => depth -= 1,
                "," | ")" if depth == 0 => break,
                _ if x.kind == Kind::Newline => break,
                _ => {}
            }
            b += 1;
        }
        let end = self.tok(b - 1)?.end;
        Some(self.make(t.start, end, format!("cannot use {what} as import target")))
    }
}
