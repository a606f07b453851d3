//! Interned strings: one object for each text, immortal, so that names compare by identity and are never counted.

use crate::layouts::str::{self, StrBody};
use crate::object::RefExt;
use parking_lot::RwLock;
use skein_gc::{Header, Ref, Value};
use std::cell::Cell;
use std::collections::HashMap;

type Shard = RwLock<HashMap<u64, Vec<Ref>, std::hash::BuildHasherDefault<Plain>>>;

/// Hasher of keys that are hashes already.
#[derive(Default)]
pub struct Plain(u64);

impl std::hash::Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = self.0.rotate_left(8) ^ *b as u64;
        }
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

const SHARDS: usize = 64;
static TABLE: [Shard; SHARDS] =
    [const { RwLock::new(HashMap::with_hasher(std::hash::BuildHasherDefault::new())) }; SHARDS];

const RECENT: usize = 256;

thread_local! {
    /// Hash and interned string, which is immortal: what a thread asks for again and again takes no lock.
    static SEEN: [Cell<(u64, Value)>; RECENT] = const { [const { Cell::new((0, Value::NULL)) }; RECENT] };
}

fn recent(hash: u64, is_it: impl FnOnce(&StrBody) -> bool) -> Option<Ref> {
    let (known, v) = SEEN.with(|s| s[hash as usize % RECENT].get());
    if known != hash || v.is_null() {
        return None;
    }
    // SAFETY: interned strings are immortal.
    let r = unsafe { Ref::copy_of(v) };
    r.body::<StrBody>().is_some_and(is_it).then_some(r)
}

fn remember(hash: u64, r: &Ref) {
    if r.header().is_some_and(Header::is_immortal) {
        SEEN.with(|s| s[hash as usize % RECENT].set((hash, r.value())));
    }
}

/// The interned string with the text of `s`, which must be a str. Strings of subclasses are copied.
pub fn intern(s: &Ref) -> Ref {
    let Some(body) = s.body::<StrBody>() else {
        return s.clone();
    };
    if body.is_interned() {
        return s.clone();
    }
    let hash = body.hash();
    let shard = &TABLE[(hash as u64 >> 58) as usize % SHARDS];
    let find = |list: &Vec<Ref>| {
        list.iter()
            .find(|r| r.body::<StrBody>().is_some_and(|b| b.view() == body.view()))
            .cloned()
    };
    if let Some(r) = recent(hash as u64, |b| b.view() == body.view()) {
        return r;
    }
    if let Some(r) = shard.read().get(&(hash as u64)).and_then(find) {
        remember(hash as u64, &r);
        return r;
    }
    let mut table = shard.write();
    let list = table.entry(hash as u64).or_default();
    if let Some(r) = find(list) {
        return r;
    }
    let Ok(fresh) = str::new_interned(body.view()) else {
        return s.clone();
    };
    list.push(fresh.clone());
    fresh
}

/// The interned string of an ASCII text, if it is interned: a key to look up, made without a new string.
pub fn known(text: &str) -> Option<Ref> {
    let hash = str::hash_bytes(text.as_bytes());
    let same = |b: &StrBody| b.as_ascii() == Some(text);
    if let Some(r) = recent(hash as u64, same) {
        return Some(r);
    }
    let shard = &TABLE[(hash as u64 >> 58) as usize % SHARDS];
    let r = shard
        .read()
        .get(&(hash as u64))
        .and_then(|list| list.iter().find(|r| r.body::<StrBody>().is_some_and(same)).cloned())?;
    remember(hash as u64, &r);
    Some(r)
}

/// The interned string of a Rust text.
pub fn name(text: &str) -> Ref {
    if text.len() > 1 && text.is_ascii() {
        // Most names are found without making a str first.
        let hash = str::hash_bytes(text.as_bytes());
        let shard = &TABLE[(hash as u64 >> 58) as usize % SHARDS];
        let find = |list: &Vec<Ref>| {
            list.iter()
                .find(|r| r.body::<StrBody>().and_then(StrBody::as_ascii) == Some(text))
                .cloned()
        };
        if let Some(r) = recent(hash as u64, |b| b.as_ascii() == Some(text)) {
            return r;
        }
        if let Some(r) = shard.read().get(&(hash as u64)).and_then(find) {
            remember(hash as u64, &r);
            return r;
        }
        let mut table = shard.write();
        let list = table.entry(hash as u64).or_default();
        if let Some(r) = find(list) {
            return r;
        }
        if let Ok(fresh) = str::new_interned(skein_text::StrView::Latin1(text.as_bytes())) {
            list.push(fresh.clone());
            return fresh;
        }
    }
    match str::from_str(text) {
        Ok(s) => intern(&s),
        // Out of memory while making a short name: the empty string is immortal and keeps the program going until
        // the next allocation reports the shortage.
        Err(_) => crate::statics::empty_str(),
    }
}

/// Interned names that native code uses: `names::__init__()`.
macro_rules! names {
    ($($id:ident)*) => {
        pub mod names {
            use skein_gc::Ref;
            use std::sync::OnceLock;
            $(
                #[allow(non_snake_case)]
                #[inline]
                pub fn $id() -> &'static Ref {
                    static NAME: OnceLock<Ref> = OnceLock::new();
                    NAME.get_or_init(|| super::name(stringify!($id)))
                }
            )*
        }
    };
}

names! {
    __abs__ __abstractmethods__ __add__ __aenter__ __aexit__ __aiter__ __all__ __and__ __anext__ __annotate__ __annotations__
    __await__ __bases__ __bool__ __build_class__ __builtins__ __bytes__ __call__ __cause__ __ceil__ __class__
    __class_getitem__ __classcell__ __classdict__ __classdictcell__ __complex__ __contains__ __context__ __del__ __delattr__
    __delete__ __delitem__ __dict__ __dir__ __divmod__ __doc__ __enter__ __eq__ __exit__ __file__ __float__ __floor__
    __floordiv__ __format__ __ge__ __get__ __getattr__ __getattribute__ __getitem__ __getstate__ __gt__ __hash__ __iadd__
    __import__ __index__ __init__ __init_subclass__ __instancecheck__ __int__ __invert__ __isabstractmethod__ __iter__
    __le__ __len__ __length_hint__ __lt__ __main__ __match_args__ __missing__ __mod__ __module__ __mro_entries__ __mul__
    __name__ __ne__ __neg__ __new__ __next__ __or__ __orig_bases__ __path__ __pos__ __pow__ __prepare__ __qualname__
    __radd__ __reduce__ __reduce_ex__ __repr__ __reversed__ __rmul__ __round__ __set__ __set_name__ __setattr__
    __setitem__ __sizeof__ __slots__ __spec__ __static_attributes__ __firstlineno__ __str__ __sub__ __subclasscheck__
    __subclasses__ __subclasshook__ __trunc__ __type_params__ __weakref__ __wrapped__ __origin__ __args__ __parameters__
    __conditional_annotations__ __typing_subst__ __typing_prepare_subst__ __typing_unpacked_tuple_args__
    __notes__ __suppress_context__ __traceback__ __package__ __loader__ __cached__ __mro__ __objclass__ __self__ __func__
    builtins keys items values get send throw close write read flush update append search sort key reverse default name obj
    value code msg path args sys mro stdout
    __matmul__ __truediv__ __lshift__ __rshift__ __xor__ __rsub__ __rtruediv__ __rfloordiv__ __rmod__ __rpow__ __rlshift__
    __rrshift__ __rand__ __ror__ __rxor__ __rmatmul__ __isub__ __imul__ __itruediv__ __ifloordiv__ __imod__ __ipow__
    __ilshift__ __irshift__ __iand__ __ior__ __ixor__ __imatmul__ __rdivmod__ __text_signature__ __annotate_func__
    __annotations_cache__ __getnewargs__ __getnewargs_ex__ __setstate__ __reduce_cython__ __copy__ __deepcopy__ __fspath__
    __defaults__ __kwdefaults__ __closure__ __globals__ __code__ __unpacked__ __value__ __slotnames__ metaclass
}
