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

/// What a project names, and what goes into its archive.
#[derive(Debug, Default, PartialEq)]
struct Named {
    /// All dependencies: they are fetched.
    n_all: u64,
    /// Those that the archive takes in.
    packed: Vec<String>,
}

/// Dependencies of a pom.xml. What tests need, or the server brings, is fetched and not packed.
fn named_by_pom(text: &str) -> Named {
    let mut named = Named::default();
    for block in text.split("<dependency>").skip(1) {
        let block = block.split("</dependency>").next().unwrap_or_default();
        named.n_all += 1;
        if !matches!(tag(block, "scope"), Some("test" | "provided")) {
            named.packed.push(tag(block, "artifactId").unwrap_or_default().to_owned());
        }
    }
    named
}

/// Dependencies of a build.gradle.
fn named_by_gradle(text: &str) -> Named {
    const PACKED: [&str; 5] = ["implementation", "api ", "api(", "compile ", "runtimeOnly"];
    let starts = |line: &str, signs: &[&str]| signs.iter().any(|sign| line.starts_with(sign));
    let mut named = Named::default();
    for line in text.lines().map(str::trim_start) {
        let is_packed = starts(line, &PACKED);
        named.n_all += u64::from(is_packed || starts(line, &["annotationProcessor", "testImplementation"]));
        if is_packed {
            named.packed.push(line.to_owned());
        }
    }
    named
}

/// The text of the first element of this name.
fn tag<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(own, _)| own.trim())
}

/// What well-known starters and drivers bring into an archive with all that they need, beside what each Spring Boot
/// program has (its core, logging, configuration: 9 MB), in bytes, as of Spring Boot 3. The first that a name contains.
const BRINGS: [(&str, u64); 15] = [
    ("starter-webflux", 12_000_000),
    ("starter-websocket", 11_000_000),
    ("starter-web", 10_500_000),
    ("starter-data-jpa", 24_000_000),
    ("starter-data-mongodb", 6_000_000),
    ("starter-data-redis", 9_000_000),
    ("starter-data-jdbc", 4_000_000),
    ("starter-actuator", 2_700_000),
    ("starter-security", 3_200_000),
    ("starter-validation", 1_900_000),
    ("starter-thymeleaf", 1_900_000),
    ("starter-test", 0),
    ("devtools", 0),
    ("mysql-connector", 2_500_000),
    ("postgresql", 1_100_000),
];

/// An archive with all that a program needs inside.
fn packed_size(packed: Option<&[String]>) -> Span {
    let core = Span::around(9_000_000, 0.8, 1.3);
    let Some(packed) = packed else {
        return Span::sum([core, Span { low: 5_000_000, likely: 24_000_000, high: 70_000_000 }]);
    };
    let brings = |name: &String| match BRINGS.iter().find(|(part, _)| name.contains(part)) {
        Some((_, bytes)) => Span::around(*bytes, 0.7, 1.4),
        None => Span::around(1_500_000, 0.05, 4.0),
    };
    Span::sum(std::iter::once(core).chain(packed.iter().map(brings)))
}

/// A plugin set of 45 MB; what the archive takes in; for each dependency that is not packed about 4 MB with what it
/// needs. A later call fetches what the first one did not.
fn fetched(folder: String, rule: &str, named: Option<&Named>, boot: bool, machine: &mut Machine<'_>) {
    let plugins = Span::around(45_000_000, 0.4, 2.0);
    let others = |n: u64| Span::around(n * 4_000_000, 0.2, 4.0);
    let is_there = machine.state.tree.holds(&folder);
    let name = if is_there { "archives fetched later" } else { "fetched archives" };
    let size = match named {
        _ if is_there => Span { low: 0, likely: 5_000_000, high: 40_000_000 },
        Some(named) if boot => {
            let n_others = named.n_all.saturating_sub(named.packed.len() as u64);
            Span::sum([plugins, packed_size(Some(&named.packed)), others(n_others)])
        }
        named => Span::sum([plugins, others(named.map_or(10, |named| named.n_all))]),
    };
    machine.write(Part::by_rule(rule, name, format!("{folder}/"), size, [0.85, 0.93, 1.0]));
}

fn artifact(folder: &str, name: &str, packed: Option<&[String]>, boot: bool, machine: &mut Machine<'_>) {
    let size = if boot { packed_size(packed) } else { Span::around(40_000, 0.1, 100.0) };
    machine.write(Part::by_rule("Java archives", name, format!("{folder}/{name}"), size, JAR));
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
    let text = machine.text_of(&pom);
    let named = text.as_deref().map(named_by_pom);
    let home = machine.home();
    let local = call
        .value(&["-Dmaven.repo.local"])
        .map_or(format!("{}/.m2/repository", home.trim_end_matches('/')), str::to_owned);
    let boot = text.as_deref().is_none_or(|text| {
        text.contains("spring-boot") || text.contains("shade") || text.contains("quarkus")
    });
    let goals = call.operands(&["-f", "--file", "-pl", "-P", "-s", "--settings", "-T", "-D"]);
    if goals.iter().any(|goal| !matches!(*goal, "clean" | "--version" | "help")) {
        fetched(local, "Maven archives", named.as_ref(), boot, machine);
    }
    if goals.iter().any(|goal| matches!(*goal, "package" | "install" | "verify" | "deploy")) {
        let target = machine.absolute("target");
        let name = text.as_deref().and_then(name_of_pom).unwrap_or_else(|| "app.jar".to_owned());
        let packed = named.as_ref().map(|named| named.packed.as_slice());
        artifact(&target, &name, packed, boot, machine);
    }
    Outcome::done()
}

/// `artifactId-version.jar`, or what `finalName` says, of the project itself.
fn name_of_pom(text: &str) -> Option<String> {
    let own = match text.split_once("<parent>") {
        Some((before, rest)) => {
            format!("{before}{}", rest.split_once("</parent>").map_or("", |(_, after)| after))
        }
        None => text.to_owned(),
    };
    let head = own.split("<dependencies>").next().unwrap_or_default();
    let head = head.split("<build>").next().unwrap_or_default();
    let ending = tag(head, "packaging").unwrap_or("jar");
    if let Some(name) = tag(&own, "finalName").filter(|name| !name.contains('$')) {
        return Some(format!("{name}.{ending}"));
    }
    let version = tag(head, "version").or_else(|| tag(text, "version")).unwrap_or("1.0");
    Some(format!("{}-{version}.{ending}", tag(head, "artifactId")?))
}

fn gradle(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let text = machine.text_of("build.gradle").or_else(|| machine.text_of("build.gradle.kts"));
    let named = text.as_deref().map(named_by_gradle);
    let boot = text.is_none_or(|text| text.contains("springframework.boot") || text.contains("shadow"));
    let home = machine
        .variable("GRADLE_USER_HOME")
        .unwrap_or_else(|| format!("{}/.gradle", machine.home().trim_end_matches('/')));
    let tasks = call.operands(&["-p", "-P", "-D", "-b"]);
    if tasks.iter().any(|task| !matches!(*task, "clean" | "wrapper" | "--version")) {
        fetched(format!("{home}/caches"), "Gradle archives", named.as_ref(), boot, machine);
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
        let folder = machine.absolute("build/libs");
        let name = format!("{}.jar", super::files::base_name(&machine.folder));
        let packed = named.as_ref().map(|named| named.packed.as_slice());
        artifact(&folder, &name, packed, boot, machine);
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

#[cfg(test)]
mod tests {
    use super::*;

    const POM: &str = concat!(
        "<project><parent><artifactId>parent</artifactId><version>3.2.5</version></parent>",
        "<artifactId>shop</artifactId><version>1.0.0</version><dependencies>",
        "<dependency><artifactId>spring-boot-starter-web</artifactId></dependency>",
        "<dependency><artifactId>junit</artifactId><scope>test</scope></dependency>",
        "</dependencies></project>",
    );

    #[test]
    fn tests_are_fetched_and_not_packed() {
        let packed = vec!["spring-boot-starter-web".to_owned()];
        assert_eq!(named_by_pom(POM), Named { n_all: 2, packed });
        let gradle = "dependencies {\n  implementation 'a:b:1'\n  testImplementation 'c:d:1'\n}\n";
        assert_eq!(named_by_gradle(gradle).packed, ["implementation 'a:b:1'"]);
        assert_eq!(named_by_gradle(gradle).n_all, 2);
    }

    #[test]
    fn the_archive_has_the_projects_name() {
        assert_eq!(name_of_pom(POM).as_deref(), Some("shop-1.0.0.jar"));
        let named = "<artifactId>a</artifactId><build><finalName>app</finalName></build>";
        assert_eq!(name_of_pom(named).as_deref(), Some("app.jar"));
        let war = "<artifactId>a</artifactId><version>2</version><packaging>war</packaging>";
        assert_eq!(name_of_pom(war).as_deref(), Some("a-2.war"));
        assert_eq!(name_of_pom("no project"), None);
    }

    #[test]
    fn what_starters_bring_adds_up() {
        let size = |names: &[&str]| {
            packed_size(Some(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())).likely
        };
        assert_eq!(size(&["spring-boot-starter-web"]), 19_500_000);
        assert_eq!(
            size(&["spring-boot-starter-web", "spring-boot-starter-data-jpa", "postgresql"]),
            44_600_000
        );
        assert_eq!(size(&["spring-boot-starter-webflux"]), 21_000_000);
        assert_eq!(size(&[]), 9_000_000);
    }
}
