//! `product`.

use skein_gc::lock::Mutex;
use skein_object::error::{Result, memory_error, overflow_error, type_error, value_error};
use skein_object::layouts::{str, tuple};
use skein_object::object::alloc;
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Context, Payload, Ref, payload, protocol, statics as s};
use skein_stdlib_support::{body, class_of, itself, split_keywords, ssize};
use skein_types::startup::TypeDef;

struct State {
    indices: Vec<usize>,
    started: bool,
    done: bool,
}

pub struct ProductBody {
    /// Tuples.
    pools: Vec<Ref>,
    state: Mutex<State>,
}
payload!(ProductBody, "itertools.product", |this, v| {
    for p in &this.pools {
        v.reference(p);
    }
});

pub static PRODUCT: Type = Type::declare(
    "itertools.product",
    Some(&s::OBJECT),
    <ProductBody as Payload>::LAYOUT,
    skein_object::types::flag::BASETYPE,
);

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    let (iterables, keywords, values) = split_keywords(args, names);
    let mut repeat = 1;
    for (k, v) in keywords.iter().zip(values) {
        let k = str::text(k);
        if k != "repeat" {
            return Err(type_error(format!(
                "product() got an unexpected keyword argument '{k}'"
            )));
        }
        repeat = ssize(cx, v)?;
    }
    if repeat < 0 {
        return Err(value_error("repeat argument cannot be negative"));
    }
    let Some(total) = iterables.len().checked_mul(repeat as usize) else {
        return Err(overflow_error("repeat argument too large"));
    };
    let mut pools = Vec::new();
    if pools.try_reserve_exact(total).is_err() {
        return Err(memory_error());
    }
    if repeat > 0 {
        for x in iterables {
            pools.push(tuple::new(protocol::collect(cx, x)?)?);
        }
        for _ in 1..repeat {
            for i in 0..iterables.len() {
                pools.push(pools[i].clone());
            }
        }
    }
    let done = pools.iter().any(|p| tuple::items(p).is_none_or(<[Ref]>::is_empty));
    alloc(
        class_of(class)?,
        ProductBody {
            state: Mutex::new(State {
                indices: vec![0; pools.len()],
                started: false,
                done,
            }),
            pools,
        },
    )
}

fn next(_: &Context, it: &Ref) -> Result<Option<Ref>> {
    let b = body::<ProductBody>(it)?;
    let pool = |i: usize| b.pools.get(i).and_then(tuple::items).unwrap_or(&[]);
    let indices = {
        let mut st = b.state.lock();
        if st.done {
            return Ok(None);
        }
        if st.started {
            let mut moved = false;
            for i in (0..b.pools.len()).rev() {
                st.indices[i] += 1;
                if st.indices[i] < pool(i).len() {
                    moved = true;
                    break;
                }
                st.indices[i] = 0;
            }
            if !moved {
                st.done = true;
                return Ok(None);
            }
        }
        st.started = true;
        st.indices.clone()
    };
    tuple::new(
        indices
            .iter()
            .enumerate()
            .filter_map(|(i, k)| pool(i).get(*k).cloned())
            .collect(),
    )
    .map(Some)
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.iter.set(Some(itself));
    t.next.set(Some(next));
}

pub static PRODUCT_DEF: TypeDef = TypeDef {
    slots,
    doc: "product(*iterables, repeat=1)\n--\n\nCartesian product of input iterables.  Equivalent to nested for-loops.\n\nFor example, product(A, B) returns the same as:  ((x,y) for x in A for y in B).\nThe leftmost iterators are in the outermost for-loop, so the output tuples\ncycle in a manner similar to an odometer (with the rightmost element changing\non every iteration).\n\nTo compute the product of an iterable with itself, specify the number\nof repetitions with the optional repeat keyword argument. For example,\nproduct(A, repeat=4) means the same as product(A, A, A, A).\n\nproduct('ab', range(3)) --> ('a',0) ('a',1) ('a',2) ('b',0) ('b',1) ('b',2)\nproduct((0,1), (0,1), (0,1)) --> (0,0,0) (0,0,1) (0,1,0) (0,1,1) (1,0,0) ...",
    ..TypeDef::new(&PRODUCT)
};
