//! Native modules of numbers: `math`, `cmath`, `_random`, `_struct`, `binascii`, `_statistics`.

mod binascii;
mod cmath;
mod math;
mod random;
// Published coefficients, as printed.
#[allow(clippy::excessive_precision)]
mod statistics;
mod structs;

use skein_object::native::ModuleDef;

pub static MODULES: &[&ModuleDef] = &[
    &math::MODULE,
    &cmath::MODULE,
    &random::MODULE,
    &structs::MODULE,
    &binascii::MODULE,
    &statistics::MODULE,
];
