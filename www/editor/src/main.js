// The editor: CodeMirror with what a Dockerfile needs, and the marks that the report gives.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState, RangeSet, StateEffect, StateField, Text } from "@codemirror/state";
import {
  Decoration, EditorView, GutterMarker, drawSelection, dropCursor, gutter, gutterLineClass,
  highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers,
} from "@codemirror/view";
import { dockerfile } from "./dockerfile.js";

// Beyond this many characters the text is handed over when typing rests, not at every key.
const LARGE = 200_000;
const REST = 250;
// What a reader does not see and a build does. Other control characters are left to the font: an element for each
// of them makes the browser lay out a binary file for seconds.
const DECEIVERS = /[\u00ad\u061c\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;

class Addition extends GutterMarker {
  constructor(mark) { super(); this.mark = mark; }
  eq(other) { return other.mark.text === this.mark.text && other.mark.title === this.mark.title && other.mark.kind === this.mark.kind; }
  toDOM() {
    const span = document.createElement("span");
    span.className = `adds adds-${this.mark.kind}`;
    span.textContent = this.mark.text;
    span.title = this.mark.title;
    return span;
  }
}

class LineClass extends GutterMarker {
  constructor(name) { super(); this.elementClass = name; }
  eq(other) { return other.elementClass === this.elementClass; }
}

const SKIPPED = new LineClass("skipped-line");
const LIT = new LineClass("lit-line");
const skippedLine = Decoration.line({ class: "skipped-line" });
const litLine = Decoration.line({ class: "lit-line" });

const mark = StateEffect.define();
const light = StateEffect.define();
const nothing = { lines: Decoration.none, gutters: RangeSet.empty, additions: RangeSet.empty };

// Marks stand at lines; while the text changes they move with it until the next report comes.
const marks = StateField.define({
  create: () => nothing,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(mark)) return lay(effect.value, transaction.state.doc);
    if (!transaction.docChanged) return value;
    return {
      lines: value.lines.map(transaction.changes),
      gutters: value.gutters.map(transaction.changes),
      additions: value.additions.map(transaction.changes),
    };
  },
  provide: (field) => [
    EditorView.decorations.from(field, (value) => value.lines),
    gutterLineClass.from(field, (value) => value.gutters),
  ],
});

// What is pointed at beside the editor.
const lights = StateField.define({
  create: () => nothing,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(light)) return paint(effect.value, transaction.state.doc, litLine, LIT);
    if (!transaction.docChanged || value === nothing) return value;
    return { lines: value.lines.map(transaction.changes), gutters: value.gutters.map(transaction.changes) };
  },
  provide: (field) => [
    EditorView.decorations.from(field, (value) => value.lines),
    gutterLineClass.from(field, (value) => value.gutters),
  ],
});

function paint(ranges, doc, line, gutterMark) {
  const lines = [], gutters = [];
  for (const [first, last] of ranges)
    for (let number = first; number <= Math.min(last, doc.lines); number++) {
      const at = doc.line(number).from;
      lines.push(line.range(at));
      gutters.push(gutterMark.range(at));
    }
  return { lines: Decoration.set(lines, true), gutters: RangeSet.of(gutters, true) };
}

function lay({ additions, skipped }, doc) {
  const added = additions.filter((addition) => addition.line <= doc.lines)
    .map((addition) => new Addition(addition).range(doc.line(addition.line).from));
  return { ...paint(skipped, doc, skippedLine, SKIPPED), additions: RangeSet.of(added, true) };
}

// What differs between two texts: one piece, with what both begin and end with left out.
function difference(before, after) {
  let from = 0, to = before.length, end = after.length;
  while (from < to && from < end && before[from] === after[from]) from++;
  while (to > from && end > from && before[to - 1] === after[end - 1]) { to--; end--; }
  return { from, to, insert: after.slice(from, end) };
}

// The looks, which come with the program. Where they do not come, the editor does all the same.
const dressed = new Promise((done) => {
  const href = new URL("editor.css", import.meta.url).href;
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done, onerror: done });
  document.head.append(style);
});

// Takes the place of the plain text field `area`, with its text, its label, its caret and its focus.
export async function create(area, parent, onText) {
  await dressed;
  let timer = 0, line = 1;
  const tell = () => { clearTimeout(timer); timer = 0; onText(view.state.doc.toString()); };
  const listen = EditorView.updateListener.of((update) => {
    if (update.docChanged && !update.transactions.some((transaction) => transaction.isUserEvent("layercast"))) {
      clearTimeout(timer);
      if (update.state.doc.length > LARGE) timer = setTimeout(tell, REST);
      else tell();
    }
    if (update.selectionSet || update.docChanged) {
      const now = update.state.doc.lineAt(update.state.selection.main.head).number;
      if (now !== line) {
        line = now;
        document.dispatchEvent(new CustomEvent("layercast:line", { detail: now }));
      }
    }
  });
  const text = area.value;
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      selection: { anchor: Math.min(area.selectionStart, text.length) },
      extensions: [
        ...("readonly" in document.documentElement.dataset ? [EditorState.readOnly.of(true)] : []),
        EditorView.lineWrapping, lineNumbers(), highlightActiveLineGutter(), highlightActiveLine(), highlightSpecialChars({ specialChars: DECEIVERS }), history(),
        drawSelection(), dropCursor(), keymap.of([...defaultKeymap, ...historyKeymap]), dockerfile(), marks, lights,
        gutter({ class: "additions", side: "after", markers: (view) => view.state.field(marks).additions }),
        EditorView.contentAttributes.of({ "aria-label": area.getAttribute("aria-label") ?? "", autocapitalize: "off", autocorrect: "off", spellcheck: "false" }),
        listen,
      ],
    }),
  });
  const focused = document.activeElement === area;
  area.hidden = true;
  if (focused) view.focus();
  // Other scripts ask for the text as it is at this moment.
  document.addEventListener("layercast:text", ({ detail }) => { detail.text = view.state.doc.toString(); });
  // What was typed and not yet handed over must not be lost with the page.
  addEventListener("pagehide", () => { if (timer) tell(); });
  const shine = ({ detail }) => view.dispatch({ effects: light.of(detail) });
  document.addEventListener("layercast:light", shine);
  return {
    replace(next) {
      if (timer || view.state.doc.eq(Text.of(next.split("\n")))) return;
      const changes = difference(view.state.doc.toString(), next);
      // Another text begins at its top; a change of this one leaves the caret where it is.
      const selection = changes.from === 0 ? { anchor: 0 } : undefined;
      view.dispatch({ changes, selection, scrollIntoView: !!selection, userEvent: "layercast.replace" });
    },
    mark(json) {
      const value = JSON.parse(json);
      const length = view.state.doc.length;
      const problems = value.problems.filter((problem) => problem.to <= length);
      view.dispatch({ effects: mark.of(value) }, setDiagnostics(view.state, problems));
    },
    jump(number) {
      const at = view.state.doc.line(Math.max(1, Math.min(number, view.state.doc.lines)));
      view.dispatch({ selection: { anchor: at.from }, effects: EditorView.scrollIntoView(at.from, { y: "center" }) });
      view.focus();
    },
    destroy() {
      document.removeEventListener("layercast:light", shine);
      view.destroy();
    },
  };
}
