//! The cache: what a change makes run again and why, what runs when, and the order of lines that reruns less.

use crate::language::Text;
use crate::strings::{self, cache as words};
use crate::tabs::{Desk, Fields, select};
use layercast_core::cache::lane::{self, Bar, Lane, Times};
use layercast_core::cache::reorder::{self, Reorder};
use layercast_core::cache::{self, Change, Fate, Rerun, Step};
use layercast_core::diagnostic::apply;
use layercast_core::report::{Setting, Source};
use maud::{Markup, html};

/// So many files are offered, and so many steps drawn.
const OFFERED: usize = 300;
const DRAWN: usize = 400;

/// Draws it.
pub(super) fn draw(desk: Desk<'_>, fields: &Fields) -> Markup {
    let change = change(desk, fields);
    let rerun = cache::what_if(desk.source, desk.facts, &change);
    html! {
        (controls(desk, fields))
        @if let Some(stopped) = &rerun.stopped {
            p { (words::STOPPED) }
            p { button.line type="button" data-do="jump" value=(stopped.line) { (strings::line(stopped.line)) } " " (stopped.message) }
        } @else if rerun.steps.is_empty() {
            p.soft { (words::NO_STEPS) }
        } @else {
            (answer(desk, &rerun, &reorder::reorders(desk.source, desk.facts, &change)))
        }
    }
}

/// The change that the fields ask for.
fn change(desk: Desk<'_>, fields: &Fields) -> Change {
    let named = |name: &str| Some(fields.get(name)).filter(|value| !value.is_empty()).map(str::to_owned);
    match fields.get("change") {
        "line" => {
            let line = fields.get("cursor").parse().unwrap_or(1);
            Change::Line { line, dockerfile: "Dockerfile".to_owned() }
        }
        "arg" => {
            let name = named("arg").or_else(|| arguments(desk).first().map(|name| (*name).to_owned()));
            name.map_or(Change::Nothing, |name| Change::Argument { name, value: named("value") })
        }
        "base" => Change::Base { stage: named("stage") },
        "no-cache" => Change::NoCache,
        "nothing" => Change::Nothing,
        _ => Change::File { path: named("path").unwrap_or_else(|| "**".to_owned()) },
    }
}

fn controls(desk: Desk<'_>, fields: &Fields) -> Markup {
    let text = |name: &str, label: Text, hint: Text, list: Option<&str>| {
        html! {
            label { (label) " "
                input type="text" name=(name) value=(fields.get(name)) placeholder=(hint) list=[list]
                    autocapitalize="off" autocomplete="off" spellcheck="false";
            }
        }
    };
    html! {
        p.choices {
            (select("change", words::CHANGE, words::CHANGES.iter().map(|(value, text)| (*value, text.t())), fields.get("change")))
            @match fields.get("change") {
                "line" => label { (words::LINE) " "
                    input type="number" name="cursor" min="1" value=(if fields.get("cursor").is_empty() { "1" } else { fields.get("cursor") });
                },
                "arg" => {
                    @let arguments = arguments(desk);
                    @if arguments.is_empty() { (words::NO_ARGUMENT) } @else {
                        (select("arg", words::ARGUMENT, arguments.iter().map(|name| (*name, *name)), fields.get("arg")))
                        (text("value", words::VALUE, words::ANY_VALUE, None))
                    }
                },
                "base" => {
                    @let stages = desk.report.stages.iter().filter(|stage| matches!(stage.source, Source::Image(_)));
                    @let stages = stages.map(|stage| (stage.display_name.as_str(), stage.display_name.as_str()));
                    (select("stage", words::STAGE, std::iter::once(("", words::TARGET.t())).chain(stages), fields.get("stage")))
                },
                "no-cache" | "nothing" => {},
                _ => {
                    (text("path", words::PATH, words::ANY_FILE, Some("cache-files")))
                    datalist id="cache-files" { @for path in files(desk) { option value=(path) {} } }
                }
            }
        }
    }
}

fn arguments<'a>(desk: Desk<'a>) -> Vec<&'a str> {
    let sets = desk.report.instructions.iter().flat_map(|instruction| &instruction.sets);
    let mut names: Vec<&str> =
        sets.filter(|set| set.kind == Setting::Arg).map(|set| set.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn files<'a>(desk: Desk<'a>) -> impl Iterator<Item = &'a str> {
    let listed = desk.facts.context.iter().flat_map(|context| &context.files);
    listed.map(|file| file.path.as_str()).take(OFFERED)
}

fn answer(desk: Desk<'_>, rerun: &Rerun, reorders: &[Reorder]) -> Markup {
    let lane = lane::lane(rerun, |step| lane::measured(desk.facts, step));
    let (certain, possible) = (rerun.count(Fate::Reruns), rerun.count(Fate::MayRerun));
    html! {
        p.sum role="status" { (words::summary(rerun.steps.len(), certain, possible)) }
        @for note in &rerun.notes { p.soft { (note) } }
        @if !reorders.is_empty() { (better(desk, reorders)) }
        @for steps in rerun.steps.chunk_by(|one, next| one.stage == next.stage) {
            h3 { (steps[0].stage_name) }
            ol.fates { @for step in steps.iter().take(DRAWN) { (entry(rerun, step)) } }
        }
        @if !lane.bars.is_empty() { (timeline(rerun, &lane)) }
        p.soft { (words::LEGEND) }
    }
}

fn entry(rerun: &Rerun, step: &Step) -> Markup {
    let (class, word) = match step.fate {
        Fate::Cached => ("cached", words::CACHED),
        Fate::MayRerun => ("may", words::MAY_RERUN),
        Fate::Reruns => ("reruns", words::RERUNS),
    };
    let below = match &step.why {
        Some(cache::Why::Below { step, .. } | cache::Why::Linked { step, .. }) => rerun.steps.get(*step),
        _ => None,
    };
    html! {
        li class=(class) {
            button.line type="button" data-do="jump" value=(step.line) { (strings::line(step.line)) }
            div {
                code { (step.text) }
                @if !step.reason.is_empty() {
                    p.soft { (step.reason) @if let Some(below) = below { ": " code { (below.keyword) } } }
                }
            }
            span.fate { (word) }
        }
    }
}

fn better(desk: Desk<'_>, reorders: &[Reorder]) -> Markup {
    html! {
        h3 { (words::BETTER) }
        ul.better {
            @for reorder in reorders {
                li {
                    button."button small" type="button" data-do="edit"
                        value=(apply(desk.source, std::slice::from_ref(&reorder.fix))) { (reorder.fix.title) }
                    span.fate { (words::saves(reorder.saves)) }
                    @for assumed in &reorder.assumes { p.soft { (words::PROVIDED) " " (assumed) } }
                }
            }
        }
    }
}

/// A row for each stage that runs, a bar for each of its steps.
fn timeline(rerun: &Rerun, lane: &Lane) -> Markup {
    let in_seconds = lane.times != Times::Equal;
    let step = |bar: &Bar| &rerun.steps[bar.step];
    let share = |time: f64| format!("{:.2}%", 100.0 * time / lane.end.max(f64::MIN_POSITIVE));
    html! {
        h3 { (words::LANE) }
        p { (words::duration(lane.end, in_seconds, lane.times.sentence())) }
        div.lane role="img" aria-label=(words::drawn(lane.bars.len())) {
            @for bars in lane.bars.chunk_by(|one, next| step(one).stage == step(next).stage) {
                div.track {
                    span.of { (step(&bars[0]).stage_name) }
                    div.bars-of {
                        @for bar in bars.iter().take(DRAWN) {
                            i.critical[bar.critical].may[step(bar).fate == Fate::MayRerun]
                                style={ "left:" (share(bar.start)) ";width:" (share(bar.end - bar.start)) } {
                                (step(bar).line)
                            }
                        }
                    }
                }
            }
        }
        details { summary { (words::IN_WORDS) }
            ul { @for bar in lane.bars.iter().take(DRAWN) {
                li { (strings::line(step(bar).line)) ", " (step(bar).stage_name) ": " (words::span(bar.start, bar.end, in_seconds)) }
            } }
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::tabs;
    use expect_test::{Expect, expect};
    use layercast_core::{Facts, analyse};

    const NODE: &str = "\
FROM node:24 AS build
ARG VERSION
WORKDIR /app
COPY . .
RUN npm ci
FROM nginx
COPY --from=build /app/dist /<html>
";

    fn drawn(source: &str, fields: &[(&str, &str)]) -> String {
        let facts = Facts::default();
        let report = analyse(source, &facts);
        let desk = Desk { source, facts: &facts, report: &report };
        let owned = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        tabs::draw("cache", desk, &Fields(owned)).unwrap_or_default()
    }

    /// What follows the controls, a tag a line where one begins.
    #[track_caller]
    fn check(source: &str, fields: &[(&str, &str)], expected: Expect) {
        let html = drawn(source, fields);
        let (_, answer) = html.split_once("</p>").unwrap_or_default();
        let mut text = answer.replace('\u{a0}', " ");
        for tag in ["<li", "<h3", "<p", "<div", "<details"] {
            text = text.replace(tag, &format!("\n{tag}"));
        }
        expected.assert_eq(&text);
    }

    /// The controls alone.
    #[track_caller]
    fn check_controls(fields: &[(&str, &str)], expected: Expect) {
        let html = drawn(NODE, fields);
        let (controls, _) = html.split_once("</p>").unwrap_or_default();
        expected.assert_eq(&controls.replace("<label", "\n<label").replace("<option", "\n<option"));
    }

    #[test]
    fn a_file_is_what_changes_unless_something_else_is_chosen() {
        check_controls(
            &[],
            expect![[r#"
            <p class="choices">
            <label>What changes <select name="change">
            <option value="" selected>a file of the project</option>
            <option value="line">a line of the Dockerfile</option>
            <option value="arg">a build argument</option>
            <option value="base">a base image</option>
            <option value="no-cache">everything: --no-cache</option>
            <option value="nothing">nothing</option></select></label>
            <label>Path or pattern <input type="text" name="path" value="" placeholder="any file" list="cache-files" autocapitalize="off" autocomplete="off" spellcheck="false"></label><datalist id="cache-files"></datalist>"#]],
        );
        check_controls(
            &[("change", "arg"), ("arg", "VERSION")],
            expect![[r#"
            <p class="choices">
            <label>What changes <select name="change">
            <option value="">a file of the project</option>
            <option value="line">a line of the Dockerfile</option>
            <option value="arg" selected>a build argument</option>
            <option value="base">a base image</option>
            <option value="no-cache">everything: --no-cache</option>
            <option value="nothing">nothing</option></select></label>
            <label>Argument <select name="arg">
            <option value="VERSION" selected>VERSION</option></select></label>
            <label>New value <input type="text" name="value" value="" placeholder="any other" autocapitalize="off" autocomplete="off" spellcheck="false"></label>"#]],
        );
        check_controls(
            &[("change", "base")],
            expect![[r#"
            <p class="choices">
            <label>What changes <select name="change">
            <option value="">a file of the project</option>
            <option value="line">a line of the Dockerfile</option>
            <option value="arg">a build argument</option>
            <option value="base" selected>a base image</option>
            <option value="no-cache">everything: --no-cache</option>
            <option value="nothing">nothing</option></select></label>
            <label>Of stage <select name="stage">
            <option value="" selected>the target</option>
            <option value="build">build</option>
            <option value="stage-1">stage-1</option></select></label>"#]],
        );
        check_controls(
            &[("change", "line"), ("cursor", "4")],
            expect![[r#"
            <p class="choices">
            <label>What changes <select name="change">
            <option value="">a file of the project</option>
            <option value="line" selected>a line of the Dockerfile</option>
            <option value="arg">a build argument</option>
            <option value="base">a base image</option>
            <option value="no-cache">everything: --no-cache</option>
            <option value="nothing">nothing</option></select></label>
            <label>Line <input type="number" name="cursor" min="1" value="4"></label>"#]],
        );
    }

    #[test]
    fn every_step_has_its_fate_its_reason_and_its_time() {
        check(
            NODE,
            &[("path", "src/<a>.js")],
            expect![[r#"

                <p class="sum" role="status">Of 6 steps, 2 to run again, perhaps 1 more.</p>
                <h3>Lines in another order</h3><ul class="better">
                <li><button class="button small" type="button" data-do="edit" value="FROM node:24 AS build
                ARG VERSION
                WORKDIR /app
                COPY package.json package-lock.json* ./
                RUN npm ci
                COPY . .
                FROM nginx
                COPY --from=build /app/dist /&lt;html&gt;
                ">Copy package.json and package-lock.json* first, the rest below line 5</button><span class="fate">1 step less to run again</span>
                <p class="soft">Provided: No script that runs at installation reads other files of the project.</p>
                <p class="soft">Provided: The build context has no node_modules, or .dockerignore keeps it out.</p></li></ul>
                <h3>build</h3><ol class="fates">
                <li class="cached"><button class="line" type="button" data-do="jump" value="1">line 1</button>
                <div><code>FROM node:24 AS build</code></div><span class="fate">○ cached</span></li>
                <li class="cached"><button class="line" type="button" data-do="jump" value="3">line 3</button>
                <div><code>WORKDIR /app</code></div><span class="fate">○ cached</span></li>
                <li class="reruns"><button class="line" type="button" data-do="jump" value="4">line 4</button>
                <div><code>COPY . .</code>
                <p class="soft">it copies src/&lt;a&gt;.js</p></div><span class="fate">● reruns</span></li>
                <li class="reruns"><button class="line" type="button" data-do="jump" value="5">line 5</button>
                <div><code>RUN npm ci</code>
                <p class="soft">it stands on line 4: <code>COPY</code></p></div><span class="fate">● reruns</span></li></ol>
                <h3>stage-1</h3><ol class="fates">
                <li class="cached"><button class="line" type="button" data-do="jump" value="6">line 6</button>
                <div><code>FROM nginx</code></div><span class="fate">○ cached</span></li>
                <li class="may"><button class="line" type="button" data-do="jump" value="7">line 7</button>
                <div><code>COPY --from=build /app/dist /&lt;html&gt;</code>
                <p class="soft">it takes files of build: the same content keeps it</p></div><span class="fate">◌ may rerun</span></li></ol>
                <h3>What runs when</h3>
                <p>At most as long as 3 steps in a row: no build was measured: every step is drawn as long as every other.</p>
                <div class="lane" role="img" aria-label="3 steps over time, stage by stage; the same in words below">
                <div class="track"><span class="of">build</span>
                <div class="bars-of"><i class="critical" style="left:0.00%;width:33.33%">4</i><i class="critical" style="left:33.33%;width:33.33%">5</i></div></div>
                <div class="track"><span class="of">stage-1</span>
                <div class="bars-of"><i class="critical may" style="left:66.67%;width:33.33%">7</i></div></div></div>
                <details><summary>The same in words</summary><ul>
                <li>line 4, build: 0 to 1</li>
                <li>line 5, build: 1 to 2</li>
                <li>line 7, stage-1: 2 to 3</li></ul></details>
                <p class="soft">A step reruns where its key is another. It may rerun where it takes files of a step that reruns: where they come out the same, it stays in the cache. What is in the cache takes no time and is not drawn; what is underlined makes the whole as long as it is.</p>"#]],
        );
    }

    #[test]
    fn what_is_cached_has_no_time() {
        check(
            "FROM a\nRUN b\n",
            &[("change", "nothing")],
            expect![[r#"

                <p class="sum" role="status">Of 2 steps, all in the cache.</p>
                <h3>stage-0</h3><ol class="fates">
                <li class="cached"><button class="line" type="button" data-do="jump" value="1">line 1</button>
                <div><code>FROM a</code></div><span class="fate">○ cached</span></li>
                <li class="cached"><button class="line" type="button" data-do="jump" value="2">line 2</button>
                <div><code>RUN b</code></div><span class="fate">○ cached</span></li></ol>
                <p class="soft">A step reruns where its key is another. It may rerun where it takes files of a step that reruns: where they come out the same, it stays in the cache. What is in the cache takes no time and is not drawn; what is underlined makes the whole as long as it is.</p>"#]],
        );
    }

    #[test]
    fn what_does_not_build_and_what_has_no_steps() {
        check(
            "FROM a\nRUNN <b>\n",
            &[],
            expect![[r#"

                <p>The target does not build, so nothing of it is in the cache:</p>
                <p><button class="line" type="button" data-do="jump" value="2">line 2</button> `RUNN` is no instruction</p>"#]],
        );
        check(
            "FROM scratch\n",
            &[],
            expect![[r#"

            <p class="soft">The target has no step: it only names an image.</p>"#]],
        );
    }
}
