//! Limits that are checked before the parser recurses.

use crate::diagnose::{max_depth, nesting_error};
use crate::error::{Error, ErrorKind, Res};
use ruff_text_size::TextRange;

/// Sources up to this size get a stack that is large enough for whatever they hold.
const SMALL: usize = 64 << 10;
/// Stack for one level of syntax in the parser.
const PER_LEVEL: usize = 4 << 10;
const BASE: usize = 4 << 20;
const MAX_LEVELS: usize = 100_000;

/// Bytes of stack to compile `text` with; an error if it is nested too deep.
pub(crate) fn stack_for(text: &str) -> Res<usize> {
    let brackets = text.bytes().filter(|b| matches!(b, b'(' | b'[' | b'{')).count();
    if brackets > 200 {
        if let Some(e) = nesting_error(text) {
            return Err(e);
        }
    }
    if text.len() <= 512 {
        return Ok(text.len() * PER_LEVEL + (1 << 20));
    }
    if text.len() <= SMALL {
        return Ok(BASE + text.len() * PER_LEVEL);
    }
    let levels = max_depth(text);
    if levels > MAX_LEVELS {
        return Err(Error::new(
            ErrorKind::Recursion,
            TextRange::default(),
            "maximum recursion depth exceeded during compilation",
        ));
    }
    Ok(BASE + levels * PER_LEVEL)
}

/// More than 100 levels of indentation are an error.
pub(crate) fn indentation(text: &str) -> Res<()> {
    // Only lines that begin with so many blanks can be that deep.
    let deep = text
        .split(['\n', '\r'])
        .any(|l| l.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count() >= 100);
    if deep {
        if let Some(e) = nesting_error(text) {
            return Err(e);
        }
    }
    Ok(())
}
