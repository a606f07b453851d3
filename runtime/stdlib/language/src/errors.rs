//! SyntaxError as an object: of what the compiler reports.

use skein_compiler::{ErrorKind, SyntaxError};
use skein_object::error::{self, Error, Result, raise, value_error};
use skein_object::layouts::{exception as x, number};
use skein_object::object::RefExt;
use skein_object::types::Type;
use skein_object::{ExceptionBody, statics as s, str, tuple};

/// The message of an error that more input could mend, for those who ask for it.
pub const INCOMPLETE: &str = "incomplete input";

/// A line of a file, with its newline.
fn line_of_file(filename: &str, line: u32) -> Option<String> {
    let data = std::fs::read(filename).ok()?;
    let text = skein_compiler::decode_source(&data, filename).ok()?;
    let found = text.lines().nth((line as usize).checked_sub(1)?)?;
    Some(format!("{found}\n"))
}

/// The exception of a compiler error.
pub fn syntax_error(e: SyntaxError) -> Error {
    let ty: &'static Type = match e.kind {
        ErrorKind::Syntax if e.message == INCOMPLETE => &s::INCOMPLETE_INPUT_ERROR,
        ErrorKind::Syntax => &s::SYNTAX_ERROR,
        ErrorKind::Indentation => &s::INDENTATION_ERROR,
        ErrorKind::Tab => &s::TAB_ERROR,
        ErrorKind::Recursion => return error::recursion_error(e.message),
        ErrorKind::Memory => return error::memory_error(),
        ErrorKind::Overflow => return error::overflow_error(e.message),
        ErrorKind::Value => return value_error(e.message),
    };
    let error = raise(ty, e.message.clone());
    let fill = || -> Result<()> {
        let r = &error.0;
        let text = if e.of_compiler {
            line_of_file(&e.filename, e.line)
        } else {
            e.text.clone()
        };
        let text = match &text {
            Some(t) => str::from_str(t)?,
            None => s::none(),
        };
        let message = str::from_str(&e.message)?;
        let file = str::from_str(&e.filename)?;
        let (line, col, end_line, end_col) = (
            number::int(e.line.into())?,
            number::int(e.col.into())?,
            number::int(e.end_line.into())?,
            number::int(e.end_col.into())?,
        );
        x::set_field(r, x::SYNTAX_MSG, message.clone());
        x::set_field(r, x::SYNTAX_FILENAME, file.clone());
        x::set_field(r, x::SYNTAX_LINENO, line.clone());
        x::set_field(r, x::SYNTAX_OFFSET, col.clone());
        x::set_field(r, x::SYNTAX_TEXT, text.clone());
        x::set_field(r, x::SYNTAX_END_LINENO, end_line.clone());
        x::set_field(r, x::SYNTAX_END_OFFSET, end_col.clone());
        let place = tuple::new(vec![file, line, col, text, end_line, end_col])?;
        if let Some(b) = r.body::<ExceptionBody>() {
            drop(b.args.set(r.holder(), Some(tuple::new(vec![message, place])?)));
        }
        Ok(())
    };
    match fill() {
        Ok(()) => error,
        Err(e) => e,
    }
}
