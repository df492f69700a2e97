//! Every form of one small file, and of names that mean something to some form.

use super::svg::{Colours, LIGHT};
use super::{dot, markdown, mermaid, outline, svg};
use crate::facts::Facts;
use crate::report::Report;
use expect_test::{Expect, expect};

const SMALL: &str = "FROM golang:1.22 AS build
COPY . .
RUN --mount=from=alpine:3.22,target=/x go build -o /app .
FROM build AS test
RUN go test ./...
FROM alpine:3.22
COPY --from=build /app /usr/local/bin/some/app
";

/// A name of a stage cannot be nasty; what it starts from, and paths, can.
const NASTY: &str = "FROM \"a|b`c<d>&#35;\\\\N\" AS x
FROM scratch AS last
COPY --from=x [\"/a\\\"b|c`d`<i>\\n[e]\", \"/\"]
";

fn report(source: &str) -> Report {
    crate::analyse(source, &Facts::default())
}

#[track_caller]
fn check(form: fn(&Report) -> String, source: &str, expected: Expect) {
    expected.assert_eq(&form(&report(source)));
}

#[test]
fn a_flowchart_of_mermaid() {
    check(
        mermaid::mermaid,
        SMALL,
        expect![[r#"
        flowchart LR
          image0(["golang:1.22<br/>823 MB unpacked"])
          image1(["alpine:3.22<br/>8.30 MB unpacked"])
          stage0["build<br/>from golang:1.22<br/>≥ 932 MB unpacked<br/>2 steps · left behind"]
          stage1["test<br/>from build<br/>≥ 978 MB unpacked<br/>1 step · not built"]
          stage2["stage-2<br/>from alpine:3.22<br/>20.9 MB unpacked<br/>1 step · ships"]
          image0 ==> stage0
          image1 -.-o stage0
          stage0 ==> stage1
          image1 ==> stage2
          stage0 -->|"/app"| stage2
          classDef ships stroke:#0a7263,stroke-width:3px
          classDef skipped stroke-dasharray:4 4,opacity:0.6
          class stage2 ships
          class stage1 skipped
    "#]],
    );
}

#[test]
fn a_flowchart_with_nasty_names() {
    check(
        mermaid::mermaid,
        NASTY,
        expect![[r#"
        flowchart LR
          image0(["scratch<br/>empty"])
          stage0["x<br/>from #34;a#124;b#96;c#60;d#62;#38;#35;35#59;#92;#92;N#34;<br/>size not known<br/>0 steps · left behind"]
          stage1["last<br/>from scratch<br/>size not known<br/>1 step · ships"]
          image0 ==> stage1
          stage0 -->|"…#92;#34;b#124;c#96;d#96;#60;i#62;#92;n#91;e"| stage1
          classDef ships stroke:#0a7263,stroke-width:3px
          classDef skipped stroke-dasharray:4 4,opacity:0.6
          class stage1 ships
    "#]],
    );
}

#[test]
fn a_graph_of_graphviz() {
    check(
        dot::dot,
        SMALL,
        expect![[r##"
        digraph stages {
          rankdir=LR;
          bgcolor="transparent";
          node [shape=box, style="rounded,filled", fillcolor="#ffffff", color="#8f887a", fontname="sans-serif", fontsize=11];
          edge [color="#6b7683", fontname="sans-serif", fontsize=9];
          image0 [label="golang:1.22\n823 MB unpacked", shape=oval, style=filled, fillcolor="#f1eee7"];
          image1 [label="alpine:3.22\n8.30 MB unpacked", shape=oval, style=filled, fillcolor="#f1eee7"];
          stage0 [label="build\nfrom golang:1.22\n≥ 932 MB unpacked\n2 steps · left behind"];
          stage1 [label="test\nfrom build\n≥ 978 MB unpacked\n1 step · not built", style="rounded,dashed", fontcolor="#6b7683"];
          stage2 [label="stage-2\nfrom alpine:3.22\n20.9 MB unpacked\n1 step · ships", fillcolor="#e2f4f0", color="#0a7263", penwidth=2];
          image0 -> stage0 [penwidth=2];
          image1 -> stage0 [color="#7443c4", style=dotted, arrowhead=odot];
          stage0 -> stage1 [penwidth=2];
          image1 -> stage2 [penwidth=2];
          stage0 -> stage2 [color="#235fd0", style=dashed, arrowhead=vee, label="/app"];
        }
    "##]],
    );
}

#[test]
fn a_graph_with_nasty_names() {
    check(
        dot::dot,
        NASTY,
        expect![[r##"
        digraph stages {
          rankdir=LR;
          bgcolor="transparent";
          node [shape=box, style="rounded,filled", fillcolor="#ffffff", color="#8f887a", fontname="sans-serif", fontsize=11];
          edge [color="#6b7683", fontname="sans-serif", fontsize=9];
          image0 [label="scratch\nempty", shape=oval, style=filled, fillcolor="#f1eee7"];
          stage0 [label="x\nfrom \"a|b`c<d>&amp;#35;\\\\N\"\nsize not known\n0 steps · left behind"];
          stage1 [label="last\nfrom scratch\nsize not known\n1 step · ships", fillcolor="#e2f4f0", color="#0a7263", penwidth=2];
          image0 -> stage1 [penwidth=2];
          stage0 -> stage1 [color="#235fd0", style=dashed, arrowhead=vee, label="…\\\"b|c`d`<i>\\n[e"];
        }
    "##]],
    );
}

#[test]
fn a_list() {
    check(
        outline::outline,
        SMALL,
        expect![[r#"
        stage-2 · 20.9 MB unpacked · 1 step · ships
        ├─ from alpine:3.22 · 8.30 MB unpacked
        └─ copies from build · ≥ 932 MB unpacked · 2 steps · left behind
           ├─ from golang:1.22 · 823 MB unpacked
           └─ mounts alpine:3.22 · 8.30 MB unpacked

        not built
        └─ test: nothing uses it
    "#]],
    );
}

#[test]
fn a_page_of_markdown() {
    check(
        |report| markdown::markdown(report, "Dockerfile"),
        SMALL,
        expect![[r#"
        # Dockerfile

        The image of `stage-2` for linux/amd64, before it is built.

        | | likely | range | not known | |
        |---|---:|---:|---:|---|
        | unpacked | **20.9 MB** | 14.7–30.2 MB |  | what `docker images` shows up to Docker 28 |
        | download | **11.1 MB** | 7.40–16.5 MB |  | what a pull moves |

        In one stage, on the base of `build`: 932 MB unpacked.

        ## Stages

        | stage | from | steps | unpacked | |
        |---|---|---:|---:|---|
        | `build` | `golang:1.22` | 2 | ≥ 932 MB | left behind |
        | `test` | `build` | 1 | ≥ 978 MB | not built: nothing uses it |
        | `stage-2` | `alpine:3.22` | 1 | 20.9 MB | **ships** |

        ## Layers

        | line | step | unpacked | range | download | how it is known |
        |---:|---|---:|---:|---:|---|
        | 6 | `FROM alpine:3.22` | 8.30 MB | 8.05–8.55 MB | 3.79 MB | catalogue: docker-library/repo-info, 2026-09-17 |
        | 7 | `COPY --from=build /app /usr/local/bin/some/app` | 12.6 MB | 6.38–21.9 MB | 7.28 MB | rule: Go programs |

        ## Heaviest

        | | unpacked | what would help |
        |---|---:|---|
        | `app` | 12.6 MB |  |
        | `alpine:3.22` | 8.30 MB |  |

        ## Checks

        - line 3, info `missing-cache-mount`: go starts with an empty cache whenever this step runs
    "#]],
    );
}

#[test]
fn a_page_with_nasty_names() {
    check(
        |report| markdown::markdown(report, "a_b*c`"),
        NASTY,
        expect![[r##"
        # a\_b\*c\`

        It does not build: line 1, \`"a\|b\`c\<d\>\&\#35;\\\\N"\` is no name of an image.

        ## Checks

        - line 1, error `invalid-image-name`: \`"a\|b\`c\<d\>\&\#35;\\\\N"\` is no name of an image
        - line 3, error `expansion`: a double quote is not closed
    "##]],
    );
}

#[test]
fn a_page_of_what_does_not_build() {
    check(
        |report| markdown::markdown(report, "Dockerfile"),
        "FROM scratch\nCOPY --form=a b c\n",
        expect![[r#"
            # Dockerfile

            It does not build: line 2, COPY has no flag `--form`.

            ## Checks

            - line 2, error `unknown-flag`: COPY has no flag `--form`
        "#]],
    );
}

#[test]
fn a_picture() {
    let picture = |report: &Report| {
        let picture = svg::svg(report, &Colours::Only(LIGHT));
        let drawn = picture.split("</defs>").nth(1).unwrap_or_default();
        drawn.to_owned()
    };
    check(
        picture,
        SMALL,
        expect![[r#"

            <rect class="lc-paper" width="832" height="352"/>
            <text class="lc-ink" x="24" y="30" font-size="16" font-weight="650">stage-2 and what it is built from</text>
            <text class="lc-soft" x="24" y="50" font-size="12.5">20.9 MB unpacked (14.7–30.2 MB) · 11.1 MB download (7.40–16.5 MB)</text>
            <g transform="translate(0 62)">
            <path class="lc-line-base" d="M504 109C566 109 566 69 628 69" fill="none" stroke-width="2" opacity=".45" marker-end="url(#lc-base)"/>
            <path class="lc-line-base" d="M200 97C262 97 262 109 324 109" fill="none" stroke-width="2" marker-end="url(#lc-base)"/>
            <path class="lc-line-mount" d="M200 164C262 164 262 123 324 123" fill="none" stroke-width="1.5" stroke-dasharray="2 4" marker-end="url(#lc-mount)"/>
            <path class="lc-line-base" d="M200 178C264 178 264 190 328 190H504C566 190 566 188 628 188" fill="none" stroke-width="2" marker-end="url(#lc-base)"/>
            <path class="lc-line-copy" d="M504 123C566 123 566 174 628 174" fill="none" stroke-width="1.5" stroke-dasharray="7 4" marker-end="url(#lc-copy)"/>
            <text class="lc-soft lc-halo" x="566" y="142" font-size="11" text-anchor="middle">/app</text>
            <g transform="translate(24 71)"><title>docker.io/library/golang:1.22, 823 MB unpacked</title>
            <rect class="lc-image" width="176" height="52" rx="26"/>
            <text class="lc-ink" x="88" y="22" font-size="13" text-anchor="middle">golang:1.22</text>
            <text class="lc-soft" x="88" y="39" font-size="11.5" text-anchor="middle">823 MB unpacked</text>
            </g>
            <g transform="translate(24 145)"><title>docker.io/library/alpine:3.22, 8.30 MB unpacked</title>
            <rect class="lc-image" width="176" height="52" rx="26"/>
            <text class="lc-ink" x="88" y="22" font-size="13" text-anchor="middle">alpine:3.22</text>
            <text class="lc-soft" x="88" y="39" font-size="11.5" text-anchor="middle">8.30 MB unpacked</text>
            </g>
            <g transform="translate(328 71)"><title>build from golang:1.22, line 1: ≥ 932 MB unpacked, 2 steps · left behind</title>
            <rect class="lc-card" width="176" height="90" rx="10"/>
            <text class="lc-ink" x="14" y="24" font-size="14" font-weight="650">build</text>
            <text class="lc-soft" x="14" y="41" font-size="11.5">from golang:1.22</text>
            <text class="lc-ink" x="14" y="60" font-size="12.5">≥ 932 MB unpacked</text>
            <text class="lc-soft" x="14" y="78" font-size="11.5">2 steps · left behind</text>
            </g>
            <g transform="translate(632 24)"><title>test from build, line 4: ≥ 978 MB unpacked, 1 step · not built</title>
            <rect class="lc-card" width="176" height="90" rx="10" stroke-dasharray="4 4" opacity=".6"/>
            <text class="lc-ink" x="14" y="24" font-size="14" font-weight="650">test</text>
            <text class="lc-soft" x="14" y="41" font-size="11.5">from build</text>
            <text class="lc-ink" x="14" y="60" font-size="12.5">≥ 978 MB unpacked</text>
            <text class="lc-soft" x="14" y="78" font-size="11.5">1 step · not built</text>
            </g>
            <g transform="translate(632 136)"><title>stage-2 from alpine:3.22, line 6: 20.9 MB unpacked, 1 step · ships</title>
            <rect class="lc-ships" width="176" height="90" rx="10" stroke-width="2.5"/>
            <text class="lc-ink" x="14" y="24" font-size="14" font-weight="650">stage-2</text>
            <text class="lc-soft" x="14" y="41" font-size="11.5">from alpine:3.22</text>
            <text class="lc-ink" x="14" y="60" font-size="12.5">20.9 MB unpacked</text>
            <text class="lc-soft" x="14" y="78" font-size="11.5">1 step · ships</text>
            </g>
            </g>
            <path class="lc-line-base" d="M24 328h32" fill="none" stroke-width="2" marker-end="url(#lc-base)"/>
            <text class="lc-soft" x="66" y="332" font-size="11.5">FROM: starts from it</text>
            <path class="lc-line-copy" d="M208 328h32" fill="none" stroke-width="1.5" stroke-dasharray="7 4" marker-end="url(#lc-copy)"/>
            <text class="lc-soft" x="250" y="332" font-size="11.5">COPY --from: takes files</text>
            <path class="lc-line-mount" d="M416 328h32" fill="none" stroke-width="1.5" stroke-dasharray="2 4" marker-end="url(#lc-mount)"/>
            <text class="lc-soft" x="458" y="332" font-size="11.5">RUN --mount: looks inside</text>
            </svg>
        "#]],
    );
}

#[test]
fn a_small_picture_has_names_and_sizes() {
    let picture = |report: &Report| {
        let picture = svg::thumbnail(report, &Colours::Only(LIGHT));
        let texts = picture.lines().filter(|line| line.contains("<text"));
        texts.map(|line| format!("{line}\n")).collect()
    };
    check(
        picture,
        SMALL,
        expect![[r#"
            <text class="lc-ink" x="59" y="20" font-size="12" font-weight="600" text-anchor="middle">golang:1.22</text>
            <text class="lc-soft" x="59" y="36" font-size="11" text-anchor="middle">823 MB</text>
            <text class="lc-ink" x="59" y="20" font-size="12" font-weight="600" text-anchor="middle">alpine:3.22</text>
            <text class="lc-soft" x="59" y="36" font-size="11" text-anchor="middle">8.30 MB</text>
            <text class="lc-ink" x="56" y="20" font-size="12" font-weight="600" text-anchor="middle">build</text>
            <text class="lc-soft" x="56" y="36" font-size="11" text-anchor="middle">≥ 932 MB</text>
            <text class="lc-ink" x="56" y="20" font-size="12" font-weight="600" text-anchor="middle">test</text>
            <text class="lc-soft" x="56" y="36" font-size="11" text-anchor="middle">≥ 978 MB</text>
            <text class="lc-ink" x="56" y="20" font-size="12" font-weight="600" text-anchor="middle">stage-2</text>
            <text class="lc-soft" x="56" y="36" font-size="11" text-anchor="middle">20.9 MB</text>
        "#]],
    );
}

#[test]
fn a_picture_with_nasty_names_is_xml_still() {
    let picture = |report: &Report| {
        let picture = svg::svg(report, &Colours::Preferred);
        assert!(picture.contains("prefers-color-scheme:dark"));
        let texts = picture.lines().filter(|line| line.contains("<text") || line.contains("<title"));
        texts.collect::<Vec<_>>().join("\n")
    };
    check(
        picture,
        NASTY,
        expect![[r#"
            <title>last and what it is built from</title>
            <text class="lc-ink" x="24" y="30" font-size="16" font-weight="650">last and what it is built from</text>
            <text class="lc-soft" x="24" y="50" font-size="12.5">It does not build as it is.</text>
            <text class="lc-soft lc-halo" x="262" y="83" font-size="11" text-anchor="middle">…\&quot;b|c`d`&lt;i&gt;\n[e</text>
            <g transform="translate(24 136)"><title>scratch, empty</title>
            <text class="lc-ink" x="88" y="22" font-size="13" text-anchor="middle">scratch</text>
            <text class="lc-soft" x="88" y="39" font-size="11.5" text-anchor="middle">empty</text>
            <g transform="translate(24 24)"><title>x from &quot;a|b`c&lt;d&gt;&amp;#35;\\N&quot;, line 1: size not known, 0 steps · left behind</title>
            <text class="lc-ink" x="14" y="24" font-size="14" font-weight="650">x</text>
            <text class="lc-soft" x="14" y="41" font-size="11.5">from &quot;a|b`c&lt;d&gt;&amp;#35;\\N&quot;</text>
            <text class="lc-ink" x="14" y="60" font-size="12.5">size not known</text>
            <text class="lc-soft" x="14" y="78" font-size="11.5">0 steps · left behind</text>
            <g transform="translate(328 71)"><title>last from scratch, line 2: size not known, 1 step · ships</title>
            <text class="lc-ink" x="14" y="24" font-size="14" font-weight="650">last</text>
            <text class="lc-soft" x="14" y="41" font-size="11.5">from scratch</text>
            <text class="lc-ink" x="14" y="60" font-size="12.5">size not known</text>
            <text class="lc-soft" x="14" y="78" font-size="11.5">1 step · ships</text>
            <text class="lc-soft" x="66" y="294" font-size="11.5">FROM: starts from it</text>
            <text class="lc-soft" x="250" y="294" font-size="11.5">COPY --from: takes files</text>"#]],
    );
}

#[test]
fn nothing_at_all_has_every_form() {
    for source in ["", "FROM", "FROM a\nFROM b AS a\nCOPY --from=a / /\nCOPY --from=9 / /"] {
        let report = report(source);
        for form in [mermaid::mermaid, dot::dot, outline::outline] {
            form(&report);
        }
        markdown::markdown(&report, "");
        assert!(svg::svg(&report, &Colours::Preferred).ends_with("</svg>\n"));
    }
}
