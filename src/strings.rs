//! Every word the page says, in one place, ready for translation. Those of a tab have a file of their own.

pub mod checks;
pub mod context;
pub mod layers;

use crate::bytes::Bytes;
use crate::figures::Weight;
use std::fmt::Write as _;

pub const NAME_HEAD: &str = "layer";
pub const NAME_TAIL: &str = "cast";
pub const PROMISE: &str = "See what a Dockerfile builds and weighs before you build it.";

pub const EDITOR: &str = "Dockerfile";
pub const TARGET: &str = "target";
pub const LAST_STAGE: &str = "last stage";
pub const NO_TARGET: &str = "no stage";
pub const PLATFORM: &str = "platform";
pub const ARGUMENTS: &str = "arguments";
pub const ARGUMENTS_TITLE: &str = "Build arguments";
pub const ARGUMENTS_NONE: &str = "This file has no ARG. Any other name can still be given to the build.";
pub const ARGUMENT_NAME: &str = "NAME";
pub const ARGUMENT_VALUE: &str = "value";
pub const ARGUMENT_NO_DEFAULT: &str = "no default";
pub const ARGUMENT_ADD: &str = "Add";
pub const ARGUMENT_REMOVE: &str = "Take back";
pub const EXAMPLE: &str = "example";
pub const EXAMPLES: &str = "Examples";
pub const EXAMPLE_NONE: &str = "choose one";
pub const SHARE: &str = "Share";
pub const SHARE_TITLE: &str = "Copy a link that holds everything. Nothing is sent to a server";
pub const THEME_TITLE: &str = "Colours: as the system has it, light, dark";
pub const THEME_SYSTEM: &str = "Auto";
pub const THEME_LIGHT: &str = "Light";
pub const THEME_DARK: &str = "Dark";

pub const SHARE_COPIED: &str = "Link copied";
pub const SHARE_IN_BAR: &str = "The link is in the address bar";
pub const SHARE_TOO_LONG: &str = "Too long for a link";

pub const UNPACKED: &str = "unpacked";
pub const DOWNLOAD: &str = "download";
pub const UNPACKED_IS: &str = "what docker images shows";
pub const DOWNLOAD_IS: &str = "what a pull moves";
pub const UNKNOWN_NOTE: &str = " and not in these sums. Type a size where you know it.";
pub const BEHIND: &str = "stays behind";
pub const BEHIND_IS: &str = "needed to build, never shipped";
pub const EXACT: &str = "to the byte";
pub const AT_LEAST: &str = "at least";
pub const NOTHING_KNOWN: &str = "not known yet";
pub const THIS_IMAGE: &str = "ships";

pub const STAGES: &str = "Stages";
pub const STAGES_HINT: &str = "Click a stage to make it the target.";
pub const STAGES_LIST: &str = "The same as a list";
pub const SHIPS: &str = "ships";
pub const INSIDE: &str = "inside";
pub const LEFT_BEHIND: &str = "left behind";
pub const SKIPPED: &str = "not built";
pub const EMPTY_IMAGE: &str = "empty";
pub const BASE_IMAGE: &str = "image";
pub const EDGE_BASE: &str = "FROM: starts from it";
pub const EDGE_COPY: &str = "COPY --from: takes files";
pub const EDGE_MOUNT: &str = "RUN --mount: looks inside";

pub const LAYERS: &str = "Layers";
pub const LAYERS_SHIPPED: &str = "In the image";
pub const LAYERS_BEHIND: &str = "Left behind";
pub const STEP: &str = "step";
pub const BASIS: &str = "how it is known";
pub const PIN_HINT: &str = "size?";
pub const PIN_BAD: &str = "A size looks like 58 MB, 340 kB or 1.2 GB";
pub const UNPIN: &str = "Forget this number";
pub const WEIGHING: &str = "Weighing the steps";
pub const OPENING: &str = "What is in it";
pub const OPENING_ALL: &str = "What is in it, and what is not known";
pub const PART: &str = "part";
pub const NOT_KNOWN: &str = "Not known, and not in the sums";
pub const NOTES: &str = "Good to know";
pub const PACKAGES_COMING: &str = "Asking registries of packages through the companion";
pub const PACKAGES_ABSENT: &str =
    "Packages of Python and npm are looked up by the companion: layercast serve";
pub const LAYERS_NONE: &str = "This image has no layers: nothing is written into it.";

pub const PROBLEMS: &str = "Problems";
pub const NO_ERRORS: &str = "No errors";
pub const CHECKING: &str = "Checking";
pub const CHECKS_GONE: &str = "The checks could not be loaded: only what stops the build is listed.";
pub const TRY_AGAIN: &str = "Try again";

pub const EMPTY_TITLE: &str = "Paste a Dockerfile, or begin with one of these";
pub const NO_STAGE: &str = "Nothing to build yet: a Dockerfile needs a FROM";
pub const RESCUED: &str = "The page stopped over your last text. It is kept.";
pub const RESTORE: &str = "Put it back";

pub const RELAY_ABSENT: &str = "Sizes of base images come from the catalogue inside this page. A browser may not ask registries; \
     the companion may: layercast serve";
pub const RELAY_PRESENT: &str = "Base images are asked of their registries through the companion.";
pub const RELAY_OFFLINE: &str = "The companion is offline: base images come from the catalogue inside it.";
pub const PRIVATE: &str = "Your Dockerfile stays in this browser.";

pub const PANICKED: &str =
    "Something in this page broke; that is our fault. Your text is kept: reload the page";

/// `3 steps`.
pub fn steps(count: usize) -> String {
    counted(count, "step", "steps")
}

/// `the 3 parts together`.
pub fn parts(count: usize) -> String {
    format!("{} together", counted(count, "part", "parts"))
}

/// While a table is on its way.
pub fn table_coming(of: &str) -> String {
    format!("Loading the table of packages of {of}")
}

/// It did not come.
pub fn table_gone(of: &str, why: &str) -> String {
    format!("The table of packages of {of} could not be loaded: {why}")
}

/// `+ 3 steps unknown`.
pub fn plus_unknown(count: usize) -> String {
    format!("+ {} unknown", counted(count, "step", "steps"))
}

/// The bar for who cannot see it.
pub fn bar(ships: &str, behind: &str) -> String {
    format!("{ships} ships, {behind} stays behind")
}

/// Why a stage is not built, after its name.
pub fn skipped(used_by: &[&str]) -> String {
    match used_by {
        [] => "is not built: nothing uses it.".to_owned(),
        [only] => format!("is not built: only {only} uses it, and that is not built either."),
        [first @ .., last] => {
            format!(
                "is not built: only {} and {last} use it, and they are not built either.",
                first.join(", ")
            )
        }
    }
}

/// `and 12 more`.
pub fn more(count: usize) -> String {
    format!("and {count} more")
}

/// A graph too large to draw.
pub fn too_many_stages(count: usize) -> String {
    format!("{count} stages are too many to draw. The target and the sizes work all the same.")
}

/// What the pointer sees over the size at a line's end.
pub fn addition(range: Option<&str>, basis: &str) -> String {
    range.map_or_else(|| basis.to_owned(), |range| format!("{range}; {basis}"))
}

/// A problem in one piece of text.
pub fn problem(message: &str, notes: &[String]) -> String {
    let mut text = message.to_owned();
    for note in notes {
        let _ = write!(text, "\n{note}");
    }
    text
}

/// `line 12`.
pub fn line(line: usize) -> String {
    format!("line {line}")
}

/// A stage in the list: `golang:1.25 · 4 steps · 246 MB · left behind`.
pub fn stage_entry(base: &str, steps: &str, size: &str, role: &str) -> String {
    format!("from {base} · {steps} · {size} · {role}")
}

/// What a figure is, for who points at the node.
pub fn stage_title(name: &str, base: &str) -> String {
    format!("{name}, from {base}. Make it the target")
}

/// The label of a field for a size.
pub fn pin_label(size: &str, step: &str) -> String {
    format!("{size} size of {step}, such as 58 MB")
}

/// `1 error, 2 remarks`: not all that checks say is a warning.
pub fn problems(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (0, 0) => "No problems".to_owned(),
        (0, warnings) => counted(warnings, "remark", "remarks"),
        (errors, 0) => counted(errors, "error", "errors"),
        (errors, warnings) => {
            format!("{}, {}", counted(errors, "error", "errors"), counted(warnings, "remark", "remarks"))
        }
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The size of a stage: `≥ 246 MB`, or `?` where nothing is known.
pub fn size(weight: &Weight) -> String {
    match (weight.unknown, weight.unpacked.likely) {
        (0, _) => Bytes(weight.unpacked.likely).to_string(),
        (_, 0) => "?".to_owned(),
        _ => format!("≥\u{a0}{}", Bytes(weight.unpacked.likely)),
    }
}

/// The heading of what does not ship.
pub fn layers_behind(count: usize) -> String {
    format!("Left behind: {}", counted(count, "layer", "layers"))
}

pub const HEAVIEST: &str = "Heaviest";
pub const DELETED: &str = "deleted";
pub const REPLACED: &str = "replaced";
pub const COPIED_UP: &str = "copied up";

pub fn waste(bytes: &str) -> String {
    format!("Waste: {bytes} in lower layers, seen no more")
}

pub fn wasted(path: &str, participle: &str, line: usize) -> String {
    format!("{path}, {participle} by line {line}")
}

pub fn in_one_stage(stage: &str, bytes: &str, saved: f64) -> String {
    format!("In one stage, on the base of {stage}: {bytes}. The stages save {saved:.0} %.")
}
