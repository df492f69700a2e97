// The words of the graph's script.

export const WORDS = {
  tools: "The graph",
  in: "Larger",
  out: "Smaller",
  fit: "Fit",
  fitTitle: "The whole graph",
  path: "Path",
  pathTitle: "Only what the chosen stage is made from, and what is made from it",
  fold: "Fold",
  foldTitle: "Stages that are built one on the other, and used by nothing else, as one",
  list: "List",
  listTitle: "The stages as a list instead of a graph",
  keys: "Keys",
  keysTitle: "All keys of the page",
  hide: "Leave out {} not built",
  hidden: "{} not built, left out",
  from: "starts from",
  copy: "copies from",
  mount: "looks into",
  above: "told above",
  notBuilt: "Not built",
  line: "line {}",
};

// For the list behind `?`.
export const KEYS = [
  [["Enter"], "On a stage: make it the target"],
  [["←", "→"], "On a stage: along a line to what it uses, or to who uses it"],
  [["↑", "↓"], "On a stage: up and down its column"],
  [["Home", "End"], "On a stage: the first and the last of the file"],
  [["f"], "On a stage: what it is made from and what is made from it, alone; Esc: all again"],
  [["c"], "On a stage: its chain as one, stages built one on the other; again: apart"],
  [["+", "–", "0"], "On a stage: larger, smaller, the whole graph"],
  [["Ctrl", "wheel"], "Over the graph: zoom; dragging moves it"],
];
