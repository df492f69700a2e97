//! The variables that an instruction uses: the value of each, and why one is empty there.
//! Reference: <https://docs.docker.com/reference/dockerfile/#scope>.

mod scan;

use crate::diagnostic::{Edit, Fix};
use crate::report::{Assignment, InForce, InstructionReport, Origin, Report, Setting};
use crate::suggest::nearest;
use crate::text::Range;
use scan::{Found, scan};

/// One variable that an instruction uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableUse {
    /// Its name.
    pub name: String,
    /// What it is there; none where it is nothing, or not known before the build.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: Option<Origin>,
    /// The line that sets it; none where the base image or the builder does.
    pub line: Option<usize>,
    /// What stands in for it where it is empty: the `x` of `${NAME:-x}`.
    pub stand_in: Option<String>,
    /// Why it is empty, or not what one would think.
    pub why: Option<Why>,
    /// A change that would give it a value.
    pub fix: Option<Fix>,
}

/// Why a variable is empty on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Between single quotes nothing is expanded.
    SingleQuotes,
    /// In a JSON array of a command no shell looks at it.
    NoShell,
    /// An ARG above the first FROM sets it, and the stage has no ARG of that name.
    OnlyAboveFrom {
        /// The line of that ARG.
        line: usize,
    },
    /// FROM sees what stands above the first FROM, and this line is in a stage.
    NotInFrom {
        /// The line that sets it.
        line: usize,
    },
    /// The builder gives it to who asks for it by ARG.
    NotAsked,
    /// The same instruction sets it; its words see what was in force before.
    SameInstruction,
    /// A line further down sets it.
    Later {
        /// That line.
        line: usize,
    },
    /// A line of another stage sets it.
    OtherStage {
        /// What the stage is called.
        stage: String,
        /// That line.
        line: usize,
    },
    /// ARG without a default, and the build is given none.
    NoValue {
        /// The line of that ARG.
        line: usize,
    },
    /// It is set, to nothing.
    SetEmpty,
    /// An ARG is gone when the container runs.
    GoneAtRunTime {
        /// The line of that ARG.
        line: usize,
    },
    /// The command sets it itself, while it runs.
    SetByCommand,
    /// The shell sets it itself, while it runs.
    SetByShell,
    /// Nothing sets it.
    Never {
        /// The nearest name that is set.
        nearest: Option<String>,
    },
}

/// What the shell of a command has of its own.
const OF_SHELLS: [&str; 21] = [
    "BASH",
    "BASH_SOURCE",
    "BASH_VERSION",
    "EUID",
    "FUNCNAME",
    "HOME",
    "HOSTNAME",
    "IFS",
    "LINENO",
    "OLDPWD",
    "OPTARG",
    "OPTIND",
    "PIPESTATUS",
    "PPID",
    "PWD",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHELL",
    "SHLVL",
    "UID",
];

/// The variables that the instruction on `line` uses, each once, in the order of the text.
pub fn uses_at(source: &str, report: &Report, line: usize) -> Vec<VariableUse> {
    let Some(at) = report.instructions.iter().rposition(|instruction| instruction.line <= line) else {
        return Vec::new();
    };
    let instruction = &report.instructions[at];
    if line > instruction.end_line {
        return Vec::new();
    }
    let text = instruction.range.of(source);
    let place = Place { report, instruction, in_force: in_force(report, at) };
    let mut uses: Vec<VariableUse> = Vec::new();
    for found in scan(text, &instruction.keyword, escape(source)) {
        // A use that is expanded says more than one between single quotes.
        let known = uses.iter().position(|known| known.name == found.name);
        let told = place.told(found, text);
        match known {
            None => uses.push(told),
            Some(known) if uses[known].why == Some(Why::SingleQuotes) => uses[known] = told,
            Some(_) => {}
        }
    }
    uses
}

/// Where an instruction stands.
struct Place<'a> {
    report: &'a Report,
    instruction: &'a InstructionReport,
    in_force: Vec<InForce>,
}

impl Place<'_> {
    fn told(&self, found: Found, text: &str) -> VariableUse {
        let Found { name, stand_in, is_quoted } = found;
        let set = self.in_force.iter().find(|set| {
            set.assignment.name == name && matches!(set.assignment.kind, Setting::Arg | Setting::Env)
        });
        let keyword = self.instruction.keyword.as_str();
        let why = if is_quoted {
            Some(Why::SingleQuotes)
        } else if is_command(keyword) && is_array(text) {
            Some(Why::NoShell)
        } else {
            self.why(&name, set, text)
        };
        // What is expanded by nobody has no value there, whatever is in force.
        let set = set
            .filter(|_| !matches!(why, Some(Why::SingleQuotes | Why::NoShell | Why::GoneAtRunTime { .. })));
        VariableUse {
            value: set.and_then(|set| set.assignment.value.clone()),
            origin: set.map(|set| set.assignment.origin),
            line: set.and_then(|set| self.origin_line(set)),
            fix: why.as_ref().and_then(|why| self.fix(&name, why)),
            name,
            stand_in,
            why,
        }
    }

    /// What an ARG takes from above the first FROM is set there.
    fn origin_line(&self, set: &InForce) -> Option<usize> {
        match set.assignment.origin {
            Origin::Global => self.global(&set.assignment.name).map_or(set.line, |(line, _)| Some(line)),
            _ => set.line,
        }
    }

    fn why(&self, name: &str, set: Option<&InForce>, text: &str) -> Option<Why> {
        let keyword = self.instruction.keyword.as_str();
        let at_run_time = matches!(keyword, "CMD" | "ENTRYPOINT" | "HEALTHCHECK");
        if let Some(set) = set {
            let line = set.line.unwrap_or(self.instruction.line);
            return match (&set.assignment, set.assignment.value.as_deref()) {
                (Assignment { kind: Setting::Arg, .. }, _) if at_run_time => {
                    Some(Why::GoneAtRunTime { line })
                }
                (_, None) => Some(Why::NoValue { line }),
                (_, Some("")) => Some(Why::SetEmpty),
                _ => None,
            };
        }
        if is_command(keyword) && scan::is_set_by(text, name) {
            return Some(Why::SetByCommand);
        }
        if keyword == "FROM" {
            let line = self.line_that_sets(name, |_| true);
            return Some(match line {
                Some((_, line)) => Why::NotInFrom { line },
                None if is_platform_argument(name) => return None,
                None => self.never(name),
            });
        }
        if let Some((line, _)) = self.global(name) {
            return Some(Why::OnlyAboveFrom { line });
        }
        if is_platform_argument(name) {
            return Some(Why::NotAsked);
        }
        if self.instruction.sets.iter().any(|assignment| assignment.name == name) {
            return Some(Why::SameInstruction);
        }
        let own = self.instruction.stage;
        if let Some((_, line)) = self.line_that_sets(name, |stage| Some(stage) == own) {
            return Some(Why::Later { line });
        }
        if let Some((stage, line)) = self.line_that_sets(name, |stage| Some(stage) != own) {
            let stage =
                self.report.stages.get(stage).map(|stage| stage.display_name.clone()).unwrap_or_default();
            return Some(Why::OtherStage { stage, line });
        }
        if is_command(keyword) && OF_SHELLS.contains(&name) {
            return Some(Why::SetByShell);
        }
        Some(self.never(name))
    }

    fn never(&self, name: &str) -> Why {
        let names =
            self.in_force.iter().map(|set| set.assignment.name.as_str()).filter(|name| !name.is_empty());
        Why::Never { nearest: nearest(name, names).map(str::to_owned) }
    }

    /// The ARG of that name above the first FROM: its line, and what it sets.
    fn global(&self, name: &str) -> Option<(usize, &Assignment)> {
        let above = self.report.instructions.iter().filter(|instruction| instruction.stage.is_none());
        let mut sets = above.flat_map(|above| above.sets.iter().map(|set| (above.line, set)));
        sets.rfind(|(_, set)| set.name == name)
    }

    fn line_that_sets(&self, name: &str, is_wanted: impl Fn(usize) -> bool) -> Option<(usize, usize)> {
        let sets = |instruction: &&InstructionReport| {
            instruction
                .sets
                .iter()
                .any(|set| set.name == name && matches!(set.kind, Setting::Arg | Setting::Env))
        };
        let of_stages = self.report.instructions.iter().filter(|other| other.stage.is_some_and(&is_wanted));
        of_stages.filter(sets).find_map(|other| Some((other.stage?, other.line)))
    }

    fn fix(&self, name: &str, why: &Why) -> Option<Fix> {
        match why {
            Why::OnlyAboveFrom { .. } | Why::NotAsked => {
                let stage = self.report.stages.get(self.instruction.stage?)?;
                let from = self.report.instructions.iter().find(|from| from.line == stage.line)?;
                let edit =
                    Edit { range: Range::new(from.range.end, from.range.end), text: format!("\nARG {name}") };
                Some(Fix { title: format!("Write ARG {name} into this stage"), edits: vec![edit] })
            }
            Why::GoneAtRunTime { .. } => {
                let start = self.instruction.range.start;
                let edit = Edit { range: Range::new(start, start), text: format!("ENV {name}=${name}\n") };
                Some(Fix { title: format!("Keep it: ENV {name}=${name}"), edits: vec![edit] })
            }
            _ => None,
        }
    }
}

/// FROM sees the arguments above it; every other line what its stage has set so far.
fn in_force(report: &Report, at: usize) -> Vec<InForce> {
    let instruction = &report.instructions[at];
    if instruction.keyword != "FROM" {
        return report.scope_at(instruction.line);
    }
    let above = report.instructions.iter().take(at).filter(|above| above.stage.is_none());
    let sets = above.flat_map(|above| {
        above.sets.iter().map(|set| InForce { assignment: set.clone(), line: Some(above.line) })
    });
    // The last writer wins, and `find` takes the first.
    let mut sets: Vec<InForce> = sets.collect();
    sets.reverse();
    sets
}

/// The character that the file escapes with.
fn escape(source: &str) -> char {
    let directives = source.lines().take_while(|line| line.trim_start().starts_with('#'));
    let escape = directives.filter_map(|line| {
        let (name, value) = line.trim_start().trim_start_matches('#').split_once('=')?;
        name.trim().eq_ignore_ascii_case("escape").then(|| value.trim().chars().next())?
    });
    escape.last().unwrap_or('\\')
}

fn is_command(keyword: &str) -> bool {
    matches!(keyword, "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" | "SHELL")
}

fn is_array(text: &str) -> bool {
    let mut words =
        text.split_whitespace().skip(1).skip_while(|word| word.starts_with("--") || *word == "CMD");
    words.next().is_some_and(|word| word.starts_with('['))
}

/// What BuildKit knows of the platforms, for who declares it.
fn is_platform_argument(name: &str) -> bool {
    let of = |prefix: &str| name.strip_prefix(prefix);
    of("TARGET").or_else(|| of("BUILD")).is_some_and(|rest| {
        matches!(rest, "PLATFORM" | "OS" | "OSVERSION" | "ARCH" | "VARIANT") || name == "TARGETSTAGE"
    })
}

#[cfg(test)]
mod tests;
