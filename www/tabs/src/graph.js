// The graph of the stages, come alive: zoom, ways through it by keys, its lines in the editor, the same as a list.
// It works on the SVG that src/panels/stages_graph.rs draws and draws again: `data-` attributes there say what is what,
// `data-` attributes set here say how it looks. Neither side touches those of the other.

import { Chains } from "./graph/chains.js";
import { lines, read } from "./graph/model.js";
import { Minimap } from "./graph/minimap.js";
import { Tools } from "./graph/tools.js";
import { drawTree } from "./graph/tree.js";
import { View } from "./graph/view.js";
import { step } from "./graph/walk.js";
import { show } from "./keys.js";

const CHOICE = "layercast.stages";

// The line of the editor's cursor.
let at = 0;
// Whether stages that are not built are drawn, `all` or `built`, once that was chosen.
let which = "";

/// Joins the graph of `page`, now and whenever another one stands there.
export function connectGraph(page, act) {
  let alive;
  const look = () => {
    const stages = page.querySelector(".stages");
    if (stages) comings.observe(stages, { childList: true });
    const graph = stages?.querySelector(".graph") ?? undefined;
    if (graph === alive?.graph) return;
    alive?.leave();
    alive = graph && new Graph(graph, act);
  };
  const comings = new MutationObserver(look);
  comings.observe(page, { childList: true });
  look();
  document.addEventListener("layercast:line", ({ detail }) => {
    at = detail;
    alive?.stand();
  });
  connectLight(page);
}

// What the pointer or the focus is on has its lines lit in the editor: nodes and lines of the graph, rows of the layers.
function connectLight(page) {
  let on;
  const light = ({ target }) => {
    const now = target.closest?.("[data-lines]") ?? undefined;
    if (now === on) return;
    on = now;
    document.dispatchEvent(new CustomEvent("layercast:light", { detail: now ? lines(now) : [] }));
  };
  for (const kind of ["pointerover", "focusin", "focusout"]) page.addEventListener(kind, light);
  page.addEventListener("pointerleave", light);
}

class Graph {
  constructor(graph, act) {
    this.graph = graph;
    this.svg = graph.querySelector("svg");
    this.asList = recall() === "list";
    this.view = new View(this.svg, () => this.minimap.follow(this.view));
    this.minimap = new Minimap(graph, (x, y) => this.view.centre(x, y));
    this.tools = new Tools(graph, {
      in: () => this.view.zoom(1.3),
      out: () => this.view.zoom(1 / 1.3),
      fit: () => this.view.fit(),
      path: () => this.follow(this.path ? undefined : this.current()),
      keys: show,
      list: () => this.choose(!this.asList),
      fold: () => this.chains.turnAll(),
      all: () => {
        which = graph.dataset.all === "true" ? "built" : "all";
        this.tell(this.chains.names(this.chains.folded));
      },
    });
    this.list = graph.appendChild(Object.assign(document.createElement("div"), { className: "stage-tree" }));
    graph.dataset.live = "";
    this.svg.addEventListener("keydown", (event) => this.key(event));
    // What is drawn: src/panels/stages.rs.
    this.tell = (ends) => act("stages", [which, ...ends].join(" "));
    this.chains = new Chains(this.svg, (ends) => this.tell(ends));
    this.svg.addEventListener("focusin", ({ target }) => this.enter(target.closest("[data-node]")));
    for (const kind of ["pointerover", "focusin"]) this.svg.addEventListener(kind, ({ target }) => this.touch(target));
    for (const kind of ["pointerleave", "focusout"]) this.svg.addEventListener(kind, () => this.touch());
    this.redrawn = new MutationObserver((changes) => {
      if (!changes.every(isBadge)) this.draw();
    });
    this.redrawn.observe(this.svg, {
      childList: true, subtree: true, characterData: true, attributes: true,
      attributeFilter: ["viewBox", "class", "style", "data-from", "data-to", "data-node", "data-lines"],
    });
    this.redrawn.observe(graph, { attributes: true, attributeFilter: ["data-all", "data-skipped"] });
    this.draw();
  }

  leave() {
    this.redrawn.disconnect();
    this.view.leave();
  }

  // After every drawing of the page's: what is set here is set anew.
  draw() {
    const before = this.model?.byName;
    this.model = read(this.svg);
    if (this.path && !this.model.byName.has(this.path)) this.path = undefined;
    const stop = this.current();
    for (const node of this.model.nodes) {
      if (!node.isStage && !node.element.hasAttribute("role")) node.element.setAttribute("role", "img");
      const index = node.name === stop ? 0 : -1;
      if (node.element.tabIndex !== index || !node.isStage) node.element.tabIndex = index;
    }
    this.stand();
    this.dim();
    if (this.isAnother(before)) this.view.open(this.model.nodes.find(({ ships }) => ships));
    else this.view.keep();
    this.minimap.draw(this.model, this.view);
    const turned = this.chains.draw(this.model);
    if (turned) this.view.reveal(turned);
    this.drawTools();
    this.graph.toggleAttribute("data-list", this.asList);
    this.list.hidden = !this.asList;
    if (this.asList) drawTree(this.list, this.model, (node) => node.element.dispatchEvent(new MouseEvent("click", { bubbles: true })));
  }

  // Hardly a node of it stood there before: another file. Numbers of stages alone say little.
  isAnother(before) {
    if (!before) return true;
    const same = this.model.nodes.filter(({ name, label }) => before.get(name)?.label === label);
    return same.length < Math.min(before.size, this.model.nodes.length) / 2;
  }

  /// The node that Tab comes to: the last one that had the focus, else the target.
  current() {
    const { byName, nodes } = this.model;
    if (byName.has(this.last)) return this.last;
    return (nodes.find(({ ships }) => ships) ?? nodes.find(({ isStage }) => isStage))?.name;
  }

  enter(element) {
    if (!element) return;
    const before = this.model.byName.get(this.current());
    if (before) before.element.tabIndex = -1;
    element.tabIndex = 0;
    this.last = element.dataset.node;
    const node = this.model.byName.get(this.last);
    // The focus that a click brings has its node in sight.
    if (node && element.matches(":focus-visible")) this.view.reveal(node);
  }

  // The lines of the node that is pointed at, and the nodes of a line.
  touch(target) {
    const element = target?.closest("[data-node], .link");
    const name = element?.dataset.node;
    for (const { element: link, from, to } of this.model.links) {
      link.toggleAttribute("data-lit", link === element || name !== undefined && (from === name || to === name));
    }
    for (const { element: node, name: own } of this.model.nodes) {
      node.toggleAttribute("data-lit", element?.dataset.from === own || element?.dataset.to === own);
    }
  }

  /// Marks what the editor's cursor stands in.
  stand() {
    const here = (element) => lines(element).some(([first, last]) => first <= at && at <= last);
    for (const { element } of [...this.model.nodes, ...this.model.links]) element.toggleAttribute("data-here", here(element));
  }

  /// Shows what a node is made from and what is made from it, and dims the rest.
  follow(name) {
    this.path = name;
    this.dim();
    this.drawTools();
  }

  dim() {
    const on = this.path && this.model.pathOf(this.path);
    for (const { element, name } of this.model.nodes) element.toggleAttribute("data-off", !!on && !on.has(name));
    for (const { element, from, to } of this.model.links) element.toggleAttribute("data-off", !!on && !(on.has(from) && on.has(to)));
  }

  drawTools() {
    this.tools.draw({ asList: this.asList, path: this.path, chains: this.chains.size, folded: this.chains.folded.length, ...this.graph.dataset });
  }

  // The list has each stage of every chain.
  choose(asList) {
    this.chains.rest(asList);
    this.asList = asList;
    remember(asList ? "list" : "graph");
    this.draw();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const deeds = {
      f: () => this.follow(this.path ? undefined : this.current()),
      c: () => this.chains.turn(this.current()),
      Escape: () => this.follow(undefined),
      "+": () => this.view.zoom(1.3), "=": () => this.view.zoom(1.3),
      "-": () => this.view.zoom(1 / 1.3), 0: () => this.view.fit(),
    };
    const next = step(this.model, this.current(), event.key);
    if (!next && !deeds[event.key]) return;
    event.preventDefault();
    if (next) next.element.focus();
    else deeds[event.key]();
  }
}

// What scripts write beside the nodes: how far a build is (www/builds/graph.js), the signs of chains.
function isBadge({ addedNodes, removedNodes, type }) {
  return type === "childList" && [...addedNodes, ...removedNodes].every((node) => node.matches?.(".build-badge, .chain-sign"));
}

// Storage may be full or forbidden.
function recall() {
  try { return localStorage.getItem(CHOICE); } catch { return null; }
}

function remember(choice) {
  try { localStorage.setItem(CHOICE, choice); } catch { /* for this visit, then */ }
}
