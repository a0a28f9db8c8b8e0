/**
 * What makes an arrangement by dagre better to look at: ranks as close as their links allow, and
 * things of a kind in their order. Both change the places that dagre has left in its graph.
 */

const NARROWEST_GAP = 22; // between ranks, in pixels
const WIDEST_GAP = 64;
const STEEPNESS = 0.16; // of the gap, for each pixel that a link goes to the side

const axesOf = (direction) =>
  direction === "LR" || direction === "RL" ? ["x", "y", "width"] : ["y", "x", "height"];

/**
 * Move the ranks together, where dagre leaves the same gap between all: wide where links have far
 * to go to the side, narrow where they run straight.
 *
 * @param {import("dagre").Graph} dagre - that has been laid out.
 * @param {"LR" | "RL" | "TB" | "BT"} direction
 */
export function closeRanks(dagre, direction) {
  const [along, across, long] = axesOf(direction);
  const ranks = new Map();
  for (const name of dagre.nodes()) {
    const node = dagre.node(name);
    const at = Math.round(node[along]);
    const half = node[long] / 2;
    ranks.set(at, { at, half: Math.max(half, ranks.get(at)?.half ?? 0), climb: 0 });
  }
  const columns = [...ranks.values()].toSorted((a, b) => a.at - b.at);
  const found = new Map();
  const columnAt = (x) => {
    if (!found.has(x)) {
      found.set(x, firstIndex(columns, ({ at }) => at + 1 >= x));
    }
    return found.get(x);
  };
  for (const edge of dagre.edges()) {
    const { points } = dagre.edge(edge);
    let before = dagre.node(edge.v);
    for (let k = 1; k < points.length; k += 1) {
      const point = k < points.length - 1 ? points[k] : dagre.node(edge.w);
      const column = columns[columnAt(Math.max(before[along], point[along]))];
      column.climb = Math.max(column.climb, Math.abs(before[across] - point[across]));
      before = point;
    }
  }
  let end = 0;
  for (const column of columns) {
    const gap = Math.min(WIDEST_GAP, NARROWEST_GAP + STEEPNESS * column.climb);
    column.moved = end + gap + column.half;
    end = column.moved + column.half;
  }
  const places = new Map(); // thousands are in one rank
  const placeOf = (x) => {
    const next = columnAt(x);
    const [a, b] = [columns[Math.max(0, next - 1)], columns[next]];
    const share = a === b ? 0 : (x - a.at) / (b.at - a.at);
    return a.moved + share * (b.moved - a.moved);
  };
  const move = (place) => {
    const x = place[along];
    if (!places.has(x)) {
      places.set(x, placeOf(x));
    }
    place[along] = places.get(x);
  };
  for (const name of dagre.nodes()) {
    move(dagre.node(name));
  }
  bendsOf(dagre).forEach(move);
}

/** The first index at which something holds that holds at all later ones; found by halving. */
function firstIndex(list, holds) {
  let [low, high] = [0, list.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(list[middle])) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/**
 * Whether leaves or boxes side by side mostly stand in the reverse of their order, which makes no
 * difference to dagre.
 *
 * @param {import("dagre").Graph} dagre - that has been laid out.
 * @param {string[]} nodes - their names, in their order.
 * @param {"LR" | "RL" | "TB" | "BT"} direction
 * @returns {boolean}
 */
export function isUpsideDown(dagre, nodes, direction) {
  const [along, across] = axesOf(direction);
  const latest = new Map();
  let agreement = 0;
  const alike = nodes.filter((node) => node.startsWith("box") || !dagre.inEdges(node)?.length);
  for (const node of alike) {
    const place = dagre.node(node);
    const rank = `${node.startsWith("box")} ${Math.round(place[along])}`;
    if (latest.has(rank)) {
      agreement += Math.sign(place[across] - latest.get(rank));
    }
    latest.set(rank, place[across]);
  }
  return agreement < 0;
}

/**
 * Turn an arrangement upside down.
 *
 * @param {import("dagre").Graph} dagre - that has been laid out.
 * @param {"LR" | "RL" | "TB" | "BT"} direction
 */
export function mirror(dagre, direction) {
  const [, across] = axesOf(direction);
  for (const node of dagre.nodes()) {
    dagre.node(node)[across] *= -1;
  }
  for (const point of bendsOf(dagre)) {
    point[across] *= -1;
  }
}

/**
 * The points between the ends of the edges, each once.
 *
 * @param {import("dagre").Graph | import("chainrule/level.js").LevelGraph} dagre
 * @returns {{x: number, y: number}[]}
 */
export function bendsOf(dagre) {
  return dagre.bends ?? dagre.edges().flatMap((edge) => dagre.edge(edge).points.slice(1, -1));
}
