// Building from the page: the graph lights up, steps and their output, the truth beside the estimate; a reload, a second
// tab, a cancelled build, a failing one; a companion that goes and comes back.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPlayground, startBrowser, until } from "./browser.mjs";
import { startBuilding, startCompanion } from "./companion.mjs";
import { lab } from "./lab.mjs";

// Each run does its slow steps anew.
const RUN = `${process.pid}-${Date.now()}`;
const DOCKERFILE = [
  "FROM busybox AS files",
  `RUN echo ${RUN} && printf '\\033[31mred\\033[0m <img src=x onerror=alert(1)>\\n' && sleep 12 && seq 1 1000 > /numbers`,
  "FROM busybox",
  "COPY taken /taken",
  "COPY --from=files /numbers /numbers",
  "",
].join("\n");

let browser;
let folder;
let environment;

before(async () => {
  environment = lab("building from the page");
  browser = await startBrowser();
  folder = mkdtempSync(join(tmpdir(), "layercast-build-"));
  writeFileSync(join(folder, "Dockerfile"), DOCKERFILE);
  writeFileSync(join(folder, "taken"), "x".repeat(12_345));
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const panel = ({ page }) => page.getByRole("region", { name: "Build", exact: true });
const go = (playground) => panel(playground).getByRole("button", { name: /^Build/ });
const step = (playground, line) => panel(playground).locator(".build-step").filter({ has: playground.page.getByRole("button", { name: `Go to line ${line}`, exact: true }) });
const stateOf = (playground, line) => () => step(playground, line).getAttribute("data-state");
const buildState = (playground) => () => panel(playground).getAttribute("data-state");

test("where no build is offered, nobody is asked for one", async () => {
  const companion = await startCompanion(["--offline"]);
  const playground = await openPlayground(browser, companion.url);
  await playground.page.getByRole("tab", { name: "Image" }).waitFor();
  assert.equal(await panel(playground).count(), 0);
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
  await companion.stop();
});

test("without the printed address the page says which one to open", async () => {
  const companion = await startBuilding(folder, environment ?? {});
  const page = await browser.newPage();
  await page.goto(companion.url);
  await page.getByText("open the address that layercast serve printed").waitFor();
  assert.ok(await page.getByRole("button", { name: "Build", exact: true }).isDisabled());
  await page.close();
  await companion.stop();
});

test("the panel speaks the visitor's language", async () => {
  const companion = await startBuilding(folder, { PATH: folder, DOCKER_HOST: "unix:///nowhere.sock" });
  const playground = await openPlayground(browser, companion.printed, { locale: "de-DE" });
  const panel = playground.page.getByRole("region", { name: "Bauen", exact: true });
  await panel.getByText(/für linux\/amd64, im Ordner/).waitFor();
  await panel.getByRole("button", { name: "Bauen" }).click();
  await panel.getByText("ist fehlgeschlagen").waitFor();
  await panel.getByRole("button", { name: "Neu bauen" }).waitFor();
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
  await companion.stop();
});

test("without Docker the button says why, and what to do", async () => {
  const companion = await startBuilding(folder, { PATH: folder, DOCKER_HOST: "unix:///nowhere.sock" });
  const playground = await openPlayground(browser, companion.printed);
  await go(playground).click();
  await panel(playground).getByText("failed to reach Docker at unix:///nowhere.sock").waitFor();
  await panel(playground).getByText("start Docker").waitFor();
  assert.equal(await buildState(playground)(), "failed");
  await playground.page.close();
  await companion.stop();
});

test("the page builds what stands in it, and weighs it", async () => {
  if (!environment) return;
  const companion = await startBuilding(folder, environment);
  const playground = await openPlayground(browser, companion.printed);
  const { page } = playground;
  // The secret is gone from the address; the text is that of the folder.
  await until("the folder's Dockerfile", () => page.locator(".cm-content").innerText(), (text) => text.includes(RUN));
  assert.ok(!page.url().includes("token"), page.url());
  await until("the offer", () => panel(playground).innerText(), (text) => text.includes("linux/amd64"));
  const second = await openPlayground(browser, companion.printed);
  await go(playground).click();

  const node = playground.stage("files");
  await until("the stage runs", () => node.getAttribute("data-build"), (state) => state === "running");
  assert.equal(await stateOf(playground, 2)(), "running");
  assert.equal(await stateOf(playground, 5)(), "waiting");

  // A second tab sees the same build, and so does this one when it is loaded anew.
  await until("the second tab", stateOf(second, 2), (state) => state === "running");
  await page.reload();
  await until("the reloaded tab", stateOf(playground, 2), (state) => state === "running");
  assert.equal(await buildState(second)(), "running");

  await until("the end", buildState(playground), (state) => state === "done", 60_000);
  await until("the graph", () => node.getAttribute("data-build"), (state) => state === "done");
  await until("the second tab's end", buildState(second), (state) => state === "done");
  assert.equal(await stateOf(playground, 2)(), "done");
  assert.match(await step(playground, 4).innerText(), /12\.3\skB.*estimated 12\.3\skB.*0\s%.*in range/s);
  assert.match(await panel(playground).locator(".build-sizes").innerText(), /The image: .*estimated/);

  // The page's own figures start from what was measured.
  const basis = (line) => () => page.locator(`#layers tr[data-lines="${line}-${line}"] .basis`).innerText();
  await until("a measured layer", basis(4), (text) => text.includes("measured"));
  await until("the measured base image", basis(3), (text) => text.includes("measured"));

  // Output is text in colours, never markup.
  await step(playground, 2).locator("summary").click();
  const log = step(playground, 2).locator(".build-log");
  assert.match(await log.innerText(), new RegExp(`${RUN}\\nred <img src=x onerror=alert\\(1\\)>`));
  assert.equal(await log.locator(".ansi-red").innerText(), "red");
  assert.equal(await log.locator("img").count(), 0);

  assert.deepEqual(playground.errors, []);

  // Once more: nothing is left to do.
  await go(playground).click();
  await until("cached", () => node.getAttribute("data-build"), (state) => state === "cached", 60_000);
  await second.page.close();
  await page.close();
  await companion.stop();
});

test("a failing step shows its line, and a build can be cancelled", async () => {
  if (!environment) return;
  const companion = await startBuilding(folder, environment);
  const playground = await openPlayground(browser, companion.printed);
  await until("the offer", () => go(playground).isEnabled(), (enabled) => enabled);
  await playground.paste(`FROM busybox\nRUN true\nRUN echo ${RUN} before; exit 3\n`);
  await go(playground).press("Enter");
  await until("the failure", buildState(playground), (state) => state === "failed", 60_000);
  await until("the node", () => playground.stage("stage-0").getAttribute("data-build"), (state) => state === "failed");
  await panel(playground).getByText("exit code: 3").first().waitFor();
  assert.match(await step(playground, 3).locator(".build-log").innerText(), /before/);
  await panel(playground).locator(".build-why").getByRole("button", { name: "Go to line 3" }).press("Enter");
  await until("the line", () => playground.page.locator(".cm-activeLine").innerText(), (text) => text.includes("exit 3"));

  await playground.paste(`FROM busybox\nRUN echo ${RUN} && sleep 4245\n`);
  await go(playground).click();
  await until("the step", stateOf(playground, 2), (state) => state === "running", 30_000);
  await panel(playground).getByRole("button", { name: "Cancel" }).click();
  await until("the end", buildState(playground), (state) => state === "cancelled", 30_000);
  assert.equal(await stateOf(playground, 2)(), "cancelled");
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
  await companion.stop();
});

test("a page outlives its companion, and asks for the new address", async () => {
  let companion = await startBuilding(folder, environment ?? {});
  const playground = await openPlayground(browser, companion.printed);
  await until("the offer", () => go(playground).isEnabled(), (enabled) => enabled);
  await companion.stop();
  await panel(playground).getByText("The companion does not answer.").waitFor();
  assert.ok(await go(playground).isDisabled());
  companion = await startBuilding(folder, environment ?? {}, companion.port);
  await panel(playground).getByText("started anew").waitFor();
  await playground.page.evaluate((address) => { location.href = address; }, companion.printed);
  await until("the offer again", () => go(playground).isEnabled(), (enabled) => enabled);
  assert.ok(!playground.page.url().includes("token"));
  await playground.page.close();
  await companion.stop();
});
