//! Tuples with named fields (`sys.version_info` and its like).

use skein_object::error::Result;
use skein_object::{Context, Ref, protocol, statics as s, str, tuple};

/// Field `I` of a tuple.
pub fn field<const I: usize>(_: &Context, r: &Ref) -> Result<Ref> {
    Ok(tuple::items(r).and_then(|t| t.get(I)).cloned().unwrap_or_else(s::none))
}

/// `name(field=value, ...)`.
///
/// # Errors
/// What the fields' `repr` raises.
pub fn repr(cx: &Context, r: &Ref, name: &str, fields: &[&str]) -> Result<Ref> {
    let mut out = format!("{name}(");
    for (i, (field, value)) in fields.iter().zip(tuple::items(r).unwrap_or(&[])).enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(&format!("{field}={}", str::text(&protocol::repr(cx, value)?)));
    }
    out.push(')');
    str::from_str(&out)
}

/// `structseq! { NAME "sys.name" "doc"; 0 field, 1 field, ... }`: declares the type, and `NAME::ready`.
#[macro_export]
macro_rules! structseq {
    ($module:ident $ty:ident $name:literal $($index:literal $field:ident)*) => {
        pub mod $module {
            use skein_object::error::Result;
            use skein_object::{Payload, Type, TupleBody, statics as s};
            use skein_types::startup::{GetSet, TypeDef, getset, ready_type};

            pub static $ty: Type = Type::declare(
                $name,
                Some(&s::TUPLE),
                <TupleBody as Payload>::LAYOUT,
                skein_object::types::flag::NO_NEW,
            );
            static FIELDS: &[GetSet] = &[$(getset(stringify!($field), $crate::sys::structseq::field::<$index>)),*];

            /// Completes the type.
            ///
            /// # Errors
            /// MemoryError.
            pub fn ready() -> Result<()> {
                ready_type(&TypeDef {
                    slots: |t| t.repr.set(Some(|cx, r| {
                        $crate::sys::structseq::repr(cx, r, $name, &[$(stringify!($field)),*])
                    })),
                    getset: FIELDS,
                    ..TypeDef::new(&$ty)
                })
            }

            /// A value of the type.
            ///
            /// # Errors
            /// MemoryError.
            pub fn new(values: Vec<skein_object::Ref>) -> Result<skein_object::Ref> {
                skein_object::tuple::from_iter_of(&$ty, values.len(), values.into_iter())
            }
        }
    };
}
