//! From source objects to code objects: the up-call behind `compile`, `exec`, `eval` and imports.

use skein_compiler::{ErrorKind, Mode, Options, SyntaxError};
use skein_object::error::{Error, Result, raise, type_error, value_error};
use skein_object::layouts::exception as x;
use skein_object::layouts::{code, number};
use skein_object::object::RefExt;
use skein_object::{BytesBody, Context, Ref, StrBody, statics as s, str, tuple};
use skein_stdlib_language::ast;
use skein_stdlib_language::errors::{INCOMPLETE, syntax_error};

/// Flags of `compile()` that `__future__` and `ast` define.
const FUTURE_ANNOTATIONS: u32 = 0x100_0000;
const ALLOW_TOP_LEVEL_AWAIT: u32 = 0x2000;
const ALLOW_INCOMPLETE_INPUT: u32 = 0x4000;

/// Bytes of a text from which on the compiler is only begun if there is room for what it makes of it: it cannot stop in the middle. For shorter
/// ones the reserve of the allocator does.
const LONG: usize = 32 << 10;
/// Bytes that the compiler takes for a byte of text, seldom more.
const PER_BYTE: usize = 64;

/// compile(source, filename, mode, flags, dont_inherit, optimize).
///
/// # Errors
/// SyntaxError and its subclasses; TypeError, ValueError for wrong arguments.
pub fn compile(
    cx: &Context,
    source: &Ref,
    filename: &Ref,
    mode: &str,
    flags: u32,
    dont_inherit: bool,
    optimize: i32,
) -> Result<Ref> {
    let mode = match mode {
        "func_type" if flags & ast::PYCF_ONLY_AST == 0 => {
            return Err(value_error("compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
        }
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        _ => return Err(value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let name = str::text(filename);
    let inherited = if dont_inherit {
        0
    } else {
        crate::hooks::code_flags(cx) & FUTURE_ANNOTATIONS
    };
    let optimize = if optimize < 0 {
        crate::start::optimize_level()
    } else {
        optimize.min(2) as u8
    };
    let options = Options {
        mode,
        optimize,
        future_annotations: (flags | inherited) & FUTURE_ANNOTATIONS != 0,
        top_level_await: flags & ALLOW_TOP_LEVEL_AWAIT != 0,
    };
    if ast::is_tree(source) {
        if flags & ast::PYCF_ONLY_AST != 0 {
            ast::check_root(cx, source, mode)?;
            return Ok(source.clone());
        }
        let compiled = ast::compile_ast(cx, source, &name, &options)?;
        return finish(cx, &compiled, &name);
    }
    let text = if let Some(b) = source.body::<StrBody>() {
        match b.view().to_utf8() {
            Some(t) => t,
            None => {
                return Err(raise(&s::SYNTAX_ERROR, "source code string cannot contain surrogates"));
            }
        }
    } else if let Some(b) = source.body::<BytesBody>() {
        decode(cx, source, b.as_slice(), &name)?
    } else {
        return Err(type_error(format!(
            "compile() arg 1 must be a string, bytes or AST object, not {}",
            source.ty().name()
        )));
    };
    if text.contains('\0') {
        return Err(null_bytes(&text, "source code string cannot contain null bytes", None));
    }
    if text.len() >= LONG && !skein_gc::alloc::has_room(text.len().saturating_mul(PER_BYTE)) {
        return Err(skein_object::error::memory_error());
    }
    if flags & ast::PYCF_ONLY_AST != 0 {
        return ast::parse_to_ast(cx, &text, &name, mode, |e| error_in(&text, incomplete(e, flags)));
    }
    match skein_compiler::compile_with_warnings(&text, &name, &options) {
        Ok(c) => finish(cx, &c, &name),
        Err(e) => Err(error_in(&text, incomplete(e, flags))),
    }
}

fn incomplete(e: SyntaxError, flags: u32) -> SyntaxError {
    if e.incomplete_input && flags & ALLOW_INCOMPLETE_INPUT != 0 {
        return SyntaxError {
            kind: ErrorKind::Syntax,
            message: INCOMPLETE.into(),
            ..e
        };
    }
    e
}

/// The exception of an error in a text. One of the parser carries the text, for hints at misspelt keywords.
fn error_in(text: &str, e: SyntaxError) -> Error {
    let hints = e.kind == ErrorKind::Syntax && !e.of_compiler;
    let line = e.line;
    let error = syntax_error(e);
    if hints
        && let Ok(source) = str::from_str(text)
        && let Ok(metadata) = number::int(last_statement(text, line) as i64)
            .and_then(|line| tuple::new(vec![line, Ref::small(0), source]))
    {
        x::set_field(&error.0, x::SYNTAX_METADATA, metadata);
    }
    error
}

/// Line of the last statement that is not indented before a line; 0 if there is none.
fn last_statement(text: &str, before: u32) -> usize {
    text.lines()
        .enumerate()
        .take((before as usize).saturating_sub(1))
        .filter(|(_, l)| l.starts_with(|c: char| !c.is_whitespace() && !matches!(c, '#' | ')' | ']' | '}')))
        .last()
        .map_or(0, |(i, _)| i + 1)
}

/// The code object; warnings are given on the way.
fn finish(cx: &Context, c: &skein_compiler::Compiled, filename: &str) -> Result<Ref> {
    for w in &c.warnings {
        warn(cx, w, filename)?;
    }
    code::code(&c.code)
}

fn warn(cx: &Context, w: &skein_compiler::Warning, filename: &str) -> Result<()> {
    let module = crate::import::import_module(cx, "warnings")?;
    let f = skein_object::protocol::getattr_str(cx, &module, "warn_explicit")?;
    let args = [
        str::from_str(&w.message)?,
        s::SYNTAX_WARNING.object(),
        str::from_str(filename)?,
        number::int(w.line as i64)?,
    ];
    match skein_object::protocol::call(cx, &f, &args) {
        // A filter that makes it an error: a SyntaxError, which can say where.
        Err(e) if e.is(&s::SYNTAX_WARNING) => Err(syntax_error(SyntaxError {
            kind: ErrorKind::Syntax,
            message: w.error.as_ref().unwrap_or(&w.message).clone(),
            filename: filename.into(),
            line: w.line,
            col: w.col,
            end_line: w.end_line,
            end_col: w.end_col as i32,
            text: w.text.clone(),
            of_compiler: w.text.is_none(),
            incomplete_input: false,
        })),
        r => r.map(drop),
    }
}

/// The text of source bytes. Codecs that the compiler does not have are looked up.
fn decode(cx: &Context, source: &Ref, bytes: &[u8], filename: &str) -> Result<String> {
    let error = match skein_compiler::decode_source(bytes, filename) {
        Ok(t) => return Ok(t),
        Err(e) => e,
    };
    if let Some(name) = error.message.strip_prefix("unknown encoding: ")
        && let Ok(t) = skein_object::protocol::call_method(
            cx,
            source,
            &skein_object::intern::name("decode"),
            &[str::from_str(name)?],
        )
        && str::is_str(&t)
    {
        return Ok(str::text(&t));
    }
    Err(syntax_error(error))
}

/// The error of source text with null bytes; in a file its line is shown.
pub fn null_bytes(text: &str, message: &str, filename: Option<&str>) -> Error {
    let before = text.split('\0').next().unwrap_or("");
    let line = before.rsplit('\n').next().unwrap_or("");
    let e = SyntaxError {
        kind: ErrorKind::Syntax,
        message: message.into(),
        filename: filename.unwrap_or("").into(),
        line: before.matches('\n').count() as u32 + 1,
        col: 0,
        end_line: 0,
        end_col: 0,
        text: Some(line.to_owned()),
        incomplete_input: false,
        of_compiler: false,
    };
    match filename {
        Some(_) => syntax_error(e),
        None => {
            let error = raise(&s::SYNTAX_ERROR, message);
            if let Ok(m) = str::from_str(message) {
                x::set_field(&error.0, x::SYNTAX_MSG, m);
            }
            error
        }
    }
}
