// A folder as the browser hands it over: dropped (entries, to be walked) or chosen (a list of files, all at once).

// So many files at a time: then the page may answer.
const HANDFUL = 2_000;

export const isFolder = (entry) => entry?.isDirectory === true;

/// What a dropped folder or a list of chosen files holds: `name`, `files()` in handfuls of { path, length }, and
/// `find(path)`, which gives the file at a path or nothing.
export const filesOf = (from) => (Array.isArray(from) ? chosen(from) : dropped(from));

function chosen(files) {
  // `folder/src/main.js`, seen from the folder.
  const path = (file) => file.webkitRelativePath.slice(file.webkitRelativePath.indexOf("/") + 1);
  return {
    name: files[0].webkitRelativePath.split("/")[0],
    async *files() {
      for (let at = 0; at < files.length; at += HANDFUL) {
        yield files.slice(at, at + HANDFUL).map((file) => ({ path: path(file), length: file.size }));
        await new Promise((answered) => setTimeout(answered));
      }
    },
    async find(wanted) { return files.find((file) => path(file) === wanted); },
  };
}

function dropped(root) {
  return {
    name: root.name,
    async *files() {
      const open = [root];
      let some = [];
      while (open.length) {
        for await (const entries of batches(open.pop().createReader())) {
          open.push(...entries.filter(isFolder));
          const files = entries.filter((entry) => entry.isFile);
          const lengths = await Promise.all(files.map(lengthOf));
          files.forEach((file, at) => some.push({ path: below(root, file), length: lengths[at] }));
          if (some.length >= HANDFUL) {
            yield some;
            some = [];
          }
        }
      }
      if (some.length) yield some;
    },
    find: (path) => new Promise((found) => {
      root.getFile(path, {}, (entry) => entry.file(found, () => found()), () => found());
    }),
  };
}

// A reader gives a hundred entries a time, and none at the end.
async function* batches(reader) {
  for (;;) {
    const entries = await new Promise((read, failed) => reader.readEntries(read, failed));
    if (entries.length === 0) return;
    yield entries;
  }
}

// A file that is gone by now has no length.
const lengthOf = (entry) => new Promise((known) => entry.file((file) => known(file.size), () => known(0)));

const below = (root, entry) => entry.fullPath.slice(root.fullPath.length + 1);
