// Talking to the companion: the token, the calls, and the stream of what happens. Where it does not answer, it is tried
// again; where the token is an old one, that is said.

const BUILD = new URL("../build/", import.meta.url);
// Under this name for this tab alone; index.html puts it there out of the address.
const KEPT = "token";
const IN_ADDRESS = /^#token=(\w+)$/;
// In milliseconds.
const PAUSES = [1_000, 2_000, 4_000, 8_000, 15_000];
// The companion says something every 15 seconds.
const SILENCE = 40_000;

let token = "";
try { token = sessionStorage.getItem(KEPT) ?? ""; } catch { /* Storage is forbidden: the tab forgets it on reload. */ }
token ||= self.layercastToken ?? "";

/// Whether the page was opened by the printed address, asked once: then it shows the Dockerfile of the context.
export function wasOpened() {
  const opened = self.layercastToken !== undefined;
  delete self.layercastToken;
  return opened;
}

/// A newer address, pasted over the page's own.
export function onNewToken(changed) {
  addEventListener("hashchange", () => {
    const found = IN_ADDRESS.exec(location.hash);
    if (!found) return;
    token = found[1];
    history.replaceState(null, "", location.pathname);
    try { sessionStorage.setItem(KEPT, token); } catch { /* As above. */ }
    changed();
  });
}

/// A call's answer. Throws a `Refusal`, or whatever fetch throws where nobody answers.
export async function call(path, body, signal) {
  const headers = { authorization: `Bearer ${token}` };
  if (body) headers["content-type"] = "application/json";
  const method = body ? "POST" : "GET";
  const options = { method, headers, body: body && JSON.stringify(body), cache: "no-store", signal };
  const response = await fetch(new URL(path, BUILD), options);
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new Refusal(response.status, said.message ?? response.statusText);
}

export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/// Hears of the build until the page goes: `news` is called with what is new, `trouble` with a Refusal or with the
/// seconds until the next try. Returns what ends the present listening and begins anew.
export function listen(news, trouble) {
  let stream, retry, tries = 0;
  const again = () => {
    clearTimeout(retry);
    stream?.abort();
    // A tab that nobody sees takes no connection: a browser has six for them all.
    if (document.hidden) return;
    const own = (stream = new AbortController());
    hear(own, (said) => { tries = 0; news(said); }).catch((error) => {
      if (own !== stream || document.hidden) return;
      if (error instanceof Refusal) return trouble(error);
      const pause = PAUSES[Math.min(tries++, PAUSES.length - 1)];
      trouble(pause / 1000);
      retry = setTimeout(again, pause);
    });
  };
  document.addEventListener("visibilitychange", again);
  again();
  return () => { tries = 0; again(); };
}

async function hear(stream, news) {
  let silence;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => stream.abort(), SILENCE);
  };
  try {
    heard();
    const response = await call("events", undefined, stream.signal);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error("the companion has gone");
      heard();
      const events = (text + value).split("\n\n");
      text = events.pop();
      for (const event of events) if (event.startsWith("data: ")) news(JSON.parse(event.slice(6)));
    }
  } finally {
    clearTimeout(silence);
  }
}
