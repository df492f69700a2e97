//! The assistant: the file in two stages beside the file as it is, each change with its reason; or why not.

use crate::bytes::{self, Bytes};
use crate::figures::{self, Role};
use crate::language::Text;
use crate::strings::{self, rewrite as words};
use crate::tabs::{Desk, Fields};
use layercast_core::estimate::Estimate;
use layercast_core::layout::{Link, Measures, Node, layout};
use layercast_core::report::{EdgeKind, ImageSize, Source};
use layercast_core::rewrite::{Declined, Reason, Rewrite, to_multi_stage};
use layercast_core::{Report, structure};
use maud::{Markup, html};
use similar::{DiffOp, TextDiff};

/// A graph that is looked at, not worked with: names alone have room.
const MEASURES: Measures = Measures {
    stage_height: 40,
    image_height: 32,
    min_width: 92,
    max_width: 190,
    letter: 7,
    beside: 22,
    column_gap: 40,
    label_gap: 40,
    row_gap: 14,
    margin: 4,
};

/// Draws it.
pub(super) fn draw(desk: Desk<'_>, _: &Fields) -> Markup {
    match to_multi_stage(desk.source, desk.facts) {
        Ok(rewrite) => offered(desk, &rewrite),
        Err(declined) => left_alone(&declined),
    }
}

fn left_alone(declined: &Declined) -> Markup {
    html! {
        h3 { (words::LEFT_ALONE) }
        p {
            @if let Some(line) = declined.line {
                button.line type="button" data-do="jump" value=(line) { (strings::line(line)) } " "
            }
            (sentence(&declined.reason))
        }
        @if let Some(advice) = &declined.advice { p { (sentence(advice)) } }
        p.soft { (words::KNOWS) }
    }
}

fn offered(desk: Desk<'_>, rewrite: &Rewrite) -> Markup {
    let new = structure(&rewrite.text, desk.facts);
    html! {
        h3 { (words::title(rewrite.language.name())) }
        table.gain {
            thead { tr { td {} th scope="col" { (words::NOW) } th scope="col" { (words::THEN) } td {} } }
            tbody {
                (gain(strings::UNPACKED, &rewrite.before, &rewrite.after, |size| &size.unpacked, rewrite.saved.is_some()))
                (gain(strings::DOWNLOAD, &rewrite.before, &rewrite.after, |size| &size.download, rewrite.saved.is_some()))
            }
        }
        p { button."button" type="button" data-do="edit" value=(rewrite.text) { (words::USE) } " " span.soft { (words::UNDO) } }
        div.graphs {
            (figure(words::NOW, desk.report))
            (figure(words::THEN, &new))
        }
        @if !rewrite.needs.is_empty() {
            h3 { (words::LOOK) }
            ul.needs { @for need in &rewrite.needs { li { (sentence(need)) } } }
        }
        h3 { (words::CHANGES) }
        (difference(desk.source, rewrite))
    }
}

/// One of the two sizes, now and then.
fn gain(
    name: Text,
    before: &ImageSize,
    after: &ImageSize,
    of: fn(&ImageSize) -> &Estimate,
    is_known: bool,
) -> Markup {
    let cell = |size: &ImageSize| {
        let estimate = of(size);
        html! {
            td {
                b { @if !size.unknown.is_empty() { "≥ " } (Bytes(estimate.likely)) }
                @if let Some(range) = bytes::range(estimate) { small { (range) } }
            }
        }
    };
    let (now, then) = (of(before).likely, of(after).likely);
    let saved = now.saturating_sub(then).saturating_mul(100).checked_div(now).unwrap_or(0);
    html! {
        tr {
            th scope="row" { (name) }
            (cell(before)) (cell(after))
            td.saved { @if is_known { (words::saved(saved)) } @else { (words::NOT_KNOWN) } }
        }
    }
}

/// A sentence of the core's, with its end.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with('?') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// The graph of a report, as an image with its words.
fn figure(title: Text, report: &Report) -> Markup {
    let drawn = layout(report, &MEASURES);
    let roles = figures::roles(report);
    html! {
        figure {
            figcaption { (title) }
            svg viewBox=(format!("0 0 {} {}", drawn.width, drawn.height)) style=(format!("max-width:{}px", drawn.width))
                role="img" aria-label=(words::graph(report.stages.len())) {
                @for link in &drawn.links { path class=(kind(link)) d=(link.path) {} }
                @for node in &drawn.nodes { (shape(report, node, &roles)) }
            }
        }
    }
}

fn kind(link: &Link) -> &'static str {
    match link.kind {
        EdgeKind::Base => "edge base",
        EdgeKind::Copy => "edge copy",
        EdgeKind::Mount => "edge mount",
    }
}

fn shape(report: &Report, node: &Node, roles: &[Role]) -> Markup {
    let (name, class) = match &node.source {
        Source::Stage(stage) => {
            let name = report.stages.get(*stage).map_or("", |stage| stage.display_name.as_str());
            let ships = roles.get(*stage) == Some(&Role::Ships);
            (name, if ships { "stage ships" } else { "stage" })
        }
        Source::Image(reference) => {
            (reference.trim_start_matches("docker.io/").trim_start_matches("library/"), "image")
        }
    };
    let letters = usize::try_from((node.width - MEASURES.beside) / MEASURES.letter).unwrap_or(0).max(4);
    let cut: String = match name.chars().count() > letters + 1 {
        true => name.chars().take(letters).chain(['…']).collect(),
        false => name.to_owned(),
    };
    html! {
        g class=(class) {
            title { (name) }
            rect x=(node.x) y=(node.y) width=(node.width) height=(node.height) rx="8" {}
            text x=(node.x + node.width / 2) y=(node.y + node.height / 2) { (cut) }
        }
    }
}

/// Both texts, line beside line; where there is no room for two, one below the other.
fn difference(old: &str, rewrite: &Rewrite) -> Markup {
    let difference = TextDiff::from_lines(old, rewrite.text.as_str());
    let (before, after): (Vec<&str>, Vec<&str>) = (old.lines().collect(), rewrite.text.lines().collect());
    let mut rows = Vec::new();
    for op in difference.ops() {
        let (was, is) = (op.old_range(), op.new_range());
        let is_same = matches!(op, DiffOp::Equal { .. });
        for at in 0..was.len().max(is.len()) {
            let left = (at < was.len()).then(|| was.start + at);
            let right = (at < is.len()).then(|| is.start + at);
            rows.push((left, right, is_same));
        }
    }
    html! {
        table.diff {
            colgroup { col.n; col; col.n; col; }
            thead { tr { th colspan="2" scope="col" { (words::NOW) } th colspan="2" scope="col" { (words::THEN) } } }
            tbody {
                @for (left, right, is_same) in rows {
                    tr.same[is_same] {
                        (cell(left, &before, if is_same { "" } else { "−" }, "gone", &[]))
                        (cell(right, &after, if is_same { "" } else { "+" }, "new", &rewrite.reasons))
                    }
                }
            }
        }
    }
}

fn cell(at: Option<usize>, lines: &[&str], sign: &str, class: &str, reasons: &[Reason]) -> Markup {
    let Some(at) = at else { return html! { td.void colspan="2" {} } };
    let own = reasons.iter().filter(|reason| reason.end_line == at + 1);
    let class = if sign.is_empty() { "as-is" } else { class };
    html! {
        td class=(format!("n {class}")) { (at + 1) }
        td class=(class) {
            @if !sign.is_empty() { span.sign { (sign) } }
            code { (lines.get(at).copied().unwrap_or_default()) }
            @for reason in own { p.why { (sentence(&reason.sentence)) } }
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::tabs;
    use expect_test::{Expect, expect};
    use layercast_core::{Facts, analyse};

    #[track_caller]
    fn check(source: &str, expected: Expect) {
        let facts = Facts::default();
        let report = analyse(source, &facts);
        let desk = Desk { source, facts: &facts, report: &report };
        let html = tabs::draw("rewrite", desk, &Fields::default()).unwrap_or_default();
        let mut html = html.replace('\u{a0}', " ");
        for tag in ["<h3", "<tr", "<p", "<li", "<figure", "<rect", "<path", "<text", "<table", "<td"] {
            html = html.replace(tag, &format!("\n{tag}"));
        }
        expected.assert_eq(&html);
    }

    #[test]
    fn both_texts_stand_side_by_side_with_reasons() {
        check(
            "FROM golang:1.22\nWORKDIR /a\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /b\nCMD [\"/b\", \"<x>\"]\n",
            expect![[r#"

                <h3>Go: one stage to build, one to ship</h3>
                <table class="gain"><thead>
                <tr>
                <td></td><th scope="col">now</th><th scope="col">in two stages</th>
                <td></td></tr></thead><tbody>
                <tr><th scope="row">unpacked</th>
                <td><b>≥ 932 MB</b><small>869 MB – 1.30 GB</small></td>
                <td><b>12.8 MB</b><small>6.60–22.1 MB</small></td>
                <td class="saved">98 % less</td></tr>
                <tr><th scope="row">download</th>
                <td><b>≥ 342 MB</b><small>318–473 MB</small></td>
                <td><b>7.42 MB</b><small>3.75–12.8 MB</small></td>
                <td class="saved">97 % less</td></tr></tbody></table>
                <p><button class="button" type="button" data-do="edit" value="FROM golang:1.22 AS build
                WORKDIR /a
                COPY . .
                RUN CGO_ENABLED=0 go build -o /b

                FROM scratch
                WORKDIR /a
                COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
                COPY --from=build /b /b
                CMD [&quot;/b&quot;, &quot;&lt;x&gt;&quot;]
                ">Use this</button> <span class="soft">The editor can take it back.</span></p><div class="graphs">
                <figure><figcaption>now</figcaption><svg viewBox="0 0 239 48" style="max-width:239px" role="img" aria-label="The graph of its one stage">

                <path class="edge base" d="M103 24H139"></path><g class="image"><title>golang:1.22</title>
                <rect x="4" y="8" width="99" height="32" rx="8"></rect>
                <text x="53" y="24">golang:1.22</text></g><g class="stage ships"><title>stage-0</title>
                <rect x="143" y="4" width="92" height="40" rx="8"></rect>
                <text x="189" y="24">stage-0</text></g></svg></figure>
                <figure><figcaption>in two stages</figcaption><svg viewBox="0 0 371 94" style="max-width:371px" role="img" aria-label="The graph of its 2 stages">

                <path class="edge base" d="M103 24H139"></path>

                <path class="edge base" d="M235 74C253 74 253 56 271 56"></path>

                <path class="edge copy" d="M235 24C253 24 253 42 271 42"></path><g class="image"><title>golang:1.22</title>
                <rect x="4" y="8" width="99" height="32" rx="8"></rect>
                <text x="53" y="24">golang:1.22</text></g><g class="image"><title>scratch</title>
                <rect x="143" y="58" width="92" height="32" rx="8"></rect>
                <text x="189" y="74">scratch</text></g><g class="stage"><title>build</title>
                <rect x="143" y="4" width="92" height="40" rx="8"></rect>
                <text x="189" y="24">build</text></g><g class="stage ships"><title>stage-1</title>
                <rect x="275" y="29" width="92" height="40" rx="8"></rect>
                <text x="321" y="49">stage-1</text></g></svg></figure></div>
                <h3>Look at this yourself</h3><ul class="needs">
                <li>Does the program read files of its own when it runs, such as templates or migrations? Copy them from the first stage too.</li>
                <li>An empty image has no shell, no /tmp and no time zones: look whether the program wants one of them.</li></ul>
                <h3>Line by line</h3>
                <table class="diff"><colgroup><col class="n"><col><col class="n"><col></colgroup><thead>
                <tr><th colspan="2" scope="col">now</th><th colspan="2" scope="col">in two stages</th></tr></thead><tbody>
                <tr class="">
                <td class="n gone">1</td>
                <td class="gone"><span class="sign">−</span><code>FROM golang:1.22</code></td>
                <td class="n new">1</td>
                <td class="new"><span class="sign">+</span><code>FROM golang:1.22 AS build</code>
                <p class="why">This stage builds and stays behind: its base, its tools and their caches do not ship.</p></td></tr>
                <tr class="same">
                <td class="n as-is">2</td>
                <td class="as-is"><code>WORKDIR /a</code></td>
                <td class="n as-is">2</td>
                <td class="as-is"><code>WORKDIR /a</code></td></tr>
                <tr class="same">
                <td class="n as-is">3</td>
                <td class="as-is"><code>COPY . .</code></td>
                <td class="n as-is">3</td>
                <td class="as-is"><code>COPY . .</code></td></tr>
                <tr class="same">
                <td class="n as-is">4</td>
                <td class="as-is"><code>RUN CGO_ENABLED=0 go build -o /b</code></td>
                <td class="n as-is">4</td>
                <td class="as-is"><code>RUN CGO_ENABLED=0 go build -o /b</code></td></tr>
                <tr class="">
                <td class="void" colspan="2"></td>
                <td class="n new">5</td>
                <td class="new"><span class="sign">+</span><code></code></td></tr>
                <tr class="">
                <td class="void" colspan="2"></td>
                <td class="n new">6</td>
                <td class="new"><span class="sign">+</span><code>FROM scratch</code>
                <p class="why">An empty image: a Go program without C needs no system around it.</p></td></tr>
                <tr class="">
                <td class="void" colspan="2"></td>
                <td class="n new">7</td>
                <td class="new"><span class="sign">+</span><code>WORKDIR /a</code></td></tr>
                <tr class="">
                <td class="void" colspan="2"></td>
                <td class="n new">8</td>
                <td class="new"><span class="sign">+</span><code>COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt</code>
                <p class="why">An empty image has no certificate authorities, and calls over HTTPS need them.</p></td></tr>
                <tr class="">
                <td class="void" colspan="2"></td>
                <td class="n new">9</td>
                <td class="new"><span class="sign">+</span><code>COPY --from=build /b /b</code>
                <p class="why">The program alone ships, under its old path, so that what starts it stays as it is.</p></td></tr>
                <tr class="same">
                <td class="n as-is">5</td>
                <td class="as-is"><code>CMD [&quot;/b&quot;, &quot;&lt;x&gt;&quot;]</code></td>
                <td class="n as-is">10</td>
                <td class="as-is"><code>CMD [&quot;/b&quot;, &quot;&lt;x&gt;&quot;]</code></td></tr></tbody></table>"#]],
        );
    }

    #[test]
    fn a_file_that_is_left_alone_is_told_why() {
        check(
            "FROM maven\nCOPY . .\nRUN mvn package\nCMD java -jar target/a.jar\n",
            expect![[r#"

            <h3>Left as it is</h3>
            <p><button class="line" type="button" data-do="jump" value="1">line 1</button> The base does not say which version of Java it has.</p>
            <p>Take a tag that does, such as maven:3.9-eclipse-temurin-21.</p>
            <p class="soft">The assistant parts Dockerfiles of one stage in two: Go, Node and front ends, Python, Java, Rust, .NET. It leaves alone what it cannot place for sure.</p>"#]],
        );
        check(
            "FROM alpine\n",
            expect![[r#"

            <h3>Left as it is</h3>
            <p>No CMD and no ENTRYPOINT says what the image runs, so what it needs for that is not plain.</p>
            <p>Add CMD with the program's path.</p>
            <p class="soft">The assistant parts Dockerfiles of one stage in two: Go, Node and front ends, Python, Java, Rust, .NET. It leaves alone what it cannot place for sure.</p>"#]],
        );
    }
}
