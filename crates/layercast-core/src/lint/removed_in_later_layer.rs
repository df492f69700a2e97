//! rm of what a layer below holds.

use super::commands::Call;
use super::packages::{self, Manager};
use super::{Context, Explanation, Rule, Severity, Sink};
use crate::dockerfile::Instruction;
use crate::dockerfile::copy::Copy;
use crate::graph::scope::join_path;

pub(super) static RULE: Rule = Rule {
    name: "removed-in-later-layer",
    buildkit: None,
    hadolint: &[],
    severity: Severity::Warning,
    experimental: false,
    explanation: Explanation {
        what: "A RUN removes what an earlier layer of the shipped image holds.",
        why: "A layer cannot make one below it smaller: the files are only hidden, and every pull moves them.",
        example: "FROM debian:12\nADD https://example.org/a.zip /tmp/a.zip\nRUN unzip /tmp/a.zip && rm /tmp/a.zip\n",
        instead: "FROM debian:12\nRUN --mount=type=bind,source=a.zip,target=/tmp/a.zip unzip /tmp/a.zip\n",
    },
    check,
};

/// Something that a layer of the image holds.
struct Held {
    instruction: usize,
    what: What,
}

enum What {
    /// A file or folder at this path.
    Path(String),
    /// A package of the system's.
    Package(Manager, String),
}

fn check(context: &Context<'_>, sink: &mut Sink<'_>) {
    let mut held: Vec<Held> = Vec::new();
    for (stage, index, instruction) in context.laid_down() {
        match instruction {
            Instruction::Copy(copy) | Instruction::Add(copy) => {
                let paths = copied(copy, &context.workdir_at(stage, index));
                held.extend(
                    paths.into_iter().map(|path| Held { instruction: index, what: What::Path(path) }),
                );
            }
            Instruction::Run(_) => {
                let calls = context.calls(index);
                let found = removed(context, stage, index, calls, &held);
                if let Some((call, from, gone)) = found {
                    let line = context.node(from.instruction).line;
                    let name = from.what.name();
                    let range = call.range().unwrap_or_else(|| context.node(index).arguments_range());
                    let message = format!("`{name}` stays in the layer of line {line}: this only hides it");
                    let mut notes =
                        vec!["Remove it in the RUN that brings it, or mount it there.".to_owned()];
                    notes.extend(context.shipping_note());
                    sink.report_with(index, range, message, notes, None);
                    held.retain(|held| !covers(&gone, &held.what));
                }
                held.extend(added(calls).map(|what| Held { instruction: index, what }));
            }
            _ => {}
        }
    }
}

/// The first thing that a RUN removes and that is held below it.
fn removed<'c>(
    context: &Context<'_>,
    stage: usize,
    index: usize,
    calls: &'c [Call],
    held: &'c [Held],
) -> Option<(&'c Call, &'c Held, What)> {
    let moves_about = calls.iter().any(|call| call.program == "cd" || call.program == "pushd");
    let workdir = context.workdir_at(stage, index);
    let fresh: Vec<What> = added(calls).collect();
    for call in calls {
        for gone in gone(call, if moves_about { None } else { Some(&workdir) }) {
            // What this RUN itself brought may go again.
            let brought = fresh.iter().any(|what| covers(&gone, what));
            let below = held.iter().find(|held| covers(&gone, &held.what));
            if let (false, Some(below)) = (brought, below) {
                return Some((call, below, gone));
            }
        }
    }
    None
}

/// What a call takes away.
fn gone(call: &Call, workdir: Option<&str>) -> Vec<What> {
    let words = call.arguments.iter().filter(|word| !word.starts_with('-'));
    match call.program.as_str() {
        "rm" => words
            .filter(|word| !word.contains(['$', '`', '{']))
            .filter_map(|word| {
                let whole = word.strip_suffix("/*").unwrap_or(word);
                if whole.contains(['*', '?', '[']) || whole.is_empty() {
                    return None;
                }
                let path = match (whole.starts_with('/'), workdir) {
                    (true, _) => join_path("/", whole),
                    (false, Some(workdir)) if !whole.starts_with('~') => join_path(workdir, whole),
                    _ => return None,
                };
                (path != "/").then_some(What::Path(path))
            })
            .collect(),
        "apt-get" | "apt" if matches!(call.verb(), "remove" | "purge" | "autoremove") => {
            words.skip(1).map(|word| What::Package(Manager::Apt, word.clone())).collect()
        }
        "apk" if call.verb() == "del" => {
            words.skip(1).map(|word| What::Package(Manager::Apk, word.clone())).collect()
        }
        _ => Vec::new(),
    }
}

impl What {
    fn name(&self) -> &str {
        match self {
            Self::Path(path) => path.trim_end_matches("/…"),
            Self::Package(_, name) => name,
        }
    }
}

fn covers(gone: &What, held: &What) -> bool {
    match (gone, held) {
        (What::Path(gone), What::Path(held)) => {
            held.strip_prefix(gone.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        (What::Package(gone_by, gone), What::Package(held_by, held)) => gone_by == held_by && gone == held,
        _ => false,
    }
}

/// The paths that a COPY or ADD surely makes.
fn copied(copy: &Copy, workdir: &str) -> Vec<String> {
    let destination = &copy.destination.text;
    if destination.contains('$') || copy.parents {
        return Vec::new();
    }
    let into = join_path(workdir, destination);
    let is_folder = destination.ends_with('/') || destination.ends_with('.') || copy.sources.len() > 1;
    let base_name =
        |source: &str| source.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let is_file = |name: &str| name.len() > 1 && name.contains('.') && !name.contains(['*', '?', '$', '[']);
    match is_folder {
        true => {
            let names = copy.sources.iter().map(|source| base_name(&source.text));
            let files = names.filter(|name| is_file(name)).map(|name| join_path(&into, &name));
            // A folder of its own holds something, whatever it is called.
            let folder = (into.matches('/').count() > 1).then(|| format!("{into}/…"));
            files.chain(folder).collect()
        }
        // Below the folders that every image has, more than this one is held.
        false if into.matches('/').count() > 1 => vec![into],
        false => Vec::new(),
    }
}

/// What a RUN brings by the words of its calls, and does not take away again.
fn added(calls: &[Call]) -> impl Iterator<Item = What> {
    let mut found = Vec::new();
    for call in calls {
        let after = |option: &str| {
            let at = call.arguments.iter().position(|word| word == option)?;
            call.arguments.get(at + 1).filter(|path| path.starts_with('/') && !path.contains('$'))
        };
        let path = match call.program.as_str() {
            "wget" => after("-O").or_else(|| after("--output-document")).or_else(|| after("-qO")),
            "curl" => ["-o", "--output", "-Lo", "-sLo", "-fsSLo", "-SLo", "-sSLo", "-fLo"]
                .iter()
                .find_map(|option| after(option)),
            "git" if call.verb() == "clone" => {
                call.arguments.last().filter(|path| path.starts_with('/') && !path.contains('$'))
            }
            _ => None,
        };
        found.extend(path.map(|path| What::Path(join_path("/", path))));
        if matches!(call.program.as_str(), "apt-get" | "apt") && call.verb() == "update" {
            found.push(What::Path("/var/lib/apt/lists".to_owned()));
        }
        if let Some(install) =
            packages::install(call).filter(|one| matches!(one.manager, Manager::Apt | Manager::Apk))
        {
            let group = ["-t", "--virtual"].iter().find_map(|option| {
                let at = call.arguments.iter().position(|word| word == option)?;
                call.arguments.get(at + 1).filter(|_| install.manager == Manager::Apk)
            });
            let names = install.packages.iter().map(|name| (*name).to_owned()).chain(group.cloned());
            found.extend(names.map(|name| What::Package(install.manager, name)));
        }
    }
    let taken: Vec<What> = calls.iter().flat_map(|call| gone(call, None)).collect();
    let cleans = calls.iter().any(|call| call.removes("/var/lib/apt"));
    found.retain(|what| {
        let is_lists = matches!(what, What::Path(path) if path == "/var/lib/apt/lists");
        !(taken.iter().any(|taken| covers(taken, what)) || (is_lists && cleans))
    });
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::check_rule;

    #[test]
    fn a_layer_below_keeps_what_was_in_it() {
        let stays = |line, name| format!("{line}: `{name}` stays in the layer of line 2: this only hides it");
        check_rule(
            &RULE,
            "FROM a\nCOPY b.zip /tmp/\nRUN unzip /tmp/b.zip && rm /tmp/b.zip",
            &[&stays(3, "/tmp/b.zip")],
        );
        check_rule(
            &RULE,
            "FROM a\nRUN curl -o /opt/b.tgz x\nRUN rm -rf /opt/b.tgz",
            &[&stays(3, "/opt/b.tgz")],
        );
        check_rule(&RULE, "FROM a\nRUN apk add gcc b\nRUN make\nRUN apk del gcc", &[&stays(4, "gcc")]);
        let lists = stays(3, "/var/lib/apt/lists");
        check_rule(&RULE, "FROM a\nRUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*", &[&lists]);
        check_rule(
            &RULE,
            "FROM a\nCOPY *.sh /tmp/s/\nRUN rm -rf /tmp/s\nRUN rm -rf /tmp/s",
            &[&stays(3, "/tmp/s")],
        );
    }

    #[test]
    fn what_a_run_brings_itself_it_may_remove() {
        check_rule(
            &RULE,
            "FROM a\nRUN apt-get update && apt-get install gcc && apt-get purge gcc && rm -rf /var/lib/apt/lists/*",
            &[],
        );
        check_rule(&RULE, "FROM a\nRUN wget -O /tmp/b x && rm /tmp/b\nRUN rm -rf /tmp/*", &[]);
        check_rule(&RULE, "FROM a AS b\nCOPY c.zip /tmp/\nRUN rm /tmp/c.zip\nFROM d\nCOPY --from=b / /", &[]);
    }
}
