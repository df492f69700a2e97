//! The words of the tab of layers.

pub const SHOW: &str = "Show";
pub const WHICH: [(&str, &str); 3] =
    [("", "what ships"), ("behind", "what stays behind"), ("all", "every layer")];
pub const SORT: &str = "by";
pub const SORTS: [(&str, &str); 3] =
    [("", "order of the build"), ("unpacked", "unpacked size"), ("download", "download size")];
pub const FIND: &str = "Find";
pub const FIND_HINT: &str = "step, stage or package";
pub const NONE: &str = "No layer is like that.";
pub const UNKNOWN: &str = "Not known yet, and what would tell";
pub const ASK: &str = "the companion asks its registry: layercast serve. Or type its size in the tab Image";
pub const WASTE: &str = "waste";
pub const LEGEND: &str = "The bar is the likely unpacked size, the line through it the range from low to high, the \
                          hatched end what a later step hides again.";

/// The layers shown, added up.
pub fn together(count: usize, unpacked: &str, download: &str) -> String {
    let layers = if count == 1 { "layer" } else { "layers" };
    format!("{count} {layers}: {unpacked} unpacked, {download} to download")
}

/// `186 kB of it waste`.
pub fn of_it_waste(bytes: &str) -> String {
    format!("{bytes} of it waste: a later step hides it")
}

/// The bar for who cannot see it.
pub fn bar(likely: &str, range: &str) -> String {
    if range.is_empty() { likely.to_owned() } else { format!("{likely}, between {range}") }
}
