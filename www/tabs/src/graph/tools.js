// The buttons below the graph.

import { fill, t } from "../language.js";
import { WORDS } from "./words.js";

const BUTTONS = [
  { name: "out", text: "−", title: WORDS.out, zooms: true },
  { name: "in", text: "+", title: WORDS.in, zooms: true },
  { name: "fit", text: WORDS.fit, title: WORDS.fitTitle, zooms: true },
  { name: "path", text: WORDS.path, title: WORDS.pathTitle, zooms: true },
  { name: "fold", text: WORDS.fold, title: WORDS.foldTitle, zooms: true },
  { name: "all", text: "", title: "" },
  { name: "list", text: WORDS.list, title: WORDS.listTitle },
  { name: "keys", text: WORDS.keys, title: WORDS.keysTitle, zooms: true },
];

export class Tools {
  constructor(graph, deeds) {
    this.element = graph.appendChild(document.createElement("div"));
    this.element.className = "graph-tools";
    this.element.setAttribute("role", "group");
    this.element.ariaLabel = t(WORDS.tools);
    this.buttons = Object.fromEntries(BUTTONS.map(({ name, text, title, zooms }) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "button small", textContent: t(text), title: t(title) });
      if (zooms) button.dataset.zooms = "";
      // A sign is no name.
      if (text.length === 1) button.ariaLabel = t(title);
      button.addEventListener("click", deeds[name]);
      return [name, button];
    }));
    this.element.append(...Object.values(this.buttons));
  }

  draw({ asList, path, all, skipped, chains, folded }) {
    this.buttons.path.ariaPressed = path !== undefined;
    this.buttons.list.ariaPressed = asList;
    this.buttons.fold.hidden = !chains;
    this.buttons.fold.ariaPressed = folded > 0;
    this.buttons.all.hidden = skipped === "0";
    this.buttons.all.ariaPressed = all === "false";
    this.buttons.all.textContent = fill(all === "false" ? WORDS.hidden : WORDS.hide, skipped);
  }
}
