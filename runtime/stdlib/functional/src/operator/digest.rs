//! `_compare_digest`: comparison whose time does not tell where the difference is.

use skein_object::error::{Result, type_error};
use skein_object::layouts::{StrBody, number};
use skein_object::object::RefExt;
use skein_object::protocol::buffer;
use skein_object::{Args, Context, Ref};

fn same(a: &[u8], b: &[u8]) -> bool {
    // Of different lengths, `b` is compared with itself: the time depends on its length alone.
    let left = if a.len() == b.len() { a } else { b };
    let mut difference = u8::from(a.len() != b.len());
    for (x, y) in left.iter().zip(b) {
        difference |= std::hint::black_box(x ^ y);
    }
    difference == 0
}

pub fn compare_digest(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let (x, y) = (a.at(0), a.at(1));
    if let (Some(p), Some(q)) = (x.body::<StrBody>(), y.body::<StrBody>()) {
        return match (p.as_ascii(), q.as_ascii()) {
            (Some(p), Some(q)) => Ok(number::bool(same(p.as_bytes(), q.as_bytes()))),
            _ => Err(type_error(
                "comparing strings with non-ASCII characters is not supported",
            )),
        };
    }
    if !buffer::is_buffer(x) || !buffer::is_buffer(y) {
        return Err(type_error(format!(
            "unsupported operand types(s) or combination of types: '{}' and '{}'",
            x.ty().name(),
            y.ty().name()
        )));
    }
    let (p, q) = (buffer::to_vec(cx, x)?, buffer::to_vec(cx, y)?);
    Ok(number::bool(same(&p, &q)))
}
