//! Every word the page says, in one place, ready for translation. Those of a tab have a file of their own.

pub mod cache;
pub mod checks;
pub mod compare;
pub mod context;
pub mod export;
pub mod layers;
pub mod rewrite;
pub mod scopes;

use crate::bytes::Bytes;
use crate::figures::Weight;
use crate::language::{Text, fill, t};
use std::fmt::Write as _;

pub const NAME_HEAD: &str = "layer";
pub const NAME_TAIL: &str = "cast";
pub const PROMISE: Text = Text("See what a Dockerfile builds and weighs before you build it.");

pub const EDITOR: Text = Text("Dockerfile");
pub const TARGET: Text = Text("target");
pub const LAST_STAGE: Text = Text("last stage");
pub const NO_TARGET: Text = Text("no stage");
pub const PLATFORM: Text = Text("platform");
pub const ARGUMENTS: Text = Text("arguments");
pub const ARGUMENTS_TITLE: Text = Text("Build arguments");
pub const ARGUMENTS_NONE: Text =
    Text("This file has no ARG. Any other name can still be given to the build.");
pub const ARGUMENT_NAME: Text = Text("NAME");
pub const ARGUMENT_VALUE: Text = Text("value");
pub const ARGUMENT_NO_DEFAULT: Text = Text("no default");
pub const ARGUMENT_ADD: Text = Text("Add");
pub const ARGUMENT_REMOVE: Text = Text("Take back");
pub const EXAMPLE: Text = Text("example");
pub const EXAMPLES: Text = Text("Examples");
pub const EXAMPLE_NONE: Text = Text("choose one");
pub const SHARE: Text = Text("Share");
pub const SHARE_TITLE: Text = Text("Copy a link that holds everything. Nothing is sent to a server");
pub const THEME_TITLE: Text = Text("Colours: as the system has it, light, dark");
pub const THEME_SYSTEM: Text = Text("Auto");
pub const THEME_LIGHT: Text = Text("Light");
pub const THEME_DARK: Text = Text("Dark");

pub const SHARE_COPIED: Text = Text("Link copied");
pub const SHARE_IN_BAR: Text = Text("The link is in the address bar");
pub const SHARE_TOO_LONG: Text = Text("Too long for a link");

pub const UNPACKED: Text = Text("unpacked");
pub const DOWNLOAD: Text = Text("download");
pub const UNPACKED_IS: Text = Text("what docker images shows");
pub const DOWNLOAD_IS: Text = Text("what a pull moves");
pub const UNKNOWN_NOTE: Text = Text(" and not in these sums. Type a size where you know it.");
pub const BEHIND: Text = Text("stays behind");
pub const BEHIND_IS: Text = Text("needed to build, never shipped");
pub const EXACT: Text = Text("to the byte");
pub const AT_LEAST: Text = Text("at least");
pub const NOTHING_KNOWN: Text = Text("not known yet");
pub const THIS_IMAGE: Text = Text("ships");

pub const STAGES: Text = Text("Stages");
pub const STAGES_HINT: Text = Text("Click a stage to make it the target.");
pub const SHIPS: Text = Text("ships");
pub const INSIDE: Text = Text("inside");
pub const LEFT_BEHIND: Text = Text("left behind");
pub const SKIPPED: Text = Text("not built");
pub const EMPTY_IMAGE: Text = Text("empty");
pub const BASE_IMAGE: Text = Text("image");
pub const EDGE_BASE: Text = Text("FROM: starts from it");
pub const EDGE_COPY: Text = Text("COPY --from: takes files");
pub const EDGE_MOUNT: Text = Text("RUN --mount: looks inside");

pub const LAYERS: Text = Text("Layers");
pub const LAYERS_SHIPPED: Text = Text("In the image");
pub const LAYERS_BEHIND: Text = Text("Left behind");
pub const STEP: Text = Text("step");
pub const BASIS: Text = Text("how it is known");
pub const PIN_HINT: Text = Text("size?");
pub const PIN_BAD: Text = Text("A size looks like 58 MB, 340 kB or 1.2 GB");
pub const UNPIN: Text = Text("Forget this number");
pub const WEIGHING: Text = Text("Weighing the steps");
pub const OPENING: Text = Text("What is in it");
pub const OPENING_ALL: Text = Text("What is in it, and what is not known");
pub const PART: Text = Text("part");
pub const NOT_KNOWN: Text = Text("Not known, and not in the sums");
pub const NOTES: Text = Text("Good to know");
pub const PACKAGES_COMING: Text = Text("Asking registries of packages through the companion");
pub const PACKAGES_ABSENT: Text =
    Text("Packages of Python and npm are looked up by the companion: layercast serve");
pub const LAYERS_NONE: Text = Text("This image has no layers: nothing is written into it.");

pub const PROBLEMS: Text = Text("Problems");
pub const NO_ERRORS: Text = Text("No errors");
pub const CHECKING: Text = Text("Checking");
pub const CHECKS_GONE: Text = Text("The checks could not be loaded: only what stops the build is listed.");
pub const TRY_AGAIN: Text = Text("Try again");

pub const EMPTY_TITLE: Text = Text("Paste a Dockerfile, or begin with one of these");
pub const NO_STAGE: Text = Text("Nothing to build yet: a Dockerfile needs a FROM");
pub const RESCUED: Text = Text("The page stopped over your last text. It is kept.");
pub const RESTORE: Text = Text("Put it back");

pub const RELAY_ABSENT: Text = Text(
    "Sizes of base images come from the catalogue inside this page. A browser may not ask registries; \
     the companion may: layercast serve",
);
pub const RELAY_PRESENT: Text = Text("Base images are asked of their registries through the companion.");
pub const RELAY_OFFLINE: Text =
    Text("The companion is offline: base images come from the catalogue inside it.");
pub const PRIVATE: Text = Text("Your Dockerfile stays in this browser.");

pub const PANICKED: Text =
    Text("Something in this page broke; that is our fault. Your text is kept: reload the page");

/// `3 steps`.
pub fn steps(count: usize) -> String {
    counted(count, "step", "steps")
}

/// `3 stages`.
pub fn stages(count: usize) -> String {
    counted(count, "stage", "stages")
}

/// `the 3 parts together`.
pub fn parts(count: usize) -> String {
    fill("{} together", &[&counted(count, "part", "parts")])
}

/// While a table is on its way.
pub fn table_coming(of: &str) -> String {
    fill("Loading the table of packages of {}", &[of])
}

/// It did not come.
pub fn table_gone(of: &str, why: &str) -> String {
    fill("The table of packages of {} could not be loaded: {}", &[of, why])
}

/// `+ 3 steps unknown`.
pub fn plus_unknown(count: usize) -> String {
    fill("+ {} unknown", &[&counted(count, "step", "steps")])
}

/// The bar for who cannot see it.
pub fn bar(ships: &str, behind: &str) -> String {
    fill("{} ships, {} stays behind", &[ships, behind])
}

/// Why a stage is not built, after its name.
pub fn skipped(used_by: &[&str]) -> String {
    match used_by {
        [] => t("is not built: nothing uses it.").to_owned(),
        [only] => fill("is not built: only {} uses it, and that is not built either.", &[only]),
        [first @ .., last] => {
            let first = first.join(", ");
            fill("is not built: only {} and {} use it, and they are not built either.", &[&first, last])
        }
    }
}

/// `and 12 more`.
pub fn more(count: usize) -> String {
    fill("and {} more", &[&count.to_string()])
}

/// A graph too large to draw.
pub fn too_many_stages(count: usize) -> String {
    fill("{} stages are too many to draw. The target and the sizes work all the same.", &[&count.to_string()])
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
    fill("line {}", &[&line.to_string()])
}

/// What a node is, for who points at it.
pub fn stage_title(name: &str, base: &str, why_skipped: Option<&str>) -> String {
    match why_skipped {
        Some(why) => fill("{}, from {}, {} Make it the target", &[name, base, why]),
        None => fill("{}, from {}. Make it the target", &[name, base]),
    }
}

/// The label of a field for a size.
pub fn pin_label(size: &str, step: &str) -> String {
    fill("{} size of {}, such as 58 MB", &[size, step])
}

/// `1 error, 2 remarks`: not all that checks say is a warning.
pub fn problems(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (0, 0) => t("No problems").to_owned(),
        (0, warnings) => counted(warnings, "remark", "remarks"),
        (errors, 0) => counted(errors, "error", "errors"),
        (errors, warnings) => {
            format!("{}, {}", counted(errors, "error", "errors"), counted(warnings, "remark", "remarks"))
        }
    }
}

/// A number with its word.
pub(crate) fn counted(count: usize, one: &'static str, many: &'static str) -> String {
    format!("{count} {}", t(if count == 1 { one } else { many }))
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
    fill("Left behind: {}", &[&counted(count, "layer", "layers")])
}

pub const HEAVIEST: Text = Text("Heaviest");
pub const DELETED: Text = Text("deleted");
pub const REPLACED: Text = Text("replaced");
pub const COPIED_UP: Text = Text("copied up");

pub fn waste(bytes: &str) -> String {
    fill("Waste: {} in lower layers, seen no more", &[bytes])
}

pub fn wasted(path: &str, participle: &str, line: usize) -> String {
    fill("{}, {} by line {}", &[path, participle, &line.to_string()])
}

pub fn in_one_stage(stage: &str, bytes: &str, saved: f64) -> String {
    fill(
        "In one stage, on the base of {}: {}. The stages save {} %.",
        &[stage, bytes, &format!("{saved:.0}")],
    )
}
