//! Corrections that are proposed to estimators, as a table.

use crate::render::columns::{clip, width_of};
use crate::render::tone;
use layercast_core::estimate::measured::calibrating::{Proposal, Size, Verdict};
use std::io::{self, Write};

/// The column of names is no wider.
const WIDEST: usize = 32;

/// Writes a row for each estimator and size.
pub(crate) fn write(out: &mut impl Write, proposals: &[Proposal]) -> io::Result<()> {
    if proposals.is_empty() {
        return writeln!(
            out,
            "no measured step tells of an estimator: each stands on several things, or on nothing known"
        );
    }
    let (strong, faint, open) = (tone::STRONG, tone::FAINT, tone::OPEN);
    let room = proposals.iter().map(|it| width_of(&it.by)).max().unwrap_or(0).clamp(9, WIDEST);
    let columns = format!("{:8}  {:>5}  {:>6}  {:>11}  correction", "size", "steps", "median", "spread");
    writeln!(out, "{strong}{:room$}{strong:#}  {faint}{columns}{faint:#}", "estimator")?;
    let mut last = "";
    for proposal in proposals {
        let name = if proposal.by == last { String::new() } else { clip(&proposal.by, room) };
        last = &proposal.by;
        let gap = room.saturating_sub(width_of(&name));
        let size = match proposal.size {
            Size::Unpacked => "unpacked",
            Size::Download => "download",
        };
        let Proposal { steps, median, low, high, .. } = proposal;
        let spread = format!("{low:.2}–{high:.2}");
        write!(out, "{name}{:gap$}  {size}  {steps:>5}  {median:>6.2}  {spread:>11}  ", "")?;
        match proposal.correction {
            Some(ratio) => writeln!(out, "{open}× {ratio:.2}{open:#}{}", words(proposal.verdict))?,
            None => writeln!(out, "{faint}none: {}{faint:#}", words(proposal.verdict))?,
        }
    }
    Ok(())
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Corrected => "",
        Verdict::Capped => ", the most there is",
        Verdict::TooFew => "3 steps at least",
        Verdict::Exact => "lengths of files are exact",
        Verdict::NotOneSided => "not 5 steps that err to one side",
        Verdict::NoBetter => "it would not help",
    }
}
