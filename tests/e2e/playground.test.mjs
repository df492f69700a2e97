// The page from `layercast serve`, sizes through its relay from a real registry.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPlayground, startBrowser, until } from "./browser.mjs";
import { estimate, startCompanion } from "./companion.mjs";
import { image, layer } from "./image.mjs";
import { startRegistry } from "./registry.mjs";

const builder = image([layer("usr/bin", 400_000), layer("usr/lib", 90_001)]);
const runtime = image([layer("bin", 50_000), layer("etc", 1_234)]);

let registry;
let companion;
let browser;
let twoStages;

before(async () => {
  registry = await startRegistry();
  await registry.push("demo/builder", "1.0", builder);
  await registry.push("demo/runtime", "1.0", runtime);
  // The page opens on an example; what its images weigh is not asked of the world.
  companion = await startCompanion(["--registry-mirror", `docker.io=${registry.url}`]);
  browser = await startBrowser();
  twoStages = [
    `FROM ${registry.host}/demo/builder:1.0 AS builder`,
    `FROM ${registry.host}/demo/runtime:1.0 AS final`,
    "COPY --from=builder /usr/bin/compiler /usr/bin/tool",
    "",
  ].join("\n");
});

after(async () => {
  await browser?.close();
  await companion?.stop();
  await registry?.stop();
});

test("choosing the builder as target dims the other stage and gives the manifest's size", async () => {
  const playground = await openPlayground(browser, companion.url);
  await playground.type(twoStages);
  await playground.stage("builder").waitFor();
  await playground.stage("final").waitFor();
  assert.equal(await playground.stages.count(), 2);
  assert.equal(await isSkipped(playground, "builder"), false);
  assert.equal(await isSkipped(playground, "final"), false);

  await playground.target.selectOption("builder");
  await until("final is dimmed", () => isSkipped(playground, "final"), Boolean);
  assert.equal(await isSkipped(playground, "builder"), false);
  await until("download of the builder", () => bytes(playground.download), (size) => size === builder.download);
  const unpacked = await until("unpacked size", () => bytes(playground.unpacked), isNear(builder.unpacked));
  assert.equal(unpacked, estimate(twoStages, ["--target", "builder"]).unpacked.likely);

  await playground.target.selectOption("");
  await until("final is back", () => isSkipped(playground, "final"), (skipped) => !skipped);
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
});

test("the command line says the same, to the byte", () => {
  const { download, unpacked } = estimate(twoStages, ["--target", "builder"]);
  assert.equal(download.likely, builder.download);
  assert.ok(unpacked.low <= builder.unpacked && builder.unpacked <= unpacked.high, JSON.stringify(unpacked));
});

test("a registry's mirror answers for its images", () => {
  const source = "FROM demo/runtime:1.0\n";
  const { download } = estimate(source, ["--registry-mirror", `docker.io=${registry.url}`]);
  assert.equal(download.likely, runtime.download);
});

test("a reload brings the text back from the address bar", async () => {
  const playground = await openPlayground(browser, companion.url);
  await playground.paste(twoStages);
  await playground.stage("final").waitFor();
  // The address follows when typing rests.
  await playground.page.waitForTimeout(1_000);
  const address = playground.page.url();
  await playground.page.close();

  const again = await openPlayground(browser, address);
  await again.stage("final").waitFor();
  await until("text", () => again.editor.innerText(), (text) => text.includes("COPY --from=builder"));
  assert.deepEqual(again.errors, []);
  await again.page.close();
});

test("an image that the registry does not have is one sentence, and the rest of the report stays", async () => {
  const playground = await openPlayground(browser, companion.url);
  await playground.paste(`FROM ${registry.host}/demo/builder:1.0 AS builder\nFROM ${registry.host}/demo/nothing:1.0\n`);
  await playground.stage("stage-1").waitFor();
  await playground.target.selectOption("builder");
  await until("download of the builder", () => bytes(playground.download), (size) => size === builder.download);

  await playground.target.selectOption("");
  const problems = playground.page.getByTestId("problems");
  await until("problem", () => problems.innerText(), (text) => text.includes(`${registry.host} has no demo/nothing:1.0`));
  await playground.page.close();
});

async function isSkipped(playground, name) {
  return (await playground.stage(name).getAttribute("class")).split(/\s+/).includes("skipped");
}

async function bytes(locator) {
  const written = await locator.getAttribute("data-bytes");
  return written ? Number(written) : undefined;
}

// Unpacked sizes come from the lengths of the tars, less what their headers are thought to take.
function isNear(size) {
  return (shown) => shown !== undefined && Math.abs(shown - size) <= size / 20;
}
