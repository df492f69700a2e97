//! Rust: one program that needs the C library and nothing else of what built it.

use super::Declined;
use super::base;
use super::call::Call;
use super::draft::{Base, Draft};
use super::place::{self, Sources, Tools};
use super::program;
use super::single_stage::SingleStage;
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
    let places = place::places(stage, distribution.as_ref(), &tools)?;
    let image = distribution.as_ref().and_then(base::small).ok_or_else(|| {
        Declined::at(stage.line(), "which small image goes with this base is not known here")
    })?;
    let reason = match distribution {
        Some(Distribution::Alpine { .. }) => {
            "on Alpine a Rust program is linked with musl: Alpine alone runs it"
        }
        _ => "a Rust program needs the C library of the system that it was built on, and no compiler",
    };
    let mut draft = Draft::new(stage, Base { image, reason: reason.to_owned() });
    for (at, step) in stage.steps.iter().enumerate() {
        draft.put(step, &places.places[at]);
        if at == places.last_build {
            for path in &program.all {
                let reason = if *path == program.path {
                    "the program alone ships, under its old path, so that what starts it stays as it is"
                } else {
                    "built here too, so it ships too"
                };
                draft.carry(step, path, path, reason);
            }
            place::carry_folders(stage, step, &mut draft);
        }
    }
    let is_full = !stage.tag().contains("slim") && matches!(distribution, Some(Distribution::Debian { .. }));
    if is_full {
        draft.need("The first base has OpenSSL and certificate authorities, the last has not: does the program link with OpenSSL or call over HTTPS? Then install libssl3 and ca-certificates there");
    }
    place::say_needs(stage, &places, &mut draft);
    Ok(draft)
}

/// What a call of cargo writes.
fn built_by(call: &Call) -> Option<Vec<String>> {
    match (
        call.program.as_str(),
        call.arguments.iter().find(|word| !word.starts_with(['-', '+'])).map(String::as_str),
    ) {
        ("cargo", Some("build" | "b" | "rustc")) => {
            let target =
                call.value(&["--target-dir"]).or(call.variables.get("CARGO_TARGET_DIR").map(String::as_str));
            let target = call.absolute(target.unwrap_or("target"));
            let triple = call.value(&["--target"]).map(|triple| format!("/{triple}")).unwrap_or_default();
            let profile = match call.value(&["--profile"]) {
                Some("dev") => "debug",
                Some(profile) => profile,
                None if call.has(&["--release", "-r"]) => "release",
                None => "debug",
            };
            Some(vec![format!("{target}{triple}/{profile}/")])
        }
        ("cargo", Some("install")) => {
            let home = call.variables.get("CARGO_HOME").map_or("/usr/local/cargo", String::as_str);
            let root = call.value(&["--root"]).unwrap_or(home);
            Some(vec![format!("{}/bin/", call.absolute(root))])
        }
        ("rustc", _) => Some(vec![call.absolute(call.value(&["-o"])?)]),
        _ => None,
    }
}

fn is_build(call: &Call) -> bool {
    matches!(
        call.program.as_str(),
        "cargo" | "rustc" | "rustup" | "git" | "strip" | "upx" | "sccache" | "cross" | "protoc"
    ) || (call.program == "touch" && call.operands().iter().all(|path| path.ends_with(".rs")))
}

/// Only a build reads these.
fn is_source(source: &str) -> bool {
    let name = place::source_name(source);
    name.ends_with(".rs")
        || name.starts_with("Cargo.")
        || name.starts_with("rust-toolchain")
        || matches!(
            name,
            "src"
                | "crates"
                | "benches"
                | "examples"
                | "tests"
                | ".cargo"
                | ".sqlx"
                | "sqlx-data.json"
                | "proto"
                | "vendor"
        )
}

#[cfg(test)]
mod tests {
    use crate::rewrite::tests::{check, check_declined};
    use expect_test::expect;

    #[test]
    fn the_program_ships_on_the_system_it_was_built_on() {
        check(
            r#"FROM rust:1.82-bookworm
WORKDIR /usr/src/app
RUN apt-get update && apt-get install -y libpq-dev && rm -rf /var/lib/apt/lists/*
COPY Cargo.toml Cargo.lock ./
COPY src ./src
RUN cargo build --release && cp target/release/app /usr/local/bin/
RUN useradd -r app
USER app
CMD ["app"]
"#,
            expect![[r#"
                FROM rust:1.82-bookworm AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                WORKDIR /usr/src/app
                RUN apt-get update && apt-get install -y libpq-dev && rm -rf /var/lib/apt/lists/*
                COPY Cargo.toml Cargo.lock ./
                COPY src ./src
                RUN cargo build --release && cp target/release/app /usr/local/bin/

                FROM debian:bookworm-slim
                    ^ 8: a Rust program needs the C library of the system that it was built on, and no compiler
                WORKDIR /usr/src/app
                RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
                    ^ 10: of these packages the program may need something when it runs; the tools of the build stay behind
                COPY --from=build /usr/local/bin/app /usr/local/bin/app
                    ^ 11: the program alone ships, under its old path, so that what starts it stays as it is
                RUN useradd -r app
                USER app
                CMD ["app"]
                ? The first base has OpenSSL and certificate authorities, the last has not: does the program link with OpenSSL or call over HTTPS? Then install libssl3 and ca-certificates there
                = 1700 to 75 MB: 95 %
            "#]],
        );
    }

    #[test]
    fn alpine_stays_alpine() {
        check(
            r#"FROM rust:alpine
WORKDIR /app
COPY . .
RUN cargo install --path .
ENTRYPOINT ["/usr/local/cargo/bin/tool"]
"#,
            expect![[r#"
                FROM rust:alpine AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                WORKDIR /app
                COPY . .
                RUN cargo install --path .

                FROM alpine:3.24
                    ^ 6: on Alpine a Rust program is linked with musl: Alpine alone runs it
                WORKDIR /app
                COPY --from=build /usr/local/cargo/bin/tool /usr/local/cargo/bin/tool
                    ^ 8: the program alone ships, under its old path, so that what starts it stays as it is
                ENTRYPOINT ["/usr/local/cargo/bin/tool"]
                = 1150 to 8 MB: 99 %
            "#]],
        );
    }

    #[test]
    fn what_runs_by_cargo_keeps_cargo() {
        check_declined(
            r#"FROM rust
COPY . .
RUN cargo build
CMD ["cargo", "run"]
"#,
            expect!["4: `cargo run` builds when the image runs, so the tools have to ship with it"],
        );
        check_declined(
            r#"FROM rust:1.82
RUN apt-get install -y libfoo-dev
COPY . .
RUN cargo build
CMD ["/target/debug/app"]
"#,
            expect![
                "2: `libfoo-dev` is for building, and which library of it the program needs when it runs is not known here"
            ],
        );
    }
}
