// Fetches the tabs when the worker listens. Wrapped by src/effects/tabs.rs.

// Before the page writes its own.
const { hash } = location;
let view = "";
let tabs;

/// Joins the tabs to a worker; `act` takes a verb and a value. Called again for a worker that is started again.
export function connect(worker, act) {
  import(new URL("tabs/tabs.js", document.baseURI).href).then((loaded) => {
    tabs = loaded;
    tabs.connect(worker, act, view, hash);
  }, () => {});
}

/// Shows what a link says of the tabs.
export function show(next) {
  view = next;
  tabs?.show(view);
}
