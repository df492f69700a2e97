// Colours for Dockerfiles: keywords, stage names, flags, variables, strings, comments, heredocs.

import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const KEYWORD = /(?:add|arg|cmd|copy|entrypoint|env|expose|from|healthcheck|label|maintainer|onbuild|run|shell|stopsignal|user|volume|workdir)(?=\s|$)/i;
const HEREDOC = /<<-?(["']?)([a-zA-Z_]\w*)\1/;

const parser = StreamLanguage.define({
  startState: () => ({ fresh: true, keyword: "", heredocs: [], body: null }),
  copyState: (state) => ({ ...state, heredocs: [...state.heredocs] }),
  token(stream, state) {
    if (stream.sol() && state.body) {
      const end = stream.string.trim() === state.body;
      stream.skipToEnd();
      if (end) state.body = state.heredocs.shift() ?? null;
      if (end && !state.body) state.fresh = true;
      return end ? "keyword" : "string";
    }
    if (stream.sol() && /^\s*#/.test(stream.string)) {
      stream.skipToEnd();
      return /^#\s*(?:syntax|escape|check)\s*=/i.test(stream.string) ? "meta" : "comment";
    }
    if (stream.eatSpace()) return finish(stream, state, null);
    if (state.fresh) {
      const word = stream.match(KEYWORD);
      if (word) {
        state.keyword = word[0].toLowerCase();
        state.fresh = state.keyword === "onbuild";
        return finish(stream, state, "keyword");
      }
      state.fresh = false;
    }
    return finish(stream, state, piece(stream, state));
  },
});

function piece(stream, state) {
  const heredoc = (state.keyword === "run" || state.keyword === "copy" || state.keyword === "add") && stream.match(HEREDOC);
  if (heredoc) { state.heredocs.push(heredoc[2]); return "keyword"; }
  if (state.keyword === "from" && stream.match(/as(?=\s)/i)) { state.named = true; return "keyword"; }
  if (state.keyword === "from" && state.named && stream.match(/\S+/)) { state.named = false; return "typeName"; }
  if (stream.match(/--from=/)) { state.from = true; return "attributeName"; }
  if (state.from && stream.match(/[^\s,]+/)) { state.from = false; return "typeName"; }
  if (/\s/.test(stream.string.charAt(stream.pos - 1) || " ") && stream.match(/--?[a-zA-Z][\w-]*=?/)) return "attributeName";
  if (stream.match(/\$(?:\w+|\{[^}]*\}?)/)) return "variableName";
  if (stream.match(/"(?:[^"\\]|\\.)*"?|'[^']*'?/)) return "string";
  if (stream.match(/&&|\|\||[|;\\]/)) return "punctuation";
  if (!stream.match(/[^\s$"'|;&\\=-]+/)) stream.next();
  return null;
}

function finish(stream, state, style) {
  if (stream.eol()) {
    if (state.heredocs.length && !state.body) state.body = state.heredocs.shift();
    else if (!/[\\`]\s*$/.test(stream.string)) { state.fresh = true; state.named = state.from = false; }
  }
  return style;
}

const style = HighlightStyle.define([
  { tag: tags.keyword, class: "syntax-keyword" },
  { tag: tags.typeName, class: "syntax-stage" },
  { tag: tags.attributeName, class: "syntax-flag" },
  { tag: tags.variableName, class: "syntax-variable" },
  { tag: tags.string, class: "syntax-string" },
  { tag: tags.comment, class: "syntax-comment" },
  { tag: tags.meta, class: "syntax-meta" },
  { tag: tags.punctuation, class: "syntax-punctuation" },
]);

export const dockerfile = () => [parser, syntaxHighlighting(style)];
