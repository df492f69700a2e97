// Keys that work wherever nobody types, and the list of all of them behind `?`.

import { t } from "./language.js";
import { KEYS, TABS, WORDS } from "./words.js";

let list;

export function listenForKeys(choose) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return;
    const tab = TABS[Number(event.key) - 1];
    if (tab) choose(tab.name);
    else if (event.key === "e") focus(".cm-content, .source-plain");
    else if (event.key === "g") { choose(TABS[0].name); focus('.graph [tabindex="0"]'); }
    else if (event.key === "?") show();
    else return;
    event.preventDefault();
  });
  // Out of the editor, without its Tab key being lost to anybody.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.matches(".cm-content, .source-plain"))
      document.querySelector('#tabs [aria-selected="true"]')?.focus();
  });
}

function types(target) {
  return target.isContentEditable || target.matches("textarea, select, input");
}

function focus(selector) {
  document.querySelector(selector)?.focus();
}

/// Shows the list of all of them.
export function show() {
  list ??= draw();
  if (!list.open) list.showModal();
}

function draw() {
  const dialog = document.createElement("dialog");
  dialog.className = "keys";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = Object.assign(document.createElement("h2"), { id: "keys-title", textContent: t(WORDS.keys) });
  const rows = KEYS.map(([keys, does]) => {
    const row = document.createElement("div");
    const name = document.createElement("dt");
    name.append(...keys.map((key) => Object.assign(document.createElement("kbd"), { textContent: key })));
    row.append(name, Object.assign(document.createElement("dd"), { textContent: t(does) }));
    return row;
  });
  const all = document.createElement("dl");
  all.append(...rows);
  const close = Object.assign(document.createElement("button"), { className: "button small", textContent: t(WORDS.close) });
  const form = Object.assign(document.createElement("form"), { method: "dialog" });
  form.append(close);
  dialog.append(title, all, form);
  document.body.append(dialog);
  return dialog;
}
