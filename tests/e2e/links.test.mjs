// Links, languages, and the page without a network or without storage.

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

const text = (playground) => playground.page.locator(".cm-content").innerText();

test("an address written by hand fills the page", async () => {
  const source = "FROM alpine:3.22 AS one\nARG V=1\nFROM one AS two\nARG V\nRUN echo $V\n";
  const query = new URLSearchParams({ source, target: "one", platform: "linux/arm64", "arg.V": "2", tab: "checks", theme: "dark" });
  const playground = await openPlayground(browser, `${host.url}?${query}`);
  await playground.stage("two").waitFor({ state: "attached" });
  assert.equal(await playground.target.inputValue(), "one");
  assert.equal(await playground.page.getByTestId("platform").inputValue(), "linux/arm64");
  await until("the tab", () => playground.page.locator("#tab-checks").getAttribute("aria-selected"), (it) => it === "true");
  const paper = await playground.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.match(paper, /rgb\(1[0-9], /, "dark, as the address asks");
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
});

test("a Dockerfile is fetched from an address; one that is not there is said and loses nothing", async () => {
  const context = await browser.newContext();
  await context.route("**/there/Dockerfile", (route) => route.fulfill({ body: "FROM scratch AS fetched\n" }));
  await context.route("**/missing/Dockerfile", (route) => route.fulfill({ status: 404 }));
  for (const [path, expected] of [["there", "FROM scratch AS fetched"], ["missing", "the server answers 404"]]) {
    const page = await context.newPage();
    await page.goto(`${host.url}?src=${encodeURIComponent(`${host.url}${path}/Dockerfile`)}`);
    await page.locator(".cm-content").waitFor();
    await until(path, () => page.locator(".cm-content").innerText(), (now) => now.includes(expected));
    await page.close();
  }
  await context.close();
});

test("a text that is only to be read cannot be typed into", async () => {
  const playground = await openPlayground(browser, `${host.url}?readonly=true&source=FROM%20scratch`);
  await playground.editor.click();
  await playground.page.keyboard.type("RUN nothing");
  assert.equal((await text(playground)).trim(), "FROM scratch");
  await playground.page.close();
});

test("a link holds what the tabs show", async () => {
  const playground = await openPlayground(browser, host.url);
  await playground.page.locator("#tab-layers").click();
  await playground.page.locator('#tab [name="sort"]').selectOption("download");
  await playground.page.waitForTimeout(1_000); // the address follows
  const address = playground.page.url();
  const other = await openPlayground(await browser.newContext(), address);
  await until("the order", () => other.page.locator('#tab [name="sort"]').inputValue(), (value) => value === "download");
  assert.deepEqual(other.errors, []);
  await other.page.close();
  await playground.page.close();
});

for (const [what, fragment, sentence] of [
  ["cut off", "v1:q1Yqzi8tSk5VslJyC_L3VUjMKcj", "cut off"],
  ["from a newer version", "v7:AAAA", "newer Layercast"],
]) {
  test(`a link that is ${what} is said, and the page goes on`, async () => {
    const playground = await openPlayground(browser, `${host.url}#${fragment}`);
    await until("the sentence", () => playground.page.locator(".right").innerText(), (now) => now.includes(sentence));
    await playground.stages.first().waitFor();
    assert.deepEqual(playground.errors, []);
    await playground.page.close();
  });
}

test("without storage the page works", async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    Object.defineProperty(window, "localStorage", { get() { throw new DOMException("forbidden", "SecurityError"); } });
  });
  const playground = await openPlayground(context, host.url);
  await playground.type("FROM scratch AS typed\n");
  await playground.stage("typed").waitFor();
  assert.deepEqual(playground.errors, []);
  await context.close();
});

test("without a network the page comes back after its first visit", async () => {
  const context = await browser.newContext();
  const playground = await openPlayground(context, host.url);
  await playground.page.evaluate(() => navigator.serviceWorker.ready);
  await playground.page.close();
  await context.setOffline(true);
  const page = await context.newPage();
  await page.goto(host.url);
  await page.locator(".cm-content").waitFor();
  await page.locator('[data-testid^="stage-"]').first().waitFor();
  await page.locator("#tab-checks").click();
  await until("checks", () => page.locator("#tab").innerText(), (now) => now.trim().length > 0);
  await context.close();
});

test("who reads German reads German", async () => {
  const playground = await openPlayground(browser, host.url, { locale: "de-DE" });
  await playground.stages.first().waitFor();
  const { page } = playground;
  await until("tabs in German", () => page.locator("#tabs").innerText(), (now) => now.includes("Prüfungen"));
  assert.match(await page.locator("section.stages").innerText(), /Stufen/);
  await page.locator("#tab-layers").click();
  await until("a tab in German", () => page.locator("#tab").innerText(), (now) => now.includes("Schichten"));
  await page.locator(".foot select").selectOption("en");
  await until("English again", () => page.locator("#tabs").innerText(), (now) => now.includes("Checks"));
  assert.deepEqual(playground.errors, []);
  await page.close();
});
