//! Diagnostics as text: what is wrong, the lines it stands in, what helps, what would mend it.
//!
//! **Invariant:** nothing is drawn here; `annotate-snippets` draws as rustc does.

use crate::render::columns::{clip, paper_width};
use crate::render::tone;
use crate::source::Source;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};
use layercast_core::diagnostic::{Diagnostic, Fix, Severity};
use layercast_core::text::{LineIndex, Range};
use std::cmp::Reverse;
use std::io::{self, Write};

/// How many letters of a sentence are shown: one may quote a word of many kilobytes.
const LONGEST: usize = 240;

/// Writes diagnostics of one file in the order of its text, a blank line between two.
pub(crate) fn write<'d>(
    out: &mut impl Write,
    source: &Source,
    diagnostics: impl Iterator<Item = &'d Diagnostic>,
) -> io::Result<()> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.range.start, Reverse(diagnostic.severity)));
    let excerpts = Excerpts::new(&source.path, &source.text);
    for (place, diagnostic) in sorted.into_iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        excerpts.write(out, diagnostic)?;
    }
    Ok(())
}

/// One file, ready to show its lines.
struct Excerpts<'a> {
    path: &'a str,
    text: &'a str,
    lines: LineIndex,
    renderer: Renderer,
}

impl<'a> Excerpts<'a> {
    /// The file at `path` with its text.
    fn new(path: &'a str, text: &'a str) -> Self {
        let renderer = Renderer::styled()
            .term_width(paper_width())
            .error(tone::ERROR)
            .warning(tone::OPEN.bold())
            .info(tone::STRONG)
            .help(tone::SHIPS)
            .line_num(tone::FAINT);
        Self { path, text, lines: LineIndex::new(text), renderer }
    }

    /// Writes one diagnostic of the file.
    fn write(&self, out: &mut impl Write, diagnostic: &Diagnostic) -> io::Result<()> {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::INFO,
        };
        let rule = diagnostic.buildkit.unwrap_or(diagnostic.rule);
        let title = level.primary_title(shortened(&diagnostic.message)).id(rule);
        let mut group = match self.excerpt(diagnostic.range) {
            Some(excerpt) => title.element(excerpt),
            None => title.element(Origin::path(self.path).line(diagnostic.line)),
        };
        for note in &diagnostic.notes {
            group = group.element(Level::HELP.message(shortened(note)));
        }
        let mut groups = vec![group];
        groups.extend(diagnostic.fix.as_ref().and_then(|fix| self.suggestion(fix)));
        writeln!(out, "{}", self.renderer.render(&groups))
    }

    /// The lines that hold `range`, which is underlined. None where it is nowhere: in an empty file, or where the
    /// file as a whole is meant.
    fn excerpt(&self, range: Range) -> Option<Snippet<'a, Annotation<'a>>> {
        if range == Range::default() || self.text.get(range.start..range.end).is_none() {
            return None;
        }
        let (mut window, mut line) = self.window(range);
        let is_blank = window.of(self.text).trim().is_empty();
        if is_blank {
            // A blank line says nothing alone.
            (window, line) = self.window(Range::new(window.start.saturating_sub(1), window.end + 1));
        }
        // Line ends are not underlined: they would be drawn at the line below.
        let shown = Range::new(range.start, range.start + range.of(self.text).trim_end().len());
        let underline = AnnotationKind::Primary.span(within(shown, window));
        Some(self.snippet(window, line).path(self.path).fold(!is_blank).annotation(underline))
    }

    /// The text after the fix, beside the text before.
    fn suggestion(&self, fix: &Fix) -> Option<Group<'_>> {
        let whole = fix.edits.iter().map(|edit| edit.range).reduce(Range::cover)?;
        let (window, line) = self.window(whole);
        let title = Level::HELP.secondary_title(shortened(&fix.title));
        // The library cuts long lines only where it underlines.
        if window.of(self.text).lines().any(|line| line.len() > LONGEST) {
            return Some(Group::with_title(title));
        }
        let patches = fix.edits.iter().map(|edit| Patch::new(within(edit.range, window), edit.text.clone()));
        Some(title.element(self.snippet(window, line).patches(patches)))
    }

    /// The whole lines that hold `range`, and the number of the first.
    fn window(&self, range: Range) -> (Range, usize) {
        let first = self.lines.line(range.start);
        let last = self.lines.line(range.end.saturating_sub(1).max(range.start));
        (Range::new(self.lines.range(first).start, self.lines.range(last).end), first)
    }

    fn snippet<T: Clone>(&self, window: Range, line: usize) -> Snippet<'a, T> {
        Snippet::source(window.of(self.text)).line_start(line)
    }
}

/// `text` with its middle left out where it is very long.
fn shortened(text: &str) -> String {
    let n_letters = text.chars().count();
    if n_letters <= LONGEST {
        return clip(text, usize::MAX);
    }
    let head: String = text.chars().take(LONGEST / 2).collect();
    let tail: String = text.chars().skip(n_letters - LONGEST / 2).collect();
    clip(&format!("{head}…{tail}"), usize::MAX)
}

fn within(range: Range, window: Range) -> std::ops::Range<usize> {
    range.start - window.start..range.end - window.start
}
