//! Unfolding the generated tables while compiling. A run is (first value, count, step).

pub(super) const fn expand_u16<const N: usize>(runs: &[(u16, u16, u16)]) -> [u16; N] {
    let mut out = [0; N];
    let (mut at, mut r) = (0, 0);
    while r < runs.len() {
        let (first, count, step) = runs[r];
        let mut k = 0;
        while k < count {
            out[at] = first + step * k;
            at += 1;
            k += 1;
        }
        r += 1;
    }
    assert!(at == N);
    out
}

pub(super) const fn expand_u8<const N: usize>(runs: &[(u16, u16, u16)]) -> [u8; N] {
    let wide: [u16; N] = expand_u16(runs);
    let mut out = [0; N];
    let mut i = 0;
    while i < N {
        out[i] = wide[i] as u8;
        i += 1;
    }
    out
}
