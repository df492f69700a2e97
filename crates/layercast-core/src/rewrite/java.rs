//! Java: an archive that a runtime without compiler and build tool runs.

use super::Declined;
use super::call::{Call, base_name};
use super::draft::{Base, Draft};
use super::place::{self, Sources, Tools};
use super::single_stage::SingleStage;
use crate::graph::scope::join_path;

pub(super) fn draft<'s>(stage: &'s SingleStage<'s>) -> Result<Draft<'s>, Declined> {
    let carried = carried(stage)?;
    let base = runtime(stage)?;
    let is_carried = |path: &str| carried.iter().any(|own| own.holds(path));
    let tools = Tools {
        is_build: &is_build,
        is_source: &|source, _| is_source(source),
        is_carried: &is_carried,
        sources: Sources::StayBehind,
    };
    let distribution = super::base::distribution(stage);
    let places = place::places(stage, distribution.as_ref(), &tools)?;
    let is_ubuntu = !base.image.contains("alpine");
    if let Some(line) = places.first_run.filter(|_| !is_ubuntu && !stage.tag().contains("alpine")) {
        return Err(Declined::at(
            line,
            "this RUN is written for Debian, and the small runtime has another system",
        ));
    }
    let mut draft = Draft::new(stage, base);
    for (at, step) in stage.steps.iter().enumerate() {
        draft.put(step, &places.places[at]);
        if at == places.last_build {
            for own in &carried {
                let (from, to) = own.copy();
                draft.carry(
                    step,
                    &from,
                    &to,
                    "the archive alone ships, under its old path, so that the command stays as it is",
                );
            }
        }
    }
    draft.need("Does the program need anything of the JDK when it runs, such as the compiler for templates, jstack or jcmd? A JRE has none of them");
    if is_ubuntu {
        draft.need("The -jre-alpine variant is a third smaller; take it if no library brings native code for glibc alone");
    }
    place::say_needs(stage, &places, &mut draft);
    Ok(draft)
}

/// What is carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Carried {
    /// A file.
    File(String),
    /// Files of a folder by a pattern: `target/*.jar`.
    Pattern(String),
    /// A folder, whole.
    Folder(String),
}

impl Carried {
    fn holds(&self, path: &str) -> bool {
        match self {
            Self::File(own) | Self::Pattern(own) => own == path,
            Self::Folder(folder) => place::lies_in(path, folder),
        }
    }

    /// Source and destination for COPY.
    fn copy(&self) -> (String, String) {
        match self {
            Self::File(path) | Self::Folder(path) => (path.clone(), path.clone()),
            Self::Pattern(path) => {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                (path.clone(), format!("{folder}/"))
            }
        }
    }
}

fn carried(stage: &SingleStage<'_>) -> Result<Vec<Carried>, Declined> {
    let command = &stage.command;
    let absolute = |path: &str| join_path(&command.folder, path);
    let decline = |reason: String| Err(Declined::at(command.line, reason));
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let installed = command
        .program_path()
        .filter(|path| path.contains("/build/install/") || path.contains("/target/appassembler/"));
    if let Some(path) = installed {
        let folder = path.rsplit_once("/bin/").map_or(path.as_str(), |(folder, _)| folder);
        return Ok(vec![Carried::Folder(folder.to_owned())]);
    }
    if base_name(command.program()) != "java" {
        return decline(format!(
            "`{}` runs when the image does, and whether it needs the JDK is not plain",
            command.program()
        ));
    }
    let Some(at) = words.iter().position(|word| *word == "-jar") else {
        return decline("the program runs from classes, not from one archive: which files its class path needs is not plain".to_owned());
    };
    let Some(archive) = words.get(at + 1).filter(|archive| !archive.starts_with('$')) else {
        return decline("which archive runs is not plain".to_owned());
    };
    let archive = absolute(archive);
    let mut carried = vec![match archive.contains(['*', '?']) {
        true => Carried::Pattern(archive.clone()),
        false => Carried::File(archive.clone()),
    }];
    let agents = words.iter().filter_map(|word| word.strip_prefix("-javaagent:"));
    let agents = agents.map(|agent| absolute(agent.split('=').next().unwrap_or(agent)));
    carried.extend(
        agents.filter(|agent| agent.contains("/target/") || agent.contains("/build/")).map(Carried::File),
    );
    let is_written = |call: &Call| {
        let places = call.operands();
        matches!(call.program.as_str(), "mv" | "cp" | "ln")
            && places.last().is_some_and(|to| {
                let to = call.absolute(to);
                to == archive || archive.strip_prefix(&to).is_some_and(|rest| rest.starts_with('/'))
            })
    };
    let folders = ["/target/", "/build/libs/", "/build/"];
    let is_of_build = folders.iter().any(|folder| archive.contains(folder));
    let moved = stage.steps.iter().flat_map(|step| &step.calls).any(is_written);
    if !is_of_build && !moved {
        return decline(format!("no line before writes `{archive}`, which the image runs"));
    }
    Ok(carried)
}

/// The runtime of the same version.
fn runtime(stage: &SingleStage<'_>) -> Result<Base, Declined> {
    let tag = stage.tag();
    let name = stage.base_name();
    if stage.from.base.text.contains('$') {
        return Err(Declined::at(
            stage.line(),
            "the base's version is a build argument, and which runtime goes with each value is not plain",
        ));
    }
    let number = |text: &str| {
        text.split(['.', '-', 'u', '+', '_']).next().and_then(|number| number.parse::<u32>().ok())
    };
    let version = match name {
        "maven" | "gradle" => tag.split('-').enumerate().find_map(|(at, part)| match part {
            _ if at == 0 => None,
            _ if part.starts_with("jdk") => number(&part[3..]),
            _ => number(part),
        }),
        "openjdk"
        | "eclipse-temurin"
        | "amazoncorretto"
        | "ibm-semeru-runtimes"
        | "zulu-openjdk"
        | "sapmachine" => number(tag),
        _ => None,
    };
    if tag.contains("jre") {
        return Err(Declined::at(stage.line(), "the base is a runtime without compiler already"));
    }
    let version = version.filter(|version| *version >= 8).ok_or_else(|| {
        Declined::at(stage.line(), "the base does not say which version of Java it has")
            .advice("Take a tag that does, such as maven:3.9-eclipse-temurin-21")
    })?;
    let on_alpine = tag.contains("alpine");
    let image = format!("eclipse-temurin:{version}-jre{}", if on_alpine { "-alpine" } else { "" });
    Ok(Base { image, reason: format!("a Java {version} runtime: no compiler, no build tool") })
}

fn is_build(call: &Call) -> bool {
    matches!(
        call.program.as_str(),
        "mvn" | "mvnw" | "gradle" | "gradlew" | "javac" | "jar" | "ant" | "git" | "dos2unix"
    ) || (matches!(call.program.as_str(), "chmod" | "sed" | "dos2unix")
        && call.operands().iter().any(|path| matches!(base_name(path), "mvnw" | "gradlew")))
}

/// Only a build reads these.
fn is_source(source: &str) -> bool {
    let name = place::source_name(source);
    let starts = ["pom", "build.gradle", "settings.gradle", "gradle", "mvnw", ".mvn"];
    starts.iter().any(|start| name.starts_with(start))
        || matches!(name, "src" | "buildSrc" | "lombok.config" | "checkstyle.xml")
}

#[cfg(test)]
mod tests {
    use crate::rewrite::tests::{check, check_declined};
    use expect_test::expect;

    #[test]
    fn the_archive_ships_with_a_runtime() {
        check(
            r#"FROM maven:3.9-eclipse-temurin-21
WORKDIR /app
COPY pom.xml .
RUN mvn dependency:go-offline
COPY src ./src
RUN mvn package -DskipTests && mv target/*.jar app.jar
ENV JAVA_OPTS="-Xmx256m"
EXPOSE 8080
ENTRYPOINT java $JAVA_OPTS -jar app.jar
"#,
            expect![[r#"
                FROM maven:3.9-eclipse-temurin-21 AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                WORKDIR /app
                COPY pom.xml .
                RUN mvn dependency:go-offline
                COPY src ./src
                RUN mvn package -DskipTests && mv target/*.jar app.jar

                FROM eclipse-temurin:21-jre
                    ^ 8: a Java 21 runtime: no compiler, no build tool
                WORKDIR /app
                COPY --from=build /app/app.jar /app/app.jar
                    ^ 10: the archive alone ships, under its old path, so that the command stays as it is
                ENV JAVA_OPTS="-Xmx256m"
                EXPOSE 8080
                ENTRYPOINT java $JAVA_OPTS -jar app.jar
                ? Does the program need anything of the JDK when it runs, such as the compiler for templates, jstack or jcmd? A JRE has none of them
                ? The -jre-alpine variant is a third smaller; take it if no library brings native code for glibc alone
                = 638 to 290 MB: 54 %
            "#]],
        );
        check(
            r#"FROM gradle:8-jdk17
WORKDIR /home/gradle
COPY . .
RUN gradle bootJar --no-daemon
CMD ["java", "-jar", "build/libs/app.jar"]
"#,
            expect![[r#"
                FROM gradle:8-jdk17 AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                WORKDIR /home/gradle
                COPY . .
                RUN gradle bootJar --no-daemon

                FROM eclipse-temurin:17-jre
                    ^ 6: a Java 17 runtime: no compiler, no build tool
                WORKDIR /home/gradle
                COPY --from=build /home/gradle/build/libs/app.jar /home/gradle/build/libs/app.jar
                    ^ 8: the archive alone ships, under its old path, so that the command stays as it is
                CMD ["java", "-jar", "build/libs/app.jar"]
                ? Does the program need anything of the JDK when it runs, such as the compiler for templates, jstack or jcmd? A JRE has none of them
                ? The -jre-alpine variant is a third smaller; take it if no library brings native code for glibc alone
                = 967 to 294 MB: 69 %
            "#]],
        );
    }

    #[test]
    fn what_maven_runs_keeps_maven() {
        check_declined(
            "FROM maven:3.9-eclipse-temurin-21\nCOPY . .\nRUN mvn package\nCMD mvn spring-boot:run",
            expect!["4: `mvn spring-boot:run` builds when the image runs, so the tools have to ship with it"],
        );
        check_declined(
            "FROM maven\nCOPY . .\nRUN mvn package\nCMD java -jar target/a.jar",
            expect![
                "1: the base does not say which version of Java it has (Take a tag that does, such as maven:3.9-eclipse-temurin-21)"
            ],
        );
        check_declined(
            "FROM eclipse-temurin:21\nCOPY . .\nRUN ./mvnw package\nCMD java -cp target/classes a.Main",
            expect![
                "4: the program runs from classes, not from one archive: which files its class path needs is not plain"
            ],
        );
    }
}
