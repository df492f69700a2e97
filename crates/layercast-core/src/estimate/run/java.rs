//! Maven and Gradle: what they fetch into the home folder, and the archive that they build.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::Estimator;

/// Archives of classes, compressed already.
const JAR: [f64; 3] = [0.70, 0.85, 0.95];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "mvn" | "mvnw" => maven,
        "gradle" | "gradlew" => gradle,
        "javac" => javac,
        "java" | "jshell" | "keytool" | "jdeps" => look,
        "jlink" => jlink,
        _ => return None,
    })
}

fn look(_call: &Call, _machine: &mut Machine<'_>) -> Outcome {
    Outcome::done()
}

/// Dependencies named by `<dependency>`, or by `implementation` and its like.
fn n_dependencies(file: &str, sign: &[&str], machine: &mut Machine<'_>) -> Option<u64> {
    let text = machine.text_of(file)?;
    Some(text.lines().filter(|line| sign.iter().any(|sign| line.trim_start().starts_with(sign))).count()
        as u64)
}

/// A plugin set of 40 MB, and each dependency with what it needs about 4 MB.
fn fetched(folder: String, rule: &str, n: Option<u64>, machine: &mut Machine<'_>) {
    let n = n.unwrap_or(10);
    let size = Span::sum([Span::around(45_000_000, 0.4, 2.0), Span::around(n * 4_000_000, 0.2, 4.0)]);
    machine.write(Part::by_rule(rule, "fetched archives", format!("{folder}/"), size, [0.85, 0.93, 1.0]));
}

fn artifact(folder: &str, n: Option<u64>, boot: bool, machine: &mut Machine<'_>) {
    let n = n.unwrap_or(10);
    let size = match boot {
        true => Span::sum([Span::around(18_000_000, 0.7, 1.5), Span::around(n * 1_500_000, 0.2, 4.0)]),
        false => Span::around(40_000, 0.1, 100.0),
    };
    machine.write(Part::by_rule("Java archives", "the built archive", format!("{folder}/"), size, JAR));
    let classes = Span::around(300_000, 0.1, 20.0);
    machine.write(Part::by_rule(
        "Java classes",
        "compiled classes",
        format!("{folder}/classes/"),
        classes,
        [0.3, 0.45, 0.6],
    ));
}

fn maven(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let pom = call.value(&["-f", "--file"]).unwrap_or("pom.xml").to_owned();
    let n = n_dependencies(&pom, &["<dependency>"], machine);
    let home = machine.home();
    let local = call
        .value(&["-Dmaven.repo.local"])
        .map_or(format!("{}/.m2/repository", home.trim_end_matches('/')), str::to_owned);
    let goals = call.operands(&["-f", "--file", "-pl", "-P", "-s", "--settings", "-T", "-D"]);
    if goals.iter().any(|goal| !matches!(*goal, "clean" | "--version" | "help")) {
        fetched(local, "Maven archives", n, machine);
    }
    if goals.iter().any(|goal| matches!(*goal, "package" | "install" | "verify" | "deploy")) {
        let boot = machine.text_of(&pom).is_none_or(|text| {
            text.contains("spring-boot") || text.contains("shade") || text.contains("quarkus")
        });
        let target = machine.absolute("target");
        artifact(&target, n, boot, machine);
    }
    Outcome::done()
}

fn gradle(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let signs = ["implementation", "api ", "api(", "compile ", "runtimeOnly", "annotationProcessor"];
    let n = n_dependencies("build.gradle", &signs, machine)
        .or_else(|| n_dependencies("build.gradle.kts", &signs, machine));
    let home = machine
        .variable("GRADLE_USER_HOME")
        .unwrap_or_else(|| format!("{}/.gradle", machine.home().trim_end_matches('/')));
    let tasks = call.operands(&["-p", "-P", "-D", "-b"]);
    if tasks.iter().any(|task| !matches!(*task, "clean" | "wrapper" | "--version")) {
        fetched(format!("{home}/caches"), "Gradle archives", n, machine);
    }
    if call.program == "gradlew" {
        let size = Span { low: 130_000_000, likely: 150_000_000, high: 460_000_000 };
        machine.write(Part::by_rule(
            "Gradle itself",
            "Gradle",
            format!("{home}/wrapper/"),
            size,
            [0.85, 0.92, 1.0],
        ));
    }
    let builds = |task: &&str| {
        ["build", "bootJar", "jar", "shadowJar", "assemble", "installDist", "war"]
            .iter()
            .any(|name| task.rsplit(':').next() == Some(name))
    };
    if tasks.iter().any(builds) {
        let text = machine.text_of("build.gradle").or_else(|| machine.text_of("build.gradle.kts"));
        let boot = text.is_none_or(|text| text.contains("springframework.boot") || text.contains("shadow"));
        let folder = machine.absolute("build/libs");
        artifact(&folder, n, boot, machine);
    }
    Outcome::done()
}

fn javac(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if call.arguments.iter().any(|word| word.ends_with(".java") || word.starts_with('@')) {
        let folder = machine.absolute(call.value(&["-d"]).unwrap_or("."));
        let size = Span { low: 400, likely: 3_000, high: 500_000 };
        machine.write(Part::by_rule(
            "Java classes",
            "compiled classes",
            format!("{folder}/"),
            size,
            [0.3, 0.5, 0.7],
        ));
    }
    Outcome::done()
}

/// A runtime of the modules that are needed: 40 to 70 MB.
fn jlink(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if let Some(folder) = call.value(&["--output"]) {
        let folder = machine.absolute(folder);
        let size = Span { low: 30_000_000, likely: 52_000_000, high: 110_000_000 };
        machine.write(Part::by_rule(
            "Java runtimes",
            "Java runtime",
            format!("{folder}/"),
            size,
            [0.35, 0.5, 0.9],
        ));
    }
    Outcome::done()
}
