//! What a step printed: its last lines. However much it prints, so much is kept.

use std::collections::VecDeque;

/// So many lines of a step are kept.
const MOST_LINES: usize = 500;
/// And so many bytes of them.
const MOST_BYTES: usize = 48 << 10;
/// A longer line is cut.
const LONGEST_LINE: usize = 4 << 10;

/// The end of a step's output.
#[derive(Debug, Default)]
pub(super) struct Output {
    lines: VecDeque<String>,
    bytes: usize,
    /// So many lines were before those that are kept.
    dropped: u64,
    /// What has no end of line yet, of standard output and standard error.
    open: [Vec<u8>; 2],
}

impl Output {
    /// Takes in bytes as they come, cut anywhere.
    pub(super) fn push(&mut self, bytes: &[u8], is_error: bool) {
        let stream = usize::from(is_error);
        let mut rest = bytes;
        // Lines that would be pushed out again at once are counted, not kept.
        let n_lines = rest.iter().filter(|byte| **byte == b'\n').count();
        if n_lines > MOST_LINES {
            self.open[stream].clear();
            let skipped = n_lines - MOST_LINES;
            let end = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(skipped - 1);
            rest = end.map_or(rest, |(at, _)| &rest[at + 1..]);
            self.dropped += self.lines.len() as u64 + skipped as u64;
            self.lines.clear();
            self.bytes = 0;
        }
        let mut parts = rest.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            let open = &mut self.open[stream];
            // A line that draws over itself is what it drew last.
            if open.ends_with(b"\r") && !part.is_empty() {
                open.clear();
            }
            let part = match part.strip_suffix(b"\r").unwrap_or(part).iter().rposition(|byte| *byte == b'\r')
            {
                Some(at) => {
                    open.clear();
                    &part[at + 1..]
                }
                None => part,
            };
            let room = LONGEST_LINE.saturating_sub(open.len());
            open.extend_from_slice(&part[..part.len().min(room)]);
            if parts.peek().is_some() {
                self.end_line(stream);
            }
        }
    }

    /// The step ended: what is open is a line.
    pub(super) fn close(&mut self) {
        for stream in [0, 1] {
            if !self.open[stream].is_empty() {
                self.end_line(stream);
            }
        }
    }

    /// Drops all lines: others need the room.
    pub(super) fn forget(&mut self) {
        self.dropped += self.lines.len() as u64;
        (self.lines, self.bytes) = (VecDeque::new(), 0);
    }

    /// So many bytes are kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// So many lines were printed.
    pub(super) fn n_lines(&self) -> u64 {
        self.dropped + self.lines.len() as u64
    }

    /// Those that are kept of the lines from the `from`th on, and the number of the first of them.
    pub(super) fn since(&self, from: u64) -> (u64, impl Iterator<Item = &str>) {
        let first = from.max(self.dropped);
        let skipped = usize::try_from(first - self.dropped).unwrap_or(usize::MAX);
        (first, self.lines.iter().skip(skipped).map(String::as_str))
    }

    fn end_line(&mut self, stream: usize) {
        let open = std::mem::take(&mut self.open[stream]);
        let line = String::from_utf8_lossy(open.strip_suffix(b"\r").unwrap_or(&open)).into_owned();
        self.bytes += line.len();
        self.lines.push_back(line);
        while self.lines.len() > MOST_LINES || self.bytes > MOST_BYTES {
            let Some(first) = self.lines.pop_front() else { break };
            self.bytes -= first.len();
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(chunks: &[&str], expected: &[&str]) {
        let mut output = Output::default();
        chunks.iter().for_each(|chunk| output.push(chunk.as_bytes(), false));
        output.close();
        assert_eq!(output.since(0).1.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn lines_come_out_however_they_were_cut() {
        check(&["on", "e\ntwo\n", "10 %\r100 %\r\n\nla", "st"], &["one", "two", "100 %", "", "last"]);
        check(&["1\r", "2\r", "3\n"], &["3"]);
        check(&["a\u{1b}[31mb\n"], &["a\u{1b}[31mb"]);
    }

    #[test]
    fn a_gigabyte_is_its_last_lines() {
        let mut output = Output::default();
        let chunk = "y\n".repeat(1 << 15);
        for _ in 0..100 {
            output.push(chunk.as_bytes(), false);
        }
        output.push(b"last\n", false);
        assert_eq!(output.n_lines(), 100 * (1 << 15) + 1);
        assert_eq!((output.lines.len(), output.since(0).0), (MOST_LINES, output.n_lines() - 500));
        assert_eq!(output.since(0).1.last(), Some("last"));
        assert_eq!(output.since(output.n_lines()).1.count(), 0);
    }

    #[test]
    fn long_lines_are_cut_and_make_room() {
        let mut output = Output::default();
        output.push(&vec![b'x'; 10_000_000], false);
        assert!(output.open[0].capacity() <= LONGEST_LINE * 2);
        for _ in 0..100 {
            output.push(&vec![b'x'; 10_000], true);
            output.push(b"\n", true);
        }
        assert!(output.bytes() <= MOST_BYTES && output.lines.len() == 12, "{}", output.lines.len());
        output.forget();
        assert_eq!((output.bytes(), output.n_lines(), output.since(0).0), (0, 100, 100));
    }
}
