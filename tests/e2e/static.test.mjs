// The page on a host that only hands out files: no companion, no relay.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPlayground, startBrowser, until } from "./browser.mjs";
import { startStaticHost } from "./static_host.mjs";

let host;
let browser;

before(async () => {
  host = await startStaticHost();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  host?.stop();
});

test("an image of the catalogue has a size", async () => {
  const playground = await openPlayground(browser, host.url);
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
  const playground = await openPlayground(browser, host.url);
  await playground.paste("FROM ghcr.io/no/such:1 AS one\nFROM one AS two\n");
  await playground.stage("two").waitFor();
  assert.equal(await playground.stages.count(), 2);
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
});

test("the checks speak a moment after the first paint", async () => {
  const playground = await openPlayground(browser, host.url);
  await playground.paste("FROM scratch AS Build\n");
  const problems = playground.page.getByTestId("problems");
  await until("a remark", () => problems.innerText(), (text) => text.includes("`Build` becomes `build`"));
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
});

test("without its worker the page draws stages, and says that no check ran", async () => {
  const context = await browser.newContext();
  await context.route("**/layercast-worker*", (route) => route.abort());
  const page = await context.newPage();
  await page.goto(host.url);
  await page.locator('[data-testid^="stage-"]').first().waitFor();
  const problems = page.getByTestId("problems");
  await until("a word on the checks", () => problems.innerText(), (text) => text.includes("The checks could not be loaded"));
  await context.close();
});

test("a fault of ours is told in a sentence, and the text is kept", async () => {
  const playground = await openPlayground(browser, host.url);
  await playground.paste("FROM alpine:3.19 AS kept\n");
  await playground.stage("kept").waitFor();
  // What the browser reports when the program stops: docs/decisions/0042-a-standard-library-for-the-page.md.
  await playground.page.evaluate(() => {
    const error = new WebAssembly.RuntimeError("unreachable");
    window.dispatchEvent(new ErrorEvent("error", { error }));
  });
  await playground.page.locator("#broken").waitFor();
  assert.ok((await playground.page.locator("#broken").innerText()).length > 20);
  await playground.page.reload();
  await until("the text", () => playground.page.locator("body").innerText(), (text) => text.includes("kept"));
  await playground.page.close();
});
