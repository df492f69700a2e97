//! `layercast rewrite`: what it prints, what it writes, when it declines.

use crate::check::Workshop;
use expect_test::expect;
use serde_json::Value;

const GO: &str = "FROM golang:1.22\nWORKDIR /app\nCOPY . .\nRUN CGO_ENABLED=0 go build -o server .\nEXPOSE 8080\nCMD [\"./server\"]\n";

fn workshop(text: &str) -> Workshop {
    Workshop::with(&[
        ("Dockerfile", text),
        ("go.mod", "module a.example/server\n"),
        ("main.go", "package main\n"),
    ])
}

#[test]
fn the_difference_comes_with_its_reasons_and_sizes() {
    workshop(GO).check(
        "rewrite --offline --context .",
        expect![[r#"
        $ layercast rewrite --offline --context .
        exit: 0
        --- stdout ---
        --- a/Dockerfile
        +++ b/Dockerfile
        @@ -1,6 +1,11 @@
        -FROM golang:1.22
        +FROM golang:1.22 AS build
         WORKDIR /app
         COPY . .
         RUN CGO_ENABLED=0 go build -o server .
        +
        +FROM scratch
        +WORKDIR /app
        +COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
        +COPY --from=build /app/server /app/server
         EXPOSE 8080
         CMD ["./server"]

        Why
              1  this stage builds and stays behind: its base, its tools and their caches do not ship
              6  an empty image: a Go program without C needs no system around it
              8  an empty image has no certificate authorities, and calls over HTTPS need them
              9  the program alone ships, under its old path, so that what starts it stays as it is

        Look at this yourself
              •  An empty image has no shell, no /tmp and no time zones: look whether the program wants one
                 of them

        unpacked  886.4 MB (838.0–975.1 MB)  →  6.82 MB (2.86–9.13 MB)  99 % less
        download  324.8 MB (305.1–359.1 MB)  →  3.95 MB (1.63–5.31 MB)  98 % less
    "#]],
    );
}

#[test]
fn a_difference_alone_and_a_text_alone() {
    workshop(GO).check(
        "rewrite --offline --format diff ./Dockerfile",
        expect![[r#"
        $ layercast rewrite --offline --format diff ./Dockerfile
        exit: 0
        --- stdout ---
        --- a/Dockerfile
        +++ b/Dockerfile
        @@ -1,6 +1,11 @@
        -FROM golang:1.22
        +FROM golang:1.22 AS build
         WORKDIR /app
         COPY . .
         RUN CGO_ENABLED=0 go build -o server .
        +
        +FROM scratch
        +WORKDIR /app
        +COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
        +COPY --from=build /app/server /app/server
         EXPOSE 8080
         CMD ["./server"]
    "#]],
    );
    let ran = workshop("").run("rewrite --offline --write -", GO.as_bytes());
    assert_eq!((ran.status, ran.stdout.matches("FROM ").count(), ran.stderr.as_str()), (Some(0), 2, ""));
}

#[test]
fn the_file_is_replaced_when_asked_for() {
    let workshop = workshop(GO);
    let file = || std::fs::read_to_string(workshop.path().join("Dockerfile")).expect("it is there");
    workshop.run("rewrite --offline", b"");
    assert_eq!(file(), GO);
    let ran = workshop.run("rewrite --offline --write", b"");
    assert!(ran.stdout.ends_with("Dockerfile is written anew\n"), "{ran}");
    assert_eq!(file().matches("FROM ").count(), 2);
    workshop.check(
        "rewrite --offline --write",
        expect![[r#"
        $ layercast rewrite --offline --write
        exit: 1
        --- stderr ---
        Dockerfile:6 is left as it is: it is multi-stage already: here a second stage begins
    "#]],
    );
}

#[test]
fn a_file_that_is_left_alone_is_told_why() {
    workshop("FROM golang:1.22\nCOPY . .\nRUN go build -o /app\nCMD [\"go\", \"run\", \".\"]\n")
        .check("rewrite --offline", expect![[r#"
            $ layercast rewrite --offline
            exit: 1
            --- stderr ---
            Dockerfile:4 is left as it is: `go run .` builds when the image runs, so the tools have to ship with it
        "#]]);
    workshop("FROM maven\nCOPY . .\nRUN mvn package\nCMD java -jar target/a.jar\n").check(
        "rewrite --offline",
        expect![[r#"
            $ layercast rewrite --offline
            exit: 1
            --- stderr ---
            Dockerfile:1 is left as it is: the base does not say which version of Java it has
              note: Take a tag that does, such as maven:3.9-eclipse-temurin-21
        "#]],
    );
    workshop("").check(
        "rewrite --offline nowhere",
        expect![[r#"
        $ layercast rewrite --offline nowhere
        exit: 2
        --- stderr ---
        error: failed to read nowhere: there is no such file or folder
    "#]],
    );
}

#[test]
fn programs_get_all_of_it_on_one_line() {
    let ran = workshop(GO).run("rewrite --offline --format json", b"");
    let answer: Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    let keys: Vec<&String> = answer["rewrite"].as_object().expect("it is written anew").keys().collect();
    assert_eq!(keys, ["after", "before", "language", "needs", "reasons", "saved", "text"]);
    assert_eq!((&answer["declined"], &answer["path"]), (&Value::Null, &Value::from("Dockerfile")));
    assert_eq!(ran.stdout.lines().count(), 1);
    let ran = workshop("FROM scratch\nCMD [\"/a\"]\n").run("rewrite --offline --format json", b"");
    let answer: Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    assert_eq!(
        (ran.status, &answer["rewrite"], &answer["declined"]["line"]),
        (Some(1), &Value::Null, &Value::from(1))
    );
}

#[test]
fn bytes_that_are_no_text_are_not_written_back() {
    let workshop = workshop("");
    workshop.write("Dockerfile", &[GO.as_bytes(), b"# caf\xe9\n"].concat());
    let ran = workshop.run("rewrite --offline --write", b"");
    assert_eq!(ran.status, Some(2), "{ran}");
    assert!(ran.stderr.contains("no UTF-8"), "{ran}");
}
