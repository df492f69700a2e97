// A real registry, on a free port, empty at first, pushed to over its own HTTP API.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answering, freePort, start } from "./process.mjs";

export async function startRegistry() {
  const folder = await mkdtemp(join(tmpdir(), "layercast-registry-"));
  const port = await freePort();
  const config = join(folder, "config.yml");
  await writeFile(config, configuration(port, folder));
  const registry = start("docker-registry", ["serve", config]);
  const url = `http://127.0.0.1:${port}`;
  await answering(`${url}/v2/`, registry);
  return {
    /// As a Dockerfile names it.
    host: `localhost:${port}`,
    url,
    push: (repository, tag, image) => push(`${url}/v2/${repository}`, tag, image),
    async stop() {
      await registry.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(port, folder) {
  return [
    "version: 0.1",
    "log: { level: error, accesslog: { disabled: true } }",
    `storage: { filesystem: { rootdirectory: ${JSON.stringify(folder)} } }`,
    `http: { addr: "127.0.0.1:${port}" }`,
    "",
  ].join("\n");
}

async function push(url, tag, { index, manifests, blobs }) {
  for (const blob of blobs) {
    const opened = await expectStatus(202, `${url}/blobs/uploads/`, { method: "POST" });
    const upload = new URL(opened.headers.get("location"), url);
    upload.searchParams.set("digest", blob.digest);
    const headers = { "content-type": "application/octet-stream" };
    await expectStatus(201, upload, { method: "PUT", headers, body: blob.bytes });
  }
  for (const manifest of manifests) {
    await putManifest(`${url}/manifests/${manifest.digest}`, manifest);
  }
  await putManifest(`${url}/manifests/${tag}`, index);
}

async function putManifest(url, { bytes, mediaType }) {
  await expectStatus(201, url, { method: "PUT", headers: { "content-type": mediaType }, body: bytes });
}

async function expectStatus(status, url, request) {
  const response = await fetch(url, request);
  if (response.status !== status) {
    throw new Error(`${request.method} ${url}: ${response.status} ${await response.text()}`);
  }
  await response.arrayBuffer();
  return response;
}
