// The graph of the stages while it is built: each node says how far it is.

import { WORDS } from "./words.js";
import { t } from "../tabs/tabs.js";

const SVG = "http://www.w3.org/2000/svg";

let stages = [];

/// Redraws when the page draws its graph anew.
export function watch() {
  const right = document.querySelector(".right");
  let frame = 0;
  new MutationObserver((changes) => {
    const own = (node) => node.classList?.contains("build-badge");
    const isOurs = ({ target, addedNodes, removedNodes }) =>
      target.closest(".build") || [...addedNodes, ...removedNodes].every(own);
    if (changes.every(isOurs)) return;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(draw);
  }).observe(right, { childList: true, subtree: true });
}

/// What is known of each stage: `{ name, state, seconds }`; none before the first build.
export function show(known) {
  stages = known;
  draw();
}

function draw() {
  document.querySelectorAll(".build-badge").forEach((badge) => badge.remove());
  for (const node of document.querySelectorAll(".graph .stage")) {
    const stage = stages[node.dataset.node];
    // A text that was changed meanwhile may have other stages there.
    if (!stage?.state || node.dataset.testid !== `stage-${stage.name}`) {
      delete node.dataset.build;
      continue;
    }
    node.dataset.build = stage.state;
    badge(node, stage.state);
  }
}

// Beyond colour: the word, on the upper edge of the node. Beside the nodes, which are the page's own.
function badge(node, state) {
  const box = node.querySelector("rect");
  const word = t(WORDS.states[state]);
  const width = 14 + word.length * 6.4;
  const group = document.createElementNS(SVG, "g");
  group.setAttribute("class", "build-badge");
  group.dataset.build = state;
  group.style.transform = `${node.style.transform} translate(${box.getAttribute("width") - width - 10}px, -9px)`;
  group.setAttribute("aria-hidden", "true");
  const back = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ width, height: 18, rx: 9 })) back.setAttribute(name, value);
  const text = document.createElementNS(SVG, "text");
  for (const [name, value] of Object.entries({ x: width / 2, y: 13, "text-anchor": "middle" })) text.setAttribute(name, value);
  text.textContent = word;
  group.append(back, text);
  node.parentNode.append(group);
}
