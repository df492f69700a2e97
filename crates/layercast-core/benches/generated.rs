//! A Dockerfile of any length with the shape of real ones: stages of twenty lines that start from images and from
//! one another, copy, mount, and set variables.

use std::fmt::Write;

/// Lines of one stage.
const STAGE: usize = 20;

/// A Dockerfile of `n_lines` lines, or a few more.
pub fn dockerfile(n_lines: usize) -> String {
    let mut text = String::from("# syntax=docker/dockerfile:1\nARG DEBIAN=12-slim\n");
    for stage in 0..n_lines.div_ceil(STAGE) {
        write_stage(&mut text, stage).expect("writing to a String does not fail");
    }
    if n_lines < STAGE {
        text = text.split_inclusive('\n').take(n_lines).collect();
    }
    text
}

fn write_stage(text: &mut String, stage: usize) -> std::fmt::Result {
    // Every fourth starts from its neighbour, the others from an image; each copies from one far above.
    match stage.checked_sub(1).filter(|_| stage % 4 == 3) {
        Some(neighbour) => writeln!(text, "FROM part-{neighbour} AS part-{stage}")?,
        None => writeln!(text, "FROM debian:${{DEBIAN}} AS part-{stage}")?,
    }
    let source = if stage == 0 { "busybox:1.36".to_owned() } else { format!("part-{}", stage / 2) };
    write!(
        text,
        "# What part {stage} needs.
ARG VERSION=1.{stage}
ENV HOME=/opt/part-{stage} \\
    PART=\"${{VERSION:-none}} of {stage}\"
WORKDIR /src/part-{stage}
RUN apt-get update && \\
    apt-get install -y --no-install-recommends curl git \"ca-certificates\" && \\
    rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci && npm run build -- --version=$VERSION
COPY --from={source} --chown=1000:1000 /out/bin /usr/local/bin/
RUN <<EOF
set -eux
make -j\"$(nproc)\" PREFIX=/out
EOF
EXPOSE 80{stage:02}
LABEL org.opencontainers.image.version=$VERSION
CMD [\"/usr/local/bin/part\", \"--serve\"]
"
    )
}
