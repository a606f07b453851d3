//! `make_encoder`: from objects to text.

use super::encode;
use skein_object::error::{Result, memory_error, type_error, value_error};
use skein_object::intern;
use skein_object::layouts::{DictBody, StrBody, dict, list, number, str, tuple};
use skein_object::native::NativeFn;
use skein_object::object::{RefExt, alloc};
use skein_object::slots::Slots;
use skein_object::types::Type;
use skein_object::{Args, Context, NativeBody, Payload, Ref, Row, payload, protocol, row, statics as s};
use skein_stdlib_support::{bind, body, class_of, pack, repr_text, ssize};
use skein_text::StrBuf;
use skein_types::startup::{GetSet, TypeDef, member};

/// How strings are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Ascii,
    Plain,
    /// The encoder's function is asked.
    Call,
}

pub struct EncoderBody {
    /// Dict of the containers being encoded, or None.
    markers: Ref,
    default: Ref,
    encoder: Ref,
    indent: Ref,
    key_separator: Ref,
    item_separator: Ref,
    sort_keys: bool,
    skip_keys: bool,
    allow_nan: bool,
    quoting: Quoting,
}
payload!(EncoderBody, "_json.Encoder", |this, v| {
    for r in [
        &this.markers,
        &this.default,
        &this.encoder,
        &this.indent,
        &this.key_separator,
        &this.item_separator,
    ] {
        v.reference(r);
    }
});

pub static ENCODER: Type = Type::declare("_json.Encoder", Some(&s::OBJECT), <EncoderBody as Payload>::LAYOUT, 0);

static NEW: Row = row!(
    "make_encoder(cls, markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    new_row,
    ""
);

fn new(cx: &Context, class: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &NEW, class, args, names)
}

fn new_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if !s::is_none(a.at(1)) && !a.at(1).is_instance(&s::DICT) {
        return Err(type_error(format!(
            "make_encoder() argument 1 must be dict or None, not {}",
            a.at(1).ty().name()
        )));
    }
    for i in [5, 6] {
        if !str::is_str(a.at(i)) {
            return Err(type_error(format!(
                "make_encoder() argument {i} must be str, not {}",
                a.at(i).ty().name()
            )));
        }
    }
    let is = |f: NativeFn| {
        a.at(3)
            .body::<NativeBody>()
            .is_some_and(|n| std::ptr::fn_addr_eq(n.row.function, f))
    };
    let quoting = if is(super::encode_ascii) {
        Quoting::Ascii
    } else if is(super::encode_plain) {
        Quoting::Plain
    } else {
        Quoting::Call
    };
    alloc(
        class_of(a.at(0))?,
        EncoderBody {
            markers: a.at(1).clone(),
            default: a.at(2).clone(),
            encoder: a.at(3).clone(),
            indent: a.at(4).clone(),
            key_separator: a.at(5).clone(),
            item_separator: a.at(6).clone(),
            sort_keys: protocol::is_true(cx, a.at(7))?,
            skip_keys: protocol::is_true(cx, a.at(8))?,
            allow_nan: protocol::is_true(cx, a.at(9))?,
            quoting,
        },
    )
}

struct Run<'a> {
    cx: &'a Context,
    b: &'a EncoderBody,
    out: StrBuf,
}

impl Run<'_> {
    fn push(&mut self, r: &Ref) -> Result<()> {
        if let Some(t) = r.body::<StrBody>() {
            self.out.try_reserve(t.len()).map_err(|_| memory_error())?;
            self.out.push_view(t.view());
        }
        Ok(())
    }

    fn text(&mut self, r: &Ref) -> Result<()> {
        let Some(t) = r.body::<StrBody>() else {
            return Ok(());
        };
        match self.b.quoting {
            Quoting::Call => {
                let q = protocol::call1(self.cx, &self.b.encoder, r)?;
                if !str::is_str(&q) {
                    return Err(type_error(format!(
                        "encoder() must return a string, not {}",
                        q.ty().name()
                    )));
                }
                self.push(&q)
            }
            q => {
                self.out.try_reserve(t.len() + 2).map_err(|_| memory_error())?;
                encode::write(&mut self.out, t.view(), q == Quoting::Ascii);
                Ok(())
            }
        }
    }

    fn float_text(&self, r: &Ref, x: f64) -> Result<String> {
        if x.is_finite() {
            // The base's repr, whatever a subclass says.
            return repr_text(self.cx, &number::float(x)?);
        }
        if !self.b.allow_nan {
            return Err(value_error(format!(
                "Out of range float values are not JSON compliant: {}",
                repr_text(self.cx, r)?
            )));
        }
        Ok(if x.is_nan() {
            "NaN"
        } else if x > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned())
    }

    fn int_text(&self, r: &Ref) -> Result<String> {
        match r.as_int() {
            Some(n) => Ok(n.to_string()),
            None => {
                let plain = number::int_value(r).map(|v| v.to_big()).unwrap_or_default();
                repr_text(self.cx, &number::big(plain)?)
            }
        }
    }

    fn simple(r: &Ref) -> Option<&'static str> {
        if s::is_none(r) {
            Some("null")
        } else if r.is(&s::true_()) {
            Some("true")
        } else if r.is(&s::false_()) {
            Some("false")
        } else {
            None
        }
    }

    fn newline(&mut self, level: usize) -> Result<()> {
        if !s::is_none(&self.b.indent) {
            self.out.push_ascii(b"\n");
            for _ in 0..level {
                self.push(&self.b.indent)?;
            }
        }
        Ok(())
    }

    /// Notes a container that is being encoded; an error if it is already.
    fn enter(&self, r: &Ref) -> Result<Option<Ref>> {
        if s::is_none(&self.b.markers) {
            return Ok(None);
        }
        let id = number::int(skein_types::descriptors::address(r) as i64)?;
        if protocol::contains(self.cx, &self.b.markers, &id)? {
            return Err(value_error("Circular reference detected"));
        }
        protocol::setitem(self.cx, &self.b.markers, &id, r)?;
        Ok(Some(id))
    }

    fn leave(&self, id: Option<Ref>) -> Result<()> {
        match id {
            Some(id) => protocol::delitem(self.cx, &self.b.markers, &id),
            None => Ok(()),
        }
    }

    /// Says of what an error speaks (PEP 678).
    fn note(&self, e: skein_object::Error, note: String) -> skein_object::Error {
        let add = || {
            let name = intern::name("add_note");
            protocol::call_method(self.cx, &e.0, &name, &[str::from_str(&note)?])
        };
        let _ = add();
        e
    }

    fn value(&mut self, r: &Ref, level: usize) -> Result<()> {
        if let Some(t) = Run::simple(r) {
            self.out.push_ascii(t.as_bytes());
            return Ok(());
        }
        if str::is_str(r) {
            return self.text(r);
        }
        if number::int_value(r).is_some() {
            let t = self.int_text(r)?;
            self.out.push_str(&t);
            return Ok(());
        }
        if let Some(x) = number::float_value(r) {
            let t = self.float_text(r, x)?;
            self.out.push_str(&t);
            return Ok(());
        }
        self.cx.check_stack()?;
        if r.is_instance(&s::LIST) || r.is_instance(&s::TUPLE) {
            return self.array(r, level);
        }
        if r.is_instance(&s::DICT) {
            return self.object(r, level);
        }
        let id = self.enter(r)?;
        let v = protocol::call1(self.cx, &self.b.default, r)?;
        if let Err(e) = self.value(&v, level) {
            let what = r.ty().short_name();
            return Err(self.note(e, format!("when serializing {what} object")));
        }
        self.leave(id)
    }

    fn array(&mut self, r: &Ref, level: usize) -> Result<()> {
        // A list is read as it is at each step: an encoder's function may change it.
        let items = if r.is_instance(&s::LIST) {
            None
        } else {
            Some(protocol::collect(self.cx, r)?)
        };
        let get = |i: usize| match &items {
            Some(items) => items.get(i).cloned(),
            None => list::get(r, i),
        };
        if get(0).is_none() {
            self.out.push_ascii(b"[]");
            return Ok(());
        }
        let id = self.enter(r)?;
        self.out.push_ascii(b"[");
        self.newline(level + 1)?;
        let mut i = 0;
        while let Some(x) = get(i) {
            if i > 0 {
                self.push(&self.b.item_separator)?;
                self.newline(level + 1)?;
            }
            if let Err(e) = self.value(&x, level + 1) {
                let what = r.ty().short_name();
                return Err(self.note(e, format!("when serializing {what} item {i}")));
            }
            i += 1;
        }
        self.leave(id)?;
        self.newline(level)?;
        self.out.push_ascii(b"]");
        Ok(())
    }

    /// The text of a key, or `None` if it is to be skipped.
    fn key(&self, k: &Ref) -> Result<Option<Ref>> {
        if str::is_str(k) {
            return Ok(Some(k.clone()));
        }
        let text = if let Some(t) = Run::simple(k) {
            t.to_owned()
        } else if number::int_value(k).is_some() {
            self.int_text(k)?
        } else if let Some(x) = number::float_value(k) {
            self.float_text(k, x)?
        } else if self.b.skip_keys {
            return Ok(None);
        } else {
            return Err(type_error(format!(
                "keys must be str, int, float, bool or None, not {}",
                k.ty().name()
            )));
        };
        str::from_str(&text).map(Some)
    }

    fn object(&mut self, r: &Ref, level: usize) -> Result<()> {
        if protocol::len(self.cx, r)? == 0 {
            self.out.push_ascii(b"{}");
            return Ok(());
        }
        let id = self.enter(r)?;
        let entries = if r.is_exact(&s::DICT) && !self.b.sort_keys && r.body::<DictBody>().is_some() {
            dict::entries(r)
        } else {
            let items = protocol::call_method(self.cx, r, &intern::name("items"), &[])?;
            let mut items = list::new(protocol::collect(self.cx, &items)?)?;
            if self.b.sort_keys {
                let sorted = skein_stdlib_support::import_attr(self.cx, "builtins", "sorted")?;
                items = protocol::call1(self.cx, &sorted, &items)?;
            }
            let mut out = Vec::new();
            for pair in protocol::collect(self.cx, &items)? {
                match tuple::items(&pair) {
                    Some([k, v]) => out.push((k.clone(), v.clone())),
                    _ => return Err(value_error("items must return 2-tuples")),
                }
            }
            out
        };
        self.out.push_ascii(b"{");
        let mut first = true;
        for (k, v) in entries {
            let Some(key) = self.key(&k)? else { continue };
            if !first {
                self.push(&self.b.item_separator)?;
            }
            self.newline(level + 1)?;
            first = false;
            self.text(&key)?;
            self.push(&self.b.key_separator)?;
            if let Err(e) = self.value(&v, level + 1) {
                let (what, k) = (r.ty().short_name(), repr_text(self.cx, &k)?);
                return Err(self.note(e, format!("when serializing {what} item {k}")));
            }
        }
        self.leave(id)?;
        if !first {
            self.newline(level)?;
        }
        self.out.push_ascii(b"}");
        Ok(())
    }
}

static CALL: Row = row!("_iterencode(self, obj, _current_indent_level)", call_row, "");

fn call(cx: &Context, r: &Ref, args: &[Ref], names: Option<&Ref>) -> Result<Ref> {
    bind(cx, &CALL, r, args, names)
}

fn call_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let level = ssize(cx, a.at(2))?.max(0) as usize;
    let mut run = Run {
        cx,
        b: body::<EncoderBody>(a.at(0))?,
        out: StrBuf::new(),
    };
    run.value(a.at(1), level)?;
    pack([str::from_buf(run.out)?])
}

fn slots(t: &Slots) {
    t.new.set(Some(new));
    t.call.set(Some(call));
}

fn of(r: &Ref) -> Result<&EncoderBody> {
    body::<EncoderBody>(r)
}

static GETSET: &[GetSet] = &[
    member("markers", |_, r| Ok(of(r)?.markers.clone())).doc("markers"),
    member("default", |_, r| Ok(of(r)?.default.clone())).doc("default"),
    member("encoder", |_, r| Ok(of(r)?.encoder.clone())).doc("encoder"),
    member("indent", |_, r| Ok(of(r)?.indent.clone())).doc("indent"),
    member("key_separator", |_, r| Ok(of(r)?.key_separator.clone())).doc("key_separator"),
    member("item_separator", |_, r| Ok(of(r)?.item_separator.clone())).doc("item_separator"),
    member("sort_keys", |_, r| Ok(number::bool(of(r)?.sort_keys))).doc("sort_keys"),
    member("skipkeys", |_, r| Ok(number::bool(of(r)?.skip_keys))).doc("skipkeys"),
];

pub static DEF: TypeDef = TypeDef {
    slots,
    getset: GETSET,
    doc: "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    ..TypeDef::new(&ENCODER)
};
