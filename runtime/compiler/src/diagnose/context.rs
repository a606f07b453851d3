//! What surrounds a token.

use super::tokens::Kind;
use super::{Doctor, Error};

impl Doctor<'_> {
    /// First token of the expression that ends before token `k`, at the same level of brackets.
    pub(super) fn expression_start(&self, k: usize) -> usize {
        let mut depth = 0;
        let mut a = k;
        while a > 0 {
            let w = self.word(a - 1);
            let kind = self.tok(a - 1).map_or(Kind::End, |t| t.kind);
            match w {
                ")" | "]" | "}" if kind == Kind::Op => depth += 1,
                "(" | "[" | "{" if kind == Kind::Op => {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                }
                "," | "=" | ":" | ":=" | ";" | "->" if depth == 0 && kind == Kind::Op => break,
                "return" | "if" | "else" | "elif" | "while" | "in" | "assert" | "del" | "raise" | "from" | "import"
                | "for" | "with" | "as" | "yield" | "lambda" | "print"
                    if depth == 0 && kind == Kind::Name && w != "print" =>
                {
                    break;
                }
                _ if depth == 0 && matches!(kind, Kind::Newline | Kind::Indent | Kind::Dedent) => {
                    break;
                }
                "+=" | "-=" | "*=" | "/=" if depth == 0 => break,
                _ => {}
            }
            a -= 1;
        }
        a
    }

    /// End of the operand that begins at token `i`, with its calls and attributes.
    pub(super) fn expression_end(&self, i: usize) -> usize {
        let mut depth = 0usize;
        let mut end = self.tok(i).map_or(0, |t| t.end);
        for k in i..self.t.list.len() {
            let t = &self.t.list[k];
            let w = self.str(t);
            match w {
                "(" | "[" | "{" if t.kind == Kind::Op => depth += 1,
                ")" | "]" | "}" if t.kind == Kind::Op => {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                }
                "," | "=" | ":" | "for" if depth == 0 => break,
                _ if matches!(t.kind, Kind::Newline | Kind::End) => break,
                _ if depth == 0 && k > i => {
                    let p = &self.t.list[k - 1];
                    if p.kind != Kind::Op && t.kind != Kind::Op {
                        break;
                    }
                }
                _ => {}
            }
            end = t.end;
        }
        end
    }

    /// Number of brackets around token `i`.
    pub(super) fn innermost_level(&self, i: usize) -> usize {
        i.checked_sub(1).and_then(|k| self.tok(k)).map_or(0, |t| t.level)
    }

    /// A `*` with nothing behind it that could be unpacked.
    pub(super) fn bad_star(&self, i: usize) -> Option<Error> {
        let mut depth = 0;
        for k in (0..i).rev() {
            match self.word(k) {
                ")" | "]" | "}" => depth += 1,
                "(" | "[" | "{" => {
                    if depth == 0 && k > 0 && self.word(k - 1) == "*" {
                        return self.star_argument(k - 1, i);
                    }
                    depth -= i32::from(depth > 0);
                }
                "*" if k + 1 == i => return self.star_argument(k, i),
                _ => {}
            }
        }
        None
    }

    pub(super) fn star_argument(&self, k: usize, i: usize) -> Option<Error> {
        let before = k.checked_sub(1).map(|p| self.word(p))?;
        let start = self.statement_start(k);
        if !matches!(before, "(" | "[" | ",") || matches!(self.word(start), "def" | "lambda") {
            return None;
        }
        Some(self.over(self.tok(i)?, "Invalid star expression"))
    }

    /// The bracket around token `i`.
    pub(super) fn innermost(&self, i: usize) -> Option<u8> {
        let mut depth = 0;
        for k in (0..i).rev() {
            match self.word(k) {
                ")" | "]" | "}" => depth += 1,
                w @ ("(" | "[" | "{") => {
                    if depth == 0 {
                        return w.bytes().next();
                    }
                    depth -= 1;
                }
                _ => {}
            }
        }
        None
    }

    pub(super) fn expression_list_start(&self, i: usize) -> usize {
        let mut depth = 0;
        let mut k = i;
        while k > 0 {
            match self.word(k - 1) {
                ")" | "]" | "}" => depth += 1,
                "(" | "[" | "{" => {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                }
                _ => {}
            }
            k -= 1;
        }
        k
    }

    pub(super) fn tuple_before(&self, i: usize) -> bool {
        let a = self.expression_list_start(i);
        a > 0 && matches!(self.word(a - 1), "[" | "{") && (a..i).any(|k| self.word(k) == ",")
    }

    /// Whether the statement before token `i`, on the same level of blocks, was an `else`.
    pub(super) fn after_else(&self, i: usize) -> bool {
        let mut depth = 0;
        for k in (0..i).rev() {
            match self.tok(k).map(|t| t.kind) {
                Some(Kind::Dedent) => depth += 1,
                Some(Kind::Indent) => {
                    depth -= 1;
                    if depth == 0 {
                        let start = self.statement_start(k.saturating_sub(1));
                        return self.word(start) == "else";
                    }
                }
                _ => {}
            }
        }
        false
    }

    /// Whether the braces around token `i` hold a colon on their own level, or unpack a dict.
    pub(super) fn is_dict(&self, i: usize) -> bool {
        let mut depth = 0;
        for k in (0..i).rev() {
            match self.word(k) {
                ")" | "]" | "}" => depth += 1,
                "(" | "[" | "{" if depth == 0 => return false,
                "(" | "[" | "{" => depth -= 1,
                ":" if depth == 0 => return self.word(i.saturating_sub(1)) != ":",
                "**" if depth == 0 && k > 0 && matches!(self.word(k - 1), "{" | ",") => return k + 1 < i,
                _ => {}
            }
        }
        false
    }
}
