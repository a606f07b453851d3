//! `open`, `open_code`, `text_encoding`.

use crate::buffered::{self, BUFFERED_RANDOM, BUFFERED_READER, BUFFERED_WRITER};
use crate::stringio::Newline;
use crate::support::{method, says};
use crate::{fileio, text};
use skein_object::error::{Result, type_error, value_error};
use skein_object::native::{Args, Row};
use skein_object::object::RefExt;
use skein_object::{Context, Ref, number, protocol, row, statics as s, str};
use skein_stdlib_os::{arg, import, path};

pub static FUNCTIONS: &[Row] = &[
    row!(
        "open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
        open_row,
        "Open file and return a stream.  Raise OSError upon failure."
    ),
    row!(
        "open_code(path)",
        open_code,
        "Opens the provided file with the intent to import the contents."
    ),
    row!(
        "text_encoding(encoding, stacklevel=2, /)",
        text_encoding,
        "A helper function to choose the text encoding."
    ),
];

struct Mode {
    raw: String,
    updating: bool,
    reading: bool,
    binary: bool,
    text: bool,
}

fn parse(mode: &str) -> Result<Mode> {
    let invalid = || value_error(format!("invalid mode: '{mode}'"));
    let mut m = Mode {
        raw: String::new(),
        updating: false,
        reading: false,
        binary: false,
        text: false,
    };
    let mut kinds = 0;
    for (i, c) in mode.char_indices() {
        if mode[..i].contains(c) {
            return Err(invalid());
        }
        match c {
            'x' | 'r' | 'w' | 'a' => {
                kinds += 1;
                m.raw.insert(0, c);
                m.reading = c == 'r';
            }
            '+' => m.updating = true,
            't' => m.text = true,
            'b' => m.binary = true,
            _ => return Err(invalid()),
        }
    }
    if m.text && m.binary {
        return Err(value_error("can't have text and binary mode at once"));
    }
    if kinds > 1 {
        return Err(value_error("must have exactly one of create/read/write/append mode"));
    }
    if m.updating {
        m.raw.push('+');
    }
    Ok(m)
}

fn optional<'a>(a: Args<'a>, i: usize, name: &str) -> Result<Option<&'a Ref>> {
    match a.opt_not_none(i) {
        Some(r) if !str::is_str(r) => Err(type_error(format!(
            "open() argument '{name}' must be str or None, not {}",
            r.ty().name()
        ))),
        r => Ok(r),
    }
}

fn open_row(cx: &Context, a: Args<'_>) -> Result<Ref> {
    let mode_text = match a.opt(1) {
        None => "r".to_owned(),
        Some(m) => arg::text(m, "open", "'mode'")?,
    };
    let mut buffering = match a.opt(2) {
        None => -1,
        Some(n) => i64::from(arg::int(cx, n)?),
    };
    let (encoding, errors) = (optional(a, 3, "encoding")?, optional(a, 4, "errors")?);
    let newline = optional(a, 5, "newline")?;
    let closefd = arg::flag(cx, a.opt(6), true)?;
    let file = if number::int_value(a.at(0)).is_some() {
        a.at(0).clone()
    } else {
        path::fspath(cx, a.at(0))?
    };
    let mode = parse(&mode_text)?;
    if mode.binary {
        for (given, name) in [(encoding, "an encoding"), (errors, "an errors"), (newline, "a newline")] {
            if given.is_some() {
                return Err(value_error(format!("binary mode doesn't take {name} argument")));
            }
        }
        if buffering == 1 {
            import::warn(
                cx,
                &s::RUNTIME_WARNING,
                "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used",
            )?;
        }
    }
    // A wrong newline is reported after the file was opened, as in CPython, so it is read here but judged below.
    let raw = fileio::open_new(cx, &file, &mode.raw, closefd, a.opt_not_none(7))?;
    let done = |r: Result<Ref>| match r {
        Err(e) => {
            let closed = method(cx, &raw, "close", &[]);
            if let Err(late) = closed {
                skein_object::exception::set_context(&late.0, &e.0);
                return Err(late);
            }
            Err(e)
        }
        r => r,
    };
    done(layers(
        cx,
        &raw,
        &mode,
        &mode_text,
        &mut buffering,
        encoding,
        errors,
        newline,
    ))
}

#[allow(clippy::too_many_arguments)]
fn layers(
    cx: &Context,
    raw: &Ref,
    mode: &Mode,
    mode_text: &str,
    buffering: &mut i64,
    encoding: Option<&Ref>,
    errors: Option<&Ref>,
    newline: Option<&Ref>,
) -> Result<Ref> {
    let tty = *buffering < 0 && fileio::is_tty_at_open(raw)?;
    let mut line = false;
    if (*buffering == 1 && !mode.binary) || tty {
        *buffering = -1;
        line = true;
    }
    if *buffering < 0 {
        let block = fileio::block_size(raw).min(8 << 20);
        *buffering = block.max(crate::DEFAULT_BUFFER_SIZE) as i64;
    }
    if *buffering == 0 {
        if !mode.binary {
            return Err(value_error("can't have unbuffered text I/O"));
        }
        return Ok(raw.clone());
    }
    let ty = if mode.updating {
        if !says(cx, raw, "seekable")? {
            return Err(crate::support::unsupported("File or stream is not seekable."));
        }
        &BUFFERED_RANDOM
    } else if mode.reading {
        &BUFFERED_READER
    } else {
        &BUFFERED_WRITER
    };
    let buffer = buffered::make_over(cx, ty, raw, (*buffering).max(1) as usize)?;
    if mode.binary {
        return Ok(buffer);
    }
    let newline = Newline::parse(&newline.cloned().unwrap_or_else(s::none), false)?;
    let wrapper = text::make_over(cx, &buffer, encoding, errors, newline, line, false)?;
    protocol::setattr(
        cx,
        &wrapper,
        &skein_object::intern::name("mode"),
        &str::from_str(mode_text)?,
    )?;
    Ok(wrapper)
}

/// `open(path, 'rb')` for native code: path is a str or bytes object or an int.
pub fn open_binary(cx: &Context, file: &Ref) -> Result<Ref> {
    let raw = fileio::open_new(cx, file, "r", true, None)?;
    buffered::make_over(cx, &BUFFERED_READER, &raw, crate::DEFAULT_BUFFER_SIZE)
}

fn open_code(cx: &Context, a: Args<'_>) -> Result<Ref> {
    if !str::is_str(a.at(0)) {
        return Err(type_error(format!(
            "open_code() argument 'path' must be str, not {}",
            a.at(0).ty().name()
        )));
    }
    open_binary(cx, a.at(0))
}

fn text_encoding(_: &Context, a: Args<'_>) -> Result<Ref> {
    match a.opt_not_none(0) {
        Some(e) => Ok(e.clone()),
        None => str::from_str("locale"),
    }
}
