//! `layercast check`: what it finds, what it ends with, what it mends.

use crate::check::Workshop;
use expect_test::expect;
use serde_json::Value;
use std::fs;

/// One remark, one warning, one error; two of them can be mended.
const THREE: &str = "FROM alpine:3.22 AS Build\nWORKDIR app\nMAINTAINER jo\nCOPPY . .\n";

fn dockerfile(text: &str) -> Workshop {
    Workshop::with(&[("Dockerfile", text)])
}

#[test]
fn one_error_does_not_hide_the_next() {
    dockerfile("FROM alpine:3.22\nCOPPY . .\nRUN --mout=type=ssh id\nEXPOSE 80,443\nSTOPSIGNAL SIGQIUT\n")
        .check(
            "check",
            expect![[r#"
                $ layercast check
                exit: 1
                --- stdout ---
                error[unknown-instruction]: `COPPY` is no instruction
                 --> Dockerfile:2:1
                  |
                2 | COPPY . .
                  | ^^^^^
                  |
                  = help: Did you mean `COPY`?

                error[unknown-flag]: RUN has no flag `--mout`
                 --> Dockerfile:3:5
                  |
                3 | RUN --mout=type=ssh id
                  |     ^^^^^^^^^^^^^^^
                  |
                  = help: Did you mean `--mount`?

                error[invalid-port]: `80,443` is no port: a port is a number up to 65535
                 --> Dockerfile:4:8
                  |
                4 | EXPOSE 80,443
                  |        ^^^^^^
                  |
                  = help: Blanks stand between ports: `EXPOSE 80 443`.

                error[invalid-signal]: `SIGQIUT` is no signal
                 --> Dockerfile:5:12
                  |
                5 | STOPSIGNAL SIGQIUT
                  |            ^^^^^^^
                  |
                  = help: Did you mean `SIGQUIT`?

                Dockerfile ▸ 4 errors
            "#]],
        );
}

#[test]
fn a_file_without_problems_says_so() {
    dockerfile("FROM scratch\nCOPY app /\n").check(
        "check",
        expect![[r#"
        $ layercast check
        exit: 0
        --- stdout ---
        Dockerfile ▸ no problems
    "#]],
    );
}

#[test]
fn many_files_are_told_apart() {
    Workshop::with(&[("a", "FROM scratch\n"), ("b", "FROM scratch\nUSR jo\n")]).check(
        "check a missing b",
        expect![[r#"
            $ layercast check a missing b
            exit: 2
            --- stdout ---
            a ▸ no problems

            error[unknown-instruction]: `USR` is no instruction
             --> b:2:1
              |
            2 | USR jo
              | ^^^
              |
              = help: Did you mean `USER`?

            b ▸ 1 error
            --- stderr ---
            error: failed to read missing: there is no such file or folder
        "#]],
    );
}

#[test]
fn the_exit_status_follows_fail_on() {
    let ends = |text: &str, args: &str| dockerfile(text).run(&format!("check {args}"), b"").status;
    let (error, warning) = ("FROM scratch\nUSR jo\n", "FROM alpine\nWORKDIR app\n");
    let (info, clean) = ("FROM scratch\nMAINTAINER jo\n", "FROM scratch\n");
    for (text, status) in [(error, 1), (warning, 1), (info, 0), (clean, 0)] {
        assert_eq!(ends(text, ""), Some(status), "{text}");
    }
    for (text, status) in [(error, 1), (warning, 0), (info, 0)] {
        assert_eq!(ends(text, "--fail-on error"), Some(status), "{text}");
    }
    assert_eq!(ends(info, "--fail-on info"), Some(1));
    assert_eq!(ends(clean, "--fail-on info"), Some(0));
    assert_eq!(ends(error, "--fail-on none"), Some(0));
    assert_eq!(ends(error, "--fail-on none elsewhere"), Some(2));
}

#[test]
fn json_holds_silenced_remarks_and_text_does_not() {
    let workshop = dockerfile("FROM alpine:3.22\n# hadolint ignore=DL3000\nWORKDIR app\nUSR jo\n");
    let ran = workshop.run("check --format json", b"");
    let answer: Value = serde_json::from_str(&ran.stdout).expect("one object");
    assert_eq!(answer["warnings"][0]["buildkit"], "WorkdirRelativePath");
    assert_eq!(answer["warnings"][0]["silenced"], true);
    assert_eq!(answer["errors"][0]["rule"], "unknown-instruction");
    assert_eq!(answer["fixed"], serde_json::json!([]));
    assert_eq!(answer["dockerignore"], Value::Null);
    assert!(!workshop.run("check", b"").stdout.contains("WorkdirRelativePath"));
}

#[test]
fn a_target_narrows_the_checks() {
    let workshop = dockerfile("FROM alpine AS a\nWORKDIR a\nFROM alpine AS b\nWORKDIR /b\n");
    assert!(workshop.run("check", b"").stdout.contains("WorkdirRelativePath"));
    assert!(!workshop.run("check --target b", b"").stdout.contains("WorkdirRelativePath"));
    assert_eq!(workshop.run("check --target c", b"").status, Some(1));
}

#[test]
fn fix_mends_in_place_and_says_what() {
    let workshop = dockerfile(THREE);
    workshop.check(
        "check --fix",
        expect![[r#"
        $ layercast check --fix
        exit: 1
        --- stdout ---
        fixed: Dockerfile:1: Write build [StageNameCasing]
        fixed: Dockerfile:3: Write it as a label [MaintainerDeprecated]
        warning[WorkdirRelativePath]: `app` joins whatever directory the base image leaves
         --> Dockerfile:2:9
          |
        2 | WORKDIR app
          |         ^^^
          |
          = help: Begin it with a slash: /app.

        error[unknown-instruction]: `COPPY` is no instruction
         --> Dockerfile:4:1
          |
        4 | COPPY . .
          | ^^^^^
          |
          = help: Did you mean `COPY`?

        Dockerfile ▸ 1 error, 1 warning
    "#]],
    );
    let mended = fs::read_to_string(workshop.path().join("Dockerfile")).expect("it is there");
    expect![[r#"
        FROM alpine:3.22 AS build
        WORKDIR app
        LABEL org.opencontainers.image.authors="jo"
        COPPY . .
    "#]]
    .assert_eq(&mended);
    let again = workshop.run("check --fix", b"");
    assert!(!again.stdout.contains("fixed"), "{again}");
}

#[test]
fn fix_keeps_line_ends_and_what_it_does_not_know() {
    let workshop = Workshop::with(&[]);
    workshop.write("Dockerfile", b"\xef\xbb\xbf# caf\xc3\xa9\r\nFROM a as b\r\nMAINTAINER jo\r\n\r\nUSR x");
    assert_eq!(workshop.run("check --fix", b"").status, Some(1));
    let mended = fs::read(workshop.path().join("Dockerfile")).expect("it is there");
    let expected =
        "\u{feff}# café\r\nFROM a AS b\r\nLABEL org.opencontainers.image.authors=\"jo\"\r\n\r\nUSR x";
    assert_eq!(String::from_utf8_lossy(&mended), expected);
}

#[test]
fn fix_of_standard_input_prints_the_mended_text() {
    let ran = Workshop::with(&[]).run("check --fix -", b"FROM a:1 as b\nUSER jo\n");
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), "FROM a:1 AS b\nUSER jo\n"));
    assert!(ran.stderr.starts_with("fixed: -:1: Write AS [FromAsCasing]"), "{ran}");
    let ran = Workshop::with(&[]).run("check --fix --format json -", b"FROM a as b\n");
    let answer: Value = serde_json::from_str(&ran.stdout).expect("one object");
    assert_eq!(answer["text"], "FROM a AS b\n");
    assert_eq!(answer["fixed"][0]["rule"], "FromAsCasing");
}

#[test]
fn a_very_long_file_is_mended_in_time() {
    let workshop = dockerfile(&format!("FROM scratch\n{}", "ENV A b\n".repeat(40_000)));
    let started = std::time::Instant::now();
    let ran = workshop.run("check --fix --format json", b"");
    assert_eq!(ran.status, Some(0));
    let mended = fs::read_to_string(workshop.path().join("Dockerfile")).expect("it is there");
    assert_eq!(mended, format!("FROM scratch\n{}", "ENV A=b\n".repeat(40_000)));
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn a_file_that_is_no_text_is_not_written() {
    let workshop = Workshop::with(&[]);
    workshop.write("Dockerfile", b"# caf\xe9\nFROM a as b\n");
    workshop.check(
        "check --fix",
        expect![[r#"
        $ layercast check --fix
        exit: 2
        --- stderr ---
          note: Dockerfile: 1 byte is no UTF-8; U+001A stands for each
        error: failed to fix Dockerfile: it holds bytes that are no UTF-8
          note: save it as UTF-8, or mend it by hand
    "#]],
    );
    assert_eq!(
        fs::read(workshop.path().join("Dockerfile")).expect("it is there"),
        b"# caf\xe9\nFROM a as b\n"
    );
}

#[cfg(unix)]
#[test]
fn fix_keeps_permissions_and_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let workshop = Workshop::with(&[("real", "FROM a:1 as b\n")]);
    let real = workshop.path().join("real");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("it is ours");
    symlink("real", workshop.path().join("Dockerfile")).expect("a link can be made");
    assert_eq!(workshop.run("check --fix", b"").status, Some(0));
    assert_eq!(fs::read_to_string(&real).expect("it is there"), "FROM a:1 AS b\n");
    assert_eq!(fs::metadata(&real).expect("it is there").permissions().mode() & 0o777, 0o640);
    assert!(workshop.path().join("Dockerfile").is_symlink());
    let n_files = fs::read_dir(workshop.path()).expect("a folder").count();
    assert_eq!(n_files, 2, "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn a_file_that_must_not_be_written_is_not() {
    use std::os::unix::fs::PermissionsExt;
    let workshop = dockerfile("FROM a as b\n");
    let path = workshop.path().join("Dockerfile");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("it is ours");
    workshop.check(
        "check --fix",
        expect![[r#"
        $ layercast check --fix
        exit: 2
        --- stderr ---
        error: failed to write the fixed Dockerfile: permission denied
    "#]],
    );
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "FROM a as b\n");
}

#[test]
fn the_ignore_file_of_the_context_says_what_is_never_copied() {
    let workshop = dockerfile("FROM scratch\nCOPY notes.md app /\n");
    workshop.write(".dockerignore", b"# notes\n*.md\n");
    workshop.check(
        "check",
        expect![[r#"
        $ layercast check
        exit: 1
        --- stdout ---
        warning[CopyIgnoredFile]: `notes.md` never reaches the builder: .dockerignore leaves it out
         --> Dockerfile:2:6
          |
        2 | COPY notes.md app /
          |      ^^^^^^^^
          |
          = help: Line 2 of .dockerignore decides: *.md

        Dockerfile ▸ 1 warning
    "#]],
    );
}

#[test]
fn a_dockerfiles_own_ignore_file_replaces_the_other() {
    let workshop = Workshop::with(&[
        ("app.Dockerfile", "FROM scratch\nCOPY notes.md /\n"),
        ("app.Dockerfile.dockerignore", "*.txt\n"),
        (".dockerignore", "*.md\n"),
    ]);
    assert_eq!(workshop.run("check app.Dockerfile", b"").status, Some(0));
    workshop.write("app.Dockerfile.dockerignore", b"*.txt\nnotes.*\n");
    let ran = workshop.run("check app.Dockerfile", b"");
    assert!(
        ran.stdout.contains("never reaches the builder: app.Dockerfile.dockerignore leaves it out"),
        "{ran}"
    );
    assert!(ran.stdout.contains("Line 2 of app.Dockerfile.dockerignore decides: notes.*"), "{ran}");
    fs::remove_file(workshop.path().join("app.Dockerfile.dockerignore")).expect("it is there");
    assert_eq!(workshop.run("check app.Dockerfile", b"").status, Some(1));
}

#[test]
fn the_context_is_where_its_ignore_file_is() {
    let workshop = dockerfile("FROM scratch\nCOPY notes.md /\n");
    fs::create_dir(workshop.path().join("site")).expect("a folder can be made");
    workshop.write("site/.dockerignore", b"*.md\n");
    assert_eq!(workshop.run("check", b"").status, Some(0));
    assert_eq!(workshop.run("check --context site", b"").status, Some(1));
    assert_eq!(workshop.run("check --context nowhere", b"").status, Some(2));
    let estimate = workshop.run("estimate --offline --format json --context site", b"");
    assert!(estimate.stdout.contains("CopyIgnoredFile"), "{estimate}");
}

#[test]
fn what_is_wrong_with_the_ignore_file_is_shown_at_its_own_lines() {
    let workshop = dockerfile("FROM scratch\nCOPY app /\n");
    workshop.write(".dockerignore", b"*.md\n!\n[a-\n");
    workshop.check(
        "check",
        expect![[r#"
        $ layercast check
        exit: 1
        --- stdout ---
        error[invalid-ignore-pattern]: `!` alone takes nothing in
         --> .dockerignore:2:1
          |
        2 | !
          | ^
          |
          = help: A pattern is a path in which * ? [a-z] and ** may stand; \ takes the next as it is.

        error[invalid-ignore-pattern]: `[a-` is no pattern
         --> .dockerignore:3:1
          |
        3 | [a-
          | ^^^
          |
          = help: A pattern is a path in which * ? [a-z] and ** may stand; \ takes the next as it is.

        Dockerfile ▸ 2 errors
    "#]],
    );
    let ran = workshop.run("check --format json", b"");
    let answer: Value = serde_json::from_str(&ran.stdout).expect("one object");
    assert_eq!(answer["dockerignore"]["path"], ".dockerignore");
    assert_eq!(answer["dockerignore"]["errors"][1]["line"], 3);
}
