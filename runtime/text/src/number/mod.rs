//! Numbers from and to text, and exact conversions between integers and floats.

pub mod complex_parse;
pub mod exact;
pub mod float_hex;
pub mod float_parse;
pub mod float_repr;
pub mod int_format;
pub mod int_parse;
pub mod round;
pub mod short;

#[cfg(test)]
mod tests;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

/// An integer of any size; `Big` never holds what `Small` could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Int {
    Small(i64),
    Big(BigInt),
}

impl Int {
    pub fn from_big(n: BigInt) -> Int {
        match n.to_i64() {
            Some(small) => Int::Small(small),
            None => Int::Big(n),
        }
    }

    pub fn is_negative(&self) -> bool {
        match self {
            Int::Small(n) => *n < 0,
            Int::Big(n) => n.sign() == num_bigint::Sign::Minus,
        }
    }
}
