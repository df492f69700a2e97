//! Checks: what is said of the file, apart for what ships and what does not; why; and fixes that one click makes, with
//! what they save.

use crate::bytes::Bytes;
use crate::figures::{self, Role};
use crate::language::Text;
use crate::strings::{self, checks as words};
use crate::tabs::{Desk, Fields};
use layercast_core::diagnostic::{Diagnostic, Fix, Severity, apply, compatible};
use layercast_core::lint::Rule;
use layercast_core::{Report, analyse};
use maud::{Markup, html};

/// So many are listed; all are counted.
const LISTED: usize = 200;
/// What so many fixes save is worked out: each takes an analysis.
const WEIGHED: usize = 12;
/// Less is not worth a word.
const WORTH_A_WORD: u64 = 10_000;

/// Draws it.
pub(super) fn draw(desk: Desk<'_>, _: &Fields) -> Markup {
    let roles = figures::roles(desk.report);
    let all: Vec<Remark<'_>> = remarks(desk);
    let (ships, beside): (Vec<_>, Vec<_>) =
        all.iter().partition(|remark| is_of_what_ships(desk.report, &roles, remark.diagnostic.line));
    html! {
        @if all.is_empty() { p.soft { (words::CLEAN) } }
        (every_fix(desk, &all))
        (group(words::SHIPS, &ships))
        (group(words::BESIDE, &beside))
    }
}

/// A remark, the text that its fix makes, and what that saves.
struct Remark<'a> {
    diagnostic: &'a Diagnostic,
    fixed: Option<(&'a Fix, String, Option<u64>)>,
}

fn remarks(desk: Desk<'_>) -> Vec<Remark<'_>> {
    let mut all = Vec::new();
    let mut left = WEIGHED;
    for diagnostic in desk.report.diagnostics() {
        let fixed = diagnostic.fix.as_ref().map(|fix| {
            let text = apply(desk.source, std::slice::from_ref(fix));
            let saved = if left > 0 { saved(desk, &text) } else { None };
            left = left.saturating_sub(1);
            (fix, text, saved)
        });
        all.push(Remark { diagnostic, fixed });
    }
    all
}

/// Unpacked bytes that the target loses by another text, where both are known as far as each other.
fn saved(desk: Desk<'_>, text: &str) -> Option<u64> {
    let after = analyse(text, desk.facts);
    let (before, after) = (&desk.report.target()?.size, &after.target()?.size);
    if before.unknown.len() != after.unknown.len() {
        return None;
    }
    let saved = before.unpacked.likely.saturating_sub(after.unpacked.likely);
    (saved > WORTH_A_WORD).then_some(saved)
}

/// What stands before the first stage is of every one.
fn is_of_what_ships(report: &Report, roles: &[Role], line: usize) -> bool {
    let stage = report.stages.iter().find(|stage| (stage.line..=stage.end_line).contains(&line));
    let role = stage.and_then(|stage| roles.get(stage.index));
    matches!(role, None | Some(Role::Ships | Role::Inside))
}

fn every_fix(desk: Desk<'_>, remarks: &[Remark<'_>]) -> Markup {
    let fixes: Vec<Fix> =
        remarks.iter().filter_map(|remark| Some(remark.fixed.as_ref()?.0.clone())).collect();
    let fixes: Vec<Fix> = compatible(desk.source, &fixes).into_iter().map(|at| fixes[at].clone()).collect();
    html! {
        @if fixes.len() > 1 {
            p.choices {
                button.button type="button" data-do="edit" value=(apply(desk.source, &fixes)) {
                    (words::ALL_FIXES) " (" (fixes.len()) ")"
                }
                span.soft { (words::ALL_FIXES_HINT) }
            }
        }
    }
}

fn group(title: Text, remarks: &[&Remark<'_>]) -> Markup {
    html! {
        @if !remarks.is_empty() {
            h3 { (title) small { (remarks.len()) } }
            ul.remarks { @for remark in remarks.iter().take(LISTED) { (entry(remark)) } }
            @if remarks.len() > LISTED { p.soft { (strings::more(remarks.len() - LISTED)) } }
        }
    }
}

fn entry(Remark { diagnostic, fixed }: &Remark<'_>) -> Markup {
    html! {
        li class=(severity(diagnostic.severity)) {
            button.line type="button" data-do="jump" value=(diagnostic.line) { (strings::line(diagnostic.line)) }
            div {
                p { (diagnostic.message) }
                @for note in &diagnostic.notes { p.soft { (note) } }
                @if let Some((fix, text, saved)) = fixed {
                    p.choices {
                        button."button small" type="button" data-do="edit" value=(text) { (fix.title) }
                        @if let Some(saved) = saved { span.gain { (words::saves(&Bytes(*saved).to_string())) } }
                    }
                }
                @if let Some(rule) = Rule::find(diagnostic.rule) { (explanation(rule)) }
            }
            code.rule { (diagnostic.buildkit.unwrap_or(diagnostic.rule)) }
        }
    }
}

fn explanation(rule: &Rule) -> Markup {
    html! {
        details {
            summary { (words::WHY) }
            p { (rule.explanation.why) }
            div.instead {
                figure { figcaption { (words::LIKE_THIS) } pre { (rule.explanation.example) } }
                figure { figcaption { (words::INSTEAD) } pre { (rule.explanation.instead) } }
            }
            p.soft { (words::SILENCE) code { "# check=skip=" (rule.public_name()) } }
        }
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
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
        let html = tabs::draw("checks", desk, &Fields::default()).unwrap_or_default();
        let html = without_details(&html).replace("<li", "\n<li").replace("<h3", "\n<h3");
        expected.assert_eq(&html.replace('\u{a0}', " "));
    }

    /// What checks are about has its own tests.
    fn without_details(html: &str) -> String {
        let mut pieces = html.split("<details>");
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |text, piece| text + piece.split_once("</details>").map_or("", |(_, rest)| rest))
    }

    #[test]
    fn a_fix_says_what_it_saves() {
        let source = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y curl\n";
        let facts = Facts::default();
        let report = analyse(source, &facts);
        let html = draw(Desk { source, facts: &facts, report: &report }, &Fields::default()).into_string();
        assert!(html.contains("data-do=\"edit\""), "{html}");
    }

    #[test]
    fn a_clean_file_is_called_clean() {
        check(
            "FROM scratch\nCOPY a /a\n",
            expect![[r#"<p class="soft">Nothing to say: every check is content with this file.</p>"#]],
        );
    }

    #[test]
    fn what_ships_comes_first_and_fixes_are_whole_texts() {
        check(
            "FROM scratch AS Build\nCOPY a /<a>\nFROM scratch\nCOPY --from=build /<b> /\nworkdir x\n",
            expect![[r#"
                <p class="choices"><button class="button" type="button" data-do="edit" value="FROM scratch AS build
                COPY a /&lt;a&gt;
                FROM scratch
                COPY --from=build /&lt;b&gt; /
                WORKDIR x
                ">Make every fix (2)</button><span class="soft">The editor can take each back with Ctrl+Z.</span></p>
                <h3>In what ships<small>2</small></h3><ul class="remarks">
                <li class="info"><button class="line" type="button" data-do="jump" value="5">line 5</button><div><p>`workdir` stands among keywords in upper case</p><p class="choices"><button class="button small" type="button" data-do="edit" value="FROM scratch AS Build
                COPY a /&lt;a&gt;
                FROM scratch
                COPY --from=build /&lt;b&gt; /
                WORKDIR x
                ">Write WORKDIR</button></p></div><code class="rule">ConsistentInstructionCasing</code></li>
                <li class="warning"><button class="line" type="button" data-do="jump" value="5">line 5</button><div><p>`x` joins whatever directory the base image leaves</p><p class="soft">Begin it with a slash: /x.</p></div><code class="rule">WorkdirRelativePath</code></li></ul>
                <h3>In stages that only help to build<small>1</small></h3><ul class="remarks">
                <li class="info"><button class="line" type="button" data-do="jump" value="1">line 1</button><div><p>`Build` becomes `build`</p><p class="choices"><button class="button small" type="button" data-do="edit" value="FROM scratch AS build
                COPY a /&lt;a&gt;
                FROM scratch
                COPY --from=build /&lt;b&gt; /
                workdir x
                ">Write build</button></p></div><code class="rule">StageNameCasing</code></li></ul>"#]],
        );
    }
}
