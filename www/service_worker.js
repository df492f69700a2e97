// The page without a network, once it was seen. `cargo xtask build` writes the version and the files into it.
//
// Each version has a cache of its own, filled whole before it takes over: that is when no tab shows the one before,
// so a page never gets files of two versions. Tables of packages are kept when they are first used.

const VERSION = "VERSION";
const FILES = ["FILES"];
const CACHE = `layercast-${VERSION}`;

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(forget()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const home = new URL(self.registration.scope);
  if (request.method !== "GET" || url.origin !== home.origin || !url.pathname.startsWith(home.pathname)) return;
  const path = url.pathname.slice(home.pathname.length);
  if (request.mode === "navigate") event.respondWith(kept("index.html", request));
  else if (FILES.includes(path)) event.respondWith(kept(path, request));
  else if (path.startsWith("tables/")) event.respondWith(table(request));
});

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
}

async function forget() {
  for (const name of await caches.keys())
    if (name.startsWith("layercast-") && name !== CACHE) await caches.delete(name);
}

async function kept(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(new URL(path, self.registration.scope).href)) ?? fetch(request);
}

async function table(request) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request);
  if (known) return known;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}
