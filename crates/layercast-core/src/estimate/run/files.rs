//! The file commands: cp, mv, rm, mkdir, ln, dd, truncate, chown, chmod, touch and their like, to the byte.
//! Reference: <https://www.gnu.org/software/coreutils/manual/coreutils.html>.

use super::super::Basis;
use super::super::call::{Call, Outcome, Stream};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::super::tree::{Entry, File, FileContent, rebased};
use super::Estimator;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "rm" | "unlink" | "rmdir" => remove,
        "mkdir" => make_folders,
        "touch" => touch,
        "cp" => copy,
        "mv" => rename,
        "ln" => link,
        "install" => install,
        "dd" => dump,
        "truncate" | "fallocate" => allocate,
        "chown" | "chgrp" | "chmod" | "setfacl" | "setcap" => change,
        "sed" | "perl" => edit,
        "echo" => echo,
        "printf" => print,
        "cat" => concatenate,
        "tee" => tee,
        _ => return None,
    })
}

/// A path with its folder left aside.
pub(super) fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

fn remove(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    for path in call.operands(&[]) {
        machine.remove(path);
    }
    if call.open {
        machine.note("what rm deletes is only known when the build runs");
    }
    Outcome::done()
}

fn make_folders(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    for path in call.operands(&["-m", "--mode"]) {
        let path = machine.absolute(path);
        machine.make_folder(&path);
    }
    Outcome::done()
}

fn touch(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    for path in call.operands(&["-d", "-r", "-t", "--date", "--reference"]) {
        let path = machine.absolute(path);
        if machine.state.tree.get(&path).is_some() {
            machine.state.tree.copy_up(&path, false);
        } else if !machine.state.tree.is_folder(&path) {
            machine.write_file(&path, 0, FileContent::ByName);
        }
    }
    Outcome::done()
}

/// Sources and destination of cp, mv, install and ln.
struct Transfer {
    /// Absolute; patterns resolved as far as they are known.
    sources: Vec<String>,
    /// Absolute.
    destination: String,
    into_folder: bool,
}

impl Transfer {
    fn of(call: &Call, with_value: &[&str], machine: &Machine<'_>) -> Option<Self> {
        let folder = call.value(&["-t", "--target-directory"]);
        let mut operands = call.operands(with_value);
        let written = match folder {
            Some(folder) => folder,
            None if operands.len() > 1 => operands.pop()?,
            None => return None,
        };
        let destination = machine.absolute(written);
        let sources: Vec<String> = operands
            .iter()
            .flat_map(|source| {
                let absolute = machine.absolute(source);
                let found = machine.state.tree.matching(&absolute);
                let content = source.ends_with("/.").then(|| format!("{}/.", absolute.trim_end_matches('/')));
                content.map_or(found, |content| vec![content])
            })
            .collect();
        let into_folder = folder.is_some()
            || sources.len() > 1
            || written.ends_with('/')
            || matches!(written, "." | "..")
            || machine.state.tree.is_folder(&destination);
        let into_folder = into_folder && !call.has(&["-T", "--no-target-directory"]);
        Some(Self { sources, destination, into_folder })
    }

    fn target(&self, source: &str) -> String {
        match self.into_folder && !source.ends_with("/.") {
            true => format!("{}/{}", self.destination.trim_end_matches('/'), base_name(source)),
            false => self.destination.clone(),
        }
    }
}

fn copy(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let Some(transfer) = Transfer::of(call, &["-S", "--suffix"], machine) else { return Outcome::done() };
    for source in &transfer.sources {
        let target = transfer.target(source);
        let source = source.trim_end_matches("/.");
        let found = machine.under(source);
        if found.is_empty() && !machine.state.tree.is_folder(source) {
            let why = machine.state.tree.unknown_above(source);
            machine.unknown(why.unwrap_or_else(|| format!("what {source} holds, which cp copies")));
        }
        for (path, entry) in found {
            put(&rebased(&path, source, &target), &entry, machine);
        }
    }
    Outcome::done()
}

/// Lays an entry down at another path, unless a mount lies there.
fn put(path: &str, entry: &Entry, machine: &mut Machine<'_>) {
    if !machine.is_mounted(path) {
        machine.state.tree.put(path, entry.clone());
    }
}

fn rename(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let Some(transfer) = Transfer::of(call, &["-S", "--suffix"], machine) else { return Outcome::done() };
    for source in &transfer.sources {
        let target = transfer.target(source);
        if !machine.state.tree.rename(source, &target) && machine.state.tree.unknown_above(source).is_none() {
            machine.unknown(format!("what {source} holds, which mv moves"));
        }
    }
    Outcome::done()
}

fn link(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(&["-S", "--suffix"]);
    let is_symbolic = call.has(&["-s", "--symbolic"]);
    let [source, rest @ ..] = operands.as_slice() else { return Outcome::done() };
    let target = machine.absolute(rest.last().copied().unwrap_or(base_name(source)));
    let target = match machine.state.tree.is_folder(&target) && !call.has(&["-n", "-T", "--no-dereference"]) {
        true => format!("{}/{}", target.trim_end_matches('/'), base_name(source)),
        false => target,
    };
    if !is_symbolic {
        // A hard link changes the file it is made to, so that comes up whole; the link itself weighs nothing.
        let source = machine.absolute(source);
        machine.state.tree.copy_up(&source, false);
    }
    if !machine.is_mounted(&target) {
        machine.state.tree.put(&target, Entry::Link((*source).into()));
    }
    Outcome::done()
}

fn install(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    const WITH_VALUE: [&str; 8] = ["-m", "--mode", "-o", "--owner", "-g", "--group", "-S", "-t"];
    if call.has(&["-d", "--directory"]) {
        for path in call.operands(&WITH_VALUE) {
            let path = machine.absolute(path);
            machine.make_folder(&path);
        }
        return Outcome::done();
    }
    let Some(transfer) = Transfer::of(call, &WITH_VALUE, machine) else { return Outcome::done() };
    for source in &transfer.sources {
        match machine.entry(source) {
            Some(entry) => put(&transfer.target(source), &entry, machine),
            None => machine.unknown(format!("what {source} holds, which install copies")),
        }
    }
    Outcome::done()
}

/// dd: `count` blocks of `bs` bytes.
fn dump(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let value = |name: &str| {
        let of = |word: &String| {
            word.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')).map(str::to_owned)
        };
        call.arguments.iter().rev().find_map(of)
    };
    let Some(path) = value("of").map(|path| machine.absolute(&path)) else { return Outcome::done() };
    let block = value("bs").map_or(Some(512), |size| read_size(&size));
    let count = value("count").and_then(|count| read_size(&count));
    let source = value("if").unwrap_or_default();
    let content = match source.as_str() {
        "/dev/zero" => FileContent::Zeros,
        "/dev/urandom" | "/dev/random" => FileContent::Random,
        _ => FileContent::ByName,
    };
    match (block, count) {
        (Some(block), Some(count)) => machine.write_file(&path, block.saturating_mul(count), content),
        _ => match machine.entry(&machine.absolute(&source)) {
            Some(entry) => put(&path, &entry, machine),
            None => machine.unknown(format!("what dd writes to {path}")),
        },
    }
    Outcome::done()
}

/// truncate and fallocate: holes count as long as they are.
fn allocate(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let options = ["-s", "--size", "-l", "--length"];
    let size = call.value(&options).and_then(read_size);
    for path in call.operands(&["-s", "--size", "-l", "--length", "-o", "--offset", "-r", "--reference"]) {
        let path = machine.absolute(path);
        match size {
            Some(size) => machine.write_file(&path, size, FileContent::Zeros),
            None => machine.unknown(format!("how long {path} becomes")),
        }
    }
    Outcome::done()
}

/// `10M`, `1G`, `512`, `1kB`, as coreutils have them.
pub(super) fn read_size(text: &str) -> Option<u64> {
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let (base, letter) = match &text.as_bytes()[digits..] {
        [] => (1, b' '),
        [letter] | [letter, b'i', b'B'] => (1024_u64, *letter),
        [letter, b'B'] => (1000, *letter),
        _ => return None,
    };
    let power = match letter.to_ascii_uppercase() {
        b' ' | b'C' => 0,
        b'B' => return number.checked_mul(512),
        b'W' => return number.checked_mul(2),
        b'K' => 1,
        b'M' => 2,
        b'G' => 3,
        b'T' => 4,
        _ => return None,
    };
    number.checked_mul(base.checked_pow(power)?)
}

/// chown, chmod and their like: a file of a lower layer comes up whole, whether anything changes or not.
fn change(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(&["--reference", "--from", "-m", "-x"]);
    let takes_mode = !call.has(&["--reference"]);
    // `chmod -x file`: the mode looks like an option.
    let mode_is_option = call.program == "chmod"
        && call.arguments.iter().any(|word| word.starts_with('-') && word[1..].starts_with(['x', 'w', 'r']));
    let skipped = usize::from(takes_mode && !mode_is_option);
    for path in operands.iter().skip(skipped) {
        let pattern = machine.absolute(path);
        for path in machine.state.tree.matching(&pattern) {
            if machine.is_mounted(&path) {
                continue;
            }
            let whole = call.has(&["-R", "--recursive"]);
            machine.state.tree.copy_up(&path, whole);
            if whole && is_of_base(&path) && machine.state.system.image.is_some() {
                let program = &call.program;
                machine.unknown(format!("how much of the base image below {path} {program} copies up"));
            }
        }
    }
    Outcome::done()
}

/// Folders that hold much in every image.
fn is_of_base(path: &str) -> bool {
    const FULL: [&str; 9] =
        ["/", "/usr", "/usr/lib", "/usr/share", "/usr/bin", "/usr/local", "/usr/local/lib", "/lib", "/var"];
    FULL.contains(&path)
}

/// sed -i, perl -i: the file is written anew, about as long as before.
fn edit(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let in_place = call.arguments.iter().any(|word| word.starts_with("-i") || word.starts_with("--in-place"));
    if in_place {
        let operands = call.operands(&["-e", "-f", "--expression"]);
        let has_script = call.has(&["--expression"]) || call.arguments.iter().any(|word| word == "-e");
        for path in operands.iter().skip(usize::from(!has_script)) {
            let pattern = machine.absolute(path);
            for path in machine.state.tree.matching(&pattern) {
                match machine.state.tree.get(&path) {
                    Some(_) => machine.state.tree.copy_up(&path, false),
                    None => small_file(&path, "a file of the base image, edited", machine),
                }
            }
        }
    }
    Outcome { success: Some(true), output: Stream::Unknown }
}

/// A file that is small and of which no more is known: a configuration, what a program prints.
fn small_file(path: &str, name: &str, machine: &mut Machine<'_>) {
    let unpacked = Span { low: 0, likely: 2_000, high: 50_000 };
    machine.write(Part {
        name: name.to_owned(),
        path: path.to_owned(),
        unpacked,
        download: unpacked.scaled(0.4),
        basis: Basis::Heuristic { name: "small files".to_owned() },
    });
}

fn echo(call: &Call, _machine: &mut Machine<'_>) -> Outcome {
    let words: Vec<&str> = call
        .arguments
        .iter()
        .map(String::as_str)
        .skip_while(|word| matches!(*word, "-n" | "-e" | "-ne" | "-en" | "-E"))
        .collect();
    let is_closed =
        !call.arguments.iter().take_while(|word| word.starts_with('-')).any(|word| word.contains('n'));
    let text = unescaped(&words.join(" "));
    if call.open {
        return Outcome { success: Some(true), output: Stream::Unknown };
    }
    Outcome::prints(if is_closed { text + "\n" } else { text })
}

fn print(call: &Call, _machine: &mut Machine<'_>) -> Outcome {
    let Some((format, arguments)) = call.arguments.split_first() else { return Outcome::prints("") };
    if call.open {
        return Outcome { success: Some(true), output: Stream::Unknown };
    }
    let format = unescaped(format);
    let mut arguments = arguments.iter();
    let mut text = String::new();
    loop {
        let before = arguments.len();
        let mut pieces = format.split("%s");
        text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            text.push_str(arguments.next().map_or("", String::as_str));
            text.push_str(piece);
        }
        if arguments.len() == 0 || arguments.len() == before || text.len() > 1_000_000 {
            return Outcome::prints(text.replace("%%", "%"));
        }
    }
}

fn unescaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some('\\') => result.push('\\'),
            Some(other) => {
                result.push('\\');
                result.push(other);
            }
            None => result.push('\\'),
        }
    }
    result
}

fn concatenate(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let output = match call.operands(&[]).as_slice() {
        [] | ["-"] => call.input.clone(),
        [path] => Stream::File(machine.absolute(path)),
        _ => Stream::Unknown,
    };
    Outcome { success: Some(true), output }
}

fn tee(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    for path in call.operands(&[]) {
        let path = machine.absolute(path);
        if !path.starts_with("/dev/") {
            write_stream(&path, &call.input, call.has(&["-a", "--append"]), machine);
        }
    }
    Outcome { success: Some(true), output: call.input.clone() }
}

/// Writes what a program prints into a file.
pub(super) fn write_stream(path: &str, output: &Stream, appends: bool, machine: &mut Machine<'_>) {
    if machine.is_mounted(path) {
        return;
    }
    let before = if appends { machine.state.tree.get(path).cloned() } else { None };
    match (before, output) {
        (Some(Entry::File(file)), Stream::Text(text)) => {
            let known = match &file.content {
                FileContent::Text(before) => FileContent::Text(format!("{before}{text}").into()),
                _ => FileContent::ByName,
            };
            machine.write_file(path, file.bytes + text.len() as u64, known);
        }
        (Some(_), _) => machine.state.tree.copy_up(path, false),
        (None, Stream::Text(text)) if appends && machine.state.system.image.is_some() => {
            // The base image may have the file already; it comes up with the text behind it.
            machine.write_text(path, text);
        }
        (None, Stream::Text(text)) => machine.write_text(path, text),
        (None, Stream::Nothing) => machine.write_file(path, 0, FileContent::ByName),
        (None, Stream::File(source)) => match machine.entry(source) {
            Some(entry @ Entry::File(File { .. })) => put(path, &entry, machine),
            _ => small_file(path, "a copied file", machine),
        },
        (None, Stream::Download(address)) => super::fetch::download(address, path, machine),
        (None, Stream::Unknown) => small_file(path, "what a program prints", machine),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_coreutils_do() {
        let sizes = ["100M", "7M", "1kB", "2b", "512", "1GiB", "x"].map(read_size);
        let expected =
            [Some(104_857_600), Some(7_340_032), Some(1000), Some(1024), Some(512), Some(1 << 30), None];
        assert_eq!(sizes, expected);
    }
}
