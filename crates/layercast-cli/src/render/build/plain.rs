//! A build line by line, where nobody looks at it as it runs: a file, a log of CI.

use super::{LINE, is_internal, named, number, seconds, title};
use crate::builder::{News, Step};
use crate::render::bytes::bytes;
use crate::render::columns::{clip, paper_width};
use crate::render::tone;
use anstream::adapter::strip_str;
use std::io::{self, Write};

/// Writes one piece of news.
pub(crate) fn write_news(out: &mut impl Write, news: &News) -> io::Result<()> {
    let (strong, faint) = (tone::STRONG, tone::FAINT);
    match news {
        News::Began(step) if is_internal(step) => Ok(()),
        News::Began(step) => {
            let name = clip(&named(step, title(step)), paper_width().saturating_sub(LINE + 2));
            writeln!(out, "{faint}{}{faint:#}  {strong}{name}{strong:#}", number(step))
        }
        News::Printed { step, line, .. } => {
            let line: String = strip_str(line).collect();
            writeln!(out, "{faint}{}  │{faint:#} {}", number(step), clip(&line, usize::MAX))
        }
        News::Ended(step) => match &step.error {
            Some(error) => {
                let red = tone::ERROR;
                writeln!(out, "{faint}{}{faint:#}  {red}failed{red:#}: {}", number(step), clip(error, 400))
            }
            None if is_internal(step) => Ok(()),
            None => writeln!(out, "{faint}{}  {}{faint:#}", number(step), how_it_ended(step)),
        },
        // How far a download has come is for those who look on.
        News::Progressed { .. } => Ok(()),
        News::Warned(warning) => {
            let (open, line) = (tone::OPEN, warning.line.map(|line| line.to_string()).unwrap_or_default());
            writeln!(
                out,
                "{faint}{line:>LINE$}{faint:#}  {open}remark{open:#}: {}",
                clip(&warning.short, 400)
            )
        }
    }
}

fn how_it_ended(step: &Step) -> String {
    let moved = match step.transferred {
        0 => String::new(),
        moved => format!(", {} transferred", bytes(moved)),
    };
    match step.time {
        _ if step.cached => "cached".to_owned(),
        Some(time) => format!("done in {}{moved}", seconds(time)),
        None => format!("done{moved}"),
    }
}
