//! What is searched: a str or bytes, in a form that the engine reads.

use super::pattern::PatternBody;
use super::wide::Wide;
use skein_object::error::{Result, type_error};
use skein_object::layouts::{BytesBody, StrBody, str};
use skein_object::object::RefExt;
use skein_object::protocol::buffer;
use skein_object::{Context, Ref, statics as s};
use skein_text::StrView;

enum Data {
    /// A str, read in place.
    Text,
    /// A bytes object, read in place.
    Bytes,
    /// A copy of another buffer, and a view that keeps the object's size.
    Copy(Vec<u8>, Ref),
}

pub struct Subject {
    pub object: Ref,
    data: Data,
    len: usize,
}

/// The subject for the engine.
pub enum Drive<'a> {
    Narrow(&'a [u8]),
    Two(Wide<'a, 2>),
    Four(Wide<'a, 4>),
}

/// Runs one expression for whichever drive there is.
macro_rules! drive {
    ($subject:expr, $s:ident => $body:expr) => {
        match $subject.drive() {
            $crate::sre::subject::Drive::Narrow($s) => $body,
            $crate::sre::subject::Drive::Two($s) => $body,
            $crate::sre::subject::Drive::Four($s) => $body,
        }
    };
}
pub(super) use drive;

impl Subject {
    /// # Errors
    /// TypeError if the object is no text or of the wrong kind for the pattern.
    pub fn new(cx: &Context, object: &Ref, p: &PatternBody) -> Result<Subject> {
        if let Some(b) = object.body::<StrBody>() {
            if p.of_bytes == Some(true) {
                return Err(type_error("cannot use a bytes pattern on a string-like object"));
            }
            return Ok(Subject {
                object: object.clone(),
                data: Data::Text,
                len: b.len(),
            });
        }
        let is_bytes = object.body::<BytesBody>();
        if is_bytes.is_none() && !buffer::is_buffer(object) {
            return Err(type_error(format!(
                "expected string or bytes-like object, got '{}'",
                object.ty().name()
            )));
        }
        if p.of_bytes == Some(false) {
            return Err(type_error("cannot use a string pattern on a bytes-like object"));
        }
        let (data, len) = match is_bytes {
            Some(b) => (Data::Bytes, b.len()),
            None => {
                let copy = buffer::to_vec(cx, object)?;
                let len = copy.len();
                (Data::Copy(copy, skein_types::memoryview::of(cx, object)?), len)
            }
        };
        Ok(Subject {
            object: object.clone(),
            data,
            len,
        })
    }

    /// In characters.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_str(&self) -> bool {
        matches!(self.data, Data::Text)
    }

    pub fn drive(&self) -> Drive<'_> {
        match &self.data {
            Data::Text => match self.object.body::<StrBody>().map(StrBody::view) {
                Some(StrView::Latin1(d)) => Drive::Narrow(d),
                Some(StrView::Ucs2(d)) => Drive::Two(Wide::<2>::new(d)),
                Some(StrView::Ucs4(d)) => Drive::Four(Wide::<4>::new(d)),
                None => Drive::Narrow(&[]),
            },
            Data::Bytes => Drive::Narrow(self.object.body::<BytesBody>().map_or(&[], BytesBody::as_slice)),
            Data::Copy(c, _) => Drive::Narrow(c),
        }
    }

    /// The part between two positions.
    pub fn slice(&self, start: usize, end: usize) -> Result<Ref> {
        let end = end.min(self.len);
        let start = start.min(end);
        match &self.data {
            Data::Text => {
                if start == 0 && end == self.len && self.object.is_exact(&s::STR) {
                    return Ok(self.object.clone());
                }
                match self.object.body::<StrBody>() {
                    Some(b) => str::cut(b, start, end),
                    None => Ok(s::empty_str()),
                }
            }
            Data::Bytes => {
                if start == 0 && end == self.len && self.object.is_exact(&s::BYTES) {
                    return Ok(self.object.clone());
                }
                match self.object.body::<BytesBody>() {
                    Some(b) => str::bytes(&b.as_slice()[start..end]),
                    None => Ok(s::empty_bytes()),
                }
            }
            Data::Copy(c, _) => str::bytes(&c[start..end]),
        }
    }

    /// Visits what the subject holds.
    pub fn trace(&self, v: &mut skein_object::Visitor<'_>) {
        v.reference(&self.object);
        if let Data::Copy(_, view) = &self.data {
            v.reference(view);
        }
    }

    pub fn empty(&self) -> Ref {
        if self.is_str() {
            s::empty_str()
        } else {
            s::empty_bytes()
        }
    }
}

/// The part of a match's string between two positions. Buffers may have become shorter meanwhile.
pub fn slice_of(cx: &Context, object: &Ref, start: usize, end: usize) -> Result<Ref> {
    if let Some(b) = object.body::<StrBody>() {
        if start == 0 && end >= b.len() && object.is_exact(&s::STR) {
            return Ok(object.clone());
        }
        return str::cut(b, start, end);
    }
    if let Some(b) = object.body::<BytesBody>() {
        if start == 0 && end >= b.len() && object.is_exact(&s::BYTES) {
            return Ok(object.clone());
        }
        let end = end.min(b.len());
        return str::bytes(&b.as_slice()[start.min(end)..end]);
    }
    let c = buffer::to_vec(cx, object)?;
    let end = end.min(c.len());
    str::bytes(&c[start.min(end)..end])
}
