// A link that cannot be read: said in a sentence. The text of the last visit stands in its place.

import { t } from "./language.js";
import { WORDS } from "./words.js";

export async function tellOfBrokenLink(page, hash) {
  const [, version, packed] = /^#v(\d+):(.*)/.exec(hash) ?? [];
  if (!version || (version === "1" && (await isWhole(packed)))) return;
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.setAttribute("role", "status");
  const close = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: t(WORDS.close) });
  close.addEventListener("click", () => notice.remove());
  notice.append(Object.assign(document.createElement("span"), { textContent: t(version === "1" ? WORDS.linkCut : WORDS.linkNewer) }), close);
  page.prepend(notice);
}

async function isWhole(packed) {
  try {
    const bytes = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
    return typeof JSON.parse(text).source === "string";
  } catch {
    return false;
  }
}
