// For everybody: axe on every tab, and a way through every feature by keyboard alone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openPlayground, startBrowser, until } from "./browser.mjs";
import { startStaticHost } from "./static_host.mjs";

const AXE = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const SOURCE = `FROM golang:1.25 AS Build
WORKDIR /src
COPY . .
RUN go build -o /app .
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y curl
COPY --from=build /app /app
CMD /app
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

for (const [colorScheme, width] of [["light", 1440], ["dark", 1440], ["light", 390], ["dark", 390]]) {
  test(`axe finds nothing on any tab, ${colorScheme}, ${width} wide`, async () => {
    const playground = await open({ colorScheme, viewport: { width, height: 900 } });
    const { page } = playground;
    await page.evaluate(AXE);
    for (const tab of await page.locator("#tabs button").all()) {
      await tab.click();
      const name = await tab.innerText();
      await settled(page);
      const found = await page.evaluate((values) => axe.run(document, { runOnly: { type: "tag", values } }), RULES);
      const lines = found.violations.flatMap(({ id, nodes }) =>
        nodes.slice(0, 3).map(({ html, failureSummary }) => `${name}: ${id}: ${html.slice(0, 160)}\n${failureSummary}`));
      assert.deepEqual(lines, [], lines.join("\n\n"));
    }
    assert.deepEqual(playground.errors, []);
    await page.close();
  });
}

test("every feature can be reached by keyboard alone", async () => {
  const playground = await open();
  const { page } = playground;
  const focus = () => page.evaluate(() => document.activeElement.id || document.activeElement.className?.baseVal || document.activeElement.className);

  // Out of the editor, into the tabs, along them and back.
  await playground.editor.focus();
  await page.keyboard.press("Escape");
  assert.equal(await focus(), "tab-image");
  await page.keyboard.press("ArrowRight");
  assert.equal(await focus(), await page.locator("#tabs button").nth(1).getAttribute("id"));
  await page.keyboard.press("End");
  assert.equal(await focus(), await page.locator("#tabs button").last().getAttribute("id"));
  await page.keyboard.press("Home");
  assert.equal(await focus(), "tab-image");

  // The list of keys opens, says something, and closes.
  await page.keyboard.press("?");
  await page.locator("dialog.keys[open]").waitFor();
  assert.match(await page.locator("dialog.keys").innerText(), /Into the editor/);
  await page.keyboard.press("Escape");
  await page.locator("dialog.keys").waitFor({ state: "hidden" });

  // The graph: Enter makes a stage the target.
  await page.keyboard.press("g");
  const onAnother = () => page.evaluate(() => document.activeElement.matches('.stage[aria-pressed="false"]'));
  for (let steps = 0; steps < 8 && !(await onAnother()); steps++) await page.keyboard.press(steps % 2 ? "ArrowUp" : "ArrowLeft");
  await page.keyboard.press("Enter");
  await until("another target", () => playground.target.inputValue(), (value) => value !== "");
  await playground.target.selectOption("");

  // A fix, made and taken back.
  await page.keyboard.press("Escape");
  await page.locator("#tab-image").focus();
  const checks = await page.locator("#tab-checks").evaluate((tab) => [...tab.parentElement.children].indexOf(tab) + 1);
  await page.keyboard.press(String(checks));
  const fix = page.locator('#tab [data-do="edit"]').first();
  await fix.waitFor();
  await settled(page);
  await page.locator("#tab-checks").focus();
  for (let steps = 0; steps < 40 && !(await fix.evaluate((button) => button === document.activeElement)); steps++)
    await page.keyboard.press("Tab");
  const before = await text(page);
  await page.keyboard.press("Enter");
  await until("a mended text", () => text(page), (now) => now !== before);
  await page.locator("#tab-checks").focus();
  await page.keyboard.press("e");
  await page.keyboard.press("ControlOrMeta+z");
  await until("the text as it was", () => text(page), (now) => now === before);

  // Every other tab shows something.
  for (const tab of await page.locator("#tabs button").all()) {
    await tab.focus();
    await page.keyboard.press("Enter");
    await settled(page);
    const shown = await page.locator("#tab, .stages, .context").allInnerTexts();
    assert.ok(shown.join("").trim().length > 20, `${await tab.innerText()} is empty`);
  }
  assert.deepEqual(playground.errors, []);
  await page.close();
});

async function open(options) {
  const playground = await openPlayground(browser, host.url, options);
  await playground.paste(SOURCE);
  await playground.page.locator("#tab-checks").waitFor();
  await settled(playground.page);
  return playground;
}

// Until the worker has weighed the text, its numbers dim no more, has drawn what the tab shows, and all keeps still.
async function settled(page) {
  await page.waitForFunction(() => {
    const { tab } = document.querySelector(".right").dataset;
    if (document.querySelector(".weighing")) return false;
    return tab === "image" || document.getElementById("tab").textContent.trim().length > 0;
  });
  await page.evaluate(() => new Promise((still) => {
    let rest = setTimeout(still, 400);
    const watch = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver(() => { clearTimeout(rest); rest = setTimeout(still, 400); }).observe(document.body, watch);
  }));
}

const text = (page) => page.locator(".cm-content").evaluate((content) => content.innerText);
