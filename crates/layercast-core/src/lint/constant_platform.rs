//! FROM --platform with a platform that is written out.

use super::{Context, Explanation, Rule, Severity, Sink};
use crate::image_ref::Platform;

pub(super) static RULE: Rule = Rule {
    name: "constant-platform",
    buildkit: Some("FromPlatformFlagConstDisallowed"),
    hadolint: &["DL3029"],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "FROM --platform names a platform outright instead of by a variable.",
        why: "The stage is then built for that platform whatever `--platform` the build is given, so that an image \
              for arm64 may hold programs for amd64. A stage whose name says the platform is taken to mean it.",
        example: "FROM --platform=linux/amd64 alpine\n",
        instead: "FROM alpine\n",
    },
    check,
};

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (stage, lines) in context.graph.stages.iter().zip(&context.file.stages) {
        let Some(written) = context.file.from(lines).and_then(|from| from.platform.as_ref()) else {
            continue;
        };
        let Ok(platform) = Platform::parse(&written.text) else { continue };
        let meant = stage.name.contains(&platform.os) || stage.name.contains(&platform.architecture);
        if !meant {
            let message = format!("the platform `{}` is fixed, whatever the build is given", written.text);
            let notes =
                vec!["Leave it out, or use $BUILDPLATFORM for a stage that runs on the builder.".to_owned()];
            sink.report_with(lines.from, written.range, message, notes, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn a_fixed_platform_is_reported_unless_the_name_says_it() {
        let message = "1: the platform `linux/arm64` is fixed, whatever the build is given";
        check_rule(&RULE, "FROM --platform=linux/arm64 a", &[message]);
        check_rule(&RULE, "FROM --platform=linux/arm64 a AS build_arm64", &[]);
        check_rule(&RULE, "FROM --platform=$BUILDPLATFORM a", &[]);
    }
}
