//! Runs the interpreter over the scripts and cases of this folder. What a case says is in Python or in plain text; this
//! file only runs processes and compares.
//!
//! * `python/**/*.py`, `races/*.py`, `regress/*.py`: one process each, in the repository's root; passed if it exits
//!   with 0. Names that begin with `_` are helpers.
//! * `command/*.txt`: command lines, in the format that [`Case`] describes.
//! * the programs of `benches/programs`, small, with one and with three threads.
//!
//! `pending.txt` lists what does not pass yet, `path  reason` on each line. A pending script that passes fails the run, so
//! that the list can only shrink. `SKEIN_TEST=part-of-a-path` runs only what matches.
//!
//! What fails is said at once, past the test harness's capture, and again with all else at the end; the last line names it.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Ten times what the longest script takes on a quiet machine.
const LIMIT: Duration = Duration::from_secs(120);
const AT_A_TIME: usize = 2;

/// The tests of this file take turns: each runs several processes by itself.
static TURN: Mutex<()> = Mutex::new(());

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// How a process ended, and what it wrote.
struct Outcome {
    /// The exit code; None if it was killed by a signal or by the limit.
    code: Option<i32>,
    end: String,
    stdout: String,
    stderr: String,
}

/// Runs the interpreter. `label` names the files that take its output.
fn run(label: &str, args: &[String], stdin: &str, folder: &Path) -> Outcome {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let name = label.replace(['/', '.', ' '], "_");
    let file = |kind: &str| scratch.join(format!("{name}.{kind}"));
    fs::write(file("in"), stdin).expect("write to the target folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_skein"))
        .args(args)
        .current_dir(folder)
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONUNBUFFERED")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::from(File::open(file("in")).expect("open")))
        .stdout(Stdio::from(File::create(file("out")).expect("create")))
        .stderr(Stdio::from(File::create(file("err")).expect("create")))
        .spawn()
        .expect("start the interpreter");
    let start = Instant::now();
    let status = loop {
        match child.try_wait().expect("wait for the interpreter") {
            Some(status) => break Some(status),
            None if start.elapsed() > LIMIT => {
                child.kill().expect("kill");
                child.wait().expect("wait");
                break None;
            }
            None => thread::sleep(Duration::from_millis(3)),
        }
    };
    let read = |kind: &str| String::from_utf8_lossy(&fs::read(file(kind)).expect("read")).into_owned();
    let outcome = Outcome {
        code: status.and_then(|s| s.code()),
        end: status.map_or(format!("no end after {} s", LIMIT.as_secs()), |s| s.to_string()),
        stdout: read("out"),
        stderr: read("err"),
    };
    for kind in ["in", "out", "err"] {
        let _ = fs::remove_file(file(kind));
    }
    outcome
}

/// All files below `folder` (relative to the root) with this ending, sorted, without helpers.
fn files(folder: &str, ending: &str) -> Vec<String> {
    fn walk(folder: PathBuf, ending: &str, into: &mut Vec<String>) {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("read a folder").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                walk(path, ending, into);
            } else if name.ends_with(ending) && !name.starts_with('_') {
                let path = path.strip_prefix(root()).expect("below the root");
                into.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    let mut found = Vec::new();
    walk(root().join(folder), ending, &mut found);
    found.retain(|path| std::env::var("SKEIN_TEST").map_or(true, |part| path.contains(&part)));
    found.sort();
    found
}

/// The lines of `pending.txt`: path and reason.
fn pending() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("tests/pending.txt")).expect("tests/pending.txt");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (path, reason) = line
                .split_once("  ")
                .unwrap_or_else(|| panic!("no reason in pending.txt: {line}"));
            assert!(
                root().join(path).exists(),
                "pending.txt names what is not there: {path}"
            );
            (path.to_string(), reason.trim().to_string())
        })
        .collect()
}

/// Calls `check` on every path, several at a time, and fails with all that failed.
fn check_all(paths: Vec<String>, check: impl Fn(&str) -> Result<(), String> + Sync) {
    let _turn = TURN.lock();
    let pending = pending();
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let worker = || {
        // Relaxed: only hands out numbers.
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let failure = match (check(path), pending.get(path)) {
                (Ok(()), None) | (Err(_), Some(_)) => continue,
                (Err(text), None) => text,
                (Ok(()), Some(_)) => "passes now: take it off tests/pending.txt".to_string(),
            };
            let text = format!("{path}: {failure}");
            // Not by `eprintln!`, which is captured, and lost when only the end of the output is kept.
            let _ = writeln!(std::io::stderr().lock(), "FAILED {text}");
            failures.lock().expect("not poisoned").push((path.clone(), text));
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(worker);
        }
    });
    let mut failures = failures.into_inner().expect("not poisoned");
    failures.sort();
    let (names, texts): (Vec<_>, Vec<_>) = failures.into_iter().unzip();
    assert!(
        names.is_empty(),
        "{} of {} failed\n\n{}\n\nfailed: {}",
        names.len(),
        paths.len(),
        texts.join("\n\n"),
        names.join(" ")
    );
}

/// The last lines of a text.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n    ")
}

fn script(path: &str) -> Result<(), String> {
    let outcome = run(path, &[path.to_string()], "", root());
    if outcome.code == Some(0) {
        return Ok(());
    }
    Err(format!(
        "{}\n    {}\n    {}",
        outcome.end,
        tail(&outcome.stdout),
        tail(&outcome.stderr)
    ))
}

#[test]
fn scripts() {
    check_all(files("tests/python", ".py"), script);
}

#[test]
fn races() {
    check_all(files("tests/races", ".py"), script);
}

#[test]
fn regressions() {
    check_all(files("tests/regress", ".py"), script);
}

#[test]
fn programs() {
    check_all(files("benches/programs", ".py"), |path| {
        let run = |threads: &str| {
            let args = [path, "--threads", threads, "--size", "8"].map(str::to_string);
            let outcome = run(path, &args, "", root());
            match outcome.stdout.split_whitespace().collect::<Vec<_>>()[..] {
                ["OK", checksum, _seconds] if outcome.code == Some(0) => Ok(checksum.to_string()),
                _ => Err(format!(
                    "{}\n    {}\n    {}",
                    outcome.end,
                    outcome.stdout,
                    tail(&outcome.stderr)
                )),
            }
        };
        let (one, three) = (run("1")?, run("3")?);
        if one == three {
            Ok(())
        } else {
            Err(format!("one thread says {one}, three say {three}"))
        }
    });
}

#[test]
fn command_line() {
    check_all(files("tests/command", ".txt"), |path| {
        let text = fs::read_to_string(root().join(path)).expect("read a case");
        Case::parse(&text).and_then(|case| case.check(path))
    });
}

/// A command line and what comes of it.
///
/// ```text
/// what this case shows (ignored)
/// --- args            one argument on each line; \n is a new line
/// -c
/// print(input())
/// --- file main.py    written into the folder that the interpreter runs in; any number of files
/// --- stdin
/// hello
/// --- stdout          what is not said is expected to be empty
/// hello
/// --- stderr
/// --- exit            0 if it is not said
/// 0
/// ```
///
/// In the expected output a line `...` stands for any number of lines, `{folder}` for the folder that the interpreter
/// runs in, `{skein}` for the interpreter's path.
#[derive(Default)]
struct Case {
    args: Vec<String>,
    files: Vec<(String, String)>,
    stdin: String,
    stdout: String,
    stderr: String,
    exit: i32,
}

impl Case {
    fn parse(text: &str) -> Result<Case, String> {
        let mut case = Case::default();
        let mut sections: Vec<(&str, String)> = Vec::new();
        for line in text.lines() {
            if let Some(title) = line.strip_prefix("--- ") {
                sections.push((title.trim(), String::new()));
            } else if let Some((_, body)) = sections.last_mut() {
                body.push_str(line);
                body.push('\n');
            }
        }
        for (title, body) in sections {
            match title.split_once(' ').unwrap_or((title, "")) {
                ("args", _) => case.args = body.lines().map(|line| line.replace("\\n", "\n")).collect(),
                ("file", name) => case.files.push((name.trim().to_string(), body)),
                ("stdin", _) => case.stdin = body,
                ("stdout", _) => case.stdout = body,
                ("stderr", _) => case.stderr = body,
                ("exit", _) => case.exit = body.trim().parse().map_err(|_| format!("not an exit code: {body}"))?,
                _ => return Err(format!("no such section: {title}")),
            }
        }
        Ok(case)
    }

    fn check(&self, path: &str) -> Result<(), String> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(path.replace(['/', '.'], "_") + "_folder");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("make a folder");
        for (name, text) in &self.files {
            let file = folder.join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("make a folder");
            fs::write(file, text).expect("write a file");
        }
        let folder = folder.canonicalize().expect("the folder");
        let outcome = run(path, &self.args, &self.stdin, &folder);
        let fill = |text: &str| {
            text.replace("{folder}", &folder.to_string_lossy())
                .replace("{skein}", env!("CARGO_BIN_EXE_skein"))
        };
        let mut wrong = Vec::new();
        if outcome.code != Some(self.exit) {
            wrong.push(format!("{}, expected exit code {}", outcome.end, self.exit));
        }
        for (name, got, expected) in [
            ("stdout", &outcome.stdout, fill(&self.stdout)),
            ("stderr", &outcome.stderr, fill(&self.stderr)),
        ] {
            let (got_lines, expected_lines): (Vec<_>, Vec<_>) = (got.lines().collect(), expected.lines().collect());
            if !matches(&got_lines, &expected_lines) {
                wrong.push(format!("{name}:\n{got}  expected:\n{expected}"));
            }
        }
        let _ = fs::remove_dir_all(&folder);
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n  "))
        }
    }
}

/// Whether the lines are as expected; `...` stands for any number of lines.
fn matches(got: &[&str], expected: &[&str]) -> bool {
    match expected {
        [] => got.is_empty(),
        ["...", rest @ ..] => (0..=got.len()).any(|n| matches(&got[n..], rest)),
        [line, rest @ ..] => got.first() == Some(line) && matches(&got[1..], rest),
    }
}
