//! Universal newlines: the algorithm, and `IncrementalNewlineDecoder`.

use crate::support::method;
use skein_gc::lock::Mutex;
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{self, Args, Row};
use skein_object::object::{Payload, RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::{Type, flag};
use skein_object::{Context, Ref, Slot, StrBody, number, payload, row, statics as s, str, tuple};
use skein_stdlib_os::arg;
use skein_text::{StrBuf, StrView};
use skein_types::startup::{GetSet, TypeDef, getset, ready_type};

const CR: u8 = 1;
const LF: u8 = 2;
const CRLF: u8 = 4;

/// State of newline decoding.
#[derive(Clone, Copy, Default)]
pub struct Newlines {
    pub translate: bool,
    /// A `\r` at the end of the last input waits for what follows.
    pub pending_cr: bool,
    seen: u8,
}

impl Newlines {
    pub fn new(translate: bool) -> Newlines {
        Newlines {
            translate,
            ..Newlines::default()
        }
    }

    /// Notes the newlines of a piece of text, and translates them.
    pub fn decode(&mut self, text: StrBuf, last: bool) -> StrBuf {
        let mut text = text;
        if self.pending_cr && (last || !text.is_empty()) {
            let mut joined = StrBuf::from("\r");
            joined.push_view(text.view());
            text = joined;
            self.pending_cr = false;
        }
        if !last && text.view().get(text.len().wrapping_sub(1)) == Some(13) {
            text.truncate(text.len() - 1);
            self.pending_cr = true;
        }
        if let StrView::Latin1(b) = text.view()
            && memchr::memchr(b'\r', b).is_none()
        {
            if self.seen & LF == 0 && memchr::memchr(b'\n', b).is_some() {
                self.seen |= LF;
            }
            return text;
        }
        let (v, n) = (text.view(), text.len());
        let mut out = StrBuf::new();
        let (mut start, mut i) = (0, 0);
        while i < n {
            let (kind, width) = match v.get(i) {
                Some(10) => (LF, 1),
                Some(13) if v.get(i + 1) == Some(10) => (CRLF, 2),
                Some(13) => (CR, 1),
                _ => {
                    i += 1;
                    continue;
                }
            };
            self.seen |= kind;
            if self.translate && kind != LF {
                out.push_view(v.slice(start..i));
                out.push(10);
                start = i + width;
            }
            i += width;
        }
        if start == 0 {
            return text;
        }
        out.push_view(v.slice(start..n));
        out
    }

    pub fn reset(&mut self) {
        self.pending_cr = false;
        self.seen = 0;
    }

    /// `newlines`: None, a str, or a tuple of those seen.
    pub fn seen(&self) -> Result<Ref> {
        let mut out = Vec::new();
        for (bit, text) in [(CR, "\r"), (LF, "\n"), (CRLF, "\r\n")] {
            if self.seen & bit != 0 {
                out.push(str::from_str(text)?);
            }
        }
        match out.len() {
            0 => Ok(s::none()),
            1 => Ok(out.remove(0)),
            _ => tuple::new(out),
        }
    }
}

pub struct DecoderBody {
    /// The decoder in front, or None.
    decoder: Slot,
    errors: Slot,
    state: Mutex<Newlines>,
}
payload!(DecoderBody, "IncrementalNewlineDecoder", |this, v| {
    v.slot(&this.decoder);
    v.slot(&this.errors);
});

pub static NEWLINE_DECODER: Type = Type::declare(
    "_io.IncrementalNewlineDecoder",
    Some(&s::OBJECT),
    <DecoderBody as Payload>::LAYOUT,
    flag::BASETYPE,
);

static INIT: Row = row!(
    "IncrementalNewlineDecoder(self, /, decoder, translate, errors='strict')",
    init_row,
    ""
);

static METHODS: &[Row] = &[
    row!("decode(self, /, input, final=False)", decode, ""),
    row!("getstate(self, /)", getstate, ""),
    row!("setstate(self, state, /)", setstate, ""),
    row!("reset(self, /)", reset, ""),
];

static GETSET: &[GetSet] = &[getset("newlines", |_, r| {
    let n = *body(r)?.state.lock();
    n.seen()
})];

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.init.set(Some(init));
}

fn body(r: &Ref) -> Result<&DecoderBody> {
    r.body::<DecoderBody>()
        .ok_or_else(|| type_error("an IncrementalNewlineDecoder object is wanted"))
}

/// The decoder in front; `None` if there is none.
fn inner(r: &Ref) -> Result<Option<Ref>> {
    match body(r)?.decoder.get() {
        Some(d) if s::is_none(&d) => Ok(None),
        Some(d) => Ok(Some(d)),
        None => Err(value_error("IncrementalNewlineDecoder.__init__() not called")),
    }
}

fn new(_: &Context, class: &Ref, _: &[Ref], _: Option<&Ref>) -> Result<Ref> {
    let ty = Type::from_ref(class).ok_or_else(|| type_error("a class is wanted"))?;
    alloc(
        ty,
        DecoderBody {
            decoder: Slot::empty(),
            errors: Slot::empty(),
            state: Mutex::new(Newlines::default()),
        },
    )
}

fn init(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    native::call_with(cx, &INIT, r, args, names)
}

fn init_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let translate = arg::flag(cx, a.opt(2), false)?;
    let b = body(a.at(0))?;
    *b.state.lock() = Newlines::new(translate);
    let errors = a.opt(3).cloned().map_or_else(|| str::from_str("strict"), Ok)?;
    drop(b.errors.set(a.at(0).holder(), Some(errors)));
    drop(b.decoder.set(a.at(0).holder(), Some(a.at(1).clone())));
    Ok(s::none())
}

fn decode(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let last = arg::flag(cx, a.opt(2), false)?;
    let text = match inner(a.at(0))? {
        None => a.at(1).clone(),
        Some(d) => method(cx, &d, "decode", &[a.at(1).clone(), number::bool(last)])?,
    };
    let Some(t) = text.body::<StrBody>() else {
        return Err(type_error(format!(
            "decoder should return a string result, not '{}'",
            text.ty().name()
        )));
    };
    let out = body(a.at(0))?.state.lock().decode(t.view().to_buf(), last);
    str::from_buf(out)
}

fn getstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (bytes, flags) = match inner(a.at(0))? {
        None => (s::empty_bytes(), 0),
        Some(d) => {
            let state = method(cx, &d, "getstate", &[])?;
            let Some([bytes, flags]) = tuple::items(&state) else {
                return Err(type_error("illegal decoder state"));
            };
            (bytes.clone(), arg::long(cx, flags)?)
        }
    };
    let cr = body(a.at(0))?.state.lock().pending_cr;
    tuple::new(vec![bytes, number::int(flags << 1 | i64::from(cr))?])
}

fn setstate(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let Some(items) = tuple::items(a.at(1)) else {
        return Err(type_error("state argument must be a tuple"));
    };
    let [bytes, flags] = items else {
        return Err(type_error("setstate(): illegal state argument"));
    };
    let flags = arg::long(cx, flags)?;
    body(a.at(0))?.state.lock().pending_cr = flags & 1 != 0;
    if let Some(d) = inner(a.at(0))? {
        let state = tuple::new(vec![bytes.clone(), number::int(flags >> 1)?])?;
        return method(cx, &d, "setstate", &[state]);
    }
    Ok(s::none())
}

fn reset(cx: &Context, a: Args<'_>) -> Result<Ref> {
    body(a.at(0))?.state.lock().reset();
    match inner(a.at(0))? {
        Some(d) => method(cx, &d, "reset", &[]),
        None => Ok(s::none()),
    }
}

pub fn ready() -> Result<()> {
    ready_type(&TypeDef {
        slots,
        methods: METHODS,
        getset: GETSET,
        doc: "IncrementalNewlineDecoder(decoder, translate, errors='strict')\n--\n\nCodec used when reading a file in universal newlines mode.",
        ..TypeDef::new(&NEWLINE_DECODER)
    })
}
