//! The table of `docs/tutorials.md`: what the catalogue says of the bases of the tutorials' Dockerfiles,
//! beside what the tutorials claim. `UPDATE_EXPECT=1` writes it anew.

use crate::check::Workshop;
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// One figure of a tutorial: which Dockerfile it is of, what it says, and why ours is another.
struct Claim {
    /// The tutorial, by its place in the folder.
    tutorial: usize,
    /// Its Dockerfile, by its place in the text.
    dockerfile: usize,
    /// The stage to build.
    target: Option<&'static str>,
    pattern: &'static str,
    claimed: &'static str,
    why: &'static str,
}

const fn claim(
    place: (usize, usize),
    target: Option<&'static str>,
    pattern: &'static str,
    claimed: &'static str,
    why: &'static str,
) -> Claim {
    Claim { tutorial: place.0, dockerfile: place.1, target, pattern, claimed, why }
}

const CLAIMS: &[Claim] = &[
    claim(
        (0, 0),
        None,
        "Go, one stage",
        "1.07 GB",
        "the base, then modules, sources and Go's build cache, which no stage drops",
    ),
    claim(
        (0, 1),
        None,
        "Go to alpine",
        "15.6 MB",
        "certificates and a binary of some 9 MB on top of the base",
    ),
    claim((0, 2), None, "Go to scratch", "7.2 MB", "the binary alone: nothing of it is the base's"),
    claim(
        (1, 0),
        None,
        "Node, one stage",
        "1.2 GB",
        "the base is nearly all of it; development dependencies are the rest",
    ),
    claim((1, 1), None, "Node to alpine", "180 MB", "production dependencies and `dist` come on top"),
    claim((1, 2), Some("builder"), "Angular, before", "1.2 GB", "the base is nearly all of it"),
    claim(
        (1, 2),
        None,
        "Angular to nginx",
        "45 MB",
        "nginx:alpine has grown: 23.5 MB unpacked at 1.22, and the tag moves",
    ),
    claim(
        (1, 3),
        Some("builder"),
        "Django, before",
        "900 MB",
        "the full image has passed 1 GB since, before any dependency",
    ),
    claim(
        (1, 3),
        None,
        "Django to slim",
        "120 MB",
        "the claim is the base alone: the virtual environment comes on top",
    ),
    claim((1, 4), Some("builder"), "Go, before", "800 MB", "the base alone, rounded"),
    claim((1, 4), None, "Go to scratch", "12 MB", "the binary and certificates: nothing of it is the base's"),
    claim(
        (1, 5),
        Some("builder"),
        "Spring Boot, before",
        "600 MB",
        "Maven with a full JDK, before the local repository",
    ),
    claim(
        (1, 5),
        None,
        "Spring Boot to JRE",
        "180 MB",
        "the claim lies within the range of the base alone; the jar comes on top",
    ),
    claim(
        (2, 0),
        None,
        "Go, one stage",
        "823 MB",
        "the published size of the base to the megabyte: what the build adds is not in the claim",
    ),
    claim((2, 1), None, "Go to scratch", "11.2 MB", "the stripped binary: nothing of it is the base's"),
    claim(
        (2, 4),
        Some("builder"),
        "TypeScript, before",
        "687 MB",
        "compiler and development dependencies on top of the base",
    ),
    claim(
        (2, 4),
        None,
        "TypeScript to alpine",
        "198 MB",
        "production dependencies, twice: `chown -R` copies them into a layer of its own",
    ),
    claim((4, 0), Some("builder"), "Node, before", "1.1 GB", "the base alone; \"1.3 GB with the app\""),
    claim(
        (4, 0),
        None,
        "Front end to nginx",
        "25 MB",
        "nginx:alpine of an earlier year; today only its download is of that size",
    ),
    claim((4, 1), None, "Static site to nginx", "26.3 MB", "as above, and one page"),
];

#[test]
fn the_table_of_the_tutorials_is_the_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(tutorials) = read_tutorials(&root.join("../shared/seeds")) else {
        eprintln!("left out: there is no ../shared/seeds beside this checkout");
        return;
    };
    let workshop = Workshop::with(&[]);
    let mut table = String::from(
        "| tutorial | Dockerfile | claimed image | base | unpacked, by the catalogue | download | why they differ |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for claim in CLAIMS {
        let text = &tutorials[claim.tutorial][claim.dockerfile];
        let base = base_of(&workshop, text, claim.target);
        let (tutorial, pattern, claimed, why) = (claim.tutorial, claim.pattern, claim.claimed, claim.why);
        writeln!(table, "| {tutorial} | {pattern} | {claimed} | {base} | {why} |").expect("text takes text");
    }
    let n_dockerfiles: usize = tutorials.iter().map(Vec::len).sum();
    let list = every_dockerfile(&workshop, &tutorials);
    let document =
        format!("{INTRODUCTION}\n{table}\n{}\n{list}", LIST.replace("{n}", &n_dockerfiles.to_string()));
    expect_test::expect_file![
        root.join("docs/tutorials.md").canonicalize().unwrap_or(root.join("docs/tutorials.md"))
    ]
    .assert_eq(&document);
}

const INTRODUCTION: &str = "\
# The tutorials' figures beside ours

Five tutorials on multi-stage builds stood at the beginning of this project. This is `layercast estimate --offline`
on their Dockerfiles: what the catalogue inside the program says of the base alone, beside what the tutorial claims of
the whole image. What commands and copies add is unknown yet, and said to be. Sizes are decimal and unpacked, as
`docker images` shows them; where only the download was published, by ratio
(decisions/0010-catalogue.md). Tutorials are counted from 0, in the order of their folder.
A test writes this page: `UPDATE_EXPECT=1 cargo test -p layercast-cli tutorials`.
";

const LIST: &str = "\
## All {n} Dockerfiles

Tutorial and place in it; the target is the last stage. Some copies between stages have lost their `--from=` on the
way into the tutorials' text: then the builder stage is not built at all.
";

fn every_dockerfile(workshop: &Workshop, tutorials: &[Vec<String>]) -> String {
    let mut list = String::from(
        "| | base | unpacked | download | stages built | not built | steps not known |\n|---|---|---|---|---|---|---|\n",
    );
    for (tutorial, dockerfiles) in tutorials.iter().enumerate() {
        for (place, text) in dockerfiles.iter().enumerate() {
            let inspected = run(workshop, "inspect --format json -", text);
            let estimated = run(workshop, "estimate --offline --format json -", text);
            let last = inspected["target"].as_u64();
            let target = inspected["targets"]
                .as_array()
                .and_then(|all| all.iter().find(|one| one["stage"].as_u64() == last));
            let count = |list: &Value| list.as_array().map_or(0, Vec::len);
            let (built, skipped) =
                target.map_or((0, 0), |one| (count(&one["reachable"]), count(&one["skipped"])));
            let steps = count(&estimated["unknown"]);
            let problem = estimated["errors"][0]["message"]
                .as_str()
                .map(|message| format!("does not build: {message}"));
            let base =
                problem.map_or_else(|| base_of(workshop, text, None), |problem| format!("{problem} | | "));
            writeln!(list, "| {tutorial}.{place} | {base} | {built} | {skipped} | {steps} |")
                .expect("text takes text");
        }
    }
    list
}

/// `image | unpacked (range) | download`.
fn base_of(workshop: &Workshop, text: &str, target: Option<&str>) -> String {
    let target = target.map_or(String::new(), |target| format!("--target {target} "));
    let answer = run(workshop, &format!("estimate --offline --format json {target}-"), text);
    let layers = answer["layers"].as_array().cloned().unwrap_or_default();
    let Some(base) = layers
        .iter()
        .find(|layer| layer["instruction"].as_str().is_some_and(|text| text.starts_with("FROM ")))
    else {
        return "scratch | 0 B | 0 B".to_owned();
    };
    let instruction = base["instruction"].as_str().unwrap_or_default();
    let image = instruction.split(' ').nth(1).unwrap_or_default();
    let megabytes =
        |bytes: &Value| bytes.as_f64().map_or("?".to_owned(), |bytes| format!("{:.1}", bytes / 1e6));
    let unpacked = &base["unpacked"];
    if unpacked.is_null() {
        return format!("{image} | not in the catalogue | ");
    }
    let ratio = if unpacked["basis"]["kind"] == "ratio" { ", by ratio" } else { "" };
    format!(
        "{image} | {} MB ({}–{}{ratio}) | {} MB",
        megabytes(&unpacked["likely"]),
        megabytes(&unpacked["low"]),
        megabytes(&unpacked["high"]),
        megabytes(&base["download"]["likely"]),
    )
}

fn run(workshop: &Workshop, args: &str, text: &str) -> Value {
    let ran = workshop.run(args, text.as_bytes());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"))
}

/// The Dockerfiles of each tutorial, in the order of the folder and of the text; none where it is absent.
fn read_tutorials(folder: &Path) -> Option<Vec<Vec<String>>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("a tutorial is text");
    Some(paths.iter().map(|path| dockerfiles_in(&read(path))).collect())
}

/// The runs of lines that are a Dockerfile's, and hold a FROM. One tutorial sets its lines in a table.
fn dockerfiles_in(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut continued = false;
    for line in text.lines() {
        let line = line.trim().trim_matches('|').trim();
        if continued || is_of_a_dockerfile(line) {
            continued = line.ends_with('\\');
            found.last_mut().expect("there is one from the start").extend([line, "\n"]);
        } else {
            continued = false;
            found.push(String::new());
        }
    }
    found.retain(|text| text.lines().any(|line| line.starts_with("FROM ")));
    found
}

fn is_of_a_dockerfile(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        [] => true,
        ["FROM", ..] => matches!(words[1..], [_] | [_, "AS" | "as", _]),
        ["ARG" | "CMD" | "COPY" | "ENTRYPOINT" | "ENV" | "EXPOSE" | "RUN" | "USER" | "WORKDIR", _, ..] => {
            true
        }
        _ => line.starts_with('#'),
    }
}
