//! The interactive prompt: reads statements, runs them one by one, reports what they raise.
//!
//! What is typed grows line by line until the compiler takes it as a whole, and a block until an empty line, as CPython's
//! plain prompt has it.

mod editor;

use crate::report;
use crate::start::{Config, run_code, write_stderr};
use editor::{Editor, Line};
use skein_bytecode::code::flags::FUTURE_ANNOTATIONS;
use skein_object::error::{Error, Result};
use skein_object::layouts::{exception, number};
use skein_object::object::RefExt;
use skein_object::{CodeBody, Context, Ref, context, dict, intern, protocol, statics as s, str};
use std::path::PathBuf;

/// Flags of `compile()`: the end of the text is not the end of the block; input may be missing.
const DONT_IMPLY_DEDENT: u32 = 0x200;
const ALLOW_INCOMPLETE_INPUT: u32 = 0x4000;

/// What became of the lines so far.
enum State {
    Whole(Ref),
    More,
    Wrong(Error),
}

/// Runs the prompt to its end; gives the exit code. With `greet`, nothing ran before it.
pub fn run(cx: &Context, config: &Config, globals: &Ref, greet: bool) -> i32 {
    if greet && !config.quiet {
        let banner = format!(
            "Python {} on linux\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information.\n",
            crate::sys::version_text()
        );
        write_stderr(cx, &banner);
    }
    if let Err(e) = prepare(cx, config, globals, greet)
        && let Some(code) = report::uncaught(cx, &e, false)
    {
        return code;
    }
    let mut editor = Editor::new(history(config));
    let mut flags = 0;
    loop {
        flush(cx);
        let text = match read(cx, &mut editor, flags) {
            Read::Ready(text, state) => (text, state),
            Read::Nothing => continue,
            Read::End => return 0,
        };
        let outcome = match text {
            (source, State::Whole(code)) => execute(cx, &source, &code, globals, &mut flags),
            (_, State::Wrong(e)) => Err(e),
            (_, State::More) => Ok(()),
        };
        if let Err(e) = outcome
            && let Some(code) = report::uncaught(cx, &e, false)
        {
            return code;
        }
    }
}

fn flush(cx: &Context) {
    let _ = context::sys_attr(&intern::name("stdout"))
        .filter(|f| !s::is_none(f))
        .map(|f| protocol::call_method(cx, &f, intern::names::flush(), &[]));
}

/// Where earlier input is kept.
fn history(config: &Config) -> Option<PathBuf> {
    let named = std::env::var_os("PYTHON_HISTORY").filter(|v| !v.is_empty() && !config.ignore_environment);
    named
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".skein_history")))
}

/// Before the first prompt: `sys.ps1` and `ps2`, PYTHONSTARTUP, `sys.__interactivehook__`.
fn prepare(cx: &Context, config: &Config, globals: &Ref, greet: bool) -> Result<()> {
    if let Some(sys) = crate::import::loaded(cx, "sys") {
        let d = crate::import::dict_of(&sys);
        for (name, text) in [("ps1", ">>> "), ("ps2", "... ")] {
            if dict::get_name(&d, &intern::name(name)).is_none() {
                dict::set_str(&d, name, str::from_str(text)?)?;
            }
        }
    }
    let startup = std::env::var_os("PYTHONSTARTUP").filter(|v| greet && !v.is_empty() && !config.ignore_environment);
    if let Some(path) = startup {
        let path = path.to_string_lossy().into_owned();
        match std::fs::read(&path) {
            Ok(text) => {
                let name = str::from_str(&path)?;
                let code = crate::compile::compile(cx, &str::bytes(&text)?, &name, "exec", 0, true, -1)?;
                run_code(cx, &code, globals)?;
            }
            Err(e) => {
                let code = e.raw_os_error().unwrap_or(2);
                let reason = e.to_string();
                let reason = reason.split(" (os error").next().unwrap_or("");
                let text =
                    format!("Could not open PYTHONSTARTUP\nFileNotFoundError: [Errno {code}] {reason}: '{path}'\n");
                write_stderr(cx, &text);
            }
        }
    }
    if config.isolated {
        return Ok(());
    }
    if let Some(hook) = context::sys_attr(&intern::name("__interactivehook__"))
        && let Err(e) = protocol::call0(cx, &hook)
    {
        write_stderr(cx, "Failed calling sys.__interactivehook__\n");
        return Err(e);
    }
    Ok(())
}

/// The text of `sys.ps1` or `sys.ps2`.
fn prompt(cx: &Context, name: &str) -> String {
    context::sys_attr(&intern::name(name))
        .and_then(|p| protocol::convert::str_of(cx, &p).ok())
        .map_or_else(String::new, |t| str::text(&t))
}

enum Read {
    Ready(String, State),
    Nothing,
    End,
}

/// Reads lines until they make a statement, or can make none.
fn read(cx: &Context, editor: &mut Editor, flags: u32) -> Read {
    let mut text = String::new();
    loop {
        let shown = prompt(cx, if text.is_empty() { "ps1" } else { "ps2" });
        match skein_gc::mutator::detached(|| editor.line(&shown)) {
            Line::Text(line) => text.push_str(&line),
            Line::Signal => match (context::hooks().poll)(cx) {
                Ok(()) => continue,
                Err(_) => {
                    write_stderr(cx, "\nKeyboardInterrupt\n");
                    return Read::Nothing;
                }
            },
            Line::Interrupted => {
                write_stderr(cx, "\nKeyboardInterrupt\n");
                return Read::Nothing;
            }
            Line::End => {
                write_stderr(cx, "\n");
                if text.is_empty() {
                    return Read::End;
                }
                let state = match compile(cx, &text, flags) {
                    Ok(code) => State::Whole(code),
                    Err(e) => State::Wrong(e),
                };
                return Read::Ready(text, state);
            }
        }
        if text.lines().all(|l| l.trim().is_empty() || l.trim().starts_with('#')) {
            return Read::Nothing;
        }
        match judge(cx, &text, flags) {
            State::More => {}
            state => return Read::Ready(text, state),
        }
    }
}

fn compile(cx: &Context, text: &str, flags: u32) -> Result<Ref> {
    let source = str::from_str(text)?;
    crate::compile::compile(cx, &source, &str::from_str("<stdin>")?, "single", flags, true, -1)
}

fn judge(cx: &Context, text: &str, flags: u32) -> State {
    let block = begins_block(text);
    let open = block && !text.lines().last().is_none_or(|l| l.trim().is_empty());
    match compile(cx, text, flags | DONT_IMPLY_DEDENT | ALLOW_INCOMPLETE_INPUT) {
        Ok(_) if open => State::More,
        Ok(code) => State::Whole(code),
        Err(e) if e.0.ty().name() == s::INCOMPLETE_INPUT_ERROR.name() => {
            if !block || open {
                return State::More;
            }
            // The empty line ends the block, unless it lies in brackets or in a string.
            match compile(cx, text, flags) {
                Err(e) if e.is(&s::INDENTATION_ERROR) => State::Wrong(e),
                _ => State::More,
            }
        }
        // The block has not begun.
        Err(e) if open && e.is(&s::INDENTATION_ERROR) && at_end(&e, text) => State::More,
        Err(e) => State::Wrong(e),
    }
}

/// Whether a syntax error lies behind the text.
fn at_end(e: &Error, text: &str) -> bool {
    exception::field(&e.0, exception::SYNTAX_LINENO)
        .and_then(|n| number::int_value(&n).and_then(|v| v.to_i64()))
        .is_some_and(|n| n > text.lines().count() as i64)
}

/// Whether the first word is one that a block follows.
fn begins_block(text: &str) -> bool {
    let first = text
        .lines()
        .find(|l| !l.trim().is_empty() && !l.trim().starts_with('#'))
        .unwrap_or("");
    if first.starts_with('@') {
        return true;
    }
    let end = first
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(first.len());
    match &first[..end] {
        "if" | "for" | "while" | "try" | "with" | "def" | "class" | "async" => true,
        // A name as well as a word.
        "match" => first.trim_end().ends_with(':'),
        _ => false,
    }
}

fn execute(cx: &Context, source: &str, code: &Ref, globals: &Ref, flags: &mut u32) -> Result<()> {
    if let Some(c) = code.body::<CodeBody>() {
        *flags |= c.unit.flags & FUTURE_ANNOTATIONS;
    }
    crate::library::remember_source(cx, code, &str::from_str(source)?, &str::from_str("<stdin>")?)?;
    run_code(cx, code, globals)
}
