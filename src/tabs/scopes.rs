//! Scopes: what holds on the line of the cursor, where it comes from, and why a variable is empty there.

use crate::strings::{self, scopes as words};
use crate::tabs::{Desk, Fields};
use layercast_core::Report;
use layercast_core::diagnostic::apply;
use layercast_core::report::{InForce, InstructionReport, Origin, Setting};
use layercast_core::variable_use::{VariableUse, Why, uses_at};
use maud::{Markup, html};

/// So many things that come with the base image stand open; more are folded.
const LETTERS: usize = 160;

/// Draws it. The cursor is the page's to tell.
pub(super) fn draw(desk: Desk<'_>, fields: &Fields) -> Markup {
    let line: usize = fields.get("cursor").parse().unwrap_or(1);
    let at = desk.report.instructions.iter().rposition(|instruction| instruction.line <= line);
    let instruction = at.map(|at| &desk.report.instructions[at]);
    html! {
        input type="hidden" name="cursor" value=(fields.get("cursor"));
        p.soft { (words::HINT) }
        @if let Some(instruction) = instruction {
            (head(desk.report, instruction))
            (uses(desk, instruction))
            (in_force(desk.report, instruction))
        }
    }
}

fn head(report: &Report, instruction: &InstructionReport) -> Markup {
    let stage = instruction.stage.and_then(|stage| report.stages.get(stage));
    html! {
        h3 {
            (strings::line(instruction.line))
            @if let Some(stage) = stage { small { (words::stage(&stage.display_name)) } }
        }
        pre { (cut(&instruction.text)) }
    }
}

fn uses(desk: Desk<'_>, instruction: &InstructionReport) -> Markup {
    let uses = uses_at(desk.source, desk.report, instruction.line);
    html! {
        h3 { (words::USED) small { (uses.len()) } }
        @if uses.is_empty() { p.soft { (words::USED_NONE) } }
        ul.uses { @for used in &uses { (one_use(desk, instruction, used)) } }
    }
}

fn one_use(desk: Desk<'_>, instruction: &InstructionReport, used: &VariableUse) -> Markup {
    let is_explained = matches!(used.why, None | Some(Why::SetByCommand | Why::SetByShell));
    let stand_in = used.stand_in.as_deref().filter(|text| !text.is_empty());
    let is_fine = is_explained || stand_in.is_some();
    let line_of_why = used.why.as_ref().and_then(line_of);
    let value = used.value.as_deref().filter(|value| !value.is_empty());
    let of_builder = value.is_none() && used.why.is_none() && instruction.keyword == "FROM";
    html! {
        li.(if is_fine { "fine" } else { "open" }) {
            code.name { "$" (used.name) }
            div {
                p {
                    @match value {
                        Some(value) => code { (cut(value)) },
                        None if of_builder => { (words::BUILDER_KNOWS) },
                        None if is_explained => "",
                        None => b { (words::EMPTY) },
                    }
                    @if let Some(stand_in) = stand_in.filter(|_| value.is_none()) { " " (stands_in(stand_in)) }
                    @if let Some(origin) = used.origin {
                        span.soft { " " (words::origin(told_origin(desk.report, &used.name, origin))) " " }
                    }
                    @if let Some(line) = used.line { (jump(line)) }
                }
                @if let Some(why) = &used.why { p { (words::why(&used.name, why)) } }
                @if line_of_why.is_some() || used.fix.is_some() {
                    p.choices {
                        @if let Some(line) = line_of_why { (jump(line)) }
                        @if let Some(fix) = &used.fix {
                            button."button small" type="button" data-do="edit"
                                value=(apply(desk.source, std::slice::from_ref(fix))) { (fix.title) }
                        }
                    }
                }
            }
        }
    }
}

fn stands_in(value: &str) -> Markup {
    let (before, after) = words::STANDS_IN.t().split_once("{}").unwrap_or_default();
    html! { (before) code { (value) } (after) }
}

/// What every build has counts as global too, and comes from the builder.
fn told_origin(report: &Report, name: &str, origin: Origin) -> Origin {
    let is_above = || {
        let above = report.instructions.iter().filter(|above| above.stage.is_none());
        above.flat_map(|above| &above.sets).any(|set| set.name == name)
    };
    if origin == Origin::Global && !is_above() { Origin::Builder } else { origin }
}

/// The line that a reason speaks of.
fn line_of(why: &Why) -> Option<usize> {
    match why {
        Why::OnlyAboveFrom { line }
        | Why::NotInFrom { line }
        | Why::Later { line }
        | Why::OtherStage { line, .. }
        | Why::NoValue { line }
        | Why::GoneAtRunTime { line } => Some(*line),
        Why::SingleQuotes
        | Why::NoShell
        | Why::NotAsked
        | Why::SameInstruction
        | Why::SetEmpty
        | Why::SetByCommand
        | Why::SetByShell
        | Why::Never { .. } => None,
    }
}

/// What the file sets first, then what comes with the base image.
fn in_force(report: &Report, instruction: &InstructionReport) -> Markup {
    let is_from = instruction.keyword == "FROM";
    let all =
        if is_from { seen_by_from(report, instruction.line) } else { report.scope_at(instruction.line) };
    let (outside, own): (Vec<&InForce>, Vec<&InForce>) =
        all.iter().partition(|set| matches!(set.assignment.origin, Origin::Image | Origin::Builder));
    html! {
        h3 { (if is_from { words::IN_FORCE_FROM } else { words::IN_FORCE }) small { (own.len()) } }
        @if own.is_empty() { p.soft { (words::IN_FORCE_NONE) } } @else { (table(report, &own)) }
        @if !outside.is_empty() {
            details { summary { (words::FROM_IMAGE) " (" (outside.len()) ")" } (table(report, &outside)) }
        }
    }
}

/// The arguments above the first FROM, the last of each name.
fn seen_by_from(report: &Report, line: usize) -> Vec<InForce> {
    let above = report.instructions.iter().filter(|above| above.stage.is_none() && above.line < line);
    let mut seen: Vec<InForce> = Vec::new();
    for (line, set) in above.flat_map(|above| above.sets.iter().map(|set| (above.line, set))) {
        seen.retain(|known| known.assignment.name != set.name);
        seen.push(InForce { assignment: set.clone(), line: Some(line) });
    }
    seen
}

fn table(report: &Report, all: &[&InForce]) -> Markup {
    html! {
        table.scope {
            thead { tr { th { (words::NAME) } th { (words::VALUE) } th { (words::ORIGIN) } } }
            tbody { @for set in all { (row(report, set)) } }
        }
    }
}

fn row(report: &Report, set: &InForce) -> Markup {
    let assignment = &set.assignment;
    let is_variable = matches!(assignment.kind, Setting::Arg | Setting::Env);
    html! {
        tr {
            td {
                small { (words::setting(assignment.kind)) }
                @if is_variable { " " code { (assignment.name) } }
            }
            td {
                @match assignment.value.as_deref() {
                    Some(value) if !value.is_empty() => code { (cut(value)) },
                    _ => span.soft { (words::EMPTY) },
                }
            }
            td { span.soft { (words::origin(told_origin(report, &assignment.name, assignment.origin))) " " } @if let Some(line) = origin_line(report, set) { (jump(line)) } }
        }
    }
}

/// What an ARG takes from above the first FROM is set there.
fn origin_line(report: &Report, set: &InForce) -> Option<usize> {
    let mut above = report.instructions.iter().filter(|above| above.stage.is_none());
    let sets = |above: &&InstructionReport| above.sets.iter().any(|known| known.name == set.assignment.name);
    match set.assignment.origin {
        Origin::Global => above.rfind(sets).map(|above| above.line).or(set.line),
        _ => set.line,
    }
}

fn jump(line: usize) -> Markup {
    html! { button.line type="button" data-do="jump" value=(line) { (strings::line(line)) } }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(LETTERS).collect::<String>())
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::tabs;
    use expect_test::{Expect, expect};
    use layercast_core::{Facts, analyse};

    #[track_caller]
    fn check(source: &str, cursor: &str, expected: Expect) {
        let facts = Facts::default();
        let report = analyse(source, &facts);
        let desk = Desk { source, facts: &facts, report: &report };
        let fields = Fields(vec![("cursor".to_owned(), cursor.to_owned())]);
        let html = tabs::draw("scopes", desk, &fields).unwrap_or_default();
        let lines = ["<h3", "<li", "<tr", "<details", "<button"]
            .iter()
            .fold(html, |html, tag| html.replace(tag, &format!("\n{tag}")));
        expected.assert_eq(&lines);
    }

    #[test]
    fn an_argument_above_from_is_explained_and_mended() {
        check(
            "ARG V=1\nFROM scratch\nARG W=<2>\nCOPY $V $W/ /\n",
            "4",
            expect![[r#"
                <input type="hidden" name="cursor" value="4"><p class="soft">Put the cursor into a line of the editor: here stands what holds on that line.</p>
                <h3>line 4<small>stage stage-0</small></h3><pre>COPY $V $W/ /</pre>
                <h3>Used on this line<small>2</small></h3><ul class="uses">
                <li class="open"><code class="name">$V</code><div><p><b>empty</b></p><p>ARG V of line 1 stands above the first FROM: it holds in FROM lines alone. The stage needs an ARG V of its own, without a value.</p><p class="choices">
                <button class="line" type="button" data-do="jump" value="1">line 1</button>
                <button class="button small" type="button" data-do="edit" value="ARG V=1
                FROM scratch
                ARG V
                ARG W=&lt;2&gt;
                COPY $V $W/ /
                ">Write ARG V into this stage</button></p></div></li>
                <li class="fine"><code class="name">$W</code><div><p><code>&lt;2&gt;</code><span class="soft"> written there </span>
                <button class="line" type="button" data-do="jump" value="3">line 3</button></p></div></li></ul>
                <h3>In force here<small>1</small></h3><table class="scope"><thead>
                <tr><th>name</th><th>value</th><th>where from</th></tr></thead><tbody>
                <tr><td><small>ARG</small> <code>W</code></td><td><code>&lt;2&gt;</code></td><td><span class="soft">written there </span>
                <button class="line" type="button" data-do="jump" value="3">line 3</button></td></tr></tbody></table>
                <details><summary>What comes with the base image (1)</summary><table class="scope"><thead>
                <tr><th>name</th><th>value</th><th>where from</th></tr></thead><tbody>
                <tr><td><small>ENV</small> <code>PATH</code></td><td><code>/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin</code></td><td><span class="soft">the builder </span></td></tr></tbody></table></details>"#]],
        );
    }

    #[test]
    fn from_sees_the_arguments_above_it() {
        check(
            "ARG V=3.22\nFROM alpine:$V\n",
            "2",
            expect![[r#"
                <input type="hidden" name="cursor" value="2"><p class="soft">Put the cursor into a line of the editor: here stands what holds on that line.</p>
                <h3>line 2<small>stage stage-0</small></h3><pre>FROM alpine:$V</pre>
                <h3>Used on this line<small>1</small></h3><ul class="uses">
                <li class="fine"><code class="name">$V</code><div><p><code>3.22</code><span class="soft"> written there </span>
                <button class="line" type="button" data-do="jump" value="1">line 1</button></p></div></li></ul>
                <h3>What FROM sees<small>1</small></h3><table class="scope"><thead>
                <tr><th>name</th><th>value</th><th>where from</th></tr></thead><tbody>
                <tr><td><small>ARG</small> <code>V</code></td><td><code>3.22</code></td><td><span class="soft">written there </span>
                <button class="line" type="button" data-do="jump" value="1">line 1</button></td></tr></tbody></table>"#]],
        );
    }

    #[test]
    fn no_cursor_is_the_first_line_and_no_text_is_no_line() {
        check(
            "",
            "",
            expect![[
                r#"<input type="hidden" name="cursor" value=""><p class="soft">Put the cursor into a line of the editor: here stands what holds on that line.</p>"#
            ]],
        );
        check(
            "FROM scratch\n",
            "99",
            expect![[r#"
            <input type="hidden" name="cursor" value="99"><p class="soft">Put the cursor into a line of the editor: here stands what holds on that line.</p>
            <h3>line 1<small>stage stage-0</small></h3><pre>FROM scratch</pre>
            <h3>Used on this line<small>0</small></h3><p class="soft">This line uses no variable.</p><ul class="uses"></ul>
            <h3>What FROM sees<small>0</small></h3><p class="soft">Nothing is set here.</p>"#]],
        );
    }
}
