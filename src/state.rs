//! What the page knows, and how each event changes it.
//!
//! **Invariant:** plain data and pure functions; no web type. Facts only grow by answers: an answer to a
//! question that nobody asks any more is kept and changes nothing else.

use crate::known::Known;
use crate::permalink::Link;
use crate::remarks::{Checks, Told};
use crate::shared::Shared;
use layercast_core::facts::{ImageFact, ImageFailure, Pin};
use layercast_core::image_ref::Platform;
use std::rc::Rc;
use yew::prelude::Reducible;

/// Everything the page shows follows from this.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The Dockerfile, lines ended by `\n` as editors have them.
    pub source: Rc<str>,
    /// The build options, base images and pins.
    pub facts: Shared<Known>,
    /// What the worker said last.
    pub checks: Checks,
    /// What is open, pointed at, chosen in the page itself.
    pub ui: Ui,
}

/// The part of the state that changes no number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ui {
    /// How often the text was replaced from outside the editor.
    pub replaced: u32,
    /// The line that was jumped to last, and how often was jumped.
    pub jump: (u32, usize),
    /// What of the stages is drawn ([`crate::panels::stages::StagesProps::drawn`]).
    pub stages: Rc<str>,
    /// Dark, light, or as the system has it.
    pub theme: Theme,
    /// Where live answers come from.
    pub relay: Relay,
    /// How often the user asked to try the registries again.
    pub asked_again: u32,
    /// What became of the last wish to share.
    pub shared: Option<SharedLink>,
    /// What the tabs show, as a link says it.
    pub view: Rc<str>,
    /// A text that made the page fail on the last visit, kept to be put back.
    pub rescued: Option<Rc<str>>,
}

/// The colours of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// Whether the companion's relay answers here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Relay {
    /// Not yet known.
    #[default]
    Unknown,
    /// The page is served without one.
    Absent,
    /// It relays to these registries.
    Present(Vec<String>),
}

/// What became of a wish to share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedLink {
    /// The link is in the clipboard.
    Copied,
    /// The browser would not; the address bar holds the link.
    InAddressBar,
    /// The text is too long for a link.
    TooLong,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The user typed; this is the whole text.
    Typed(Rc<str>),
    /// The user took another text: an example, or the rescued one.
    Took(Rc<str>),
    /// A fix or another change of this file was taken: what was chosen for it stays.
    Edited(Rc<str>),
    /// The tabs show this.
    Viewed(Rc<str>),
    /// A link was opened.
    Opened(Link),
    /// A target was chosen; none for the last stage.
    ChoseTarget(Option<String>),
    /// A platform was chosen; none for linux/amd64.
    ChosePlatform(Option<Platform>),
    /// A build argument was given, or taken back.
    GaveArgument(String, Option<String>),
    /// A registry answered.
    Answered(ImageFact),
    /// A registry did not.
    Failed(ImageFailure),
    /// The worker said this of a text.
    Checked(Told),
    /// The checks could not be loaded.
    ChecksGone,
    /// Try the failed ones again.
    AskedAgain,
    /// The relay was looked for.
    FoundRelay(Relay),
    /// Sizes were typed for a step, in place of those typed before; without any, the pin is taken out.
    Pinned(Pin),
    /// Draw more stages, or fewer.
    DrewStages(Rc<str>),
    /// Show this line in the editor.
    JumpedTo(usize),
    /// Other colours.
    ChoseTheme(Theme),
    /// A link was made.
    Shared(Option<SharedLink>),
}

impl State {
    /// A text with nothing else known.
    pub fn new(source: &str) -> Self {
        Self {
            source: unix_lines(source),
            facts: Shared::default(),
            checks: Checks::default(),
            ui: Ui::default(),
        }
    }

    /// What a link to this state holds.
    pub fn link(&self) -> Link {
        let build = &self.facts.build;
        Link {
            source: self.source.to_string(),
            target: build.target.clone(),
            platform: build.platform.clone(),
            args: build.build_args.clone(),
            view: self.ui.view.to_string(),
        }
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(reduce(Rc::unwrap_or_clone(self), action))
    }
}

/// The state after an event.
pub fn reduce(state: State, action: Action) -> State {
    match action {
        Action::Typed(source) => State { source: unix_lines(&source), ..state },
        Action::Took(source) => take(state, &source),
        Action::Edited(source) => {
            let ui = Ui { replaced: state.ui.replaced + 1, ..state.ui };
            State { source: unix_lines(&source), ui, ..state }
        }
        Action::Opened(link) => open(state, link),
        Action::ChoseTarget(target) => with_facts(state, |facts| facts.build.target = target),
        Action::ChosePlatform(platform) => with_facts(state, |facts| facts.build.platform = platform),
        Action::GaveArgument(name, Some(value)) => with_facts(state, |facts| {
            facts.build.build_args.insert(name, value);
        }),
        Action::GaveArgument(name, None) => with_facts(state, |facts| {
            facts.build.build_args.remove(&name);
        }),
        Action::Answered(image) => with_facts(state, |facts| facts.add_image(image)),
        Action::Failed(failure) => with_facts(state, |facts| facts.add_image_failure(failure)),
        Action::Checked(told) => State { checks: Checks::Said(kept(told, &state.checks)), ..state },
        Action::ChecksGone => State { checks: Checks::Gone, ..state },
        Action::Pinned(pin) => with_facts(state, |facts| set_pin(facts, pin)),
        action => State { ui: reduce_ui(state.ui, action), ..state },
    }
}

fn reduce_ui(ui: Ui, action: Action) -> Ui {
    match action {
        Action::AskedAgain => Ui { asked_again: ui.asked_again + 1, ..ui },
        Action::FoundRelay(relay) => Ui { relay, ..ui },
        Action::DrewStages(stages) => Ui { stages, ..ui },
        Action::JumpedTo(line) => Ui { jump: (ui.jump.0 + 1, line), ..ui },
        Action::ChoseTheme(theme) => Ui { theme, ..ui },
        Action::Shared(shared) => Ui { shared, ..ui },
        Action::Viewed(view) => Ui { view, ..ui },
        _ => ui,
    }
}

/// Another text: the choices made for the old one do not follow it, what is known of images does.
fn take(state: State, source: &str) -> State {
    let facts = state.facts.with(|facts| {
        facts.build.target = None;
        facts.build.build_args.clear();
        facts.pins.clear();
    });
    let ui = Ui { replaced: state.ui.replaced + 1, rescued: None, ..state.ui };
    State { source: unix_lines(source), facts, ui, ..state }
}

/// Weights that are as before stay the same piece of memory: nothing that shows them is drawn again.
fn kept(told: Told, before: &Checks) -> Told {
    let steps = before.steps();
    if *told.steps == *steps { Told { steps, ..told } } else { told }
}

fn open(state: State, link: Link) -> State {
    let mut state = take(state, &link.source);
    state.ui.view = link.view.into();
    with_facts(state, |facts| {
        facts.build.target = link.target;
        facts.build.platform = link.platform;
        facts.build.build_args = link.args;
    })
}

fn with_facts(state: State, change: impl FnOnce(&mut Known)) -> State {
    State { facts: state.facts.with(change), ..state }
}

fn set_pin(facts: &mut Known, pin: Pin) {
    facts.pins.retain(|known| known.stage != pin.stage || known.instruction != pin.instruction);
    if pin.unpacked.is_some() || pin.download.is_some() {
        facts.pins.push(pin);
    }
}

/// Editors and text fields end lines with `\n`; so does the state, or offsets would not agree.
fn unix_lines(source: &str) -> Rc<str> {
    if source.contains('\r') {
        source.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        source.into()
    }
}
