//! `layercast cache`: what a change makes run again, and why.

use crate::check::Workshop;
use expect_test::expect;

const NODE: &str = "\
FROM node:24 AS build
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
ARG VERSION
RUN npm run build

FROM nginx
COPY --from=build /app/dist /usr/share/nginx/html
";

fn project() -> Workshop {
    Workshop::with(&[
        ("Dockerfile", NODE),
        (".dockerignore", "*.md\n"),
        ("package.json", "{}"),
        ("src/main.js", ""),
        ("notes.md", ""),
    ])
}

#[test]
fn a_file_that_changes() {
    project().check(
        "cache --context . --change file:src/main.js",
        expect![[r#"
        $ layercast cache --context . --change file:src/main.js
        exit: 0
        --- stdout ---
        Dockerfile ▸ file:src/main.js ▸ 2 of 8 steps rerun, 1 may
               build
            1    FROM node:24 AS build                                                                cached
            2    WORKDIR /app                                                                         cached
            3    COPY package*.json ./                                                                cached
            4    RUN npm ci                                                                           cached
            5    COPY . .                                                                           ● reruns
                   it copies src/main.js
            7    RUN npm run build                                                                  ● reruns
                   it stands on line 5
               stage-1
            9    FROM nginx                                                                           cached
           10    COPY --from=build /app/dist /usr/share/nginx/html                               ◌ may rerun
                   it takes files of build: the same content keeps it

               At most 3 steps in a row, the rest beside them (no build was measured: every step is drawn as
               long as every other).
    "#]],
    );
}

#[test]
fn several_changes_one_by_one() {
    project().check(
        "cache --context . --change file:notes.md --change arg:VERSION=2 --change line:7",
        expect![[r#"
            $ layercast cache --context . --change file:notes.md --change arg:VERSION=2 --change line:7
            exit: 0
            --- stdout ---
            Dockerfile ▸ file:notes.md ▸ nothing reruns of 8 steps
                   build
                1    FROM node:24 AS build                                                                cached
                2    WORKDIR /app                                                                         cached
                3    COPY package*.json ./                                                                cached
                4    RUN npm ci                                                                           cached
                5    COPY . .                                                                             cached
                7    RUN npm run build                                                                    cached
                   stage-1
                9    FROM nginx                                                                           cached
               10    COPY --from=build /app/dist /usr/share/nginx/html                                    cached
                   Line 1 of .dockerignore keeps `notes.md` out: no step sees it.

            Dockerfile ▸ arg:VERSION=2 ▸ 1 of 8 steps reruns, 1 may
                   build
                1    FROM node:24 AS build                                                                cached
                2    WORKDIR /app                                                                         cached
                3    COPY package*.json ./                                                                cached
                4    RUN npm ci                                                                           cached
                5    COPY . .                                                                             cached
                7    RUN npm run build                                                                  ● reruns
                       $VERSION is in its environment, used or not
                   stage-1
                9    FROM nginx                                                                           cached
               10    COPY --from=build /app/dist /usr/share/nginx/html                               ◌ may rerun
                       it takes files of build: the same content keeps it

                   At most 2 steps in a row, the rest beside them (no build was measured: every step is drawn as
                   long as every other).

            Dockerfile ▸ line:7 ▸ 2 of 8 steps rerun, 1 may
                   build
                1    FROM node:24 AS build                                                                cached
                2    WORKDIR /app                                                                         cached
                3    COPY package*.json ./                                                                cached
                4    RUN npm ci                                                                           cached
                5    COPY . .                                                                           ● reruns
                       it copies Dockerfile
                7    RUN npm run build                                                                  ● reruns
                       it is edited
                   stage-1
                9    FROM nginx                                                                           cached
               10    COPY --from=build /app/dist /usr/share/nginx/html                               ◌ may rerun
                       it takes files of build: the same content keeps it

                   At most 3 steps in a row, the rest beside them (no build was measured: every step is drawn as
                   long as every other).
        "#]],
    );
}

#[test]
fn an_order_that_reruns_less() {
    let all_first = NODE.replace("COPY package*.json ./\nRUN npm ci\nCOPY . .\n", "COPY . .\nRUN npm ci\n");
    let workshop = Workshop::with(&[("Dockerfile", &all_first), ("package.json", "{}"), ("src/main.js", "")]);
    let ran = workshop.run("cache --context . --change file:src/main.js", b"");
    let (_, offer) = ran.stdout.split_once("every other).\n").unwrap_or_default();
    let lines: Vec<&str> = offer.lines().map(str::trim).collect();
    let expected = [
        "Copy package.json first, the rest below line 4: 1 step fewer.",
        "Provided: No script that runs at installation reads other files of the project.",
    ];
    assert_eq!(lines, expected, "{ran}");
}

#[test]
fn json_is_one_object_a_line() {
    let workshop = Workshop::with(&[("Dockerfile", "FROM scratch\nCOPY a /a\nCOPY b /b\n")]);
    workshop.check("cache --format json --change file:b --change nothing", expect![[r#"
        $ layercast cache --format json --change file:b --change nothing
        exit: 0
        --- stdout ---
        {"version":1,"path":"Dockerfile","change":"file:b","steps":[{"stage":0,"stage_name":"stage-0","instruction":1,"line":2,"keyword":"COPY","text":"COPY a /a","fate":"cached"},{"stage":0,"stage_name":"stage-0","instruction":2,"line":3,"keyword":"COPY","text":"COPY b /b","fate":"reruns","why":{"cause":"file","path":"b","certain":true,"mounted":false},"reason":"it copies b","below":0}],"notes":[],"lane":{"bars":[{"step":1,"start":0.0,"end":1.0,"measured":false,"critical":true}],"end":1.0,"times":"equal"},"reorders":[]}
        {"version":1,"path":"Dockerfile","change":"nothing","steps":[{"stage":0,"stage_name":"stage-0","instruction":1,"line":2,"keyword":"COPY","text":"COPY a /a","fate":"cached"},{"stage":0,"stage_name":"stage-0","instruction":2,"line":3,"keyword":"COPY","text":"COPY b /b","fate":"cached","below":0}],"notes":[],"lane":{"bars":[],"end":0.0,"times":"equal"},"reorders":[]}
    "#]]);
}

#[test]
fn a_file_against_another() {
    let workshop = project();
    workshop.write("old", NODE.replace("npm ci", "npm install").as_bytes());
    workshop.check(
        "cache old --context . --change to:Dockerfile",
        expect![[r#"
        $ layercast cache old --context . --change to:Dockerfile
        exit: 0
        --- stdout ---
        Dockerfile ▸ to:Dockerfile ▸ 3 of 8 steps rerun, 1 may
               build
            1    FROM node:24 AS build                                                                cached
            2    WORKDIR /app                                                                         cached
            3    COPY package*.json ./                                                                cached
            4    RUN npm ci                                                                         ● reruns
                   it is edited
            5    COPY . .                                                                           ● reruns
                   it copies Dockerfile
            7    RUN npm run build                                                                  ● reruns
                   it stands on line 5
               stage-1
            9    FROM nginx                                                                           cached
           10    COPY --from=build /app/dist /usr/share/nginx/html                               ◌ may rerun
                   it takes files of build: the same content keeps it

               At most 4 steps in a row, the rest beside them (no build was measured: every step is drawn as
               long as every other).
    "#]],
    );
    let ran = workshop.run("cache - --change to:Dockerfile", NODE.as_bytes());
    assert!(ran.stdout.starts_with("Dockerfile ▸ to:Dockerfile ▸ nothing reruns"), "{ran}");
}

#[test]
fn what_is_no_change_and_what_does_not_build() {
    let workshop = Workshop::with(&[("Dockerfile", "FROM a\nRUNN b\n")]);
    workshop.check("cache --change src/main.js", expect![[r#"
        $ layercast cache --change src/main.js
        exit: 2
        --- stderr ---
        error: invalid value 'src/main.js' for '--change <CHANGE>': `src/main.js` names no change: there are file:PATH, line:NUMBER, arg:NAME[=VALUE], base[:STAGE], no-cache and nothing

        For more information, try '--help'.
    "#]]);
    workshop.check(
        "cache --change nothing",
        expect![[r#"
        $ layercast cache --change nothing
        exit: 1
        --- stdout ---
        Dockerfile ▸ nothing ▸ it does not build
        error[unknown-instruction]: `RUNN` is no instruction
         --> Dockerfile:2:1
          |
        2 | RUNN b
          | ^^^^
          |
          = help: Did you mean `RUN`?
    "#]],
    );
    workshop.check(
        "cache --change to:gone",
        expect![[r#"
        $ layercast cache --change to:gone
        exit: 2
        --- stderr ---
        error: failed to read gone: there is no such file or folder
    "#]],
    );
}
