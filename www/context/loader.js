// Fetches the panel of the build context when the worker listens. Wrapped by src/effects/context.rs.

export function connect(worker, took) {
  import(new URL("context/context.js", document.baseURI).href).then((panel) => panel.connect(worker, took), () => {});
}
