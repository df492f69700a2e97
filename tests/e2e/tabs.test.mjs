// The tabs beside the image: forms that the worker draws.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { openPlayground, startBrowser, until } from "./browser.mjs";
import { startStaticHost } from "./static_host.mjs";

const STAGES = `ARG VERSION=3.22
FROM golang:1.22 AS build
RUN go build -o /app .
FROM alpine:$VERSION
RUN echo $VERSION
COPY --from=build /app /app
`;

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

async function openTab(name, source = STAGES) {
  const playground = await openPlayground(browser, host.url);
  await playground.paste(source);
  await playground.page.getByRole("tab", { name }).click();
  return { playground, page: playground.page, tab: playground.page.locator("#tab") };
}

async function says(tab, text) {
  await until(text, () => tab.innerText(), (all) => all.includes(text));
}

test("scopes: why a variable is empty on the line of the cursor, and a click that mends it", async () => {
  const { playground, page, tab } = await openTab("Scopes");
  await page.locator(".cm-line", { hasText: "RUN echo" }).click();
  await says(tab, "it holds in FROM lines alone");
  await tab.getByRole("button", { name: "Write ARG VERSION into this stage" }).click();
  await until("the text", () => playground.editor.innerText(), (text) => text.includes("\nARG VERSION\nRUN echo"));
  await page.locator(".cm-line", { hasText: "RUN echo" }).click();
  await says(tab, "3.22");
  await tab.getByRole("button", { name: "line 1" }).first().click();
  assert.deepEqual(playground.errors, []);
  await page.close();
});

test("scopes: a caret that moves before the tab is drawn is followed", async () => {
  const { playground, page, tab } = await openTab("Layers");
  await says(tab, "RUN echo $VERSION");
  await page.evaluate(() => {
    document.getElementById("tab-scopes").click();
    document.dispatchEvent(new CustomEvent("layercast:line", { detail: 5 }));
  });
  await says(tab, "it holds in FROM lines alone");
  assert.deepEqual(playground.errors, []);
  await page.close();
});

test("compare: another target, then another text that the editor had", async () => {
  const { playground, page, tab } = await openTab("Compare");
  await says(tab, "build is");
  await tab.getByLabel("another Dockerfile").check();
  await tab.getByRole("button", { name: "Take what is in the editor now" }).click();
  await says(tab, "Both weigh the same unpacked");
  await playground.paste("FROM alpine:3.22\n");
  await says(tab, "Only the other has the stage build.");
  assert.match(page.url(), /#/);
  assert.deepEqual(playground.errors, []);
  await page.close();
});

test("layers: any number gives way to a size that is typed, and comes back", async () => {
  const { playground, page, tab } = await openTab("Layers", "FROM alpine:3.22\nRUN frobnicate\n");
  const step = tab.locator(".bars > li", { hasText: "frobnicate" });
  const base = tab.locator(".bars > li", { hasText: "FROM" });
  const number = (layer, name) => layer.locator(".pin summary", { hasText: name });
  const field = tab.locator(".pin[open] input");
  await says(number(step, "unpacked"), "?");
  const known = await number(base, "unpacked").innerText();
  // By keys: the number opens, the field has the focus, what is no size is told and stays.
  await number(step, "unpacked").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.type("a lot");
  await page.keyboard.press("Enter");
  await says(tab.getByRole("alert"), "A size looks like 58 MB");
  assert.equal(await field.inputValue(), "a lot");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("1 GB");
  await page.keyboard.press("Enter");
  await says(number(step, "unpacked"), "1\u00a0GB");
  await says(number(step, "download"), "?");
  assert.ok(await number(step, "unpacked").evaluate((element) => element === document.activeElement), "the focus is on the number again");
  // By the pointer, over a number that is known: the base image's.
  await number(base, "unpacked").click();
  await field.fill("250 MB");
  await tab.getByRole("button", { name: "Pin" }).click();
  await says(number(base, "unpacked"), "250\u00a0MB");
  await until("the sum of both", () => playground.unpacked.innerText(), (text) => text.includes("1.25"));
  // Both are taken out again.
  for (const [layer, before] of [[base, known], [step, "unpacked ?"]]) {
    await number(layer, "unpacked").click();
    await tab.getByRole("button", { name: "Forget this number" }).click();
    await until(before, () => number(layer, "unpacked").innerText(), (text) => text === before);
  }
  assert.deepEqual(playground.errors, []);
  await page.close();
});

test("image: what is not known has a field for it, and takes its pin out again", async () => {
  const { playground, page } = await openTab("Image", "FROM alpine:3.22\nRUN frobnicate\n");
  const row = page.locator(".layers tr", { hasText: "RUN frobnicate" }).first();
  const field = row.getByLabel("unpacked size of RUN frobnicate");
  await field.fill("a lot");
  await field.press("Enter");
  await until("it is told", () => field.getAttribute("title"), (title) => title?.startsWith("A size looks like"));
  assert.equal(await field.inputValue(), "a lot");
  await field.fill("1 GB");
  await row.getByLabel("download size of RUN frobnicate").fill("300 MB");
  await page.keyboard.press("Tab");
  await until("both", () => row.innerText(), (text) => /1\u00a0GB\s+300\u00a0MB\s+pinned by you/.test(text));
  await row.getByRole("button", { name: "Forget this number" }).click();
  await field.waitFor();
  assert.deepEqual(playground.errors, []);
  await page.close();
});

test("export: what is saved is what is shown", async () => {
  const { playground, page, tab } = await openTab("Export");
  // The page's example has an export too, until the pasted text is read.
  await says(tab, "golang:1.22");
  const saved = async (name) => {
    const waiting = page.waitForEvent("download");
    await tab.getByRole("button", { name }).click();
    const download = await waiting;
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  };
  const svg = await saved("Save as SVG");
  assert.equal(svg.name, "stages.svg");
  assert.match(`${svg.bytes}`, /^<svg xmlns=.*golang:1.22.*<\/svg>\n$/s);
  const png = await saved("Save as PNG");
  assert.deepEqual([...png.bytes.subarray(1, 4)], [...Buffer.from("PNG")]);
  assert.ok(png.bytes.length > 5_000, `${png.bytes.length} bytes`);
  await tab.getByLabel("Form").selectOption("mermaid");
  await says(tab, "flowchart LR");
  assert.match(`${(await saved("Save stages.mmd")).bytes}`, /^flowchart LR\n/);
  assert.deepEqual(playground.errors, []);
  await page.close();
});

test("two stages: one click takes the rewrite, and the editor takes it back", async () => {
  const source = "FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD [\"/app\"]\n";
  const { playground, page, tab } = await openTab("Two stages", source);
  await says(tab, "in two stages");
  await tab.getByRole("button", { name: "Use this" }).click();
  await until("two stages in the graph", () => playground.stages.count(), (count) => count === 2);
  await says(tab, "It is multi-stage already");
  await playground.editor.focus();
  await page.keyboard.press("ControlOrMeta+z");
  await until("one stage again", () => playground.stages.count(), (count) => count === 1);
  assert.equal((await playground.editor.innerText()).trim(), source.trim());
  assert.deepEqual(playground.errors, []);
  await page.close();
});

test("a worker that breaks is started again and its tab drawn again; one that breaks twice says so", async () => {
  const { playground, page, tab } = await openTab("Layers");
  await says(tab, "RUN echo $VERSION");
  // As a broken program does: once, and again with whatever comes next.
  const breakIt = () => page.workers().at(-1).evaluate(() => {
    for (const wait of [0, 50]) setTimeout(() => { throw new Error("broken on purpose"); }, wait);
  });
  const notice = page.locator("#panel .notice");
  await breakIt();
  await says(notice, "It is started again; your text is as it was.");
  await page.locator(".cm-line", { hasText: "RUN echo" }).click();
  await page.keyboard.press("End");
  await page.keyboard.type(" typed");
  await says(tab, "RUN echo $VERSION typed");
  await notice.waitFor({ state: "detached" });
  await breakIt();
  await says(notice, "reload the page");
  assert.match(await playground.editor.innerText(), /RUN echo \$VERSION typed/);
  await until("the page's own word", () => page.locator(".left").innerText(), (text) => text.includes("The checks could not be loaded"));
  // What the page does itself goes on.
  await page.keyboard.type("\nFROM alpine AS another");
  await until("another stage", () => playground.stages.count(), (count) => count === 3);
  assert.deepEqual(playground.errors.filter((error) => !error.includes("broken on purpose")), []);
  await page.close();
});
