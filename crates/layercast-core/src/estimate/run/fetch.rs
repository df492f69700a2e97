//! What is fetched: curl, wget, git clone; and what is unpacked: tar, unzip, gunzip.
//!
//! How long something at an address is, nobody knows before; it stays unknown until it is deleted or pinned.

use super::super::call::{Call, Outcome, Stream};
use super::super::copying::{unpack, unpacked_archive};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::super::tree::{Entry, File, FileContent};
use super::super::{Basis, content};
use super::Estimator;
use super::files::base_name;
use crate::facts::ContextFile;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "curl" => curl,
        "wget" => wget,
        "git" => git,
        "tar" | "bsdtar" | "bsdcpio" => tar,
        "unzip" => unzip,
        "gunzip" | "xz" | "unxz" | "bunzip2" | "zstd" | "gzip" | "bzip2" => compress,
        "gpg" | "gpg2" | "apt-key" | "gpgv" | "openssl" | "ssh-keyscan" | "ssh-keygen" => keys,
        _ => return None,
    })
}

/// What lies at an address, laid down at a path. Keys and lists of sources are small.
pub(super) fn download(address: &str, path: &str, machine: &mut Machine<'_>) {
    let is_small =
        [".asc", ".gpg", ".key", ".pub", ".list", ".repo", ".sha256", ".sha512", ".sig", ".sh", ".pem"]
            .iter()
            .any(|end| address.ends_with(end) || path.ends_with(end));
    let part = match is_small {
        true => {
            let size = Span { low: 200, likely: 3_000, high: 60_000 };
            Part::by_rule("small downloads", base_name(path), path, size, [0.2, 0.5, 1.0])
        }
        false => Part::unknown(base_name(path), path, format!("what {address} holds")),
    };
    machine.write(part);
}

const CURL_WITH_VALUE: [&str; 24] = [
    "-o",
    "--output",
    "-H",
    "--header",
    "-d",
    "--data",
    "-X",
    "--request",
    "-u",
    "--user",
    "-A",
    "--user-agent",
    "--retry",
    "--retry-delay",
    "--retry-max-time",
    "--connect-timeout",
    "--max-time",
    "-m",
    "-e",
    "--cacert",
    "--proto",
    "--create-dirs-mode",
    "--output-dir",
    "-x",
];

fn curl(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    // `-fsSLo file`: the last letter of a cluster takes the next word.
    let mut with_value: Vec<&str> = CURL_WITH_VALUE.to_vec();
    let clustered = call.arguments.iter().map(String::as_str).find(|word| {
        word.len() > 2 && word.starts_with('-') && !word.starts_with("--") && word.ends_with('o')
    });
    with_value.extend(clustered);
    let addresses = call.operands(&with_value);
    let output =
        call.value(&["-o", "--output"]).or_else(|| clustered.and_then(|option| call.value(&[option])));
    let address = addresses.first().copied().unwrap_or("an address that is only known when it runs");
    let keeps_name = call.has(&["-O", "--remote-name", "--remote-name-all", "-J"]);
    let folder = call.value(&["--output-dir"]).unwrap_or(".").to_owned();
    match output {
        Some("-" | "/dev/null") => {}
        Some(path) => {
            let path = machine.absolute(path);
            download(address, &path, machine);
            return Outcome::done();
        }
        None if keeps_name => {
            for address in addresses {
                let name = address.split(['?', '#']).next().unwrap_or(address);
                let path = machine.absolute(&format!("{folder}/{}", base_name(name)));
                download(address, &path, machine);
            }
            return Outcome::done();
        }
        None => {}
    }
    Outcome { success: Some(true), output: Stream::Download(address.to_owned()) }
}

fn wget(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    const WITH_VALUE: [&str; 14] = [
        "-O",
        "--output-document",
        "-P",
        "--directory-prefix",
        "-t",
        "--tries",
        "-T",
        "--timeout",
        "-o",
        "-a",
        "--header",
        "-U",
        "--user-agent",
        "-e",
    ];
    let mut with_value: Vec<&str> = WITH_VALUE.to_vec();
    let clustered = call.arguments.iter().map(String::as_str).find(|word| {
        word.len() > 2 && word.starts_with('-') && !word.starts_with("--") && word.ends_with('O')
    });
    with_value.extend(clustered);
    let addresses = call.operands(&with_value);
    let address = addresses.first().copied().unwrap_or("an address that is only known when it runs");
    let joined = call
        .arguments
        .iter()
        .any(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with("O-"));
    let output = call
        .value(&["-O", "--output-document"])
        .or_else(|| clustered.and_then(|option| call.value(&[option])));
    match output {
        _ if joined => {}
        Some("-" | "/dev/stdout") => {}
        Some("/dev/null") => return Outcome::done(),
        Some(path) => {
            let path = machine.absolute(path);
            download(address, &path, machine);
            return Outcome::done();
        }
        None => {
            let folder = call.value(&["-P", "--directory-prefix"]).unwrap_or(".").to_owned();
            for address in addresses {
                let name = address.split(['?', '#']).next().unwrap_or(address);
                let path = machine.absolute(&format!("{folder}/{}", base_name(name)));
                download(address, &path, machine);
            }
            return Outcome::done();
        }
    }
    Outcome { success: Some(true), output: Stream::Download(address.to_owned()) }
}

fn git(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    const WITH_VALUE: [&str; 12] = [
        "-b",
        "--branch",
        "--depth",
        "-c",
        "--config",
        "-C",
        "--reference",
        "-o",
        "--origin",
        "-j",
        "--jobs",
        "--filter",
    ];
    let operands = call.operands(&WITH_VALUE);
    match operands.as_slice() {
        ["clone", address, rest @ ..] => {
            let name = base_name(address).trim_end_matches(".git");
            let folder = machine.absolute(rest.first().copied().unwrap_or(name));
            machine.make_folder(&folder);
            let what = format!("what the repository {address} holds");
            machine.write(Part::unknown(format!("clone of {name}"), format!("{folder}/"), what));
        }
        ["submodule" | "lfs" | "fetch" | "pull", ..] => machine.unknown("what git fetches"),
        _ => {}
    }
    Outcome::done()
}

fn tar(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    // The old style has no dash: `tar xzf file`.
    let bundle = call.arguments.first().map_or("", String::as_str);
    let is_old = !bundle.starts_with('-') && !bundle.contains(['/', '.']);
    let letters: String = match is_old {
        true => bundle.to_owned(),
        false => {
            let is_cluster = |word: &&String| word.starts_with('-') && !word.starts_with("--");
            call.arguments
                .iter()
                .filter(is_cluster)
                .flat_map(|word| word[1..].chars().take_while(|letter| *letter != 'C'))
                .collect()
        }
    };
    let extracts = letters.contains('x') || call.has(&["--extract", "--get"]);
    let folder = call.value(&["-C", "--directory", "--cd"]).unwrap_or(".").to_owned();
    let folder = machine.absolute(&folder);
    let file = archive_of(call, is_old);
    let stripped = call.value(&["--strip-components", "--strip"]).and_then(|n| n.parse().ok()).unwrap_or(0);
    match file {
        Some(path) if extracts => extract(&machine.absolute(&path), &folder, stripped, machine),
        None if extracts => from_stream(&call.input, &folder, machine),
        Some(path) if letters.contains('c') && path != "-" => {
            let path = machine.absolute(&path);
            machine.write(Part::unknown(
                base_name(&path).to_owned(),
                path.clone(),
                format!("what tar packs into {path}"),
            ));
        }
        _ => {}
    }
    Outcome::done()
}

/// The archive that `f` or `--file` names; none where it comes through the pipe.
fn archive_of(call: &Call, is_old: bool) -> Option<String> {
    if let Some(path) = call.value(&["--file"]) {
        return Some(path.to_owned()).filter(|path| path != "-");
    }
    let mut words = call.arguments.iter().enumerate();
    words
        .find_map(|(place, word)| {
            let is_cluster = (place == 0 && is_old) || (word.starts_with('-') && !word.starts_with("--"));
            let at = word.find('f').filter(|_| is_cluster)?;
            let rest = &word[at + 1..];
            // `-xzf-`, `-xfz file` as people write it.
            let joined = (!rest.is_empty() && !rest.chars().all(|letter| "vzjJkphmS".contains(letter)))
                .then(|| rest.to_owned());
            joined.or_else(|| call.arguments.get(place + 1).cloned())
        })
        .filter(|path| path != "-")
}

/// Unpacks what lies at a path.
fn extract(path: &str, folder: &str, stripped: usize, machine: &mut Machine<'_>) {
    machine.make_folder(folder);
    match machine.entry(path) {
        Some(Entry::File(File { content: FileContent::Context(place), .. })) => {
            let context = machine.facts().context.as_ref();
            if let Some(file) = context.and_then(|context| context.files.get(place as usize)) {
                match stripped {
                    0 => unpack(file, folder, machine),
                    n => unpack(&without_folders(file, n), folder, machine),
                }
            }
        }
        Some(Entry::File(file)) => machine.write(unpacked_archive(path, file.bytes, folder)),
        Some(Entry::Part(part)) => {
            let what = match &part.basis {
                Basis::Unknown { what } => what.clone(),
                _ => format!("what {path} holds"),
            };
            machine.write(Part::unknown(
                format!("content of {}", base_name(path)),
                format!("{folder}/"),
                what,
            ));
        }
        _ => {
            let what = format!("what {path} holds");
            machine.write(Part::unknown(
                format!("content of {}", base_name(path)),
                format!("{folder}/"),
                what,
            ));
        }
    }
}

/// The same archive with its outer folders left away, as `--strip-components` does.
fn without_folders(file: &ContextFile, n: usize) -> ContextFile {
    let mut file = file.clone();
    for entry in file.archive.iter_mut().flatten() {
        let inner = entry.path.splitn(n + 1, '/').nth(n).map(str::to_owned);
        entry.path = inner.unwrap_or_default();
    }
    file.archive.iter_mut().for_each(|entries| entries.retain(|entry| !entry.path.is_empty()));
    file
}

fn from_stream(input: &Stream, folder: &str, machine: &mut Machine<'_>) {
    machine.make_folder(folder);
    let (name, what) = match input {
        Stream::Download(address) => (base_name(address).to_owned(), format!("what {address} holds")),
        Stream::File(path) => {
            let path = path.clone();
            return extract(&path, folder, 0, machine);
        }
        _ => ("an archive".to_owned(), "what the archive holds that is unpacked".to_owned()),
    };
    machine.write(Part::unknown(format!("content of {name}"), format!("{folder}/"), what));
}

fn unzip(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let operands = call.operands(&["-d", "-x", "-P"]);
    let folder = machine.absolute(call.value(&["-d"]).unwrap_or("."));
    if let Some(path) = operands.first() {
        let path = machine.absolute(path);
        extract(&path, &folder, 0, machine);
    }
    Outcome::done()
}

/// gunzip and its like: the file loses its ending, and grows by what such content does.
fn compress(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let undoes =
        call.program.starts_with("un") || call.program.contains("unzip") || call.has(&["-d", "--decompress"]);
    let to_output = call.has(&["-c", "--stdout"]);
    for path in call.operands(&["-T", "-S"]) {
        let path = machine.absolute(path);
        let Some((stem, _)) = path.rsplit_once('.').filter(|_| undoes && !to_output) else { continue };
        let Some(Entry::File(File { bytes, .. })) = machine.entry(&path) else { continue };
        let size = Span::around(bytes.saturating_mul(3), 0.4, 2.5);
        let part =
            Part::by_rule("files uncompressed", base_name(stem), stem, size, content::ratio_by_name(stem));
        machine.remove(&path);
        machine.write(part);
    }
    Outcome { success: Some(true), output: call.input.clone() }
}

/// Keys: some thousand bytes.
fn keys(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if let Some(path) = call.value(&["-o", "--output", "-out", "-keyout"]) {
        let path = machine.absolute(path);
        let size = Span { low: 500, likely: 3_000, high: 60_000 };
        machine.write(Part::by_rule(
            "small downloads",
            base_name(&path),
            path.clone(),
            size,
            [0.5, 0.8, 1.0],
        ));
    }
    Outcome { success: Some(true), output: Stream::Unknown }
}
