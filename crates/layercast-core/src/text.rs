//! Byte ranges into the text the user typed, and which line a byte stands on.
//!
//! **Invariant:** nothing here knows what a Dockerfile is.

use serde::{Deserialize, Serialize};

/// A half-open range of byte offsets into the source text. In JSON: `[start, end]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(usize, usize)", into = "(usize, usize)")]
pub struct Range {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Range {
    /// The range from `start` up to, not including, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The piece of `text` that this range covers; empty where the range does not fit the text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// Length in bytes.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// True where the range covers no byte.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// True where `offset` lies inside the range or at its end.
    pub const fn touches(self, offset: usize) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// The smallest range that holds both.
    pub fn cover(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

impl From<(usize, usize)> for Range {
    fn from((start, end): (usize, usize)) -> Self {
        Self { start, end }
    }
}

impl From<Range> for (usize, usize) {
    fn from(range: Range) -> Self {
        (range.start, range.end)
    }
}

/// Where each line of a text begins. Lines are counted from 1 and end at `\n` alone, as BuildKit has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<usize>,
    len: usize,
}

impl LineIndex {
    /// Finds the lines of `text`.
    pub fn new(text: &str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let mut starts = Vec::with_capacity(text.len() / 32 + 1);
        starts.extend(std::iter::once(0).chain(newlines));
        Self { starts, len: text.len() }
    }

    /// The line, from 1, that holds the byte at `offset`; past the end of the text, its last line.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// The bytes of line `line` (from 1), its newline included; empty where there is no such line.
    pub fn range(&self, line: usize) -> Range {
        let Some(start) = line.checked_sub(1).and_then(|index| self.starts.get(index)) else {
            return Range::new(self.len, self.len);
        };
        Range::new(*start, self.starts.get(line).copied().unwrap_or(self.len))
    }

    /// How many lines the text has; one even where it is empty.
    pub fn count(&self) -> usize {
        self.starts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_newlines_alone() {
        let index = LineIndex::new("FROM a\r\nRUN b\n");
        assert_eq!((index.line(0), index.line(7), index.line(8), index.line(99)), (1, 1, 2, 3));
        assert_eq!(index.range(2), Range::new(8, 14));
        assert_eq!(index.range(3), Range::new(14, 14));
        assert_eq!(index.range(9), Range::new(14, 14));
    }

    #[test]
    fn a_range_that_does_not_fit_covers_nothing() {
        assert_eq!(Range::new(1, 3).of("ñx"), "");
        assert_eq!(Range::new(0, 2).of("ñx"), "ñ");
    }
}
