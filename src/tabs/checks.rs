//! Checks: what is said of the file, apart for what ships and what does not; fixes that one click makes.

use crate::figures::{self, Role};
use crate::strings::{self, checks as words};
use crate::tabs::{Desk, Fields};
use layercast_core::Report;
use layercast_core::diagnostic::{Diagnostic, Severity, apply};
use maud::{Markup, html};

/// So many are listed; all are counted.
const LISTED: usize = 200;

/// Draws it.
pub(super) fn draw(desk: Desk<'_>, _: &Fields) -> Markup {
    let roles = figures::roles(desk.report);
    let all: Vec<&Diagnostic> = desk.report.diagnostics().collect();
    let (ships, beside): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        all.iter().partition(|diagnostic| is_of_what_ships(desk.report, &roles, diagnostic.line));
    html! {
        @if all.is_empty() { p.soft { (words::CLEAN) } }
        (group(desk, words::SHIPS, &ships))
        (group(desk, words::BESIDE, &beside))
    }
}

/// What stands before the first stage is of every one.
fn is_of_what_ships(report: &Report, roles: &[Role], line: usize) -> bool {
    let stage = report.stages.iter().find(|stage| (stage.line..=stage.end_line).contains(&line));
    let role = stage.and_then(|stage| roles.get(stage.index));
    matches!(role, None | Some(Role::Ships | Role::Inside))
}

fn group(desk: Desk<'_>, title: &str, remarks: &[&Diagnostic]) -> Markup {
    html! {
        @if !remarks.is_empty() {
            h3 { (title) small { (remarks.len()) } }
            ul.remarks { @for remark in remarks.iter().take(LISTED) { (entry(desk, remark)) } }
            @if remarks.len() > LISTED { p.soft { (strings::more(remarks.len() - LISTED)) } }
        }
    }
}

fn entry(desk: Desk<'_>, remark: &Diagnostic) -> Markup {
    html! {
        li class=(severity(remark.severity)) {
            button.line type="button" data-do="jump" value=(remark.line) { (strings::line(remark.line)) }
            div {
                p { (remark.message) }
                @for note in &remark.notes { p.soft { (note) } }
                @if let Some(fix) = &remark.fix {
                    button."button small" type="button" data-do="edit"
                        value=(apply(desk.source, std::slice::from_ref(fix))) { (fix.title) }
                }
            }
            code.rule { (remark.buildkit.unwrap_or(remark.rule)) }
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
        expected.assert_eq(&html.replace("<li", "\n<li").replace("<h3", "\n<h3").replace('\u{a0}', " "));
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

            <h3>In what ships<small>2</small></h3><ul class="remarks">
            <li class="info"><button class="line" type="button" data-do="jump" value="5">line 5</button><div><p>`workdir` stands among keywords in upper case</p><button class="button small" type="button" data-do="edit" value="FROM scratch AS Build
            COPY a /&lt;a&gt;
            FROM scratch
            COPY --from=build /&lt;b&gt; /
            WORKDIR x
            ">Write WORKDIR</button></div><code class="rule">ConsistentInstructionCasing</code></li>
            <li class="warning"><button class="line" type="button" data-do="jump" value="5">line 5</button><div><p>`x` joins whatever directory the base image leaves</p><p class="soft">Begin it with a slash: /x.</p></div><code class="rule">WorkdirRelativePath</code></li></ul>
            <h3>In stages that only help to build<small>1</small></h3><ul class="remarks">
            <li class="info"><button class="line" type="button" data-do="jump" value="1">line 1</button><div><p>`Build` becomes `build`</p><button class="button small" type="button" data-do="edit" value="FROM scratch AS build
            COPY a /&lt;a&gt;
            FROM scratch
            COPY --from=build /&lt;b&gt; /
            workdir x
            ">Write build</button></div><code class="rule">StageNameCasing</code></li></ul>"#]],
        );
    }
}
