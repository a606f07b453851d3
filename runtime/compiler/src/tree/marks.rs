//! Positions of a tree that has no source text: an artificial text in which every node begins and ends at a place of its
//! own, and a table that says where these places are in the user's file.

use crate::source::Source;
use ruff_text_size::{TextRange, TextSize};
use skein_bytecode::Position;

#[derive(Default)]
pub(crate) struct Marks {
    text: String,
    /// Offset in `text`, line, column: ascending offsets.
    table: Vec<(u32, u32, u32)>,
}

impl Marks {
    fn size(&self) -> TextSize {
        TextSize::try_from(self.text.len()).unwrap_or_default()
    }

    /// A place of its own.
    pub fn mark(&mut self, line: u32, col: u32) -> TextSize {
        let at = self.size();
        self.table.push((at.to_u32(), line, col));
        self.text.push(' ');
        at
    }

    /// The place where a node begins.
    pub fn start(&mut self, p: Position) -> TextSize {
        self.mark(p.line, p.col)
    }

    /// The range of a node whose children lie behind `start`.
    pub fn end(&mut self, start: TextSize, p: Position) -> TextRange {
        TextRange::new(start, self.mark(p.end_line, p.end_col))
    }

    /// The place of a definition behind its decorators: the compiler looks for what is not white space.
    pub fn definition(&mut self, p: Position) -> TextSize {
        let at = self.mark(p.line, p.col);
        self.text.pop();
        self.text.push('d');
        at
    }

    /// Text that the compiler looks at.
    pub fn write(&mut self, text: &str) -> TextRange {
        let start = self.size();
        self.text.push_str(text);
        TextRange::new(start, self.size())
    }

    pub fn source(&self) -> Source<'_> {
        Source::with_table(&self.text, &self.table)
    }
}
