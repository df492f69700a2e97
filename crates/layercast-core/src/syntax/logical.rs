//! A line with its continuations joined, and the way back from it to the source.

use crate::text::Range;
use std::borrow::Cow;

/// The text of one instruction as BuildKit sees it, and where each part of it stands in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogicalLine<'a> {
    text: Cow<'a, str>,
    segments: Vec<Segment>,
}

/// A run of the joined text that stands unbroken in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    joined: usize,
    source: usize,
}

impl<'a> LogicalLine<'a> {
    /// A line that begins with `text`, which stands at byte `source`.
    pub fn new(text: &'a str, source: usize) -> Self {
        Self { text: Cow::Borrowed(text), segments: vec![Segment { joined: 0, source }] }
    }

    /// Glues a continuation line on, without a separator.
    pub fn push(&mut self, text: &str, source: usize) {
        let joined = self.text.len();
        self.text.to_mut().push_str(text);
        self.segments.push(Segment { joined, source });
    }

    /// The joined text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the source that a range of the joined text stands on.
    pub fn source_range(&self, joined: Range) -> Range {
        let start = self.source_offset(joined.start);
        if joined.is_empty() {
            return Range::new(start, start);
        }
        Range::new(start, self.source_offset(joined.end - 1) + 1)
    }

    fn source_offset(&self, joined: usize) -> usize {
        let index = self.segments.partition_point(|segment| segment.joined <= joined).max(1) - 1;
        let segment = self.segments[index];
        segment.source + (joined - segment.joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_find_their_way_back_over_continuations() {
        // RUN a \
        //   bc
        let mut line = LogicalLine::new("RUN a ", 0);
        line.push("  bc", 8);
        assert_eq!(line.text(), "RUN a   bc");
        assert_eq!(line.source_range(Range::new(4, 5)), Range::new(4, 5));
        assert_eq!(line.source_range(Range::new(8, 10)), Range::new(10, 12));
        assert_eq!(line.source_range(Range::new(4, 10)), Range::new(4, 12));
        assert_eq!(line.source_range(Range::new(10, 10)), Range::new(12, 12));
    }
}
