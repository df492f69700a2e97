//! Rows of a stack of layers, laid out in columns: line, tree, text, two sizes.

use crate::render::tone;
use anstyle::Style;
use std::io::{self, Write};
use unicode_width::UnicodeWidthChar;

/// The width of a size, with the sign that says "at least": `≥ 135.7 MB`.
const SIZE: usize = 11;
/// The width of a line's number.
const LINE: usize = 5;
/// Where nobody tells how wide the paper is.
const PIPED: u16 = 100;

/// One row.
#[derive(Default)]
pub(super) struct Row {
    /// The line in the Dockerfile.
    pub(super) line: Option<usize>,
    /// The branches that lead to it.
    pub(super) tree: &'static str,
    /// What it is about.
    pub(super) text: String,
    /// How that is shown.
    pub(super) style: Style,
    /// What is said of it at the right, where there are no sizes.
    pub(super) remark: String,
    /// How that is shown.
    pub(super) remark_style: Style,
    /// Unpacked and download, already written.
    pub(super) sizes: Option<[String; 2]>,
    /// How those are shown.
    pub(super) sizes_style: Style,
}

/// How many columns there are to fill.
pub(super) fn paper_width() -> usize {
    let terminal = terminal_size::terminal_size().map(|(width, _)| width.0);
    usize::from(terminal.unwrap_or(PIPED).clamp(60, 120))
}

/// Writes `row`, cut to `width`.
pub(super) fn write_row(out: &mut impl Write, row: &Row, width: usize) -> io::Result<()> {
    let line = row.line.map(|line| line.to_string()).unwrap_or_default();
    let faint = tone::FAINT;
    let sizes = if row.sizes.is_some() { 2 * (SIZE + 1) } else { 0 };
    let remark_width = if row.remark.is_empty() { 0 } else { width_of(&row.remark) + 2 };
    let room = width.saturating_sub(LINE + 2 + width_of(row.tree) + sizes);
    let text = clip(&row.text, room.saturating_sub(remark_width).max(12));
    let remark = clip(&row.remark, room.saturating_sub(width_of(&text) + 2));
    let gap = room.saturating_sub(width_of(&text) + width_of(&remark));
    let (style, remark_style) = (row.style, row.remark_style);
    write!(out, "{faint}{line:>LINE$}  {}{faint:#}{style}{text}{style:#}", row.tree)?;
    if !remark.is_empty() || row.sizes.is_some() {
        write!(out, "{:gap$}{remark_style}{remark}{remark_style:#}", "")?;
    }
    if let Some(sizes) = &row.sizes {
        let style = row.sizes_style;
        for size in sizes {
            // The unit of bytes is set as wide as the others, so that digits stand under digits.
            let size = size.strip_suffix(" B").map_or(size.clone(), |digits| format!("{digits}  B"));
            write!(out, " {style}{}{size}{style:#}", " ".repeat(SIZE.saturating_sub(width_of(&size))))?;
        }
    }
    writeln!(out)
}

/// Writes a remark under a row, broken into lines where it is longer than `width`.
pub(super) fn write_under(out: &mut impl Write, tree: &str, text: &str, width: usize) -> io::Result<()> {
    let faint = tone::FAINT;
    let room = width.saturating_sub(LINE + 2 + width_of(tree));
    for line in broken(&clip(text, usize::MAX), room) {
        writeln!(out, "{faint}{:LINE$}  {tree}{line}{faint:#}", "")?;
    }
    Ok(())
}

/// `text` in lines of at most `width` columns where its words allow it.
pub(super) fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width_of(line) + 1 + width_of(word) <= width => *line += &format!(" {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `text` in at most `width` columns, the end cut off where it is longer. What a terminal would obey
/// rather than show is replaced.
pub(super) fn clip(text: &str, width: usize) -> String {
    let obeyed = |letter: &char| {
        letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let shown = text.chars().map(|letter| if obeyed(&letter) { '\u{fffd}' } else { letter });
    if shown.clone().map(columns).sum::<usize>() <= width {
        return shown.collect();
    }
    let mut clipped = String::new();
    let mut used = 1;
    for letter in shown {
        used += columns(letter);
        if used > width {
            break;
        }
        clipped.push(letter);
    }
    clipped.truncate(clipped.trim_end().len());
    if width > 0 {
        clipped.push('…');
    }
    clipped
}

pub(super) fn width_of(text: &str) -> usize {
    text.chars().map(columns).sum()
}

fn columns(letter: char) -> usize {
    letter.width().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_columns() {
        assert_eq!(clip("RUN npm ci", 10), "RUN npm ci");
        assert_eq!(clip("RUN npm ci", 8), "RUN npm…");
        assert_eq!(clip("日本語", 5), "日本…");
        assert_eq!(clip("abc", 0), "");
    }

    #[test]
    fn remarks_are_broken_between_words() {
        assert_eq!(
            broken("ratio of alpine; download by catalogue", 20),
            ["ratio of alpine;", "download by", "catalogue"]
        );
        assert_eq!(broken("docker-library/repo-info", 5), ["docker-library/repo-info"]);
    }

    #[test]
    fn escape_sequences_are_not_obeyed() {
        assert_eq!(clip("RUN \u{1b}[2J", 20), "RUN \u{fffd}[2J");
    }
}
