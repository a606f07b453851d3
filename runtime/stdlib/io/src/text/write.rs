//! Writing.

use super::{State, below, lock, open_buffer};
use crate::stringio::expand;
use crate::support::{unsupported, usize_int};
use skein_object::error::{Result, type_error};
use skein_object::native::Args;
use skein_object::object::RefExt;
use skein_object::{Context, Ref, StrBody};
use skein_text::StrView;

impl State {
    /// Gives the encoded text to the stream below.
    pub(super) fn write_pending(&mut self, cx: &Context, buffer: &Ref) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        // Taken out first: if the stream raises, the text is not written twice.
        let mut data = std::mem::take(&mut self.pending);
        below::write(cx, buffer, &data)?;
        data.clear();
        self.pending = data;
        Ok(())
    }

    /// Encodes text onto `pending`.
    fn encode(&mut self, cx: &Context, text: &Ref, view: StrView<'_>) -> Result<()> {
        if self.plain_ascii
            && let StrView::Latin1(b) = view
            && b.is_ascii()
        {
            skein_gc::alloc::make_room(&mut self.pending, b.len())?;
            self.pending.extend_from_slice(b);
            return Ok(());
        }
        let Some(encoder) = &mut self.encoder else {
            return Err(unsupported("not writable"));
        };
        encoder.encode(cx, text, view, &mut self.pending)
    }
}

fn has(v: StrView<'_>, c: u8) -> bool {
    match v {
        StrView::Latin1(b) => memchr::memchr(c, b).is_some(),
        _ => v.iter().any(|x| x == u32::from(c)),
    }
}

pub fn write_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    usize_int(write(cx, a.at(0), a.at(1))?)
}

/// `write(text)`: the number of characters.
pub fn write(cx: &Context, r: &Ref, text: &Ref) -> Result<usize> {
    let Some(t) = text.body::<StrBody>() else {
        super::buffer_of(r)?;
        return Err(type_error(format!(
            "write() argument must be str, not {}",
            text.ty().name()
        )));
    };
    let buffer = open_buffer(cx, r)?;
    let mut g = lock(cx, r)?;
    if g.encoder.is_none() {
        return Err(unsupported("not writable"));
    }
    let view = t.view();
    let newline = g.newline.written();
    let line = (newline.is_some() || g.line_buffering) && has(view, b'\n');
    let flush = g.line_buffering && (line || has(view, b'\r'));
    // What was written before goes first where the buffer would grow too large.
    if g.pending.len() + view.len() > g.chunk && !g.pending.is_empty() {
        g.write_pending(cx, &buffer)?;
    }
    match newline {
        Some(nl) if line => {
            let expanded = expand(view, nl);
            g.encode(cx, text, expanded.view())?;
        }
        _ => g.encode(cx, text, view)?,
    }
    if g.pending.len() >= g.chunk || flush || g.write_through {
        g.write_pending(cx, &buffer)?;
    }
    if g.snapshot.is_some() || !g.decoded.is_empty() {
        g.forget_decoded();
        g.snapshot = None;
        g.reset_decoder(cx)?;
    }
    if flush {
        drop(g);
        below::flush(cx, &buffer)?;
    }
    Ok(t.len())
}
