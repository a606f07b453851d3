//! "Did you mean": the closest of some names, by CPython's weighted edit distance (`Python/suggestions.c`, `traceback.py`).

const MOVE: usize = 2;
const CASE: usize = 1;
const MAX_LEN: usize = 40;
const MAX_CANDIDATES: usize = 750;

fn substitution(a: char, b: char) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        MOVE
    }
}

/// Edit distance; `None` when it exceeds `limit`.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    if a == b {
        return Some(0);
    }
    let (mut a, mut b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let prefix = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    a.drain(..prefix);
    b.drain(..prefix);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    a.truncate(a.len() - suffix);
    b.truncate(b.len() - suffix);
    if a.is_empty() || b.is_empty() {
        let d = (a.len() + b.len()) * MOVE;
        return (d <= limit).then_some(d);
    }
    if a.len() > MAX_LEN || b.len() > MAX_LEN {
        return None;
    }
    let mut row: Vec<usize> = (0..=a.len()).map(|i| i * MOVE).collect();
    for (j, cb) in b.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (j + 1) * MOVE;
        for (i, ca) in a.iter().enumerate() {
            let d = (diagonal + substitution(*ca, *cb))
                .min(row[i] + MOVE)
                .min(row[i + 1] + MOVE);
            diagonal = row[i + 1];
            row[i + 1] = d;
        }
        if row.iter().min().is_some_and(|m| *m > limit) {
            return None;
        }
    }
    (row[a.len()] <= limit).then_some(row[a.len()])
}

/// The candidate closest to `wrong`, if one is close enough.
pub fn closest<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(&str, usize)> = None;
    for c in candidates.take(MAX_CANDIDATES) {
        if c == wrong {
            continue;
        }
        let limit = (wrong.chars().count() + c.chars().count() + 3) * MOVE / 6;
        let limit = best.map_or(limit, |(_, d)| limit.min(d - 1));
        if let Some(d) = distance(wrong, c, limit)
            && best.is_none_or(|(_, b)| d < b)
        {
            best = Some((c, d));
            if d == 0 {
                break;
            }
        }
    }
    best.map(|(c, _)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_names() {
        assert_eq!(closest("blech", ["bluch", "other"].into_iter()), Some("bluch"));
        assert_eq!(closest("x", ["completely"].into_iter()), None);
        assert_eq!(closest("Value", ["value", "valve"].into_iter()), Some("value"));
    }
}
