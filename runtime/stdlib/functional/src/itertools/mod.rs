//! `itertools`.

mod accumulate;
mod chain;
mod combine;
mod count;
mod cycle;
mod filter;
mod group;
mod pairs;
mod product;
mod slice;
mod tee;
mod zip;

use skein_object::error::Result;
use skein_object::native::ModuleDef;
use skein_object::{Context, Ref};
use skein_stdlib_support::add_type;

pub static MODULE: ModuleDef = ModuleDef {
    name: "itertools",
    doc: "Functional tools for creating and using iterators.",
    functions: tee::FUNCTIONS,
    init,
};

/// Declares an iterator type: static, `TypeDef`, and a `new` slot that binds a row.
///
/// `iterator!(COUNT COUNT_DEF "itertools.count" CountBody, "count(cls, start=0, step=1)", new, next, "doc", METHODS)`
macro_rules! iterator {
    ($ty:ident $def:ident $name:literal $body:ty, $signature:literal, $new:ident, $next:ident, $doc:expr, $methods:expr) => {
        pub static $ty: skein_object::Type = skein_object::Type::declare(
            $name,
            Some(&skein_object::statics::OBJECT),
            <$body as skein_object::Payload>::LAYOUT,
            skein_object::types::flag::BASETYPE,
        );

        pub static $def: skein_types::startup::TypeDef = {
            fn construct(
                cx: &skein_object::Context,
                class: &skein_object::Ref,
                args: &[skein_object::Ref],
                names: Option<&skein_object::Ref>,
            ) -> skein_object::Result<skein_object::Ref> {
                static ROW: skein_object::Row = skein_object::row!($signature, $new, "");
                $crate::itertools::construct(cx, &ROW, &$ty, class, args, names)
            }
            fn slots(t: &skein_object::slots::Slots) {
                t.new.set(Some(construct));
                t.iter.set(Some(skein_stdlib_support::itself));
                t.next.set(Some($next));
            }
            skein_types::startup::TypeDef {
                slots,
                methods: $methods,
                doc: $doc,
                ..skein_types::startup::TypeDef::new(&$ty)
            }
        };
    };
}
pub(crate) use iterator;

/// Binds the arguments of a constructor. A subclass with its own `__init__` may take keywords that its base does not.
pub(crate) fn construct(
    cx: &Context,
    row: &'static skein_object::Row,
    own: &'static skein_object::Type,
    class: &Ref,
    args: &[Ref],
    names: Option<&Ref>,
) -> Result<Ref> {
    use skein_stdlib_support::{bind, class_of, split_keywords};
    let (positional, keywords, _) = split_keywords(args, names);
    // `cls` itself has no name in a call.
    let nameless = row.shape.posonly == row.shape.args || row.shape.args == 1;
    let all_positional = nameless && row.shape.kwonly == 0 && !row.shape.varkw;
    if !keywords.is_empty() && all_positional {
        let ty = class_of(class)?;
        if !ty.slots.init.same(&own.slots.init) {
            return bind(cx, row, class, positional, None);
        }
        return Err(skein_object::error::type_error(format!(
            "{}() takes no keyword arguments",
            own.short_name()
        )));
    }
    bind(cx, row, class, args, names)
}

fn init(_: &Context, module: &Ref) -> Result<()> {
    tee::TEE.set_flag(skein_object::types::flag::WEAKREFABLE, true);
    for def in [
        &accumulate::ACCUMULATE_DEF,
        &pairs::BATCHED_DEF,
        &chain::CHAIN_DEF,
        &combine::COMBINATIONS_DEF,
        &combine::REPLACEMENT_DEF,
        &combine::PERMUTATIONS_DEF,
        &filter::COMPRESS_DEF,
        &count::COUNT_DEF,
        &cycle::CYCLE_DEF,
        &filter::DROPWHILE_DEF,
        &filter::FILTERFALSE_DEF,
        &group::GROUPBY_DEF,
        &group::GROUPER_DEF,
        &slice::ISLICE_DEF,
        &pairs::PAIRWISE_DEF,
        &product::PRODUCT_DEF,
        &count::REPEAT_DEF,
        &chain::STARMAP_DEF,
        &filter::TAKEWHILE_DEF,
        &tee::TEE_DEF,
        &tee::DATA_DEF,
        &zip::ZIP_LONGEST_DEF,
    ] {
        add_type(module, def)?;
    }
    Ok(())
}
