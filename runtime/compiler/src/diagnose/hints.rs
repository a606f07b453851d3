//! Rare mistakes that have a message of their own.

use super::tokens::Kind;
use super::{Doctor, Error};
use crate::emit::describe;

impl Doctor<'_> {
    /// A message for an error at token `i` that follows from the tokens around it.
    pub(super) fn hint(&self, i: usize) -> Option<Error> {
        let t = self.tok(i)?;
        let w = self.str(t);
        let prev = i.checked_sub(1).map_or("", |k| self.word(k));
        let start = self.statement_start(i);
        let head = self.word(start);
        if w == ":" && i >= 2 && matches!(head, "def" | "class" | "type" | "async") {
            let kind = match self.word(i - 2) {
                "*" => "TypeVarTuple",
                "**" => "ParamSpec",
                _ => "",
            };
            if !kind.is_empty() && self.innermost(i) == Some(b'[') {
                let what = if self.word(i + 1) == "(" {
                    "constraints"
                } else {
                    "bound"
                };
                return Some(self.make(
                    t.start,
                    self.expression_end(i + 1),
                    format!("cannot use {what} with {kind}"),
                ));
            }
        }
        if w.len() >= 2 && w.ends_with('=') && t.kind == Kind::Op && !matches!(w, "==" | "<=" | ">=" | "!=" | ":=") {
            let tuple = (start..i).any(|k| self.word(k) == "," && self.t.list[k].level == 0);
            if tuple && t.level == 0 && !self.assigned_before(i) {
                return Some(self.make(
                    self.tok(start)?.start,
                    self.tok(i - 1)?.end,
                    "'tuple' is an illegal expression for augmented assignment",
                ));
            }
        }
        if w == "for" && t.level > 0 {
            // f(a = x for x in y)
            let a = self.expression_start(i);
            if a >= 2 && self.word(a - 1) == "=" && self.is_call(a - 1) && self.tok(a - 2)?.kind == Kind::Name {
                return Some(self.make(
                    self.tok(a - 2)?.start,
                    self.tok(a - 1)?.end,
                    "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
                ));
            }
        }
        if prev == "/" && w == "*" && (matches!(head, "def" | "async") || self.lambda_before(i)) {
            return Some(self.over(t, "expected comma between / and *"));
        }
        if prev == "<" && w == ">" && self.tok(i - 1)?.end == t.start {
            return Some(self.make(
                t.start - 1,
                t.end,
                "invalid syntax.  Maybe you meant '!=' instead of '<>'?",
            ));
        }
        if head == "case" {
            let k = (start..=i).rev().find(|&k| self.word(k) == "as")? + 1;
            let mut depth = 0;
            let mut b = k;
            while let Some(x) = self.tok(b) {
                match self.str(x) {
                    "(" | "[" => depth += 1,
                    ")" | "]" | "," | ":" | "|" if depth == 0 => break,
                    ")" | "]" => depth -= 1,
                    _ if x.kind == Kind::Newline => break,
                    _ => {}
                }
                b += 1;
            }
            let (from, to) = (self.tok(k)?.start, self.tok(b.checked_sub(1)?)?.end);
            if from >= to {
                return None;
            }
            if self.text.get(from..to) == Some("_") {
                return Some(self.make(from, to, "cannot use '_' as a target"));
            }
            let e = self.parsed(from, to)?;
            if !e.is_name_expr() {
                return Some(self.make(from, to, format!("cannot use {} as pattern target", describe(&e))));
            }
        }
        None
    }
}
