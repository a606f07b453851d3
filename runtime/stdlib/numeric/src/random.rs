//! `_random.Random`: the Mersenne Twister, number for number as CPython's.

use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;
use skein_gc::lock::Mutex;
use skein_object::error::{Result, memory_error, overflow_error, type_error, value_error};
use skein_object::layouts::number;
use skein_object::native::ModuleDef;
use skein_object::object::alloc;
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Args, Context, Payload, Ref, Row, payload, protocol, row, statics as s, tuple};
use skein_stdlib_support::{add_type, body, class_of, no_keywords};
use skein_types::startup::TypeDef;

pub static MODULE: ModuleDef = ModuleDef {
    name: "_random",
    doc: "Module implements the Mersenne Twister random number generator.",
    functions: &[],
    init,
};

const N: usize = 624;
const M: usize = 397;

struct Twister {
    index: usize,
    state: [u32; N],
}

impl Twister {
    fn of(seed: u32) -> Twister {
        let mut state = [0; N];
        state[0] = seed;
        for i in 1..N {
            let p: u32 = state[i - 1];
            state[i] = 1_812_433_253u32.wrapping_mul(p ^ (p >> 30)).wrapping_add(i as u32);
        }
        Twister { index: N, state }
    }

    fn by_array(key: &[u32]) -> Twister {
        let mut t = Twister::of(19_650_218);
        let s = &mut t.state;
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let p = s[i - 1] ^ (s[i - 1] >> 30);
            s[i] = (s[i] ^ p.wrapping_mul(1_664_525))
                .wrapping_add(key.get(j).copied().unwrap_or(0))
                .wrapping_add(j as u32);
            i += 1;
            j += 1;
            if i >= N {
                s[0] = s[N - 1];
                i = 1;
            }
            if j >= key.len() {
                j = 0;
            }
        }
        for _ in 0..N - 1 {
            let p = s[i - 1] ^ (s[i - 1] >> 30);
            s[i] = (s[i] ^ p.wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i += 1;
            if i >= N {
                s[0] = s[N - 1];
                i = 1;
            }
        }
        s[0] = 0x8000_0000;
        t
    }

    fn next(&mut self) -> u32 {
        if self.index >= N {
            let s = &mut self.state;
            for k in 0..N {
                let y = (s[k] & 0x8000_0000) | (s[(k + 1) % N] & 0x7fff_ffff);
                let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
                s[k] = s[(k + M) % N] ^ (y >> 1) ^ odd;
            }
            self.index = 0;
        }
        let mut y = self.state[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }
}

pub struct RandomBody(Mutex<Box<Twister>>);
payload!(RandomBody, "_random.Random", |_this, _v| {});

static RANDOM: Type = Type::declare(
    "_random.Random",
    Some(&s::OBJECT),
    <RandomBody as Payload>::LAYOUT,
    flag::BASETYPE,
);

fn init(_: &Context, module: &Ref) -> Result<()> {
    add_type(
        module,
        &TypeDef {
            slots,
            methods: METHODS,
            doc: "Random() -> create a random number generator with its own internal state.",
            ..TypeDef::new(&RANDOM)
        },
    )
}

static METHODS: &[Row] = &[
    row!("random(self, /)", random, "random() -> x in the interval [0, 1)."),
    row!(
        "seed(self, n=None, /)",
        seed,
        "seed([n]) -> None.\n\nDefaults to use urandom and falls back to a combination\nof the current time and the process identifier."
    ),
    row!(
        "getstate(self, /)",
        getstate,
        "getstate() -> tuple containing the current state."
    ),
    row!(
        "setstate(self, state, /)",
        setstate,
        "setstate(state) -> None.  Restores generator state."
    ),
    row!(
        "getrandbits(self, k, /)",
        getrandbits,
        "getrandbits(k) -> x.  Generates an int with k random bits."
    ),
];

/// The generator that a seed gives.
fn seeded(cx: &Context, r: Option<&Ref>) -> Result<Twister> {
    let Some(r) = r.filter(|r| !s::is_none(r)) else {
        // The seed of the process's hashes is not to be told: a hasher's own keys are random enough here.
        use std::hash::{BuildHasher, Hasher};
        let key: Vec<u32> = (0..N / 2)
            .flat_map(|i| {
                let mut h = std::collections::hash_map::RandomState::new().build_hasher();
                h.write_usize(i);
                let n = h.finish();
                [n as u32, (n >> 32) as u32]
            })
            .collect();
        return Ok(Twister::by_array(&key));
    };
    let n: BigInt = match number::int_value(r) {
        Some(v) => v.to_big(),
        None => BigInt::from(protocol::hash(cx, r)? as u64),
    };
    let key = n.magnitude().to_u32_digits();
    Ok(if key.is_empty() {
        Twister::by_array(&[0])
    } else {
        Twister::by_array(&key)
    })
}

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    if class.is(&RANDOM.object()) && !no_keywords(names) {
        return Err(type_error("Random() takes no keyword arguments"));
    }
    if class.is(&RANDOM.object()) && args.len() > 1 {
        return Err(type_error(format!(
            "Random expected at most 1 argument, got {}",
            args.len()
        )));
    }
    let first = if no_keywords(names) { args.first() } else { None };
    let t = seeded(cx, first)?;
    alloc(class_of(class)?, RandomBody(Mutex::new(Box::new(t))))
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
}

fn random(_: &Context, a: Args<'_>) -> Result<Ref> {
    let (x, y) = {
        let mut t = body::<RandomBody>(a.at(0))?.0.lock();
        (t.next() >> 5, t.next() >> 6)
    };
    number::float((f64::from(x) * 67_108_864.0 + f64::from(y)) * (1.0 / 9_007_199_254_740_992.0))
}

fn seed(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let t = Box::new(seeded(cx, a.opt(1))?);
    *body::<RandomBody>(a.at(0))?.0.lock() = t;
    Ok(s::none())
}

fn getstate(_: &Context, a: Args<'_>) -> Result<Ref> {
    let words: Vec<u64> = {
        let t = body::<RandomBody>(a.at(0))?.0.lock();
        t.state.iter().map(|w| u64::from(*w)).chain([t.index as u64]).collect()
    };
    let items: Result<Vec<Ref>> = words.iter().map(|w| number::int(*w as i64)).collect();
    tuple::new(items?)
}

fn setstate(_: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(items) = tuple::items(a.at(1)) else {
        return Err(type_error("state vector must be a tuple"));
    };
    if items.len() != N + 1 {
        return Err(value_error("state vector is the wrong size"));
    }
    let mut words = [0u64; N + 1];
    for (w, r) in words.iter_mut().zip(items) {
        let Some(v) = number::int_value(r) else {
            return Err(type_error("an integer is required"));
        };
        *w = v
            .to_i64()
            .filter(|n| *n >= 0)
            .ok_or_else(|| skein_object::error::overflow_error("can't convert negative value to unsigned int"))?
            as u64;
    }
    if words[..N].iter().any(|w| *w > u64::from(u32::MAX)) || words[N] > N as u64 {
        return Err(value_error("invalid state"));
    }
    let mut t = body::<RandomBody>(a.at(0))?.0.lock();
    for (s, w) in t.state.iter_mut().zip(&words) {
        *s = *w as u32;
    }
    t.index = words[N] as usize;
    Ok(s::none())
}

/// The number of bits that is asked for.
fn bits(cx: &Context, r: &Ref) -> Result<u64> {
    if let Some(n) = r.as_int().filter(|n| (0..1 << 36).contains(n)) {
        return Ok(n as u64);
    }
    let i = protocol::index(cx, r)?;
    match number::int_value(&i) {
        Some(v) if v.is_negative() => Err(value_error("Cannot convert negative int")),
        Some(v) => {
            let k = v
                .to_big()
                .to_u64()
                .ok_or_else(|| overflow_error("Python int too large for C uint64_t"))?;
            if k < 1 << 36 { Ok(k) } else { Err(memory_error()) }
        }
        None => Ok(0),
    }
}

fn getrandbits(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let k = bits(cx, a.at(1))?;
    if k == 0 {
        return Ok(Ref::small(0));
    }
    let b = body::<RandomBody>(a.at(0))?;
    if k <= 32 {
        let w = b.0.lock().next() >> (32 - k);
        return number::int(i64::from(w));
    }
    let count = (k as usize).div_ceil(32);
    let mut words = skein_gc::alloc::vec_with(count)?;
    {
        let mut t = b.0.lock();
        let mut left = k;
        for _ in 0..count {
            let w = t.next();
            words.push(if left < 32 { w >> (32 - left) } else { w });
            left = left.saturating_sub(32);
        }
    }
    number::big(BigInt::from_slice(Sign::Plus, &words))
}
