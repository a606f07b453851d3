//! Start-up and the end of the process.

use skein_interpreter::frame::Stacks;
use skein_object::context;
use skein_object::error::{Error, Result};
use skein_object::intern::names;
use skein_object::object::RefExt;
use skein_object::{Context, Ref, dict, intern, protocol, statics as s, str};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// What to run.
#[derive(Clone, Debug, Default)]
pub enum Program {
    #[default]
    Interactive,
    Command(String),
    Module(String),
    File(String),
    Stdin,
}

/// Settings of a process, from the command line and the environment.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub program: Program,
    /// `sys.argv`.
    pub argv: Vec<OsString>,
    pub orig_argv: Vec<OsString>,
    pub executable: String,
    pub warn_options: Vec<String>,
    pub x_options: Vec<String>,
    pub debug: bool,
    pub inspect: bool,
    pub interactive: bool,
    pub optimize: u8,
    pub dont_write_bytecode: bool,
    pub no_user_site: bool,
    pub no_site: bool,
    pub ignore_environment: bool,
    pub verbose: u8,
    pub bytes_warning: u8,
    pub quiet: bool,
    pub isolated: bool,
    pub safe_path: bool,
    pub dev_mode: bool,
    pub unbuffered: bool,
    /// `-x`.
    pub skip_first_line: bool,
    /// `-R`.
    pub random_hash: bool,
    pub pycache_prefix: Option<String>,
    /// `-X importtime`: 1 for what is loaded, 2 for all imports.
    pub import_time: u8,
    pub int_max_str_digits: Option<i32>,
    /// `PYTHONHASHSEED`; `None`: random.
    pub hash_seed: Option<u64>,
    /// `PYTHONPATH`, split.
    pub python_path: Vec<String>,
}

impl Config {
    /// `sys.path` before the script's folder is put in front.
    pub fn module_path(&self) -> Vec<String> {
        let mut out = self.python_path.clone();
        out.push(crate::library::root().to_owned());
        out
    }

    /// `sys.prefix`.
    pub fn prefix(&self) -> String {
        let exe = std::path::Path::new(&self.executable);
        exe.parent()
            .and_then(|p| p.parent())
            .map_or_else(|| "/usr".into(), |p| p.to_string_lossy().into_owned())
    }
}

/// A started runtime.
pub struct Runtime {
    pub cx: &'static Context,
    _stacks: Stacks,
}

static BUILTINS: OnceLock<Ref> = OnceLock::new();
static OPTIMIZE: AtomicU8 = AtomicU8::new(0);
/// The thread that ends the process; 0 before it does.
static FINALIZER: AtomicU64 = AtomicU64::new(0);
static IMPORT_TIME: AtomicU8 = AtomicU8::new(0);
/// The program's file could not be opened, and this was said.
static CANNOT_OPEN: AtomicBool = AtomicBool::new(false);

/// The dict of `builtins`.
pub fn builtins_dict() -> Ref {
    BUILTINS.get().map_or_else(crate::import::modules, Ref::clone)
}

/// The `-O` level.
pub fn optimize_level() -> u8 {
    // Relaxed: set before any Python code runs.
    OPTIMIZE.load(Ordering::Relaxed)
}

/// `-X importtime`.
pub fn import_time() -> u8 {
    // Relaxed: set before any Python code runs.
    IMPORT_TIME.load(Ordering::Relaxed)
}

/// Whether the process is ending: only one thread goes on running Python code.
pub fn is_finalizing() -> bool {
    finalizer() != 0
}

/// The thread that ends the process; 0: it is not ending.
pub fn finalizer() -> u64 {
    // Acquire pairs with the release in `finish`.
    FINALIZER.load(Ordering::Acquire)
}

impl Runtime {
    /// Starts the runtime in the current thread, which becomes the main thread.
    ///
    /// # Errors
    /// What the library's start-up modules raise.
    pub fn start(config: &Config) -> Result<Runtime> {
        skein_gc::mutator::register(1);
        skein_gc::publish::set_alone(true);
        if let Some(seed) = config.hash_seed {
            skein_object::layouts::str::set_hash_seed(seed);
        }
        if let Some(n) = config.int_max_str_digits {
            skein_types::int::new::MAX_STR_DIGITS.store(n as usize, Ordering::Relaxed);
        }
        OPTIMIZE.store(config.optimize, Ordering::Relaxed);
        skein_types::str_::codec::CHECK_ERRORS.store(config.dev_mode, Ordering::Relaxed);
        IMPORT_TIME.store(config.import_time, Ordering::Relaxed);
        let cx = Context::enter();
        crate::hooks::install();
        let stacks = Stacks::install(cx, true)?;
        crate::threads::set_main(cx);
        skein_stdlib_posix::signal::set_main_thread();
        skein_stdlib_posix::signal::install_defaults();
        skein_types::startup::ready()?;
        for leaf in [
            &s::INT,
            &s::BOOL,
            &s::FLOAT,
            &s::COMPLEX,
            &s::STR,
            &s::BYTES,
            &skein_types::bytearray::BYTEARRAY,
            &s::METHOD_DESCRIPTOR_TYPE,
        ] {
            leaf.class().leaf.set(true);
        }
        skein_object::layouts::exception::preallocate();
        crate::generators::ready()?;
        crate::frames::ready()?;
        crate::sys::ready()?;
        crate::threads::ready()?;
        let runtime = Runtime { cx, _stacks: stacks };
        let modules = crate::import::modules();
        let builtins = skein_types::builtins::module()?;
        let _ = BUILTINS.set(crate::import::dict_of(&builtins));
        dict::set_str(&modules, "builtins", builtins)?;
        let sys = crate::sys::create(cx, config)?;
        context::set_sys_dict(crate::import::dict_of(&sys));
        dict::set_str(&modules, "sys", sys.clone())?;
        if std::env::var_os("SKEIN_BARE").is_none() {
            crate::import::install_importlib(cx, &sys)?;
            crate::modules::install_streams(cx, config)?;
            // So that SIGINT has its handler.
            crate::import::import_module(cx, "_signal")?;
            if !config.no_site {
                crate::import::import_module(cx, "site")?;
            }
        }
        Ok(runtime)
    }
}

/// Writes to `sys.stderr`, or to the descriptor if there is none. Nothing is written if it is None.
pub fn write_stderr(cx: &Context, text: &str) {
    let stream = context::sys_attr(&intern::name("stderr"));
    if stream.as_ref().is_some_and(s::is_none) {
        return;
    }
    if let Some(f) = stream
        && let Ok(t) = str::from_str(text)
        && protocol::call_method(cx, &f, names::write(), &[t]).is_ok()
    {
        return;
    }
    // Nothing is left to report a failure to.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn is_closed(cx: &Context, file: &Ref) -> bool {
    protocol::getattr_str(cx, file, "closed")
        .and_then(|c| protocol::is_true(cx, &c))
        .unwrap_or(false)
}

/// Flushes `sys.stdout` and `sys.stderr`, if they are open; false if one could not be.
pub fn flush_streams(cx: &Context) -> bool {
    let mut good = true;
    for name in ["stdout", "stderr"] {
        if let Some(f) = context::sys_attr(&intern::name(name)).filter(|x| !s::is_none(x) && !is_closed(cx, x))
            && let Err(e) = protocol::call_method(cx, &f, names::flush(), &[])
        {
            good = false;
            // What cannot be written to stderr cannot be reported.
            if name == "stdout" {
                let what = Some("Exception ignored while flushing sys.stdout");
                crate::report::unraisable(cx, e, what, &s::none());
            }
        }
    }
    good
}

/// Runs a configuration to its end.
pub fn run(config: Config) -> i32 {
    let runtime = match Runtime::start(&config) {
        Ok(r) => r,
        Err(e) => {
            let cx = Context::current();
            // Without a library there is no better report.
            crate::report::plain(cx, &e);
            return 1;
        }
    };
    let cx = runtime.cx;
    let main = match main_module(cx) {
        Ok(m) => m,
        Err(e) => {
            crate::report::plain(cx, &e);
            return 1;
        }
    };
    let asks = asks_at_terminal(&config);
    let outcome = if asks {
        prepend_path(cx, &config, "").map(|()| crate::prompt::run(cx, &config, &main, true))
    } else {
        run_program(cx, &config, &main).map(|()| 0)
    };
    let mut interrupted = false;
    let mut inspect = config.inspect;
    let mut code = match outcome {
        Ok(code) => code,
        Err(e) => {
            inspect |= wants_inspection(&config);
            match crate::report::uncaught(cx, &e, inspect) {
                Some(code) => code,
                None => {
                    interrupted = e.is(&s::KEYBOARD_INTERRUPT);
                    1
                }
            }
        }
    };
    if !asks && (inspect || wants_inspection(&config)) && !CANNOT_OPEN.load(Ordering::Relaxed) {
        interrupted = false;
        code = crate::prompt::run(cx, &config, &main, false);
    }
    let code = finish(cx, code);
    if interrupted {
        die_by_interrupt();
        return 130;
    }
    code
}

/// Whether the prompt takes the place of a program.
fn asks_at_terminal(config: &Config) -> bool {
    matches!(config.program, Program::Stdin | Program::Interactive)
        && (config.interactive || std::io::stdin().is_terminal())
}

/// PYTHONINSPECT, which a program may set for itself.
fn wants_inspection(config: &Config) -> bool {
    !config.ignore_environment && std::env::var_os("PYTHONINSPECT").is_some_and(|v| !v.is_empty())
}

/// Ends the process as the interrupt signal does by itself: a shell that runs a script must know.
#[allow(unsafe_code)]
fn die_by_interrupt() {
    // SAFETY: plain calls of libc; the process has nothing left to do.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::kill(libc::getpid(), libc::SIGINT);
    }
}

/// The end of the process: threads are waited for, exit functions run, streams are flushed.
fn finish(cx: &Context, code: i32) -> i32 {
    crate::finish::join_threads(cx);
    crate::modules::run_exit_functions(cx);
    let flushed = flush_streams(cx);
    FINALIZER.store(cx.ident.get(), Ordering::Release);
    skein_gc::registry::end_others(crate::finish::PATIENCE);
    crate::finish::clear_modules(cx);
    // What failed once is not reported again.
    let flushed = flushed && flush_streams(cx);
    if flushed { code } else { 120 }
}

/// Makes `__main__`; gives its dict.
fn main_module(cx: &Context) -> Result<Ref> {
    let main = crate::import::new_module("__main__")?;
    let d = crate::import::dict_of(&main);
    let builtins = crate::import::loaded(cx, "builtins").unwrap_or_else(s::none);
    dict::set_str(&d, "__builtins__", builtins)?;
    if let Some(b) = crate::import::loaded(cx, "_frozen_importlib") {
        let loader = protocol::getattr_str(cx, &b, "BuiltinImporter")?;
        dict::set_str(&d, "__loader__", loader)?;
    }
    dict::set_str(&crate::import::modules(), "__main__", main)?;
    Ok(d)
}

fn run_program(cx: &Context, config: &Config, d: &Ref) -> Result<()> {
    match &config.program {
        Program::Command(text) => {
            prepend_path(cx, config, "")?;
            run_command(cx, text, d)
        }
        Program::File(path) => run_file(cx, config, path, d),
        Program::Module(name) => {
            prepend_path(
                cx,
                config,
                &std::env::current_dir().map_or_else(|_| String::new(), |p| p.to_string_lossy().into_owned()),
            )?;
            run_module(cx, name, true)
        }
        Program::Stdin | Program::Interactive => {
            prepend_path(cx, config, "")?;
            let mut text = Vec::new();
            if let Err(e) = std::io::Read::read_to_end(&mut std::io::stdin(), &mut text) {
                return Err(skein_object::error::raise(&s::OS_ERROR, e.to_string()));
            }
            dict::set_str(d, "__file__", str::from_str("<stdin>")?)?;
            dict::set_str(d, "__cached__", s::none())?;
            run_text(cx, &text, "<stdin>", d)
        }
    }
}

fn prepend_path(cx: &Context, config: &Config, folder: &str) -> Result<()> {
    if config.isolated || config.safe_path {
        return Ok(());
    }
    if let Some(path) = context::sys_attr(&names::path().clone()) {
        let insert = protocol::getattr_str(cx, &path, "insert")?;
        protocol::call(cx, &insert, &[Ref::small(0), str::from_str(folder)?])?;
    }
    Ok(())
}

fn run_text(cx: &Context, text: &[u8], filename: &str, globals: &Ref) -> Result<()> {
    if text.contains(&0) {
        let text = String::from_utf8_lossy(text);
        return Err(crate::compile::null_bytes(
            &text,
            "source code cannot contain null bytes",
            Some(filename),
        ));
    }
    let code = crate::compile::compile(cx, &str::bytes(text)?, &str::from_str(filename)?, "exec", 0, true, -1)?;
    run_code(cx, &code, globals)
}

/// Runs a code object in a module's dict.
///
/// # Errors
/// What it raises.
pub fn run_code(cx: &Context, code: &Ref, globals: &Ref) -> Result<()> {
    let builtins = crate::hooks::builtins_of(cx, globals)?;
    skein_interpreter::run_code(cx, code, globals, &builtins, None, None).map(drop)
}

/// The text of `-c`. Indentation that all its lines have is taken off.
fn run_command(cx: &Context, text: &str, globals: &Ref) -> Result<()> {
    let text = str::from_str(&dedent(text))?;
    let filename = str::from_str("<string>")?;
    let code = crate::compile::compile(cx, &text, &filename, "exec", 0, true, -1)?;
    crate::library::remember_source(cx, &code, &text, &filename)?;
    run_code(cx, &code, globals)
}

/// Takes off the blanks that all lines begin with which are not empty; lines of blanks become empty.
fn dedent(text: &str) -> String {
    let is_blank = |c: char| c == ' ' || c == '\t';
    let mut margin: Option<&str> = None;
    for line in text.split('\n') {
        let rest = line.trim_start_matches(is_blank);
        if rest.is_empty() {
            continue;
        }
        let indent = &line[..line.len() - rest.len()];
        margin = Some(match margin {
            None => indent,
            Some(m) => {
                let same = m.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count();
                &m[..same]
            }
        });
    }
    let margin = margin.unwrap_or("").len();
    if margin == 0 {
        return text.to_owned();
    }
    let line = |l: &str| {
        l.get(margin..)
            .filter(|_| !l.trim_matches(is_blank).is_empty())
            .unwrap_or("")
            .to_owned()
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn run_module(cx: &Context, name: &str, alter: bool) -> Result<()> {
    let runpy = crate::import::import_module(cx, "runpy")?;
    let f = protocol::getattr_str(cx, &runpy, "_run_module_as_main")?;
    protocol::call(
        cx,
        &f,
        &[str::from_str(name)?, skein_object::layouts::number::bool(alter)],
    )
    .map(drop)
}

/// An exit before anything runs: message and code.
fn cannot_open(config: &Config, path: &str, e: &std::io::Error) -> Error {
    let code = e.raw_os_error().unwrap_or(2);
    let reason = e.to_string();
    let reason = reason.split(" (os error").next().unwrap_or("").to_owned();
    let _ = writeln!(
        std::io::stderr(),
        "{}: can't open file '{}': [Errno {code}] {reason}",
        config
            .orig_argv
            .first()
            .map_or_else(|| "skein".into(), |a| a.to_string_lossy()),
        absolute(path)
    );
    // Relaxed: read by this thread.
    CANNOT_OPEN.store(true, Ordering::Relaxed);
    let e = skein_object::error::raise_args(&s::SYSTEM_EXIT, vec![Ref::small(2)]);
    skein_object::layouts::exception::set_field(&e.0, skein_object::layouts::exception::EXIT_CODE, Ref::small(2));
    e
}

fn absolute(path: &str) -> String {
    match std::env::current_dir() {
        Ok(d) if !path.starts_with('/') => d.join(path).to_string_lossy().into_owned(),
        _ => path.to_owned(),
    }
}

/// Whether a file is a zip archive: its directory stands at the end, behind a comment at most.
fn is_zip(data: &[u8]) -> bool {
    const END: usize = 22;
    let from = data.len().saturating_sub(END + 0xffff);
    data[from..].windows(4).any(|w| w == b"PK\x05\x06")
}

fn run_file(cx: &Context, config: &Config, path: &str, globals: &Ref) -> Result<()> {
    let p = std::path::Path::new(path);
    let folder = p.is_dir();
    let data = if folder {
        Vec::new()
    } else {
        std::fs::read(p).map_err(|e| cannot_open(config, path, &e))?
    };
    if folder || is_zip(&data) {
        if let Some(list_path) = context::sys_attr(names::path())
            && let Some(b) = list_path.body::<skein_object::ListBody>()
        {
            b.0.insert(list_path.holder(), 0, str::from_str(&absolute(path))?)?;
        }
        return run_module(cx, "__main__", false);
    }
    let folder = p
        .canonicalize()
        .ok()
        .and_then(|p| p.parent().map(|d| d.to_string_lossy().into_owned()))
        .unwrap_or_default();
    prepend_path(cx, config, &folder)?;
    let file = str::from_str(&absolute(path))?;
    dict::set_str(globals, "__file__", file.clone())?;
    dict::set_str(globals, "__cached__", s::none())?;
    if let Some(m) = crate::import::loaded(cx, "_frozen_importlib_external") {
        let class = protocol::getattr_str(cx, &m, "SourceFileLoader")?;
        let loader = protocol::call(cx, &class, &[intern::name("__main__"), file])?;
        dict::set_str(globals, "__loader__", loader)?;
    }
    let mut data = data.as_slice();
    if config.skip_first_line {
        // The end of the line stays, so that the others keep their numbers.
        data = &data[data.iter().position(|&b| b == b'\n').unwrap_or(data.len())..];
    }
    run_text(cx, data, &absolute(path), globals)
}
