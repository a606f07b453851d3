//! What cannot be assigned to, deleted or annotated.

use super::tokens::{Kind, Token};
use super::{Doctor, Error};
use crate::emit::describe;
use ruff_python_ast::Expr;
use ruff_python_parser::ParseErrorType as P;
use ruff_text_size::Ranged;

/// The statements that others may follow on the same line.
const HEADS: &[&str] = &[
    "if", "elif", "else", "while", "for", "with", "try", "except", "finally", "def", "class", "async",
];

/// The statements in whose heads a named expression may stand.
const NAMING: &[&str] = &["if", "elif", "while", "match", "case", "@"];

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
            P::InvalidAugmentedAssignmentTarget => self.augmented(at, end, name),
            P::InvalidNamedAssignmentTarget => {
                self.make(at, end, format!("cannot use assignment expressions with {name}"))
            }
            P::InvalidAnnotatedAssignmentTarget => self.make(at, end, "illegal target for annotation"),
            _ => {
                let first = self.index_at(at);
                let start = self.simple_statement_start(first);
                if self.target_of_assignment(start, first) {
                    if let Some(e) = self.element_with_equals(start) {
                        return e;
                    }
                    if matches!(expr, Some(Expr::Yield(_) | Expr::YieldFrom(_)))
                        && self.tok(first).is_some_and(|t| t.level == 0)
                    {
                        return self.make(at, end, "assignment to yield expression not possible");
                    }
                }
                self.make(at, end, format!("cannot assign to {name}"))
            }
        }
    }

    /// First token of the simple statement of token `i`: a line may hold several, also behind a colon.
    fn simple_statement_start(&self, i: usize) -> usize {
        let mut start = self.statement_start(i);
        let mut header = HEADS.contains(&self.word(start));
        let mut lambdas = 0;
        for k in (start..i).filter(|&k| self.tok(k).is_some_and(|t| t.level == 0)) {
            match self.word(k) {
                "lambda" => lambdas += 1,
                ":" if lambdas > 0 => lambdas -= 1,
                ":" if header => (header, start) = (false, k + 1),
                ";" => start = k + 1,
                _ => {}
            }
        }
        start
    }

    /// Whether the target at token `i`, of the statement that begins at `start`, is not one of `for` or `with`.
    fn target_of_assignment(&self, start: usize, i: usize) -> bool {
        let mut depth = 0;
        for k in (start..i).rev() {
            match self.word(k) {
                ")" | "]" | "}" => depth += 1,
                "(" | "[" | "{" if depth > 0 => depth -= 1,
                "for" | "as" if depth == 0 => return false,
                _ => {}
            }
        }
        true
    }

    /// The grammar tries whether a statement is a tuple with an annotation before it looks at targets. The elements of that
    /// may be named expressions, for which an `=` is taken to be meant as another operator (`invalid_named_expression`).
    fn element_with_equals(&self, start: usize) -> Option<Error> {
        const STARTS: &[&str] = &["True", "False", "None"];
        if self.word(start) == "yield" {
            return None;
        }
        let mut k = start;
        loop {
            let first = self.tok(k)?;
            let w = self.str(first);
            let equals = self.operand_end(k);
            if w != "*"
                && let Some(equals) = equals
                && self.word(equals) == "="
                && let Some(end) = self.operand_end(equals + 1)
                && !matches!(self.word(end), "=" | ":=")
            {
                let last = self.tok(end - 1)?;
                if equals == k + 1 && first.kind == Kind::Name && !STARTS.contains(&w) {
                    let m = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
                    return Some(self.make(first.start, last.end, m));
                }
                if !STARTS.contains(&w) && !self.display_at(k) {
                    let e = self.parsed(first.start, self.tok(equals - 1)?.end)?;
                    // A bracket was put before it.
                    let at = |x: ruff_text_size::TextSize| (first.start + x.to_usize()).saturating_sub(1);
                    let m = format!(
                        "cannot assign to {} here. Maybe you meant '==' instead of '='?",
                        describe(&e)
                    );
                    return Some(self.make(at(e.start()), at(e.end()), m));
                }
            }
            // To the next element.
            let mut lambdas = 0;
            loop {
                let t = self.tok(k)?;
                if t.level == 0 {
                    match self.str(t) {
                        "lambda" => lambdas += 1,
                        ":" if lambdas > 0 => lambdas -= 1,
                        "," if lambdas == 0 => break,
                        "=" | ":=" | ":" | ";" if lambdas == 0 => return None,
                        _ if matches!(t.kind, Kind::Newline | Kind::End) => return None,
                        _ => {}
                    }
                }
                k += 1;
            }
            k += 1;
        }
    }

    /// Whether a list, a tuple or a generator expression begins at token `k`.
    fn display_at(&self, k: usize) -> bool {
        let Some(open) = self.tok(k).filter(|t| matches!(self.str(t), "(" | "[")) else {
            return false;
        };
        let close = (k + 1..).map_while(|i| self.tok(i)).find(|t| t.level < open.level);
        let e = close.and_then(|t| self.parsed(open.start, t.end));
        matches!(e, Some(Expr::List(_) | Expr::Tuple(_) | Expr::Generator(_)))
    }

    /// The token behind the operand of a comparison (`bitwise_or` of the grammar) that begins at token `k`, if one does.
    pub(super) fn operand_end(&self, k: usize) -> Option<usize> {
        const NO_OPERAND: &[&str] = &["lambda", "not", "yield", "*", ";", ",", "="];
        const BEHIND: &[&str] = &[
            "<", ">", "==", "!=", "<=", ">=", "in", "not", "is", "and", "or", "if", "else", ",", ";", ":", "=", ":=",
        ];
        let ends = |t: &Token| matches!(t.kind, Kind::Newline | Kind::End);
        let first = self.tok(k).filter(|t| !ends(t) && !NO_OPERAND.contains(&self.str(t)))?;
        // Brackets count as what they hold.
        let level = first.level - usize::from(matches!(self.str(first), "(" | "[" | "{"));
        (k + 1..).find(|&i| {
            self.tok(i)
                .is_none_or(|t| ends(t) || t.level < level || (t.level == level && BEHIND.contains(&self.str(t))))
        })
    }

    /// An augmented assignment to what cannot be a target.
    fn augmented(&self, at: usize, end: usize, name: &str) -> Error {
        let i = self.index_at(end);
        if self.assigned_before(i) {
            return self.at_token(i, "invalid syntax");
        }
        let m = format!("'{name}' is an illegal expression for augmented assignment");
        self.make(at, end, m)
    }

    /// Whether there is an `=` in the statement before token `i`, outside of brackets.
    pub(super) fn assigned_before(&self, i: usize) -> bool {
        (self.simple_statement_start(i)..i).any(|k| self.word(k) == "=" && self.tok(k).is_some_and(|t| t.level == 0))
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
        if t.level == 0 && !NAMING.contains(&self.word(self.simple_statement_start(i))) {
            return None;
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
