// The words of the tabs' own script; those inside a tab are in src/strings/.

import { KEYS as GRAPH_KEYS } from "./graph/words.js";

// In the order of the bar; the first is the page as it is without this script.
export const TABS = [
  { name: "image", title: "Image" },
  { name: "layers", title: "Layers" },
  { name: "cache", title: "Cache" },
  { name: "checks", title: "Checks" },
  { name: "rewrite", title: "Two stages" },
  { name: "context", title: "Context" },
  { name: "scopes", title: "Scopes" },
  { name: "compare", title: "Compare" },
  { name: "export", title: "Export" },
];

export const WORDS = {
  tabs: "What to look at",
  copied: "Copied",
  notCopied: "The browser would not copy",
  noSize: "A size looks like 58 MB, 340 kB or 1.2 GB",
  notDrawn: "The browser would not draw it",
  linkCut: "This link is cut off or changed, so it cannot be opened. Ask for it again; what you see is your own last text.",
  linkNewer: "This link was made by a newer Layercast: reload the page to get it. What you see is your own last text.",
  breaks: "What draws this tab broke off. It is started again; your text is as it was.",
  broken: "What draws this tab broke off again. Your text is as it was: reload the page to have the tabs back.",
  keys: "Keys",
  close: "Close",
};

// What the list behind `?` says.
export const KEYS = [
  [["1", "–", `${TABS.length}`], "The tabs, in their order"],
  [["e"], "Into the editor"],
  [["Esc"], "Out of the editor, to the tabs"],
  [["g"], "Into the graph of stages"],
  ...GRAPH_KEYS,
  [["←", "→"], "On the tabs: the next one"],
  [["Ctrl", "Z"], "In the editor: take back, also a fix"],
  [["?"], "This list"],
];
