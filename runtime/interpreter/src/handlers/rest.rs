//! Opcodes that do nothing but call their operation.

use crate::ops;
use skein_object::tuple;

slow! { StoreGlobal cache => ops::name::store_global }
slow! { DelGlobal => ops::name::del_global }
slow! { StoreName cache => ops::name::store_name }
slow! { DelName => ops::name::del_name }
slow! { MakeCell => ops::name::make_cell }
slow! { CopyFree => ops::name::copy_free }
slow! { StoreDeref => ops::name::store_deref }
slow! { DelDeref => ops::name::del_deref }
slow! { LoadClassDeref => ops::name::load_class_deref }
slow! { LoadDictOrGlobal => ops::name::load_dict_or_global }
slow! { LoadLocals => ops::name::load_locals }
slow! { LoadBuildClass => ops::name::load_build_class }
slow! { SetupAnnotations => ops::name::setup_annotations }

handler! {
    BuildTuple |m| {
        if m.ins.c() != 0 {
            let t = tuple::of_registers(m.regs.0.add(m.ins.b()), m.ins.c() as u16);
            if t != 0 {
                return m.set_next(m.ins.a(), t);
            }
        }
        m.to(slow_BuildTuple)
    }
}
slow! { #[inline(never)] slow_BuildTuple => ops::build::tuple }
slow! { BuildList => ops::build::list }
slow! { BuildSet => ops::build::set }
slow! { BuildMap => ops::build::map }
slow! { BuildString => ops::build::string }
slow! { ListExtend => ops::build::list_extend }
slow! { ListToTuple => ops::build::list_to_tuple }
slow! { SetAdd => ops::build::set_add }
slow! { SetUpdate => ops::build::set_update }
slow! { MapAdd => ops::build::map_add }
slow! { DictUpdate => ops::build::dict_update }
slow! { DictMerge => ops::build::dict_merge }
slow! { FormatSimple => ops::build::format_simple }
slow! { FormatSpec => ops::build::format_spec }
slow! { ConvertValue => ops::build::convert_value }
slow! { BuildInterpolation => ops::build::interpolation }
slow! { BuildTemplate => ops::build::template }

slow! { Intrinsic1 => ops::intrinsic::one }
slow! { Intrinsic2 => ops::intrinsic::two }

slow! { MakeFunction => ops::function::make_function }
handler! {
    MakeGenexpr |m| {
        let code = m.extra() as u32 as usize;
        m.save();
        m.after(ops::function::make_genexpr(m.frame, m.regs, m.ins, code))
    }
}
slow! { SetFuncAttr => ops::function::set_attribute }

slow! { ImportName => ops::import::name }
slow! { ImportFrom => ops::import::from }
slow! { ImportStar => ops::import::star }

slow! { MatchSequence => ops::matching::sequence }
slow! { MatchMapping => ops::matching::mapping }
slow! { MatchKeys => ops::matching::keys }
slow! { MatchClass => ops::matching::class }
slow! { GetLen => ops::matching::len }
