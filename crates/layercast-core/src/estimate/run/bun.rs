//! bun: packages as parts, and its cache of files, which node_modules is made of by hard links.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::Span;
use super::Estimator;
use super::node::{
    self, Omit, Project, Text, ask_and_tell, is_production, platform_of, tell_scripts, write_by_rule,
    write_packages,
};
use crate::packages::npm::bun;
use crate::packages::npm::spec::Spec;
use crate::packages::npm::tree::{Root, Wish, plan};

const WITH_VALUE: &[&str] =
    &["--cwd", "--filter", "--registry", "--cache-dir", "--outdir", "--outfile", "--target"];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    (program == "bun").then_some(bun as Estimator)
}

fn bun(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(WITH_VALUE);
    let Some((verb, words)) = operands.split_first() else { return Outcome::done() };
    let folder =
        call.value(&["--cwd"]).map_or_else(|| machine.folder.clone(), |folder| machine.absolute(folder));
    let project = Project::at(&folder);
    match *verb {
        "install" | "i" | "ci" => install(call, &[], &project, machine),
        "add" | "a" => install(call, words, &project, machine),
        "run" => words.iter().take(1).for_each(|script| node::run_script(&project, script, machine)),
        "x" => {
            let Some(program) = words.first() else { return Outcome::done() };
            let at = call.arguments.iter().position(|word| word == program).map_or(0, |at| at + 1);
            let arguments = call.arguments.get(at..).unwrap_or_default().to_vec();
            return super::call(
                &Call { program: Spec::of_word(program).name, arguments, ..call.clone() },
                machine,
            );
        }
        "build" => machine.unknown("the bundle that bun builds"),
        "pm" if words.contains(&"rm") => {
            machine.remove(&format!("{}/.bun/install/cache", machine.home()));
        }
        "test" | "pm" | "init" | "upgrade" | "--version" => {}
        script => {
            let is_script =
                project.manifest(machine).is_some_and(|manifest| manifest.scripts.contains_key(script));
            match is_script {
                true => node::run_script(&project, script, machine),
                false => machine.unknown(format!("what bun {script} writes")),
            }
        }
    }
    Outcome::done()
}

fn install(call: &Call, words: &[&str], project: &Project, machine: &mut Machine<'_>) {
    let has = |word: &str| call.arguments.iter().any(|own| own == word);
    let omit = Omit {
        dev: has("--production") || has("-p") || has("--omit=dev") || is_production(call, machine),
        ..Omit::default()
    };
    let is_global = has("-g") || has("--global");
    let mut packages = None;
    if !is_global && let Text::Known(text) = project.text("bun.lock", machine) {
        match bun::plan(&text, omit.dev, &platform_of(machine)) {
            Ok(planned) => packages = Some(planned),
            Err(why) => machine.note(format!("bun.lock {why}; the packages are taken from package.json")),
        }
    }
    let mut wish = Wish::default();
    if packages.is_none() && !is_global {
        let Some(known) = project.wish("bun", omit, !words.is_empty(), machine) else { return };
        wish = known;
    }
    wish.roots.extend(words.iter().map(|word| Root { spec: Spec::of_word(word), optional: false }));
    let mut packages = packages.unwrap_or_default();
    if !wish.roots.is_empty() {
        let plan = plan(&wish, &machine.facts().npm, &platform_of(machine));
        ask_and_tell(&plan, machine);
        packages.extend(plan.packages);
    }
    let folder =
        if is_global { format!("{}/.bun/install/global", machine.home()) } else { project.folder.clone() };
    let n_written = write_packages(&folder, &packages, machine).len() as u64;
    tell_scripts(&packages, machine);
    // The lists of versions that it chose from.
    let lists = Span::around(n_written * 9_000, 0.3, 3.0);
    let path = format!("{}/.bun/install/cache/", machine.home());
    write_by_rule("lists of versions", &path, lists, [0.3, 0.45, 0.6], "bun's cache", machine);
}
