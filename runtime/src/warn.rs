//! Warnings of native code: `warnings.warn`.

use skein_object::error::{Result, raise_args};
use skein_object::types::Type;
use skein_object::{Context, Ref, intern, protocol, statics as s, str, tuple};

/// `warnings.warn(message, category, level)`.
pub fn warn(cx: &Context, category: &'static Type, message: &str, level: u32) -> Result<()> {
    if let Some(module) = crate::finish::warnings() {
        return at_the_end(cx, module, category, message);
    }
    let module = crate::import::import_module(cx, "warnings")?;
    let f = protocol::getattr_str(cx, &module, "warn")?;
    let args = [str::from_str(message)?, category.object(), Ref::small(level as i32)];
    protocol::call(cx, &f, &args).map(drop)
}

/// As `warn` where modules have been emptied: the library's function would import others. As CPython does without a frame, it
/// names line 0 of `sys`. Which warnings have been shown is forgotten.
fn at_the_end(cx: &Context, module: &Ref, category: &'static Type, message: &str) -> Result<()> {
    const IGNORED: [&Type; 4] = [
        &s::DEPRECATION_WARNING,
        &s::PENDING_DEPRECATION_WARNING,
        &s::IMPORT_WARNING,
        &s::RESOURCE_WARNING,
    ];
    if s::is_none(module) {
        // The filters are those that the library sets up without options.
        if !IGNORED.iter().any(|c| category.is_subtype(c)) {
            let name = category.name();
            crate::start::write_stderr(cx, &format!("<sys>:0: {name}: {message}\n"));
        }
        return Ok(());
    }
    let text = str::from_str(message)?;
    let filters = protocol::call0(cx, &protocol::getattr_str(cx, module, "_get_filters")?)?;
    let mut action = protocol::getattr_str(cx, module, "defaultaction")?;
    let place = str::from_str("sys")?;
    let fits = |pattern: &Ref, text: &Ref| -> Result<bool> {
        if s::is_none(pattern) {
            return Ok(true);
        }
        let found = protocol::call_method(cx, pattern, &intern::name("match"), std::slice::from_ref(text))?;
        protocol::is_true(cx, &found)
    };
    for filter in protocol::iterate::collect(cx, &filters)? {
        let Some([what, message, class, name, line]) = tuple::items(&filter) else {
            continue;
        };
        if fits(message, &text)?
            && protocol::compare::is_subclass(cx, &category.object(), class)?
            && fits(name, &place)?
            && !protocol::is_true(cx, line)?
        {
            action = what.clone();
            break;
        }
    }
    match str::text(&action).as_str() {
        "ignore" => Ok(()),
        "error" => Err(raise_args(category, vec![text])),
        _ => {
            let warning = protocol::call1(cx, &category.object(), &text)?;
            let args = [warning, category.object(), str::from_str("<sys>")?, Ref::small(0)];
            let told = protocol::call(cx, &protocol::getattr_str(cx, module, "WarningMessage")?, &args)?;
            protocol::call1(cx, &protocol::getattr_str(cx, module, "_showwarnmsg")?, &told).map(drop)
        }
    }
}
