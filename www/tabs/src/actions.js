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
  // A size for a step, as it is typed: the page says whether it can be read.
  pin: (button, act) => settle(button.closest(".pin"), act),
  unpin: (button, act) => settle(button.closest(".pin"), act, ""),
  // A text of the build context: the .dockerignore.
  type: ({ value, dataset }) => type(dataset.path, value),
  // A field of the same form takes the value.
  fill: ({ form, value, dataset }) => {
    const field = form.elements.namedItem(dataset.field);
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  },
  copy: (button) => navigator.clipboard.writeText(button.value).then(() => say(button, t(WORDS.copied)), () => say(button, t(WORDS.notCopied))),
  // `data-of` is the button that has the value, where a second one would carry it twice.
  download: (button) => save(new Blob([valueOf(button)], { type: button.dataset.type ?? "text/plain" }), button.dataset.name),
  png: (button) => paint(valueOf(button)).then((blob) => save(blob, button.dataset.name), () => say(button, t(WORDS.notDrawn))),
};

// What cannot be read stays as it was typed, with a sentence beside it.
function settle(pin, act, typed) {
  const field = pin.querySelector("input");
  const isTaken = act("pin", pin.dataset.before + (typed ?? field.value) + pin.dataset.behind);
  if (field) {
    field.ariaInvalid = isTaken ? null : "true";
    field.title = isTaken ? "" : t(WORDS.noSize);
  }
  const why = pin.querySelector("[role=alert]");
  if (why) why.hidden = isTaken;
  if (isTaken && pin.open) close(pin);
}

/// Shuts what a number opens to; the focus is on the number again.
export function close(pin) {
  pin.open = false;
  pin.querySelector("summary").focus();
}

/// Hands a text to the build context, whose own script keeps it (www/context/context.js).
export function type(path, text) {
  document.dispatchEvent(new CustomEvent("layercast:type", { detail: { path, text } }));
}

/// Hands a whole context over: a file a line, its path and its size.
export function plant(tree) {
  document.dispatchEvent(new CustomEvent("layercast:tree", { detail: tree }));
}

const valueOf = ({ value, dataset }) => (dataset.of ? document.getElementById(dataset.of).value : value);

// In pixels: what every browser takes for a canvas.
const WIDEST = 8_192;

/// An SVG as PNG, twice as sharp as it is large where that is possible.
async function paint(svg) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = Math.min(2, WIDEST / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = Object.assign(document.createElement("canvas"), {
    width: Math.round(image.naturalWidth * scale), height: Math.round(image.naturalHeight * scale),
  });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((drawn, failed) => canvas.toBlob((blob) => (blob ? drawn(blob) : failed()), "image/png"));
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
