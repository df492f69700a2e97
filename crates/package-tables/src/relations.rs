//! Dependencies of an index decided once: which versions there are is known, so that no table carries conditions.

use crate::index::Index;
use layercast_core::package_table::{PackageId, compare};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

/// One alternative: a name and what its version must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Alternative<'a> {
    name: &'a str,
    condition: Option<(&'a str, &'a str)>,
}

/// Who provides a name, with the version that they say it has.
type Provided<'a> = BTreeMap<&'a str, Vec<(&'a str, Option<&'a str>)>>;

/// The relations of an index, ready to be written.
pub(crate) struct Relations<'a> {
    index: &'a Index,
    numbers: BTreeMap<&'a str, usize>,
    provided: Provided<'a>,
    base: BTreeSet<&'a str>,
    virtuals: BTreeMap<&'a str, usize>,
}

impl<'a> Relations<'a> {
    pub(crate) fn new(index: &'a Index) -> Self {
        let numbers: BTreeMap<&str, usize> =
            index.packages.keys().enumerate().map(|(number, name)| (name.as_str(), number)).collect();
        let mut provided = Provided::new();
        for (name, entry) in &index.packages {
            for group in entry.field("Provides").split(',') {
                let Some(one) = alternatives(group).into_iter().next() else { continue };
                provided.entry(one.name).or_default().push((name, one.condition.map(|(_, version)| version)));
            }
        }
        let priority = |name: &str| match index.packages.get(name).map(|entry| entry.field("Priority")) {
            Some("required") => 1,
            Some("important") => 2,
            Some("standard") => 3,
            Some("optional") => 4,
            _ => 5,
        };
        for providers in provided.values_mut() {
            providers.sort_by_key(|(name, _)| (priority(name), Reverse(index.mentions.get(*name).copied())));
        }
        let mut relations =
            Self { index, numbers, provided, base: BTreeSet::new(), virtuals: BTreeMap::new() };
        relations.base = relations.base_set();
        relations.virtuals = relations.wanted_virtuals();
        relations
    }

    /// What a minimal system holds, and with it Debian's official image: essential and required packages, apt, and
    /// what they depend on.
    fn base_set(&self) -> BTreeSet<&'a str> {
        let mut open: Vec<&str> = self
            .index
            .packages
            .iter()
            .filter(|(name, entry)| {
                entry.field("Essential") == "yes" || entry.field("Priority") == "required" || *name == "apt"
            })
            .map(|(name, _)| name.as_str())
            .collect();
        let mut base: BTreeSet<&str> = open.iter().copied().collect();
        while let Some(name) = open.pop() {
            for group in self.groups(name, &["Pre-Depends", "Depends"]) {
                let met = |base: &BTreeSet<&str>| {
                    group.iter().any(|one| self.candidates(one).iter().any(|name| base.contains(name)))
                };
                if met(&base) {
                    continue;
                }
                // What is required anyway has been taken already: the first alternative, but debootstrap merges /usr
                // itself and needs no program for it.
                let mut choices =
                    group.iter().flat_map(|one| self.candidates(one)).filter(|name| *name != "usrmerge");
                if let Some(first) = choices.next() {
                    base.insert(first);
                    open.push(first);
                }
            }
        }
        base
    }

    /// The virtual packages that some dependency names. Names of libraries of other languages are left out, which
    /// only their own packages ask for.
    fn wanted_virtuals(&self) -> BTreeMap<&'a str, usize> {
        let mut wanted = BTreeSet::new();
        for name in self.index.packages.keys() {
            for group in self.groups(name, &["Pre-Depends", "Depends", "Recommends"]) {
                wanted
                    .extend(group.iter().map(|one| one.name).filter(|name| self.provided.contains_key(name)));
            }
        }
        let foreign = |name: &str| ["librust-", "libghc-"].iter().any(|prefix| name.starts_with(prefix));
        wanted.extend(self.provided.keys().filter(|name| !foreign(name)));
        wanted.into_iter().enumerate().map(|(number, name)| (name, number)).collect()
    }

    pub(crate) fn is_base(&self, name: &str) -> bool {
        self.base.contains(name)
    }

    /// The lines of the virtual packages: the name and its providers, best first.
    pub(crate) fn virtual_lines(&self) -> impl Iterator<Item = String> {
        self.virtuals.keys().map(|name| {
            let providers = self.provided.get(name).into_iter().flatten();
            let providers = providers.filter_map(|(provider, _)| self.number(provider));
            std::iter::once((*name).to_owned()).chain(providers).collect::<Vec<_>>().join(" ")
        })
    }

    /// A column's cell: the groups of some fields, without those that the base meets.
    pub(crate) fn cell(&self, name: &str, fields: &[&str]) -> String {
        let mut groups: Vec<String> = Vec::new();
        for group in self.groups(name, fields) {
            if group.iter().any(|one| self.candidates(one).iter().any(|name| self.base.contains(name))) {
                continue;
            }
            let mut words: Vec<String> = Vec::new();
            for one in &group {
                words.extend(
                    self.words(one).into_iter().filter(|word| !words.contains(word)).collect::<Vec<_>>(),
                );
            }
            let text = match (words.is_empty(), group.first()) {
                (true, Some(first)) => format!("!{}", first.name),
                _ => words.join("|"),
            };
            if !text.is_empty() && !groups.contains(&text) {
                groups.push(text);
            }
        }
        groups.join(",")
    }

    fn groups(&self, name: &str, fields: &[&str]) -> Vec<Vec<Alternative<'a>>> {
        let Some(entry) = self.index.packages.get(name) else { return Vec::new() };
        let texts = fields.iter().flat_map(|field| entry.field(field).split(','));
        texts.map(alternatives).filter(|group| !group.is_empty()).collect()
    }

    /// The packages that meet an alternative: the one of the name, then those that provide it, best first.
    fn candidates(&self, one: &Alternative<'a>) -> Vec<&'a str> {
        let own = self.index.packages.get_key_value(one.name);
        let own = own.filter(|(_, entry)| holds(Some(entry.field("Version")), one.condition));
        let providers = self.provided.get(one.name).into_iter().flatten();
        let providers =
            providers.filter(|(_, version)| holds(*version, one.condition)).map(|(name, _)| *name);
        own.map(|(name, _)| name.as_str()).into_iter().chain(providers).collect()
    }

    /// How an alternative is written: by its name where all who have the name will do, else by who does.
    fn words(&self, one: &Alternative<'a>) -> Vec<String> {
        let candidates = self.candidates(one);
        let all = self.candidates(&Alternative { condition: None, ..*one });
        let number = self.number(one.name);
        match (candidates.len() == all.len(), candidates.first()) {
            (_, None) => Vec::new(),
            (true, _) if number.is_some() => number.into_iter().collect(),
            (true, _) => self
                .virtuals
                .get(one.name)
                .map(|number| format!("*{}", PackageId::written(*number)))
                .into_iter()
                .collect(),
            (false, _) => {
                candidates.iter().filter_map(|name| Some(format!("={}", self.number(name)?))).collect()
            }
        }
    }

    fn number(&self, name: &str) -> Option<String> {
        self.numbers.get(name).map(|number| PackageId::written(*number))
    }
}

/// The alternatives of one group. Those for another architecture are left out.
fn alternatives(group: &str) -> Vec<Alternative<'_>> {
    let one = |text| -> Option<Alternative<'_>> {
        let text: &str = text;
        let (name, rest) = text.trim().split_once([' ', '(']).unwrap_or((text.trim(), ""));
        let (name, architecture) = name.split_once(':').unwrap_or((name, "any"));
        if name.is_empty() || !["any", "native"].contains(&architecture) {
            return None;
        }
        let condition = rest.trim().trim_start_matches('(').trim_end_matches(')').trim();
        let operator = condition.len() - condition.trim_start_matches(['<', '>', '=']).len();
        let condition = (operator > 0).then(|| (&condition[..operator], condition[operator..].trim()));
        Some(Alternative { name, condition })
    };
    group.split('|').filter_map(one).collect()
}

fn holds(version: Option<&str>, condition: Option<(&str, &str)>) -> bool {
    let Some((operator, wanted)) = condition else { return true };
    let Some(version) = version else { return false };
    let order = compare(version, wanted);
    match operator {
        "<<" => order == Ordering::Less,
        "<=" | "<" => order != Ordering::Greater,
        ">>" => order == Ordering::Greater,
        ">=" | ">" => order != Ordering::Less,
        _ => order == Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_read_with_their_conditions() {
        let read = alternatives(" python3:any (>= 3.7~) | foo:i386 | default-mta");
        assert_eq!(
            read,
            [
                Alternative { name: "python3", condition: Some((">=", "3.7~")) },
                Alternative { name: "default-mta", condition: None },
            ]
        );
    }

    #[test]
    fn a_condition_holds_of_a_version_and_never_of_none() {
        assert!(holds(Some("2.36-9"), Some((">=", "2.35"))));
        assert!(!holds(Some("2.36-9"), Some(("<<", "2.36"))));
        assert!(!holds(None, Some((">=", "1"))));
        assert!(holds(None, None));
    }
}
