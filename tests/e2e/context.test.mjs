// A folder on the page: what COPY takes of it, to the byte, and what a table of packages says of apt-get.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPlayground, startBrowser, until } from "./browser.mjs";
import { estimate, startCompanion } from "./companion.mjs";

const FILES = {
  "Dockerfile": "FROM scratch\nCOPY . /app/\n",
  ".dockerignore": "Dockerfile\n.dockerignore\nbuild\n",
  "src/main.js": "x".repeat(12_345),
  "src/deep/data.json": "[]",
  "build/left-out.bin": "y".repeat(999),
};
const TAKEN = 12_345 + 2;

let companion;
let browser;
let folder;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "layercast-context-"));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  companion = await startCompanion(["--offline"]);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await companion?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const unpacked = (playground) => () => playground.unpacked.getAttribute("data-bytes").then(Number);

const front = (playground, tab) => playground.page.locator(`#tab-${tab}`).click();

async function choose(playground) {
  await front(playground, "context");
  const chosen = playground.page.waitForEvent("filechooser");
  await playground.page.getByRole("button", { name: "Choose a folder" }).click();
  await (await chosen).setFiles(folder);
}

test("a chosen folder weighs what is copied of it, to the byte, as the command line does", async () => {
  const playground = await openPlayground(browser, companion.url);
  await playground.paste("FROM scratch\nCOPY . /app/\n");
  await choose(playground);
  await until("the bytes of the folder", unpacked(playground), (bytes) => bytes === TAKEN);
  const said = estimate("FROM scratch\nCOPY . /app/\n", ["--offline", "--context", folder]);
  assert.equal(said.unpacked.likely, TAKEN);

  await front(playground, "image");
  await playground.page.getByText("What is in it").click();
  await playground.page.getByText("/app/src/main.js").waitFor();
  assert.equal(await playground.page.getByText("left-out.bin").count(), 0);
  // Its Dockerfile is offered, never taken unasked.
  await playground.paste("FROM scratch\nCOPY src/deep /\n");
  await until("two bytes", unpacked(playground), (bytes) => bytes === 2);
  await front(playground, "context");
  await playground.page.getByRole("button", { name: "Open its Dockerfile here" }).click();
  await until("the folder's own", unpacked(playground), (bytes) => bytes === TAKEN);
  await playground.page.getByRole("button", { name: "Forget it" }).click();
  await until("nothing known", () => playground.page.getByTestId("unpacked").innerText(), (text) => text.includes("?"));
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
});

test("a dropped folder is walked, and so is one of twenty thousand files", async () => {
  const playground = await openPlayground(browser, companion.url);
  await playground.paste("FROM scratch\nCOPY . /app/\n");
  await front(playground, "context");
  await playground.page.getByRole("button", { name: "Choose a folder" }).waitFor();
  // Playwright drops no folder: entries by hand, as a browser gives them.
  await playground.page.evaluate(() => {
    const file = (name, path, size) => ({ name, fullPath: path, isFile: true, file: (read) => read({ size }) });
    const directory = (name, path, entries) => ({
      name, fullPath: path, isDirectory: true,
      createReader: () => ({ readEntries: (read) => setTimeout(() => read(entries.splice(0, 100))) }),
      getFile: (_path, _options, _found, failed) => failed(),
    });
    const many = Array.from({ length: 20_000 }, (_, at) => file(`${at}`, `/root/many/${at}`, 3));
    const root = directory("root", "/root", [file("a", "/root/a", 7), directory("many", "/root/many", many)]);
    const event = new Event("drop", { bubbles: true, cancelable: true });
    event.dataTransfer = { types: ["Files"], files: [], items: [{ webkitGetAsEntry: () => root }] };
    document.body.dispatchEvent(event);
  });
  assert.ok((await playground.answerTime()) < 1_000);
  await until("all files", unpacked(playground), (bytes) => bytes === 60_007);
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
});

test("a typed tree is a context, and what slipped in is kept out by a click", async () => {
  const playground = await openPlayground(browser, companion.url);
  await playground.paste("FROM scratch\nCOPY . /app/\n");
  await front(playground, "context");
  await playground.page.getByLabel("A tree, a file a line").fill("a.js 7 B\n.git/x 2 kB\n");
  await until("both files", unpacked(playground), (bytes) => bytes === 2_007);
  await playground.page.getByRole("button", { name: "Keep it out" }).click();
  await until("one of them", unpacked(playground), (bytes) => bytes === 7);
  const ignore = playground.page.getByLabel(".dockerignore", { exact: true });
  await until("a line of .dockerignore", () => ignore.inputValue(), (text) => text === ".git\n");
  await ignore.fill("*.js\n");
  await until("the other one", unpacked(playground), (bytes) => bytes === 2_000);
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
});

test("a list that is typed is known, and the rest of the context is not", async () => {
  const playground = await openPlayground(browser, companion.url);
  await playground.paste("FROM scratch\nCOPY package.json /\nCOPY . /\n");
  await front(playground, "context");
  await playground.page.getByText("Or type a list of packages").click();
  await playground.page.getByLabel("Its text").fill("{}\n");
  // Once in each of two layers.
  await until("three bytes, twice", unpacked(playground), (bytes) => bytes === 6);
  await playground.page.getByText("what else of the build context is copied").first().waitFor({ state: "attached" });
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
});

test("apt-get is weighed with the table of its release, and typing stays quick", async () => {
  const playground = await openPlayground(browser, companion.url);
  const source = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\n";
  await playground.paste(source);
  const row = playground.page.locator("tr", { hasText: "RUN apt-get" }).first();
  await until("a size of the step", () => row.innerText(), (text) => /\d\sMB/.test(text));
  await playground.page.getByText("What is in it").first().click();
  await playground.page.locator(".opening .part", { hasText: /^libcurl4/ }).waitFor();
  assert.deepEqual(playground.errors, []);

  await playground.page.keyboard.press("Escape");
  const times = await typingTimes(playground, " wget git # and more of it");
  console.log(`a keystroke with the table loaded: script, style and layout: p50 ${times.p50} ms, p95 ${times.p95} ms`);
  await playground.page.close();
});

// What a key costs the page, by Chromium's own counters, in milliseconds: its scripts, and the style and layout of what
// they changed. Painting is left out: without a graphics card it says more of the machine than of the page.
async function typingTimes(playground, text) {
  await playground.editor.click();
  await playground.page.keyboard.press("ControlOrMeta+End");
  const session = await playground.page.context().newCDPSession(playground.page);
  await session.send("Performance.enable");
  const spent = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const counted = ["ScriptDuration", "RecalcStyleDuration", "LayoutDuration"];
    return metrics.filter(({ name }) => counted.includes(name)).reduce((sum, { value }) => sum + value * 1000, 0);
  };
  const times = [];
  for (const key of text) {
    const before = await spent();
    await playground.page.keyboard.type(key);
    await playground.page.waitForTimeout(60);
    times.push((await spent()) - before);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1);
  return { p50: at(0.5), p95: at(0.95), count: times.length };
}
