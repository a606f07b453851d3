//! Rare operations: type parameters, the prompt's displayhook.

use crate::frame::Frame;
use crate::generator;
use crate::operands::Operands;
use crate::regs::Regs;
use skein_bytecode::table::{Intrinsic1, Intrinsic2};
use skein_gc::{Ref, Slot};
use skein_object::error::{Error, system_error};
use skein_object::object::{RefExt, alloc};
use skein_object::protocol;
use skein_object::{Context, FunctionBody, Payload, Result, Type, payload, statics as s, tuple};

/// A value that an async generator yields, told from one that it awaits.
pub struct WrappedBody(pub Slot);
payload!(WrappedBody, "async_generator_wrapped_value", |this, v| {
    v.slot(&this.0)
});

pub static WRAPPED: Type = Type::declare(
    "async_generator_wrapped_value",
    Some(&s::OBJECT),
    <WrappedBody as Payload>::LAYOUT,
    skein_object::types::flag::NO_NEW,
);

fn module(cx: &Context, name: &str) -> Result<Ref> {
    let none = s::none();
    (skein_object::context::hooks().import)(
        cx,
        &skein_object::intern::name(name),
        &none,
        None,
        &s::empty_tuple(),
        &Ref::small(0),
    )
}

/// A class of `_typing`, called.
fn typing(cx: &Context, class: &str, args: &[Ref], keywords: &[(&str, Ref)]) -> Result<Ref> {
    let c = protocol::getattr_str(cx, &module(cx, "_typing")?, class)?;
    let mut all = args.to_vec();
    let mut names = Vec::new();
    for (k, v) in keywords {
        names.push(skein_object::intern::name(k));
        all.push(v.clone());
    }
    let names = if names.is_empty() {
        None
    } else {
        Some(tuple::new(names)?)
    };
    protocol::call_kw(cx, &c, &all, names.as_ref())
}

pub unsafe fn one(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let v = regs.get(ins.b());
    let Some(which) = Intrinsic1::from_u16(ins.c() as u16) else {
        return Err(system_error("unknown intrinsic"));
    };
    let infer = |class: &str| typing(cx, class, std::slice::from_ref(v), &[("infer_variance", s::true_())]);
    let r = match which {
        Intrinsic1::Print => {
            let hook = protocol::getattr_str(cx, &module(cx, "sys")?, "displayhook")?;
            protocol::call1(cx, &hook, v)?
        }
        Intrinsic1::StopIterationError => generator::leaving(v, Error(v.clone())).0,
        Intrinsic1::AsyncGenWrap => alloc(&WRAPPED, WrappedBody(Slot::new(v.clone())))?,
        Intrinsic1::TypeVar => infer("TypeVar")?,
        Intrinsic1::ParamSpec => infer("ParamSpec")?,
        Intrinsic1::TypeVarTuple => typing(cx, "TypeVarTuple", std::slice::from_ref(v), &[])?,
        Intrinsic1::SubscriptGeneric => {
            let generic = protocol::getattr_str(cx, &module(cx, "_typing")?, "Generic")?;
            let mut unpacked = Vec::new();
            for p in tuple::items(v).unwrap_or(&[]) {
                if p.ty().name() == "TypeVarTuple" || p.ty().name() == "typing.TypeVarTuple" {
                    let mut it = protocol::Iter::new(cx, p)?;
                    while let Some(x) = it.next(cx)? {
                        unpacked.push(x);
                    }
                } else {
                    unpacked.push(p.clone());
                }
            }
            protocol::getitem(cx, &generic, &tuple::new(unpacked)?)?
        }
        Intrinsic1::TypeAlias => match tuple::items(v) {
            Some([name, params, evaluate]) => {
                let params = if s::is_none(params) {
                    s::empty_tuple()
                } else {
                    params.clone()
                };
                let c = protocol::getattr_str(cx, &module(cx, "_typing")?, "TypeAliasType")?;
                let lazy = protocol::getattr_str(cx, &c, "_from_evaluator")?;
                protocol::call(cx, &lazy, &[name.clone(), params, evaluate.clone()])?
            }
            _ => {
                return Err(system_error("type alias needs a name, parameters and a value"));
            }
        },
    };
    regs.set(ins.a(), r);
    regs.consume_b(ins);
    Ok(())
}

pub unsafe fn two(cx: &Context, _: *mut Frame, regs: Regs, ins: Operands) -> Result<()> {
    let w = ins.b();
    let (a, b) = (regs.take(w), regs.take(w + 1));
    let Some(which) = Intrinsic2::from_u16(ins.c() as u16) else {
        return Err(system_error("unknown intrinsic"));
    };
    let r = match which {
        Intrinsic2::TypeVarWithBound => typing(
            cx,
            "TypeVar",
            std::slice::from_ref(&a),
            &[("infer_variance", s::true_()), ("_evaluate_bound", b)],
        )?,
        Intrinsic2::TypeVarWithConstraints => typing(
            cx,
            "TypeVar",
            std::slice::from_ref(&a),
            &[("infer_variance", s::true_()), ("_evaluate_constraints", b)],
        )?,
        Intrinsic2::SetFunctionTypeParams => {
            if let Some(f) = a.body::<FunctionBody>() {
                drop(f.type_params.set(a.holder(), Some(b)));
            }
            a
        }
        Intrinsic2::SetTypeParamDefault => {
            let set = protocol::getattr_str(cx, &a, "_set_default_evaluator")?;
            protocol::call1(cx, &set, &b)?;
            a
        }
    };
    regs.set(ins.a(), r);
    Ok(())
}
