// The whole of a large graph, small, with the part that is seen.

const FROM = 12;
// In pixels. A long row would be a thread.
const LARGEST = [150, 110];
const LEAST = 18;
const SVG = "http://www.w3.org/2000/svg";

export class Minimap {
  constructor(graph, go) {
    this.frame = graph.appendChild(Object.assign(document.createElement("div"), { className: "minimap", ariaHidden: "true" }));
    this.svg = this.frame.appendChild(document.createElementNS(SVG, "svg"));
    this.svg.setAttribute("preserveAspectRatio", "none");
    const lead = (event) => {
      if (!event.buttons) return;
      const { left, top, width, height } = this.svg.getBoundingClientRect();
      const whole = this.svg.viewBox.baseVal;
      go((event.clientX - left) * (whole.width / width), (event.clientY - top) * (whole.height / height));
    };
    this.svg.addEventListener("pointerdown", (event) => { this.svg.setPointerCapture(event.pointerId); lead(event); });
    this.svg.addEventListener("pointermove", lead);
  }

  draw({ nodes }, view) {
    this.isThere = nodes.length > FROM;
    this.frame.classList.toggle("there", this.isThere);
    if (!this.isThere) return;
    const { width, height } = view.svg.viewBox.baseVal;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const ratio = Math.min(LARGEST[0] / width, LARGEST[1] / height);
    this.svg.style.width = `${Math.max(LEAST, width * ratio)}px`;
    this.svg.style.height = `${Math.max(LEAST, height * ratio)}px`;
    const rects = nodes.map(({ x, y, width: wide, height: high, element }) => {
      const rect = box(x, y, wide, high);
      rect.setAttribute("class", element.getAttribute("class"));
      return rect;
    });
    this.window = box(0, 0, 0, 0);
    this.window.classList.add("window");
    this.svg.replaceChildren(...rects, this.window);
    this.follow(view);
  }

  follow(view) {
    if (!this.isThere) return;
    const { wide, high } = view.window();
    const { width, height } = view.svg.viewBox.baseVal;
    const part = { x: -view.x / view.k, y: -view.y / view.k, width: Math.min(width, wide / view.k), height: Math.min(height, high / view.k) };
    for (const [name, value] of Object.entries(part)) this.window.setAttribute(name, value);
    // What is wholly seen needs no map.
    this.frame.classList.toggle("there", part.width < width - 1 || part.height < height - 1);
  }
}

function box(x, y, width, height) {
  const rect = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
  return rect;
}
