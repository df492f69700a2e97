// Installable, and there without a network after the first visit: the service worker and the manifest.

/// Sets both up, unless the companion serves the page: that is on this machine, and knows more than what was kept.
export function keepForLater(home = document.baseURI) {
  const [visit] = performance.getEntriesByType("navigation");
  if (visit?.serverTiming?.some(({ name }) => name === "layercast-relay")) return;
  const href = new URL("install/manifest.webmanifest", home).href;
  document.head.append(Object.assign(document.createElement("link"), { rel: "manifest", href }));
  // Not where pages are not served safely, and not where the user forbids storage: then there is no more than before.
  navigator.serviceWorker?.register(new URL("service_worker.js", home)).catch(() => {});
}
