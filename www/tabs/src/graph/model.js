// What stands in the SVG: its nodes with their places, and the lines between them.

/// Reads it. Names are those of `data-node`: the number of a stage, the reference of an image.
export function read(svg) {
  const nodes = [...svg.querySelectorAll("[data-node]")].map(node);
  const links = [...svg.querySelectorAll("[data-from]")].map((element) => ({
    element, from: element.dataset.from, to: element.dataset.to, kind: /link-(\w+)/.exec(element.getAttribute("class"))[1],
  }));
  const byName = new Map(nodes.map((one) => [one.name, one]));
  return { nodes, links, byName, pathOf: (name) => path(links, name) };
}

/// `12-20 30-30` as pairs of numbers.
export function lines(element) {
  const pairs = element.dataset.lines?.split(" ") ?? [];
  return pairs.map((pair) => pair.split("-").map(Number));
}

function node(element) {
  const [x, y] = element.style.transform.match(/-?[\d.]+/g)?.map(Number) ?? [0, 0];
  const box = element.querySelector("rect");
  const names = element.classList;
  return {
    element, x, y, name: element.dataset.node, label: element.dataset.testid ?? element.dataset.node,
    width: Number(box.getAttribute("width")), height: Number(box.getAttribute("height")),
    isStage: names.contains("stage"), ships: names.contains("ships"), skipped: names.contains("skipped"),
  };
}

// All that leads to a node, and all that it leads to.
function path(links, name) {
  return new Set([...reach(links, name, "to", "from"), ...reach(links, name, "from", "to")]);
}

function reach(links, name, start, end) {
  const seen = new Set([name]);
  const open = [name];
  while (open.length) {
    const at = open.pop();
    for (const link of links) {
      if (link[start] !== at || seen.has(link[end])) continue;
      seen.add(link[end]);
      open.push(link[end]);
    }
  }
  return seen;
}
