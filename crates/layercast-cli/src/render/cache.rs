//! What a change makes run again, as text: every step with its fate and why.

use crate::commands::cache::Answer;
use crate::render::columns::{Row, paper_width, write_row, write_under};
use crate::render::{problems, tone};
use crate::source::Source;
use anstyle::Style;
use layercast_core::cache::lane::{Lane, Times};
use layercast_core::cache::{Fate, Rerun, Step};
use std::io::{self, Write};

/// Writes what `change` makes of the steps of `source`.
pub(crate) fn write(out: &mut impl Write, source: &Source, answer: &Answer<'_>) -> io::Result<()> {
    let Answer { change, rerun, lane, reorders, .. } = answer;
    let (strong, faint) = (tone::STRONG, tone::FAINT);
    let path = &source.path;
    writeln!(out, "{strong}{path}{strong:#} {faint}▸ {change} ▸{faint:#} {}", summary(rerun))?;
    let width = paper_width();
    let mut stage = None;
    for step in &rerun.steps {
        if stage.replace(step.stage) != Some(step.stage) {
            let head = Row { text: step.stage_name.clone(), style: tone::STRONG, ..Row::default() };
            write_row(out, &head, width)?;
        }
        write_step(out, step, width)?;
    }
    if let Some(sentence) = duration(lane) {
        writeln!(out)?;
        write_under(out, "", &sentence, width)?;
    }
    for note in &rerun.notes {
        write_under(out, "", note, width)?;
    }
    for reorder in reorders {
        let fewer =
            if reorder.saves == 1 { "1 step fewer" } else { &format!("{} steps fewer", reorder.saves) };
        write_under(out, "", &format!("{}: {fewer}.", reorder.fix.title), width)?;
        for assumed in &reorder.assumes {
            write_under(out, "  ", &format!("Provided: {assumed}"), width)?;
        }
    }
    problems::write(out, source, rerun.stopped.iter())
}

fn write_step(out: &mut impl Write, step: &Step, width: usize) -> io::Result<()> {
    let (word, style): (&str, Style) = match step.fate {
        Fate::Cached => ("cached", tone::FAINT),
        Fate::MayRerun => ("◌ may rerun", tone::OPEN),
        Fate::Reruns => ("● reruns", tone::STRONG),
    };
    let row = Row {
        line: Some(step.line),
        tree: "  ",
        text: step.text.clone(),
        style: if step.fate == Fate::Cached { tone::FAINT } else { Style::new() },
        remark: word.to_owned(),
        remark_style: style,
        ..Row::default()
    };
    write_row(out, &row, width)?;
    if step.reason.is_empty() { Ok(()) } else { write_under(out, "    ", &step.reason, width) }
}

fn summary(rerun: &Rerun) -> String {
    if rerun.stopped.is_some() {
        return "it does not build".to_owned();
    }
    let all = rerun.steps.len();
    let steps = if all == 1 { "step" } else { "steps" };
    match (rerun.count(Fate::Reruns), rerun.count(Fate::MayRerun)) {
        (0, 0) => format!("nothing reruns of {all} {steps}"),
        (certain, 0) => format!("{certain} of {all} {steps} {}", verb(certain)),
        (0, possible) => format!("{possible} of {all} {steps} may rerun"),
        (certain, possible) => format!("{certain} of {all} {steps} {}, {possible} may", verb(certain)),
    }
}

fn verb(count: usize) -> &'static str {
    if count == 1 { "reruns" } else { "rerun" }
}

/// How long all of it takes, with stages beside one another.
fn duration(lane: &Lane) -> Option<String> {
    let chain = lane.bars.iter().filter(|bar| bar.critical).count();
    let times = lane.times.sentence();
    match lane.times {
        _ if lane.bars.is_empty() => None,
        Times::Equal => Some(format!(
            "At most {} in a row, the rest beside them ({times}).",
            if chain == 1 { "1 step".to_owned() } else { format!("{chain} steps") }
        )),
        Times::Partly | Times::Measured => Some(format!("At most {:.1} s in all ({times}).", lane.end)),
    }
}
