//! The words of the tab of exports.

use crate::language::{Text, fill};
use crate::strings;

pub const PICTURE: Text = Text("The picture");
pub const COLOURS: Text = Text("Colours");
pub const COLOURS_CHOICES: [(&str, Text); 3] =
    [("", Text("as the reader prefers")), ("light", Text("light")), ("dark", Text("dark"))];
pub const COPY_SVG: Text = Text("Copy the SVG");
pub const SAVE_SVG: Text = Text("Save as SVG");
pub const SAVE_PNG: Text = Text("Save as PNG");
pub const TEXT: Text = Text("As text");
pub const FORM: Text = Text("Form");
pub const FORMS: [(&str, Text); 4] = [
    ("", Text("Markdown: the whole report")),
    ("mermaid", Text("Mermaid: the graph")),
    ("dot", Text("DOT: the graph for Graphviz")),
    ("json", Text("JSON: the whole report")),
];
pub const COPY: Text = Text("Copy");
pub const SAVE: Text = Text("Save");
pub const TERMINAL: Text = Text("In a terminal:");
/// What the file is called in what is exported.
pub const NAME: &str = "Dockerfile";

/// The picture for who cannot see it.
pub fn picture(stages: usize) -> String {
    fill("The graph of {}", &[&strings::stages(stages)])
}

/// What of a long text is not shown.
pub fn cut(letters: usize) -> String {
    fill("and {} letters more, which are copied and saved as well", &[&letters.to_string()])
}
