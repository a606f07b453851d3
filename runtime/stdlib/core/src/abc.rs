//! `_abc`: what abstract base classes remember about their subclasses.
//!
//! The registry and the caches hold plain addresses; the sweep that finds a class dead takes it out (`forget_dead`). The dump shows
//! weak references, as CPython's does.

use crate::weakref;
use skein_gc::Header;
use skein_gc::lock::Mutex;
use skein_object::error::{Result, raise, runtime_error, type_error};
use skein_object::intern::{self, names};
use skein_object::layouts::{number, set};
use skein_object::native::{ModuleDef, Row};
use skein_object::object::{RefExt, alloc, type_of};
use skein_object::protocol::{self, compare};
use skein_object::types::flag;
use skein_object::{Args, Context, Payload, Ref, Type, payload, row, statics as s, tuple};
use skein_types::startup::{TypeDef, ready_type};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Remembered classes, sorted by address.
#[derive(Default)]
struct Classes(Vec<&'static Type>);

impl Classes {
    /// Where a class is, or would be.
    fn place(&self, t: &'static Type) -> std::result::Result<usize, usize> {
        self.0
            .binary_search_by_key(&std::ptr::from_ref(t).addr(), |x| std::ptr::from_ref(*x).addr())
    }

    fn has(&self, t: &'static Type) -> bool {
        self.place(t).is_ok()
    }

    fn add(&mut self, t: &'static Type) {
        if let Err(i) = self.place(t) {
            self.0.insert(i, t);
        }
    }
}

#[derive(Default)]
struct State {
    registry: Vec<&'static Type>,
    positive: Classes,
    negative: Classes,
    /// Value of the counter when the negative cache was valid.
    version: u64,
}

/// Body of `_abc._abc_data`.
struct DataBody(Arc<Mutex<State>>);
payload!(DataBody, "_abc_data", |_this, _v| {});

/// The memories of all abstract base classes, for sweeps.
static ALL: Mutex<Vec<std::sync::Weak<Mutex<State>>>> = Mutex::new(Vec::new());

/// A new memory.
fn remembered() -> DataBody {
    static RITES: std::sync::Once = std::sync::Once::new();
    RITES.call_once(|| skein_gc::cycle::at_burial(forget_dead));
    let state = Arc::new(Mutex::new(State::default()));
    ALL.lock().push(Arc::downgrade(&state));
    DataBody(state)
}

/// Takes out classes that a sweep has found dead.
fn forget_dead(_: &[&Header]) {
    ALL.lock().retain(|state| {
        let Some(state) = state.upgrade() else { return false };
        let mut state = state.lock();
        state.registry.retain(|t| t.is_alive());
        state.positive.0.retain(|t| t.is_alive());
        state.negative.0.retain(|t| t.is_alive());
        true
    });
}

static DATA: Type = Type::declare(
    "_abc._abc_data",
    Some(&s::OBJECT),
    <DataBody as Payload>::LAYOUT,
    flag::NO_NEW,
);

/// Counts registrations: each makes all negative answers doubtful.
static COUNTER: AtomicU64 = AtomicU64::new(0);

pub static MODULE: ModuleDef = ModuleDef {
    name: "_abc",
    doc: "Module contains faster C implementation of abc.ABCMeta",
    functions: FUNCTIONS,
    init: |_, _| ready_type(&TypeDef::new(&DATA)),
};

static FUNCTIONS: &[Row] = &[
    row!(
        "get_cache_token()",
        |_, _| number::int(counter() as i64),
        "Returns the current ABC cache token.\n\nThe token is an opaque object (supporting equality testing) identifying the\ncurrent version of the ABC cache for virtual subclasses. The token changes\nwith every call to register() on any ABC."
    ),
    row!(
        "_abc_init(self, /)",
        init,
        "Internal ABC helper for class set-up. Should be never used outside abc module."
    ),
    row!(
        "_abc_register(self, subclass, /)",
        register,
        "Internal ABC helper for subclasss registration. Should be never used outside abc module."
    ),
    row!(
        "_abc_instancecheck(self, instance, /)",
        instancecheck,
        "Internal ABC helper for instance checks. Should be never used outside abc module."
    ),
    row!(
        "_abc_subclasscheck(self, subclass, /)",
        subclasscheck,
        "Internal ABC helper for subclasss checks. Should be never used outside abc module."
    ),
    row!(
        "_get_dump(self, /)",
        dump,
        "Internal ABC helper for cache and registry debugging.\n\nReturn shallow copies of registry, of both caches, and\nnegative cache version. Don't call this function directly,\ninstead use ABC._dump_registry() for a nice repr."
    ),
    row!(
        "_reset_registry(self, /)",
        |cx, a| {
            let data = data(cx, a.at(0))?;
            state(&data)?.lock().registry.clear();
            Ok(s::none())
        },
        "Internal ABC helper to reset registry of a given class.\n\nShould be only used by refleak.py"
    ),
    row!(
        "_reset_caches(self, /)",
        |cx, a| {
            let data = data(cx, a.at(0))?;
            let mut state = state(&data)?.lock();
            state.positive = Classes::default();
            state.negative = Classes::default();
            // Relaxed: as in `counter`.
            RESETS.fetch_add(1, Ordering::Relaxed);
            Ok(s::none())
        },
        "Internal ABC helper to reset both caches of a given class.\n\nShould be only used by refleak.py"
    ),
];

/// How often a cache has been emptied.
static RESETS: AtomicU64 = AtomicU64::new(0);

fn counter() -> u64 {
    // Relaxed: an answer that races with a registration may be from before it.
    COUNTER.load(Ordering::Relaxed)
}

/// `class._abc_impl`.
fn data(cx: &Context, class: &Ref) -> Result<Ref> {
    let d = protocol::getattr_str(cx, class, "_abc_impl")?;
    if d.body::<DataBody>().is_none() {
        return Err(type_error("_abc_impl is set to a wrong type"));
    }
    Ok(d)
}

fn state(data: &Ref) -> Result<&Mutex<State>> {
    match data.body::<DataBody>() {
        Some(b) => Ok(&b.0),
        None => Err(type_error("_abc_impl is set to a wrong type")),
    }
}

fn is_abstract(cx: &Context, value: &Ref) -> Result<bool> {
    match protocol::getattr_opt(cx, value, names::__isabstractmethod__())? {
        Some(v) => compare::is_true(cx, &v),
        None => Ok(false),
    }
}

fn init(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let class = a.at(0);
    let own = alloc(&DATA, remembered())?;
    let abstracts = set_of_abstracts(cx, class)?;
    protocol::setattr(cx, class, names::__abstractmethods__(), &abstracts)?;
    protocol::setattr(cx, class, &intern::name("_abc_impl"), &own)?;
    // Classes of the library say which pattern they match.
    let key = intern::name("__abc_tpflags__");
    if let Some(ty) = Type::from_ref(class)
        && let Some(v) = ty.own(&key)
        && let Ok(bits) = protocol::convert::to_i64(cx, &v)
    {
        let (sequence, mapping) = (bits & 1 << 5 != 0, bits & 1 << 6 != 0);
        if sequence && mapping {
            return Err(type_error(
                "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING",
            ));
        }
        if sequence || mapping {
            ty.set_flag(flag::SEQUENCE, sequence);
            ty.set_flag(flag::MAPPING, mapping);
        }
        ty.delete_own(&key);
    }
    Ok(s::none())
}

fn set_of_abstracts(cx: &Context, class: &Ref) -> Result<Ref> {
    let mut found = Vec::new();
    let namespace = protocol::getattr(cx, class, names::__dict__())?;
    let items = protocol::call_method(cx, &namespace, &intern::name("items"), &[])?;
    for item in protocol::collect(cx, &items)? {
        if let Some([key, value]) = tuple::items(&item)
            && is_abstract(cx, value)?
        {
            found.push(key.clone());
        }
    }
    let bases = protocol::getattr(cx, class, names::__bases__())?;
    for base in tuple::items(&bases).unwrap_or(&[]) {
        let Some(inherited) = protocol::getattr_opt(cx, base, names::__abstractmethods__())? else {
            continue;
        };
        for key in protocol::collect(cx, &inherited)? {
            if let Some(value) = protocol::getattr_opt(cx, class, &key)?
                && is_abstract(cx, &value)?
            {
                found.push(key);
            }
        }
    }
    set::frozen(found)
}

fn register(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (class, sub) = (a.at(0), a.at(1));
    let Some(ty) = Type::from_ref(sub) else {
        return Err(type_error("Can only register classes"));
    };
    if compare::is_subclass(cx, sub, class)? {
        return Ok(sub.clone());
    }
    // After the test above, so that X.register(X) does nothing.
    if compare::is_subclass(cx, class, sub)? {
        return Err(runtime_error("Refusing to create an inheritance cycle"));
    }
    let data = data(cx, class)?;
    {
        let mut state = state(&data)?.lock();
        if !state.registry.iter().any(|t| std::ptr::eq(*t, ty)) {
            state.registry.push(ty);
        }
    }
    COUNTER.fetch_add(1, Ordering::Relaxed);
    if let Some(abc) = Type::from_ref(class) {
        for bit in [flag::SEQUENCE, flag::MAPPING] {
            if abc.has(bit) {
                set_pattern(ty, bit);
            }
        }
    }
    Ok(sub.clone())
}

/// A class and its subclasses match a pattern from now on; immutable ones do not change.
fn set_pattern(ty: &'static Type, bit: u32) {
    const BOTH: u32 = flag::SEQUENCE | flag::MAPPING;
    let mut work = vec![ty];
    while let Some(t) = work.pop() {
        if !t.has(flag::HEAP) || t.has(flag::IMMUTABLE) || (t.has(bit) && !t.has(BOTH & !bit)) {
            continue;
        }
        t.set_flag(BOTH & !bit, false);
        t.set_flag(bit, true);
        work.extend(t.subclasses());
    }
}

fn call_subclasscheck(cx: &Context, class: &Ref, sub: Ref) -> Result<Ref> {
    protocol::call_method(cx, class, names::__subclasscheck__(), &[sub])
}

/// Answers that the caches of classes have given to this thread: what all threads ask again and again takes no lock.
const KNOWN: usize = 256;

thread_local! {
    static ANSWERS: [Cell<(Question, bool)>; KNOWN] = const { [const { Cell::new((Question::NONE, false)) }; KNOWN] };
}

/// Whether objects of one class are instances of another, as versions of both, and the state of all caches. Versions are
/// never used again, so a stale entry only misses.
#[derive(Clone, Copy, PartialEq)]
struct Question {
    class: u32,
    of: u32,
    registrations: u64,
    resets: u64,
}

impl Question {
    const NONE: Question = Question {
        class: 0,
        of: 0,
        registrations: 0,
        resets: 0,
    };

    /// `None` where the instance may say that it is of another class.
    fn of(class: &Ref, instance: &Ref) -> Option<Question> {
        let class = Type::from_ref(class)?.version();
        let ty = type_of(instance);
        if !ty.has(flag::PLAIN_GETATTR) {
            return None;
        }
        let own = ty.inherits(names::__class__(), &s::OBJECT);
        // Relaxed: as in `counter`.
        let resets = RESETS.load(Ordering::Relaxed);
        own.then(|| Question {
            class,
            of: ty.version(),
            registrations: counter(),
            resets,
        })
    }

    fn place(self) -> usize {
        (self.class.wrapping_mul(0x9e37) ^ self.of) as usize % KNOWN
    }

    fn known(self) -> Option<bool> {
        let (question, answer) = ANSWERS.with(|a| a[self.place()].get());
        (question == self).then_some(answer)
    }

    fn remember(self, answer: bool) {
        ANSWERS.with(|a| a[self.place()].set((self, answer)));
    }
}

fn instancecheck(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (class, instance) = (a.at(0), a.at(1));
    let question = Question::of(class, instance);
    if let Some(q) = question
        && let Some(answer) = q.known()
    {
        return Ok(number::bool(answer));
    }
    let data = data(cx, class)?;
    let sub = protocol::getattr(cx, instance, names::__class__())?;
    let actual = type_of(instance);
    if let Some(ty) = Type::from_ref(&sub) {
        let state = state(&data)?.lock();
        let positive = state.positive.has(ty);
        if positive || std::ptr::eq(ty, actual) && state.version == counter() && state.negative.has(ty) {
            if let Some(q) = question.filter(|_| std::ptr::eq(ty, actual)) {
                q.remember(positive);
            }
            return Ok(number::bool(positive));
        }
    }
    let actual = actual.object();
    if sub.is(&actual) {
        return call_subclasscheck(cx, class, sub);
    }
    let r = call_subclasscheck(cx, class, sub)?;
    if compare::is_true(cx, &r)? {
        return Ok(r);
    }
    call_subclasscheck(cx, class, actual)
}

fn subclasscheck(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (class, sub) = (a.at(0), a.at(1));
    let Some(ty) = Type::from_ref(sub) else {
        return Err(type_error("issubclass() arg 1 must be a class"));
    };
    cx.check_stack()?;
    let data = data(cx, class)?;
    let cell = state(&data)?;
    let now = counter();
    {
        let mut state = cell.lock();
        if state.positive.has(ty) {
            return Ok(s::true_());
        }
        if state.version < now {
            state.negative = Classes::default();
            state.version = now;
        } else if state.negative.has(ty) {
            return Ok(s::false_());
        }
    }
    let answer = ask(cx, class, sub, ty, cell)?;
    let mut state = cell.lock();
    match answer {
        Answer::Yes => state.positive.add(ty),
        // A class that was registered while this was asked may be this one.
        Answer::No if state.version == now && counter() == now => state.negative.add(ty),
        Answer::No | Answer::Registered => {}
    }
    Ok(number::bool(!matches!(answer, Answer::No)))
}

enum Answer {
    Yes,
    No,
    /// Yes, and the registry says so itself.
    Registered,
}

fn ask(cx: &Context, class: &Ref, sub: &Ref, ty: &'static Type, cell: &Mutex<State>) -> Result<Answer> {
    let hook = protocol::call_method(cx, class, &intern::name("__subclasshook__"), std::slice::from_ref(sub))?;
    if hook.is(&s::true_()) {
        return Ok(Answer::Yes);
    }
    if hook.is(&s::false_()) {
        return Ok(Answer::No);
    }
    if !hook.is(&s::not_implemented()) {
        return Err(raise(
            &s::ASSERTION_ERROR,
            "__subclasshook__ must return either False, True, or NotImplemented",
        ));
    }
    if let Some(of) = Type::from_ref(class)
        && ty.is_subtype(of)
    {
        return Ok(Answer::Yes);
    }
    // A copy: checking asks Python code, which may register more.
    let registered: Vec<Ref> = cell.lock().registry.iter().map(|t| t.object()).collect();
    if registered.iter().any(|t| t.is(sub)) {
        return Ok(Answer::Registered);
    }
    for t in registered {
        if compare::is_subclass(cx, sub, &t)? {
            return Ok(Answer::Yes);
        }
    }
    let subclasses = protocol::call_method(cx, class, &intern::name("__subclasses__"), &[])?;
    if !subclasses.is_instance(&s::LIST) {
        return Err(type_error("__subclasses__() must return a list"));
    }
    for t in protocol::collect(cx, &subclasses)? {
        if compare::is_subclass(cx, sub, &t)? {
            return Ok(Answer::Yes);
        }
    }
    Ok(Answer::No)
}

fn dump(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let data = data(cx, a.at(0))?;
    let (lists, version) = {
        let state = state(&data)?.lock();
        let lists = [&state.registry, &state.positive.0, &state.negative.0];
        (
            lists.map(|l| l.iter().map(|t| t.object()).collect::<Vec<Ref>>()),
            state.version,
        )
    };
    let mut out = Vec::with_capacity(4);
    for list in lists {
        let all = set::new()?;
        for t in list {
            set::add(cx, &all, weakref::create(&weakref::REF, &t, None)?)?;
        }
        out.push(all);
    }
    out.push(number::int(version as i64)?);
    tuple::new(out)
}
