//! The release whose packages a stage installs, with its table, and what of it the stage holds already.

use super::super::super::Basis;
use super::super::super::machine::Machine;
use super::super::super::part::Span;
use super::super::super::system::Distribution;
use crate::facts::Question;
use crate::glob::Glob;
use crate::package_table::Table;
use crate::packages::debian::{Installed, Request, Why, brought_by, install};
use std::sync::Arc;

/// Releases that there are tables of.
const WITH_TABLE: [&str; 2] = ["bookworm", "trixie"];
/// Another release's packages are alike in name, not in size.
const STAND_IN: [f64; 2] = [0.6, 1.5];

/// The release whose packages a stage installs.
#[derive(Debug)]
pub(super) struct Release {
    /// Its name: `bookworm`.
    pub(super) name: String,
    /// Its packages, or those of the release that stands for it.
    pub(super) table: Arc<Table>,
    /// True where documentation, manuals and translations are left out.
    pub(super) is_slim: bool,
    /// What is written in place of it, where there is no table of it.
    stands_for: Option<String>,
}

impl Release {
    /// The release of a stage's system; asks for its table. None where it is not known: that is said.
    pub(super) fn of(machine: &mut Machine<'_>) -> Option<Self> {
        let (written, named, is_slim) = match &machine.state.system.distribution {
            Some(Distribution::Debian { release, slim }) => {
                (format!("Debian {release}"), release.clone(), *slim)
            }
            Some(Distribution::Ubuntu { release }) => (format!("Ubuntu {release}"), String::new(), false),
            Some(_) => {
                machine.unknown("apt is not a program of this distribution");
                return None;
            }
            None => {
                machine.unknown("packages that apt installs: the base image's distribution is not known");
                return None;
            }
        };
        let is_own = WITH_TABLE.contains(&named.as_str());
        let name = if is_own { named } else { "bookworm".to_owned() };
        let architecture = match machine.state.system.platform.architecture.as_str() {
            "arm64" => "arm64",
            _ => "amd64",
        };
        let Some(table) = machine.facts().tables.get("debian", &name, architecture) else {
            machine.ask(Question::PackageTable {
                distribution: "debian".to_owned(),
                release: name.clone(),
                architecture: architecture.to_owned(),
            });
            machine.unknown(format!("the packages of {written}: their table is not here"));
            return None;
        };
        if !is_own {
            machine.note(format!(
                "there is no table of the packages of {written}: those of Debian {name} stand for them"
            ));
        }
        Some(Self { name, table, is_slim, stands_for: (!is_own).then_some(written) })
    }

    /// Its name for people: `Debian bookworm`.
    pub(super) fn title(&self) -> String {
        format!("Debian {}", self.name)
    }

    /// How a figure of its table is known.
    pub(super) fn basis(&self) -> Basis {
        let source = match &self.stands_for {
            Some(other) => format!("{} for {other}", self.title()),
            None => self.title(),
        };
        Basis::Package { source, as_of: self.table.as_of().to_owned() }
    }

    /// A figure with the range that a stand-in adds.
    pub(super) fn widened(&self, span: Span) -> Span {
        match self.stands_for {
            Some(_) => span.times([STAND_IN[0], 1.0, STAND_IN[1]]),
            None => span,
        }
    }

    /// What a stage holds beside the base set: what its image brings, and what steps have installed.
    pub(super) fn installed(&self, machine: &Machine<'_>) -> Installed {
        let system = &machine.state.system;
        let mut installed = Installed::default();
        if let Some(image) = &system.image {
            let requests: Vec<Request<'_>> =
                brought_by(image).iter().map(|name| Request::parse(name)).collect();
            install(&self.table, &mut installed, &requests, false);
            let own: Vec<_> = installed.ids().collect();
            own.into_iter().for_each(|id| installed.mark(id, Why::Asked));
        }
        for (name, asked) in &system.installed {
            if let Some(id) = self.table.find(name) {
                installed.add(id, if *asked { Why::Asked } else { Why::Needed });
            }
        }
        for name in &system.removed {
            if let Some(id) = self.table.find(name) {
                installed.remove(id);
            }
        }
        installed
    }

    /// Keeps what is installed now for the next step.
    pub(super) fn remember(&self, installed: &Installed, machine: &mut Machine<'_>) {
        let before = self.installed(machine);
        let system = machine.system();
        for id in before.ids().filter(|id| !installed.contains(*id)) {
            let name = self.table.name(id).to_owned();
            system.installed.remove(&name);
            system.removed.insert(name);
        }
        for (id, why) in installed.iter() {
            let name = self.table.name(id);
            if !before.contains(id) || system.installed.contains_key(name) {
                system.removed.remove(name);
                system.installed.insert(name.to_owned(), why == Why::Asked);
            }
        }
    }

    /// The names that a word stands for: itself, or what its pattern matches.
    pub(super) fn matching(&self, word: &str) -> Vec<String> {
        let name = Request::parse(word).name;
        let pattern = if name.contains(".*") { name.replace(".*", "*") } else { name.to_owned() };
        let Some(glob) = Glob::new(&pattern).filter(|glob| !glob.is_literal()) else {
            return vec![word.to_owned()];
        };
        let names = self.table.ids().map(|id| self.table.name(id));
        names.filter(|name| glob.matches(name)).map(str::to_owned).collect()
    }
}
