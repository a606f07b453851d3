//! Parsing of the command line, as CPython's.

use skein_runtime::{Config, Program};
use std::ffi::OsString;

const USAGE: &str = "usage: skein [option] ... [-c cmd | -m mod | file | -] [arg] ...";

const HELP: &str = "\
Options (and corresponding environment variables):
-b     : issue warnings about converting bytes/bytearray to str and comparing
         bytes/bytearray with str or bytes with int; also PYTHONBYTESWARNING=1
-B     : don't write .pyc files on import; also PYTHONDONTWRITEBYTECODE=x
-c cmd : program passed in as string (terminates option list)
-d     : turn on parser debugging output
-E     : ignore PYTHON* environment variables (such as PYTHONPATH)
-h     : print this help message and exit (also -? or --help)
-i     : inspect interactively after running script; also PYTHONINSPECT=x
-I     : isolate Python from the user's environment (implies -E, -P and -s)
-m mod : run library module as a script (terminates option list)
-O     : remove assert and __debug__-dependent statements; also PYTHONOPTIMIZE=x
-OO    : do -O changes and also discard docstrings
-P     : don't prepend a potentially unsafe path to sys.path; also PYTHONSAFEPATH
-q     : don't print version and copyright messages on interactive startup
-s     : don't add user site directory to sys.path; also PYTHONNOUSERSITE=x
-S     : don't imply 'import site' on initialization
-u     : force the stdout and stderr streams to be unbuffered
-v     : verbose (trace import statements); also PYTHONVERBOSE=x
-V     : print the Python version number and exit (also --version)
         when given twice, print more information about the build
-W arg : warning control; arg is action:message:category:module:lineno
-x     : skip first line of source, allowing use of non-Unix forms of #!cmd
-X opt : set implementation-specific option
file   : program read from script file
-      : program read from stdin (default; interactive mode if a tty)
arg ...: arguments passed to program in sys.argv[1:]
";

fn env(config: &Config, name: &str) -> Option<String> {
    if config.ignore_environment {
        None
    } else {
        std::env::var(name).ok().filter(|v| !v.is_empty())
    }
}

/// Parses and runs; gives the exit code.
pub fn main(args: Vec<OsString>) -> i32 {
    match parse(&args) {
        Ok(config) => skein_runtime::run(config),
        Err(code) => code,
    }
}

fn parse(raw: &[OsString]) -> Result<Config, i32> {
    let args: Vec<String> = raw.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let mut c = Config {
        orig_argv: raw.to_vec(),
        ..Config::default()
    };
    c.executable = std::env::current_exe().map_or_else(
        |_| args.first().cloned().unwrap_or_default(),
        |p| p.to_string_lossy().into_owned(),
    );
    let mut i = 1;
    let mut version = 0;
    let mut program = None;
    'options: while i < args.len() {
        let arg = args[i].as_str();
        match arg {
            "-" => {
                program = Some((Program::Stdin, i));
                break;
            }
            "--" => {
                i += 1;
                break;
            }
            "--help" | "-?" => {
                print!("{USAGE}\n{HELP}");
                return Err(0);
            }
            "--version" => {
                version += 1;
                i += 1;
                continue;
            }
            _ if !arg.starts_with('-') => break,
            _ if arg.starts_with("--") => {
                eprintln!("unknown option {arg}\n{USAGE}\nTry `skein -h' for more information.");
                return Err(2);
            }
            _ => {}
        }
        let letters: Vec<(usize, char)> = arg.char_indices().skip(1).collect();
        for (at, letter) in letters {
            // Options with a value take the rest of the word, or the next word.
            let value = |i: &mut usize| -> Result<String, i32> {
                let rest = &arg[at + letter.len_utf8()..];
                if !rest.is_empty() {
                    return Ok(rest.to_owned());
                }
                *i += 1;
                args.get(*i).cloned().ok_or_else(|| {
                    eprintln!(
                        "Argument expected for the -{letter} option\n{USAGE}\nTry `skein -h' for more information."
                    );
                    2
                })
            };
            match letter {
                'c' => {
                    let text = value(&mut i)?;
                    program = Some((Program::Command(text), i));
                    break 'options;
                }
                'm' => {
                    let name = value(&mut i)?;
                    program = Some((Program::Module(name), i));
                    break 'options;
                }
                'W' => {
                    let v = value(&mut i)?;
                    c.warn_options.push(v);
                    break;
                }
                'X' => {
                    let v = value(&mut i)?;
                    c.x_options.push(v);
                    break;
                }
                'b' => c.bytes_warning += 1,
                'B' => c.dont_write_bytecode = true,
                'd' => c.debug = true,
                'E' => c.ignore_environment = true,
                'h' | '?' => {
                    print!("{USAGE}\n{HELP}");
                    return Err(0);
                }
                'i' => {
                    c.inspect = true;
                    c.interactive = true;
                }
                'I' => {
                    c.isolated = true;
                    c.ignore_environment = true;
                    c.no_user_site = true;
                    c.safe_path = true;
                }
                'O' => c.optimize = (c.optimize + 1).min(2),
                'P' => c.safe_path = true,
                'q' => c.quiet = true,
                'R' => c.random_hash = true,
                's' => c.no_user_site = true,
                'S' => c.no_site = true,
                'u' => c.unbuffered = true,
                'v' => c.verbose += 1,
                'V' => version += 1,
                'x' => c.skip_first_line = true,
                _ => {
                    eprintln!("Unknown option: -{letter}\n{USAGE}\nTry `skein -h' for more information.");
                    return Err(2);
                }
            }
        }
        i += 1;
    }
    if version > 0 {
        println!("{}", skein_runtime::version_line(version > 1));
        return Err(0);
    }
    let rest = match program {
        Some((p, at)) => {
            let first = match &p {
                Program::Command(_) => "-c",
                Program::Module(_) => "-m",
                _ => "-",
            };
            c.program = p;
            c.argv = vec![first.into()];
            at + 1
        }
        None => match args.get(i) {
            Some(file) => {
                c.program = Program::File(file.clone());
                c.argv = vec![raw[i].clone()];
                i + 1
            }
            None => {
                c.argv = vec![OsString::new()];
                i
            }
        },
    };
    c.argv.extend(raw.get(rest..).unwrap_or(&[]).iter().cloned());
    environment(&mut c)?;
    Ok(c)
}

fn environment(c: &mut Config) -> Result<(), i32> {
    let number = |v: String| v.parse::<u8>().unwrap_or(1).max(1);
    if let Some(v) = env(c, "PYTHONOPTIMIZE") {
        c.optimize = c.optimize.max(number(v).min(2));
    }
    c.dont_write_bytecode |= env(c, "PYTHONDONTWRITEBYTECODE").is_some();
    c.no_user_site |= env(c, "PYTHONNOUSERSITE").is_some();
    c.unbuffered |= env(c, "PYTHONUNBUFFERED").is_some();
    c.safe_path |= env(c, "PYTHONSAFEPATH").is_some();
    c.inspect |= env(c, "PYTHONINSPECT").is_some();
    c.dev_mode = c.x_options.iter().any(|x| x == "dev") || env(c, "PYTHONDEVMODE").is_some();
    if let Some(v) = env(c, "PYTHONWARNINGS") {
        let mut w: Vec<String> = v.split(',').map(str::to_owned).collect();
        w.append(&mut c.warn_options);
        c.warn_options = w;
    }
    if c.dev_mode {
        c.warn_options.insert(0, "default".into());
    }
    match c.bytes_warning {
        0 => {}
        1 => c.warn_options.push("default::BytesWarning".into()),
        _ => c.warn_options.push("error::BytesWarning".into()),
    }
    if let Some(v) = env(c, "PYTHONVERBOSE") {
        c.verbose = c.verbose.max(number(v));
    }
    c.debug |= env(c, "PYTHONDEBUG").is_some();
    let option = |c: &Config, name: &str| {
        c.x_options.iter().rev().find_map(|x| match x.split_once('=') {
            Some((k, v)) if k == name => Some(v.to_owned()),
            None if x == name => Some(String::new()),
            _ => None,
        })
    };
    c.pycache_prefix = option(c, "pycache_prefix")
        .or_else(|| env(c, "PYTHONPYCACHEPREFIX"))
        .filter(|p| !p.is_empty());
    c.import_time = option(c, "importtime")
        .or_else(|| env(c, "PYTHONPROFILEIMPORTTIME"))
        .map_or(0, |v| if v == "2" { 2 } else { 1 });
    let digits = option(c, "int_max_str_digits").map(|v| (v, "-X int_max_str_digits"));
    let digits = digits.or_else(|| env(c, "PYTHONINTMAXSTRDIGITS").map(|v| (v, "PYTHONINTMAXSTRDIGITS")));
    if let Some((v, name)) = digits {
        match v.parse::<i32>() {
            Ok(n) if n == 0 || n >= 640 => c.int_max_str_digits = Some(n),
            _ => {
                eprintln!(
                    "Fatal Python error: config_init_int_max_str_digits: {name}: invalid limit; must be >= 640 or 0 for unlimited.\nPython runtime state: preinitialized"
                );
                return Err(1);
            }
        }
    }
    if let Some(v) = env(c, "PYTHONPATH") {
        c.python_path = v.split(':').map(str::to_owned).collect();
    }
    if let Some(v) = env(c, "PYTHONHASHSEED")
        && v != "random"
        && !c.random_hash
    {
        match v.parse::<u32>() {
            Ok(n) => c.hash_seed = Some(n as u64),
            Err(_) => {
                eprintln!(
                    "Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]"
                );
                return Err(1);
            }
        }
    }
    Ok(())
}
