//! match statements.
//!
//! Captured values wait in temporaries until the whole pattern has matched, as in CPython. Each temporary has a fixed
//! place above the subject, so that a failure only has to clear a range.

use super::Compiler;
use crate::error::{Res, syntax};
use crate::scope::addr;
use crate::unit::{Label, Reg};
use ruff_python_ast::name::Name;
use ruff_python_ast::{self as ast, Expr, Pattern, Singleton};
use ruff_text_size::{Ranged, TextRange};
use skein_bytecode::{Const, Op};

/// State of matching one case.
struct Case<'a> {
    /// Where a failure leads; all temporaries from `first` on are cleared there.
    fail: Label,
    /// Captured names and where their values wait.
    names: Vec<(&'a Name, TextRange, Reg)>,
    /// A failure may have captured something.
    used_fail: bool,
}

impl<'a> Compiler<'a> {
    pub fn match_(&mut self, m: &'a ast::StmtMatch) -> Res<()> {
        let base = self.u.top;
        let subject = self.temp(&m.subject)?;
        let end = self.u.label();
        let n = m.cases.len();
        for (i, c) in m.cases.iter().enumerate() {
            let irrefutable = irrefutable(&c.pattern);
            if irrefutable && c.guard.is_none() && i + 1 < n {
                let message = match &c.pattern {
                    Pattern::MatchAs(a) if a.pattern.is_none() => match &a.name {
                        Some(n) => {
                            format!("name capture '{n}' makes remaining patterns unreachable")
                        }
                        None => "wildcard makes remaining patterns unreachable".to_string(),
                    },
                    _ => "wildcard makes remaining patterns unreachable".to_string(),
                };
                return syntax(c.pattern.range(), message);
            }
            let last_wild = i + 1 == n && n > 1 && is_wildcard(&c.pattern);
            let next = self.u.label();
            let mut case = Case {
                fail: self.u.label(),
                names: Vec::new(),
                used_fail: false,
            };
            // A register for every capture, above the subject.
            let mut captures = Vec::new();
            capture_names(&c.pattern, &mut captures)?;
            let first = self.u.top;
            for (name, range) in &captures {
                let r = self.u.alloc();
                self.forbidden(name, *range, "assign to")?;
                case.names.push((name, *range, r));
            }
            if !last_wild {
                let work = self.u.alloc();
                self.at(c.pattern.range());
                self.u.emit(Op::Copy, work, subject, 0);
                self.pattern(&c.pattern, work, &mut case)?;
            } else {
                self.at(c.pattern.range());
            }
            self.u.top = first + case.names.len() as u16;
            for &(name, range, r) in &case.names {
                self.store_name(name, range, r)?;
            }
            self.u.top = first;
            match &c.guard {
                Some(g) => {
                    self.jump_if(g, false, next)?;
                    if i + 1 == n {
                        // falls through to the end
                    }
                    self.u.emit(Op::Kill, subject, 0, 0);
                }
                None => self.u.emit(Op::Kill, subject, 0, 0),
            }
            self.u.top = base;
            self.body(&c.body)?;
            self.u.keep_position();
            self.u.jump(Op::Jump, 0, end);
            self.u.top = first;
            if case.used_fail {
                self.u.bind(case.fail);
                if !case.names.is_empty() {
                    self.at(c.pattern.range());
                    self.u.emit(Op::KillRange, first, case.names.len() as u16, 0);
                }
            }
            self.u.bind(next);
        }
        self.u.top = subject + 1;
        if let Some(last) = m.cases.last() {
            self.at(last.pattern.range());
        }
        self.u.emit(Op::Kill, subject, 0, 0);
        self.u.top = base;
        self.u.bind(end);
        Ok(())
    }

    /// Matches the temporary `s`, which is at the top and given up in any case.
    fn pattern(&mut self, p: &'a Pattern, s: Reg, case: &mut Case<'a>) -> Res<()> {
        self.deeper(p.range(), |c| c.pattern_inner(p, s, case))
    }

    /// Fails if `r`, which is consumed, is `when`; `live` temporaries from there are cleared on that way.
    fn fail_if(&mut self, op: Op, r: Reg, live: Reg, count: u16, case: &mut Case<'a>) {
        case.used_fail = true;
        if count == 0 {
            self.u.jump(op, r, case.fail);
            return;
        }
        let ok = self.u.label();
        let inverse = match op {
            Op::JumpIf => Op::JumpIfNot,
            Op::JumpIfNot => Op::JumpIf,
            Op::JumpIfNone => Op::JumpIfNotNone,
            _ => Op::JumpIfNone,
        };
        self.u.jump(inverse, r, ok);
        self.u.emit(Op::KillRange, live, count, 0);
        self.u.jump(Op::Jump, 0, case.fail);
        self.u.bind(ok);
    }

    fn pattern_inner(&mut self, p: &'a Pattern, s: Reg, case: &mut Case<'a>) -> Res<()> {
        debug_assert_eq!(self.u.top, s + 1);
        let range = p.range();
        self.at(range);
        match p {
            Pattern::MatchValue(v) => {
                match &*v.value {
                    Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::Attribute(_) => {}
                    Expr::UnaryOp(u) if u.operand.is_number_literal_expr() => {}
                    Expr::UnaryOp(_) => return syntax(range, "invalid syntax"),
                    Expr::BinOp(b) if matches!(b.op, ast::Operator::Add | ast::Operator::Sub) => {}
                    Expr::BinOp(_) => return syntax(range, "invalid syntax"),
                    _ => {
                        return syntax(range, "patterns may only match literals and attribute lookups");
                    }
                }
                case.used_fail = true;
                if let Some(n) = self.small_int(&v.value) {
                    self.u.emit_to(Op::JEqI, s, n as i16 as u16, 0, case.fail);
                } else {
                    let r = self.expr(&v.value, None)?;
                    self.at(range);
                    self.u.emit_to(Op::JEq, s, r, 0, case.fail);
                }
                self.u.top = s;
                Ok(())
            }
            Pattern::MatchSingleton(v) => {
                case.used_fail = true;
                match v.value {
                    Singleton::None => self.u.jump(Op::JumpIfNotNone, s, case.fail),
                    b => {
                        let t = self.u.alloc();
                        self.load_const(
                            if b == Singleton::True {
                                Const::True
                            } else {
                                Const::False
                            },
                            t,
                        );
                        self.u.emit_to(Op::JIs, s, t, 0, case.fail);
                    }
                }
                self.u.top = s;
                Ok(())
            }
            Pattern::MatchAs(a) => {
                match (&a.pattern, &a.name) {
                    (Some(inner), Some(n)) => {
                        let t = self.u.alloc();
                        self.u.emit(Op::Copy, t, s, 0);
                        // The copy is matched first; its failure must also clear what is below.
                        let mut sub = Case {
                            fail: self.u.label(),
                            names: std::mem::take(&mut case.names),
                            used_fail: false,
                        };
                        self.pattern(inner, t, &mut sub)?;
                        case.names = std::mem::take(&mut sub.names);
                        self.u.top = s + 1;
                        self.capture(&n.id, s, case);
                        if sub.used_fail {
                            let ok = self.u.label();
                            self.u.jump(Op::Jump, 0, ok);
                            self.u.bind(sub.fail);
                            self.u.emit(Op::Kill, s, 0, 0);
                            case.used_fail = true;
                            self.u.jump(Op::Jump, 0, case.fail);
                            self.u.bind(ok);
                        }
                    }
                    (None, Some(n)) => self.capture(&n.id, s, case),
                    _ => self.u.emit(Op::Kill, s, 0, 0),
                }
                self.u.top = s;
                Ok(())
            }
            Pattern::MatchStar(_) => syntax(range, "starred pattern outside a sequence"),
            Pattern::MatchSequence(q) => self.sequence(&q.patterns, range, s, case),
            Pattern::MatchMapping(m) => self.mapping(m, s, case),
            Pattern::MatchClass(c) => self.class_pattern(c, s, case),
            Pattern::MatchOr(o) => {
                let done = self.u.label();
                let names = std::mem::take(&mut case.names);
                let n = o.patterns.len();
                let mut expected: Option<Vec<Name>> = None;
                for (i, alt) in o.patterns.iter().enumerate() {
                    if i + 1 < n && irrefutable(alt) {
                        let message = match alt {
                            Pattern::MatchAs(a) => match &a.name {
                                Some(n) => format!("name capture '{n}' makes remaining patterns unreachable"),
                                None => "wildcard makes remaining patterns unreachable".to_string(),
                            },
                            _ => "wildcard makes remaining patterns unreachable".to_string(),
                        };
                        return syntax(alt.range(), message);
                    }
                    let mut own = Vec::new();
                    capture_names(alt, &mut own)?;
                    let mut sorted: Vec<Name> = own.iter().map(|(n, _)| (*n).clone()).collect();
                    sorted.sort();
                    match &expected {
                        None => expected = Some(sorted),
                        Some(e) if *e != sorted => {
                            return syntax(o.range, "alternative patterns bind different names");
                        }
                        Some(_) => {}
                    }
                    let mut sub = Case {
                        fail: self.u.label(),
                        names: names.clone(),
                        used_fail: false,
                    };
                    let t = self.u.alloc();
                    self.at(alt.range());
                    self.u.emit(Op::Copy, t, s, 0);
                    self.pattern(alt, t, &mut sub)?;
                    self.u.top = s + 1;
                    self.u.emit(Op::Kill, s, 0, 0);
                    self.u.jump(Op::Jump, 0, done);
                    if sub.used_fail {
                        self.u.bind(sub.fail);
                        for (n, _) in &own {
                            if let Some(&(_, _, r)) = names.iter().find(|x| x.0 == *n) {
                                self.u.emit(Op::Kill, r, 0, 0);
                            }
                        }
                    }
                }
                self.u.emit(Op::Kill, s, 0, 0);
                if self.u.reachable {
                    case.used_fail = true;
                    self.u.jump(Op::Jump, 0, case.fail);
                }
                self.u.bind(done);
                case.names = names;
                self.u.top = s;
                Ok(())
            }
        }
    }

    fn capture(&mut self, name: &Name, s: Reg, case: &Case<'a>) {
        if let Some(&(_, _, r)) = case.names.iter().find(|x| x.0 == name) {
            self.u.emit(Op::Move, r, s, 0);
        }
    }

    /// Matches the `n` registers from `w` on with what `sub` gives for each; they are at the top.
    fn parts(&mut self, w: Reg, patterns: &[Option<&'a Pattern>], case: &mut Case<'a>) -> Res<()> {
        // From the last one down, so that what is matched is at the top. CPython goes left to right; only the order of
        // comparisons could show it, so each is moved to the top first.
        let n = patterns.len() as u16;
        for (i, p) in patterns.iter().enumerate() {
            let r = w + i as u16;
            match p {
                None => self.u.emit(Op::Kill, r, 0, 0),
                Some(Pattern::MatchAs(a)) if a.pattern.is_none() => match &a.name {
                    Some(name) => self.capture(&name.id, r, case),
                    None => self.u.emit(Op::Kill, r, 0, 0),
                },
                Some(p) => {
                    let t = self.u.alloc();
                    self.at(p.range());
                    self.u.emit(Op::Move, t, r, 0);
                    let rest = n - i as u16 - 1;
                    if rest == 0 {
                        self.pattern(p, t, case)?;
                    } else {
                        let mut sub = Case {
                            fail: self.u.label(),
                            names: std::mem::take(&mut case.names),
                            used_fail: false,
                        };
                        self.pattern(p, t, &mut sub)?;
                        case.names = std::mem::take(&mut sub.names);
                        if sub.used_fail {
                            let ok = self.u.label();
                            self.u.jump(Op::Jump, 0, ok);
                            self.u.bind(sub.fail);
                            self.u.emit(Op::KillRange, r + 1, rest, 0);
                            case.used_fail = true;
                            self.u.jump(Op::Jump, 0, case.fail);
                            self.u.bind(ok);
                        }
                    }
                    self.u.top = w + n;
                }
            }
        }
        Ok(())
    }

    fn sequence(&mut self, patterns: &'a [Pattern], range: TextRange, s: Reg, case: &mut Case<'a>) -> Res<()> {
        let star = patterns.iter().position(|p| p.is_match_star());
        if patterns.iter().filter(|p| p.is_match_star()).count() > 1 {
            return syntax(range, "multiple starred expressions in sequence pattern");
        }
        let n = patterns.len();
        let t = self.u.alloc();
        self.u.emit(Op::MatchSequence, t, s, 0);
        self.fail_if(Op::JumpIfNot, t, s, 1, case);
        if n == 1
            && star == Some(0)
            && let Pattern::MatchStar(m) = &patterns[0]
            && m.name.is_none()
        {
            self.u.emit(Op::Kill, s, 0, 0);
            self.u.top = s;
            return Ok(());
        }
        // The length.
        if star.is_none() || n > 1 {
            self.u.emit(Op::GetLen, t, s, 0);
            let (op, want) = if star.is_some() {
                (Op::JGeI, n - 1)
            } else {
                (Op::JEqI, n)
            };
            let ok = self.u.label();
            if want > 30_000 {
                return syntax(range, "too many patterns");
            }
            self.u.emit_to(op, t, want as u16, 1, ok);
            self.u.emit(Op::Kill, s, 0, 0);
            case.used_fail = true;
            self.u.jump(Op::Jump, 0, case.fail);
            self.u.bind(ok);
        }
        if n == 0 {
            self.u.emit(Op::Kill, s, 0, 0);
            self.u.top = s;
            return Ok(());
        }
        if let Some(i) = star
            && let Pattern::MatchStar(m) = &patterns[i]
            && m.name.is_none()
        {
            return self.sequence_ends(patterns, i, range, s, case);
        }
        self.u.top = s;
        let w = self.u.alloc_n(n as u16);
        // The subject moves out of the way of the window that begins at its place.
        let o = self.u.alloc();
        if o != s {
            self.u.emit(Op::Move, o, s, 0);
        }
        match star {
            None => self.u.emit(Op::UnpackSeq, o, w, n as u16),
            Some(i) => {
                if i >= 256 {
                    return syntax(range, "too many expressions in star-unpacking sequence pattern");
                }
                self.u.emit_pair(Op::UnpackEx, o, w, 0, i as u32, (n - i - 1) as u32)
            }
        }
        self.u.top = o;
        for (i, p) in patterns.iter().enumerate() {
            if let Pattern::MatchStar(m) = p {
                let r = w + i as u16;
                match &m.name {
                    Some(name) => self.capture(&name.id, r, case),
                    None => self.u.emit(Op::Kill, r, 0, 0),
                }
            }
        }
        // Starred parts are done; a register that was moved away may be killed again.
        let list: Vec<Option<&'a Pattern>> = patterns.iter().map(|p| (!p.is_match_star()).then_some(p)).collect();
        self.parts(w, &list, case)?;
        self.u.top = s;
        Ok(())
    }

    /// Both ends of a sequence that is long enough, around `*_`: only the items that are matched are fetched.
    fn sequence_ends(
        &mut self,
        patterns: &'a [Pattern],
        star: usize,
        range: TextRange,
        s: Reg,
        case: &mut Case<'a>,
    ) -> Res<()> {
        if star >= 256 {
            return syntax(range, "too many expressions in star-unpacking sequence pattern");
        }
        let n = patterns.len() - 1;
        self.u.top = s + 1;
        // The items lie behind the subject until all are there, then move down over it.
        let first = self.u.top;
        for i in 0..n {
            let r = self.u.alloc();
            let subject = self.u.alloc();
            self.u.emit(Op::Copy, subject, s, 0);
            if i < star {
                self.u.emit(Op::LoadSubscrI, r, subject, i as u16);
            } else {
                // From the end, but counted from the start: a sequence need not know negative indices.
                let len = self.u.alloc();
                self.u.emit(Op::GetLen, len, s, 0);
                self.u.emit(Op::SubI, len, len, (n - i) as u16);
                self.u.emit(Op::LoadSubscr, r, subject, len);
            }
            self.u.top = r + 1;
        }
        self.u.emit(Op::Kill, s, 0, 0);
        for i in 0..n as u16 {
            self.u.emit(Op::Move, s + i, first + i, 0);
        }
        self.u.top = s + n as u16;
        let list: Vec<Option<&'a Pattern>> = patterns.iter().filter(|p| !p.is_match_star()).map(Some).collect();
        self.parts(s, &list, case)?;
        self.u.top = s;
        Ok(())
    }

    fn mapping(&mut self, m: &'a ast::PatternMatchMapping, s: Reg, case: &mut Case<'a>) -> Res<()> {
        let n = m.keys.len();
        let t = self.u.alloc();
        self.u.emit(Op::MatchMapping, t, s, 0);
        self.fail_if(Op::JumpIfNot, t, s, 1, case);
        self.u.top = s + 1;
        if n == 0 && m.rest.is_none() {
            self.u.emit(Op::Kill, s, 0, 0);
            self.u.top = s;
            return Ok(());
        }
        if n > 0 {
            self.u.emit(Op::GetLen, t, s, 0);
            let ok = self.u.label();
            if n > 30_000 {
                return syntax(m.range, "too many sub-patterns in mapping pattern");
            }
            self.u.emit_to(Op::JGeI, t, n as u16, 1, ok);
            self.u.emit(Op::Kill, s, 0, 0);
            case.used_fail = true;
            self.u.jump(Op::Jump, 0, case.fail);
            self.u.bind(ok);
        }
        let mut seen: Vec<Const> = Vec::new();
        for k in &m.keys {
            if let Some(c) = self.fold(k) {
                if seen.iter().any(|o| same_key(o, &c)) {
                    return syntax(
                        m.range,
                        format!(
                            "mapping pattern checks duplicate key ({})",
                            crate::unparse::const_repr(&c)
                        ),
                    );
                }
                seen.push(c);
            } else if !k.is_attribute_expr() {
                return syntax(
                    k.range(),
                    "mapping pattern keys may only match literals and attribute lookups",
                );
            }
        }
        let keys = self.u.alloc();
        self.u.top = keys;
        for k in &m.keys {
            self.temp(k)?;
        }
        self.at(m.range);
        self.u.top = keys;
        self.u.emit(Op::BuildTuple, keys, keys, n as u16);
        self.u.top = keys + 1;
        let values = self.u.alloc();
        self.u.emit(Op::MatchKeys, values, s, keys);
        let c = self.u.alloc();
        self.u.emit(Op::Copy, c, values, 0);
        // s, keys and values (None) are cleared on failure.
        self.fail_if(Op::JumpIfNone, c, s, 3, case);
        self.u.top = c;
        if let Some(rest) = &m.rest {
            // A copy of the mapping without the keys.
            let d = self.u.alloc();
            self.u.emit(Op::BuildMap, d, d, 0);
            self.u.emit(Op::DictUpdate, d, s, 0);
            let each = self.u.alloc_n(n as u16);
            let kc = self.u.alloc();
            self.u.emit(Op::Copy, kc, keys, 0);
            self.u.emit(Op::UnpackSeq, kc, each, n as u16);
            for i in 0..n as u16 {
                let dc = self.u.alloc();
                self.u.emit(Op::Copy, dc, d, 0);
                self.u.emit(Op::DelSubscr, dc, each + i, 0);
                self.u.top = dc;
            }
            self.u.top = d + 1;
            self.capture(&rest.id, d, case);
            self.u.top = d;
        } else {
            self.u.emit(Op::Kill, s, 0, 0);
        }
        self.u.emit(Op::Kill, keys, 0, 0);
        // The values go to where the subject was.
        self.u.emit(Op::Move, s, values, 0);
        self.u.top = s;
        let w = self.u.alloc_n(n as u16);
        let o = self.u.alloc();
        if o != s {
            self.u.emit(Op::Move, o, s, 0);
        }
        self.u.emit(Op::UnpackSeq, o, w, n as u16);
        self.u.top = o;
        let list: Vec<Option<&'a Pattern>> = m.patterns.iter().map(Some).collect();
        self.parts(w, &list, case)?;
        self.u.top = s;
        Ok(())
    }

    fn class_pattern(&mut self, c: &'a ast::PatternMatchClass, s: Reg, case: &mut Case<'a>) -> Res<()> {
        let mut names: Vec<Const> = Vec::new();
        for k in &c.arguments.keywords {
            self.forbidden(&k.attr.id, k.attr.range, "assign to")?;
            let name = Const::Str(k.attr.as_bytes().into());
            if names.contains(&name) {
                return syntax(
                    k.range,
                    format!("attribute name repeated in class pattern: {}", k.attr.as_str()),
                );
            }
            names.push(name);
        }
        let pos = c.arguments.patterns.len();
        let n = pos + names.len();
        if n > 30_000 {
            return syntax(c.range, "too many sub-patterns in class pattern");
        }
        self.temp(&c.cls)?;
        let t = self.u.alloc();
        self.at(c.range);
        self.load_const(Const::Tuple(names), t);
        self.u.emit(Op::MatchClass, s, s, pos as u16);
        self.u.top = s + 1;
        let copy = self.u.alloc();
        self.u.emit(Op::Copy, copy, s, 0);
        self.fail_if(Op::JumpIfNone, copy, s, 1, case);
        self.u.top = s;
        let w = self.u.alloc_n(n as u16);
        let o = self.u.alloc();
        if o != s {
            self.u.emit(Op::Move, o, s, 0);
        }
        self.u.emit(Op::UnpackSeq, o, w, n as u16);
        self.u.top = o;
        let list: Vec<Option<&'a Pattern>> = c
            .arguments
            .patterns
            .iter()
            .chain(c.arguments.keywords.iter().map(|k| &k.pattern))
            .map(Some)
            .collect();
        self.parts(w, &list, case)?;
        self.u.top = s;
        debug_assert!(addr(c) != 0);
        Ok(())
    }
}

fn irrefutable(p: &Pattern) -> bool {
    match p {
        Pattern::MatchAs(a) => match &a.pattern {
            Some(p) => irrefutable(p),
            None => true,
        },
        Pattern::MatchOr(o) => o.patterns.last().is_some_and(irrefutable),
        _ => false,
    }
}

/// Whether two literals are the same key of a mapping: numbers compare across their types.
fn same_key(a: &Const, b: &Const) -> bool {
    fn number(c: &Const) -> Option<(f64, f64)> {
        match c {
            Const::True => Some((1.0, 0.0)),
            Const::False => Some((0.0, 0.0)),
            // Larger ones compare exactly below, which no float literal of a pattern will miss.
            Const::Int(i) if i.unsigned_abs() <= 1 << 53 => Some((*i as f64, 0.0)),
            Const::Float(f) => Some((*f, 0.0)),
            Const::Complex(re, im) => Some((*re, *im)),
            _ => None,
        }
    }
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x == y,
        _ => a == b,
    }
}

fn is_wildcard(p: &Pattern) -> bool {
    matches!(p, Pattern::MatchAs(a) if a.pattern.is_none() && a.name.is_none())
}

/// All names a pattern binds; in alternatives those of the first.
fn capture_names<'a>(p: &'a Pattern, out: &mut Vec<(&'a Name, TextRange)>) -> Res<()> {
    let mut add = |n: &'a ast::Identifier, range: TextRange| {
        if out.iter().any(|x| *x.0 == n.id) {
            return syntax(
                range,
                format!("multiple assignments to name '{}' in pattern", n.as_str()),
            );
        }
        out.push((&n.id, n.range));
        Ok(())
    };
    match p {
        Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => Ok(()),
        Pattern::MatchStar(s) => match &s.name {
            Some(n) => add(n, s.range),
            None => Ok(()),
        },
        Pattern::MatchAs(a) => {
            if let Some(p) = &a.pattern {
                capture_names(p, out)?;
            }
            match &a.name {
                Some(n) => {
                    if out.iter().any(|x| *x.0 == n.id) {
                        return syntax(
                            a.range,
                            format!("multiple assignments to name '{}' in pattern", n.as_str()),
                        );
                    }
                    out.push((&n.id, n.range));
                    Ok(())
                }
                None => Ok(()),
            }
        }
        Pattern::MatchSequence(s) => s.patterns.iter().try_for_each(|p| capture_names(p, out)),
        Pattern::MatchMapping(m) => {
            for p in &m.patterns {
                capture_names(p, out)?;
            }
            match &m.rest {
                Some(r) => {
                    if out.iter().any(|x| *x.0 == r.id) {
                        return syntax(
                            m.range,
                            format!("multiple assignments to name '{}' in pattern", r.as_str()),
                        );
                    }
                    out.push((&r.id, r.range));
                    Ok(())
                }
                None => Ok(()),
            }
        }
        Pattern::MatchClass(c) => c
            .arguments
            .patterns
            .iter()
            .chain(c.arguments.keywords.iter().map(|k| &k.pattern))
            .try_for_each(|p| capture_names(p, out)),
        Pattern::MatchOr(o) => match o.patterns.first() {
            Some(p) => capture_names(p, out),
            None => Ok(()),
        },
    }
}
