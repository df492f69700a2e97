// The words of the tabs' own script; those inside a tab are in src/strings/.

// In the order of the bar; the first is the page as it is without this script.
export const TABS = [
  { name: "image", title: "Image" },
  { name: "checks", title: "Checks" },
  { name: "context", title: "Context" },
];

export const WORDS = {
  tabs: "What to look at",
  copied: "Copied",
  notCopied: "The browser would not copy",
};
