// The visitor's language, in the scripts: the same dictionary as the page's (src/language.rs).

let dictionary = {};

/// Fetches the dictionary where the page has one, and hands back its text for the worker.
export async function learn() {
  const { lang } = document.documentElement;
  if (lang === "en") return "";
  try {
    const text = await (await fetch(new URL(`languages/${lang}.json`, document.baseURI))).text();
    dictionary = JSON.parse(text);
    return text;
  } catch {
    return "";
  }
}

/// A sentence in the visitor's language.
export const t = (english) => dictionary[english] ?? english;

/// A sentence with values where `{}` stands.
export function fill(english, ...values) {
  let next = 0;
  return t(english).replace(/\{(\d*)\}/g, (_, place) => values[place || next++]);
}

/// The choice of a language, in the page's foot; the page is loaded anew in it.
export function drawChoice(foot) {
  if (!foot) return;
  const select = document.createElement("select");
  select.ariaLabel = t("Language");
  for (const [value, name] of [["en", "English"], ["de", "Deutsch"]])
    select.append(Object.assign(document.createElement("option"), { value, textContent: name, lang: value }));
  select.value = document.documentElement.lang;
  select.addEventListener("change", () => {
    try { localStorage.setItem("layercast.language", select.value); } catch {}
    location.reload();
  });
  foot.append(select);
}
