//! Checks: one file each, in [`ALL`]; what they say can be skipped as BuildKit and hadolint have it.
//!
//! **Invariant:** a check reads the file and its graph and writes remarks; it changes nothing and knows no size.

pub(crate) mod commands;
mod context;
pub(crate) mod dependencies;
mod packages;
mod suppression;

mod add_of_local_file;
mod chown_after_copy;
mod comment_behind_instruction;
mod consistent_instruction_casing;
mod constant_platform;
mod copied_archive;
mod copy_all_before_install;
mod copy_ignored_file;
mod copy_without_from;
mod curl_and_wget;
mod duplicate_stage_name;
mod empty_continuation;
mod expose_invalid_format;
mod expose_protocol_casing;
mod from_as_casing;
mod invalid_base_platform;
mod invalid_default_base;
mod invalid_description;
mod latest_tag;
mod legacy_key_value;
mod link_lost;
mod lone_apt_update;
mod maintainer;
mod missing_cache_mount;
mod package_cache_left;
mod platform_argument_early;
mod recommended_packages;
mod redundant_target_platform;
mod relative_workdir;
mod removed_in_later_layer;
mod repeated_setting;
mod reserved_stage_name;
mod root_user;
mod secret_copied;
mod secret_in_variable;
mod service_started_in_run;
mod shell_form_command;
mod stage_name_casing;
mod sudo_in_run;
mod undefined_base_argument;
mod undefined_variable;
mod unpinned_package;
mod unreachable_stage;
mod variable_above_run;

use crate::diagnostic::{Diagnostic, Severity};
use crate::dockerfile::Dockerfile;
use crate::facts::Facts;
pub use context::{Context, Sink};
pub use secret_copied::is_secret;
pub use suppression::Suppression;

/// Every check, by name.
pub static ALL: [&Rule; 44] = [
    &add_of_local_file::RULE,
    &chown_after_copy::RULE,
    &comment_behind_instruction::RULE,
    &consistent_instruction_casing::RULE,
    &constant_platform::RULE,
    &copied_archive::RULE,
    &copy_all_before_install::RULE,
    &copy_ignored_file::RULE,
    &copy_without_from::RULE,
    &curl_and_wget::RULE,
    &duplicate_stage_name::RULE,
    &empty_continuation::RULE,
    &expose_invalid_format::RULE,
    &expose_protocol_casing::RULE,
    &from_as_casing::RULE,
    &invalid_base_platform::RULE,
    &invalid_default_base::RULE,
    &invalid_description::RULE,
    &latest_tag::RULE,
    &legacy_key_value::RULE,
    &link_lost::RULE,
    &lone_apt_update::RULE,
    &maintainer::RULE,
    &missing_cache_mount::RULE,
    &package_cache_left::RULE,
    &platform_argument_early::RULE,
    &recommended_packages::RULE,
    &redundant_target_platform::RULE,
    &relative_workdir::RULE,
    &removed_in_later_layer::RULE,
    &repeated_setting::RULE,
    &reserved_stage_name::RULE,
    &root_user::RULE,
    &secret_copied::RULE,
    &secret_in_variable::RULE,
    &service_started_in_run::RULE,
    &shell_form_command::RULE,
    &stage_name_casing::RULE,
    &sudo_in_run::RULE,
    &undefined_base_argument::RULE,
    &undefined_variable::RULE,
    &unpinned_package::RULE,
    &unreachable_stage::RULE,
    &variable_above_run::RULE,
];

/// One check.
pub struct Rule {
    /// Its name: kebab-case, naming the offence. The file has the same name in snake_case.
    pub name: &'static str,
    /// BuildKit's name of it, where it is one of its 22.
    pub buildkit: Option<&'static str>,
    /// hadolint's codes for the same offence: `# hadolint ignore=` is heeded for them.
    pub hadolint: &'static [&'static str],
    /// How much an offence matters.
    pub severity: Severity,
    /// True where it runs only when the file asks for it.
    pub experimental: bool,
    /// For people.
    pub explanation: Explanation,
    /// Reports every offence.
    pub check: fn(&Context<'_>, &mut Sink<'_>),
}

/// What `layercast explain` and the pages of docs/checks say of a check.
pub struct Explanation {
    /// What it finds: one sentence.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// A Dockerfile that offends.
    pub example: &'static str,
    /// The same without the offence.
    pub instead: &'static str,
}

impl Rule {
    /// The name that the check is known by outside: BuildKit's where it has one.
    pub fn public_name(&self) -> &'static str {
        self.buildkit.unwrap_or(self.name)
    }

    /// The check of that name, ours, BuildKit's or hadolint's, in any case.
    pub fn find(name: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|rule| rule.names().any(|own| own.eq_ignore_ascii_case(name)))
    }

    /// Its names: ours, BuildKit's, hadolint's.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.buildkit).chain(self.hadolint.iter().copied())
    }
}

/// The check whose name is nearest to `name`, where one is near enough to be what was meant.
pub fn nearest(name: &str) -> Option<&'static Rule> {
    let words = ALL.into_iter().flat_map(|rule| std::iter::once(rule.name).chain(rule.buildkit));
    crate::suggest::nearest(name, words).and_then(Rule::find)
}

/// Our own checks wait until the file builds, but for those that may tell why it does not.
const OF_BROKEN_FILES: [&str; 2] = ["comment-behind-instruction", "copy-without-from"];

/// Runs every check and gives what they say, in the order of the text.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let suppression = Suppression::new(context.file, context.facts);
    let is_broken = context.is_broken();
    let waits = |rule: &Rule| is_broken && rule.buildkit.is_none() && !OF_BROKEN_FILES.contains(&rule.name);
    let mut found = Vec::new();
    for rule in ALL {
        if suppression.allows_in_file(rule) && !waits(rule) {
            let mut sink = Sink::new(rule, context, &suppression, &mut found);
            (rule.check)(context, &mut sink);
        }
    }
    found.sort_by_key(|diagnostic: &Diagnostic| (diagnostic.line, diagnostic.range.start));
    found
}

/// The page of a check, in Markdown: what `layercast explain` prints and docs/checks holds.
pub fn explain(rule: &Rule) -> String {
    let Explanation { what, why, example, instead } = &rule.explanation;
    let mut page = format!("# {}\n\n{what}\n\n", rule.name);
    if let Some(buildkit) = rule.buildkit {
        page += &format!("BuildKit's name: `{buildkit}`. ");
    }
    if !rule.hadolint.is_empty() {
        page += &format!("hadolint's: {}. ", rule.hadolint.join(", "));
    }
    let severity = match rule.severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    page +=
        &format!("Severity: {severity}.\n\n## Why\n\n{why}\n\n## Example\n\n```dockerfile\n{example}```\n\n");
    page += &format!("## Instead\n\n```dockerfile\n{instead}```\n\n## Skip it\n\n");
    page += &format!(
        "`# check=skip={}` at the head of the file, or directly above the instruction.\n",
        rule.public_name()
    );
    page
}

/// The name under which checks stop a target.
pub const VIOLATION: &str = "check-violation";

/// True where the file says `error=true`: an offence stops the build.
pub fn stop(file: &Dockerfile<'_>, facts: &Facts) -> bool {
    Suppression::new(file, facts).is_error
}

/// What the checks stop the build of the visited stages for, where the file lets them.
pub fn violation(context: &Context<'_>) -> Option<Diagnostic> {
    let found = check(context);
    let mut names: Vec<&str> = found.iter().filter_map(|diagnostic| diagnostic.buildkit).collect();
    names.sort_unstable();
    names.dedup();
    let first = found.iter().find(|diagnostic| diagnostic.buildkit.is_some())?;
    let message = format!("the file asks to stop for checks, and these find something: {}", names.join(", "));
    Some(
        Diagnostic::error(VIOLATION, first.line, first.range, message)
            .note("See the directive `# check=…;error=true`."),
    )
}

#[cfg(test)]
pub(crate) mod tests;
