// The tabs beside the image. Each is a form that the worker draws (src/tabs.rs): what its fields hold goes there at
// every change, HTML comes back and is laid over what stands. What buttons do is written on them: `data-do`.

import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";
import { actions, close, plant, type } from "./actions.js";
import { drawBar, mark } from "./bar.js";
import { connectGraph } from "./graph.js";
import { listenForKeys } from "./keys.js";
import { drawChoice, fill, learn, t } from "./language.js";
import { tellOfBrokenLink } from "./link.js";
import { keepForLater } from "./offline.js";
import { readView, writeView } from "./view.js";
import { WORDS } from "./words.js";

// In milliseconds: typing in a field rests so long.
const REST = 150;

export { fill, t };

// How often a worker broke: the page starts two (src/effects/worker.rs).
let breaks = 0;
let worker;
let act;
let form;
// The line of the editor's caret, once it has moved, and the one that the worker was last told.
let line;
let told;
// The tab in front, and the fields of each by its name.
let view = readView("");

/// Joins the tabs to a worker. Called again when there is another one.
export async function connect(to, action, shown, hash) {
  worker = to;
  act = action;
  const words = await learn();
  if (words) worker.postMessage(["words", words]);
  worker.addEventListener("message", ({ data }) => {
    if (Array.isArray(data) && data[0] === "tab" && data[1] === view.tab) lay(data[2]);
  });
  worker.addEventListener("error", () => tell(t(breaks++ ? WORDS.broken : WORDS.breaks)), { once: true });
  // A part of its own: folders that are dropped reach it in front of any tab.
  import(new URL("../context/context.js", import.meta.url).href)
    .then((context) => {
      context.connect(worker, (text) => act("took", text));
      plantTree();
    }, () => {});
  // So are builds, where they are offered. Elsewhere nobody is asked.
  if (offersBuilds())
    import(new URL("../builds/builds.js", import.meta.url).href).then((builds) => builds.connect(worker, act), () => {});
  notice.remove();
  if (form) return ask();
  const page = document.querySelector(".right");
  const bar = document.getElementById("tabs");
  form = document.getElementById("tab");
  if (!page || !bar || !form) return;
  document.head.append(Object.assign(document.createElement("link"), {
    rel: "stylesheet", href: new URL("tabs.css", import.meta.url).href,
  }));
  const choose = (tab) => turn({ ...view, tab });
  drawBar(bar, choose);
  listen();
  listenForKeys(choose);
  connectGraph(page, act);
  show(shown);
  tellOfBrokenLink(page, hash);
  drawChoice(document.querySelector(".foot"));
  keepForLater();
}

// The companion marks its page; one that was kept for times without a network has an old mark, but was opened with the
// token of the address that the companion printed.
function offersBuilds() {
  const marks = performance.getEntriesByType("navigation")[0]?.serverTiming ?? [];
  if (self.layercastToken || marks.some(({ name }) => name === "layercast-build")) return true;
  try {
    return !!sessionStorage.getItem("token");
  } catch {
    return false;
  }
}

// What became of the worker, above its tabs.
const notice = Object.assign(document.createElement("p"), { className: "notice", role: "status" });

function tell(sentence) {
  notice.textContent = sentence;
  form?.before(notice);
}

/// Shows what a link says, or what a button asks for.
export function show(text) {
  view = readView(text);
  front();
}

/// Brings a tab to the front.
function turn(next) {
  view = next;
  act("view", writeView(view));
  front();
}

function front() {
  if (!form) return;
  document.querySelector(".right").dataset.tab = view.tab;
  mark(view.tab);
  form.dataset.name = view.tab;
  form.replaceChildren();
  ask();
}

// A tree that was typed is in the link: whoever opens it has the same context.
function plantTree() {
  const [, tree] = view.fields.context?.find(([name]) => name === "tree") ?? [];
  if (tree) plant(tree);
}

function ask() {
  const kept = view.fields[view.tab] ?? [];
  const here = line && [...kept.filter(([name]) => name !== "cursor"), ["cursor", line]];
  const fields = view.tab === "image" ? undefined : here ?? kept;
  told = line;
  worker.postMessage(["tab", fields && view.tab, fields]);
}

// Only what differs is touched: the field that somebody types in keeps its caret, what is open stays open, and a size
// that was typed and not taken yet stays where its step does.
function lay(html) {
  Idiomorph.morph(form, html, {
    morphStyle: "innerHTML",
    // Of anything else that has the focus, the words within would stay as well; and of a choice that an earlier form
    // took back meanwhile, nothing would be left.
    ignoreActiveValue: document.activeElement?.matches("input:not([type=checkbox], [type=radio]), textarea, select"),
    callbacks: {
      beforeAttributeUpdated: (name, node) => !(name === "open" && node.localName === "details"),
      beforeNodeMorphed: (node, next) => !(node.matches?.(".pin[open] > div") && node.ariaLabel === next.ariaLabel),
    },
  });
  // The caret moved while the first form was on its way.
  if (told !== line && form.elements.namedItem("cursor")) ask();
}

function listen() {
  let rest = 0;
  const changed = (submitter) => {
    clearTimeout(rest);
    const fields = [...new FormData(form, submitter)].filter(([, value]) => typeof value === "string" && value);
    view = { ...view, fields: { ...view.fields, [view.tab]: fields } };
    act("view", writeView(view));
    ask();
  };
  form.addEventListener("change", ({ target }) => target.name && changed());
  form.addEventListener("input", ({ target }) => {
    clearTimeout(rest);
    if (target.dataset.type) rest = setTimeout(() => type(target.dataset.type, target.value), REST);
    else if ("tree" in target.dataset) rest = setTimeout(() => { changed(); plant(target.value); }, REST);
    else if (target.name && target.matches("textarea, input:not([type=checkbox], [type=radio])")) rest = setTimeout(() => changed(), REST);
  });
  // A number that opens has the focus in its field at once.
  form.addEventListener("click", (event) => {
    const pin = event.target.closest(".pin > summary")?.parentElement;
    if (!pin) return;
    event.preventDefault();
    pin.open = !pin.open;
    if (pin.open) pin.querySelector("input").select();
  });
  form.addEventListener("keydown", (event) => {
    const pin = event.target.closest(".pin[open]");
    if (!pin) return;
    if (event.key === "Escape") close(pin);
    if (event.key !== "Enter" || event.target.localName !== "input") return;
    // Else the number that has the focus then would open again.
    event.preventDefault();
    actions.pin(event.target, act);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    changed(event.submitter);
  });
  // Buttons of the tabs stand in the form, and in what the worker draws elsewhere.
  document.querySelector(".right").addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.do === "tab") return turn({ ...view, tab: button.value });
    actions[button.dataset.do]?.(button, act);
  });
  // The fields of the image's own layers, which the page draws: what is typed holds once they are left.
  document.querySelector(".right").addEventListener("change", ({ target }) => {
    if (target.matches(".layers .pin > input") && target.value.trim()) actions.pin(target, act);
  });
  document.addEventListener("layercast:line", ({ detail }) => {
    line = `${detail}`;
    const field = form.elements.namedItem("cursor");
    if (!field) return;
    field.value = line;
    changed();
  });
}
