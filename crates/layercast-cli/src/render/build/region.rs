//! The lines at the bottom of a terminal that are drawn anew while a build runs.
//!
//! **Invariant:** the cursor is never hidden and stands at the beginning of the line below the region. So whatever ends
//! the program, at any moment, leaves whole lines; and the `^C` that a terminal echoes moves nothing.

use crate::render::columns::width_of;
use anstream::adapter::strip_str;
use std::io::{self, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// A panic wrote its message below the region: what was drawn stays where it is.
static IS_LEFT: AtomicBool = AtomicBool::new(false);

/// What stands from the cursor on is cleared.
const END_OF_LINE: &str = "\x1b[K";
const END_OF_SCREEN: &str = "\x1b[J";

/// The region, drawn to `out`.
#[derive(Debug)]
pub(crate) struct Region<W: Write> {
    out: W,
    has_color: bool,
    /// The columns of each line that is drawn.
    drawn: Vec<usize>,
}

impl<W: Write> Region<W> {
    pub(crate) fn new(out: W, has_color: bool) -> Self {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let told = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                IS_LEFT.store(true, Ordering::Relaxed);
                told(panic);
            }));
        });
        Self { out, has_color, drawn: Vec::new() }
    }

    /// Writes `above` where the region was, to stay there, and `lines` below as the region. None of `lines` may be as
    /// wide as `width`.
    pub(crate) fn draw(&mut self, above: &[String], lines: &[String], width: usize) -> io::Result<()> {
        if IS_LEFT.swap(false, Ordering::Relaxed) {
            self.drawn.clear();
        }
        // Where the terminal has become narrower it broke what was drawn into more lines.
        let rows: usize = self.drawn.iter().map(|columns| columns.div_ceil(width.max(1)).max(1)).sum();
        let mut text = if rows > 0 { format!("\x1b[{rows}A\r") } else { "\r".to_owned() };
        if !above.is_empty() {
            text += END_OF_SCREEN;
        }
        for line in above {
            self.add(&mut text, line);
            text.push('\n');
        }
        for line in lines {
            self.add(&mut text, line);
            text += END_OF_LINE;
            text.push('\n');
        }
        text += END_OF_SCREEN;
        self.drawn = lines.iter().map(|line| strip_str(line).map(width_of).sum()).collect();
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    fn add(&self, text: &mut String, line: &str) {
        if self.has_color {
            *text += line;
        } else {
            text.extend(strip_str(line));
        }
    }
}

impl<W: Write> Drop for Region<W> {
    /// In a panic its message stands below the region already.
    fn drop(&mut self) {
        if !self.drawn.is_empty() && !std::thread::panicking() {
            // Nobody is left to hear of a terminal that has gone away.
            let _ = self.draw(&[], &[], usize::MAX);
        }
    }
}
