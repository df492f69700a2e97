//! What `apt-get install` brings in, and what `autoremove` takes away, by the rules that apt follows.
//!
//! A dependency that is met, by a package or by one that provides its name, brings nothing. Otherwise its first
//! alternative that exists is taken, a virtual package by its best provider; what is asked for by name is taken for
//! granted before any dependency is looked at. Recommended packages count as dependencies that may fail.
//!
//! **Invariant:** each package is visited once, so circles end.

use crate::package_table::{PackageId, Table, Target, is_wanted};
use std::collections::BTreeMap;

/// Why a package is there: `autoremove` takes only those that nobody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Named in a command, or part of the base image.
    Asked,
    /// Brought in by another one.
    Needed,
}

/// The installed packages beside [`Table::base`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    packages: BTreeMap<PackageId, Why>,
}

/// A word behind `apt-get install`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// The package's name, the architecture left out.
    pub name: &'a str,
    /// `=version`, a pattern perhaps.
    pub version: Option<&'a str>,
    /// `/release`.
    pub release: Option<&'a str>,
    /// `name-`: to be removed.
    pub removal: bool,
}

/// What an installation brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closure {
    /// New packages, by name.
    pub new: Vec<PackageId>,
    /// Packages taken away by `name-`.
    pub removed: Vec<PackageId>,
    /// Names that the release has no package of, each with the nearest name that it has.
    pub unknown: Vec<(String, Option<String>)>,
    /// What else apt would stumble over: sentences without a full stop.
    pub problems: Vec<String>,
}

impl<'a> Request<'a> {
    /// Reads a word: `curl`, `nginx=1.22.*`, `git/bookworm-backports`, `libc6:amd64`, `exim4-`.
    pub fn parse(word: &'a str) -> Self {
        let (name, version) = match word.split_once('=') {
            Some((name, version)) => (name, Some(version)),
            None => (word, None),
        };
        let (name, release) = match name.split_once('/') {
            Some((name, release)) => (name, Some(release)),
            None => (name, None),
        };
        let name = name.split(':').next().unwrap_or(name);
        let removal = version.is_none() && name.ends_with('-');
        let name = if removal { name.trim_end_matches('-') } else { name };
        let name = if version.is_none() {
            name.strip_suffix('+').filter(|name| !name.ends_with('+')).unwrap_or(name)
        } else {
            name
        };
        Self { name, version, release, removal }
    }
}

impl Installed {
    /// Adds a package.
    pub fn add(&mut self, id: PackageId, why: Why) {
        self.packages.insert(id, why);
    }

    /// The packages, by name, and why each is there.
    pub fn iter(&self) -> impl Iterator<Item = (PackageId, Why)> {
        self.packages.iter().map(|(id, why)| (*id, *why))
    }

    /// True where it is installed beside the base.
    pub fn contains(&self, id: PackageId) -> bool {
        self.packages.contains_key(&id)
    }

    /// The packages, by name.
    pub fn ids(&self) -> impl Iterator<Item = PackageId> {
        self.packages.keys().copied()
    }

    /// Changes why a package is there, as `apt-mark` does.
    pub fn mark(&mut self, id: PackageId, why: Why) {
        if let Some(mark) = self.packages.get_mut(&id) {
            *mark = why;
        }
    }

    /// Takes a package away; true where it was there.
    pub fn remove(&mut self, id: PackageId) -> bool {
        self.packages.remove(&id).is_some()
    }
}

/// Installs what is wanted and says what came with it.
pub fn install(
    table: &Table,
    installed: &mut Installed,
    wanted: &[Request<'_>],
    recommends: bool,
) -> Closure {
    let mut closure = Closure::default();
    let mut solver = Solver::new(table, installed, recommends);
    let mut asked = Vec::new();
    for request in wanted {
        let Some(id) = solver.requested(request, &mut closure) else { continue };
        if request.removal {
            solver.taken_away(id, true);
            closure.removed.extend(installed.remove(id).then_some(id));
            continue;
        }
        match request.version {
            Some(version) if !is_wanted(table.version(id), version) => closure.problems.push(format!(
                "{} {} has version {}, not {version}",
                table.release(),
                table.name(id),
                table.version(id)
            )),
            _ => {}
        }
        installed.mark(id, Why::Asked);
        if solver.add(id) {
            asked.push(id);
        }
    }
    for id in &asked {
        solver.follow(*id);
    }
    solver.new.sort_unstable();
    for id in &solver.new {
        let why = if asked.contains(id) { Why::Asked } else { Why::Needed };
        installed.packages.insert(*id, why);
    }
    closure.new = solver.new;
    closure.problems.append(&mut solver.problems);
    closure
}

/// Takes away what is named, and what needs it; with `unused` also what nothing asked for needs any more.
pub fn remove(table: &Table, installed: &mut Installed, named: &[PackageId], unused: bool) -> Vec<PackageId> {
    let mut gone: Vec<PackageId> = named.iter().copied().filter(|id| installed.remove(*id)).collect();
    loop {
        let solver = Solver::new(table, installed, false);
        let broken: Vec<PackageId> = installed
            .ids()
            .filter(|id| table.depends(*id).any(|group| !solver.is_met(group) && !is_hopeless(table, group)))
            .collect();
        if broken.is_empty() || gone.is_empty() {
            break;
        }
        gone.extend(broken.into_iter().filter(|id| installed.remove(*id)));
    }
    if unused {
        let needed = needed(table, installed);
        let unneeded: Vec<PackageId> =
            installed.ids().filter(|id| !needed.get(id.index()).copied().unwrap_or(false)).collect();
        gone.extend(unneeded.into_iter().filter(|id| installed.remove(*id)));
    }
    gone.sort_unstable();
    gone
}

/// True of a group that nothing in the release meets: it was not met before either.
fn is_hopeless(table: &Table, group: &str) -> bool {
    table.targets(group).all(|target| target == Target::Missing)
}

/// Which packages those asked for need, or recommend, by any alternative.
fn needed(table: &Table, installed: &Installed) -> Vec<bool> {
    let mut needed = vec![false; table.len()];
    let mut open: Vec<PackageId> =
        installed.packages.iter().filter(|(_, why)| **why == Why::Asked).map(|(id, _)| *id).collect();
    open.extend(table.base());
    while let Some(id) = open.pop() {
        let Some(seen) = needed.get_mut(id.index()) else { continue };
        if std::mem::replace(seen, true) {
            continue;
        }
        for group in table.depends(id).chain(table.recommends(id)) {
            for target in table.targets(group) {
                open.extend(candidates(table, target).filter(|id| installed.contains(*id)));
            }
        }
    }
    needed
}

/// What may stand for a target, best first: the package of the name, then what provides the name.
fn candidates(table: &Table, target: Target) -> impl Iterator<Item = PackageId> {
    let (own, line) = match target {
        Target::Package(id) => (Some(id), table.virtual_of(table.name(id))),
        Target::Exactly(id) => (Some(id), None),
        Target::Virtual(line) => (None, Some(line)),
        Target::Missing => (None, None),
    };
    own.into_iter().chain(line.into_iter().flat_map(|line| table.providers(line)))
}

/// The name that was meant, among those that begin alike: comparing all of them would take longer than the rest.
/// Of names that are equally near, one with the same letters in another order comes first.
fn nearest(table: &Table, name: &str) -> Option<String> {
    let letters = |word: &str| {
        let mut letters: Vec<u8> = word.bytes().collect();
        letters.sort_unstable();
        letters
    };
    let own = letters(name);
    let alike = || {
        let names = table.ids().map(|id| table.name(id));
        names.filter(|other| {
            other.as_bytes().first() == name.as_bytes().first() && other.len().abs_diff(name.len()) <= 2
        })
    };
    let swapped = || alike().find(|other| other.len() == name.len() && letters(other) == own);
    let beginning = name.get(..2).unwrap_or(name);
    let slipped = || crate::suggest::nearest(name, alike().filter(|other| other.starts_with(beginning)));
    swapped().or_else(slipped).map(str::to_owned)
}

struct Solver<'a> {
    table: &'a Table,
    /// Installed or going to be.
    there: Vec<bool>,
    /// Not to be installed: `name-`.
    barred: Vec<PackageId>,
    recommends: bool,
    new: Vec<PackageId>,
    problems: Vec<String>,
}

impl<'a> Solver<'a> {
    fn new(table: &'a Table, installed: &Installed, recommends: bool) -> Self {
        let mut there = vec![false; table.len()];
        for id in table.base().iter().copied().chain(installed.ids()) {
            if let Some(mark) = there.get_mut(id.index()) {
                *mark = true;
            }
        }
        Self { table, there, barred: Vec::new(), recommends, new: Vec::new(), problems: Vec::new() }
    }

    /// The package that a word means: the name, or the only package that provides it.
    fn requested(&mut self, request: &Request<'_>, closure: &mut Closure) -> Option<PackageId> {
        if let Some(id) = self.table.find(request.name) {
            return Some(id);
        }
        let providers = self.table.providers_of(request.name);
        match providers[..] {
            [only] => Some(only),
            [] => {
                let nearest = nearest(self.table, request.name);
                closure.unknown.push((request.name.to_owned(), nearest));
                None
            }
            [first, ..] => {
                closure.problems.push(format!(
                    "{} is a virtual package: apt wants one of those that provide it by name, like {}",
                    request.name,
                    self.table.name(first)
                ));
                providers.iter().copied().find(|id| self.is_there(*id)).or(Some(first))
            }
        }
    }

    fn is_there(&self, id: PackageId) -> bool {
        self.there.get(id.index()).copied().unwrap_or(false)
    }

    fn taken_away(&mut self, id: PackageId, barred: bool) {
        if let Some(mark) = self.there.get_mut(id.index()) {
            *mark = false;
        }
        if barred {
            self.barred.push(id);
        }
    }

    /// Marks a package as going to be installed; false where it is there already.
    fn add(&mut self, id: PackageId) -> bool {
        let Some(mark) = self.there.get_mut(id.index()) else { return false };
        let is_new = !std::mem::replace(mark, true);
        if is_new {
            self.new.push(id);
        }
        is_new
    }

    fn is_met(&self, group: &str) -> bool {
        self.table.targets(group).any(|target| candidates(self.table, target).any(|id| self.is_there(id)))
    }

    /// Brings in what a new package needs, depth first, hard dependencies before recommended packages.
    fn follow(&mut self, first: PackageId) {
        let mut stack = vec![self.groups_of(first)];
        while let Some(groups) = stack.last_mut() {
            let Some((group, hard)) = groups.pop() else {
                stack.pop();
                continue;
            };
            if self.is_met(group) {
                continue;
            }
            let chosen = self
                .table
                .targets(group)
                .flat_map(|target| candidates(self.table, target))
                .find(|id| !self.barred.contains(id));
            match chosen {
                Some(id) => {
                    self.add(id);
                    stack.push(self.groups_of(id));
                }
                None if hard => self
                    .problems
                    .push(format!("a dependency cannot be met: {}", group.trim_start_matches('!'))),
                None => {}
            }
        }
    }

    /// The groups that a package needs and recommends, last first; true of those it needs.
    fn groups_of(&self, id: PackageId) -> Vec<(&'a str, bool)> {
        let mut groups: Vec<(&'a str, bool)> = self.table.depends(id).map(|group| (group, true)).collect();
        if self.recommends {
            groups.extend(self.table.recommends(id).map(|group| (group, false)));
        }
        groups.reverse();
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package_table::sample::{Row, table};

    const PACKAGES: &[Row<'_>] = &[
        ("apt", "!", "", ""),
        ("big", "", "loop-a,editor|*mail", "extra"),
        ("editor", "", "", ""),
        ("exim", "", "", ""),
        ("extra", "", "more", "missing"),
        ("loop-a", "", "loop-b", ""),
        ("loop-b", "", "loop-a", ""),
        ("mailer", "", "*mail", ""),
        ("more", "", "", ""),
        ("nodejs", "", "missing-library", ""),
        ("postfix", "", "", ""),
    ];
    const VIRTUALS: &[(&str, &[&str])] = &[("mail", &["exim", "postfix"])];

    #[track_caller]
    fn check(there: &str, wanted: &str, recommends: bool, expected: &str) -> Closure {
        let table = table(PACKAGES, VIRTUALS, &[]);
        let mut installed = Installed::default();
        for name in there.split_whitespace() {
            installed.add(table.find(name).expect("a package of the test"), Why::Asked);
        }
        let requests: Vec<Request<'_>> = wanted.split_whitespace().map(Request::parse).collect();
        let closure = install(&table, &mut installed, &requests, recommends);
        let names: Vec<&str> = closure.new.iter().map(|id| table.name(*id)).collect();
        assert_eq!(names.join(" "), expected, "{wanted}");
        closure
    }

    #[test]
    fn what_a_package_needs_comes_with_it_and_circles_end() {
        check("", "loop-b", false, "loop-a loop-b");
        check("", "big", false, "big editor loop-a loop-b");
        check("", "apt", false, "");
    }

    #[test]
    fn recommended_packages_come_with_theirs_and_may_be_missing() {
        let closure = check("", "big", true, "big editor extra loop-a loop-b more");
        assert_eq!(closure.problems, Vec::<String>::new());
    }

    #[test]
    fn an_alternative_that_is_there_or_going_to_be_is_enough() {
        check("", "mailer", false, "exim mailer");
        check("postfix", "mailer", false, "mailer");
        check("", "mailer postfix", false, "mailer postfix");
        check("postfix loop-a loop-b", "big", false, "big");
    }

    #[test]
    fn what_is_not_to_come_does_not_come() {
        check("", "mailer exim-", false, "mailer postfix");
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest_one() {
        let closure = check("", "mialer big-thing", false, "");
        let names = [("mialer".to_owned(), Some("mailer".to_owned())), ("big-thing".to_owned(), None)];
        assert_eq!(closure.unknown, names);
    }

    #[test]
    fn what_apt_would_stumble_over_is_told() {
        let closure = check("", "nodejs editor=2.*", false, "editor nodejs");
        let told =
            ["bookworm editor has version 1-1, not 2.*", "a dependency cannot be met: missing-library"];
        assert_eq!(closure.problems, told);
        let closure = check("", "mail", false, "exim");
        assert!(closure.problems[0].starts_with("mail is a virtual package"), "{:?}", closure.problems);
    }

    #[test]
    fn words_are_read_as_apt_reads_them() {
        let read = |word: &'static str| {
            let request = Request::parse(word);
            (request.name, request.version, request.release, request.removal)
        };
        assert_eq!(read("libc6:i386"), ("libc6", None, None, false));
        assert_eq!(read("nginx=1.22.1-9"), ("nginx", Some("1.22.1-9"), None, false));
        assert_eq!(read("git/bookworm-backports"), ("git", None, Some("bookworm-backports"), false));
        assert_eq!(read("exim4-"), ("exim4", None, None, true));
        assert_eq!(read("g++"), ("g++", None, None, false));
    }

    #[test]
    fn what_nothing_needs_any_more_goes_with_autoremove_alone() {
        let table = table(PACKAGES, VIRTUALS, &[]);
        let id = |name| table.find(name).expect("a package of the test");
        let names = |ids: Vec<PackageId>| ids.iter().map(|id| table.name(*id)).collect::<Vec<_>>().join(" ");
        let mut installed = Installed::default();
        install(&table, &mut installed, &[Request::parse("big"), Request::parse("more")], true);
        let mut other = installed.clone();
        assert_eq!(names(remove(&table, &mut other, &[id("big")], false)), "big");
        assert_eq!(names(remove(&table, &mut other, &[], true)), "editor extra loop-a loop-b");
        assert_eq!(names(remove(&table, &mut installed, &[id("loop-b")], false)), "big loop-a loop-b");
    }
}
