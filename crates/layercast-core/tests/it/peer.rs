//! Held against dockerfile-parser 0.9: where both accept a file and the peer is known to read it rightly, they see
//! the same instructions and stages.

use crate::unbreakable::{read, real_files};
use dockerfile_parser::{Dockerfile as Peer, Instruction as PeerInstruction, ShellOrExecExpr};
use layercast_core::dockerfile::command_line::CommandLine;
use layercast_core::dockerfile::{Dockerfile, Instruction};
use layercast_core::syntax::Node;
use layercast_core::text::LineIndex;

#[test]
fn instructions_and_stages_agree() {
    let Some(files) = real_files() else { return };
    let (mut n_compared, mut differences) = (0, Vec::new());
    for path in files {
        let text = read(&path);
        let ours = Dockerfile::read(&text);
        let Ok(peer) = Peer::parse(&text) else { continue };
        if !ours.errors.is_empty() || is_misread(&ours) {
            continue;
        }
        n_compared += 1;
        let (ours, peer) = (of_ours(&ours), of_peer(&peer, &text));
        if ours != peer {
            let unlike = ours.iter().zip(&peer).find(|(one, other)| one != other);
            differences.push(format!("{}\n    {unlike:?}", path.display()));
        }
    }
    println!("{n_compared} files compared with dockerfile-parser");
    assert!(n_compared > 3_000, "only {n_compared} files compared");
    assert!(differences.is_empty(), "{} of {n_compared}:\n{}", differences.len(), differences.join("\n"));
}

/// What the peer misreads: `# escape=`, a byte order mark, heredocs, blank lines in continuations, an escaped
/// escape before the end of a line, a continuation at the end of the file, flags of RUN other than `--mount`,
/// images and commands in brackets or quotes.
fn is_misread(file: &Dockerfile<'_>) -> bool {
    let odd = |node: &Node<'_>| {
        !node.heredocs.is_empty()
            || node.empty_continuation.is_some()
            || node.flags.iter().any(|flag| matches!(flag.name.as_str(), "network" | "security"))
            || node.arguments().starts_with(['"', '\'']) && !node.keyword().eq_ignore_ascii_case("ENV")
            || node.arguments().starts_with("['")
            || node.keyword().eq_ignore_ascii_case("FROM") && node.arguments().starts_with('[')
    };
    file.parse.directives.get("escape").is_some()
        || file.parse.source.starts_with('\u{feff}')
        || file.parse.source.contains("\\\\\n")
        || file.parse.source.trim_end().ends_with('\\')
        || file.parse.nodes.iter().any(odd)
}

/// Line, keyword and, where the peer goes into it, what an instruction says.
fn of_ours(file: &Dockerfile<'_>) -> Vec<(usize, String, String)> {
    let said = |instruction: &Instruction| match instruction {
        Instruction::From(from) => {
            let name = from.name.as_ref().map(|name| name.text.as_str()).unwrap_or_default();
            format!("{} {name}", from.base.text)
        }
        Instruction::Run(run) if run.mounts.is_empty() => command(&run.command),
        Instruction::Cmd(line) | Instruction::Entrypoint(line) => command(line),
        _ => String::new(),
    };
    let nodes = file.parse.nodes.iter().zip(&file.instructions);
    let row = |(node, instruction): (&Node<'_>, &Option<Instruction>)| {
        let said = instruction.as_ref().map(said).unwrap_or_default();
        (node.line, node.keyword().to_ascii_uppercase(), folded(&said))
    };
    nodes.map(row).collect()
}

fn command(line: &CommandLine) -> String {
    match line {
        CommandLine::Shell(text) => text.clone(),
        CommandLine::Exec(words) => words.join(" "),
    }
}

fn of_peer(file: &Peer, text: &str) -> Vec<(usize, String, String)> {
    let lines = LineIndex::new(text);
    let shell_or_exec = |line: &ShellOrExecExpr| match line {
        ShellOrExecExpr::Shell(text) => text.to_string(),
        ShellOrExecExpr::Exec(words) => words.as_str_vec().join(" "),
    };
    let row = |instruction: &PeerInstruction| {
        let (keyword, said) = match instruction {
            PeerInstruction::From(from) => {
                let alias = from.alias.as_ref().map(|alias| alias.content.as_str()).unwrap_or_default();
                ("FROM", format!("{} {alias}", from.image.content))
            }
            PeerInstruction::Run(run)
                if run.as_shell().is_some_and(|text| text.to_string().contains("--mount=")) =>
            {
                ("RUN", String::new())
            }
            PeerInstruction::Run(run) => ("RUN", shell_or_exec(&run.expr)),
            PeerInstruction::Cmd(cmd) => ("CMD", shell_or_exec(&cmd.expr)),
            PeerInstruction::Entrypoint(entrypoint) => ("ENTRYPOINT", shell_or_exec(&entrypoint.expr)),
            PeerInstruction::Arg(_) => ("ARG", String::new()),
            PeerInstruction::Env(_) => ("ENV", String::new()),
            PeerInstruction::Label(_) => ("LABEL", String::new()),
            PeerInstruction::Copy(_) => ("COPY", String::new()),
            PeerInstruction::Misc(misc) => (misc.instruction.content.as_str(), String::new()),
        };
        (lines.line(instruction.span().start), keyword.to_ascii_uppercase(), folded(&said))
    };
    file.instructions.iter().map(row).collect()
}

/// Runs of white space as one blank: the peer drops some of it at continuations.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
