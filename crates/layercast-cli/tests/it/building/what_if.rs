//! `layercast cache` against BuildKit: what is said to rerun, and what ran.

use super::{Bench, events, stderr, stdout};
use expect_test::{Expect, expect};
use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A stage that nobody needs, one that builds, one that ships. `NONCE` makes each test's steps its own: what an earlier
/// run left in the builder's cache would hide what this one does.
const PROJECT: &str = "\
FROM busybox AS unneeded
COPY skipped /
FROM busybox AS build
RUN : NONCE
WORKDIR /app
COPY list ./
RUN cp list installed
COPY . .
RUN mkdir out && cat src/main > out/main
# A comment.
ARG VERSION=1
RUN echo $VERSION > version
ENV MODE=fast
ARG LATE
RUN : late
FROM busybox
RUN : NONCE ships
COPY --from=build /app/out /out
RUN --mount=target=/mounted,source=conf cat /mounted/a > /a
USER 1000
LABEL a=b
CMD [\"true\"]
";

const FILES: [(&str, &str); 7] = [
    ("skipped", "1"),
    ("list", "1"),
    ("src/main", "1"),
    ("README", "1"),
    ("notes.md", "1"),
    ("conf/a", "1"),
    (".dockerignore", "*.md\nDockerfile\n"),
];

/// A project built once, so that all of it is in the cache.
struct Trial {
    bench: Bench,
    /// The daemon of the lab that builds.
    socket: &'static str,
}

impl Trial {
    fn of(test: &str, dockerfile: &str) -> Option<Self> {
        let trial = Self { bench: Bench::with(test, &[])?, socket: "docker.sock" };
        for (path, text) in FILES {
            trial.write(path, text);
        }
        trial.write("Dockerfile", &dockerfile.replace("NONCE", &trial.nonce()));
        Some(trial)
    }

    /// What no other run of the test has.
    fn nonce(&self) -> String {
        let name = self.folder().file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        name.trim_start_matches('.').to_owned()
    }

    fn folder(&self) -> &Path {
        self.bench.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(self.folder())).expect("folders can be made");
        std::fs::write(path, text).expect("the temporary folder can be written to");
    }

    /// Puts one text in the place of another in the Dockerfile.
    fn edit(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.folder().join("Dockerfile")).expect("it was written");
        assert!(text.contains(from), "{from}");
        self.write("Dockerfile", &text.replacen(from, to, 1));
    }

    /// The lines of the steps that were done anew. Those that pull are left aside, which tell the same whether they did or
    /// not, and the merging of linked copies, which is done with what stands below them.
    fn build(&self, args: &[&str]) -> BTreeSet<u64> {
        let all = [&["--format", "json"], args].concat();
        let mut command = self.bench.build(&all);
        command.env("DOCKER_HOST", format!("unix://{}", self.bench.lab.join(self.socket).display()));
        let events = events(&command.output().expect("the companion starts"));
        let anew = events.iter().filter(|event| {
            let is = |word| event["step"].as_str().is_some_and(|step| step.contains(word));
            event["event"] == "ended" && event["cached"] == false && !is("] FROM ") && !is("] LINK ")
        });
        anew.filter_map(|event| event["line"].as_u64()).collect()
    }

    /// The lines of the steps that rerun, and of those that may, as `layercast cache` has it.
    fn predict(&self, change: &str, args: &[&str]) -> [BTreeSet<u64>; 2] {
        let mut command = self.bench.command(env!("CARGO_BIN_EXE_layercast"));
        command.args(["cache", "--format", "json", "--context", ".", "--change", change]).args(args);
        let output = command.output().expect("the companion starts");
        assert!(output.status.success(), "{}", stderr(&output));
        let answer: Value = serde_json::from_str(&stdout(&output)).expect("the answer is JSON");
        ["reruns", "may-rerun"].map(|fate| {
            let steps = answer["steps"].as_array().into_iter().flatten();
            let own = steps.filter(|step| step["fate"] == fate && step["keyword"] != "FROM");
            own.filter_map(|step| step["line"].as_u64()).collect()
        })
    }

    /// Says what `change` makes run again, makes that change, builds again, and holds one against the other.
    #[track_caller]
    fn check(&self, change: &str, make: impl FnOnce(&Self), args: &[&str], expected: Expect) {
        self.build(&[]);
        assert_eq!(self.build(&[]), BTreeSet::new(), "all is in the cache");
        let [reruns, may] = self.predict(change, &[]);
        make(self);
        let ran = self.build(args);
        let told = format!("{change}: reruns {reruns:?}, may {may:?}, ran {ran:?}\n");
        assert!(reruns.is_subset(&ran), "said to rerun and did not: {told}");
        assert!(ran.is_subset(&(&reruns | &may)), "ran and was not said to: {told}");
        expected.assert_eq(&told);
    }
}

/// One edit of the project.
#[track_caller]
fn check(test: &str, change: &str, make: impl FnOnce(&Trial), expected: Expect) {
    check_with(test, change, make, &[], expected);
}

#[track_caller]
fn check_with(test: &str, change: &str, make: impl FnOnce(&Trial), args: &[&str], expected: Expect) {
    if let Some(trial) = Trial::of(test, PROJECT) {
        trial.check(change, make, args, expected);
    }
}

#[test]
fn a_source_file_reruns_what_copies_it_and_its_stage_s_content_decides() {
    check(
        "a_source_file",
        "file:src/main",
        |trial| trial.write("src/main", "2"),
        expect![[r#"
        file:src/main: reruns {8, 9, 12, 15}, may {18, 19}, ran {8, 9, 12, 15, 18, 19}
    "#]],
    );
    // It is copied, and what ships does not hold it.
    check(
        "a_file_that_changes_nothing",
        "file:README",
        |trial| trial.write("README", "2"),
        expect![[r#"
        file:README: reruns {8, 9, 12, 15}, may {18, 19}, ran {8, 9, 12, 15}
    "#]],
    );
}

#[test]
fn a_list_of_packages_reruns_the_installation() {
    check(
        "a_list_of_packages",
        "file:list",
        |trial| trial.write("list", "2"),
        expect![[r#"
        file:list: reruns {6, 7, 8, 9, 12, 15}, may {18, 19}, ran {6, 7, 8, 9, 12, 15}
    "#]],
    );
}

#[test]
fn files_that_no_step_takes_rerun_nothing() {
    check(
        "an_ignored_file",
        "file:notes.md",
        |trial| trial.write("notes.md", "2"),
        expect![[r#"
        file:notes.md: reruns {}, may {}, ran {}
    "#]],
    );
    let copies_little = PROJECT.replace("COPY . .", "COPY src src");
    if let Some(trial) = Trial::of("a_file_that_is_not_copied", &copies_little) {
        trial.check(
            "file:README",
            |trial| trial.write("README", "2"),
            &[],
            expect![[r#"
            file:README: reruns {}, may {}, ran {}
        "#]],
        );
        let skipped = |trial: &Trial| trial.write("skipped", "2");
        trial.check(
            "file:skipped",
            skipped,
            &[],
            expect![[r#"
            file:skipped: reruns {}, may {}, ran {}
        "#]],
        );
    }
}

#[test]
fn a_mounted_file_reruns_the_command_that_mounts_it() {
    let copies_little = PROJECT.replace("COPY . .", "COPY src src");
    if let Some(trial) = Trial::of("a_mounted_file", &copies_little) {
        trial.check(
            "file:conf/a",
            |trial| trial.write("conf/a", "2"),
            &[],
            expect![[r#"
            file:conf/a: reruns {19}, may {}, ran {19}
        "#]],
        );
    }
}

#[test]
fn the_mode_of_a_file_counts_and_its_time_does_not() {
    let chmod = |trial: &Trial| {
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(trial.folder().join("src/main"), mode).expect("the file is ours");
    };
    check(
        "the_mode_of_a_file",
        "file:src/main",
        chmod,
        expect![[r#"
        file:src/main: reruns {8, 9, 12, 15}, may {18, 19}, ran {8, 9, 12, 15}
    "#]],
    );
    let touch = |trial: &Trial| {
        let file = std::fs::File::options().append(true).open(trial.folder().join("src/main"));
        let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        file.and_then(|file| file.set_modified(long_ago)).expect("the file is ours");
    };
    check(
        "the_time_of_a_file",
        "nothing",
        touch,
        expect![[r#"
        nothing: reruns {}, may {}, ran {}
    "#]],
    );
}

#[test]
fn an_edited_command_reruns_with_all_that_stands_on_it() {
    check(
        "an_edited_command",
        "line:7",
        |trial| trial.edit("cp list", "cp  list"),
        expect![[r#"
        line:7: reruns {7, 8, 9, 12, 15}, may {18, 19}, ran {7, 8, 9, 12, 15}
    "#]],
    );
}

#[test]
fn comments_and_labels_rerun_nothing() {
    check(
        "a_comment",
        "line:10",
        |trial| trial.edit("# A comment.", "# Another."),
        expect![[r#"
        line:10: reruns {}, may {}, ran {}
    "#]],
    );
    check(
        "a_label",
        "line:21",
        |trial| trial.edit("a=b", "a=c"),
        expect![[r#"
        line:21: reruns {}, may {}, ran {}
    "#]],
    );
    check(
        "a_command",
        "line:22",
        |trial| trial.edit("[\"true\"]", "[\"false\"]"),
        expect![[r#"
        line:22: reruns {}, may {}, ran {}
    "#]],
    );
}

#[test]
fn who_copies_the_dockerfile_copies_it_again_with_each_comment() {
    let trial = Trial::of("who_copies_the_dockerfile", PROJECT);
    if let Some(trial) = trial {
        trial.write(".dockerignore", "*.md\n");
        trial.check(
            "line:10",
            |trial| trial.edit("# A comment.", "# Another."),
            &[],
            expect![[r#"
            line:10: reruns {8, 9, 12, 15}, may {18, 19}, ran {8, 9, 12, 15}
        "#]],
        );
    }
}

#[test]
fn variables_rerun_commands_below_them() {
    check(
        "a_variable",
        "line:13",
        |trial| trial.edit("MODE=fast", "MODE=slow"),
        expect![[r#"
        line:13: reruns {15}, may {18, 19}, ran {15}
    "#]],
    );
    let args = ["--build-arg", "VERSION=2"];
    check_with(
        "an_argument",
        "arg:VERSION=2",
        |_| {},
        &args,
        expect![[r#"
        arg:VERSION=2: reruns {12, 15}, may {18, 19}, ran {12, 15}
    "#]],
    );
    let args = ["--build-arg", "VERSION=1"];
    check_with(
        "an_argument_as_its_default",
        "arg:VERSION=1",
        |_| {},
        &args,
        expect![[r#"
        arg:VERSION=1: reruns {}, may {}, ran {}
    "#]],
    );
    check_with(
        "a_late_argument",
        "arg:LATE",
        |_| {},
        &["--build-arg", "LATE=x"],
        expect![[r#"
        arg:LATE: reruns {15}, may {18, 19}, ran {15}
    "#]],
    );
    check_with(
        "a_strange_argument",
        "arg:NOBODY",
        |_| {},
        &["--build-arg", "NOBODY=x"],
        expect![[r#"
        arg:NOBODY: reruns {}, may {}, ran {}
    "#]],
    );
}

#[test]
fn without_the_cache_nothing_but_the_first_directory_is_kept() {
    let first = PROJECT.replace("RUN : NONCE\nWORKDIR /app\n", "WORKDIR /app/NONCE\nRUN : NONCE\n");
    if let Some(trial) = Trial::of("without_the_cache", &first.replace("/app/out", "/app/NONCE/out")) {
        trial.check("no-cache", |_| {}, &["--no-cache"], expect![[r#"
            no-cache: reruns {5, 6, 7, 8, 9, 12, 15, 17, 18, 19}, may {}, ran {5, 6, 7, 8, 9, 12, 15, 17, 18, 19}
        "#]]);
    }
}

#[test]
fn a_linked_copy_stands_on_nothing_where_the_builder_merges_layers() {
    let linked = "FROM busybox\nWORKDIR /NONCE/1\nRUN : NONCE\nCOPY --link list /NONCE\nRUN : last\nUSER 1\nWORKDIR /z\n";
    if let Some(trial) = Trial::of("a_linked_copy", linked) {
        trial.check(
            "line:2",
            |trial| trial.edit("/1\n", "/2\n"),
            &[],
            expect![[r#"
            line:2: reruns {2, 3, 5, 7}, may {4}, ran {2, 3, 4, 5, 7}
        "#]],
        );
        trial.check(
            "line:6",
            |trial| trial.edit("USER 1", "USER 2"),
            &[],
            expect![[r#"
            line:6: reruns {7}, may {}, ran {7}
        "#]],
        );
    }
}

#[test]
fn a_linked_copy_is_kept_where_images_are_kept_as_containerd_does() {
    // This daemon of the lab has no network.
    let linked =
        "FROM busybox\nWORKDIR /NONCE/1\nCOPY --link list /copied/NONCE/\nRUN --network=none : last\n";
    let Some(trial) = Trial::of("a_linked_copy_is_kept", linked) else { return };
    let trial = Trial { socket: "containerd.sock", ..trial };
    if !trial.bench.lab.join(trial.socket).exists() {
        return eprintln!("left out: this lab's Docker keeps no images as containerd does");
    }
    trial.check(
        "line:2",
        |trial| trial.edit("/1\n", "/2\n"),
        &[],
        expect![[r#"
        line:2: reruns {2, 4}, may {3}, ran {2, 4}
    "#]],
    );
}

#[test]
fn a_base_that_moved_reruns_all_that_stands_on_it() {
    let Some(trial) = Trial::of("a_base_that_moved", "") else { return };
    let tag = format!("what-if-{}", trial.nonce());
    let base = |trial: &Trial, content: &str| {
        trial.write("Dockerfile", &format!("FROM busybox\nRUN echo {content} > /base\n"));
        trial.build(&["--tag", &tag]);
        trial.write(
            "Dockerfile",
            &format!("FROM {tag}\nWORKDIR /x\nCOPY list .\nFROM busybox\nCOPY --from=0 /x /x\n"),
        );
    };
    base(&trial, &format!("{tag}-1"));
    trial.check(
        "base:0",
        |trial| base(trial, &format!("{tag}-2")),
        &[],
        expect![[r#"
        base:0: reruns {2, 3}, may {5}, ran {2, 3}
    "#]],
    );
    let mut remove = trial.bench.command(trial.bench.lab.join("bin/docker"));
    remove.args(["image", "rm", "--force", &tag]).output().expect("docker starts");
}
