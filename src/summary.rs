//! What stands below the layers, as HTML: what is waited for, what weighs most, what is waste, what the stages save.
//!
//! The worker writes it, so that the page carries no code for it.
//!
//! **Invariant:** whatever comes from a Dockerfile, a file name or a registry is escaped.

use crate::bytes::Bytes;
use crate::opening::Escaped;
use crate::strings;
use layercast_core::Report;
use layercast_core::report::{Cause, Heavy, Wasted};
use std::fmt::Write as _;

/// Less than this share of an image is not worth a row.
const WORTH_A_ROW: f64 = 0.005;

/// Writes it. `waiting` are sentences.
pub fn summary(report: &Report, waiting: &[String]) -> String {
    let mut html = String::new();
    if !waiting.is_empty() {
        html.push_str("<p class=soft role=status>");
        for (place, sentence) in waiting.iter().enumerate() {
            let gap = if place == 0 { "" } else { "<br>" };
            let _ = write!(html, "{gap}{}", Escaped(sentence));
        }
    }
    let (Some(summary), Some(target)) = (&report.summary, report.target()) else { return html };
    let likely = target.size.unpacked.likely;
    let least = (likely as f64 * WORTH_A_ROW) as u64;
    let heaviest: Vec<&Heavy> =
        summary.heaviest.iter().filter(|heavy| heavy.unpacked.likely > least).collect();
    if heaviest.len() > 1 {
        head(&mut html, strings::HEAVIEST.t());
        for heavy in heaviest {
            let remedy = heavy.remedy.as_deref().unwrap_or_default();
            row(&mut html, report, heavy.layer, &heavy.name, remedy, heavy.unpacked.likely);
        }
        html.push_str("</table>");
    }
    let waste: Vec<&Wasted> =
        summary.waste.iter().filter(|wasted| wasted.unpacked.likely > least.max(10_000)).collect();
    if !waste.is_empty() {
        head(&mut html, &strings::waste(&Bytes(summary.wasted.likely).to_string()));
        for wasted in waste {
            let name = strings::wasted(&wasted.path, participle(wasted.cause), wasted.hidden_by);
            row(&mut html, report, wasted.layer, &name, &wasted.remedy, wasted.unpacked.likely);
        }
        html.push_str("</table>");
    }
    if let Some(single) = &summary.single_stage {
        let name = report.stages.get(single.stage).map_or("", |stage| stage.display_name.as_str());
        let whole = single.unpacked.likely;
        let saved = 100.0 * (1.0 - likely as f64 / whole.max(1) as f64);
        let sentence = strings::in_one_stage(name, &Bytes(whole).to_string(), saved);
        let _ = write!(html, "<p class=soft>{}</p>", Escaped(&sentence));
    }
    html
}

fn participle(cause: Cause) -> &'static str {
    match cause {
        Cause::Removed => strings::DELETED.t(),
        Cause::Replaced => strings::REPLACED.t(),
        Cause::CopiedUp => strings::COPIED_UP.t(),
    }
}

fn head(html: &mut String, title: &str) {
    let _ = write!(html, "<table class=parts><caption>{}</caption><tbody>", Escaped(title));
}

fn row(html: &mut String, report: &Report, layer: usize, name: &str, remedy: &str, bytes: u64) {
    let line = report.layers.get(layer).map_or(0, |layer| layer.line);
    let _ = write!(
        html,
        "<tr><td class=part>{}<small>{}</small><td class=number>{}<td class=basis>{}",
        Escaped(name),
        strings::line(line),
        Bytes(bytes),
        Escaped(remedy)
    );
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use layercast_core::facts::{BuildContext, ContextFile, Facts};

    #[test]
    fn the_heaviest_waste_and_what_stages_save() {
        let files = vec![ContextFile::new("a.bin", 3_000_000), ContextFile::new("<b>", 1_000_000)];
        let facts = Facts { context: Some(BuildContext { files, partial: false }), ..Facts::default() };
        let source = "FROM scratch AS build\nCOPY . /\nFROM scratch\nCOPY --from=build / /\nRUN rm /a.bin";
        let report = layercast_core::analyse(source, &facts);
        let html = summary(&report, &["Loading & more".to_owned()]).replace('\u{a0}', " ");
        for part in [
            "Loading &#38; more",
            "<td class=part>a.bin<small>line 4</small><td class=number>3 MB",
            "&#60;b&#62;",
            "seen no more",
            "deleted by line 5",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("<b>"), "{html}");
    }
}
