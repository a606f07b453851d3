//! Changes of case.

use super::view;
use skein_object::error::Result;
use skein_object::{Args, Context, Ref, str};
use skein_text::str::case as text;

macro_rules! mappings {
    ($($name:ident)*) => {$(
        pub fn $name(_: &Context, a: Args<'_>) -> Result<Ref> {
            str::from_buf(text::$name(view(a.at(0))?))
        }
    )*};
}
mappings! { capitalize casefold lower swapcase title upper }
