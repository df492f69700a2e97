// The list of steps: state, time, what it weighs, and its output, which opens.

import { bytes, time, truth } from "./figures.js";
import { nodesOf, textOf } from "./output.js";
import { WORDS } from "./words.js";
import { fill, t } from "../tabs/tabs.js";

// As many as the companion keeps.
const MOST_LINES = 500;
// What the builder does for itself, or for us.
const INTERNAL = ["[internal]", "resolving provenance"];

/// One step with its row. `jump` shows a line in the editor.
export class Step {
  constructor(news, jump) {
    this.lines = [];
    this.dropped = 0;
    this.heard = 0;
    this.last = make("p", { className: "build-last", hidden: true });
    this.log = make("pre", { tabIndex: 0, className: "build-log" });
    this.name = make("code", {});
    this.state = make("span", { className: "build-state" });
    this.time = make("span", { className: "build-time" });
    this.size = make("span", { className: "build-size" });
    this.error = make("p", { className: "build-error", hidden: true });
    this.summary = make("summary", {}, this.name, this.state, this.time, this.size);
    this.details = make("details", {}, this.summary, this.error, this.log);
    this.details.addEventListener("toggle", () => this.drawLog());
    const line = news.line == null ? make("span", { className: "build-line" })
      : make("button", { type: "button", className: "build-line", textContent: news.line, ariaLabel: fill(WORDS.goTo, news.line) });
    line.addEventListener("click", () => news.line != null && jump(news.line));
    this.row = make("li", { className: "build-step" }, line, this.details, this.last);
    this.take(news);
  }

  take(news) {
    const { lines, from, ...rest } = news;
    const before = this.news?.state;
    this.news = { ...rest, at: news.at };
    // Seconds go on by this clock.
    this.since = performance.now() - (news.seconds ?? 0) * 1000;
    if (lines) {
      if (from > this.heard) this.lines = [];
      this.lines.push(...lines);
      this.heard = from + lines.length;
      this.lines = this.lines.slice(-MOST_LINES);
      this.dropped = this.heard - this.lines.length;
      this.drawLog();
    }
    if (news.state === "failed" && before !== "failed") this.details.open = true;
    this.draw();
  }

  get isInternal() {
    return this.news.line == null && this.news.state !== "failed" && INTERNAL.some((name) => this.news.name.startsWith(name));
  }

  /// The build is over: what waited is not built.
  end(over) {
    if (this.over === over) return;
    this.over = over;
    this.draw();
  }

  draw() {
    const { name, error, sizes, progress } = this.news;
    const state = this.over && this.news.state === "waiting" ? "idle" : this.news.state;
    this.row.dataset.state = state;
    this.row.hidden = this.isInternal;
    put(this.name, name);
    put(this.state, t(WORDS.states[state]) + (progress && state === "running" ? ` · ${worded(progress)}` : ""));
    this.error.hidden = !error || state !== "failed";
    put(this.error, error ?? "");
    const unpacked = truth(sizes?.unpacked);
    put(this.size, unpacked ? unpacked.real : "");
    if (unpacked) {
      const against = make("small", { textContent: unpacked.against });
      if (unpacked.fits !== undefined) against.dataset.fits = unpacked.fits;
      this.size.append(" ", against);
    }
    const last = this.lines.findLast((line) => textOf(line).trim());
    this.last.hidden = !last || !["running", "failed"].includes(state) || this.details.open;
    put(this.last, last ? textOf(last) : "");
    this.tick();
  }

  /// The time goes on.
  tick() {
    const { state, seconds } = this.news;
    const running = state === "running";
    const took = running ? (performance.now() - this.since) / 1000 : seconds;
    put(this.time, took != null && (running || ["done", "failed", "cancelled"].includes(state)) ? time(took) : "");
  }

  // Only what is open is drawn.
  drawLog() {
    if (!this.details.open) return;
    this.last.hidden = true;
    const atEnd = this.log.scrollTop + this.log.clientHeight >= this.log.scrollHeight - 4;
    const fragment = document.createDocumentFragment();
    if (this.dropped) fragment.append(make("i", { textContent: `${fill(WORDS.dropped, this.dropped.toLocaleString(document.documentElement.lang))}\n` }));
    if (!this.heard) fragment.append(make("i", { textContent: t(WORDS.nothing) }));
    for (const line of this.lines) fragment.append(nodesOf(line), "\n");
    this.log.replaceChildren(fragment);
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
  }
}

// `transferring context 12 MB`, `3 MB / 30 MB`.
function worded([id, current, total]) {
  const name = id.replace(/sha256:[0-9a-f]+/, "").replace(/:$/, "").trim();
  const much = total ? `${bytes(current)} / ${bytes(total)}` : current ? bytes(current) : "";
  return [name, much].filter(Boolean).join(" ");
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function make(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
