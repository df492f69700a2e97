// The page on a host that only hands out files: no companion, no relay.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { after, before, test } from "node:test";
import { openPlayground, startBrowser, until } from "./browser.mjs";
import { DIST } from "./companion.mjs";

const TYPES = { ".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

let server;
let url;
let browser;

before(async () => {
  server = createServer(handOut);
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${server.address().port}/`;
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

test("an image of the catalogue has a size", async () => {
  const playground = await openPlayground(browser, url);
  await playground.paste("FROM alpine:3.19\n");
  await playground.stage("stage-0").waitFor();
  const download = await until(
    "download of alpine:3.19",
    () => playground.download.getAttribute("data-bytes"),
    (bytes) => Number(bytes) > 3_000_000 && Number(bytes) < 4_000_000,
  );
  const unpacked = Number(await playground.unpacked.getAttribute("data-bytes"));
  assert.ok(unpacked > Number(download), `${unpacked} unpacked, ${download} to download`);
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
});

test("an image of no catalogue is unknown, and the stages are drawn all the same", async () => {
  const playground = await openPlayground(browser, url);
  await playground.paste("FROM ghcr.io/no/such:1 AS one\nFROM one AS two\n");
  await playground.stage("two").waitFor();
  assert.equal(await playground.stages.count(), 2);
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
});

async function handOut(request, response) {
  const { pathname } = new URL(request.url, url);
  const path = normalize(pathname === "/" ? "/index.html" : decodeURIComponent(pathname));
  try {
    const body = await readFile(join(DIST, path));
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}
