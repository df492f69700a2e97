// One GET. Wrapped by src/worker/fetch.rs.

export async function get_js(address, accept, range, patience) {
  const headers = {};
  if (accept) headers.accept = accept;
  if (range) headers.range = range;
  const reply = await fetch(address, { headers, signal: AbortSignal.timeout(patience) });
  const body = new Uint8Array(await reply.arrayBuffer());
  return { status: reply.status, body, header: (name) => reply.headers.get(name) ?? "" };
}
