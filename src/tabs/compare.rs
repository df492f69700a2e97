//! Compare: this Dockerfile beside another one, or beside another target or platform of itself.

use crate::bytes::Bytes;
use crate::figures;
use crate::language::Text;
use crate::strings::{compare as words, line};
use crate::tabs::{Desk, Fields, page_colours, select};
use layercast_core::compare::{Comparison, Difference, LayerPair, Side, compare};
use layercast_core::estimate::Estimate;
use layercast_core::export::svg::thumbnail;
use layercast_core::image_ref::Platform;
use layercast_core::report::Layer;
use layercast_core::{Facts, Report, analyse};
use maud::{Markup, PreEscaped, html};

/// So many pairs of layers are listed.
const LISTED: usize = 200;
/// More stages than this are drawn as large as they are, and scrolled.
const FEW: usize = 12;
/// More stages than this are no picture for half a page.
const DRAWN: usize = 60;

/// The other side: what it is called, and what is said of it.
struct Other {
    name: String,
    own_name: String,
    report: Report,
}

/// Draws it.
pub(super) fn draw(desk: Desk<'_>, fields: &Fields) -> Markup {
    let with = with(desk.report, fields);
    html! {
        (controls(desk, fields, with))
        @match other(desk, fields, with) {
            Ok(other) => (compared(desk.report, &other, with)),
            Err(why) => p.soft { (why) },
        }
    }
}

/// A file of one stage has no other target.
fn with<'f>(report: &Report, fields: &'f Fields) -> &'f str {
    match fields.get("with") {
        "" if report.stages.len() > 1 => "target",
        "" => "text",
        chosen => chosen,
    }
}

fn other(desk: Desk<'_>, fields: &Fields, with: &str) -> Result<Other, Text> {
    let mut facts: Facts = desk.facts.clone();
    let own_stage = desk.report.target.map(|target| figures::target_name(desk.report, target));
    let own_platform = facts.build.platform.clone().unwrap_or_else(Platform::linux_amd64);
    match with {
        "target" => {
            let chosen = chosen_target(desk.report, fields);
            let Some(stage) = chosen else { return Err(words::NOTHING) };
            if Some(&stage) == own_stage.as_ref() {
                return Err(words::SAME_TARGET);
            }
            facts.build.target = Some(stage);
            let report = analyse(desk.source, &facts);
            Ok(Other { name: target_of(&report), own_name: target_of(desk.report), report })
        }
        "platform" => {
            let platform = Platform::parse(platform(fields, &own_platform)).map_err(|_| words::NOTHING)?;
            if platform == own_platform {
                return Err(words::SAME_PLATFORM);
            }
            let names = (platform.to_string(), own_platform.to_string());
            facts.build.platform = Some(platform);
            Ok(Other { name: names.0, own_name: names.1, report: analyse(desk.source, &facts) })
        }
        _ if fields.get("text").trim().is_empty() => Err(words::NOTHING),
        _ => {
            // The target of this one is no stage of the other.
            facts.build.target = None;
            let report = analyse(fields.get("text"), &facts);
            let (name, own_name) =
                (words::OTHER_IN_SENTENCES.to_owned(), words::THIS_IN_SENTENCES.to_owned());
            Ok(Other { name, own_name, report })
        }
    }
}

/// Where nothing is chosen: the stage that weighs most beside it, which is what multi-staging leaves behind.
fn chosen_target(report: &Report, fields: &Fields) -> Option<String> {
    match fields.get("target") {
        "" => {
            let others = report.stages.iter().filter(|stage| Some(stage.index) != report.target);
            let weight = |stage: usize| figures::weigh(figures::layers_of(report, stage)).unpacked.likely;
            let heaviest =
                others.max_by_key(|stage| (weight(stage.index), std::cmp::Reverse(stage.index)))?;
            Some(figures::target_name(report, heaviest.index))
        }
        chosen => Some(chosen.to_owned()),
    }
}

fn platform<'f>(fields: &'f Fields, own: &Platform) -> &'f str {
    match fields.get("platform") {
        "" if *own == Platform::linux_amd64() => figures::PLATFORMS[1],
        "" => figures::PLATFORMS[0],
        chosen => chosen,
    }
}

fn target_of(report: &Report) -> String {
    let target = report.target.and_then(|target| report.stages.get(target));
    target.map_or_else(|| words::OTHER_IN_SENTENCES.to_owned(), |stage| stage.display_name.clone())
}

fn controls(desk: Desk<'_>, fields: &Fields, with: &str) -> Markup {
    html! {
        fieldset.choices {
            legend { (words::WITH) }
            @for (value, text) in words::SIDES {
                label { input type="radio" name="with" value=(value) checked[value == with]; (text) }
            }
        }
        // What is not shown is kept.
        @for name in ["text", "target", "platform"] {
            @if name != with && !fields.get(name).is_empty() {
                input type="hidden" name=(name) value=(fields.get(name));
            }
        }
        @match with {
            "target" => (choose("target", words::TARGET, &targets(desk.report), &chosen_target(desk.report, fields).unwrap_or_default())),
            "platform" => {
                @let own = desk.facts.build.platform.clone().unwrap_or_else(Platform::linux_amd64);
                @let choices = figures::PLATFORMS.map(|name| (name.to_owned(), name.to_owned()));
                (choose("platform", words::PLATFORM, &choices, platform(fields, &own)))
            },
            _ => (text_field(desk.source, fields)),
        }
    }
}

fn text_field(source: &str, fields: &Fields) -> Markup {
    html! {
        textarea #other-text name="text" rows="8" spellcheck="false" aria-label=(words::TEXT) placeholder=(words::TEXT_HINT) {
            // A first line that is empty would be swallowed.
            "\n" (fields.get("text"))
        }
        p.choices {
            button."button small" type="button" data-do="fill" data-field="text" value=(source) { (words::TAKE) }
            span.soft { (words::TAKE_HINT) }
        }
    }
}

fn targets(report: &Report) -> Vec<(String, String)> {
    let target =
        |stage: usize| (figures::target_name(report, stage), report.stages[stage].display_name.clone());
    (0..report.stages.len()).map(target).collect()
}

fn choose(name: &str, label: Text, choices: &[(String, String)], chosen: &str) -> Markup {
    html! {
        p.choices {
            (select(name, label, choices.iter().map(|(value, text)| (value.as_str(), text.as_str())), chosen))
        }
    }
}

fn compared(report: &Report, other: &Other, with: &str) -> Markup {
    let first = Side { name: &other.own_name, report };
    let second = Side { name: &other.name, report: &other.report };
    let comparison = compare(first, second);
    html! {
        h3 { (words::WORDS) }
        div role="status" {
            ul.difference { @for sentence in &comparison.sentences { li { (self::sentence(sentence)) } } }
        }
        @if with == "text" { p.soft { (words::CATALOGUE) } }
        h3 { (words::GRAPHS) }
        div.sides {
            @for side in [first, second] {
                figure {
                    figcaption { (caption(side.name)) }
                    @if side.report.stages.len() <= DRAWN && !side.report.stages.is_empty() {
                        div.picture.large[side.report.stages.len() > FEW] tabindex="0" role="img" aria-label=(caption(side.name)) {
                            (PreEscaped(thumbnail(side.report, &page_colours())))
                        }
                    }
                }
            }
        }
        @if !comparison.layers.is_empty() {
            h3 { (words::LAYERS) small { (comparison.layers.len()) } }
            (layers(&comparison, first, second))
        }
    }
}

fn layers(comparison: &Comparison, first: Side<'_>, second: Side<'_>) -> Markup {
    html! {
        ol.pairs {
            li.head aria-hidden="true" { span { (caption(first.name)) } span { (caption(second.name)) } span { (words::WORDS) } }
            @for pair in comparison.layers.iter().take(LISTED) { (pair_of(pair, first, second)) }
        }
        @if comparison.layers.len() > LISTED {
            p.soft { (crate::strings::more(comparison.layers.len() - LISTED)) }
        }
    }
}

fn pair_of(pair: &LayerPair, first: Side<'_>, second: Side<'_>) -> Markup {
    let class = match (pair.first, pair.second, pair.is_same_text) {
        (Some(_), None, _) => "gone",
        (None, Some(_), _) => "new",
        (_, _, true) => "same",
        _ => "changed",
    };
    html! {
        li class=(class) {
            (step(first, pair.first))
            (step(second, pair.second))
            p.change { (change(pair.unpacked, words::UNPACKED)) br; (change(pair.download, words::DOWNLOAD)) }
        }
    }
}

/// One side of a pair. What the side is called is seen where the two stand one below the other.
fn step(side: Side<'_>, place: Option<usize>) -> Markup {
    let report = side.report;
    let layer = place.and_then(|place| report.layers.get(place));
    let text =
        layer.and_then(|layer| report.instructions.get(layer.instruction)).map(|step| step.text.as_str());
    html! {
        div {
            small.side { (caption(side.name)) }
            @if let Some(layer) = layer {
                code { (text.unwrap_or_default()) }
                p.soft { (line(layer.line)) " · " (weight(layer)) }
            } @else {
                p.absent { (words::ABSENT) }
            }
        }
    }
}

fn weight(layer: &Layer) -> String {
    if layer.is_unknown() {
        return words::NOT_KNOWN.t().to_owned();
    }
    let size = |size: Option<&Estimate>, name: Text| match size {
        Some(size) => format!("{} {name}", Bytes(size.likely)),
        None => format!("{name} {}", words::NOT_KNOWN),
    };
    format!(
        "{}, {}",
        size(layer.unpacked.as_ref(), words::UNPACKED),
        size(layer.download.as_ref(), words::DOWNLOAD)
    )
}

/// `−119 MB unpacked`.
fn change(difference: Option<Difference>, name: Text) -> Markup {
    html! {
        @match difference {
            None => (words::NOT_KNOWN),
            Some(Difference { low: 0, likely: 0, high: 0, .. }) => span.soft { (words::SAME) },
            Some(Difference { likely, .. }) => b class=(if likely < 0 { "less" } else { "more" }) {
                (if likely < 0 { "−" } else { "+" }) (Bytes(likely.unsigned_abs()))
            },
        }
        span.soft { " " (name) }
    }
}

/// A side as a heading has it.
fn caption(name: &str) -> String {
    match name {
        words::THIS_IN_SENTENCES => words::THIS.t().to_owned(),
        words::OTHER_IN_SENTENCES => words::OTHER.t().to_owned(),
        of_the_file => of_the_file.to_owned(),
    }
}

/// A sentence in which what stands between backticks is code.
fn sentence(text: &str) -> Markup {
    let is_ours =
        [words::THIS_IN_SENTENCES, words::OTHER_IN_SENTENCES].iter().any(|name| text.starts_with(name));
    // A name of ours begins a sentence with a capital; one from the file stays as it is.
    let text = if is_ours { text.replacen('t', "T", 1) } else { text.to_owned() };
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::tabs;

    const SOURCE: &str = "FROM debian:bookworm AS big\nRUN true\nFROM alpine:3.22\nCOPY --from=big /a /<b>\n";

    #[track_caller]
    fn check(source: &str, fields: &[(&str, &str)], parts: &[&str]) {
        let facts = Facts::default();
        let report = analyse(source, &facts);
        let desk = Desk { source, facts: &facts, report: &report };
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let html =
            tabs::draw("compare", desk, &Fields(fields.collect())).unwrap_or_default().replace('\u{a0}', " ");
        for part in parts {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("<b>/"), "{html}");
    }

    #[test]
    fn the_heaviest_other_stage_comes_first() {
        check(
            SOURCE,
            &[],
            &[
                "value=\"target\" checked",
                "<option value=\"big\" selected>",
                "<li>big is 119 MB larger than stage-1 unpacked",
                "<svg xmlns=",
                "class=\"changed\"",
                "<b class=\"more\">+",
                "not here",
            ],
        );
    }

    #[test]
    fn another_text_is_weighed_with_what_is_known() {
        check(
            "FROM alpine:3.22\n",
            &[("with", "text"), ("text", "\nFROM debian:bookworm\n<script>")],
            &[
                "\n\nFROM debian:bookworm\n&lt;script&gt;</textarea>",
                "The other does not build",
                "data-do=\"fill\"",
            ],
        );
        check("FROM alpine:3.22\n", &[], &["There is nothing to compare with yet."]);
        check(
            "FROM alpine:3.22\n",
            &[("text", "FROM debian:bookworm")],
            &["The other is 119 MB larger than this one", "FROM debian:bookworm"],
        );
    }

    #[test]
    fn another_platform() {
        check(
            SOURCE,
            &[("with", "platform")],
            &["<li>linux/arm64 is", "<option value=\"linux/arm64\" selected>"],
        );
        check(
            SOURCE,
            &[("with", "platform"), ("platform", "linux/amd64"), ("text", "FROM a")],
            &["That is the platform already", "<input type=\"hidden\" name=\"text\" value=\"FROM a\">"],
        );
    }
}
