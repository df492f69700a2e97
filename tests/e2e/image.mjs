// A container image made by hand: tar, gzip and JSON, so that every byte of its sizes is known.

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A layer of files of about twelve kilobytes, as layers of a distribution have them.
export function layer(folder, size) {
  const files = [];
  for (let left = size; left > 0; left -= 12_000) {
    files.push({ path: `${folder}/${files.length}`, content: text(`${folder} ${left}`, Math.min(left, 12_000)) });
  }
  const entries = files.flatMap(({ path, content }) => [header(path, content.length), padded(content)]);
  const tar = Buffer.concat([...entries, Buffer.alloc(1024)]);
  return { ...blob(gzipSync(tar, { level: 9 }), LAYER), unpacked: size, diffId: digestOf(tar) };
}

/// Text that gzip shrinks by about half, the same for the same seed.
function text(seed, length) {
  const lines = [];
  for (let size = 0, line = seed; size < length; size += 65) {
    line = createHash("sha256").update(line).digest("hex");
    lines.push(line);
  }
  return Buffer.from(lines.join("\n")).subarray(0, length);
}

/// An index as BuildKit pushes it: the image for linux/amd64, and an attestation that is no image.
/// `blobs` and `manifests` are what a registry must be given, in that order, before `index`.
export function image(layers) {
  const config = json(CONFIG, {
    architecture: "amd64",
    os: "linux",
    config: { Env: ["PATH=/usr/local/bin:/usr/bin:/bin"], WorkingDir: "/" },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created_by: "layercast's tests" })),
  });
  const manifest = json(MANIFEST, manifestOf(config, layers));

  const statement = blob(text("provenance", 700_000), "application/vnd.in-toto+json");
  const nothing = json(CONFIG, { architecture: "unknown", os: "unknown", config: {} });
  const attestation = json(MANIFEST, manifestOf(nothing, [statement]));

  const index = json(INDEX, {
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [
      { ...descriptor(attestation), platform: { architecture: "unknown", os: "unknown" } },
      { ...descriptor(manifest), platform: { architecture: "amd64", os: "linux" } },
    ],
  });
  return {
    index,
    manifests: [manifest, attestation],
    blobs: [config, nothing, statement, ...layers],
    download: sum(layers.map(({ bytes }) => bytes.length)),
    unpacked: sum(layers.map(({ unpacked }) => unpacked)),
  };
}

function manifestOf(config, layers) {
  return {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor(config),
    layers: layers.map(descriptor),
  };
}

function json(mediaType, value) {
  return blob(Buffer.from(JSON.stringify(value)), mediaType);
}

function blob(bytes, mediaType) {
  return { bytes, mediaType, digest: digestOf(bytes) };
}

function descriptor({ bytes, mediaType, digest }) {
  return { mediaType, digest, size: bytes.length };
}

function digestOf(bytes) {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

// One ustar header: name, mode, owner, size, time, checksum, kind, magic.
function header(path, size) {
  const octal = (number, width) => number.toString(8).padStart(width - 1, "0") + "\0";
  const block = Buffer.alloc(512);
  block.write(path, 0);
  block.write(octal(0o755, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(" ".repeat(8), 148); // the checksum counts its own field as spaces
  block.write("0", 156);
  block.write("ustar\0" + "00", 257);
  block.write(octal(block.reduce((total, byte) => total + byte, 0), 7) + " ", 148);
  return block;
}

function padded(content) {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
