//! The text that is compiled, and where its lines are.

use ruff_text_size::TextRange;
use skein_bytecode::Position;

pub(crate) struct Source<'a> {
    pub text: &'a str,
    /// Byte offsets of the starts of lines.
    starts: Vec<u32>,
    /// For a text that stands for a tree: offset, line, column of each place that has a position. See `tree/marks.rs`.
    table: Option<&'a [(u32, u32, u32)]>,
}

impl<'a> Source<'a> {
    pub fn new(text: &'a str) -> Source<'a> {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (i, &b) in bytes.iter().enumerate() {
            if b == b'\n' || (b == b'\r' && bytes.get(i + 1) != Some(&b'\n')) {
                starts.push(i as u32 + 1);
            }
        }
        Source {
            text,
            starts,
            table: None,
        }
    }

    /// A text whose places have the positions of a table.
    pub fn with_table(text: &'a str, table: &'a [(u32, u32, u32)]) -> Source<'a> {
        Source {
            text,
            starts: Vec::new(),
            table: Some(table),
        }
    }

    /// Line from 1, column in bytes from 0.
    pub fn line_col(&self, offset: u32) -> (u32, u32) {
        if let Some(table) = self.table {
            let i = table.partition_point(|&(o, _, _)| o <= offset).max(1) - 1;
            return table.get(i).map_or((1, 0), |&(_, line, col)| (line, col));
        }
        let i = self.starts.partition_point(|&s| s <= offset).max(1) - 1;
        (i as u32 + 1, offset - self.starts.get(i).copied().unwrap_or(0))
    }

    pub fn line_start(&self, line: u32) -> u32 {
        let i = (line.max(1) - 1) as usize;
        self.starts.get(i).copied().unwrap_or(self.text.len() as u32)
    }

    /// Text of a line with its newline.
    pub fn line_text(&self, line: u32) -> &'a str {
        let s = self.line_start(line) as usize;
        let e = self.line_start(line + 1) as usize;
        self.text.get(s..e.max(s)).unwrap_or("")
    }

    /// The text behind a line.
    pub fn text_after(&self, line: u32) -> &'a str {
        self.text.get(self.line_start(line + 1) as usize..).unwrap_or("")
    }

    /// A column in characters, for one in bytes.
    pub fn chars(&self, line: u32, col: u32) -> u32 {
        let text = self.line_text(line);
        text.get(..(col as usize).min(text.len()))
            .map_or(col, |t| t.chars().count() as u32)
    }

    pub fn position(&self, r: TextRange) -> Position {
        let (line, col) = self.line_col(r.start().to_u32());
        let (end_line, end_col) = self.line_col(r.end().to_u32());
        Position {
            line,
            end_line,
            col,
            end_col,
        }
    }
}
