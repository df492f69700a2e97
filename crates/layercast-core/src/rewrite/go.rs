//! Go: one program, linked whole. Where no C is in it, it needs no system around it.

use super::Declined;
use super::base;
use super::call::{Call, base_name};
use super::draft::{Base, Draft};
use super::packages::{self, Need};
use super::place::{self, Place, Places, Sources, Tools};
use super::program::{self, Program};
use super::single_stage::{SingleStage, Step};
use crate::dockerfile::Instruction;
use crate::estimate::system::Distribution;

pub(super) fn draft<'s>(stage: &'s SingleStage<'s>) -> Result<Draft<'s>, Declined> {
    let distribution = base::distribution(stage);
    let program = program::find(stage, built_by)?;
    let outputs = program.all.clone();
    let is_output = |path: &str| outputs.iter().any(|output| output == path);
    let tools = Tools {
        is_build: &is_build,
        is_source: &|source, _| is_source(source),
        is_carried: &is_output,
        sources: Sources::StayBehind,
    };
    let mut places = place::places(stage, distribution.as_ref(), &tools)?;
    let c = uses_c(stage);
    if c != UsesC::Yes {
        let leaner = without_carried_packages(stage, &places);
        if why_a_system(stage, &leaner).is_none() {
            places = leaner;
        }
    }
    let base = choose_base(stage, &places, distribution.as_ref(), c)?;
    let is_empty = base.image == "scratch";
    let mut draft = Draft::new(stage, base);
    let first_build = stage.steps.iter().position(|step| step.calls.iter().any(builds_program));
    for (at, step) in stage.steps.iter().enumerate() {
        if Some(at) == first_build && c == UsesC::NotSaid {
            let env = draft.keyword("ENV");
            draft.add_to_build(
                format!("{env} CGO_ENABLED=0"),
                "without C in it the program is linked whole and needs no library beside it",
            );
            draft.need("Does the program use C, as go-sqlite3 does? Then leave CGO_ENABLED alone and ship in a Debian image");
        }
        if is_empty && matches!(step.instruction, Instruction::Shell(_)) {
            draft.keep(step);
        } else {
            draft.put(step, &places.places[at]);
        }
        if at == places.last_build {
            carry(stage, step, &program, is_empty, &mut draft);
        }
    }
    say_needs(stage, &places, is_empty, &mut draft);
    Ok(draft)
}

fn carry(stage: &SingleStage<'_>, step: &Step<'_>, program: &Program, is_empty: bool, draft: &mut Draft<'_>) {
    let has_certificates = stage.base_name() == "golang" || installs(stage, "ca-certificates");
    if is_empty && has_certificates {
        let path = "/etc/ssl/certs/ca-certificates.crt";
        draft.carry(
            step,
            path,
            path,
            "an empty image has no certificate authorities, and calls over HTTPS need them",
        );
    }
    if is_empty && installs(stage, "tzdata") {
        let path = "/usr/share/zoneinfo";
        draft.carry(step, path, path, "an empty image has no time zones, and tzdata was asked for");
    }
    for path in &program.all {
        let reason = if *path == program.path {
            "the program alone ships, under its old path, so that what starts it stays as it is"
        } else {
            "built here too, so it ships too"
        };
        draft.carry(step, path, path, reason);
    }
    place::carry_folders(stage, step, draft);
}

/// Whether the program has C in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UsesC {
    /// CGO_ENABLED=0.
    No,
    /// Nothing speaks of C.
    NotSaid,
    /// CGO_ENABLED=1, a C compiler is installed, or a module that is made of C.
    Yes,
}

fn uses_c(stage: &SingleStage<'_>) -> UsesC {
    let builds = || stage.steps.iter().flat_map(|step| step.calls.iter().map(move |call| (step, call)));
    let mut builds = builds().filter(|(_, call)| builds_program(call)).peekable();
    let values: Vec<Option<String>> =
        builds.by_ref().map(|(_, call)| call.variables.get("CGO_ENABLED").cloned()).collect();
    if values.iter().all(|value| value.as_deref() == Some("0")) {
        return UsesC::No;
    }
    let of_c =
        ["mattn/go-sqlite3", "confluent-kafka-go", "gographics/imagick", "davidbyttow/govips", "h2non/bimg"];
    let module =
        stage.context_text("go.mod").is_some_and(|text| of_c.iter().any(|module| text.contains(module)));
    let compilers = ["gcc", "g++", "build-essential", "build-base", "musl-dev", "libc6-dev", "clang"];
    let has_compiler = compilers.iter().any(|package| installs(stage, package));
    let has_headers = stage.steps.iter().flat_map(|step| &step.calls).any(|call| {
        packages::installation(call).is_some_and(|it| it.packages.iter().any(|name| name.ends_with("-dev")))
    });
    let is_asked_for = values.iter().any(|value| value.as_deref().is_some_and(|value| value != "0"));
    if is_asked_for || module || has_compiler || has_headers { UsesC::Yes } else { UsesC::NotSaid }
}

/// Certificates and time zones are files that can be carried over: their packages need no system in the last stage.
fn without_carried_packages(stage: &SingleStage<'_>, places: &Places) -> Places {
    let mut places = places.clone();
    let is_file = |package: &String| matches!(packages::bare_name(package), "ca-certificates" | "tzdata");
    let leaves_files = |call: &Call| match packages::installation(call) {
        Some(installation) => installation
            .packages
            .iter()
            .all(|package| is_file(package) || packages::need_of(package, None) == Need::Nothing),
        None => matches!(call.program.as_str(), "apt-get" | "apk" | "rm" | "set" | "update-ca-certificates"),
    };
    for (step, place) in stage.steps.iter().zip(&mut places.places) {
        let is_run = matches!(step.instruction, Instruction::Run(_)) && *place != Place::Build;
        if is_run && step.calls.iter().all(leaves_files) {
            *place = Place::Build;
        }
    }
    let runs = |(step, place): &(&Step<'_>, &Place)| match place {
        Place::Build => false,
        Place::Packages(_) => true,
        Place::Last | Place::Both => matches!(step.instruction, Instruction::Run(_)),
    };
    let mut steps = stage.steps.iter().zip(&places.places);
    places.first_run = steps.find(runs).map(|(step, _)| step.line);
    places
}

fn installs(stage: &SingleStage<'_>, package: &str) -> bool {
    let calls = stage.steps.iter().flat_map(|step| &step.calls);
    calls
        .filter_map(packages::installation)
        .any(|it| it.packages.iter().any(|own| packages::bare_name(own) == package))
}

fn choose_base(
    stage: &SingleStage<'_>,
    places: &Places,
    distribution: Option<&Distribution>,
    c: UsesC,
) -> Result<Base, Declined> {
    let small = distribution.and_then(base::small);
    let why_system = why_a_system(stage, places);
    match (c, why_system, small) {
        (UsesC::Yes, _, Some(image)) => Ok(Base {
            reason: "the program has C in it and needs the C library of the system that it was built on"
                .to_owned(),
            image,
        }),
        (_, Some(why), Some(image)) => {
            Ok(Base { image, reason: format!("a small image with a system in it: {why}") })
        }
        (UsesC::Yes, ..) | (_, Some(_), None) => Err(Declined::at(
            stage.line(),
            "the program needs a system around it, and which small image goes with this base is not known here",
        )),
        (_, None, _) => Ok(Base {
            image: "scratch".to_owned(),
            reason: "an empty image: a Go program without C needs no system around it".to_owned(),
        }),
    }
}

/// Why the image needs a shell, packages or accounts, where it does.
fn why_a_system(stage: &SingleStage<'_>, places: &Places) -> Option<String> {
    let command = &stage.command;
    let user = stage.scope.user.split(':').next().unwrap_or_default();
    let is_named = !user.is_empty() && !user.bytes().all(|byte| byte.is_ascii_digit()) && user != "root";
    if places.first_run.is_some() {
        return Some("the last stage runs commands of its own".to_owned());
    }
    if command.needs_shell {
        return Some("a shell starts the program".to_owned());
    }
    if let Some(wrapper) = &command.wrapper {
        return Some(format!("`{}` starts the program", base_name(wrapper)));
    }
    if command
        .healthcheck
        .as_ref()
        .is_some_and(|check| !check.starts_with('/') || check.contains(['|', '&', ';']))
    {
        return Some("HEALTHCHECK calls a program of it".to_owned());
    }
    is_named.then(|| format!("USER names the account {user}"))
}

fn say_needs(stage: &SingleStage<'_>, places: &Places, is_empty: bool, draft: &mut Draft<'_>) {
    if stage.command.needs_shell && places.first_run.is_none() && !is_empty {
        draft.need("With the command as a JSON array no shell would start the program, and the image could be an empty one");
    }
    if stage.facts.context.is_none() {
        draft.need("Does the program read files of its own when it runs, such as templates or migrations? Copy them from the first stage too");
    }
    if is_empty {
        let zones = if installs(stage, "tzdata") { "and no /tmp" } else { "no /tmp and no time zones" };
        let comma = if installs(stage, "tzdata") { " " } else { ", " };
        draft.need(format!(
            "An empty image has no shell{comma}{zones}: look whether the program wants one of them"
        ));
    }
    place::say_needs(stage, places, draft);
}

/// What a call of Go writes: none where it builds no program, an empty path where the name is not known.
fn built_by(call: &Call) -> Option<Vec<String>> {
    if !builds_program(call) {
        return None;
    }
    if call.verb() == "install" {
        let path = call.variables.get("GOPATH").map_or("/go", String::as_str);
        let bin = call.variables.get("GOBIN").cloned().unwrap_or_else(|| format!("{path}/bin"));
        let packages = call.operands();
        let names = packages
            .iter()
            .skip(1)
            .filter(|path| !path.contains("...") && **path != "." && !path.contains('@'));
        return Some(
            names
                .map(|path| format!("{bin}/{}", base_name(path).trim_end_matches(".go")))
                .chain([format!("{bin}/")])
                .collect(),
        );
    }
    match call.value(&["-o"]) {
        Some(path) if path.ends_with('/') || path == "." => Some(vec![format!("{}/", call.absolute(path))]),
        Some(path) => Some(vec![call.absolute(path)]),
        None => Some(vec![format!("{}/", call.folder.trim_end_matches('/'))]),
    }
}

fn builds_program(call: &Call) -> bool {
    call.program == "go" && matches!(call.verb(), "build" | "install")
}

fn is_build(call: &Call) -> bool {
    matches!(
        call.program.as_str(),
        "go" | "gofmt"
            | "golint"
            | "golangci-lint"
            | "staticcheck"
            | "swag"
            | "wire"
            | "sqlc"
            | "templ"
            | "mockgen"
            | "protoc"
            | "dep"
            | "glide"
            | "git"
            | "upx"
            | "strip"
    )
}

/// Only a build reads these; a folder of Go's sources by custom.
fn is_source(source: &str) -> bool {
    let name = place::source_name(source);
    let is_folder =
        matches!(name, "cmd" | "pkg" | "internal" | "src" | "vendor" | "api" | "app" | "lib" | "third_party");
    name.ends_with(".go") || name.starts_with("go.") || matches!(name, "Makefile" | "go.*") || is_folder
}

#[cfg(test)]
mod tests {
    use crate::rewrite::tests::{check, check_declined, check_with, context};
    use expect_test::expect;

    #[test]
    fn a_program_without_c_ships_alone() {
        check(
            r#"FROM golang:1.22
WORKDIR /app
COPY go.mod go.sum ./
RUN go mod download
COPY . .

# The server.
RUN go build -o server .
EXPOSE 8080
CMD ["./server"]
"#,
            expect![[r#"
                FROM golang:1.22 AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                WORKDIR /app
                COPY go.mod go.sum ./
                RUN go mod download
                COPY . .
                ENV CGO_ENABLED=0
                    ^ 6: without C in it the program is linked whole and needs no library beside it

                # The server.
                RUN go build -o server .

                FROM scratch
                    ^ 11: an empty image: a Go program without C needs no system around it
                WORKDIR /app
                COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
                    ^ 13: an empty image has no certificate authorities, and calls over HTTPS need them
                COPY --from=build /app/server /app/server
                    ^ 14: the program alone ships, under its old path, so that what starts it stays as it is
                EXPOSE 8080
                CMD ["./server"]
                ? Does the program use C, as go-sqlite3 does? Then leave CGO_ENABLED alone and ship in a Debian image
                ? Does the program read files of its own when it runs, such as templates or migrations? Copy them from the first stage too
                ? An empty image has no shell, no /tmp and no time zones: look whether the program wants one of them
                = 932 to 13 MB: 98 %
            "#]],
        );
    }

    #[test]
    fn what_the_image_needs_when_it_runs_comes_along() {
        check_with(
            r#"FROM golang:1.22-alpine3.19
ARG VERSION=1
ENV PORT=80
RUN apk add --no-cache git tzdata
RUN adduser -D app
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -ldflags "-X main.version=$VERSION" -o /usr/local/bin/app ./cmd/app
COPY config.yaml /etc/app/
LABEL version=$VERSION
USER app
HEALTHCHECK CMD wget -q localhost || exit 1
ENTRYPOINT app --port $PORT"#,
            &context(&[
                (
                    "go.mod",
                    r#"module a
"#,
                ),
                ("templates/a.html", ""),
            ]),
            expect![[r#"
                FROM golang:1.22-alpine3.19 AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                ARG VERSION=1
                ENV PORT=80
                RUN apk add --no-cache git tzdata
                RUN adduser -D app
                WORKDIR /src
                COPY . .
                RUN CGO_ENABLED=0 go build -ldflags "-X main.version=$VERSION" -o /usr/local/bin/app ./cmd/app

                FROM alpine:3.19
                    ^ 10: a small image with a system in it: the last stage runs commands of its own
                ARG VERSION=1
                ENV PORT=80
                RUN apk add --no-cache tzdata
                    ^ 13: of these packages the program may need something when it runs; the tools of the build stay behind
                RUN adduser -D app
                WORKDIR /src
                COPY --from=build /usr/local/bin/app /usr/local/bin/app
                    ^ 16: the program alone ships, under its old path, so that what starts it stays as it is
                COPY --from=build /src/templates /src/templates
                    ^ 17: by its name the program reads this folder when it runs
                COPY config.yaml /etc/app/
                LABEL version=$VERSION
                USER app
                HEALTHCHECK CMD wget -q localhost || exit 1
                ENTRYPOINT app --port $PORT
                ? Installed for the build, and left there: git. Does the program call any of it?
                = 300 to 13 MB: 95 %
            "#]],
        );
    }

    #[test]
    fn certificates_and_time_zones_are_carried_without_a_system() {
        check(
            r#"FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y golang-go ca-certificates tzdata && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /server
ENTRYPOINT ["/server"]
"#,
            expect![[r#"
                FROM debian:bookworm-slim AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                RUN apt-get update && apt-get install -y golang-go ca-certificates tzdata && rm -rf /var/lib/apt/lists/*
                WORKDIR /src
                COPY . .
                RUN CGO_ENABLED=0 go build -o /server

                FROM scratch
                    ^ 7: an empty image: a Go program without C needs no system around it
                WORKDIR /src
                COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
                    ^ 9: an empty image has no certificate authorities, and calls over HTTPS need them
                COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
                    ^ 10: an empty image has no time zones, and tzdata was asked for
                COPY --from=build /server /server
                    ^ 11: the program alone ships, under its old path, so that what starts it stays as it is
                ENTRYPOINT ["/server"]
                ? Does the program read files of its own when it runs, such as templates or migrations? Copy them from the first stage too
                ? An empty image has no shell and no /tmp: look whether the program wants one of them
                = 184 to 13 MB: 93 %
            "#]],
        );
    }

    #[test]
    fn the_folder_that_the_base_starts_in_is_set() {
        check(
            r#"FROM golang:1.22
COPY main.go .
ENV GOBIN=/out
RUN CGO_ENABLED=0 go build -o app . && go install ./tools/seed.go
CMD ["./app"]
"#,
            expect![[r#"
                FROM golang:1.22 AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                COPY main.go .
                ENV GOBIN=/out
                ENV CGO_ENABLED=0
                    ^ 4: without C in it the program is linked whole and needs no library beside it
                RUN CGO_ENABLED=0 go build -o app . && go install ./tools/seed.go

                FROM scratch
                    ^ 7: an empty image: a Go program without C needs no system around it
                WORKDIR /go
                    ^ 8: the first base starts in /go, and this one at the root
                ENV GOBIN=/out
                COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
                    ^ 10: an empty image has no certificate authorities, and calls over HTTPS need them
                COPY --from=build /go/app /go/app
                    ^ 11: the program alone ships, under its old path, so that what starts it stays as it is
                COPY --from=build /out/seed /out/seed
                    ^ 12: built here too, so it ships too
                CMD ["./app"]
                ? Does the program use C, as go-sqlite3 does? Then leave CGO_ENABLED alone and ship in a Debian image
                ? Does the program read files of its own when it runs, such as templates or migrations? Copy them from the first stage too
                ? An empty image has no shell, no /tmp and no time zones: look whether the program wants one of them
                = 945 to 0 MB: 99 %
            "#]],
        );
    }

    #[test]
    fn c_keeps_its_library() {
        check(
            r#"FROM golang:1.22
WORKDIR /src
RUN apt-get update && apt-get install -y libsqlite3-dev gcc
COPY . .
RUN go build -o /app
CMD ["/app"]
"#,
            expect![[r#"
                FROM golang:1.22 AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                WORKDIR /src
                RUN apt-get update && apt-get install -y libsqlite3-dev gcc
                COPY . .
                RUN go build -o /app

                FROM debian:bookworm-slim
                    ^ 7: the program has C in it and needs the C library of the system that it was built on
                WORKDIR /src
                RUN apt-get update && apt-get install -y --no-install-recommends libsqlite3-0 && rm -rf /var/lib/apt/lists/*
                    ^ 9: of these packages the program may need something when it runs; the tools of the build stay behind
                COPY --from=build /app /app
                    ^ 10: the program alone ships, under its old path, so that what starts it stays as it is
                CMD ["/app"]
                ? Does the program read files of its own when it runs, such as templates or migrations? Copy them from the first stage too
                = 932 to 87 MB: 90 %
            "#]],
        );
    }

    #[test]
    fn it_declines_where_it_cannot_be_sure() {
        check_declined(
            r#"FROM golang:1.22
COPY . .
RUN go build -o /app
CMD ["go", "run", "."]"#,
            expect!["4: `go run .` builds when the image runs, so the tools have to ship with it"],
        );
        check_declined(
            r#"FROM golang:1.22
RUN go build -o /app
CMD ["/other"]"#,
            expect![
                "3: no line before builds `/other`, which the image runs (Name the program's file where it is built, and start it by that path)"
            ],
        );
        check_declined(
            r#"FROM golang:1.22
RUN go build -o /app
RUN ./setup.sh
CMD ["/app"]"#,
            expect!["3: whether the image needs what `setup.sh` leaves here when it runs is not plain"],
        );
        check_declined(
            r#"FROM golang:1.22 AS b
RUN go build -o /app
FROM scratch
COPY --from=b /app /
CMD ["/app"]"#,
            expect!["3: it is multi-stage already: here a second stage begins"],
        );
        check_declined(
            r#"FROM golang:1.22
RUN go build -o /app"#,
            expect![
                "no CMD and no ENTRYPOINT says what the image runs, so what it needs for that is not plain (Add CMD with the program's path)"
            ],
        );
        check_declined(
            r#"FROM golang:1.22
RUN go build -o /app
CMD ["bash"]"#,
            expect!["3: `bash` runs no program of its own: people use this image for its tools"],
        );
    }
}
