// Fetches the editor after the first paint. Wrapped by src/effects/editor.rs.

export async function load_editor(area, parent, on_text) {
  const { create } = await import(new URL("editor/editor.js", document.baseURI).href);
  return create(area, parent, on_text);
}
