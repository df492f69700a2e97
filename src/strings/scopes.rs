//! The words of the tab of scopes.

use crate::language::{Text, fill, t};
use layercast_core::report::{Origin, Setting};
use layercast_core::variable_use::Why;

pub const HINT: Text = Text("Put the cursor into a line of the editor: here stands what holds on that line.");
pub const USED: Text = Text("Used on this line");
pub const USED_NONE: Text = Text("This line uses no variable.");
pub const IN_FORCE: Text = Text("In force here");
pub const IN_FORCE_FROM: Text = Text("What FROM sees");
pub const IN_FORCE_NONE: Text = Text("Nothing is set here.");
pub const FROM_IMAGE: Text = Text("What comes with the base image");
pub const EMPTY: Text = Text("empty");
/// What stands in: the `x` of `${NAME:-x}`.
pub const STANDS_IN: Text = Text("so {} stands in");
pub const BUILDER_KNOWS: Text = Text("known to the builder alone");
pub const NAME: Text = Text("name");
pub const VALUE: Text = Text("value");
pub const ORIGIN: Text = Text("where from");

/// Which stage the line is of.
pub fn stage(name: &str) -> String {
    fill("stage {}", &[name])
}

/// What sets a thing.
pub fn setting(kind: Setting) -> &'static str {
    match kind {
        Setting::Arg => "ARG",
        Setting::Env => "ENV",
        Setting::Workdir => "WORKDIR",
        Setting::User => "USER",
        Setting::Shell => "SHELL",
    }
}

/// Where a value comes from.
pub fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Written => t("written there"),
        Origin::BuildArgument => t("a build argument that you gave"),
        Origin::Global => t("the ARG above the first FROM"),
        Origin::Nowhere => t("declared, and given no value"),
        Origin::Image => t("the base image"),
        Origin::Builder => t("the builder"),
    }
}

/// Why a variable is empty, or stays as it is written.
pub fn why(name: &str, why: &Why) -> String {
    let with_line = |text: &'static str, line: &usize| fill(text, &[&line.to_string()]);
    match why {
        Why::SingleQuotes => {
            t("Between single quotes it stays as it is written. Double quotes let it through.").to_owned()
        }
        Why::NoShell => {
            t("In the form of a list no shell looks at the words: it stays as it is written.").to_owned()
        }
        Why::OnlyAboveFrom { line } => fill(
            "ARG {} of line {} stands above the first FROM: it holds in FROM lines alone. The stage needs an ARG {} of its \
             own, without a value.",
            &[name, &line.to_string(), name],
        ),
        Why::NotInFrom { line } => with_line(NOT_IN_FROM.0, line),
        Why::NotAsked => {
            fill("The builder knows {}, and tells a stage that asks for it: ARG {}.", &[name, name])
        }
        Why::SameInstruction => {
            t("The words of one instruction see what was in force before it, not what it sets itself.")
                .to_owned()
        }
        Why::Later { line } => with_line(LATER.0, line),
        Why::OtherStage { stage, line } => fill(
            "Line {} sets it in stage {}. Each stage begins anew, from its own base.",
            &[&line.to_string(), stage],
        ),
        Why::NoValue { line } => fill(
            "Line {} declares it without a value, and the build is given none: --build-arg {}=…",
            &[&line.to_string(), name],
        ),
        Why::SetEmpty => t("It is set, to nothing.").to_owned(),
        Why::GoneAtRunTime { line } => with_line(GONE.0, line),
        Why::SetByCommand => t("The command sets it itself while it runs.").to_owned(),
        Why::SetByShell => t("The shell sets it itself while it runs.").to_owned(),
        Why::Never { nearest: Some(nearest) } => fill("Nothing sets it. Is {} meant?", &[nearest]),
        Why::Never { nearest: None } => t("Nothing sets it.").to_owned(),
    }
}

const NOT_IN_FROM: Text =
    Text("FROM sees only what ARG sets above the first FROM. Line {} stands in a stage.");
const LATER: Text = Text("Line {} sets it, and that comes later.");
const GONE: Text =
    Text("This runs when the container does, and the ARG of line {} is gone by then. ENV stays.");
