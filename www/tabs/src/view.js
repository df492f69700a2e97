// What a link says of the tabs: `cache?change=file&path=src%2Fmain.rs`, each tab that has fields on a line of its own,
// the one in front first.

import { TABS } from "./words.js";

export function readView(text) {
  const lines = text.split("\n").map((line) => {
    const [name, query = ""] = line.split(/\?(.*)/s);
    return [name, [...new URLSearchParams(query)]];
  });
  const known = lines.filter(([name]) => TABS.some((tab) => tab.name === name));
  return { tab: known[0]?.[0] ?? TABS[0].name, fields: Object.fromEntries(known) };
}

// Nothing at all where nothing was chosen: links stay short.
export function writeView({ tab, fields }) {
  const query = (name) => `${new URLSearchParams(fields[name] ?? [])}`;
  const line = (name) => (query(name) ? `${name}?${query(name)}` : name);
  const others = TABS.map(({ name }) => name).filter((name) => name !== tab && query(name));
  const lines = [tab, ...others].map(line);
  return lines.length === 1 && lines[0] === TABS[0].name ? "" : lines.join("\n");
}
