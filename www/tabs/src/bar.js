// The bar of the tabs, as the ARIA practices have it: one stop for Tab, arrows go along, Home and End to its ends.

import { t } from "./language.js";
import { TABS, WORDS } from "./words.js";

export function drawBar(bar, choose) {
  bar.setAttribute("role", "tablist");
  bar.ariaLabel = t(WORDS.tabs);
  bar.replaceChildren(...TABS.map(({ name, title }) => {
    const tab = document.createElement("button");
    Object.assign(tab, { type: "button", id: `tab-${name}`, textContent: t(title) });
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", "panel");
    tab.addEventListener("click", () => choose(name));
    return tab;
  }));
  bar.addEventListener("keydown", (event) => {
    const tabs = [...bar.children];
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    tabs[to % tabs.length].focus();
    tabs[to % tabs.length].click();
  });
}

/// Marks the tab in front.
export function mark(name) {
  for (const tab of document.getElementById("tabs").children) {
    const chosen = tab.id === `tab-${name}`;
    tab.ariaSelected = chosen;
    tab.tabIndex = chosen ? 0 : -1;
    if (chosen) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  document.getElementById("panel").setAttribute("aria-labelledby", `tab-${name}`);
}
