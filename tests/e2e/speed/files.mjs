// Dockerfiles of any length, alike in kind: stages of 33 lines, each with a base of its own or of another stage.

const IMAGES = ["golang:1.25-alpine", "node:22-bookworm-slim", "debian:12-slim", "python:3.13-slim", "alpine:3.22"];
const STAGE = 33;

/// So many lines, and the line in the middle where somebody types.
export function fileOf(lines) {
  const count = Math.max(1, Math.round(lines / STAGE));
  const text = [];
  for (let stage = 0; stage < count; stage++) text.push(...stageOf(stage, count));
  while (text.length < lines) text.push(`# note ${text.length}`);
  text.length = lines;
  const middle = Math.floor(lines / 2);
  const at = text.findIndex((line, number) => number >= middle && line.startsWith("RUN make"));
  return { source: `${text.join("\n")}\n`, line: at + 1 };
}

function stageOf(stage, count) {
  const base = stage % 3 === 2 ? `stage${stage - 1}` : IMAGES[stage % IMAGES.length];
  const copied = stage > 1 ? [`COPY --from=stage${Math.floor(stage / 2)} /out/tool${stage} /usr/local/bin/`] : [];
  const last = stage + 1 === count ? ["ENTRYPOINT [\"/usr/local/bin/tool\"]"] : [];
  const lines = [
    `# Stage ${stage}: what it needs, what it makes`,
    `FROM ${base} AS stage${stage}`,
    `ARG VERSION_${stage}=1.${stage}.0`,
    `ENV TOOL_VERSION=$VERSION_${stage} PATH=/opt/tool${stage}/bin:$PATH`,
    "WORKDIR /src",
    "RUN apt-get update \\",
    " && apt-get install -y --no-install-recommends \\",
    "    ca-certificates \\",
    "    curl \\",
    "    git \\",
    " && rm -rf /var/lib/apt/lists/*",
    `COPY package${stage}.json package-lock${stage}.json ./`,
    "RUN npm ci --omit=dev",
    "",
    `COPY src/part${stage} ./src`,
    `RUN make part${stage}`,
    "RUN <<EOF",
    "set -e",
    `mkdir -p /out && cp -r src /out/tool${stage}`,
    "EOF",
    ...copied,
    `LABEL org.opencontainers.image.version=$TOOL_VERSION part=${stage}`,
    "EXPOSE 8080",
    "USER nobody",
    ...last,
  ];
  while (lines.length < STAGE) lines.push(lines.length % 4 ? `# more on stage ${stage}` : "");
  return lines;
}
