//! From the tree to typed instructions, one file an instruction.
//! Reference: <https://docs.docker.com/reference/dockerfile/>.

pub mod arg;
pub mod command_line;
pub mod copy;
pub mod expose;
pub mod file;
pub mod flag_set;
pub mod from;
pub mod healthcheck;
pub mod mount;
pub mod onbuild;
pub mod pairs;
pub mod reader;
pub mod run;
pub mod single;
pub mod volume;

use crate::suggest::did_you_mean;
use crate::syntax::Node;
pub use file::Dockerfile;
use reader::Reader;
pub use reader::{Phase, Refusal, Text};

/// One instruction, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// ADD.
    Add(copy::Copy),
    /// ARG.
    Arg(Vec<arg::Arg>),
    /// CMD.
    Cmd(command_line::CommandLine),
    /// COPY.
    Copy(copy::Copy),
    /// ENTRYPOINT.
    Entrypoint(command_line::CommandLine),
    /// ENV.
    Env(Vec<pairs::Pair>),
    /// EXPOSE.
    Expose(Vec<Text>),
    /// FROM.
    From(from::From),
    /// HEALTHCHECK.
    Healthcheck(healthcheck::Healthcheck),
    /// LABEL.
    Label(Vec<pairs::Pair>),
    /// MAINTAINER.
    Maintainer(Text),
    /// ONBUILD.
    Onbuild(onbuild::Onbuild),
    /// RUN.
    Run(run::Run),
    /// SHELL.
    Shell(Vec<String>),
    /// STOPSIGNAL.
    Stopsignal(Text),
    /// USER.
    User(Text),
    /// VOLUME.
    Volume(Vec<Text>),
    /// WORKDIR.
    Workdir(Text),
}

/// Every keyword, for suggestions and for the page's completion.
pub const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

impl Instruction {
    /// Reads one node. `escape` is the file's escape character.
    pub fn read(node: &Node<'_>, escape: char) -> Result<Self, Refusal> {
        Self::read_from(&Reader::new(node, escape))
    }

    fn read_from(reader: &Reader<'_>) -> Result<Self, Refusal> {
        let keyword = reader.keyword().to_ascii_uppercase();
        match keyword.as_str() {
            "ADD" => copy::read_add(reader).map(Self::Add),
            "ARG" => arg::read(reader).map(Self::Arg),
            "CMD" => command_line::read(reader).map(Self::Cmd),
            "COPY" => copy::read_copy(reader).map(Self::Copy),
            "ENTRYPOINT" => command_line::read(reader).map(Self::Entrypoint),
            "ENV" => pairs::read(reader).map(Self::Env),
            "EXPOSE" => expose::read(reader).map(Self::Expose),
            "FROM" => from::read(reader).map(Self::From),
            "HEALTHCHECK" => healthcheck::read(reader).map(Self::Healthcheck),
            "LABEL" => pairs::read(reader).map(Self::Label),
            "MAINTAINER" => single::read(reader).map(Self::Maintainer),
            "ONBUILD" => onbuild::read(reader).map(Self::Onbuild),
            "RUN" => run::read(reader).map(Self::Run),
            "SHELL" => command_line::read_shell(reader).map(Self::Shell),
            "STOPSIGNAL" => single::read_unflagged(reader).map(Self::Stopsignal),
            "USER" => single::read(reader).map(Self::User),
            "VOLUME" => volume::read(reader).map(Self::Volume),
            "WORKDIR" => single::read(reader).map(Self::Workdir),
            _ => Err(unknown(reader)),
        }
    }
}

fn unknown(reader: &Reader<'_>) -> Refusal {
    let keyword = reader.keyword();
    let refusal = reader.refuse_keyword("unknown-instruction", format!("`{keyword}` is no instruction"));
    match did_you_mean(keyword, KEYWORDS) {
        Some(note) => refusal.note(note),
        None => refusal.note(format!("The instructions are {}.", KEYWORDS.join(", "))),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::syntax::parse;

    /// Reads the only instruction of a source.
    #[track_caller]
    pub fn read(source: &str) -> Result<Instruction, String> {
        let parse = parse(source);
        let [node] = parse.nodes.as_slice() else { panic!("one instruction expected: {source}") };
        Instruction::read(node, parse.directives.escape).map_err(|refusal| {
            let notes: String = refusal.problem.note.iter().map(|note| format!(" ({note})")).collect();
            format!("{}{notes} @ {}", refusal.problem.message, refusal.problem.range.of(source))
        })
    }

    #[track_caller]
    pub fn check_refused(source: &str, expected: &str) {
        assert_eq!(read(source).unwrap_err(), expected);
    }

    #[test]
    fn an_unknown_instruction_names_the_nearest() {
        check_refused("FORM alpine", "`FORM` is no instruction (Did you mean `FROM`?) @ FORM");
    }
}
