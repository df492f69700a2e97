// What a tar holds, compressed with gzip or not: lengths and paths, without reading it into memory.

const BLOCK = 512;
const MOST_ENTRIES = 1_000_000;
const KINDS = [[[0xfd, 0x37, 0x7a], "xz"], [[0x42, 0x5a, 0x68], "bzip2"], [[0x28, 0xb5, 0x2f], "zstd"]];

/// Lines of `length path`, with a NUL between them. Throws a sentence where it cannot be read.
export async function entriesOf(file) {
  const magic = new Uint8Array(await file.slice(0, 3).arrayBuffer());
  const other = KINDS.find(([bytes]) => bytes.every((byte, at) => magic[at] === byte));
  if (other) throw new Error(`archives compressed with ${other[1]} are not looked into`);
  const isGzip = magic[0] === 0x1f && magic[1] === 0x8b;
  const bytes = isGzip ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
  try {
    return (await list(blocksOf(bytes.getReader()))).join("\0");
  } catch (error) {
    throw new Error(`it is no archive that can be read: ${error.message}`);
  }
}

async function list(blocks) {
  const entries = [];
  let longName;
  for (;;) {
    const header = await blocks.take(BLOCK);
    if (!header || header[0] === 0) return entries;
    const length = octal(header, 124, 12);
    const padded = Math.ceil(length / BLOCK) * BLOCK;
    const kind = String.fromCharCode(header[156]);
    if (kind === "L" || kind === "x") {
      const content = await blocks.take(padded);
      if (!content) throw new Error("it ends too soon");
      const said = text(content, 0, length);
      longName = kind === "L" ? said : (/\d+ path=([^\n]*)\n/.exec(said)?.[1] ?? longName);
      continue;
    }
    const prefix = text(header, 345, 155);
    const name = longName ?? (prefix ? `${prefix}/${text(header, 0, 100)}` : text(header, 0, 100));
    longName = undefined;
    if (kind === "0" || kind === "\0") entries.push(`${length} ${name.replace(/^(\.\/)+/, "")}`);
    if (entries.length > MOST_ENTRIES) throw new Error(`it holds more than ${MOST_ENTRIES} files`);
    await blocks.skip(padded);
  }
}

// Bytes of a stream, so many at a time.
function blocksOf(reader) {
  let have = new Uint8Array(0);
  const more = async () => {
    const { done, value } = await reader.read();
    if (done) return false;
    const joined = new Uint8Array(have.length + value.length);
    joined.set(have);
    joined.set(value, have.length);
    have = joined;
    return true;
  };
  return {
    async take(count) {
      while (have.length < count) if (!(await more())) return undefined;
      const taken = have.subarray(0, count);
      have = have.subarray(count);
      return taken;
    },
    async skip(count) {
      while (count > have.length) {
        count -= have.length;
        have = new Uint8Array(0);
        if (!(await more())) return;
      }
      have = have.subarray(count);
    },
  };
}

function text(bytes, from, length) {
  const part = bytes.subarray(from, from + length);
  const end = part.indexOf(0);
  return new TextDecoder().decode(end < 0 ? part : part.subarray(0, end));
}

// Octal digits; for lengths over 8 GB, big-endian bytes behind a first one with its top bit set.
function octal(bytes, from, length) {
  if (bytes[from] & 0x80) return bytes.subarray(from + 4, from + length).reduce((sum, byte) => sum * 256 + byte, 0);
  return parseInt(text(bytes, from, length).trim() || "0", 8);
}
