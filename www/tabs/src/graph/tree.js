// The stages as an indented list: under each what it starts from and what it takes files from, the target first.

import { fill, t } from "../language.js";
import { lines } from "./model.js";
import { WORDS } from "./words.js";

const ORDER = ["base", "copy", "mount"];
const HOW = { base: WORDS.from, copy: WORDS.copy, mount: WORDS.mount };

/// Draws it into `list`. `choose` makes a stage the target.
export function drawTree(list, model, choose) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.of : undefined;
  const told = new Set();
  const branch = (node, how) => entry(node, how, model, told, choose, branch);
  const trees = document.createElement("ul");
  const roots = (some) => some.filter(({ name }) => !told.has(name)).map((node) => (told.has(node.name) ? "" : branch(node)));
  const stages = model.nodes.filter(({ isStage }) => isStage).reverse();
  trees.append(...roots(stages.filter(({ ships }) => ships)), ...roots(stages.filter(({ skipped }) => !skipped)));
  list.replaceChildren(trees);
  const rest = stages.filter(({ name, skipped }) => skipped && !told.has(name));
  if (rest.length) {
    const skipped = document.createElement("ul");
    skipped.append(...roots(rest));
    list.append(Object.assign(document.createElement("h3"), { textContent: t(WORDS.notBuilt) }), skipped);
  }
  if (focused) list.querySelector(`[data-of="${CSS.escape(focused)}"]`)?.focus();
}

function entry(node, how, model, told, choose, branch) {
  const item = document.createElement("li");
  item.dataset.kind = node.skipped ? "skipped" : node.ships ? "ships" : "";
  if (how) item.append(Object.assign(document.createElement("i"), { textContent: `${t(HOW[how])} ` }));
  item.append(...(node.isStage ? stage(node, choose) : image(node)));
  if (!node.isStage) return item;
  const uses = model.links.filter(({ to, from }) => to === node.name && model.byName.has(from));
  if (told.has(node.name)) {
    if (uses.length) item.append(` · ${t(WORDS.above)}`);
    return item;
  }
  told.add(node.name);
  if (!uses.length) return item;
  const below = document.createElement("ul");
  uses.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  below.append(...uses.map(({ from, kind }) => branch(model.byName.get(from), kind)));
  item.append(below);
  return item;
}

function stage(node, choose) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "stage-name", textContent: text(node, ".node-name"), title: text(node, "title") });
  button.ariaPressed = node.ships;
  button.dataset.of = node.name;
  button.dataset.lines = node.element.dataset.lines;
  button.addEventListener("click", () => choose(node));
  const [first] = lines(node.element)[0];
  const jump = document.createElement("button");
  Object.assign(jump, { type: "button", className: "line", value: first, textContent: fill(WORDS.line, first) });
  jump.dataset.do = "jump";
  return [button, ` ${text(node, ".node-size")} · ${text(node, ".node-note")} · `, jump];
}

function image(node) {
  return [Object.assign(document.createElement("b"), { textContent: text(node, ".node-name"), title: text(node, "title") }), ` ${text(node, ".node-note")}`];
}

function text({ element }, part) {
  return element.querySelector(part)?.textContent.trim() ?? "";
}
