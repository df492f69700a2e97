// GET. Wrapped by src/worker/fetch.rs.

export async function get_js(address, accept, range, patience) {
  const headers = {};
  if (accept) headers.accept = accept;
  if (range) headers.range = range;
  const reply = await fetch(address, { headers, signal: AbortSignal.timeout(patience) });
  const body = new Uint8Array(await reply.arrayBuffer());
  return { status: reply.status, body, header: (name) => reply.headers.get(name) ?? "" };
}

// Of files that end in `.gz` some hosts say that they are compressed: the browser inflates those.
export async function get_text_js(address, patience) {
  const reply = await fetch(address, { signal: AbortSignal.timeout(patience) });
  if (!reply.ok) throw new Error(`the server says ${reply.status}`);
  const bytes = new Uint8Array(await reply.arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new TextDecoder().decode(bytes);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
