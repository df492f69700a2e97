// How quick the page is, in Chromium, by typing: a table for files of 100, 1,000 and 10,000 lines.
//
//     node tests/e2e/speed.mjs [LINES|DOCKERFILE...]
//
// after `cargo xtask build`, and `npm ci` here. All times are of the page's own thread, so that other programs do not
// lengthen them. A key costs its scripts, style and layout; beside that stands all that the thread did until the next
// one, painting without a graphics card and tracing included. Keys come so quickly that answers of the worker fall
// behind the last one. For comparison the same editor on an empty page, and dockerfile-utils validating the same text.

import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startBrowser } from "./browser.mjs";
import { fileOf } from "./speed/files.mjs";
import { share, stretches, trace } from "./speed/trace.mjs";
import { startStaticHost } from "./static_host.mjs";

const KEYS = 60;
// In milliseconds. Less than typing rests before the worker is asked; more than a key of 10,000 lines takes.
const PAUSE = 100;
const EDITS = 1_000;

const wanted = process.argv.slice(2);
const host = await startStaticHost();
const browser = await startBrowser();
try {
  for (const one of wanted.length ? wanted : ["100", "1000", "10000"]) await measure(/^\d+$/.test(one) ? fileOf(Number(one)) : own(one));
} finally {
  await browser.close();
  host.stop();
}

async function measure(file) {
  const lines = file.source.split("\n").length - 1;
  console.log(`\n${lines} lines, ${(file.source.match(/^FROM /gm) ?? []).length} stages, ${file.source.length} characters`);
  const page = await opened(file.source);
  const opening = await page.evaluate(() => globalThis.opening());
  console.log(`  first paint ${round(opening.paint)} ms, text shown and drawn ${round(opening.text)} ms, editor ${round(opening.editor)} ms`);
  await settle(page);
  row("the page", await typing(page, file.line));
  await settle(page);
  if (lines <= 1_000) await growth(page, file.line);
  await page.close();

  const alone = await editorAlone(file.source);
  row("CodeMirror alone", await typing(alone, file.line));
  await alone.close();
  row("dockerfile-utils, validate()", await validating(file));
}

// A file of the user's own; what is typed goes to a RUN in its middle.
function own(path) {
  const source = readFileSync(path, "utf8");
  const lines = source.split("\n");
  const runs = lines.flatMap((text, at) => (/^RUN .*[^\\]$/.test(text) ? [at + 1] : []));
  return { source, line: runs[Math.floor(runs.length / 2)] ?? 1 };
}

function row(what, { keys, whole, longest }) {
  const both = (values) => `p50 ${round(share(values, 0.5))} ms  p95 ${round(share(values, 0.95))} ms`;
  const rest = whole ? `  longest task ${round(longest)} ms; with painting ${both(whole)}` : "";
  console.log(`  ${what.padEnd(28)} ${both(keys)}${rest}`);
}

function round(milliseconds) {
  return milliseconds.toFixed(1);
}

/// The page with a text of ours, as one finds it on the next visit.
async function opened(source) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(watch, source);
  await page.goto(host.url);
  await page.locator(".cm-content").waitFor();
  return page;
}

// Runs in the page before anything else of it.
function watch(source) {
  localStorage.setItem("layercast.text", source);
  const seen = {};
  const look = () => {
    if (document.querySelector(".source-plain, .cm-content")) seen.text ??= performance.now();
    if (document.querySelector(".cm-content")) seen.editor ??= performance.now();
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  globalThis.opening = () => ({ ...seen, paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0 });
  const start = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...args) => {
    const made = await start.apply(WebAssembly, args);
    globalThis.ours = made.instance.exports.memory;
    return made;
  };
}

async function editorAlone(source) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${host.url}editor/editor.css`);
  await page.setContent(`<style>body { margin: 0 } #host { width: 600px; height: 800px } #host > * { height: 100% }</style><textarea id="area"></textarea><div id="host"></div>`);
  await page.evaluate(async ([url, text]) => {
    const { create } = await import(url);
    const area = document.getElementById("area");
    area.value = text;
    await create(area, document.getElementById("host"), () => {}, () => {});
  }, [`${host.url}editor/editor.js`, source]);
  await page.locator(".cm-content").waitFor();
  return page;
}

/// Types at the end of a line in the middle of the file.
async function typing(page, line, keys = KEYS) {
  await toLine(page, line);
  await page.evaluate(() => {
    globalThis.marking ??= addEventListener("keydown", () => performance.mark("key"), true) ?? true;
  });
  await page.keyboard.type(" -", { delay: PAUSE });
  const spent = await counters(page);
  const end = await trace(page);
  const costs = [];
  for (let key = 0; key <= keys; key++) {
    const before = await spent();
    const start = performance.now();
    await page.keyboard.press("abcdefgh"[key % 8]);
    await page.waitForTimeout(Math.max(0, PAUSE - (performance.now() - start)));
    costs.push((await spent()) - before);
  }
  const found = stretches(await end(), "key");
  return { keys: costs, whole: found.map(({ sum }) => sum), longest: Math.max(...found.map(({ longest }) => longest)) };
}

/// Milliseconds of scripts, style and layout so far.
async function counters(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const counted = ["ScriptDuration", "RecalcStyleDuration", "LayoutDuration"];
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.filter(({ name }) => counted.includes(name)).reduce((sum, { value }) => sum + value * 1000, 0);
  };
}

async function toLine(page, line) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+Home");
  // Through the editor itself: ten thousand arrows would take minutes.
  await page.evaluate((number) => {
    const view = document.querySelector(".cm-content").cmTile?.view ?? document.querySelector(".cm-content").cmView.view;
    const at = view.state.doc.line(number).to;
    view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
  }, line);
  await page.waitForTimeout(300);
}

/// Memory before and after many edits, each taken back again.
async function growth(page, line) {
  await toLine(page, line);
  const before = await memory(page);
  for (let edit = 0; edit < EDITS; edit += 2) {
    await page.keyboard.press("x");
    await page.keyboard.press("Backspace");
  }
  await settle(page);
  const after = await memory(page);
  const megabytes = ({ heap, wasm }) => `${(heap / 1e6).toFixed(1)} MB of scripts, ${(wasm / 1e6).toFixed(1)} MB of wasm`;
  console.log(`  memory: ${megabytes(before)}; after ${EDITS} edits ${megabytes(after)}`);
}

async function memory(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return { heap: usedSize, wasm: await page.evaluate(() => globalThis.ours?.buffer.byteLength ?? 0) };
}

/// Until the worker has said what it has to say.
function settle(page) {
  return page.waitForTimeout(3_000);
}

async function validating({ source, line }) {
  const bundle = await build({
    stdin: { contents: `export { validate } from "dockerfile-utils"`, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true, format: "iife", globalName: "utils", minify: true, write: false, logLevel: "error",
  });
  const page = await browser.newPage();
  await page.addScriptTag({ content: bundle.outputFiles[0].text });
  const keys = await page.evaluate(([text, number, count]) => {
    // What its reader of the first letter asks of Node.
    globalThis.Buffer = { from: (letters) => new TextEncoder().encode(letters) };
    const lines = text.split("\n");
    const times = [];
    for (let key = 0; key < count; key++) {
      lines[number - 1] += "a";
      const edited = lines.join("\n");
      const start = performance.now();
      globalThis.utils.validate(edited);
      times.push(performance.now() - start);
    }
    return times;
  }, [source, line, source.length > 100_000 ? 10 : KEYS]);
  await page.close();
  return { keys };
}
