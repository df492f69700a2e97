//! `docs/tutorials.md`: the tutorials' Dockerfiles, estimated whole with small projects of ours as their contexts, beside
//! what the tutorials claim. `UPDATE_EXPECT=1` writes it anew.

use crate::check::Workshop;
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// One figure of a tutorial: which Dockerfile it is of, what it says, and why ours is another.
struct Claim {
    /// The tutorial, by its place in the folder, and its Dockerfile, by its place in the text.
    place: (usize, usize),
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
    Claim { place, target, pattern, claimed, why }
}

const CLAIMS: &[Claim] = &[
    claim(
        (0, 0),
        None,
        "Go, one stage",
        "1.07 GB",
        "a tenth under: nearly all is the base, as Go 1.17 comes with its library compiled and leaves little \
         cache; what modules and sources the tutorial's own program has is not told",
    ),
    claim(
        (0, 1),
        None,
        "Go to alpine",
        "15.6 MB",
        "within the range: less base and certificates the claim leaves a program of 9.7 MB; a program is 6.6 \
         MB by rule, and half a megabyte for each module",
    ),
    claim(
        (0, 2),
        None,
        "Go to scratch",
        "7.2 MB",
        "within the range, but not the same program as the row above: less certificates 7.0 MB are left, \
         which is a server on the standard library alone",
    ),
    claim(
        (1, 0),
        None,
        "Node, one stage",
        "1.2 GB",
        "the base of 1.1 GB leaves the tutorial's packages 100 MB; Nest with its tools weighs twice that, and \
         npm keeps the archives of all of them in its cache",
    ),
    claim(
        (1, 1),
        None,
        "Node to alpine",
        "180 MB",
        "the claim counts production packages alone, yet the file copies node_modules as `npm ci` left it, \
         with TypeScript, webpack and jest; `npm prune --omit=dev` before the copy would do what is claimed",
    ),
    claim(
        (1, 2),
        Some("builder"),
        "Angular, before",
        "1.2 GB",
        "the claim is the base alone, rounded up; Angular's packages, npm's cache of their archives and the \
         cache of the build come on top",
    ),
    claim(
        (1, 2),
        None,
        "Angular to nginx",
        "45 MB",
        "the site is below 2 MB, the rest is nginx:alpine: 23.5 MB unpacked at 1.22, three times that now; \
         the claim is of a year between",
    ),
    claim(
        (1, 3),
        Some("builder"),
        "Django, before",
        "900 MB",
        "the claim is the base alone, which has passed 1 GB since; the virtual environment comes on top, and \
         two distributions that the table inside does not have",
    ),
    claim(
        (1, 3),
        None,
        "Django to slim",
        "120 MB",
        "the claim is the base alone; the virtual environment comes on top. Not known offline: \
         djangorestframework, whitenoise, what collectstatic writes",
    ),
    claim(
        (1, 4),
        Some("builder"),
        "Go, before",
        "800 MB",
        "the claim is the base alone, rounded; modules and 57 MB of compiled standard library in Go's cache \
         come on top",
    ),
    claim(
        (1, 4),
        None,
        "Go to scratch",
        "12 MB",
        "agrees: a program with a database driver, symbols kept, and certificates",
    ),
    claim(
        (1, 5),
        Some("builder"),
        "Spring Boot, before",
        "600 MB",
        "the claim lies within the range of the base alone; plugins and libraries in Maven's repository and \
         the archive come on top",
    ),
    claim(
        (1, 5),
        None,
        "Spring Boot to JRE",
        "180 MB",
        "the claim lies within the range of the base alone (`JRE alpine only`): an archive of web, JPA and \
         actuator is a quarter of that again",
    ),
    claim(
        (2, 0),
        None,
        "Go, one stage",
        "823 MB",
        "the claim is the published size of the base to the megabyte: modules, Go's cache and the 12 MB of \
         program that the tutorial speaks of are not in it",
    ),
    claim(
        (2, 1),
        None,
        "Go to scratch",
        "11.2 MB",
        "stripped, a program is 4.6 MB by rule and a third of a megabyte for each module: the tutorial's, 12 \
         MB before, has a dozen more than ours. Its one stage here is golang:1.22-alpine",
    ),
    claim(
        (2, 4),
        Some("builder"),
        "TypeScript, before",
        "687 MB",
        "550 MB above its base: several times what compiler, linter, tests and their cache weigh for our API, and \
         of no usual project of that kind",
    ),
    claim(
        (2, 4),
        None,
        "TypeScript to alpine",
        "198 MB",
        "62 MB above its base, ours less than half of that: seven packages, in two layers, as `chown -R` copies them. As \
         printed the step fails: Alpine has no useradd; an estimate takes it that steps succeed",
    ),
    claim(
        (4, 0),
        Some("builder"),
        "Node, before",
        "1.1 GB",
        "the base and Vite's packages with npm's cache; the claim is of the base alone, of another patch \
         release, and says 1.3 GB with a project's packages",
    ),
    claim(
        (4, 0),
        None,
        "Front end to nginx",
        "25 MB",
        "the site is 0.1 MB; nginx:alpine was 23.5 MB unpacked at 1.22, and today only its download is of the \
         claimed size",
    ),
    claim(
        (4, 1),
        None,
        "Static site to nginx",
        "26.3 MB",
        "as above: to the decimal what a pull of today's nginx:alpine moves",
    ),
];

/// What the tutorials say that stages save, in per cent of the image in one stage: which, whose, how much, and why ours
/// is another.
const SAVINGS: &[((usize, usize), &str, &str, &str)] = &[
    ((0, 1), "Go to alpine", "99", "agrees"),
    ((0, 3), "Node", "50–70", "more: the full image and alpine alone differ by more than that"),
    (
        (0, 5),
        "Python",
        "40–60",
        "what is left behind is poetry, and pip's cache of it; what poetry exports is not known before the build",
    ),
    ((0, 6), "Java", "60–80", "agrees: Maven, a JDK and the local repository stay behind"),
    ((1, 1), "Node", "84", "less, as development packages are copied along"),
    ((1, 2), "Angular", "96", "agrees"),
    ((1, 3), "Django", "87", "nearly: the virtual environment is in both"),
    ((1, 4), "Go", "98", "agrees"),
    ((1, 5), "Spring Boot", "70", "less, as the archive is in both"),
    ((2, 1), "Go", "99", "of its own builder, golang:1.22-alpine; of golang:1.22 it would be 99"),
    ((2, 4), "TypeScript", "71", "both stages stand on node:20-alpine, and most of it is that"),
];

/// The project that is each Dockerfile's context. What a name stands for is told in the introduction.
pub(crate) fn project_of(place: (usize, usize)) -> &'static str {
    match place {
        (0, 0..=2 | 10 | 12) | (2, 0..=3) => "go-server",
        (0, 4) => "react-app",
        (0, 5) => "fastapi-service",
        (0, 6 | 7) | (1, 5) => "spring-boot",
        (1, 0 | 1 | 8 | 9) => "nest-api",
        (1, 2) => "angular-app",
        (1, 3) => "django-site",
        (1, 4 | 6) => "go-service",
        (1, 7) => "full-stack",
        (4, 0) => "vite-app",
        (4, 1) => "static-page",
        _ => "express-api",
    }
}

/// The Dockerfile whose first stage a fragment goes on from: it shows its last stage alone.
fn begun_in(place: (usize, usize)) -> Option<(usize, usize)> {
    match place {
        (0, 2) => Some((0, 1)),
        (0, 13) => Some((0, 3)),
        (1, 8 | 9) => Some((1, 1)),
        (2, 2 | 3) => Some((2, 1)),
        _ => None,
    }
}

#[test]
fn the_table_of_the_tutorials_is_the_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(tutorials) = read_tutorials(&root.join("../shared/seeds")) else {
        eprintln!("left out: there is no ../shared/seeds beside this checkout");
        return;
    };
    let workshop = Workshop::with(&[]);
    copy_projects(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/projects"), "", &workshop);
    let mut table = String::from(
        "| tutorial | Dockerfile | claimed | unpacked | download | in one stage | not known | why they differ |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for claim in CLAIMS {
        let answer = estimate(&workshop, &tutorials, claim.place, claim.target);
        let ((tutorial, place), pattern, claimed) = (claim.place, claim.pattern, claim.claimed);
        let (figures, why) = (figures(&answer), claim.why);
        writeln!(table, "| {tutorial}.{place} | {pattern} | {claimed} | {figures} | {why} |")
            .expect("text takes text");
    }
    let mut savings =
        String::from("| tutorial | | claimed | estimated | why they differ |\n|---|---|---|---|---|\n");
    for &(place, pattern, claimed, why) in SAVINGS {
        let saved = saved(&estimate(&workshop, &tutorials, place, None));
        let (tutorial, at) = place;
        writeln!(savings, "| {tutorial}.{at} | {pattern} | {claimed} % | {saved} | {why} |")
            .expect("text takes text");
    }
    let n_dockerfiles: usize = tutorials.iter().map(Vec::len).sum();
    let list = every_dockerfile(&workshop, &tutorials);
    let document = format!(
        "{INTRODUCTION}\n{table}\n{SAVED}\n{savings}\n{}\n{list}",
        LIST.replace("{n}", &n_dockerfiles.to_string())
    );
    expect_test::expect_file![
        root.join("docs/tutorials.md").canonicalize().unwrap_or(root.join("docs/tutorials.md"))
    ]
    .assert_eq(&document);
}

const INTRODUCTION: &str = "\
# The tutorials' figures beside ours

Five tutorials on multi-stage builds stood at the beginning of this project. This is what `layercast estimate --offline
--context PROJECT` says of their Dockerfiles, whole, beside what they claim. None of them shows the project that it
builds, so each Dockerfile has a small one of ours as its context, in `crates/layercast-cli/tests/it/projects`:

- `go-server`: a router, a log, settings (mux, logrus, godotenv); `go-service`: an API with PostgreSQL (chi, pgx, uuid)
- `express-api`: Express in TypeScript with ESLint and Jest; `nest-api`: Nest with TypeORM; `full-stack`: Vite and Go
- `angular-app`, `react-app` (react-scripts), `vite-app` (React): front ends of one or two views
- `django-site`: Django with REST framework behind gunicorn; `fastapi-service`: FastAPI by poetry
- `spring-boot`: web, JPA, actuator, PostgreSQL; `static-page`: one page

Sizes are decimal and unpacked, as `docker images` shows them; low and high stand behind the likely figure. “In one
stage” is the stage that the image is built in, shipped as it is. A layer of which something is not known counts under
“not known”; what is known of it is in the sum. Lock files name no addresses, so npm keeps the lists of versions that
it asked for. Tutorials are counted from 0, in the order of their folder, and their Dockerfiles in the order of the
text. A test writes this page: `UPDATE_EXPECT=1 cargo test -p layercast-cli tutorials`.
";

const SAVED: &str = "\
## What the stages save

In per cent of the stage that the image is built in: what a tutorial says, or what follows from its sizes.
";

const LIST: &str = "\
## All {n} Dockerfiles

The target is the last stage. “Mended” counts the lines that were put right before: on the way into the tutorials' text
copies lost their `--from=` or its hyphens, and stages their WORKDIR; a remark behind COPY is no comment to Docker.
0.2, 0.13, 1.8, 1.9, 2.2 and 2.3 show their last stage alone: they go on from the first stage of the Dockerfile before.
Some are fragments that a build would refuse; an estimate takes it that steps succeed.
";

fn every_dockerfile(workshop: &Workshop, tutorials: &[Vec<String>]) -> String {
    let mut list = String::from(
        "| | last base | context | mended | unpacked | download | in one stage | not known | stages built | not built |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for (tutorial, dockerfiles) in tutorials.iter().enumerate() {
        for (place, own) in dockerfiles.iter().enumerate() {
            let at = (tutorial, place);
            let text = whole(tutorials, at);
            let n_mended = mend(own).1;
            let inspected = run(workshop, "inspect --format json -", &text);
            let last = inspected["target"].as_u64();
            let target = inspected["targets"]
                .as_array()
                .and_then(|all| all.iter().find(|one| one["stage"].as_u64() == last));
            let count = |list: &Value| list.as_array().map_or(0, Vec::len);
            let (built, skipped) =
                target.map_or((0, 0), |one| (count(&one["reachable"]), count(&one["skipped"])));
            let base = last_base(&text);
            let (context, figures) = (project_of(at), figures(&estimate(workshop, tutorials, at, None)));
            writeln!(
                list,
                "| {tutorial}.{place} | {base} | {context} | {n_mended} | {figures} | {built} | {skipped} |"
            )
            .expect("text takes text");
        }
    }
    list
}

/// The image at the bottom of the last stage.
fn last_base(text: &str) -> String {
    let stages: Vec<Vec<&str>> =
        text.lines().filter(|line| line.starts_with("FROM ")).map(|line| line.split(' ').collect()).collect();
    let mut base = stages.last().map_or("", |words| words[1]);
    while let Some(words) = stages.iter().find(|words| words.get(3) == Some(&base)) {
        base = words[1];
    }
    base.to_owned()
}

/// `unpacked (range) | download | in one stage | steps not known`.
fn figures(answer: &Value) -> String {
    if let Some(message) = answer["errors"][0]["message"].as_str() {
        return format!("does not build: {message} | | | ");
    }
    let layers = answer["layers"].as_array().into_iter().flatten();
    let is_unknown = |layer: &&Value| layer["unpacked"].is_null() || !layer["unknown"].is_null();
    let n_unknown = layers.filter(is_unknown).count();
    let least = if n_unknown > 0 { "≥ " } else { "" };
    let single = match &answer["summary"]["single_stage"] {
        Value::Null => "–".to_owned(),
        single => size(&single["unpacked"]["likely"]),
    };
    let unpacked = &answer["unpacked"];
    let (low, high) = (size(&unpacked["low"]), size(&unpacked["high"]));
    let range = match (low.split_once(' '), high.split_once(' ')) {
        _ if low == high => String::new(),
        (Some((number, unit)), Some((_, other))) if unit == other => format!(" ({number}–{high})"),
        _ => format!(" ({low}–{high})"),
    };
    let download = size(&answer["download"]["likely"]);
    format!("{least}{}{range} | {download} | {single} | {n_unknown}", size(&unpacked["likely"]))
}

/// How much less the image is than the stage that it is built in.
fn saved(answer: &Value) -> String {
    let single = answer["summary"]["single_stage"]["unpacked"]["likely"].as_f64();
    match (answer["unpacked"]["likely"].as_f64(), single) {
        (Some(whole), Some(single)) => format!("{:.0} %", 100.0 * (1.0 - whole / single)),
        _ => "–".to_owned(),
    }
}

/// In megabytes: three digits count.
pub(crate) fn size(bytes: &Value) -> String {
    let megabytes = bytes.as_f64().expect("a number of bytes") / 1e6;
    match megabytes {
        0.0 => "0 B".to_owned(),
        small if small < 0.1 => format!("{:.1} kB", small * 1e3),
        small if small < 100.0 => format!("{small:.1} MB"),
        large => format!("{large:.0} MB"),
    }
}

fn estimate(
    workshop: &Workshop,
    tutorials: &[Vec<String>],
    place: (usize, usize),
    target: Option<&str>,
) -> Value {
    let target = target.map_or(String::new(), |target| format!("--target {target} "));
    let context = project_of(place);
    let text = whole(tutorials, place);
    run(workshop, &format!("estimate --offline --format json --context {context} {target}-"), &text)
}

pub(crate) fn run(workshop: &Workshop, args: &str, text: &str) -> Value {
    let ran = workshop.run(args, text.as_bytes());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"))
}

/// Copies the projects into the workshop: paths of their own have no blanks.
pub(crate) fn copy_projects(from: &Path, name: &str, workshop: &Workshop) {
    for entry in std::fs::read_dir(from).expect("the projects are there") {
        let entry = entry.expect("a folder can be read");
        let own = format!("{name}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            copy_projects(&entry.path(), &format!("{own}/"), workshop);
        } else {
            workshop.write(&own, &std::fs::read(entry.path()).expect("a file can be read"));
        }
    }
}

/// A Dockerfile mended, behind the first stage of the one that it goes on from.
pub(crate) fn whole(tutorials: &[Vec<String>], place: (usize, usize)) -> String {
    let mut text = String::new();
    if let Some((tutorial, place)) = begun_in(place) {
        let lines = tutorials[tutorial][place].lines();
        let mut n_stages = 0;
        for line in lines {
            n_stages += usize::from(line.starts_with("FROM "));
            if n_stages < 2 {
                text.extend([line, "\n"]);
            }
        }
    }
    text.push_str(&tutorials[place.0][place.1]);
    mend(&text).0
}

/// What a tutorial's text lost is put back; how many lines that changed.
fn mend(text: &str) -> (String, usize) {
    let mut mended = String::new();
    let mut n_mended = 0;
    let mut first_stage = None;
    let has_folder = text.lines().any(|line| line.starts_with("WORKDIR "));
    let needs_folder = !has_folder && text.contains("--from=") && text.contains(" /app/");
    for line in text.lines() {
        let mut own = if line.starts_with('#') { line.to_owned() } else { line.replace('–', "--") };
        if own.starts_with("COPY ")
            && let Some((copy, _remark)) = own.split_once(" #")
        {
            own = copy.trim_end().to_owned();
        }
        if let Some(rest) = own.strip_prefix("COPY /") {
            let stage = match rest.starts_with("javaruntime") {
                true => "jre-build",
                false => first_stage.as_deref().unwrap_or("build"),
            };
            own = format!("COPY --from={stage} /{rest}");
        }
        n_mended += usize::from(own != line);
        mended.extend([own.as_str(), "\n"]);
        if let ["FROM", _, "AS" | "as", name] = own.split_whitespace().collect::<Vec<_>>()[..]
            && (first_stage.is_none() || name.starts_with("build"))
        {
            first_stage = Some(name.to_owned());
        }
        if needs_folder && own.starts_with("FROM ") {
            mended.push_str("WORKDIR /app\n");
            n_mended += 1;
        }
    }
    (mended, n_mended)
}

/// The Dockerfiles of each tutorial, in the order of the folder and of the text; none where it is absent.
pub(crate) fn read_tutorials(folder: &Path) -> Option<Vec<Vec<String>>> {
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
