// What the address asks for before `#`: docs/links.md. Fetched only where it asks for something.

// In bytes and milliseconds: no Dockerfile is longer, and nobody waits longer.
const LONGEST = 2 << 20;
const PATIENCE = 15_000;
const PLATFORM = /^[a-z0-9]+\/[a-z0-9]+(\/v[0-9]+)?$/;

/// The parameters as a link's JSON (src/permalink.rs), as far as they are given; the empty text for none.
export async function read(search) {
  const given = new URLSearchParams(search);
  const root = document.documentElement;
  if (["light", "dark"].includes(given.get("theme"))) colour(root, given.get("theme"));
  if (given.has("readonly") && given.get("readonly") !== "false") root.dataset.readonly = "";
  const link = {
    source: given.has("src") ? await fetched(given.get("src")) : given.get("source") ?? "",
    target: given.get("target") || undefined,
    platform: PLATFORM.test(given.get("platform") ?? "") ? given.get("platform") : undefined,
    args: Object.fromEntries([...given].filter(([name]) => name.startsWith("arg.")).map(([name, value]) => [name.slice(4), value])),
    view: given.get("tab") ?? "",
  };
  const asks = link.source || link.target || link.platform || Object.keys(link.args).length || link.view;
  return asks ? JSON.stringify(link) : "";
}

// For this visit, and until somebody chooses: their own choice is kept, not this.
function colour(root, theme) {
  root.style.colorScheme = theme;
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-testid=theme]")) root.style.colorScheme = "";
  });
}

// The text at an address, or a Dockerfile's comment that says why there is none: nobody's own text is lost by it.
async function fetched(address) {
  try {
    const url = raw(new URL(address, document.baseURI));
    if (!["https:", location.protocol].includes(url.protocol)) throw new Error("only https: is fetched");
    const response = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    const bytes = await response.arrayBuffer();
    if (bytes.byteLength > LONGEST) throw new Error("it is longer than 2 MB");
    return new TextDecoder().decode(bytes);
  } catch (error) {
    const why = error.name === "TimeoutError" ? "nobody answered in 15 seconds" : error.message;
    return `# ${address}\n# could not be fetched: ${why}. Is it a public https: address that lets pages read it?\n`.replaceAll("\r", "");
  }
}

// The text itself for the pages that people copy the address of.
function raw(url) {
  const parts = url.pathname.split("/").filter(Boolean);
  if (url.hostname === "gist.github.com" && parts.length >= 2)
    return new URL(`https://gist.githubusercontent.com/${parts[0]}/${parts[1]}/raw`);
  if (url.hostname === "github.com" && parts[2] === "blob")
    return new URL(`https://raw.githubusercontent.com/${[parts[0], parts[1], ...parts.slice(3)].join("/")}`);
  return url;
}
