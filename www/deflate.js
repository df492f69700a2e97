// The browser's own compression: a library for it would be a tenth of the page. Wrapped by src/effects/deflate.rs.

const through = async (bytes, stream) =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

export const deflate = (bytes) => through(bytes, new CompressionStream("deflate-raw"));
export const inflate = (bytes) => through(bytes, new DecompressionStream("deflate-raw"));
