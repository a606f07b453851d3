//! Where the lines of the prompt come from: a line editor on a terminal, plain lines elsewhere. The only module that knows
//! which line editor it is.

use rustyline::error::ReadlineError;
use rustyline::{Cmd, Config, DefaultEditor, KeyCode, KeyEvent, Modifiers};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// What was typed.
pub enum Line {
    /// With its end.
    Text(String),
    /// By a key of the line editor.
    Interrupted,
    /// A signal came, which has to be looked at.
    Signal,
    End,
}

/// The lines of standard input.
pub enum Editor {
    Terminal(Box<DefaultEditor>, Option<PathBuf>),
    /// What was read and not yet given out.
    Plain(Vec<u8>),
}

impl Editor {
    /// A line editor if somebody sits there.
    pub fn new(history: Option<PathBuf>) -> Editor {
        let dumb = std::env::var("TERM").is_ok_and(|t| t.is_empty() || t == "dumb");
        if dumb || !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
            return Editor::Plain(Vec::new());
        }
        let config = Config::builder().auto_add_history(false).tab_stop(8).build();
        let Ok(mut editor) = DefaultEditor::with_config(config) else {
            return Editor::Plain(Vec::new());
        };
        editor.bind_sequence(
            KeyEvent(KeyCode::Tab, Modifiers::NONE),
            Cmd::Insert(1, "    ".to_owned()),
        );
        if let Some(path) = &history {
            // There is none the first time.
            let _ = editor.load_history(path);
        }
        Editor::Terminal(Box::new(editor), history)
    }

    /// One line. Touches no objects.
    pub fn line(&mut self, prompt: &str) -> Line {
        match self {
            Editor::Terminal(editor, _) => match editor.readline(prompt) {
                Ok(text) => {
                    if !text.trim().is_empty() {
                        let _ = editor.add_history_entry(text.as_str());
                    }
                    Line::Text(text + "\n")
                }
                Err(ReadlineError::Interrupted) => Line::Interrupted,
                Err(_) => Line::End,
            },
            Editor::Plain(rest) => {
                let mut err = std::io::stderr();
                // A prompt that nobody sees.
                let _ = err.write_all(prompt.as_bytes()).and_then(|()| err.flush());
                plain_line(rest)
            }
        }
    }
}

/// One line of descriptor 0.
#[allow(unsafe_code)]
fn plain_line(rest: &mut Vec<u8>) -> Line {
    loop {
        if let Some(end) = rest.iter().position(|&b| b == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            return Line::Text(String::from_utf8_lossy(&line).into_owned());
        }
        let mut bytes = [0; 4096];
        // Not the buffered stream, which hides interruptions by signals.
        // SAFETY: the descriptor is borrowed for the call; the buffer has that many bytes.
        let n = unsafe { libc::read(0, bytes.as_mut_ptr().cast(), bytes.len()) };
        let read = usize::try_from(n).map_err(|_| std::io::Error::last_os_error());
        match read {
            Ok(0) if rest.is_empty() => return Line::End,
            Ok(0) => {
                let line = std::mem::take(rest);
                return Line::Text(String::from_utf8_lossy(&line).into_owned());
            }
            Ok(n) => rest.extend_from_slice(&bytes[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => return Line::Signal,
            Err(_) => return Line::End,
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if let Editor::Terminal(editor, Some(path)) = self {
            // A history that cannot be written is lost.
            let _ = editor.save_history(path);
        }
    }
}
