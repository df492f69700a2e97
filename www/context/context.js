// The panel of the build context: a folder that is dropped or chosen, files whose text is typed. It lists names and
// lengths, reads what the worker asks for, and hands all that to the worker. Nothing leaves the browser.
//
// What it says to the worker is a list: a word, and what belongs to it (src/worker/context.rs).

import { filesOf, isFolder } from "./folder.js";
import { entriesOf } from "./archive.js";
import { fill, t } from "../tabs/tabs.js";

// English; said in the visitor's language by `t`. `{}` is where a value stands.
const WORDS = {
  title: "Build context",
  promise: "Names and sizes are read, texts only of package lists. Nothing leaves this browser.",
  choose: "Choose a folder",
  orDrop: "or drop one anywhere on this page: what COPY takes is then known to the byte.",
  counting: "Counting: {} files, {}",
  found: "{}: {} files, {}",
  cut: "It has more files: only the first {} are counted.",
  ignored: "{} holds.",
  forget: "Forget it",
  stop: "Stop",
  open: "Open its {} here",
  paste: "Or type a list of packages",
  pasteHint: "Without a folder the rest of the context stays unknown; what a list installs does not.",
  path: "Path in the context",
  text: "Its text",
  take: "Take back {}",
  failed: "The folder could not be read: {}",
  tooLong: "it is longer than 64 MB",
  noText: "it is no text in UTF-8",
  measured: "{}: {} measured steps are used.",
  noFacts: "{} is no facts file: {}",
  typed: "The tree that you typed",
  gone: "it is not there any more",
};

// More are not counted: half a million names take a hundred megabytes.
const MOST_FILES = 500_000;
const LONGEST_TEXT = 64 << 20;
// In milliseconds: typing rests so long before a text is weighed.
const REST = 250;
const LISTS = [
  "package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "requirements.txt", "pyproject.toml",
  "poetry.lock", "uv.lock", "Pipfile.lock", "go.mod", "Cargo.toml", "Gemfile.lock", ".dockerignore",
];
// What `layercast build --save-facts` writes: at the root of the folder by its whole name, dropped alone by its end.
const FACTS = "layercast.facts.json";
const isFacts = (name) => name.endsWith(".facts.json");
const DOCKERFILE = /^([\w.-]+\.)?(Dockerfile|Containerfile)(\.(?!dockerignore$)[\w-]+)?$/i;

let worker;
let took;
// What was dropped or chosen: { name, files(), find(path) }.
let folder;
// Counts the folders, so that a listing that was overtaken stops.
let turn = 0;
let ignoreOf = "Dockerfile";
const typed = new Map();
// The facts file: { name, text }.
let facts;
let view;

/// Joins the panel to a worker. Called again when there is another one.
export function connect(to, took_text) {
  worker = to;
  took = took_text;
  worker.addEventListener("message", ({ data }) => {
    if (Array.isArray(data) && data[0] === "read") read(data[1]);
    if (Array.isArray(data) && data[0] === "facts") view.facts(data[1]);
  });
  if (!view) {
    const host = document.getElementById("context");
    if (!host) return;
    view = draw(host);
    listenForDrops();
    document.addEventListener("layercast:type", ({ detail }) => type(detail.path, detail.text));
    document.addEventListener("layercast:facts", ({ detail }) => sayFacts(detail));
    document.addEventListener("layercast:tree", ({ detail }) => plant(detail));
  }
  for (const [path, text] of typed) sayTyped(path, text);
  if (facts) sayFacts(facts);
  if (folder) list();
}

async function take(next) {
  folder = next;
  ignoreOf = "Dockerfile";
  const file = await next.find(FACTS);
  if (file) sayFacts({ name: FACTS, text: await file.text() });
  await list();
}

// A tree that somebody typed: what a folder would be, of names and lengths alone.
function plant(tree) {
  const files = tree.split("\n").map(fileOf).filter(Boolean);
  if (!files.length) return forget();
  return take({ name: t(WORDS.typed), files: async function* () { yield files; }, find: async () => undefined });
}

function fileOf(line) {
  const [, path, number, unit] = /^\s*(\S.*?)(?:\s+([\d.]+)\s*([kKMGT]?)i?B?)?\s*$/.exec(line) ?? [];
  if (!path || path.endsWith("/")) return undefined;
  const length = Math.round((Number(number) || 0) * 1000 ** ["", "K", "M", "G", "T"].indexOf((unit ?? "").toUpperCase()));
  return { path: path.replace(/^\.?\/+/, ""), length };
}

function forget() {
  turn++;
  folder = undefined;
  say("no folder");
  if (typed.has(".dockerignore")) sayTyped(".dockerignore", typed.get(".dockerignore"));
  view.status("");
}

// Names and lengths, some at a time: between two handfuls the page answers.
async function list() {
  const own = ++turn;
  say("no folder");
  let count = 0, bytes = 0, cut = false;
  const dockerfiles = [];
  try {
    for await (const some of folder.files()) {
      if (own !== turn) return;
      const taken = some.slice(0, MOST_FILES - count);
      say("files", taken.map(({ path }) => path).join("\0"), Float64Array.from(taken, ({ length }) => length));
      count += taken.length;
      bytes += taken.reduce((sum, { length }) => sum + length, 0);
      dockerfiles.push(...taken.map(({ path }) => path).filter((path) => DOCKERFILE.test(path)));
      view.status(fill(WORDS.counting, number(count), size(bytes)), [[t(WORDS.stop), forget]]);
      if (taken.length < some.length) { cut = true; break; }
    }
    const ignore = await sayIgnore();
    if (own !== turn) return;
    say("folder");
    const words = [fill(WORDS.found, folder.name, number(count), size(bytes))];
    if (ignore) words.push(fill(WORDS.ignored, ignore));
    if (cut) words.push(fill(WORDS.cut, number(MOST_FILES)));
    const offers = dockerfiles.slice(0, 4).map((path) => [fill(WORDS.open, path), () => open(path)]);
    view.status(words.join(" · "), [...offers, [t(WORDS.forget), forget]]);
  } catch (error) {
    if (own !== turn) return;
    forget();
    view.status(fill(WORDS.failed, error.message));
  }
}

// The .dockerignore in force: of the Dockerfile's own name, else the one at the root. What is typed wins.
async function sayIgnore() {
  if (typed.has(".dockerignore")) return say("ignore", typed.get(".dockerignore"));
  for (const path of [`${ignoreOf}.dockerignore`, ".dockerignore"]) {
    const file = await folder.find(path);
    if (!file) continue;
    say("ignore", await file.text());
    return path;
  }
  return say("ignore", undefined);
}

// What builds measured; nothing takes it back.
function sayFacts(next) {
  facts = next;
  view.facts(undefined);
  say("facts", facts?.text);
}

async function open(path) {
  const file = await folder?.find(path);
  if (!file) return;
  took(await file.text());
  if (ignoreOf !== path) {
    ignoreOf = path;
    await list();
  }
}

async function read(files) {
  for (const [path, wanted] of files) {
    const { text, archive, failure } = await readOne(path, wanted);
    say("read", path, text, archive, failure);
  }
  say("all read");
}

async function readOne(path, wanted) {
  try {
    const file = await folder?.find(path);
    if (!file) return { failure: t(WORDS.gone) };
    if (wanted === "archive") return { archive: await entriesOf(file) };
    if (file.size > LONGEST_TEXT) return { failure: t(WORDS.tooLong) };
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()) };
  } catch (error) {
    return { failure: error instanceof TypeError ? t(WORDS.noText) : error.message };
  }
}

function listenForDrops() {
  const holdsFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
  const dragging = (on) => document.documentElement.classList.toggle("dragging", on);
  addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    dragging(true);
  }, true);
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) dragging(false); }, true);
  addEventListener("drop", (event) => {
    dragging(false);
    if (!holdsFiles(event)) return;
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
    const root = entries.find(isFolder);
    const dropped = [...event.dataTransfer.files].find((file) => isFacts(file.name));
    const lists = [...event.dataTransfer.files].filter((file) => LISTS.includes(file.name));
    // A single file that is no list of packages is the editor's: it takes its text.
    if (!root && !dropped && lists.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    if (dropped) dropped.text().then((text) => sayFacts({ name: dropped.name, text }));
    if (root) take(filesOf(root));
    else lists.forEach(async (file) => type(file.name, await file.text()));
  }, true);
}

function type(path, text) {
  if (text) typed.set(path, text);
  else typed.delete(path);
  sayTyped(path, text || undefined);
  view.typed();
}

function sayTyped(path, text) {
  if (path !== ".dockerignore") return say("typed", path, text);
  if (text === undefined && folder) return sayIgnore().then(() => say("weigh"));
  say("ignore", text);
  say("weigh");
}

function say(...message) { worker.postMessage(message); }

function draw(host) {
  const status = make("p", { className: "context-status", role: "status" });
  const choose = make("input", { type: "file", multiple: true, hidden: true });
  choose.webkitdirectory = true;
  choose.addEventListener("change", () => {
    if (choose.files.length) take(filesOf([...choose.files]));
    choose.value = "";
  });
  const measured = make("p", { className: "context-status", role: "status" });
  const chips = make("p", { className: "chips" });
  const path = make("input", { type: "text", value: "package.json", ariaLabel: t(WORDS.path) });
  path.setAttribute("list", "context-lists");
  const text = make("textarea", { rows: 7, spellcheck: false, ariaLabel: t(WORDS.text), placeholder: t(WORDS.text) });
  let rest = 0;
  text.addEventListener("input", () => {
    clearTimeout(rest);
    rest = setTimeout(() => { if (path.value.trim()) type(path.value.trim(), text.value); }, REST);
  });
  path.addEventListener("change", () => { text.value = typed.get(path.value.trim()) ?? ""; });
  host.replaceChildren(
    make("h2", {}, t(WORDS.title), make("small", {}, t(WORDS.promise))),
    make("p", { className: "context-choose" }, button(t(WORDS.choose), () => choose.click()), choose,
      make("span", { className: "soft" }, t(WORDS.orDrop))),
    status, measured,
    make("details", {}, make("summary", {}, t(WORDS.paste)),
      make("p", { className: "soft" }, t(WORDS.pasteHint)), chips, path, text,
      make("datalist", { id: "context-lists" }, ...LISTS.map((name) => make("option", { value: name })))),
  );
  return {
    status(words, actions = []) {
      status.replaceChildren(words, ...actions.map(([name, act]) => button(name, act)));
    },
    facts(said) {
      if (said === undefined) return measured.replaceChildren();
      const words = fill(typeof said === "number" ? WORDS.measured : WORDS.noFacts, facts.name, said);
      measured.replaceChildren(words, button(t(WORDS.forget), () => sayFacts(undefined)));
    },
    typed() {
      const chip = (name) => make("span", { className: "chip" },
        button(name, () => { path.value = name; text.value = typed.get(name) ?? ""; text.focus(); }),
        button("×", () => { if (path.value === name) text.value = ""; type(name, ""); }, fill(WORDS.take, name)));
      chips.replaceChildren(...[...typed.keys()].map(chip));
    },
  };
}

function button(name, act, label) {
  const made = make("button", { type: "button", className: "button small" }, name);
  if (label) made.ariaLabel = label;
  made.addEventListener("click", act);
  return made;
}

function make(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function number(value) { return value.toLocaleString("en"); }

function size(bytes) {
  const at = Math.max(0, Math.min(4, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${+(bytes / 1000 ** at).toPrecision(3)}\u00a0${["B", "kB", "MB", "GB", "TB"][at]}`;
}

document.head.append(make("link", { rel: "stylesheet", href: new URL("context.css", import.meta.url).href }));
