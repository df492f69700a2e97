//! What stands in the tabs beside the image, as HTML that the worker writes: one file a tab.
//!
//! A tab is a form: its fields are all the state it has, and go into the link that is shared. The page's script
//! (`www/tabs/`) hands the fields over at every change and puts in what comes back; what its buttons do, it reads
//! from `data-do`.
//!
//! **Invariant:** a tab is a pure function of the text, the facts, the report and the fields. Whatever comes from a
//! Dockerfile, a file name or a registry is escaped: `maud` does so.

mod cache;
mod checks;
mod compare;
mod context;
mod export;
mod layers;
mod rewrite;
mod scopes;

use crate::language::Text;
use layercast_core::export::svg::{Colours, Palette};
use layercast_core::{Facts, Report};
use maud::{Markup, Render, html};

/// What a tab is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// The Dockerfile.
    pub source: &'a str,
    /// All that is known from outside.
    pub facts: &'a Facts,
    /// What a whole analysis says of it.
    pub report: &'a Report,
}

/// The fields of a tab's form, in the order of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The value of a field; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// A tab: its name in links, and its drawing.
pub struct Tab {
    /// Its name in links and in the script: one word in lower case.
    pub name: &'static str,
    draw: fn(Desk<'_>, &Fields) -> Markup,
}

/// Every tab that the worker draws, in the order of the page.
pub static ALL: &[Tab] = &[
    Tab { name: "layers", draw: layers::draw },
    Tab { name: "cache", draw: cache::draw },
    Tab { name: "checks", draw: checks::draw },
    Tab { name: "rewrite", draw: rewrite::draw },
    Tab { name: "context", draw: context::draw },
    Tab { name: "scopes", draw: scopes::draw },
    Tab { name: "compare", draw: compare::draw },
    Tab { name: "export", draw: export::draw },
];

/// What a tab shows, as HTML; none for a name that is no tab's.
pub fn draw(name: &str, desk: Desk<'_>, fields: &Fields) -> Option<String> {
    let tab = ALL.iter().find(|tab| tab.name == name)?;
    Some((tab.draw)(desk, fields).render().into_string())
}

/// A field that chooses: its values, each with its words.
fn select<'a>(
    name: &str,
    label: Text,
    choices: impl IntoIterator<Item = (&'a str, &'a str)>,
    chosen: &str,
) -> Markup {
    html! {
        label { (label) " "
            select name=(name) {
                @for (value, text) in choices {
                    option value=(value) selected[value == chosen] { (text) }
                }
            }
        }
    }
}

/// The colours of the page, light or dark as it stands, for pictures in it.
fn page_colours() -> Colours {
    Colours::Only(Palette {
        paper: "var(--paper)",
        card: "var(--card)",
        wash: "var(--wash)",
        edge: "var(--edge)",
        ink: "var(--ink)",
        soft: "var(--soft)",
        ship: "var(--ship)",
        ship_wash: "var(--ship-wash)",
        base: "var(--base)",
        copy: "var(--copy)",
        mount: "var(--mount)",
    })
}
