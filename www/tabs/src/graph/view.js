// Which part of the graph is seen, and how large: a transform of the group that all is drawn in. 1 is the whole of it.

// Text below this share of its size is not read: larger graphs open at READABLE, around their target.
const UNREADABLE = 0.42;
const READABLE = 0.7;
const LARGEST = 2;
// In pixels: what a hand moves without meaning to drag.
const TREMOR = 4;

export class View {
  constructor(svg, moved) {
    Object.assign(this, { svg, moved, k: 1, x: 0, y: 0, scale: 1, pointers: new Map() });
    this.group = svg.querySelector(":scope > g");
    this.sizes = new ResizeObserver(() => this.keep());
    this.sizes.observe(svg);
    svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    svg.addEventListener("pointerdown", (event) => this.down(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    for (const kind of ["pointerup", "pointercancel"]) svg.addEventListener(kind, (event) => this.up(event));
    svg.addEventListener("click", (event) => this.click(event), { capture: true });
  }

  leave() {
    this.sizes.disconnect();
  }

  /// The first look: whole where it can be read so, else around a node.
  open(node) {
    this.measure();
    if (this.scale >= UNREADABLE || !node) return this.fit();
    this.k = READABLE / this.scale;
    this.svg.toggleAttribute("data-near", true);
    this.centre(node.x + node.width / 2, node.y + node.height / 2);
  }

  fit() {
    this.set(1, 0, 0, true);
  }

  /// Larger or smaller, about a point of the graph's window: its middle where none is given.
  zoom(factor, at) {
    const { wide, high } = this.window();
    const [px, py] = at ?? [wide / 2, high / 2];
    const k = Math.min(Math.max(this.k * factor, 1), Math.max(1, LARGEST / this.scale));
    this.set(k, px - (px - this.x) * (k / this.k), py - (py - this.y) * (k / this.k), !at);
  }

  centre(x, y) {
    const { wide, high } = this.window();
    this.set(this.k, wide / 2 - x * this.k, high / 2 - y * this.k);
  }

  /// Brings a node into sight, and no further.
  reveal({ x, y, width, height }) {
    const { wide, high } = this.window();
    const into = (offset, start, length, room) => {
      const [first, last] = [start * this.k + offset, (start + length) * this.k + offset];
      const margin = 20 * this.k;
      if (first < margin) return offset + margin - first;
      return last > room - margin ? offset - (last - room + margin) : offset;
    };
    this.set(this.k, into(this.x, x, width, wide), into(this.y, y, height, high), true);
  }

  // After a drawing or another size of the window: what was seen is seen as large as before.
  keep() {
    const before = this.scale;
    this.measure();
    const change = this.k > 1 ? before / this.scale : 1;
    this.set(Math.max(1, this.k * change), this.x * change, this.y * change);
  }

  measure() {
    const { width, height } = this.svg.viewBox.baseVal;
    const [wide, high] = [this.svg.clientWidth, this.svg.clientHeight];
    if (wide && width && height) this.scale = Math.min(wide / width, high / height);
  }

  // What is seen, in the graph's own measure.
  window() {
    return { wide: this.svg.clientWidth / this.scale, high: this.svg.clientHeight / this.scale };
  }

  set(k, x, y, glides = false) {
    const { width, height } = this.svg.viewBox.baseVal;
    const { wide, high } = this.window();
    const within = (offset, length, room) => Math.min(0, Math.max(offset, Math.min(0, room - length * k)));
    [this.k, this.x, this.y] = [k, within(x, width, wide), within(y, height, high)];
    const transform = this.k === 1 && !this.x && !this.y ? "" : `translate(${this.x}px, ${this.y}px) scale(${this.k})`;
    this.group.toggleAttribute("data-glides", glides);
    if (this.group.style.transform !== transform) this.group.style.transform = transform;
    const moves = width * k > wide + 1 || height * k > high + 1;
    this.svg.toggleAttribute("data-moves", moves);
    // Room to look around in.
    this.svg.toggleAttribute("data-near", k > 1);
    this.moved();
  }

  // Alone, the wheel scrolls the page.
  wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
      return this.zoom(Math.exp(-Math.min(Math.max(pixels, -60), 60) * 0.006), this.point(event));
    }
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (!sideways || Math.abs(event.deltaX) < Math.abs(event.deltaY) && !event.shiftKey) return;
    const before = this.x;
    this.set(this.k, this.x - sideways / this.scale, this.y);
    if (this.x !== before) event.preventDefault();
  }

  down(event) {
    if (event.button !== 0) return;
    this.dragged = false;
    this.pointers.set(event.pointerId, this.point(event));
  }

  move(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const now = this.point(event);
    if (!this.dragged && this.pointers.size === 1) {
      if (Math.hypot(now[0] - last[0], now[1] - last[1]) * this.scale < TREMOR) return;
    }
    this.dragged = true;
    this.svg.setPointerCapture(event.pointerId);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (!other) return this.set(this.k, this.x + now[0] - last[0], this.y + now[1] - last[1]);
    // Two fingers: apart is larger, together is smaller, and both carry the graph along.
    const far = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
    this.zoom(far(now, other) / far(last, other), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
    this.set(this.k, this.x + (now[0] - last[0]) / 2, this.y + (now[1] - last[1]) / 2);
  }

  up({ pointerId }) {
    this.pointers.delete(pointerId);
  }

  // What was dragged was not clicked.
  click(event) {
    if (!this.dragged) return;
    this.dragged = false;
    event.stopPropagation();
    event.preventDefault();
  }

  point({ clientX, clientY }) {
    const { left, top } = this.svg.getBoundingClientRect();
    return [(clientX - left) / this.scale, (clientY - top) / this.scale];
  }
}
