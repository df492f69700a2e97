// The graph of the stages: walked by keys, zoomed, narrowed to a path, told as a list, and tied to the editor.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPlayground, startBrowser, until } from "./browser.mjs";
import { startStaticHost } from "./static_host.mjs";

const SOURCE = `FROM golang:1.25 AS build
RUN go build
FROM build AS tests
RUN go test
FROM node:22 AS front
RUN npm run build
FROM alpine:3.22 AS final
COPY --from=build /out /bin/
COPY --from=front /dist /www
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

/// The page with a graph that its script has joined.
async function opened(source, options) {
  const playground = await openPlayground(browser, host.url, options);
  await playground.paste(source);
  await playground.page.locator(".graph[data-live]").waitFor();
  const names = source.match(/ AS (\S+)/g).map((found) => found.slice(4));
  await playground.stage(names[0]).waitFor();
  await playground.page.waitForTimeout(400); // what glides has arrived
  return playground;
}

const focused = (playground) => playground.page.evaluate(() => document.activeElement.dataset.node);
const transform = (playground) => playground.page.locator(".graph > svg > g").first().evaluate((group) => group.style.transform);

async function walk(playground, keys) {
  const way = [];
  for (const key of keys) {
    await playground.page.keyboard.press(key);
    way.push(await focused(playground));
  }
  return way;
}

test("arrow keys walk along lines and columns, Home and End to the ends, Enter makes the target", async () => {
  const playground = await opened(SOURCE);
  const { page } = playground;
  await playground.stage("final").focus();
  const image = (name) => `docker.io/library/${name}`;
  const way = await walk(playground, ["ArrowLeft", "ArrowLeft", "ArrowRight", "Home", "End", "ArrowUp"]);
  assert.deepEqual(way, ["2", image("node:22"), "2", "0", "3", "1"]);
  // One stop for Tab, whatever the number of stages.
  assert.equal(await page.locator('.graph [tabindex="0"]').count(), 1);
  await page.keyboard.press("Enter");
  await until("tests is the target", () => playground.stage("tests").getAttribute("aria-pressed"), (pressed) => pressed === "true");
  assert.equal(await focused(playground), "1");
  assert.match(await playground.stage("final").locator("title").textContent(), /is not built: nothing uses it/);
  assert.deepEqual(playground.errors, []);
  await page.close();
});

test("f leaves the path of a stage alone undimmed, Escape brings the rest back", async () => {
  const playground = await opened(SOURCE);
  const off = () => playground.page.locator(".graph .node[data-off]").evaluateAll((nodes) => nodes.map((node) => node.dataset.node));
  await playground.stage("tests").focus();
  await playground.page.keyboard.press("f");
  assert.deepEqual(await off(), ["docker.io/library/node:22", "docker.io/library/alpine:3.22", "2", "3"]);
  await playground.page.keyboard.press("Escape");
  assert.deepEqual(await off(), []);
  await playground.page.close();
});

test("what is pointed at has its lines lit, and the cursor its stage", async () => {
  const playground = await opened(SOURCE);
  const lit = () => playground.page.locator(".cm-line.lit-line").allInnerTexts();
  await playground.stage("front").hover();
  await until("lines of front", lit, (found) => found.join("|") === "FROM node:22 AS front|RUN npm run build");
  await playground.page.locator('.link[data-from="2"] .link-near').hover();
  await until("the line that copies", lit, (found) => found.join("|") === "COPY --from=front /dist /www");
  await playground.page.mouse.move(5, 5);
  await until("nothing", lit, (found) => found.length === 0);
  const here = () => playground.page.locator(".graph .node[data-here]").evaluateAll((nodes) => nodes.map((node) => node.dataset.node));
  await playground.page.locator(".cm-line", { hasText: "RUN go test" }).click();
  await until("the stage at the cursor", here, (found) => found.join() === "1");
  assert.deepEqual(playground.errors, []);
  await playground.page.close();
});

test("Ctrl and the wheel zoom, drag moves, the wheel alone is the page's", async () => {
  const playground = await opened(SOURCE);
  const { page } = playground;
  const box = await page.locator(".graph > svg").first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, 50);
  assert.equal(await transform(playground), "");
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -300);
  await page.keyboard.up("Control");
  const larger = await until("larger", () => transform(playground), (found) => found.includes("scale(1."));
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 60, box.y + box.height / 2 - 30, { steps: 4 });
  await page.mouse.up();
  assert.notEqual(await transform(playground), larger);
  await page.getByRole("button", { name: "Fit" }).click();
  assert.equal(await transform(playground), "");
  // To drag is not to click.
  assert.equal(await playground.stage("final").getAttribute("aria-pressed"), "true");
  assert.deepEqual(playground.errors, []);
  await page.close();
});

test("the stages can be read as a list, and the choice is kept", async () => {
  const playground = await opened(SOURCE);
  const { page } = playground;
  await page.getByRole("button", { name: "List", exact: true }).click();
  const list = page.locator(".stage-tree");
  const told = (await list.innerText()).replace(/\u00a0/g, " ").split("\n").map((line) => line.replace(/≥.*MB · |\d[\d.]* [MG]B/, "").trim());
  assert.match(told.join("\n"), /^final .*ships.*\nstarts from alpine:3.22.*\ncopies from build .*left behind.*\nstarts from golang:1.25.*\ncopies from front [^]*Not built\ntests /);
  await list.getByRole("button", { name: "front" }).click();
  await until("front is the target", () => playground.target.inputValue(), (value) => value === "front");
  await page.reload();
  await list.getByRole("button", { name: "final" }).waitFor();
  await page.locator(".graph > svg").first().waitFor({ state: "hidden" });
  await page.close();
});

// A chain, a fork, and the image that takes from both.
const CHAIN = `FROM alpine:3.22 AS base
RUN one
FROM base AS deps
RUN two
RUN three
FROM deps AS server
RUN four
FROM node:22 AS front
RUN npm run build
FROM alpine:3.22 AS final
COPY --from=server /out /bin/
COPY --from=front /dist /www
`;

test("a chain of stages folds into one and unfolds, by its sign, by c, by the button; typing leaves it folded", async () => {
  const playground = await opened(CHAIN);
  const { page } = playground;
  const names = () => page.locator(".graph .stage .node-name").allTextContents();
  const width = () => page.locator(".graph > svg").first().evaluate((svg) => svg.viewBox.baseVal.width);
  const whole = await width();
  const apart = ["base", "deps", "server", "front", "final"];
  assert.deepEqual(await names(), apart);
  await page.locator(".chain-sign").click();
  await until("one node", async () => (await names()).join(), (found) => found === "base … server,front,final");
  assert.match(await playground.stage("server").textContent(), /3 stages · .*4 steps · left behind/);
  assert.ok((await width()) < whole, "the drawing is smaller");
  // To fold is not to choose.
  assert.equal(await playground.target.inputValue(), "");
  await page.locator(".cm-line", { hasText: "RUN two" }).click();
  await page.keyboard.press("End");
  await page.keyboard.type("\nRUN more");
  await playground.stage("server").getByText("5 steps").waitFor();
  assert.deepEqual(await names(), ["base … server", "front", "final"]);
  assert.ok(await playground.stage("server").evaluate((node) => node.hasAttribute("data-here")), "the cursor stands in it");
  // By keys: apart, and from a stage inside the chain as one again. The focus stays in it.
  await playground.stage("server").focus();
  await page.keyboard.press("c");
  await until("apart", async () => (await names()).join(), (found) => found === apart.join());
  assert.deepEqual(await walk(playground, ["ArrowLeft"]), ["1"]);
  await page.keyboard.press("c");
  await until("one node", async () => (await names()).join(), (found) => found === "base … server,front,final");
  await until("the focus", () => focused(playground), (name) => name === "2");
  // The list has every stage.
  await page.getByRole("button", { name: "List", exact: true }).click();
  const list = page.locator(".stage-tree");
  for (const name of apart) await list.getByRole("button", { name, exact: true }).waitFor();
  await page.getByRole("button", { name: "List", exact: true }).click();
  await until("one node", async () => (await names()).join(), (found) => found === "base … server,front,final");
  await page.getByRole("button", { name: "Fold", exact: true }).click();
  await until("apart", async () => (await names()).join(), (found) => found === apart.join());
  assert.deepEqual(playground.errors, []);
  await page.close();
});

test("of many stages those that are not built are left out until asked for; a map shows where one is", async () => {
  const stages = Array.from({ length: 48 }, (_, at) => `FROM ${at ? `s${at - 1}` : "alpine"} AS s${at}\nRUN step ${at}\n`);
  const playground = await opened(`${stages.join("")}FROM s39 AS last\n`);
  const { page } = playground;
  assert.equal(await playground.stages.count(), 41);
  await page.locator(".minimap.there").waitFor();
  await page.getByRole("button", { name: "8 not built, left out" }).click();
  await until("all of them", () => playground.stages.count(), (count) => count === 49);
  const before = await transform(playground);
  await page.locator(".minimap").click({ position: { x: 3, y: 3 } });
  assert.notEqual(await transform(playground), before);
  assert.deepEqual(playground.errors, []);
  await page.close();
});

test("what is typed inside a stage moves no node", async () => {
  const playground = await opened(SOURCE);
  const places = () => playground.page.locator(".graph .node").evaluateAll((nodes) => nodes.map((node) => node.style.transform).join());
  const before = await places();
  await playground.page.locator(".cm-line", { hasText: "RUN go test" }).click();
  await playground.page.keyboard.press("End");
  await playground.page.keyboard.type(" && go vet\nRUN more --mount\n");
  await playground.stage("tests").getByText("2 steps").waitFor();
  assert.equal(await places(), before);
  await playground.page.close();
});
