//! A COPY above commands that need nothing of it, or lists of packages alone: it stands better behind them.

use super::Move;
use crate::dockerfile::Instruction;
use crate::dockerfile::copy::Copy;
use crate::facts::ContextFile;
use crate::graph::scope::join_path;
use crate::ignore::IgnoreFile;
use crate::lint::Context;
use crate::lint::commands::Call;
use crate::lint::dependencies::{self, Fetch};

/// Folders that programs read of themselves: what is copied there may be what a command needs.
const OF_THE_SYSTEM: [&str; 14] =
    ["bin", "boot", "dev", "etc", "home", "lib", "lib64", "proc", "root", "run", "sbin", "sys", "usr", "var"];

/// What a command needs of the files that are copied.
enum Need {
    Nothing,
    /// These alone.
    Lists(Vec<Fetch>, Vec<String>),
}

/// Where the COPY could stand, and what would be copied in its place.
pub(super) fn find(context: &Context<'_>, stage: usize, copied: usize) -> Option<Move> {
    let Some(Instruction::Copy(copy)) = &context.file.instructions[copied] else { return None };
    let destination = destination(context, stage, copied, copy)?;
    let (mut behind, mut lists, mut tools) = (None, Vec::new(), Vec::new());
    for (index, instruction) in context.steps(stage).filter(|(index, _)| *index > copied) {
        match instruction {
            Instruction::Run(_) => {
                match need(context, index) {
                    Some(Need::Nothing) => {}
                    Some(Need::Lists(fetches, files)) => {
                        let here = context.workdir_at(stage, index) == destination;
                        if !here || !takes_all(copy) || lists_refuse(context, &fetches) {
                            break;
                        }
                        files.into_iter().for_each(|file| {
                            if !lists.contains(&file) {
                                lists.push(file);
                            }
                        });
                        tools.extend(fetches.iter().map(|fetch| fetch.tool));
                    }
                    None => break,
                }
                behind = Some(index);
            }
            Instruction::Workdir(_) if !copy.destination.text.starts_with('/') => break,
            Instruction::Arg(_) | Instruction::Env(_) if says_variables(context, copied) => break,
            Instruction::Copy(_) | Instruction::Add(_) | Instruction::Onbuild(_) => {
                break;
            }
            _ => {}
        }
    }
    made(context, copied, behind?, &lists, &tools)
}

fn made(
    context: &Context<'_>,
    copied: usize,
    behind: usize,
    lists: &[String],
    tools: &[&str],
) -> Option<Move> {
    let (line, below) = (context.node(copied).line, context.node(behind).line);
    if lists.is_empty() {
        let title = format!("Move line {line} below line {below}, which needs nothing of it");
        return Some(Move { title, instruction: copied, behind, instead: None, assumes: Vec::new() });
    }
    let Some(Instruction::Copy(copy)) = &context.file.instructions[copied] else { return None };
    let node = context.node(copied);
    let flags: String =
        node.flags.iter().map(|flag| format!("{} ", flag.place.of(node.text.text()))).collect();
    let destination = copy.destination.text.trim_end_matches('/');
    let instead = format!("COPY {flags}{} {destination}/", lists.join(" "));
    let named = match lists {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => lists.concat(),
    };
    let title = format!("Copy {named} first, the rest below line {below}");
    let mut assumes = Vec::new();
    if tools.iter().any(|tool| ["npm", "yarn", "pnpm"].contains(tool)) {
        assumes.push("No script that runs at installation reads other files of the project.".to_owned());
        if context.facts.context.is_none() {
            assumes.push("The build context has no node_modules, or .dockerignore keeps it out.".to_owned());
        }
    } else {
        assumes.push("The lists of packages name no other file of the project.".to_owned());
    }
    Some(Move { title, instruction: copied, behind, instead: Some(instead), assumes })
}

/// The folder that a COPY of the context fills; none where it is one that programs read of themselves.
fn destination(context: &Context<'_>, stage: usize, copied: usize, copy: &Copy) -> Option<String> {
    let is_plain = copy.from.is_none() && !copy.sources.is_empty() && copy.inline_files.is_empty();
    if !is_plain || copy.destination.text.contains('$') {
        return None;
    }
    let path = join_path(&context.workdir_at(stage, copied), &copy.destination.text);
    let top = path.split('/').nth(1).unwrap_or_default();
    (!top.is_empty() && !OF_THE_SYSTEM.contains(&top)).then_some(path)
}

fn takes_all(copy: &Copy) -> bool {
    let [source] = copy.sources.as_slice() else { return false };
    matches!(source.text.as_str(), "." | "./") && copy.exclude.is_empty() && !copy.parents
}

/// What a RUN needs of copied files; none where that is not known.
fn need(context: &Context<'_>, run: usize) -> Option<Need> {
    let node = context.node(run);
    let text = node.arguments().replace("2>&1", "").replace(">/dev/null", "").replace("> /dev/null", "");
    if text.contains(['>', '<', '$', '`']) || !node.heredocs.is_empty() {
        return None;
    }
    let (mut fetches, mut files) = (Vec::new(), Vec::new());
    for call in context.calls(run) {
        match dependencies::fetch(call) {
            Some(fetch) if fetch.reads.is_empty() => {}
            Some(fetch) => {
                files.extend(lists_of(context, call, fetch)?);
                fetches.push(fetch);
            }
            None if is_harmless(call) => {}
            None => return None,
        }
    }
    Some(if fetches.is_empty() { Need::Nothing } else { Need::Lists(fetches, files) })
}

/// Programs that read nothing of a project's folder and write nothing there.
fn is_harmless(call: &Call) -> bool {
    let is_own_path = |word: &String| {
        word.starts_with('-') || ["/var/", "/tmp/", "/root/"].iter().any(|own| word.starts_with(own))
    };
    match call.program.as_str() {
        ""
        | "set"
        | "true"
        | ":"
        | "useradd"
        | "groupadd"
        | "adduser"
        | "addgroup"
        | "update-ca-certificates" => true,
        "apt-get" | "apt" | "apk" | "dnf" | "yum" | "microdnf" => {
            ["update", "clean", "autoclean", "autoremove", "makecache", "upgrade"].contains(&call.verb())
        }
        "npm" => call.verb() == "cache",
        "rm" => call.arguments.iter().all(is_own_path),
        _ => false,
    }
}

/// The lists that a call reads, as COPY takes them; none where they are not known.
fn lists_of(context: &Context<'_>, call: &Call, fetch: Fetch) -> Option<Vec<String>> {
    let names: Vec<String> = match fetch.tool {
        "npm" | "yarn" | "pnpm" | "go" | "bundle" | "poetry" | "uv" | "pipenv" | "composer" => {
            fetch.reads.split(" and ").map(str::to_owned).collect()
        }
        "pip" => {
            let flags = ["-r", "--requirement"];
            let values = call.arguments.windows(2).filter(|pair| flags.contains(&pair[0].as_str()));
            values.map(|pair| pair[1].clone()).collect()
        }
        // What the others read besides their lists is not known.
        _ => return None,
    };
    if names.is_empty() || names.iter().any(|name| name.contains(['/', '*', '"'])) {
        return None;
    }
    let Some(listing) = &context.facts.context else {
        // The first must be there; whether the others are is not known.
        let optional = |(place, name): (usize, String)| {
            if place == 0 || fetch.tool == "pip" { name } else { name + "*" }
        };
        return Some(names.into_iter().enumerate().map(optional).collect());
    };
    let is_there = |name: &&String| gets_in(context).any(|file| file.path == **name);
    let mut there: Vec<String> = names.iter().filter(is_there).cloned().collect();
    if listing.partial || there.first() != names.first() {
        return None;
    }
    let settings =
        [".npmrc", "npm-shrinkwrap.json", "pnpm-workspace.yaml", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs"];
    if ["npm", "yarn", "pnpm"].contains(&fetch.tool) {
        there.extend(settings.iter().map(|name| (*name).to_owned()).filter(|name| is_there(&name)));
    }
    Some(there)
}

/// True where a list that is known says that more than lists is needed, or what the context holds would be laid over
/// what was installed.
fn lists_refuse(context: &Context<'_>, fetches: &[Fetch]) -> bool {
    let uses = |tools: &[&str]| fetches.iter().any(|fetch| tools.contains(&fetch.tool));
    let is_node = uses(&["npm", "yarn", "pnpm"]);
    let text_of =
        |name: &str| gets_in(context).find(|file| file.path == name).and_then(|file| file.text.as_deref());
    let says = |name: &str, words: &[&str]| {
        text_of(name).is_some_and(|text| words.iter().any(|word| text.contains(word)))
    };
    let is_laid_over = gets_in(context).any(|file| {
        is_node && ["node_modules/", ".yarn/", "patches/"].iter().any(|folder| file.path.starts_with(folder))
    });
    let scripts =
        ["\"preinstall\"", "\"install\"", "\"postinstall\"", "\"prepare\"", "\"workspaces\"", "\"file:"];
    is_laid_over
        || (is_node && says("package.json", &scripts))
        || (uses(&["go"]) && says("go.mod", &["=> ./", "=> ../"]))
        || (uses(&["bundle"]) && says("Gemfile", &["gemspec", "path:", ":path"]))
        || (uses(&["pip"]) && says("requirements.txt", &["-e ", "-r ", "-c ", "./", "file:"]))
}

/// The files of the context that get into the build, where they are known.
fn gets_in<'c>(context: &Context<'c>) -> impl Iterator<Item = &'c ContextFile> {
    let listed = context.facts.context.iter().flat_map(|listing| &listing.files);
    let ignore = context.facts.build.dockerignore.as_deref().map(IgnoreFile::parse);
    listed.filter(move |file| ignore.as_ref().is_none_or(|ignore| ignore.ignores(&file.path).is_none()))
}

fn says_variables(context: &Context<'_>, instruction: usize) -> bool {
    context.node(instruction).text.text().contains('$')
}
