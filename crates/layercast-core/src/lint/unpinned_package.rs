//! Packages whose version is left to the day of the build.

use super::packages;
use super::{Context, Explanation, Rule, Severity, Sink};

pub(super) static RULE: Rule = Rule {
    name: "unpinned-package",
    buildkit: None,
    hadolint: &["DL3008", "DL3013", "DL3016", "DL3018", "DL3028", "DL3033", "DL3037", "DL3041", "DL3062"],
    severity: Severity::Info,
    experimental: false,
    explanation: Explanation {
        what: "A package manager is given names of packages without versions.",
        why: "The same file installs other versions tomorrow. For the system's packages a base image by digest holds more, since old versions leave the archives.",
        example: "FROM python:3.13\nRUN pip install --no-cache-dir flask\n",
        instead: "FROM python:3.13\nRUN pip install --no-cache-dir flask==3.1.2\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (index, _) in context.visited_steps() {
        let installs = context.calls(index).iter().filter_map(packages::install);
        let unpinned: Vec<(&str, _)> = installs
            .flat_map(|install| {
                install.unpinned().into_iter().map(move |package| (package, install.call.place(package)))
            })
            .collect();
        let Some((first, place)) = unpinned.first() else { continue };
        let message = match unpinned.len() {
            1 => format!("`{first}` is installed in whatever version there is"),
            count => format!("`{first}` and {} more are installed in whatever version there is", count - 1),
        };
        let range = place.unwrap_or_else(|| context.node(index).arguments_range());
        sink.report(index, range, message);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn names_alone_move() {
        let message = |names| format!("2: `{names} installed in whatever version there is");
        check_rule(&RULE, "FROM a\nRUN apt-get install -y b c=1 d", &[&message("b` and 1 more are")]);
        check_rule(&RULE, "FROM a\nRUN npm i -g @angular/cli typescript@5", &[&message("@angular/cli` is")]);
        check_rule(&RULE, "FROM a\nRUN apk add -t .build gcc", &[&message("gcc` is")]);
        check_rule(
            &RULE,
            "FROM a\nRUN go install example.org/b@latest",
            &[&message("example.org/b@latest` is")],
        );
        check_rule(&RULE, "FROM a\nRUN dnf install -y nginx httpd-2.4", &[&message("nginx` is")]);
    }

    #[test]
    fn versions_lists_and_variables_hold_still() {
        check_rule(&RULE, "FROM a\nRUN pip install -r b -c c 'd>=1,<2' e==2 ./f\nRUN npm ci && yarn", &[]);
        check_rule(
            &RULE,
            "FROM a\nRUN apt-get install -y $PACKAGES ./a.deb b/stable\nRUN apk add b~=1 'c>2'",
            &[],
        );
        check_rule(&RULE, "FROM a\nRUN npm i -g @angular/cli@17 npm@11.1.0\nRUN go install ./...", &[]);
        check_rule(&RULE, "FROM a\nRUN gem install rails -v 7.1\nRUN dnf install -y nginx-1.26.2", &[]);
    }
}
