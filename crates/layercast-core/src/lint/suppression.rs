//! Which checks a file, or a comment above an instruction, switches off or on.
//! Reference: <https://docs.docker.com/build/checks/>.

use super::Rule;
use crate::dockerfile::Dockerfile;
use crate::facts::Facts;
use crate::syntax::Node;

/// The build argument that stands in for the directive.
const ARGUMENT: &str = "BUILDKIT_DOCKERFILE_CHECK";

/// What a file says of checks.
pub struct Suppression<'a> {
    file: Options<'a>,
    hadolint: Vec<&'a str>,
    /// True where an offence stops the build: `error=true`.
    pub is_error: bool,
}

/// `skip=A,B;error=true;experimental=C`.
#[derive(Default)]
struct Options<'a> {
    skip: Vec<&'a str>,
    experimental: Vec<&'a str>,
    is_error: bool,
}

impl<'a> Suppression<'a> {
    /// Reads the directive, or the build argument that replaces it.
    pub fn new(file: &'a Dockerfile<'_>, facts: &'a Facts) -> Self {
        let given = facts.build.build_args.get(ARGUMENT).map(String::as_str);
        let options =
            given.or_else(|| file.parse.directives.get("check")).map(Options::read).unwrap_or_default();
        let comments = file.parse.nodes.iter().flat_map(|node| &node.comments);
        let hadolint = comments.filter_map(|comment| hadolint_codes(comment, "global")).flatten().collect();
        Self { is_error: options.is_error, file: options, hadolint }
    }

    /// True where a check runs at all.
    pub(super) fn allows_in_file(&self, rule: &Rule) -> bool {
        let asked_for = !rule.experimental || named(&self.file.experimental, rule);
        asked_for && !named(&self.file.skip, rule)
    }

    /// True where the comments directly above an instruction switch a check off for it.
    pub(super) fn skips(&self, rule: &Rule, node: &Node<'_>) -> bool {
        let options = node.comments.iter().filter_map(|comment| check_options(comment));
        options.map(Options::read).any(|options| named(&options.skip, rule))
    }

    /// True where comments for hadolint ask for silence.
    pub(super) fn silences(&self, rule: &Rule, node: &Node<'_>) -> bool {
        let codes = node.comments.iter().filter_map(|comment| hadolint_codes(comment, ""));
        ignored(&self.hadolint, rule) || codes.into_iter().any(|codes| ignored(&codes, rule))
    }
}

impl<'a> Options<'a> {
    /// Anything behind the first blank is a remark.
    fn read(text: &'a str) -> Self {
        let mut options = Self::default();
        for option in text.split_whitespace().next().unwrap_or_default().split(';') {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match name {
                "skip" => options.skip = value.split(',').collect(),
                "experimental" => options.experimental = value.split(',').collect(),
                "error" => options.is_error = value.eq_ignore_ascii_case("true") || value == "1",
                _ => {}
            }
        }
        options
    }
}

fn named(names: &[&str], rule: &Rule) -> bool {
    names.iter().any(|name| *name == "all" || *name == rule.name || *name == rule.public_name())
}

fn ignored(codes: &[&str], rule: &Rule) -> bool {
    rule.hadolint.iter().any(|code| codes.contains(code))
}

/// What stands behind `check=` in a comment.
fn check_options(comment: &str) -> Option<&str> {
    let (name, value) = comment.split_once('=')?;
    name.trim().eq_ignore_ascii_case("check").then_some(value.trim_start())
}

/// The codes of `hadolint ignore=…`, or of `hadolint global ignore=…`.
fn hadolint_codes<'a>(comment: &'a str, scope: &str) -> Option<Vec<&'a str>> {
    let rest = comment.strip_prefix("hadolint")?.trim_start();
    let rest = if scope.is_empty() { rest } else { rest.strip_prefix(scope)?.trim_start() };
    let codes = rest.strip_prefix("ignore")?.trim_start().strip_prefix('=')?;
    Some(codes.split([',', ' ', '\t']).filter(|code| !code.is_empty()).collect())
}
