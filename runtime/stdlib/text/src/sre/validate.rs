//! Checks lists of codes before the engine runs them: it trusts every jump, count and number of a group.
//!
//! `re._compiler` makes well-formed codes, but `_sre.compile` takes any list from Python. What is checked is the structure
//! that the compiler documents: each operator has its operands, each skip leads to where the operator's part ends.

use rustpython_sre_engine::{SreAtCode, SreCatCode, SreInfo, SreOpcode as Op};
use skein_object::Context;

/// Words of a bitmap of 256 characters.
const BITMAP: usize = 8;
/// Words of the table from the high byte of a character to its block.
const INDICES: usize = 64;
/// A lookbehind wider than this is an error.
const MAX_WIDTH: u32 = 0x7fff_ffff;

/// Whether the engine may run the codes for a pattern with so many groups.
pub fn is_valid(cx: &Context, codes: &[u32], groups: usize) -> bool {
    let Some((&last, body)) = codes.split_last() else {
        return false;
    };
    // Each group is marked twice; a few groups may have been optimised away with their marks.
    last == Op::SUCCESS as u32
        && groups <= codes.len().max(4096)
        && Check { cx, codes, groups }.sequence(0, body.len()).is_some()
}

struct Check<'a> {
    cx: &'a Context,
    codes: &'a [u32],
    groups: usize,
}

/// `Some` if the condition holds.
fn must(condition: bool) -> Option<()> {
    condition.then_some(())
}

impl Check<'_> {
    /// The code at `at`, which lies before `end`.
    fn word(&self, at: usize, end: usize) -> Option<u32> {
        must(at < end)?;
        self.codes.get(at).copied()
    }

    fn op(&self, at: usize, end: usize) -> Option<Op> {
        Op::try_from(self.word(at, end)?).ok()
    }

    fn is_op(&self, at: usize, end: usize, op: Op) -> Option<()> {
        must(self.word(at, end)? == op as u32)
    }

    /// Where the skip at `at` leads to: not beyond `end`, and with room for `least` words, the skip's own among them.
    fn skip(&self, at: usize, end: usize, least: usize) -> Option<usize> {
        let n = self.word(at, end)? as usize;
        must(n >= least && n <= end - at)?;
        Some(at + n)
    }

    /// Operators from `at` to `end`.
    fn sequence(&self, mut at: usize, end: usize) -> Option<()> {
        // Parts lie in parts: native recursion.
        self.cx.check_stack().ok()?;
        while at < end {
            at = self.operator(at, end)?;
        }
        must(at == end)
    }

    /// One operator; gives where the next one begins.
    fn operator(&self, at: usize, end: usize) -> Option<usize> {
        let operand = at + 1;
        Some(match self.op(at, end)? {
            Op::SUCCESS | Op::FAILURE | Op::ANY | Op::ANY_ALL => operand,
            Op::MARK => {
                must((self.word(operand, end)? as usize) < self.groups.saturating_mul(2))?;
                operand + 1
            }
            Op::LITERAL
            | Op::NOT_LITERAL
            | Op::LITERAL_IGNORE
            | Op::NOT_LITERAL_IGNORE
            | Op::LITERAL_LOC_IGNORE
            | Op::NOT_LITERAL_LOC_IGNORE
            | Op::LITERAL_UNI_IGNORE
            | Op::NOT_LITERAL_UNI_IGNORE => {
                self.word(operand, end)?;
                operand + 1
            }
            Op::AT => {
                SreAtCode::try_from(self.word(operand, end)?).ok()?;
                operand + 1
            }
            Op::CATEGORY => {
                SreCatCode::try_from(self.word(operand, end)?).ok()?;
                operand + 1
            }
            Op::GROUPREF | Op::GROUPREF_IGNORE | Op::GROUPREF_LOC_IGNORE | Op::GROUPREF_UNI_IGNORE => {
                self.group(operand, end)?;
                operand + 1
            }
            Op::IN | Op::IN_IGNORE | Op::IN_LOC_IGNORE | Op::IN_UNI_IGNORE => {
                let next = self.skip(operand, end, 2)?;
                self.set(operand + 1, next)?;
                next
            }
            Op::INFO => self.info(operand, end)?,
            Op::BRANCH => self.branch(operand, end)?,
            Op::REPEAT_ONE | Op::MIN_REPEAT_ONE | Op::POSSESSIVE_REPEAT_ONE => {
                let next = self.skip(operand, end, 4)?;
                self.counts(operand + 1, end)?;
                self.sequence(operand + 3, next - 1)?;
                self.is_op(next - 1, end, Op::SUCCESS)?;
                next
            }
            op @ (Op::REPEAT | Op::POSSESSIVE_REPEAT) => {
                let until = self.skip(operand, end, 3)?;
                self.counts(operand + 1, end)?;
                self.sequence(operand + 3, until)?;
                let ending = self.op(until, end)?;
                must(if op == Op::REPEAT {
                    matches!(ending, Op::MAX_UNTIL | Op::MIN_UNTIL)
                } else {
                    ending == Op::SUCCESS
                })?;
                until + 1
            }
            Op::ATOMIC_GROUP => {
                let next = self.skip(operand, end, 2)?;
                self.sequence(operand + 1, next - 1)?;
                self.is_op(next - 1, end, Op::SUCCESS)?;
                next
            }
            Op::ASSERT | Op::ASSERT_NOT => {
                let next = self.skip(operand, end, 3)?;
                must(self.word(operand + 1, end)? <= MAX_WIDTH)?;
                self.sequence(operand + 2, next - 1)?;
                self.is_op(next - 1, end, Op::SUCCESS)?;
                next
            }
            Op::GROUPREF_EXISTS => {
                self.group(operand, end)?;
                self.condition(operand + 1, end)?
            }
            Op::BIGCHARSET
            | Op::CHARSET
            | Op::JUMP
            | Op::MAX_UNTIL
            | Op::MIN_UNTIL
            | Op::NEGATE
            | Op::RANGE
            | Op::RANGE_UNI_IGNORE
            | Op::SUBPATTERN => return None,
        })
    }

    fn group(&self, at: usize, end: usize) -> Option<()> {
        must((self.word(at, end)? as usize) < self.groups)
    }

    /// `<min> <max>`.
    fn counts(&self, at: usize, end: usize) -> Option<()> {
        must(self.word(at, end)? <= self.word(at + 1, end)?)
    }

    /// `<skip> pattern JUMP <skip>`, again and again, up to a skip of 0. All jumps lead behind it.
    fn branch(&self, mut at: usize, end: usize) -> Option<usize> {
        let mut target = None;
        while self.word(at, end)? != 0 {
            let next = self.skip(at, end, 3)?;
            self.sequence(at + 1, next - 2)?;
            self.is_op(next - 2, end, Op::JUMP)?;
            let to = self.skip(next - 1, end, 1)?;
            must(*target.get_or_insert(to) == to)?;
            at = next;
        }
        must(target.is_none_or(|to| to == at + 1))?;
        Some(at + 1)
    }

    /// `<skip> yes`, or `<skip> yes JUMP <skip> no`. The first skip counts from the word before it.
    fn condition(&self, at: usize, end: usize) -> Option<usize> {
        let n = self.word(at, end)? as usize;
        must(n >= 2 && n - 1 <= end - at)?;
        let next = at + n - 1;
        if n >= 4 && self.is_op(next - 2, end, Op::JUMP).is_some() {
            let with_no = || {
                self.sequence(at + 1, next - 2)?;
                let behind = self.skip(next - 1, end, 1)?;
                self.sequence(next, behind)?;
                Some(behind)
            };
            if let Some(behind) = with_no() {
                return Some(behind);
            }
        }
        self.sequence(at + 1, next)?;
        Some(next)
    }

    /// The members of a set up to `end`, with FAILURE at the end.
    fn set(&self, mut at: usize, end: usize) -> Option<()> {
        loop {
            match self.op(at, end)? {
                Op::FAILURE => return must(at + 1 == end),
                Op::NEGATE => at += 1,
                Op::LITERAL => {
                    self.word(at + 1, end)?;
                    at += 2;
                }
                Op::RANGE | Op::RANGE_UNI_IGNORE => {
                    self.word(at + 2, end)?;
                    at += 3;
                }
                Op::CATEGORY => {
                    SreCatCode::try_from(self.word(at + 1, end)?).ok()?;
                    at += 2;
                }
                Op::CHARSET => {
                    self.word(at + BITMAP, end)?;
                    at += 1 + BITMAP;
                }
                Op::BIGCHARSET => {
                    let blocks = self.word(at + 1, end)? as usize;
                    must(blocks <= 256)?;
                    let indices = self.codes.get(at + 2..at + 2 + INDICES)?;
                    let all_there = indices
                        .iter()
                        .flat_map(|w| w.to_ne_bytes())
                        .all(|i| usize::from(i) < blocks);
                    must(all_there)?;
                    at += 2 + INDICES + blocks * BITMAP;
                }
                _ => return None,
            }
        }
    }

    /// `<skip> <flags> <min> <max>`, then a prefix or a set, where the flags say so.
    fn info(&self, at: usize, end: usize) -> Option<usize> {
        let next = self.skip(at, end, 4)?;
        let flags = SreInfo::from_bits(self.word(at + 1, end)?)?;
        let (prefix, set) = (flags.contains(SreInfo::PREFIX), flags.contains(SreInfo::CHARSET));
        must(!(prefix && set) && (prefix || !flags.contains(SreInfo::LITERAL)))?;
        let rest = at + 4;
        if prefix {
            let len = self.word(rest, next)? as usize;
            let skip = self.word(rest + 1, next)? as usize;
            must(len >= 1 && skip <= len && len <= next - rest)?;
            must(rest + 2 + 2 * len == next)?;
            let overlap = self.codes.get(rest + 2 + len..next)?;
            // Each step back must lead back, or the search would not end.
            must(overlap.iter().enumerate().all(|(k, i)| *i as usize <= k))?;
            // A search begins behind the literals that the prefix stands for.
            for i in 0..skip {
                self.is_op(next + 2 * i, end, Op::LITERAL)?;
            }
            must(next + 2 * skip <= end)?;
        } else if set {
            self.set(rest, next)?;
        } else {
            must(rest == next)?;
        }
        Some(next)
    }
}
