//! The words of the tab of layers.

use crate::language::{Text, fill};
use crate::strings::counted;

pub const SHOW: Text = Text("Show");
pub const WHICH: [(&str, Text); 3] =
    [("", Text("what ships")), ("behind", Text("what stays behind")), ("all", Text("every layer"))];
pub const SORT: Text = Text("by");
pub const SORTS: [(&str, Text); 3] = [
    ("", Text("order of the build")),
    ("unpacked", Text("unpacked size")),
    ("download", Text("download size")),
];
pub const FIND: Text = Text("Find");
pub const FIND_HINT: Text = Text("step, stage or package");
pub const NONE: Text = Text("No layer is like that.");
pub const UNKNOWN: Text = Text("Not known yet, and what would tell");
pub const ASK: Text =
    Text("the companion asks its registry: layercast serve. Or click its number above and type the size");
pub const PIN: Text = Text("Pin");
pub const PIN_HINT: Text = Text("Click to type a size of your own");
pub const TYPED: Text = Text("typed by you");
pub const WASTE: Text = Text("waste");
pub const LEGEND: Text = Text(
    "The bar is the likely unpacked size, the line through it the range from low to high, the \
                          hatched end what a later step hides again.",
);

/// The layers shown, added up.
pub fn together(count: usize, unpacked: &str, download: &str) -> String {
    let layers = counted(count, "layer", "layers");
    fill("{}: {} unpacked, {} to download", &[&layers, unpacked, download])
}

/// `186 kB of it waste`.
pub fn of_it_waste(bytes: &str) -> String {
    fill("{} of it waste: a later step hides it", &[bytes])
}

/// The bar for who cannot see it.
pub fn bar(likely: &str, range: &str) -> String {
    if range.is_empty() { likely.to_owned() } else { fill("{}, between {}", &[likely, range]) }
}
