//! `layercast explain`.

use crate::check::Workshop;
use expect_test::expect;

#[test]
fn a_check_is_explained_by_any_of_its_names() {
    let workshop = Workshop::with(&[]);
    workshop.check("explain relative-workdir", expect![[r#"
        $ layercast explain relative-workdir
        exit: 0
        --- stdout ---
        # relative-workdir

        The first WORKDIR of a stage is a relative path.

        BuildKit's name: `WorkdirRelativePath`. hadolint's: DL3000. Severity: warning.

        ## Why

        It joins whatever working directory the base image happens to have, which may change with its next build.

        ## Example

        ```dockerfile
        FROM alpine
        WORKDIR app
        ```

        ## Instead

        ```dockerfile
        FROM alpine
        WORKDIR /app
        ```

        ## Skip it

        `# check=skip=WorkdirRelativePath` at the head of the file, or directly above the instruction.
    "#]]);
    let page = workshop.run("explain relative-workdir", b"").stdout;
    for name in ["WorkdirRelativePath", "workdirrelativepath", "dl3000", "RELATIVE-WORKDIR"] {
        assert_eq!(workshop.run(&format!("explain {name}"), b"").stdout, page, "{name}");
    }
}

#[test]
fn a_slip_suggests_the_nearest_name() {
    Workshop::with(&[]).check(
        "explain StageNamCasing",
        expect![[r#"
        $ layercast explain StageNamCasing
        exit: 2
        --- stderr ---
        error: failed to explain `StageNamCasing`: there is no check of that name
          note: did you mean `stage-name-casing`?
    "#]],
    );
    Workshop::with(&[]).check(
        "explain nothing-like-it",
        expect![[r#"
        $ layercast explain nothing-like-it
        exit: 2
        --- stderr ---
        error: failed to explain `nothing-like-it`: there is no check of that name
          note: `layercast explain` alone lists them all
    "#]],
    );
}

#[test]
fn without_a_name_all_checks_are_listed() {
    let list = Workshop::with(&[]).run("explain", b"");
    assert_eq!(list.status, Some(0));
    let names: Vec<&str> = list.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for name in ["copy-ignored-file", "CopyIgnoredFile", "repeated-setting", "DL4003", "undefined-variable"] {
        assert!(names.contains(&name), "{name} is missing in {list}");
    }
    assert!(list.stdout.lines().all(|line| line.chars().count() <= 100), "{list}");
}
