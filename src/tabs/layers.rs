//! Layers: each step as a bar with its range, sorted and searched; sizes typed over; what is waste, what is unknown.

use crate::bytes::{self, Bytes};
use crate::figures::{self, Role};
use crate::opening::opening;
use crate::pins;
use crate::strings::{self, layers as words};
use crate::tabs::{Desk, Fields, select};
use layercast_core::Report;
use layercast_core::estimate::Estimate;
use layercast_core::facts::{Pin, Question};
use layercast_core::report::Layer;
use maud::{Markup, PreEscaped, html};

/// So many are drawn; all are counted.
const DRAWN: usize = 400;

/// Draws it.
pub(super) fn draw(desk: Desk<'_>, fields: &Fields) -> Markup {
    let report = desk.report;
    let shown = shown(report, fields);
    let widest = shown.iter().filter_map(|(_, layer)| layer.unpacked.as_ref()).map(|size| size.high).max();
    let weight = figures::weigh(shown.iter().map(|(_, layer)| *layer));
    let [unpacked, download] =
        [&weight.unpacked, &weight.download].map(|size| Bytes(size.likely).to_string());
    html! {
        (controls(fields))
        @if shown.is_empty() {
            p.soft { (words::NONE) }
        } @else {
            p role="status" { (words::together(shown.len(), &unpacked, &download)) }
            ol.bars {
                @for (place, layer) in shown.iter().take(DRAWN) {
                    (entry(desk, *place, layer, widest.unwrap_or(1)))
                }
            }
            @if shown.len() > DRAWN { p.soft { (strings::more(shown.len() - DRAWN)) } }
            p.soft { (words::LEGEND) }
        }
        (unknown(report))
    }
}

fn controls(fields: &Fields) -> Markup {
    html! {
        p.choices {
            (select("which", words::SHOW, words::WHICH.map(|(value, text)| (value, text.t())), fields.get("which")))
            (select("sort", words::SORT, words::SORTS.map(|(value, text)| (value, text.t())), fields.get("sort")))
            label { (words::FIND) " "
                input type="text" name="find" value=(fields.get("find")) placeholder=(words::FIND_HINT);
            }
        }
    }
}

/// The layers that the fields ask for, with their places in the report.
fn shown<'a>(report: &'a Report, fields: &Fields) -> Vec<(usize, &'a Layer)> {
    let roles = figures::roles(report);
    let ships = report.target().map(|target| target.size.layers.as_slice()).unwrap_or_default();
    let is_asked = |place: &usize, layer: &Layer| match fields.get("which") {
        "all" => true,
        "behind" => roles.get(layer.stage) == Some(&Role::LeftBehind),
        _ => ships.contains(place),
    };
    let find = fields.get("find").trim().to_lowercase();
    let all = report.layers.iter().enumerate();
    let mut shown: Vec<(usize, &Layer)> = all
        .filter(|(place, layer)| is_asked(place, layer))
        .filter(|(_, layer)| find.is_empty() || holds(report, layer, &find))
        .collect();
    let by = |size: fn(&Layer) -> Option<&Estimate>| {
        move |(_, layer): &(usize, &Layer)| std::cmp::Reverse(size(layer).map(|size| size.likely))
    };
    match fields.get("sort") {
        "unpacked" => shown.sort_by_key(by(|layer| layer.unpacked.as_ref())),
        "download" => shown.sort_by_key(by(|layer| layer.download.as_ref())),
        _ => {}
    }
    shown
}

fn holds(report: &Report, layer: &Layer, find: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(find);
    has(text_of(report, layer))
        || has(stage_of(report, layer))
        || layer.parts.iter().any(|part| has(&part.name) || has(&part.path))
}

fn text_of<'a>(report: &'a Report, layer: &Layer) -> &'a str {
    report.instructions.get(layer.instruction).map_or("", |instruction| instruction.text.as_str())
}

fn stage_of<'a>(report: &'a Report, layer: &Layer) -> &'a str {
    report.stages.get(layer.stage).map_or("", |stage| stage.display_name.as_str())
}

fn entry(desk: Desk<'_>, place: usize, layer: &Layer, widest: u64) -> Markup {
    let report = desk.report;
    let wasted =
        report.summary.iter().flat_map(|summary| &summary.waste).filter(|waste| waste.layer == place);
    let wasted: u64 = wasted.map(|waste| waste.unpacked.likely).sum();
    let opening = opening(layer);
    let pin = pin_of(desk, layer);
    html! {
        li {
            div.bar-head {
                button.line type="button" data-do="jump" value=(layer.line) { (strings::line(layer.line)) }
                code { (text_of(report, layer)) }
                span.soft { (stage_of(report, layer)) }
            }
            // An empty one where nothing is known, so that a row keeps its shape, and focus, when something is.
            @if let Some(size) = &layer.unpacked { (bar(size, wasted, widest)) } @else { div.bar-of {} }
            div.bar-foot {
                (number(place, layer, &pin, false))
                (number(place, layer, &pin, true))
                // Of what was typed the number says so itself.
                @if pin.unpacked.is_none() { span.soft { (layer.basis) } }
                @if wasted > 0 { span.wasted { (words::of_it_waste(&Bytes(wasted).to_string())) } }
            }
            @if !opening.is_empty() {
                details { summary { (strings::OPENING) } (PreEscaped(opening)) }
            }
        }
    }
}

/// What the user typed for a layer so far.
fn pin_of(desk: Desk<'_>, layer: &Layer) -> Pin {
    let (stage, instruction) = (stage_of(desk.report, layer), text_of(desk.report, layer));
    let known = desk.facts.pins.iter().find(|pin| pin.stage == stage && pin.instruction == instruction);
    let (stage, instruction) = (stage.to_owned(), instruction.to_owned());
    known.cloned().unwrap_or(Pin { stage, instruction, unpacked: None, download: None })
}

/// A size of a layer, and below it, once it is opened, the field that another is typed into.
fn number(place: usize, layer: &Layer, pin: &Pin, is_download: bool) -> Markup {
    let (name, size, typed) = if is_download {
        (strings::DOWNLOAD.t(), &layer.download, pin.download)
    } else {
        (strings::UNPACKED.t(), &layer.unpacked, pin.unpacked)
    };
    let (before, behind) = pins::around(pin, is_download);
    let label = strings::pin_label(name, &pin.instruction);
    let id = format!("pin-{place}-{}", if is_download { "download" } else { "unpacked" });
    html! {
        details.pin id=(id) data-before=(before) data-behind=(behind) {
            summary title=(words::PIN_HINT) {
                (name) " " b { (written(layer, size.as_ref())) }
                @if typed.is_some() { " " span.typed { (words::TYPED) } }
            }
            div role="group" aria-label=(label) {
                input.size-field type="text" autocomplete="off" placeholder=(strings::PIN_HINT)
                    aria-label=(label) aria-describedby={ (id) "-bad" }
                    value=[typed.map(|bytes| Bytes(bytes).to_string())];
                button.button.small type="button" data-do="pin" { (words::PIN) }
                @if typed.is_some() {
                    button.button.small type="button" data-do="unpin" { (strings::UNPIN) }
                }
                p.bad role="alert" id={ (id) "-bad" } hidden { (strings::PIN_BAD) }
            }
        }
    }
}

/// `≥ 21 MB (20–24 MB)`, or `?`.
fn written(layer: &Layer, size: Option<&Estimate>) -> String {
    let Some(size) = size else { return "?".to_owned() };
    let least = if layer.unknown.is_empty() { "" } else { "≥\u{a0}" };
    let range = bytes::range(size).map(|range| format!(" ({range})")).unwrap_or_default();
    format!("{least}{}{range}", Bytes(size.likely))
}

/// The likely size as a bar, the range as a line through its end, waste as its hatched end.
fn bar(size: &Estimate, wasted: u64, widest: u64) -> Markup {
    let share = |bytes: u64| format!("{:.2}%", 100.0 * bytes as f64 / widest.max(1) as f64);
    let range = bytes::range(size).unwrap_or_default();
    let whisker = format!("left:{};width:{}", share(size.low), share(size.high - size.low.min(size.high)));
    html! {
        div.bar-of role="img" aria-label=(words::bar(&Bytes(size.likely).to_string(), &range)) {
            i.likely style={ "width:" (share(size.likely)) } {}
            @if wasted > 0 {
                i.wasted style={ "left:" (share(size.likely.saturating_sub(wasted))) ";width:" (share(wasted.min(size.likely))) } {}
            }
            @if !size.is_exact() { i.whisker style=(whisker) {} }
        }
    }
}

/// What is asked and not answered: images that no catalogue stands in for, and steps.
fn unknown(report: &Report) -> Markup {
    let asked: Vec<(usize, &str, &str)> = report.questions.iter().filter_map(asked).collect();
    html! {
        @if !asked.is_empty() {
            h3 { (words::UNKNOWN) small { (asked.len()) } }
            ul.remarks {
                @for (line, what, tells) in asked {
                    li {
                        button.line type="button" data-do="jump" value=(line) { (strings::line(line)) }
                        div { code { (what) } p.soft { (tells) } }
                    }
                }
            }
        }
    }
}

fn asked(question: &Question) -> Option<(usize, &str, &str)> {
    match question {
        Question::Image { reference, lines, estimated: false, .. } => {
            Some((lines.first().copied().unwrap_or(1), reference, words::ASK.t()))
        }
        Question::Step { instruction, line, why, .. } => Some((*line, instruction, why)),
        _ => None,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use layercast_core::facts::{BuildContext, ContextFile};
    use layercast_core::{Facts, analyse};

    const FILE: &str = "FROM scratch AS build\nCOPY big /\nRUN make\nFROM scratch\nCOPY small /<a>\nCOPY big /\nRUN rm /big\n";

    fn html(fields: &[(&str, &str)]) -> String {
        html_with(fields, &[])
    }

    fn html_with(fields: &[(&str, &str)], pins: &[Pin]) -> String {
        let files = vec![ContextFile::new("big", 9_000_000), ContextFile::new("small", 1_000_000)];
        let facts = Facts { context: Some(BuildContext { files, partial: false }), ..Facts::default() };
        let facts = Facts { pins: pins.to_vec(), ..facts };
        let report = analyse(FILE, &facts);
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        draw(Desk { source: FILE, facts: &facts, report: &report }, &Fields(fields)).into_string()
    }

    /// The lines of the layers, in the order shown.
    #[track_caller]
    fn check(fields: &[(&str, &str)], expected: &[&str]) {
        let html = html(fields);
        let list = html.split_once("</ol>").map_or("", |(list, _)| list);
        let lines = list
            .split("data-do=\"jump\" value=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap_or_default());
        assert_eq!(lines.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn layers_are_chosen_sorted_and_found() {
        check(&[], &["5", "6", "7"]);
        check(&[("sort", "unpacked")], &["6", "5", "7"]);
        check(&[("which", "behind")], &[]);
        check(&[("which", "all"), ("find", "MAKE")], &["3"]);
        check(&[("which", "all"), ("find", "no such thing")], &[]);
    }

    #[test]
    fn a_bar_has_its_range_and_its_waste() {
        let html = html(&[]).replace('\u{a0}', " ");
        let bars: Vec<&str> = html
            .split("<div class=\"bar-of\" ")
            .skip(1)
            .map(|bar| bar.split("</div>").next().unwrap_or_default())
            .collect();
        let expected: Expect = expect![[r#"
             role="img" aria-label="1 MB"><i class="likely" style="width:11.11%"></i>
             role="img" aria-label="9 MB"><i class="likely" style="width:100.00%"></i><i class="wasted" style="left:0.00%;width:100.00%"></i>
             role="img" aria-label="0 B"><i class="likely" style="width:0.00%"></i>"#]];
        expected.assert_eq(&bars.join("\n"));
        assert!(html.contains("9 MB of it waste"), "{html}");
        assert!(html.contains("/&lt;a&gt;"), "{html}");
    }

    /// What a step says of its unpacked size, as words.
    #[track_caller]
    fn check_pin(pin: Pin, step: &str, expected: &str) {
        let html = html_with(&[("which", "all"), ("find", step)], &[pin]);
        let number = html.split_once("<div class=\"bar-foot\">").map_or("", |(_, foot)| foot);
        let number = number.split("</summary>").next().unwrap_or_default();
        let words = number.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, text)| text);
        assert_eq!(words.collect::<String>().replace('\u{a0}', " "), expected);
    }

    #[test]
    fn what_is_typed_wins_over_what_is_not_known_and_what_is() {
        let pin = |stage: &str, instruction: &str| Pin {
            stage: stage.to_owned(),
            instruction: instruction.to_owned(),
            unpacked: Some(12_000_000),
            download: None,
        };
        check_pin(pin("build", "RUN make"), "make", "unpacked 12 MB typed by you");
        check_pin(pin("stage-1", "COPY small /<a>"), "small", "unpacked 12 MB typed by you");
        check_pin(pin("stage-1", "RUN make"), "make", "unpacked ?");
    }

    #[test]
    fn a_number_opens_to_a_field_that_knows_its_step() {
        let html = html(&[("find", "small")]);
        let expected = "<details class=\"pin\" id=\"pin-2-unpacked\" data-before=\"stage-1\tCOPY small /&lt;a&gt;\t\" data-behind=\"\t\">";
        assert!(html.contains(expected), "{html}");
        assert!(
            html.contains("aria-label=\"unpacked size of COPY small /&lt;a&gt;, such as 58 MB\""),
            "{html}"
        );
        assert!(!html.contains("Forget this number"), "nothing was typed yet: {html}");
    }

    #[test]
    fn the_unknown_says_what_would_tell() {
        let html = html(&[]);
        assert!(html.contains("RUN make") && html.contains("build once"), "{html}");
    }
}
