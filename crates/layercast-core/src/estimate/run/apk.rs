//! Alpine's apk: what it brings in by the table of `main`, what it takes away again, the index it leaves.
//!
//! What `community` holds is in no table; its packages are rules of thumb with a wide range.

use super::super::Basis;
use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::super::system::Distribution;
use super::Estimator;
use crate::facts::Question;
use crate::package_table::Table;
use crate::packages::debian::{Installed, Request, Why, install, remove};
use std::sync::Arc;

/// The release whose packages are carried; others are taken to be like it.
const RELEASE: &str = "3.22";
/// An .apk is gzip as a layer is: its length is what its content takes.
const GZIP_OF_APK: [f64; 3] = [0.95, 1.02, 1.10];
const CONTENT: [f64; 3] = [0.30, 0.42, 0.55];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    (program == "apk").then_some(apk as Estimator)
}

fn apk(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(&[
        "-t",
        "--virtual",
        "-X",
        "--repository",
        "-p",
        "--root",
        "--arch",
        "--keys-dir",
        "--cache-dir",
        "--wait",
    ]);
    let Some((verb, names)) = operands.split_first() else { return Outcome::done() };
    let keeps_index = !call.has(&["--no-cache"]);
    match *verb {
        "update" => index(machine),
        "add" | "upgrade" => {
            if keeps_index && call.has(&["-U", "--update", "--update-cache", "-u"]) {
                index(machine);
            }
            if *verb == "upgrade" || call.has(&["-u", "--upgrade"]) {
                let size = Span { low: 0, likely: 300_000, high: 8_000_000 };
                machine.write(Part::by_rule("Alpine upgrades", "upgraded packages", "/usr/", size, CONTENT));
            }
            let group = call.value(&["-t", "--virtual"]).map(str::to_owned);
            add(names, group, call.open, machine);
        }
        "del" => take(names, machine),
        _ => {}
    }
    Outcome::done()
}

/// The indexes of `main` and `community`, compressed.
fn index(machine: &mut Machine<'_>) {
    let size = Span::around(2_450_000, 0.9, 1.2);
    machine.write(Part::by_rule(
        "Alpine's index",
        "index of packages",
        "/var/cache/apk/",
        size,
        [0.97, 1.0, 1.01],
    ));
}

/// The table, and how far another release than its own may lie from it.
fn table(machine: &mut Machine<'_>) -> Option<(Arc<Table>, bool)> {
    let release = match &machine.state.system.distribution {
        Some(Distribution::Alpine { release }) => release.clone(),
        _ => return None,
    };
    match machine.facts().tables.get("alpine", RELEASE, "amd64") {
        Some(table) => {
            let is_own = release == RELEASE && machine.state.system.platform.architecture == "amd64";
            Some((table, is_own))
        }
        None => {
            machine.ask(Question::PackageTable {
                distribution: "alpine".to_owned(),
                release: RELEASE.to_owned(),
                architecture: "amd64".to_owned(),
            });
            None
        }
    }
}

fn installed(table: &Table, machine: &Machine<'_>) -> Installed {
    let mut installed = Installed::default();
    for (name, asked) in &machine.state.system.installed {
        if let Some(id) = table.find(name) {
            installed.add(id, if *asked { Why::Asked } else { Why::Needed });
        }
    }
    installed
}

fn add(names: &[&str], group: Option<String>, open: bool, machine: &mut Machine<'_>) {
    if open {
        machine.unknown("packages whose names are only known when the build runs");
    }
    let names: Vec<&str> = names
        .iter()
        .filter(|name| !name.starts_with('!'))
        .map(|name| name.split(['=', '<', '>', '~', '@']).next().unwrap_or(name))
        .collect();
    if let Some(group) = &group {
        let members = names.iter().map(|name| (*name).to_owned()).collect();
        machine.system().groups.insert(group.clone(), members);
    }
    let Some((table, is_own)) = table(machine) else {
        if !names.is_empty() {
            machine.unknown(format!("the packages {}", names.join(", ")));
        }
        return;
    };
    let before = installed(&table, machine);
    let mut after = before.clone();
    let requests: Vec<Request<'_>> =
        names.iter().map(|name| Request { name, version: None, release: None, removal: false }).collect();
    let closure = install(&table, &mut after, &requests, false);
    let [low, high] = if is_own { [0.97, 1.03] } else { [0.80, 1.25] };
    let stands_in = if is_own { "" } else { ", standing in for another release" };
    let basis = Basis::Package {
        source: format!("Alpine {RELEASE} main{stands_in}"),
        as_of: table.as_of().to_owned(),
    };
    for id in &closure.new {
        machine.write(Part {
            name: format!("{} {}", table.name(*id), table.version(*id)),
            path: "/usr/".to_owned(),
            unpacked: Span::around(table.installed_size(*id), low, high),
            download: Span::around(table.archive_size(*id), low, high).times(GZIP_OF_APK),
            basis: basis.clone(),
        });
    }
    for (name, _) in &closure.unknown {
        if !before_has(name, machine) {
            // In community, most of them: languages, tools.
            let size = Span { low: 100_000, likely: 9_000_000, high: 150_000_000 };
            let part =
                Part::by_rule("Alpine packages outside of main", name.as_str(), "/usr/", size, CONTENT);
            machine.write(part);
            machine.note(format!("{name} is not among the packages of Alpine {RELEASE} main"));
        }
    }
    let n_new = (closure.new.len() + closure.unknown.len()) as u64;
    if n_new > 0 {
        database(n_new, machine);
    }
    let system = machine.system();
    for (id, why) in after.iter() {
        system.installed.insert(table.name(id).to_owned(), why == Why::Asked && group.is_none());
    }
    for (name, _) in closure.unknown {
        system.installed.insert(name, group.is_none());
    }
}

fn before_has(name: &str, machine: &Machine<'_>) -> bool {
    machine.state.system.installed.contains_key(name)
}

/// apk's database is one file that is written anew: names and checksums of every installed file.
fn database(n_new: u64, machine: &mut Machine<'_>) {
    let size = Span::sum([Span::around(55_000, 0.7, 1.5), Span::around(n_new * 4_500, 0.3, 3.0)]);
    machine.write(Part::by_rule("apk's database", "apk's database", "/lib/apk/db/", size, [0.3, 0.42, 0.5]));
}

/// Takes packages away, with those that nobody needs any more: in the same step their files are gone.
fn take(names: &[&str], machine: &mut Machine<'_>) {
    let mut named: Vec<String> = Vec::new();
    for name in names {
        match machine.system().groups.remove(*name) {
            Some(members) => named.extend(members),
            None => named.push((*name).to_owned()),
        }
    }
    let Some((table, _)) = table(machine) else { return };
    let mut left = installed(&table, machine);
    // Who else needs one keeps it.
    named.iter().filter_map(|name| table.find(name)).for_each(|id| left.mark(id, Why::Needed));
    let gone = remove(&table, &mut left, &[], true);
    for id in &gone {
        let name = format!("{} {}", table.name(*id), table.version(*id));
        machine.state.tree.remove_part("/usr/", &name);
        machine.system().installed.remove(table.name(*id));
    }
    for name in named.iter().filter(|name| table.find(name).is_none()) {
        machine.state.tree.remove_part("/usr/", name);
        machine.system().installed.remove(name);
    }
    database(0, machine);
}

#[cfg(test)]
mod tests {
    use super::super::super::stages::weigh;
    use super::*;
    use crate::dockerfile::Dockerfile;
    use crate::facts::Facts;
    use crate::graph::Graph;
    use crate::package_table::sample;

    #[track_caller]
    fn check(run: &str, expected: &[&str]) {
        let rows =
            [("curl", "", "zlib", ""), ("gcc", "", "", ""), ("musl", "!", "", ""), ("zlib", "", "", "")];
        let mut facts = Facts::default();
        facts.tables.add("alpine", RELEASE, "amd64", sample::table(&rows, &[], &[]));
        let text = format!("FROM alpine:3.22\nRUN {run}");
        let file = Dockerfile::read(&text);
        let weighed = weigh(&file, &Graph::new(&file, &facts), &facts);
        let step = weighed.steps.last().expect("RUN makes a layer");
        let mut names: Vec<&str> = step.parts().iter().map(|part| part.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{run}");
    }

    #[test]
    fn what_is_added_brings_what_it_needs() {
        check("apk add --no-cache curl", &["apk's database", "curl 1-1", "zlib 1-1"]);
        check("apk add -U curl=1-1", &["apk's database", "curl 1-1", "index of packages", "zlib 1-1"]);
    }

    #[test]
    fn a_group_goes_as_it_came() {
        check(
            "apk add --no-cache --virtual .build gcc zlib && apk add --no-cache curl && apk del .build",
            &["apk's database", "curl 1-1", "zlib 1-1"],
        );
    }

    #[test]
    fn what_is_in_no_table_has_a_wide_range() {
        check("apk add --no-cache npm", &["apk's database", "npm"]);
    }
}
