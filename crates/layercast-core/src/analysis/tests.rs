//! Small Dockerfiles beside what the report says of them.

use super::analyse;
use crate::Facts;
use crate::facts::{BuildContext, ContextFile, ImageConfig, ImageFact, ImageLayer, Pin, Question};
use crate::image_ref::Platform;
use crate::report::{Origin, Setting};

fn image(reference: &str, download: u64, unpacked: u64) -> ImageFact {
    ImageFact {
        reference: reference.to_owned(),
        platform: Platform::linux_amd64(),
        digest: String::new(),
        as_of: "2026-11-20".to_owned(),
        source: "a test".to_owned(),
        config: ImageConfig {
            env: vec!["FROM_IMAGE=1".to_owned()],
            workdir: "/srv".to_owned(),
            ..ImageConfig::default()
        },
        layers: vec![ImageLayer { digest: String::new(), download, unpacked: Some(unpacked), tar: None }],
    }
}

fn two_stages() -> Facts {
    Facts {
        images: vec![
            image("docker.io/library/builder:latest", 300, 900),
            image("docker.io/library/runtime:latest", 20, 50),
        ],
        ..Facts::default()
    }
}

/// Name, value, origin and line of what is in force at a line.
#[track_caller]
fn check_scope(source: &str, facts: &Facts, line: usize, expected: &[&str]) {
    let in_force = analyse(source, facts).scope_at(line);
    let shown: Vec<String> = in_force
        .iter()
        .filter(|it| it.assignment.name != "PATH")
        .map(|it| {
            let name = match it.assignment.kind {
                Setting::Arg | Setting::Env => it.assignment.name.clone(),
                other => format!("{other:?}"),
            };
            let value = it.assignment.value.as_deref().unwrap_or("unset");
            let line = it.line.map(|line| format!(" line {line}")).unwrap_or_default();
            format!("{name}={value} {:?}{line}", it.assignment.origin)
        })
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn a_known_base_is_summed_to_the_byte_and_unknown_steps_stay_outside() {
    let source = "FROM builder AS build\nRUN make\nFROM runtime\nWORKDIR /app\nCOPY --from=build /a /a";
    let report = analyse(source, &two_stages());
    let target = report.target().unwrap();
    assert_eq!((target.size.unpacked.likely, target.size.unpacked.is_exact()), (50, true));
    assert_eq!(
        (target.size.download.low, target.size.download.high),
        (107, 270),
        "a folder's layer is not quite nothing"
    );
    let unknown: Vec<usize> = target.size.unknown.iter().map(|layer| report.layers[*layer].line).collect();
    assert_eq!(unknown, [5]);
    let asked: Vec<usize> = report
        .questions
        .iter()
        .filter_map(|question| match question {
            Question::Step { line, .. } => Some(*line),
            Question::Image { lines, .. } => Some(lines[0]),
            _ => None,
        })
        .collect();
    assert_eq!(asked, [2, 5]);
}

#[test]
fn a_pin_holds_while_the_step_stays_the_same() {
    let mut facts = two_stages();
    facts.pins.push(Pin {
        stage: "stage-0".into(),
        instruction: "RUN npm ci".into(),
        unpacked: Some(70),
        download: None,
    });
    let size = |source: &str| analyse(source, &facts).target().unwrap().size.clone();
    let pinned = size("FROM runtime\nRUN npm \\\n   ci");
    assert_eq!(
        (pinned.unpacked.likely, pinned.unknown.len()),
        (120, 1),
        "its download size is still unknown"
    );
    assert_eq!(size("FROM runtime\nRUN npm install").unpacked.likely, 50);
}

#[test]
fn a_stage_weighs_what_it_starts_from_too() {
    let report = analyse("FROM builder AS base\nFROM base AS dev\nFROM base\nUSER app", &two_stages());
    assert!(report.targets.iter().all(|target| target.size.unpacked.likely == 900));
    assert_eq!(report.target().unwrap().skipped.len(), 1);
}

#[test]
fn the_scope_names_value_and_origin() {
    let source = "ARG V=1\nFROM runtime\nARG V\nARG W=$V-x Z\nENV A=b V=2\nWORKDIR sub\nUSER app\nRUN x";
    check_scope(
        source,
        &two_stages(),
        8,
        &[
            "A=b Written line 5",
            "FROM_IMAGE=1 Image",
            "V=2 Written line 5",
            "W=1-x Written line 4",
            "Z=unset Nowhere line 4",
            "User=app Written line 7",
            "Workdir=/srv/sub Written line 6",
        ],
    );
    check_scope(source, &two_stages(), 4, &["FROM_IMAGE=1 Image", "V=1 Global line 3", "Workdir=/srv Image"]);
    check_scope(source, &two_stages(), 2, &["FROM_IMAGE=1 Image", "Workdir=/srv Image"]);
}

#[test]
fn build_arguments_win_and_stages_inherit() {
    let mut facts = Facts::default();
    facts.build.build_args.insert("V".into(), "9".into());
    let source = "FROM a AS base\nARG V=1\nFROM base\nRUN x";
    check_scope(source, &facts, 4, &["V=9 BuildArgument line 2"]);
    assert_eq!(analyse(source, &facts).instructions[1].sets[0].origin, Origin::BuildArgument);
}

/// Line, unpacked size and basis of each layer of the image.
#[track_caller]
fn check_layers(source: &str, facts: &Facts, expected: &[&str]) {
    let report = analyse(source, facts);
    let size = |layer: &crate::report::Layer| {
        layer.unpacked.as_ref().map_or("?".to_owned(), |it| it.likely.to_string())
    };
    let shown: Vec<String> = report
        .layers
        .iter()
        .map(|layer| format!("{}: {} {}", layer.line, size(layer), layer.basis))
        .collect();
    assert_eq!(shown, expected);
}

fn with_context(files: &[(&str, u64)]) -> Facts {
    let file = |(path, bytes): &(&str, u64)| ContextFile::new(*path, *bytes);
    let context = BuildContext { files: files.iter().map(file).collect(), partial: false };
    Facts { context: Some(context), ..Facts::default() }
}

#[test]
fn copies_of_the_context_are_known_to_the_byte() {
    let mut facts = with_context(&[("a.txt", 100), ("src/b.js", 20), ("src/c.js", 3), ("x.tar.gz", 9)]);
    facts.build.dockerignore = Some("src/c.js".into());
    let source = "FROM scratch\nARG D=src\nCOPY a.txt $D /\nADD x.tar.gz /\nADD --unpack=false x.tar.gz /\nCOPY nope /\nADD https://x/y /";
    check_layers(
        source,
        &facts,
        &[
            "3: 120 the lengths of 2 files",
            "4: 27 rule: archives unpacked",
            "5: 9 the length of 1 file",
            "6: ? unknown: the build context holds no nope. Pin it, or build once",
            "7: ? unknown: what https://x/y holds. Pin it, or build once",
        ],
    );
}

#[test]
fn of_a_context_known_in_part_the_rest_is_unknown() {
    let mut facts = with_context(&[("package.json", 100)]);
    facts.context.as_mut().unwrap().partial = true;
    let source = "FROM scratch\nCOPY package.json /\nCOPY . /\nCOPY src /";
    let report = analyse(source, &facts);
    let unknown: Vec<&[String]> = report.layers.iter().map(|layer| layer.unknown.as_slice()).collect();
    assert_eq!(
        unknown,
        [
            &[][..],
            &["what else of the build context is copied".to_owned()],
            &[
                "what src of the build context weighs".to_owned(),
                "what else of the build context is copied".to_owned()
            ],
        ]
    );
}

#[test]
fn files_written_in_the_dockerfile_need_no_context() {
    let source = "FROM scratch\nARG N=world\nCOPY <<A <<'B' /\nhello $N\nA\nhello $N\nB";
    check_layers(source, &Facts::default(), &["3: 21 the lengths of 2 files"]);
}
