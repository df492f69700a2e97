//! `docs/assistant.md`: what the assistant makes of the tutorials' Dockerfiles of one stage, beside what the tutorials
//! claim. `UPDATE_EXPECT=1` writes it anew.

use crate::check::Workshop;
use crate::tutorials::{copy_projects, project_of, read_tutorials, run, size, whole};
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// A Dockerfile of one stage: a tutorial's own, or the stage that its image is built in, with lines that run it there.
struct Single {
    place: (usize, usize),
    name: &'static str,
    /// What the builder's stage lacks to be an image of its own; empty where the tutorial has it in one stage.
    runs: &'static str,
    /// Before and after, as the tutorial has it.
    claimed: &'static str,
    why: &'static str,
}

const SINGLES: &[Single] = &[
    Single {
        place: (0, 0),
        name: "Go",
        runs: "",
        claimed: "1.07 GB → 15.6 or 7.2 MB",
        why: "between the tutorial's two: an empty image, as nothing speaks of C, with the certificates of its first",
    },
    Single {
        place: (1, 0),
        name: "Nest",
        runs: "",
        claimed: "1.2 GB → 180 MB",
        why: "development packages are gone, as the claim has it and the tutorial's own file does not; the rest is slim beside alpine",
    },
    Single {
        place: (2, 0),
        name: "Go",
        runs: "",
        claimed: "823 → 11.2 MB",
        why: "the tutorial strips its program too; the assistant leaves flags of compilers alone",
    },
    Single {
        place: (0, 3),
        name: "Node",
        runs: "EXPOSE 3000\nCMD [\"node\", \"dist/server.js\"]\n",
        claimed: "50–70 % less",
        why: "not known offline: the catalogue inside has no node:16-slim, whose weight is missing in the sum",
    },
    Single {
        place: (0, 4),
        name: "React",
        runs: "EXPOSE 80\nCMD [\"npx\", \"serve\", \"-s\", \"build\", \"-l\", \"80\"]\n",
        claimed: "",
        why: "nginx and 1 MB of site",
    },
    Single {
        place: (0, 6),
        name: "Maven",
        runs: "RUN mv target/*.jar app.jar\nEXPOSE 8080\nCMD [\"java\", \"-jar\", \"app.jar\"]\n",
        claimed: "60–80 % less",
        why: "agrees; with jre-alpine, which the tutorial takes, it would be a few per cent more",
    },
    Single {
        place: (1, 2),
        name: "Angular",
        runs: "EXPOSE 80\nCMD [\"npx\", \"http-server\", \"dist/my-app/browser\", \"-p\", \"80\"]\n",
        claimed: "1.2 GB → 45 MB",
        why: "the same base as the tutorial's; nginx:alpine has grown since",
    },
    Single {
        place: (1, 3),
        name: "Django",
        runs: "COPY . .\nRUN python manage.py collectstatic --noinput\nEXPOSE 8000\nCMD [\"gunicorn\", \"config.wsgi\", \"--bind\", \"0.0.0.0:8000\"]\n",
        claimed: "900 → 120 MB",
        why: "the virtual environment is the tutorial's own, and weighs the same in both",
    },
    Single {
        place: (1, 4),
        name: "Go",
        runs: "EXPOSE 8080\nENTRYPOINT [\"/app/server\"]\n",
        claimed: "800 → 12 MB",
        why: "agrees: what the tutorial does by hand",
    },
    Single {
        place: (1, 5),
        name: "Spring Boot",
        runs: "RUN mv target/*.jar app.jar\nEXPOSE 8080\nCMD [\"java\", \"-jar\", \"app.jar\"]\n",
        claimed: "600 → 180 MB",
        why: "jre instead of jre-alpine, as nobody says that no library has native code for glibc",
    },
    Single {
        place: (2, 4),
        name: "TypeScript",
        runs: "EXPOSE 3000\nCMD [\"node\", \"dist/index.js\"]\n",
        claimed: "687 → 198 MB",
        why: "the base is node:20-alpine before and after: what is saved is compiler, linter and npm's cache",
    },
    Single {
        place: (4, 0),
        name: "Vite",
        runs: "EXPOSE 80\nCMD [\"npx\", \"serve\", \"-s\", \"dist\", \"-l\", \"80\"]\n",
        claimed: "1.1 GB → 25 MB",
        why: "the same base as the tutorial's; today only its download is of the claimed size",
    },
];

#[test]
fn the_page_of_the_assistant_is_the_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(tutorials) = read_tutorials(&root.join("../shared/seeds")) else {
        eprintln!("left out: there is no ../shared/seeds beside this checkout");
        return;
    };
    let workshop = Workshop::with(&[]);
    copy_projects(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/projects"), "", &workshop);
    let mut table = String::from(
        "| tutorial | | claimed | before | after | download after | saved | last base | why |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    let mut texts = String::new();
    for single in SINGLES {
        let text = in_one_stage(&whole(&tutorials, single.place), single.runs);
        let context = project_of(single.place);
        let answer = run(&workshop, &format!("rewrite --offline --format json --context {context} -"), &text);
        let rewrite = &answer["rewrite"];
        assert!(rewrite.is_object(), "{} is declined: {}\n{text}", single.name, answer["declined"]);
        let (tutorial, place) = single.place;
        let place = format!("{tutorial}.{place}{}", if single.runs.is_empty() { "" } else { " *" });
        let (name, claimed, why) = (single.name, single.claimed, single.why);
        let figures = figures(rewrite);
        writeln!(table, "| {place} | {name} | {claimed} | {figures} | {why} |").expect("text takes text");
        if single.runs.is_empty() {
            write_out(&mut texts, &place, name, rewrite);
        }
    }
    let document = format!("{INTRODUCTION}\n{table}\n{LAB}\n{TEXTS}{texts}");
    let path = root.join("docs/assistant.md");
    expect_test::expect_file![path.canonicalize().unwrap_or(path)].assert_eq(&document);
}

const INTRODUCTION: &str = "\
# What the assistant makes of the tutorials

Five tutorials on multi-stage builds begin with a Dockerfile of one stage, or with what one would weigh. This is what
`layercast rewrite --offline --context PROJECT` makes of them, with the same small projects as in [tutorials.md](tutorials.md),
beside what the tutorials claim of their own second stages. Three show a whole file of one stage. Of the others (*) the
stage that the image is built in is taken, with the lines below it that would run the program there.

Sizes are estimated, decimal and unpacked; the range stands behind the likely figure. A test writes this page:
`UPDATE_EXPECT=1 cargo test -p layercast-cli assistant`.
";

const LAB: &str = "\
## Built for real

Files of one stage on the lab's bases, with the projects of `tests/accuracy` and a small one in TypeScript, estimated by those
bases' sizes (`--facts tests/accuracy/bases.facts.json`), then built by Docker 28.5, before and after (2026-11-26, by hand;
`building::rewritten` is a test of the same kind). All but the last were started too, and ran; of the Python one the packages
were imported. MB by `docker image inspect`.

| file | estimated before → after | real before → after | saved |
|---|---|---|---|
| debian:bookworm-slim, golang-go by apt, a server on Go's own library | 600.8 → 4.82 | 546.1 → 4.81 | 99 %: the program and certificates on an empty image |
| debian:bookworm-slim, cargo by apt, a program without crates | 751.9 → 85.6 | 752.7 → 85.6 | 88 %: what is left is Debian and the program |
| python:3.11-slim, gcc and python3-dev by apt, three distributions | 426.8 → 162.2 | 391.3 → 163.1 | 58 %: compilers, lists and pip's cache stay behind |
| node:18-slim, `npm ci` with ESLint, no build | 326 → 302 | 325.0 → 301.9 | declined: 7 % is too little for a second stage; the real figures agree |
| node:18-slim, `npm install` with TypeScript, ESLint, Jest, webpack, and a build | 449.0 → 301.5 | 446.7 → 302.7 | 32 %: development packages and npm's cache |

The estimate of gcc and python3-dev, and of what Go's first build leaves in its cache, is a tenth above the truth: both stay
behind.
";

const TEXTS: &str = "\
## The three, written anew

A line that is the assistant's own has its reason below it, behind `#`.
";

/// The lines up to the second FROM, the stage's name taken off, and what runs the program there.
fn in_one_stage(text: &str, runs: &str) -> String {
    if runs.is_empty() {
        return text.to_owned();
    }
    let mut single = String::new();
    for line in text.lines() {
        match line.strip_prefix("FROM ") {
            Some(_) if single.contains("FROM ") => break,
            Some(base) => {
                let base = base.split(' ').next().unwrap_or(base);
                single.push_str(&format!("FROM {base}\n"));
            }
            None if line.starts_with('#') => {}
            None => single.extend([line, "\n"]),
        }
    }
    single.trim_end().to_owned() + "\n" + runs
}

/// `before | after (range) | download after | saved | last base`.
fn figures(rewrite: &Value) -> String {
    let (before, after) = (&rewrite["before"]["unpacked"], &rewrite["after"]["unpacked"]);
    let n_unknown = rewrite["after"]["unknown"].as_array().map_or(0, Vec::len);
    let least = if n_unknown > 0 { "≥ " } else { "" };
    let (low, high) = (size(&after["low"]), size(&after["high"]));
    let range = match (low.split_once(' '), high.split_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number}–{high}"),
        _ => format!("{low}–{high}"),
    };
    let saved = rewrite["saved"].as_u64().map_or("–".to_owned(), |saved| format!("{saved} %"));
    let text = rewrite["text"].as_str().unwrap_or_default();
    let base = text.lines().filter_map(|line| line.strip_prefix("FROM ")).next_back().unwrap_or_default();
    format!(
        "{} | {least}{} ({range}) | {} | {saved} | {base}",
        size(&before["likely"]),
        size(&after["likely"]),
        size(&rewrite["after"]["download"]["likely"]),
    )
}

fn write_out(out: &mut String, place: &str, name: &str, rewrite: &Value) {
    write!(out, "\n### {place} {name}\n\n```dockerfile\n").expect("text takes text");
    let reasons = rewrite["reasons"].as_array().expect("reasons are listed");
    for (at, line) in rewrite["text"].as_str().unwrap_or_default().lines().enumerate() {
        writeln!(out, "{line}").expect("text takes text");
        for reason in reasons.iter().filter(|reason| reason["end_line"] == at + 1) {
            writeln!(out, "#   {}", reason["sentence"].as_str().unwrap_or_default())
                .expect("text takes text");
        }
    }
    out.push_str("```\n\nTo look at:\n\n");
    for need in rewrite["needs"].as_array().into_iter().flatten() {
        writeln!(out, "- {}", need.as_str().unwrap_or_default()).expect("text takes text");
    }
}
