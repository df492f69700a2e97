// Where a key leads from a node of the graph.

const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];

/// The next node, or none: along lines to the left and right, within the column up and down, else the nearest that way.
export function step({ nodes, links, byName }, name, key) {
  const at = byName.get(name);
  if (!at) return undefined;
  const stages = nodes.filter(({ isStage }) => isStage);
  if (key === "Home") return stages[0];
  if (key === "End") return stages.at(-1);
  const [x, y] = middle(at);
  const nearest = (some, far) => some.filter((one) => one && one !== at).sort((a, b) => far(a) - far(b))[0];
  const across = (one) => Math.abs(middle(one)[1] - y);
  const away = (one) => Math.hypot(middle(one)[0] - x, middle(one)[1] - y);
  const column = nodes.filter((one) => one.x === at.x);
  switch (key) {
    case "ArrowLeft":
      return nearest(links.filter(({ to }) => to === name).map(({ from }) => byName.get(from)), across)
        ?? nearest(nodes.filter((one) => one.x < at.x), away);
    case "ArrowRight":
      return nearest(links.filter(({ from }) => from === name).map(({ to }) => byName.get(to)), across)
        ?? nearest(nodes.filter((one) => one.x > at.x), away);
    case "ArrowUp":
      return nearest(column.filter((one) => one.y < at.y), across) ?? nearest(nodes.filter((one) => middle(one)[1] < y), away);
    case "ArrowDown":
      return nearest(column.filter((one) => one.y > at.y), across) ?? nearest(nodes.filter((one) => middle(one)[1] > y), away);
    default:
      return undefined;
  }
}
