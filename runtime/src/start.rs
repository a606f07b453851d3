//! Start-up and the end of the process.

use skein_interpreter::frame::Stacks;
use skein_object::context;
use skein_object::error::{Error, Result};
use skein_object::intern::names;
use skein_object::object::RefExt;
use skein_object::{Context, Ref, dict, intern, protocol, statics as s, str};
use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

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
    pub argv: Vec<String>,
    pub orig_argv: Vec<String>,
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

/// The dict of `builtins`.
pub fn builtins_dict() -> Ref {
    BUILTINS.get().map_or_else(crate::import::modules, Ref::clone)
}

/// The `-O` level.
pub fn optimize_level() -> u8 {
    // Relaxed: set before any Python code runs.
    OPTIMIZE.load(Ordering::Relaxed)
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
        OPTIMIZE.store(config.optimize, Ordering::Relaxed);
        skein_types::str_::codec::CHECK_ERRORS.store(config.dev_mode, Ordering::Relaxed);
        let cx = Context::enter();
        crate::hooks::install();
        let stacks = Stacks::install(cx, true)?;
        crate::threads::set_main(cx);
        skein_stdlib_posix::signal::set_main_thread();
        skein_stdlib_posix::signal::install_defaults();
        skein_types::startup::ready()?;
        for leaf in [
            &s::INT,
            &s::FLOAT,
            &s::COMPLEX,
            &s::STR,
            &s::BYTES,
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

/// Writes to `sys.stderr`, or to the descriptor if there is none.
pub fn write_stderr(cx: &Context, text: &str) {
    let stream = context::sys_attr(&intern::name("stderr")).filter(|x| !s::is_none(x));
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

/// Flushes `sys.stdout` and `sys.stderr`, if they are open; false if stdout could not be.
pub fn flush_streams(cx: &Context) -> bool {
    let mut good = true;
    for name in ["stdout", "stderr"] {
        if let Some(f) = context::sys_attr(&intern::name(name)).filter(|x| !s::is_none(x) && !is_closed(cx, x))
            && let Err(e) = protocol::call_method(cx, &f, names::flush(), &[])
        {
            // What cannot be written to stderr cannot be reported.
            good = good && name != "stdout";
            let what = Some("Exception ignored while flushing sys.stdout");
            match name {
                "stdout" => crate::report::unraisable(cx, e, what, &f),
                _ => drop(e),
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
    let code = match run_program(cx, &config) {
        Ok(()) => 0,
        Err(e) => crate::report::exit_code(cx, e),
    };
    finish(cx, code)
}

/// The end of the process: threads are waited for, exit functions run, streams are flushed.
fn finish(cx: &Context, code: i32) -> i32 {
    crate::finish::join_threads(cx);
    crate::modules::run_exit_functions(cx);
    let flushed = flush_streams(cx);
    FINALIZER.store(cx.ident.get(), Ordering::Release);
    skein_gc::registry::end_others(crate::finish::PATIENCE);
    crate::finish::clear_modules(cx);
    let flushed = flush_streams(cx) && flushed;
    if flushed { code } else { 120 }
}

fn run_program(cx: &Context, config: &Config) -> Result<()> {
    let main = crate::import::new_module("__main__")?;
    let d = crate::import::dict_of(&main);
    dict::set_str(
        &d,
        "__builtins__",
        crate::import::loaded(cx, "builtins").unwrap_or_else(s::none),
    )?;
    dict::set_str(&crate::import::modules(), "__main__", main)?;
    match &config.program {
        Program::Command(text) => {
            prepend_path(cx, config, "")?;
            run_text(cx, text.as_bytes(), "<string>", &d)
        }
        Program::File(path) => run_file(cx, config, path, &d),
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
            run_text(cx, &text, "<stdin>", &d)
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
    let code = crate::compile::compile(cx, &str::bytes(text)?, &str::from_str(filename)?, "exec", 0, true, -1)?;
    let builtins = crate::hooks::builtins_of(cx, globals)?;
    skein_interpreter::run_code(cx, &code, globals, &builtins, None, None).map(drop)
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
        config.executable,
        absolute(path)
    );
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

fn run_file(cx: &Context, config: &Config, path: &str, globals: &Ref) -> Result<()> {
    let p = std::path::Path::new(path);
    if p.is_dir() || path.ends_with(".zip") || path.ends_with(".pyz") {
        if let Some(list_path) = context::sys_attr(names::path())
            && let Some(b) = list_path.body::<skein_object::ListBody>()
        {
            b.0.insert(list_path.holder(), 0, str::from_str(path)?)?;
        }
        return run_module(cx, "__main__", false);
    }
    let data = std::fs::read(p).map_err(|e| cannot_open(config, path, &e))?;
    let folder = p
        .canonicalize()
        .ok()
        .and_then(|p| p.parent().map(|d| d.to_string_lossy().into_owned()))
        .unwrap_or_default();
    prepend_path(cx, config, &folder)?;
    dict::set_str(globals, "__file__", str::from_str(&absolute(path))?)?;
    dict::set_str(globals, "__cached__", s::none())?;
    run_text(cx, &data, &absolute(path), globals)
}
