//! What package managers leave behind in a layer that ships.

use super::commands::{Call, mounted};
use super::packages::{self, Manager};
use super::{Context, Explanation, Rule, Severity, Sink};
use crate::diagnostic::{Edit, Fix};
use crate::dockerfile::Instruction;
use crate::dockerfile::mount::MountKind;
use crate::text::Range;

pub(super) static RULE: Rule = Rule {
    name: "package-cache-left",
    buildkit: None,
    hadolint: &["DL3009", "DL3019", "DL3032", "DL3036", "DL3040", "DL3042", "DL3060"],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "A RUN of the shipped image leaves a package manager's lists or downloads in its layer.",
        why: "Nobody needs them: apt's lists are 19 MB, pip's and npm's caches as large as what was downloaded.",
        example: "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl\n",
        instead: "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\n",
    },
    check,
};

/// What one tool leaves, and what takes it away.
struct Leftover<'c> {
    call: &'c Call,
    what: &'static str,
    /// A part of the path of the folder it is in.
    folder: &'static str,
    cure: Cure,
}

enum Cure {
    /// An option behind the verb.
    Option(&'static str),
    /// A command at the end of the RUN.
    Command(&'static str),
}

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    for (stage, index, instruction) in context.laid_down() {
        let Instruction::Run(run) = instruction else { continue };
        let calls = context.calls(index);
        let elsewhere = mounted(run, &[MountKind::Cache, MountKind::Tmpfs]);
        let mut said = Vec::new();
        for call in calls {
            let Some(left) = leftover(context, stage, index, call) else { continue };
            let is_mounted = elsewhere
                .iter()
                .any(|target| target.contains(left.folder) || left.folder.contains(target.as_str()));
            // One mount of a cache shows that somebody has thought of it.
            let is_kept_out = is_mounted || !elsewhere.is_empty();
            if is_kept_out || said.contains(&left.what) || is_cleaned(calls, &left) {
                continue;
            }
            said.push(left.what);
            let range = call.range().unwrap_or_else(|| context.node(index).arguments_range());
            let message = format!("{} stay in this layer", left.what);
            let (cure, fix) = match left.cure {
                Cure::Option(option) => (format!("Add {option}."), fix_option(context, stage, index, &left)),
                Cure::Command(command) => {
                    (format!("Add `&& {command}` to the same RUN."), fix_command(context, index, command))
                }
            };
            let notes = std::iter::once(cure).chain(context.shipping_note()).collect();
            sink.report_with(index, range, message, notes, fix);
        }
    }
}

fn leftover<'c>(context: &Context<'_>, stage: usize, index: usize, call: &'c Call) -> Option<Leftover<'c>> {
    let some = |what, folder, cure| Some(Leftover { call, what, folder, cure });
    let is_apt = matches!(call.program.as_str(), "apt-get" | "apt");
    if is_apt && call.verb() == "update" {
        return some("apt's lists", "/var/lib/apt", Cure::Command("rm -rf /var/lib/apt/lists/*"));
    }
    let install = packages::install(call)?;
    match (install.manager, call.program.as_str()) {
        (Manager::Apk, _) if !call.has("--no-cache") => {
            some("apk's lists", "/var/cache/apk", Cure::Option("--no-cache"))
        }
        (Manager::Dnf, program) => {
            let command = match program {
                "yum" => "yum clean all",
                "microdnf" => "microdnf clean all",
                "tdnf" => "tdnf clean all",
                _ => "dnf clean all",
            };
            some("lists and downloads of dnf", "/var/cache", Cure::Command(command))
        }
        (Manager::Zypper, _) => {
            some("lists and downloads of zypper", "/var/cache/zypp", Cure::Command("zypper clean --all"))
        }
        (Manager::Pip, _) => {
            let is_kept_out = call.has("--no-cache-dir")
                || call.has("--no-index")
                || call.has("--no-deps")
                || call.has("--dry-run")
                || call.arguments.iter().any(|word| word.starts_with("--cache-dir"))
                || call.variables.iter().any(|name| name == "PIP_NO_CACHE_DIR" || name == "PIP_CACHE_DIR")
                || context.sets(stage, index, "PIP_NO_CACHE_DIR")
                || context.sets(stage, index, "PIP_CACHE_DIR");
            (!is_kept_out && !is_of_unknown_base(context, stage)).then_some(())?;
            some("pip's downloads", ".cache", Cure::Option("--no-cache-dir"))
        }
        (Manager::Npm, "npm") => some("npm's downloads", "/.npm", Cure::Command("npm cache clean --force")),
        (Manager::Npm, "yarn") if !is_yarn_berry(context) => {
            some("yarn's downloads", ".cache", Cure::Command("yarn cache clean"))
        }
        _ => None,
    }
}

/// A base that a build argument chooses is likely one of the user's own, whose variables nobody here knows.
fn is_of_unknown_base(context: &Context<'_>, stage: usize) -> bool {
    let lowest =
        context.chain(stage).first().and_then(|lowest| context.file.from(&context.file.stages[*lowest]));
    lowest.is_some_and(|from| from.base.text.starts_with('$'))
}

/// True where the same RUN takes away what is left, or may do so.
fn is_cleaned(calls: &[Call], left: &Leftover<'_>) -> bool {
    let manager = left.call.program.as_str();
    calls.iter().any(|call| {
        let verb = call.verb();
        let by_manager = match left.what {
            "apt's lists" => matches!(verb, "dist-clean" | "distclean"),
            "apk's lists" => call.program == "apk" && verb == "cache",
            "pip's downloads" => call.program.starts_with("pip") && verb == "cache",
            "npm's downloads" | "yarn's downloads" => call.program == manager && verb == "cache",
            _ => matches!(verb, "clean" | "cc") && packages_same(&call.program, manager),
        };
        let parent = match left.folder {
            "/var/lib/apt" => "/var/lib/{",
            "/var/cache/apk" | "/var/cache/zypp" | "/var/cache" => "/var/cache",
            "/.npm" => ".npm",
            folder => folder,
        };
        let exports = call.variables.iter().chain(call.arguments.iter().filter(|_| call.program == "export"));
        let opts_out = exports
            .into_iter()
            .any(|word| word.starts_with("PIP_NO_CACHE_DIR") || word.contains("npm_config_cache"));
        let script_cleans = call.program.contains("clean");
        by_manager
            || opts_out
            || script_cleans
            || call.removes(left.folder)
            || call.removes(parent)
            || call.removes("/root/.*")
            || (left.folder.starts_with("/var/lib")
                && (call.removes("/var/lib/*") || call.removes("/var/lib/apt")))
    })
}

fn packages_same(program: &str, manager: &str) -> bool {
    let is_dnf = |name: &str| matches!(name, "yum" | "dnf" | "dnf5" | "microdnf" | "tdnf");
    program == manager || (is_dnf(program) && is_dnf(manager))
}

/// Yarn from version 2 on keeps its cache with the project, which may need it.
fn is_yarn_berry(context: &Context<'_>) -> bool {
    let source = context.file.parse.source;
    [
        ".yarnrc.yml",
        ".yarn/",
        ".yarn ",
        "corepack",
        "--immutable",
        "yarn workspaces focus",
        "yarn set version",
    ]
    .iter()
    .any(|sign| source.contains(sign))
}

/// The option behind the verb of each call that leaves the same. It is not enough where the lists were fetched by
/// a call of their own.
fn fix_option(context: &Context<'_>, stage: usize, index: usize, left: &Leftover<'_>) -> Option<Fix> {
    let Cure::Option(option) = left.cure else { return None };
    let calls = context.calls(index);
    let updates = |call: &Call| call.is("apk", "update") || call.has("--update") || call.has("-U");
    if left.what == "apk's lists" && calls.iter().any(updates) {
        return None;
    }
    let same =
        |call: &&Call| leftover(context, stage, index, call).is_some_and(|other| other.what == left.what);
    let edit = |call: &Call| {
        let end = call.place(call.verb())?.end;
        Some(Edit { range: Range::new(end, end), text: format!(" {option}") })
    };
    let edits = calls.iter().filter(same).map(edit).collect::<Option<Vec<Edit>>>()?;
    Some(Fix { title: format!("Add {option}"), edits })
}

/// The command at the end of the RUN, where that end is the end of a plain command.
fn fix_command(context: &Context<'_>, index: usize, command: &str) -> Option<Fix> {
    let node = context.node(index);
    let text = node.arguments();
    let last = context.calls(index).last()?.range()?;
    let end = node.arguments_range().end;
    let is_simple = !text.contains(['#', '|', '(', '{', ';', '`'])
        && !text.contains("<<")
        && !text.ends_with('&')
        && last.end == end;
    let edit = Edit { range: Range::new(end, end), text: format!(" && {command}") };
    is_simple.then(|| Fix { title: format!("Add {command}"), edits: vec![edit] })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::{check_fix, check_rule};

    #[test]
    fn what_managers_leave_is_reported() {
        let left = |what| format!("2: {what} stay in this layer");
        check_rule(
            &RULE,
            "FROM a\nRUN apt-get update && apt-get install -y b && apt-get clean",
            &[&left("apt's lists")],
        );
        check_rule(&RULE, "FROM a\nRUN apk add b", &[&left("apk's lists")]);
        check_rule(
            &RULE,
            "FROM a\nRUN pip install b; yum install -y c",
            &[&left("pip's downloads"), &left("lists and downloads of dnf")],
        );
        check_rule(&RULE, "FROM a\nRUN npm ci --omit=dev", &[&left("npm's downloads")]);
        check_rule(&RULE, "FROM a\nRUN yarn install", &[&left("yarn's downloads")]);
    }

    #[test]
    fn an_option_or_a_command_mends_it() {
        check_fix(
            &RULE,
            "FROM a\nRUN apk add b\nRUN pip3 install c",
            "FROM a\nRUN apk add --no-cache b\nRUN pip3 install --no-cache-dir c",
        );
        check_fix(
            &RULE,
            "FROM a\nRUN apt-get update && \\\n  apt-get install -y b\nCMD c",
            "FROM a\nRUN apt-get update && \\\n  apt-get install -y b && rm -rf /var/lib/apt/lists/*\nCMD c",
        );
    }

    #[test]
    fn those_who_clean_mount_or_do_not_ship_are_left_alone() {
        check_rule(
            &RULE,
            "FROM a\nRUN apt-get update && apt-get install -y b && rm -rf /var/lib/apt/lists/*",
            &[],
        );
        check_rule(&RULE, "FROM a\nRUN apt-get update && rm -rf /var/lib/{apt,dpkg}", &[]);
        check_rule(&RULE, "FROM a\nRUN --mount=type=cache,target=/root/.cache pip install b", &[]);
        check_rule(&RULE, "FROM a\nENV PIP_NO_CACHE_DIR=1\nRUN pip install b && apk add --no-cache c", &[]);
        check_rule(&RULE, "FROM a AS b\nRUN npm ci\nFROM c\nCOPY --from=b /d /d", &[]);
        check_rule(
            &RULE,
            "FROM a\nRUN dnf install -y b && yum clean all && npm i -g c && rm -rf ~/.npm",
            &[],
        );
    }
}
