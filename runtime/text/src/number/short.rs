//! Numbers as text without memory of its own: machine integers, and floats with few digits after the point.

/// Room for any number of this file: 64 binary digits with sign and prefix, or a float below [`MOST`] with [`MOST_DIGITS`] digits.
pub type Room = [u8; 72];

/// What has not been written.
pub const EMPTY: Room = [0; 72];

/// Digits after the point that a word holds, with one to spare.
const MOST_DIGITS: usize = 17;

/// Floats from here on are left to others; all below have a whole part that is exact in a word.
const MOST: f64 = 9e15;

const POWERS: [u64; MOST_DIGITS + 1] = {
    let mut p = [1; MOST_DIGITS + 1];
    let mut i = 1;
    while i < p.len() {
        p[i] = p[i - 1] * 10;
        i += 1;
    }
    p
};

/// Writes at least `least` decimal digits of `m` so that they end at `end`; gives where they begin.
#[inline]
fn put_decimal(mut m: u64, least: usize, room: &mut Room, end: usize) -> usize {
    let mut at = end;
    while m != 0 || end - at < least {
        at -= 1;
        room[at] = b'0' + (m % 10) as u8;
        m /= 10;
    }
    at
}

/// Digits as text.
pub fn as_str(digits: &[u8]) -> &str {
    std::str::from_utf8(digits).unwrap_or_default()
}

/// The digits of `m` in base 2, 8, 10 or 16.
pub fn digits(mut m: u64, base: u32, upper: bool, room: &mut Room) -> &[u8] {
    let mut at = room.len();
    let bits = match base {
        2 => 1,
        8 => 3,
        16 => 4,
        _ => {
            let at = put_decimal(m, 1, room, at);
            return &room[at..];
        }
    };
    let table = if upper {
        b"0123456789ABCDEF"
    } else {
        b"0123456789abcdef"
    };
    loop {
        at -= 1;
        room[at] = table[m as usize & ((1 << bits) - 1)];
        m >>= bits;
        if m == 0 {
            return &room[at..];
        }
    }
}

/// The digits of `n` in base 2, 8 or 16 behind their prefix.
pub fn prefixed(n: i64, base: u32, room: &mut Room) -> &[u8] {
    let mut at = room.len() - digits(n.unsigned_abs(), base, false, room).len() - 2;
    room[at] = b'0';
    room[at + 1] = match base {
        2 => b'b',
        8 => b'o',
        _ => b'x',
    };
    if n < 0 {
        at -= 1;
        room[at] = b'-';
    }
    &room[at..]
}

/// The absolute value of a float, correctly rounded (half to even): the whole part, and the fraction in units of
/// `10**-precision`. `None` for large ones, many digits, infinities and NaN.
pub fn decimal(x: f64, precision: usize) -> Option<(u64, u64)> {
    let x = x.abs();
    let unit = *POWERS.get(precision)?;
    if !matches!(x.partial_cmp(&MOST), Some(std::cmp::Ordering::Less)) {
        return None;
    }
    if precision == 0 {
        return Some((x.round_ties_even() as u64, 0));
    }
    let mut whole = x as u64;
    // Exact: the low bits of x.
    let bits = (x - whole as f64).to_bits();
    let shift = 1075 - (bits >> 52);
    // Such a fraction is below half a unit, however small that is.
    if shift > 126 {
        return Some((whole, 0));
    }
    // At most 53 and 57 bits: nothing is lost.
    let product = u128::from(bits & ((1 << 52) - 1) | 1 << 52) * u128::from(unit);
    let mut fraction = (product >> shift) as u64;
    let (rest, half) = (product & ((1 << shift) - 1), 1 << (shift - 1));
    if rest > half || (rest == half && fraction & 1 == 1) {
        fraction += 1;
        if fraction == unit {
            (whole, fraction) = (whole + 1, 0);
        }
    }
    Some((whole, fraction))
}

/// The digits of the absolute value of a float with `precision` of them after the point, and `tail` behind, if it is short.
pub fn fixed(x: f64, precision: usize, tail: Option<u8>, room: &mut Room) -> Option<&[u8]> {
    let (whole, fraction) = decimal(x, precision)?;
    let mut at = room.len();
    if let Some(c) = tail {
        at -= 1;
        room[at] = c;
    }
    if precision > 0 {
        at = put_decimal(fraction, precision, room, at) - 1;
        room[at] = b'.';
    }
    at = put_decimal(whole, 1, room, at);
    Some(&room[at..])
}

/// `round(x, precision)` of a float whose digits make an exact float.
pub fn round(x: f64, precision: usize) -> Option<f64> {
    let (whole, fraction) = decimal(x, precision)?;
    let unit = POWERS[precision];
    let n = whole.checked_mul(unit)?.checked_add(fraction)?;
    // Both operands are exact, so the quotient is the float that is nearest to the decimal number.
    (n <= 1 << 53).then(|| (n as f64 / unit as f64).copysign(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_every_base() {
        let mut r = EMPTY;
        for m in [0, 1, 9, 10, 255, 1 << 63, u64::MAX] {
            assert_eq!(as_str(digits(m, 10, false, &mut r)), format!("{m}"));
            assert_eq!(as_str(digits(m, 2, false, &mut r)), format!("{m:b}"));
            assert_eq!(as_str(digits(m, 8, false, &mut r)), format!("{m:o}"));
            assert_eq!(as_str(digits(m, 16, false, &mut r)), format!("{m:x}"));
            assert_eq!(as_str(digits(m, 16, true, &mut r)), format!("{m:X}"));
        }
    }

    /// Floats of all sizes, many of them halfway between two results.
    fn floats() -> impl Iterator<Item = f64> {
        let mut seed = 1u64;
        let random = std::iter::from_fn(move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            Some(f64::from_bits(
                seed >> 1 & !(0x7ff << 52) | (1023 + (seed >> 50) % 60 - 40) << 52,
            ))
        });
        let ties = (0..2000).map(|i| f64::from(i) / 64.0);
        let others = [
            0.0,
            5e-324,
            1e-22,
            0.1,
            0.5,
            2.675,
            0.999_999_999,
            8_999_999_999_999_999.0,
            4503599627370495.5,
        ];
        random.take(20_000).chain(ties).chain(others)
    }

    #[test]
    fn fixed_agrees_with_the_exact_way() {
        let mut r = EMPTY;
        for x in floats() {
            for p in 0..=17 {
                if let Some(d) = fixed(-x, p, None, &mut r) {
                    assert_eq!(as_str(d), format!("{x:.p$}"), "{x:e} {p}");
                }
                if let Some(d) = round(x, p) {
                    assert_eq!(
                        d.to_bits(),
                        format!("{x:.p$}").parse::<f64>().unwrap().to_bits(),
                        "{x:e} {p}"
                    );
                }
            }
        }
    }

    #[test]
    fn others_are_left() {
        let mut r = EMPTY;
        for x in [f64::NAN, f64::INFINITY, -f64::INFINITY, 9e15, 1e300] {
            assert_eq!(fixed(x, 1, None, &mut r), None);
        }
        assert_eq!(fixed(1.0, 18, None, &mut r), None);
        assert_eq!(fixed(1.0, usize::MAX, None, &mut r), None);
        assert_eq!(as_str(fixed(12.5, 1, Some(b'%'), &mut r).unwrap()), "12.5%");
    }
}
