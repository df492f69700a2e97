//! What the editor paints beside and under the text, in the editor's own measures: lines, and UTF-16 offsets.

use crate::bytes::{Bytes, range};
use crate::figures::Role;
use crate::remarks::Remark;
use crate::shared::Shared;
use crate::strings;
use layercast_core::Report;
use layercast_core::diagnostic::Severity;
use layercast_core::json;
use layercast_core::report::Layer;
use std::fmt::Write as _;
use std::rc::Rc;

/// So many problems are underlined; all are counted in the list.
const PROBLEMS: usize = 200;
/// So many lines get a size at their end.
const ADDITIONS: usize = 2_000;

/// Everything the editor paints.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// What is underlined.
    pub problems: Vec<Problem>,
    /// What stands at the end of lines.
    pub additions: Vec<Addition>,
    /// First and last lines of what is not built.
    pub skipped: Vec<(usize, usize)>,
}

/// One underlined piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// First UTF-16 unit.
    pub from: usize,
    /// One past the last.
    pub to: usize,
    /// As CodeMirror has it: `error`, `warning`, `info`.
    pub severity: &'static str,
    /// The sentence, and what helps.
    pub message: String,
}

/// What one line adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The line, from 1.
    pub line: usize,
    /// `+96 MB`.
    pub text: String,
    /// Range and basis, for the pointer that rests on it.
    pub title: String,
    /// `base`, `step`, `big` or `unknown`: how it is painted.
    pub kind: &'static str,
}

/// What marks are made of, once they are needed.
#[derive(Clone, PartialEq)]
pub struct Ground {
    /// The text.
    pub source: Rc<str>,
    /// What is known of it.
    pub report: Shared<Report>,
    /// What is said of it.
    pub remarks: Shared<Vec<Remark>>,
    /// What becomes of its stages.
    pub roles: Shared<Vec<Role>>,
}

impl Ground {
    /// The marks.
    pub fn marks(&self) -> Marks {
        marks(&self.source, &self.report, &self.remarks, &self.roles)
    }
}

impl Marks {
    /// As the editor's script reads them (`www/editor/src/main.js`).
    pub fn to_json(&self) -> String {
        let mut json = "{\"problems\":[".to_owned();
        for (place, Problem { from, to, severity, message }) in self.problems.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            let _ = write!(json, r#"{comma}{{"from":{from},"to":{to},"severity":"{severity}","message":"#);
            json::write_string(&mut json, message);
            json.push('}');
        }
        json.push_str("],\"additions\":[");
        for (place, Addition { line, text, title, kind }) in self.additions.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            let _ = write!(json, r#"{comma}{{"line":{line},"kind":"{kind}","text":"#);
            json::write_string(&mut json, text);
            json.push_str(",\"title\":");
            json::write_string(&mut json, title);
            json.push('}');
        }
        json.push_str("],\"skipped\":[");
        for (place, (first, last)) in self.skipped.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            let _ = write!(json, "{comma}[{first},{last}]");
        }
        json.push_str("]}");
        json
    }
}

/// The marks of a report on its text.
fn marks(source: &str, report: &Report, remarks: &[Remark], roles: &[Role]) -> Marks {
    let skipped = report.stages.iter().filter(|stage| roles.get(stage.index) == Some(&Role::Skipped));
    Marks {
        problems: underline(source, &remarks[..remarks.len().min(PROBLEMS)]),
        additions: additions(report),
        skipped: skipped.map(|stage| (stage.line, stage.end_line)).collect(),
    }
}

fn additions(report: &Report) -> Vec<Addition> {
    let largest = report.layers.iter().filter(|layer| !base(report, layer)).filter_map(likely).max();
    let addition = |layer: &Layer| {
        let (text, kind) = match (likely(layer), base(report, layer)) {
            (None, _) => ("?".to_owned(), "unknown"),
            (Some(bytes), true) => (Bytes(bytes).to_string(), "base"),
            (Some(bytes), false) if Some(bytes) == largest && bytes > 0 => {
                (format!("+{}", Bytes(bytes)), "big")
            }
            (Some(bytes), false) => (format!("+{}", Bytes(bytes)), "step"),
        };
        let spread = layer.unpacked.as_ref().and_then(range);
        Addition { line: layer.line, text, title: strings::addition(spread.as_deref(), &layer.basis), kind }
    };
    // What adds nothing needs no word.
    let weighs = |layer: &&Layer| layer.unpacked.as_ref().is_none_or(|size| size.high > 0);
    let mut additions: Vec<Addition> =
        report.layers.iter().filter(weighs).take(ADDITIONS).map(addition).collect();
    additions.dedup_by_key(|addition| addition.line);
    additions
}

fn base(report: &Report, layer: &Layer) -> bool {
    crate::figures::is_base(report, layer)
}

fn likely(layer: &Layer) -> Option<u64> {
    layer.unpacked.as_ref().map(|estimate| estimate.likely)
}

/// Byte ranges as UTF-16 offsets, all found in one walk over the text.
fn underline(source: &str, problems: &[Remark]) -> Vec<Problem> {
    let mut ends: Vec<usize> =
        problems.iter().flat_map(|problem| [problem.range.start, problem.range.end]).collect();
    ends.sort_unstable();
    ends.dedup();
    let mut units = Vec::with_capacity(ends.len());
    let (mut byte, mut unit) = (0, 0);
    for end in &ends {
        let end = floor_boundary(source, *end);
        unit += source.get(byte..end).map_or(0, |piece| piece.encode_utf16().count());
        byte = byte.max(end);
        units.push(unit);
    }
    let at = |byte: usize| ends.binary_search(&byte).map_or(0, |place| units[place]);
    let problem = |problem: &Remark| Problem {
        from: at(problem.range.start),
        to: at(problem.range.end),
        severity: severity(problem.severity),
        message: strings::problem(&problem.message, &problem.notes),
    };
    problems.iter().map(problem).collect()
}

fn floor_boundary(source: &str, byte: usize) -> usize {
    let mut byte = byte.min(source.len());
    while !source.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

/// The severity in CodeMirror's words and in the names of the styles.
pub const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use layercast_core::diagnostic::Diagnostic;
    use layercast_core::text::Range;

    #[test]
    fn offsets_are_counted_as_the_editor_counts() {
        let source = "ñ𝄞x\nab";
        let problem = |start, end| Remark::from(&Diagnostic::error("rule", 1, Range::new(start, end), "No"));
        let problems = [problem(7, 9), problem(0, 2), problem(2, 6), problem(4, 99)];
        let found = underline(source, &problems);
        let offsets: Vec<(usize, usize)> = found.iter().map(|problem| (problem.from, problem.to)).collect();
        assert_eq!(offsets, [(4, 6), (0, 1), (1, 3), (1, 7)]);
    }

    #[test]
    fn the_editor_can_read_them() {
        let problem =
            |from, message: &str| Problem { from, to: 9, severity: "error", message: message.to_owned() };
        let addition =
            |line, kind| Addition { line, text: "+1\u{a0}MB".to_owned(), title: "a\nb".to_owned(), kind };
        let marks = Marks {
            problems: vec![problem(1, "say \"no\""), problem(2, "")],
            additions: vec![addition(3, "big"), addition(4, "step")],
            skipped: vec![(1, 2), (5, 5)],
        };
        let read: serde_json::Value = serde_json::from_str(&marks.to_json()).expect("it is JSON");
        assert_eq!(
            read,
            serde_json::json!({
                "problems": [
                    { "from": 1, "to": 9, "severity": "error", "message": "say \"no\"" },
                    { "from": 2, "to": 9, "severity": "error", "message": "" },
                ],
                "additions": [
                    { "line": 3, "text": "+1\u{a0}MB", "title": "a\nb", "kind": "big" },
                    { "line": 4, "text": "+1\u{a0}MB", "title": "a\nb", "kind": "step" },
                ],
                "skipped": [[1, 2], [5, 5]],
            })
        );
        assert_eq!(Marks::default().to_json(), r#"{"problems":[],"additions":[],"skipped":[]}"#);
    }
}
