//! The colours of a picture.

/// A set of colours, each as CSS writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub paper: &'static str,
    /// A stage.
    pub card: &'static str,
    /// An image.
    pub wash: &'static str,
    /// Frames.
    pub edge: &'static str,
    /// What is to be read first.
    pub ink: &'static str,
    /// What is to be read next.
    pub soft: &'static str,
    /// What ships.
    pub ship: &'static str,
    /// Behind what ships.
    pub ship_wash: &'static str,
    /// Lines to a base.
    pub base: &'static str,
    /// Lines of copied files.
    pub copy: &'static str,
    /// Lines of mounts.
    pub mount: &'static str,
}

/// Dark on light.
pub const LIGHT: Palette = Palette {
    paper: "#f8f7f3",
    card: "#ffffff",
    wash: "#f1eee7",
    edge: "#8f887a",
    ink: "#1a2330",
    soft: "#566172",
    ship: "#0a7263",
    ship_wash: "#e2f4f0",
    base: "#6b7683",
    copy: "#235fd0",
    mount: "#7443c4",
};

/// Light on dark.
pub const DARK: Palette = Palette {
    paper: "#10141a",
    card: "#171d25",
    wash: "#1f2731",
    edge: "#66727f",
    ink: "#e9edf2",
    soft: "#9ba7b6",
    ship: "#43cfb7",
    ship_wash: "#12302c",
    base: "#8793a1",
    copy: "#82adff",
    mount: "#bd9bff",
};

/// Which colours a picture has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Light or dark, as whoever looks at it prefers.
    Preferred,
    /// These alone.
    Only(Palette),
}

impl Colours {
    /// The rules of its style sheet.
    pub(super) fn rules(&self) -> String {
        match self {
            Self::Preferred => {
                format!("{}@media(prefers-color-scheme:dark){{{}}}", rules(&LIGHT), rules(&DARK))
            }
            Self::Only(palette) => rules(palette),
        }
    }
}

fn rules(palette: &Palette) -> String {
    let Palette { paper, card, wash, edge, ink, soft, ship, ship_wash, base, copy, mount } = palette;
    let lines: String = [("base", base), ("copy", copy), ("mount", mount)]
        .map(|(name, colour)| format!(".lc-line-{name}{{stroke:{colour}}}.lc-full-{name}{{fill:{colour}}}"))
        .concat();
    // Names that no page has: a picture may stand in one.
    format!(
        ".lc-paper{{fill:{paper}}}.lc-ink{{fill:{ink}}}.lc-soft{{fill:{soft}}}\
         .lc-halo{{stroke:{paper};stroke-width:4px;stroke-linejoin:round;paint-order:stroke}}\
         .lc-card{{fill:{card};stroke:{edge}}}.lc-image{{fill:{wash};stroke:{edge}}}\
         .lc-ships{{fill:{ship_wash};stroke:{ship}}}.lc-inside{{fill:{card};stroke:{ship}}}{lines}"
    )
}
