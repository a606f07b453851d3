//! Start-up and class creation without an interpreter.

use skein_object::context::{Context, Hooks, set_hooks};
use skein_object::error::{Result, runtime_error};
use skein_object::{Ref, dict, intern, protocol, statics as s, str, tuple};

fn unsupported<T>() -> Result<T> {
    Err(runtime_error("no interpreter"))
}

fn hooks() {
    set_hooks(Hooks {
        call_function: |_, _, _, _| unsupported(),
        poll: |_| Ok(()),
        import: |_, _, _, _, _, _| unsupported(),
        warn: |_, _, _, _| Ok(()),
        compile: |_, _, _, _, _, _, _| unsupported(),
        run_code: |_, _, _, _, _| unsupported(),
        globals: |_| None,
        locals: |_| unsupported(),
        resume: |_, _, _| unsupported(),
        frame_object: |_, _| None,
        unwrap: skein_types::descriptors::unwrap,
        unraisable: |_, _, _, _| {},
    });
}

fn text(cx: &Context, r: &Ref) -> String {
    match protocol::repr(cx, r) {
        Ok(t) => str::text(&t),
        Err(e) => show(cx, &e),
    }
}

fn show(cx: &Context, e: &skein_object::Error) -> String {
    let args = protocol::getattr_str(cx, &e.0, "args")
        .map(|a| protocol::repr(cx, &a).map_or_else(|_| "?".to_owned(), |t| str::text(&t)));
    format!(
        "{}{}",
        skein_object::object::type_of(&e.0).name(),
        args.unwrap_or_default()
    )
}

fn attr(cx: &Context, o: &Ref, n: &str) -> Ref {
    match protocol::getattr_str(cx, o, n) {
        Ok(v) => v,
        Err(e) => panic!("{n}: {}", show(cx, &e)),
    }
}

fn ok(cx: &Context, r: Result<Ref>) -> Ref {
    match r {
        Ok(v) => v,
        Err(e) => panic!("{}", show(cx, &e)),
    }
}

#[test]
fn starts() {
    let _ = skein_gc::mutator::enter();
    let cx = Context::enter();
    hooks();
    let t = std::time::Instant::now();
    if let Err(e) = skein_types::startup::ready() {
        panic!("{}", show(cx, &e));
    }
    let b = ok(cx, skein_types::builtins::module());
    eprintln!("start-up: {:?}", t.elapsed());
    assert_eq!(text(cx, &s::INT.object()), "<class 'int'>");
    assert_eq!(text(cx, &s::none()), "None");
    let call = |f: &str, args: &[Ref]| ok(cx, protocol::call(cx, &attr(cx, &b, f), args));
    let ns = ok(cx, dict::new());
    let name = intern::name("A");
    let bases = s::empty_tuple();
    let a = call("type", &[name.clone(), bases, ns]);
    assert!(!text(cx, &attr(cx, &a, "__name__")).is_empty());
    let x = ok(cx, protocol::call(cx, &a, &[]));
    ok(
        cx,
        protocol::setattr(cx, &x, &intern::name("y"), &Ref::small(3)).map(|()| s::none()),
    );
    assert_eq!(attr(cx, &x, "y").as_int(), Some(3));
    let e = protocol::call(cx, &a, &[Ref::small(1)]).unwrap_err();
    eprintln!("{}", show(cx, &e));
    let e = protocol::getattr_str(cx, &x, "nix").unwrap_err();
    eprintln!("{}", show(cx, &e));
    let ns = ok(cx, dict::new());
    ok(
        cx,
        dict::set_str(
            &ns,
            "__slots__",
            ok(cx, tuple::new(vec![intern::name("p"), intern::name("q")])),
        )
        .map(|()| s::none()),
    );
    let l = call("type", &[intern::name("L"), ok(cx, tuple::new(vec![a.clone()])), ns]);
    let o = ok(cx, protocol::call(cx, &l, &[]));
    ok(
        cx,
        protocol::setattr(cx, &o, &intern::name("p"), &Ref::small(5)).map(|()| s::none()),
    );
    ok(
        cx,
        protocol::setattr(cx, &o, &intern::name("z"), &Ref::small(6)).map(|()| s::none()),
    );
    assert_eq!(attr(cx, &o, "p").as_int(), Some(5));
    assert_eq!(attr(cx, &o, "z").as_int(), Some(6));
    assert!(protocol::getattr_str(cx, &o, "q").is_err());
    eprintln!("{}", text(cx, &attr(cx, &s::OBJECT.object(), "__init__")));
    eprintln!("{}", text(cx, &attr(cx, &o, "__repr__")));
    eprintln!("{}", text(cx, &attr(cx, &o, "__dir__")));
    eprintln!("{}", text(cx, &attr(cx, &b, "len")));
    assert!(protocol::equal(cx, &attr(cx, &o, "__repr__"), &attr(cx, &o, "__repr__")).unwrap_or(false));
    let c = protocol::getattr_str(cx, &s::OBJECT.object(), "__class__");
    assert!(ok(cx, c).is(&s::TYPE.object()));
    call("print", &[text_ref("hi"), s::none()]);
    assert!(call("isinstance", &[o.clone(), a.clone()]).is(&s::true_()));
    for f in ["int", "len", "print", "ValueError", "type", "property"] {
        let _ = attr(cx, &b, f);
    }
}

fn text_ref(t: &str) -> Ref {
    str::from_str(t).unwrap_or_else(|_| s::none())
}
