//! The two standard streams: buffered, coloured only where a person reads.

use crate::error::CliError;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::io::{self, BufWriter, Write};

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal, unless NO_COLOR says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<ColorArg> for ColorChoice {
    fn from(arg: ColorArg) -> Self {
        match arg {
            ColorArg::Auto => Self::Auto,
            ColorArg::Always => Self::Always,
            ColorArg::Never => Self::Never,
        }
    }
}

/// Standard output for text: its escape sequences are dropped where no colour is wanted.
pub(crate) fn text(color: ColorArg) -> impl Write {
    BufWriter::with_capacity(1 << 16, AutoStream::new(io::stdout().lock(), color.into()))
}

/// Standard error for text, where standard output holds something else.
pub(crate) fn text_on_stderr(color: ColorArg) -> impl Write {
    AutoStream::new(io::stderr().lock(), color.into())
}

/// Standard output for JSON.
pub(crate) fn json() -> impl Write {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// Tells what failed and what to do about it, on standard error.
pub(crate) fn complain(error: &CliError) {
    let red = AnsiColor::Red.on_default().bold();
    let mut stderr = anstream::stderr().lock();
    // Nobody is left to hear of a standard error that is closed.
    let _ = writeln!(stderr, "{red}error{red:#}: failed to {error}");
    if let Some(hint) = error.hint() {
        note_to(&mut stderr, &hint);
    }
}

/// A line on standard error that is no complaint.
pub(crate) fn say(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// One more sentence on standard error.
pub(crate) fn note(text: &str) {
    note_to(&mut anstream::stderr().lock(), text);
}

fn note_to(stderr: &mut impl Write, text: &str) {
    let bold = Style::new().bold();
    let _ = writeln!(stderr, "  {bold}note{bold:#}: {text}");
}
