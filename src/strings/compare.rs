//! The words of the tab of comparisons. The sentences are the core's.

use crate::language::Text;

pub const WITH: Text = Text("Compare with");
pub const SIDES: [(&str, Text); 3] = [
    ("text", Text("another Dockerfile")),
    ("target", Text("another target")),
    ("platform", Text("another platform")),
];
pub const TEXT: Text = Text("The other Dockerfile");
pub const TEXT_HINT: Text = Text("Paste the other Dockerfile here");
pub const TAKE: Text = Text("Take what is in the editor now");
pub const TAKE_HINT: Text = Text("Then change the editor: this side stays as it was.");
pub const TARGET: Text = Text("The other target");
pub const PLATFORM: Text = Text("The other platform");
pub const NOTHING: Text = Text("There is nothing to compare with yet.");
pub const SAME_TARGET: Text = Text("That is the target already. Choose another one.");
pub const SAME_PLATFORM: Text = Text("That is the platform already. Choose another one.");
/// The two sides in the core's sentences, which are English.
pub const THIS_IN_SENTENCES: &str = "this one";
pub const OTHER_IN_SENTENCES: &str = "the other";
pub const THIS: Text = Text("This one");
pub const OTHER: Text = Text("The other");
pub const WORDS: Text = Text("The difference");
pub const GRAPHS: Text = Text("Stages");
pub const LAYERS: Text = Text("Layers");
pub const ABSENT: Text = Text("not here");
pub const SAME: Text = Text("the same");
pub const NOT_KNOWN: Text = Text("not known");
pub const UNPACKED: Text = Text("unpacked");
pub const DOWNLOAD: Text = Text("download");
pub const CATALOGUE: Text =
    Text("Base images that only the other one has are weighed by the catalogue inside this page.");
