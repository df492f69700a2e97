//! Which distributions pip installs: the newest that satisfy all who want them, as far as facts go.
//!
//! **Invariant:** it ends. Circles are walked once, conflicts end with a note, and what is missing is asked for.

use super::environment::Environment;
use super::requirement::Requirement;
use super::version::{Specifiers, Version};
use super::wheel::{Archive, Rank};
use crate::facts::Question;
use crate::facts::python::{PythonArchive, PythonFacts, PythonFile, PythonProject, PythonVersion};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be installed, and how.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What was asked for.
    pub requirements: Vec<Requirement>,
    /// What limits versions without asking for anything.
    pub constraints: Vec<Requirement>,
    /// `--no-deps`, or a lock file that lists all.
    pub no_dependencies: bool,
    /// `--pre`.
    pub pre_releases: bool,
    /// `--upgrade`: what is installed is replaced by something newer.
    pub upgrade: bool,
    /// Names that are built from source; `:all:` for all of them.
    pub from_source: Vec<String>,
    /// What is installed already, with its version where it is known.
    pub installed: BTreeMap<String, Option<Version>>,
}

/// What comes of it.
#[derive(Clone, Debug, Default)]
pub struct Resolution<'a> {
    /// What is installed, by name.
    pub chosen: Vec<Chosen<'a>>,
    /// What must be known first. While there are any, the rest is a guess.
    pub questions: Vec<Question>,
    /// Names that nothing can be said of, and why.
    pub unknown: Vec<(String, String)>,
    /// What should be said of the choice.
    pub notes: Vec<String>,
}

/// A distribution that is installed.
#[derive(Clone, Debug)]
pub struct Chosen<'a> {
    /// Its normalised name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The file that is fetched.
    pub file: &'a PythonFile,
    /// True where it is built from source, whatever file stands in for what comes out.
    pub from_source: bool,
    /// What is inside, where it is known.
    pub archive: Option<&'a PythonArchive>,
    /// What the index lists of it.
    pub project: &'a PythonProject,
    /// True where one version alone is asked for: another day brings the same.
    pub pinned: bool,
    /// What it replaces, where something was installed.
    pub replaces: Option<Option<Version>>,
}

/// Sweeps until nothing changes; deeper chains of dependencies are not met.
const MOST_SWEEPS: usize = 80;
/// So many versions are given up for older ones before a conflict is left as it is.
const MOST_RETREATS: usize = 24;
/// Nobody installs more at once.
const MOST_DISTRIBUTIONS: usize = 2000;

/// Resolves `wanted` for `environment`.
pub fn resolve<'a>(facts: &'a PythonFacts, environment: &Environment, wanted: &Wanted) -> Resolution<'a> {
    let mut resolver = Resolver { facts, environment, wanted, refused: BTreeSet::new() };
    for _ in 0..MOST_RETREATS {
        let (resolution, culprit) = resolver.settle();
        match culprit {
            Some(culprit) if resolution.questions.is_empty() => resolver.refused.insert(culprit),
            _ => return resolution,
        };
    }
    let (mut resolution, _) = resolver.settle();
    resolution.notes.push("no set of versions satisfies all requirements".to_owned());
    resolution
}

struct Resolver<'a, 'b> {
    facts: &'a PythonFacts,
    environment: &'b Environment,
    wanted: &'b Wanted,
    /// Versions that lead to a conflict.
    refused: BTreeSet<(String, String)>,
}

/// Why a distribution is there.
#[derive(Clone, Debug, Default)]
struct Need {
    extras: BTreeSet<String>,
    /// Who asks, and for which versions; nobody's name for the user.
    conditions: Vec<(Option<String>, Specifiers)>,
}

type Needs = BTreeMap<String, Need>;
type Selection<'a> = BTreeMap<String, Chosen<'a>>;

impl<'a> Resolver<'a, '_> {
    /// Chooses until the choice stays; then says which version of what should be given up for an older one.
    fn settle(&self) -> (Resolution<'a>, Option<(String, String)>) {
        let mut resolution = Resolution::default();
        let mut selection = Selection::new();
        let mut culprit = None;
        for _ in 0..MOST_SWEEPS {
            let needs = self.needs(&selection);
            resolution = Resolution::default();
            culprit = None;
            let mut next = Selection::new();
            for (name, need) in &needs {
                match self.choose(name, need, &mut resolution) {
                    Choice::Taken(chosen) => {
                        next.insert(name.clone(), *chosen);
                    }
                    Choice::Conflict => match self.blame(need, &needs, &selection) {
                        Some(found) => {
                            culprit.get_or_insert(found);
                            // What was chosen stays meanwhile: else what it needs would come and go.
                            next.extend(selection.get(name).map(|kept| (name.clone(), kept.clone())));
                        }
                        None => self.take_anyway(name, need, &mut resolution, &mut next),
                    },
                    Choice::Nothing => {}
                }
            }
            let key = |selection: &Selection<'_>| -> Vec<(String, String)> {
                selection.iter().map(|(name, chosen)| (name.clone(), chosen.file.name.clone())).collect()
            };
            let settled = key(&next) == key(&selection);
            selection = next;
            if settled || needs.len() > MOST_DISTRIBUTIONS {
                break;
            }
        }
        resolution.chosen = selection.into_values().collect();
        resolution.questions.dedup();
        (resolution, culprit)
    }

    /// All that is wanted, from the requirements down through what was selected.
    fn needs(&self, selection: &Selection<'a>) -> Needs {
        let mut needs = Needs::new();
        let mut open: Vec<(String, Vec<String>)> = Vec::new();
        let holds = |requirement: &Requirement, extras: &[String]| {
            requirement.marker.as_ref().is_none_or(|marker| marker.holds(self.environment, extras))
        };
        for requirement in self.wanted.requirements.iter().filter(|one| holds(one, &[])) {
            add(&mut needs, &mut open, requirement, None);
        }
        let mut seen = BTreeSet::new();
        while let Some((name, extras)) = open.pop() {
            let known = !self.wanted.no_dependencies && seen.insert((name.clone(), extras.clone()));
            let Some(archive) = selection.get(&name).filter(|_| known).and_then(|chosen| chosen.archive)
            else {
                continue;
            };
            for requirement in archive.requires.iter().filter_map(|text| Requirement::parse(text)) {
                if holds(&requirement, &extras) {
                    add(&mut needs, &mut open, &requirement, Some(&name));
                }
            }
        }
        for constraint in self.wanted.constraints.iter().filter(|one| holds(one, &[])) {
            if let Some(need) = needs.get_mut(&constraint.name) {
                need.conditions.push((None, constraint.specifiers.clone()));
            }
        }
        needs
    }

    fn choose(&self, name: &str, need: &Need, resolution: &mut Resolution<'a>) -> Choice<'a> {
        let is_root = need.conditions.iter().any(|(who, _)| who.is_none());
        let installed = self.wanted.installed.get(name);
        if let Some(version) = installed.filter(|_| !(self.wanted.upgrade && is_root)) {
            let satisfied = version.as_ref().is_none_or(|version| all_hold(&need.conditions, version));
            if satisfied {
                return Choice::Nothing;
            }
        }
        if let Some(failure) = self.facts.failures.get(name) {
            resolution.unknown.push((name.to_owned(), failure.message.clone()));
            return Choice::Nothing;
        }
        let Some(project) = self.facts.projects.get(name) else {
            resolution.questions.push(Question::PythonProject { name: name.to_owned() });
            return Choice::Nothing;
        };
        let named = |(_, specifiers): &(_, Specifiers)| specifiers.name_pre_release();
        let pre_releases = self.wanted.pre_releases || need.conditions.iter().any(named);
        let found = self.newest(name, &project.versions, need, pre_releases);
        // Where nothing else is left, pip takes a pre-release.
        let found = found.or_else(|| self.newest(name, &project.versions, need, true));
        let Some((version, file, from_source)) = found else {
            let none_at_all = project.versions.is_empty()
                || self.newest(name, &project.versions, &Need::default(), true).is_none();
            if none_at_all {
                let why = format!(
                    "the index has no version of {name} for Python {} on this platform",
                    self.environment.version()
                );
                resolution.unknown.push((name.to_owned(), why));
                return Choice::Nothing;
            }
            return Choice::Conflict;
        };
        if installed.is_some_and(|installed| installed.as_ref() == Some(&version)) {
            return Choice::Nothing;
        }
        let archive = self.facts.archives.get(&file.name);
        if archive.is_none() && !self.facts.failures.contains_key(&file.name) {
            let (project, file) = (name.to_owned(), file.name.clone());
            resolution.questions.push(Question::PythonArchive { project, file });
        }
        let (name, replaces) = (name.to_owned(), installed.cloned());
        let pinned = need.conditions.iter().any(|(_, specifiers)| specifiers.only_version().is_some());
        let chosen = Chosen { name, version, file, from_source, archive, project, pinned, replaces };
        Choice::Taken(Box::new(chosen))
    }

    /// The newest version that all conditions allow and that has a file for the environment.
    fn newest(
        &self,
        name: &str,
        versions: &'a [PythonVersion],
        need: &Need,
        pre_releases: bool,
    ) -> Option<(Version, &'a PythonFile, bool)> {
        let pinned = need.conditions.iter().any(|(_, specifiers)| specifiers.only_version().is_some());
        versions.iter().find_map(|one| {
            let version = Version::parse(&one.version)?;
            let allowed = (pre_releases || !version.is_pre_release())
                && (pinned || !one.yanked)
                && all_hold(&need.conditions, &version)
                && one
                    .requires_python
                    .as_deref()
                    .is_none_or(|requires| self.environment.is_allowed_by(requires))
                && (self.refused.is_empty()
                    || !self.refused.contains(&(name.to_owned(), one.version.clone())));
            let (file, from_source) = self.best_file(name, &one.files).filter(|_| allowed)?;
            Some((version, file, from_source))
        })
    }

    /// The wheel that pip prefers, else the source archive. Where pip is told to build, the wheel still shows what
    /// comes out of it.
    fn best_file(&self, name: &str, files: &'a [PythonFile]) -> Option<(&'a PythonFile, bool)> {
        let mut best: Option<(Rank, &PythonFile)> = None;
        let mut source = None;
        for file in files {
            match Archive::parse(&file.name)
                .map(|archive| archive.tags.map(|tags| tags.rank(self.environment)))
            {
                Some(Some(Some(rank))) if best.is_none_or(|(least, _)| rank < least) => {
                    best = Some((rank, file))
                }
                Some(None) => source = source.or(Some(file)),
                _ => {}
            }
        }
        let builds = self.wanted.from_source.iter().any(|one| one == name || one == ":all:");
        match (best, source) {
            (Some((_, wheel)), source) => Some((wheel, builds && source.is_some())),
            (None, Some(source)) => Some((source, true)),
            (None, None) => None,
        }
    }

    /// Whose version to give up: one that was chosen freely, asks for what the others do not allow, and has an
    /// older one to go back to.
    fn blame(&self, need: &Need, needs: &Needs, selection: &Selection<'a>) -> Option<(String, String)> {
        let asked_by = need.conditions.iter().rev().filter_map(|(who, _)| who.as_ref());
        let culprits = asked_by.filter_map(|name| Some((name, selection.get(name)?, needs.get(name)?)));
        let mut older = culprits.filter(|(name, chosen, need)| {
            let versions = self.facts.projects.get(*name).map_or(&[][..], |project| &project.versions);
            let version = chosen.version.to_string();
            let at = versions.iter().position(|one| one.version == version).map_or(0, |at| at + 1);
            let rest = versions.get(at..).unwrap_or_default();
            self.newest(name, rest, need, chosen.version.is_pre_release()).is_some()
        });
        older.next().map(|(name, chosen, _)| (name.clone(), chosen.version.to_string()))
    }

    /// Where a conflict stays: what the user asked for counts, else what most ask for.
    fn take_anyway(
        &self,
        name: &str,
        need: &Need,
        resolution: &mut Resolution<'a>,
        next: &mut Selection<'a>,
    ) {
        let users = need.conditions.iter().filter(|(who, _)| who.is_none()).cloned();
        let first = need.conditions.first().cloned();
        let mut conditions: Vec<_> = users.collect();
        if conditions.is_empty() {
            conditions.extend(first);
        }
        let less = Need { conditions, extras: need.extras.clone() };
        match self.choose(name, &less, resolution) {
            Choice::Taken(chosen) => {
                let note = format!("no version of {name} satisfies all who want it: pip would stop here");
                resolution.notes.push(note);
                next.insert(name.to_owned(), *chosen);
            }
            Choice::Conflict => {
                let why = format!("the index has no version of {name} as it is asked for");
                resolution.unknown.push((name.to_owned(), why));
            }
            Choice::Nothing => {}
        }
    }
}

enum Choice<'a> {
    Taken(Box<Chosen<'a>>),
    Conflict,
    Nothing,
}

fn all_hold(conditions: &[(Option<String>, Specifiers)], version: &Version) -> bool {
    conditions.iter().all(|(_, specifiers)| specifiers.contain(version))
}

fn add(
    needs: &mut Needs,
    open: &mut Vec<(String, Vec<String>)>,
    requirement: &Requirement,
    who: Option<&str>,
) {
    // What has an address of its own is no matter of the index.
    if requirement.url.is_some() {
        return;
    }
    let need = needs.entry(requirement.name.clone()).or_default();
    let new =
        need.conditions.is_empty() || requirement.extras.iter().any(|extra| !need.extras.contains(extra));
    need.extras.extend(requirement.extras.iter().cloned());
    let condition = (who.map(str::to_owned), requirement.specifiers.clone());
    if !need.conditions.contains(&condition) {
        need.conditions.push(condition);
    }
    if new {
        open.push((requirement.name.clone(), need.extras.iter().cloned().collect()));
    }
}
