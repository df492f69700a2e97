//! Export: the graph as a picture, and the report in forms that other places take.

use crate::strings::export as words;
use crate::tabs::{Desk, Fields, page_colours, select};
use layercast_core::Report;
use layercast_core::export::svg::{Colours, DARK, LIGHT, svg};
use layercast_core::export::{dot, markdown, mermaid};
use maud::{Markup, PreEscaped, html};

/// So many letters of a text are shown; all are copied and saved.
const SHOWN: usize = 3_000;

/// A form that is text.
struct Text {
    content: String,
    file: &'static str,
    mime: &'static str,
    /// How the companion writes it; none where it writes another one.
    command: &'static str,
}

/// Draws it.
pub(super) fn draw(desk: Desk<'_>, fields: &Fields) -> Markup {
    html! {
        h3 { (words::PICTURE) }
        (picture(desk.report, fields))
        h3 { (words::TEXT) }
        (text(desk.report, fields))
    }
}

fn picture(report: &Report, fields: &Fields) -> Markup {
    let (saved, shown) = match fields.get("colours") {
        "light" => (Colours::Only(LIGHT), Colours::Only(LIGHT)),
        "dark" => (Colours::Only(DARK), Colours::Only(DARK)),
        // Whoever reads the page has chosen its colours already.
        _ => (Colours::Preferred, page_colours()),
    };
    html! {
        p.choices {
            (select("colours", words::COLOURS, words::COLOURS_CHOICES.map(|(value, text)| (value, text.t())), fields.get("colours")))
            button #exported-svg ."button small" type="button" data-do="copy" value=(svg(report, &saved)) { (words::COPY_SVG) }
            button."button small" type="button" data-do="download" data-of="exported-svg" data-name="stages.svg"
                data-type="image/svg+xml" { (words::SAVE_SVG) }
            button."button small" type="button" data-do="png" data-of="exported-svg" data-name="stages.png" { (words::SAVE_PNG) }
        }
        div.picture role="img" aria-label=(words::picture(report.stages.len())) tabindex="0" {
            (PreEscaped(svg(report, &shown)))
        }
        p.soft { (words::TERMINAL) " " code { "layercast graph --format svg" } }
    }
}

fn text(report: &Report, fields: &Fields) -> Markup {
    let Text { content, file, mime, command } = form(report, fields.get("form"));
    let shown = content.char_indices().nth(SHOWN).map_or(content.as_str(), |(end, _)| &content[..end]);
    let rest = content.chars().count() - shown.chars().count();
    html! {
        p.choices {
            (select("form", words::FORM, words::FORMS.map(|(value, text)| (value, text.t())), fields.get("form")))
            button #exported-text ."button small" type="button" data-do="copy" value=(content) { (words::COPY) }
            button."button small" type="button" data-do="download" data-of="exported-text" data-name=(file) data-type=(mime) {
                (words::SAVE) " " (file)
            }
        }
        pre.exported tabindex="0" { (shown) }
        @if rest > 0 { p.soft { (words::cut(rest)) } }
        p.soft { (words::TERMINAL) " " code { (command) } }
    }
}

fn form(report: &Report, name: &str) -> Text {
    match name {
        "mermaid" => Text {
            content: mermaid::mermaid(report),
            file: "stages.mmd",
            mime: "text/plain",
            command: "layercast graph --format mermaid",
        },
        "dot" => Text {
            content: dot::dot(report),
            file: "stages.dot",
            mime: "text/vnd.graphviz",
            command: "layercast graph --format dot",
        },
        "json" => Text {
            content: serde_json::to_string_pretty(report).unwrap_or_default(),
            file: "report.json",
            mime: "application/json",
            command: "layercast estimate --format json",
        },
        _ => Text {
            content: markdown::markdown(report, words::NAME),
            file: "report.md",
            mime: "text/markdown",
            command: "layercast estimate --format markdown",
        },
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::tabs;
    use layercast_core::{Facts, analyse};

    const SOURCE: &str = "FROM alpine:3.22 AS a\nFROM scratch\nCOPY --from=a [\"/<b>\", \"/\"]\n";

    #[track_caller]
    fn drawn(fields: &[(&str, &str)]) -> String {
        let facts = Facts::default();
        let report = analyse(SOURCE, &facts);
        let desk = Desk { source: SOURCE, facts: &facts, report: &report };
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        tabs::draw("export", desk, &Fields(fields.collect())).unwrap_or_default()
    }

    #[track_caller]
    fn check(fields: &[(&str, &str)], parts: &[&str]) {
        let html = drawn(fields);
        for part in parts {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn a_picture_for_everybody_and_a_page_of_markdown() {
        check(
            &[],
            &[
                "data-name=\"stages.svg\"",
                "prefers-color-scheme:dark",
                "<svg xmlns=",
                "fill:var(--paper)",
                "# Dockerfile\n",
                "Save report.md",
            ],
        );
    }

    #[test]
    fn chosen_colours_are_seen_and_saved() {
        let html = drawn(&[("colours", "dark")]);
        assert!(!html.contains("prefers-color-scheme") && !html.contains("var(--paper)"), "{html}");
        assert_eq!(html.matches(DARK.paper).count(), 4, "{html}");
    }

    #[test]
    fn other_forms() {
        check(&[("form", "mermaid")], &["flowchart LR", "stages.mmd"]);
        check(&[("form", "dot")], &["digraph stages", "stages.dot"]);
        check(&[("form", "json")], &["{\n  &quot;version&quot;: 1", "report.json", "letters more"]);
    }
}
