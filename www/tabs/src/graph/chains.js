// Chains of stages: each built from the one before, which nothing else uses. The page says where each ends (`data-end`) and
// draws those as one that it is told to; here are the signs and keys that tell it.

const SVG = "http://www.w3.org/2000/svg";

export class Chains {
  /// `fold` draws these chains as one stage each, and no others; they are named by their ends.
  constructor(svg, fold) {
    Object.assign(this, { svg, fold, ends: new Map() });
    // The focus stays where it is: a sign has keys elsewhere, and is drawn anew.
    svg.addEventListener("mousedown", (event) => event.target.closest(".chain-sign") && event.preventDefault());
    svg.addEventListener("click", (event) => {
      const sign = event.target.closest(".chain-sign");
      if (!sign) return;
      // To fold is not to choose.
      event.stopPropagation();
      this.turn(sign.dataset.of);
    });
  }

  /// How many there are.
  get size() {
    return this.ends.size;
  }

  /// After every drawing: a sign on the end of each chain. Gives the end of the chain that was turned, and gives it the
  /// focus that went with a stage inside of it.
  draw({ nodes, byName }) {
    this.byName = byName;
    const stages = nodes.filter(({ isStage }) => isStage);
    const chained = stages.filter(({ name, element }) => byName.has(element.dataset.end) && (isFolded(element) || element.dataset.end !== name));
    this.ends = new Map(chained.map(({ element }) => [element.dataset.end, byName.get(element.dataset.end)]));
    this.folded = [...this.ends.values()].filter(({ element }) => isFolded(element));
    this.svg.querySelectorAll(".chain-sign").forEach((sign) => sign.remove());
    for (const end of this.ends.values()) end.element.parentNode.append(sign(end));
    const turned = byName.get(this.turned);
    if (this.hadFocus && document.activeElement === document.body) turned?.element.focus();
    this.turned = undefined;
    return turned;
  }

  /// The chain of a stage as one, or apart again.
  turn(name) {
    const end = this.ends.get(this.byName.get(name)?.element.dataset.end);
    if (!end) return;
    this.turned = end.name;
    this.hadFocus = this.svg.contains(document.activeElement);
    this.tell(this.folded.includes(end) ? this.folded.filter((other) => other !== end) : [...this.folded, end]);
  }

  /// All of them as one each, or apart where one is folded.
  turnAll() {
    this.tell(this.folded.length ? [] : [...this.ends.values()]);
  }

  /// Apart for as long as each stage is to be told, as in the list; then as before.
  rest(begins) {
    if (begins) this.resting = this.folded;
    this.tell(begins ? [] : this.resting ?? []);
  }

  tell(ends) {
    this.fold(this.names(ends));
  }

  /// What stages are called.
  names(ends) {
    return ends.map(({ element }) => element.dataset.testid.slice("stage-".length));
  }
}

// Only what is folded stands for the lines of several stages.
const isFolded = (element) => element.dataset.lines.includes(" ");

// On the lower edge of the node; beside the nodes, which are the page's own.
function sign({ element, name, width, height }) {
  const group = document.createElementNS(SVG, "g");
  group.setAttribute("class", "chain-sign");
  group.dataset.of = name;
  group.style.transform = `${element.style.transform} translate(${width - 20}px, ${height}px)`;
  group.setAttribute("aria-hidden", "true");
  // The first is for fingers.
  const circles = [15, 9].map((radius) => {
    const circle = document.createElementNS(SVG, "circle");
    circle.setAttribute("r", radius);
    return circle;
  });
  const cross = document.createElementNS(SVG, "path");
  cross.setAttribute("d", isFolded(element) ? "M-4.5 0h9M0-4.5v9" : "M-4.5 0h9");
  group.append(...circles, cross);
  return group;
}
