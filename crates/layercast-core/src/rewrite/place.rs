//! Which of the two stages each line belongs to.

use super::Declined;
use super::call::{Call, base_name};
use super::draft::Draft;
use super::packages::{self, Installation, Need};
use super::single_stage::{SingleStage, Step};
use crate::dockerfile::Instruction;
use crate::dockerfile::copy::Copy;
use crate::estimate::system::Distribution;
use crate::graph::scope::join_path;

/// Where a line goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The stage that builds.
    Build,
    /// The stage that ships.
    Last,
    /// Both.
    Both,
    /// The stage that builds, and for the one that ships these packages alone.
    Packages(Installation),
}

/// What a language says of the lines that are its own.
pub(super) struct Tools<'t> {
    /// True for a call that builds, or serves building alone.
    pub is_build: &'t dyn Fn(&Call) -> bool,
    /// True for what COPY takes that only the build reads: the source as written, the destination's absolute path.
    pub is_source: &'t dyn Fn(&str, &str) -> bool,
    /// True for a path that is carried over from the stage that builds, whole: what is done there is done.
    pub is_carried: &'t dyn Fn(&str) -> bool,
    /// Whether the sources themselves ship.
    pub sources: Sources,
}

/// What becomes of the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sources {
    /// The build makes something else of them: they stay behind.
    StayBehind,
    /// They are what runs: they ship, and what a RUN makes of them behind the build is made where they ship.
    Ship,
}

/// The places of all steps, in order.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// One for each step.
    pub places: Vec<Place>,
    /// The last step of the build: a place among the steps.
    pub last_build: usize,
    /// The first RUN in the stage that ships, if there is one: its line.
    pub first_run: Option<usize>,
    /// True where packages are installed for the build alone: they stay behind.
    pub leaves_packages: bool,
    /// Tools that are installed for the build, of which the program may call one: `git`, `curl`.
    pub left_tools: Vec<String>,
}

/// Finds each step's place; declines where one has none for sure.
pub(super) fn places(
    stage: &SingleStage<'_>,
    distribution: Option<&Distribution>,
    tools: &Tools<'_>,
) -> Result<Places, Declined> {
    let builds = |step: &Step<'_>| match step.instruction {
        Instruction::Run(_) => step.calls.iter().any(tools.is_build),
        Instruction::Copy(copy) | Instruction::Add(copy) => is_build_copy(step, copy, tools),
        _ => false,
    };
    let Some(last_build) = stage.steps.iter().rposition(builds) else {
        return Err(Declined::at(stage.line(), "no line builds anything: there is nothing to part"));
    };
    let mut found = Places {
        places: Vec::new(),
        last_build,
        first_run: None,
        leaves_packages: false,
        left_tools: Vec::new(),
    };
    for (at, step) in stage.steps.iter().enumerate() {
        let place = match place(stage, at, last_build, distribution, tools, &mut found) {
            Err(_) if at > last_build && tools.sources == Sources::Ship => Place::Last,
            place => place?,
        };
        let is_run = matches!(step.instruction, Instruction::Run(_));
        if (is_run && matches!(place, Place::Last | Place::Both)) || matches!(place, Place::Packages(_)) {
            found.first_run.get_or_insert(step.line);
        }
        found.places.push(place);
    }
    Ok(found)
}

fn place(
    stage: &SingleStage<'_>,
    at: usize,
    last_build: usize,
    distribution: Option<&Distribution>,
    tools: &Tools<'_>,
    found: &mut Places,
) -> Result<Place, Declined> {
    let step = &stage.steps[at];
    let setting = if at < last_build { Place::Both } else { Place::Last };
    Ok(match step.instruction {
        Instruction::Env(_) | Instruction::Workdir(_) | Instruction::User(_) | Instruction::Shell(_) => {
            setting
        }
        Instruction::Arg(_) => setting,
        Instruction::Copy(copy) | Instruction::Add(copy) => {
            let lies_in_carried = (tools.is_carried)(&join_path(&step.scope.workdir, &copy.destination.text));
            if is_build_copy(step, copy, tools) || (lies_in_carried && at < last_build) {
                Place::Build
            } else {
                setting
            }
        }
        Instruction::Run(_) => return place_run(stage, at, last_build, distribution, tools, found),
        _ => Place::Last,
    })
}

fn is_build_copy(step: &Step<'_>, copy: &Copy, tools: &Tools<'_>) -> bool {
    let destination = join_path(&step.scope.workdir, &copy.destination.text);
    copy.from.is_none()
        && copy.inline_files.is_empty()
        && copy.sources.iter().all(|source| {
            let source = source.text.as_str();
            let is_whole = is_whole_context(source) && tools.sources == Sources::StayBehind;
            !source.contains("://") && (is_whole || (tools.is_source)(source, &destination))
        })
}

/// True for a source that is the whole build context.
pub(super) fn is_whole_context(source: &str) -> bool {
    matches!(source, "." | "./" | "/" | "*" | "./*")
}

/// What a call is for.
#[derive(Debug, PartialEq, Eq)]
enum Role {
    /// It changes nothing that is left.
    Nothing,
    /// The build.
    Build,
    /// The image when it runs.
    Running,
    /// Packages.
    Packages(Installation),
}

fn place_run(
    stage: &SingleStage<'_>,
    at: usize,
    last_build: usize,
    distribution: Option<&Distribution>,
    tools: &Tools<'_>,
    found: &mut Places,
) -> Result<Place, Declined> {
    let step = &stage.steps[at];
    let (mut builds, mut runs) = (false, None);
    let mut kept: Option<Installation> = None;
    let mut all_kept = true;
    for call in &step.calls {
        match role(stage, step, call, tools)? {
            Role::Nothing => {}
            Role::Build => builds = true,
            Role::Running => runs = runs.or(Some(call)),
            Role::Packages(installation) => {
                let packages = kept_packages(stage, step, &installation, distribution, found)?;
                all_kept &= packages == installation.packages;
                kept.get_or_insert_with(|| Installation {
                    manager: installation.manager,
                    packages: Vec::new(),
                })
                .packages
                .extend(packages);
            }
        }
    }
    let keeps_packages = kept.as_ref().is_some_and(|kept| !kept.packages.is_empty());
    let setting = if at < last_build { Place::Both } else { Place::Last };
    match (builds, runs, kept) {
        (true, Some(call), _) => Err(Declined::at(
            step.line,
            format!("this RUN builds, and with `{}` it also sets up the image that runs", call.said()),
        )
        .advice("Split it in two: one RUN to build, one to set up")),
        (false, None, Some(kept)) if keeps_packages && all_kept && !kept.packages.is_empty() => Ok(setting),
        (_, None, Some(kept)) if keeps_packages => Ok(Place::Packages(kept)),
        (false, Some(_), _) if all_kept => Ok(setting),
        (false, Some(call), _) => Err(Declined::at(
            step.line,
            format!(
                "this RUN installs tools of the build, and with `{}` it also sets up the image that runs",
                call.said()
            ),
        )
        .advice("Split it in two: one RUN to install, one to set up")),
        _ => Ok(Place::Build),
    }
}

/// The packages of an installation that the image needs when it runs.
fn kept_packages(
    stage: &SingleStage<'_>,
    step: &Step<'_>,
    installation: &Installation,
    distribution: Option<&Distribution>,
    found: &mut Places,
) -> Result<Vec<String>, Declined> {
    let mut kept = Vec::new();
    for package in &installation.packages {
        let name = packages::bare_name(package);
        match packages::need_of(package, distribution) {
            _ if stage.command.names(name) => kept.push(package.clone()),
            Need::Nothing => {
                found.leaves_packages = true;
                if matches!(name, "git" | "curl" | "wget" | "python3" | "unzip" | "zip") {
                    found.left_tools.push(name.to_owned());
                }
            }
            Need::Library(library) => kept.push(library.to_owned()),
            Need::Itself => kept.push(package.clone()),
            Need::Unknown => {
                return Err(Declined::at(
                    step.line,
                    format!(
                        "`{name}` is for building, and which library of it the program needs when it runs is not known here"
                    ),
                ));
            }
        }
    }
    Ok(kept)
}

fn role(stage: &SingleStage<'_>, step: &Step<'_>, call: &Call, tools: &Tools<'_>) -> Result<Role, Declined> {
    if let Some(output) = &call.output {
        if (tools.is_carried)(&call.absolute(output)) {
            return Ok(Role::Build);
        }
        return Err(unclear(step, call));
    }
    if let Some(installation) = packages::installation(call) {
        return Ok(Role::Packages(installation));
    }
    if (tools.is_build)(call) {
        return Ok(Role::Build);
    }
    let paths = || call.operands().into_iter().map(|path| call.absolute(path)).collect::<Vec<_>>();
    let all_carried = || paths().iter().all(|path| (tools.is_carried)(path));
    let is_look = call.has(&["--version", "-version", "-v", "version"]) && call.arguments.len() <= 1;
    let is_workdir = |path: &String| {
        stage.steps.iter().any(|step| below(&step.scope.workdir, path)) || below(&stage.scope.workdir, path)
    };
    Ok(match call.program.as_str() {
        _ if is_look => Role::Nothing,
        "cd" | "set" | "true" | ":" | "echo" | "export" | "ls" | "pwd" | "cat" | "test" | "[" | "[["
        | "printf" | "sleep" | "which" | "env" | "id" | "whoami" | "uname" | "date" | "sync" | "shopt"
        | "umask" | "unset" | "wait" | "type" | "find" | "du" | "stat" | "tree" => Role::Nothing,
        "rm" | "rmdir" => Role::Nothing,
        "apt-get" | "apt" | "apk" | "dpkg" | "apt-mark" | "aptitude" => match call.verb() {
            "" | "update" | "clean" | "autoclean" | "autoremove" | "purge" | "remove" | "del" | "upgrade"
            | "dist-upgrade" | "hold" => Role::Nothing,
            _ => return Err(unclear(step, call)),
        },
        "useradd" | "groupadd" | "adduser" | "addgroup" | "usermod" | "groupmod" => Role::Running,
        "mkdir" if paths().iter().all(is_workdir) => Role::Nothing,
        "cp" | "mv" | "ln" | "install" if is_brought_to_carried(call, tools) => Role::Build,
        "chmod" | "mkdir" | "touch" | "cp" | "mv" | "ln" | "sed" | "tar" | "unzip" | "install" | "strip"
        | "upx"
            if all_carried() =>
        {
            Role::Build
        }
        "mkdir" | "chown" | "chmod" | "chgrp" | "touch" | "ln" | "setcap" => Role::Running,
        "ldconfig" | "update-ca-certificates" | "locale-gen" | "dpkg-reconfigure" => Role::Running,
        _ => return Err(unclear(step, call)),
    })
}

/// True where the last operand, or the file of the first one's name in it, is carried over.
fn is_brought_to_carried(call: &Call, tools: &Tools<'_>) -> bool {
    let operands = call.operands();
    let [from, .., to] = operands[..] else { return false };
    let to = call.absolute(to);
    (tools.is_carried)(&to) || (tools.is_carried)(&join_path(&to, base_name(from)))
}

fn unclear(step: &Step<'_>, call: &Call) -> Declined {
    Declined::at(
        step.line,
        format!("whether the image needs what `{}` leaves here when it runs is not plain", call.said()),
    )
}

/// True where `path` is `inner` itself or a folder that holds it.
fn below(inner: &str, path: &str) -> bool {
    inner
        .strip_prefix(path.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// True where `path` lies in `folder`, or is it.
pub(super) fn lies_in(path: &str, folder: &str) -> bool {
    below(path, folder)
}

/// A source of COPY by its last part, for the lists that languages have: `src/` is `src`.
pub(super) fn source_name(source: &str) -> &str {
    base_name(source.trim_start_matches("./"))
}

/// Folders that programs read when they run, by the names people give them.
const READ_AT_RUN_TIME: [&str; 13] = [
    "assets",
    "conf",
    "config",
    "configs",
    "i18n",
    "locales",
    "migrations",
    "prisma",
    "public",
    "static",
    "templates",
    "views",
    "web",
];

/// Carries over folders that came with the whole context and that programs read by custom.
pub(super) fn carry_folders(stage: &SingleStage<'_>, step: &Step<'_>, draft: &mut Draft<'_>) {
    let copies_all = stage.steps.iter().any(|step| match step.instruction {
        Instruction::Copy(copy) | Instruction::Add(copy) => {
            copy.sources.iter().any(|source| is_whole_context(&source.text))
        }
        _ => false,
    });
    let folders = stage.context_folders().into_iter();
    for folder in folders.filter(|folder| copies_all && READ_AT_RUN_TIME.contains(folder)) {
        let path = join_path(&step.scope.workdir, folder);
        draft.carry(step, &path, &path, "by its name the program reads this folder when it runs");
    }
}

/// What the user should look at, whatever the language.
pub(super) fn say_needs(stage: &SingleStage<'_>, places: &Places, draft: &mut Draft<'_>) {
    if !places.left_tools.is_empty() {
        let tools = places.left_tools.join(", ");
        draft.need(format!(
            "Installed for the build, and left there: {tools}. Does the program call any of it?"
        ));
    }
    let is_same = draft.base_image() == stage.from.base.text;
    if stage.image.digest.is_some() && !is_same && draft.base_image() != "scratch" {
        draft.need("The first base is pinned by its digest: pin the last one too");
    }
}
