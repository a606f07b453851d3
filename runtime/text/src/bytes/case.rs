//! ASCII case and the `is*` predicates of `bytes`.

use super::is_space;

pub fn lower(b: &[u8]) -> Vec<u8> {
    b.to_ascii_lowercase()
}

pub fn upper(b: &[u8]) -> Vec<u8> {
    b.to_ascii_uppercase()
}

fn swapped(c: u8) -> u8 {
    if c.is_ascii_alphabetic() { c ^ 0x20 } else { c }
}

pub fn swapcase(b: &[u8]) -> Vec<u8> {
    b.iter().copied().map(swapped).collect()
}

pub fn capitalize(b: &[u8]) -> Vec<u8> {
    let mut out = lower(b);
    if let Some(first) = out.first_mut() {
        first.make_ascii_uppercase();
    }
    out
}

pub fn title(b: &[u8]) -> Vec<u8> {
    let mut previous = false;
    b.iter()
        .map(|c| {
            let mapped = if previous {
                c.to_ascii_lowercase()
            } else {
                c.to_ascii_uppercase()
            };
            previous = c.is_ascii_alphabetic();
            mapped
        })
        .collect()
}

fn all(b: &[u8], test: impl Fn(&u8) -> bool) -> bool {
    !b.is_empty() && b.iter().all(test)
}

pub fn isalpha(b: &[u8]) -> bool {
    all(b, u8::is_ascii_alphabetic)
}

pub fn isdigit(b: &[u8]) -> bool {
    all(b, u8::is_ascii_digit)
}

pub fn isalnum(b: &[u8]) -> bool {
    all(b, u8::is_ascii_alphanumeric)
}

pub fn isspace(b: &[u8]) -> bool {
    all(b, |c| is_space(*c))
}

pub fn islower(b: &[u8]) -> bool {
    !b.iter().any(u8::is_ascii_uppercase) && b.iter().any(u8::is_ascii_lowercase)
}

pub fn isupper(b: &[u8]) -> bool {
    !b.iter().any(u8::is_ascii_lowercase) && b.iter().any(u8::is_ascii_uppercase)
}

pub fn istitle(b: &[u8]) -> bool {
    let mut previous = false;
    let mut cased = false;
    for c in b {
        let fits = match (c.is_ascii_uppercase(), c.is_ascii_lowercase()) {
            (true, _) => !previous,
            (_, true) => previous,
            _ => true,
        };
        if !fits {
            return false;
        }
        previous = c.is_ascii_alphabetic();
        cased |= previous;
    }
    cased
}
