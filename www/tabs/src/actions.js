// What buttons of tabs do, by their `data-do`; what with is their `value`.

import { t } from "./language.js";
import { WORDS } from "./words.js";

export const actions = {
  // The line in the editor.
  jump: ({ value }, act) => act("jump", value),
  // Another text of the same file: choices stay, the editor can undo it.
  edit: ({ value }, act) => act("edit", value),
  // Another file: choices made for this one do not follow.
  take: ({ value }, act) => act("took", value),
  // The target; empty for the last stage.
  target: ({ value }, act) => act("target", value),
  // A text of the build context: the .dockerignore.
  type: ({ value, dataset }) => type(dataset.path, value),
  copy: (button) => navigator.clipboard.writeText(button.value).then(() => say(button, t(WORDS.copied)), () => say(button, t(WORDS.notCopied))),
  download: ({ value, dataset }) => save(new Blob([value], { type: dataset.type ?? "text/plain" }), dataset.name),
};

/// Hands a text to the build context, whose own script keeps it (www/context/context.js).
export function type(path, text) {
  document.dispatchEvent(new CustomEvent("layercast:type", { detail: { path, text } }));
}

/// Hands a whole context over: a file a line, its path and its size.
export function plant(tree) {
  document.dispatchEvent(new CustomEvent("layercast:tree", { detail: tree }));
}

/// Hands a file to the browser's downloads.
export function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// A word in place of the button's own, for a moment.
function say(button, word) {
  const own = button.textContent;
  button.textContent = word;
  button.setAttribute("role", "status");
  setTimeout(() => { button.textContent = own; button.removeAttribute("role"); }, 2_000);
}
