//! What the temporaries hold at each instruction, as far as it matters to a debugger that wants to go on at another line.

use crate::verify::{effects, is_last, label};
use crate::{Code, Instr, Op};

/// What a temporary holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Iterator of a loop.
    Iterator,
    /// An exception that the handler there deals with.
    Exception(u32),
    /// The exception that was handled before it.
    Previous(u32),
    /// What such an instruction makes.
    Object(Op),
}

/// The occupied temporaries, from `nlocals` on.
pub type State = Vec<Option<Kind>>;

/// The states before each instruction that can be reached. The code has passed the verifier.
pub fn states(code: &Code) -> Vec<Option<State>> {
    let base = code.nlocals as usize;
    let n = (code.nregs as usize).saturating_sub(base);
    let mut states: Vec<Option<State>> = vec![None; code.words.len()];
    let mut work = Vec::new();
    let reach = |states: &mut Vec<Option<State>>, work: &mut Vec<usize>, to: usize, state: State| {
        if let Some(known @ None) = states.get_mut(to) {
            *known = Some(state);
            work.push(to);
        }
    };
    reach(&mut states, &mut work, 0, vec![None; n]);
    while let Some(at) = work.pop() {
        let w = Instr(code.words[at]);
        let (Some(before), Some(op)) = (states[at].clone(), w.op()) else {
            continue;
        };
        let second = code.words.get(at + 1).copied().unwrap_or(0);
        let e = effects(op, w, second);
        let made = match op {
            Op::GetIter | Op::GetAIter => Kind::Iterator,
            Op::PushExc => Kind::Previous(at as u32),
            Op::Move if w.b() >= base => before[w.b() - base].unwrap_or(Kind::Object(op)),
            _ => Kind::Object(op),
        };
        let apply = |kills: &[usize], writes: &[usize]| {
            let mut s = before.clone();
            for &r in kills.iter().filter(|&&r| r >= base) {
                s[r - base] = None;
            }
            for &r in writes.iter().filter(|&&r| r >= base) {
                s[r - base] = Some(made);
            }
            s
        };
        if let Some(h) = code
            .handlers
            .iter()
            .find(|h| (h.start as usize..h.end as usize).contains(&at))
        {
            let mut s = before.clone();
            let first = h.exc_reg as usize - base;
            s[first..].fill(None);
            s[first] = Some(Kind::Exception(h.target));
            reach(&mut states, &mut work, h.target as usize, s);
        }
        if let Some(to) = label(op, w, second) {
            let s = match &e.on_jump {
                Some((kills, writes)) => apply(kills, writes),
                None => apply(&e.kills, &e.writes),
            };
            reach(&mut states, &mut work, to, s);
        }
        if !is_last(op) {
            let s = apply(&e.kills, &e.writes);
            reach(&mut states, &mut work, at + op.words(), s);
        }
    }
    states
}
