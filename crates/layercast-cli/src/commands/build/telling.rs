//! Telling how a build goes while it does: on a terminal, line by line, or as JSON.

use crate::builder::{News, Steps, event};
use crate::options::Format;
use crate::output::ColorArg;
use crate::render::build::{Board, Region, write_news};
use anstream::{AutoStream, ColorChoice};
use layercast_core::Report;
use std::io::{self, IsTerminal, Stderr, Write};
use std::time::{Duration, Instant};

/// So often a terminal is drawn anew.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// Where a terminal does not tell how large it is.
const SIZE: (u16, u16) = (80, 24);

/// `--progress`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ProgressArg {
    /// Drawn on a terminal, lines elsewhere.
    #[default]
    Auto,
    /// Lines.
    Plain,
}

/// Writes what comes. The first failure to write is kept until the build is over: it is not stopped in the middle
/// because nobody reads.
pub(super) struct Telling<'a> {
    out: &'a mut dyn Write,
    format: Format,
    terminal: Option<Terminal>,
    failed: Option<io::Error>,
}

/// Standard error, where a person looks at it.
struct Terminal {
    board: Board,
    region: Region<AutoStream<Stderr>>,
    start: Instant,
}

impl<'a> Telling<'a> {
    pub(super) fn new(
        out: &'a mut dyn Write,
        format: Format,
        progress: ProgressArg,
        color: ColorArg,
        plan: &Report,
        steps: &Steps,
    ) -> Self {
        let is_drawn = progress == ProgressArg::Auto && is_for_drawing(format);
        let terminal = is_drawn.then(|| Terminal {
            board: Board::new(plan, |stage| steps.of_stage(stage).to_vec()),
            region: Region::new(AutoStream::always(io::stderr()), has_color(color)),
            start: Instant::now(),
        });
        Self { out, format, terminal, failed: None }
    }

    pub(super) fn news(&mut self, news: &News) {
        if let Some(terminal) = &mut self.terminal {
            terminal.board.take(news, terminal.start.elapsed());
        }
        // A terminal that is drawn on has no room for lines besides; a file beside it has.
        let is_written = self.terminal.is_none() || !io::stdout().is_terminal();
        if is_written && self.failed.is_none() {
            self.failed = self.write(news).err();
        }
    }

    /// Draws what is new since the last time.
    pub(super) fn tick(&mut self) {
        if let Some(terminal) = &mut self.terminal {
            terminal.draw();
        }
    }

    /// Somebody wants the build stopped.
    pub(super) fn stop(&mut self) {
        if let Some(terminal) = &mut self.terminal {
            terminal.board.stop();
            terminal.draw();
        }
    }

    /// Takes away what is not to stay; gives back where the rest is told.
    pub(super) fn done(mut self) -> io::Result<&'a mut dyn Write> {
        self.tick();
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.out),
        }
    }

    fn write(&mut self, news: &News) -> io::Result<()> {
        match self.format {
            Format::Text => write_news(&mut self.out, news)?,
            Format::Json => writeln!(self.out, "{}", event(news))?,
        }
        self.out.flush()
    }
}

impl Terminal {
    /// A terminal that has gone away is no reason to stop a build.
    fn draw(&mut self) {
        let size = terminal_size::terminal_size_of(io::stderr());
        let (width, height) = size.map_or(SIZE, |(width, height)| (width.0, height.0));
        let (width, height) = (usize::from(width), usize::from(height));
        let above = self.board.take_above(width);
        let lines = self.board.lines(self.start.elapsed(), width, height.saturating_sub(1));
        let _ = self.region.draw(&above, &lines, width);
    }
}

/// Whether there is a terminal to draw on that lets itself be drawn on, and nothing else is told there.
fn is_for_drawing(format: Format) -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stderr().is_terminal() && !is_dumb && (format == Format::Text || !io::stdout().is_terminal())
}

fn has_color(color: ColorArg) -> bool {
    match color {
        ColorArg::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
        ColorArg::Always => true,
        ColorArg::Never => false,
    }
}
