// What the page asks for before it is drawn, where it asks for anything. Wrapped by src/effects/address.rs.

const fetched = (path) => new URL(path, document.baseURI).href;

/// What the address says before `#`.
export async function asked() {
  return location.search ? (await import(fetched("prefill.js"))).read(location.search) : "";
}

/// The dictionary of the visitor's language; the empty text for English and for those that nobody translated.
export async function words() {
  let language = navigator.language;
  try { language = localStorage.getItem("layercast.language") ?? language; } catch {}
  language = language.slice(0, 2);
  if (language !== "de") return "";
  document.documentElement.lang = language;
  return (await fetch(fetched(`languages/${language}.json`))).text();
}
