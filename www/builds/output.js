// A line of output as nodes: its colours by ANSI's codes, everything else as the text that it is.

// CSI sequences, OSC sequences, other escapes, and control characters that a page would not show.
const SEQUENCES = /\x1b\[([0-9;:?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/// What a line looks like: a fragment of text and of spans with classes.
export function nodesOf(line) {
  const fragment = document.createDocumentFragment();
  let look = { colour: "", bold: false, faint: false };
  let from = 0;
  const put = (text) => {
    if (!text) return;
    const names = [look.colour && `ansi-${look.colour}`, look.bold && "ansi-bold", look.faint && "ansi-faint"].filter(Boolean);
    if (!names.length) return fragment.append(text);
    const span = document.createElement("span");
    span.className = names.join(" ");
    span.textContent = text;
    fragment.append(span);
  };
  for (const found of line.matchAll(SEQUENCES)) {
    put(line.slice(from, found.index));
    from = found.index + found[0].length;
    if (found[2] === "m") look = after(look, found[1].split(/[;:]/).map(Number));
  }
  put(line.slice(from));
  return fragment;
}

/// A line without any of that.
export const textOf = (line) => line.replace(SEQUENCES, "");

// SGR: the eight colours and their bright ones, bold, faint, and back. Of 256 colours and true ones none is taken.
function after(look, codes) {
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 38 || code === 48) at += codes[at + 1] === 5 ? 2 : 4;
    else if (code === 0) look = { colour: "", bold: false, faint: false };
    else if (code === 1) look = { ...look, bold: true };
    else if (code === 2) look = { ...look, faint: true };
    else if (code === 22) look = { ...look, bold: false, faint: false };
    else if (code === 39) look = { ...look, colour: "" };
    else if (code >= 30 && code <= 37) look = { ...look, colour: COLOURS[code - 30] };
    else if (code >= 90 && code <= 97) look = { ...look, colour: COLOURS[code - 90] };
  }
  return look;
}
