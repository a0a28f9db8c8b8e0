/**
 * Where the arrow keys lead in a graph: along the direction of the computation to what is made from an
 * item, or back to what it was made from; across it to the next item beside, column by column, so
 * that every item can be reached. Pure.
 */

const VECTORS = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};
const DIRECTIONS = {
  LR: VECTORS.ArrowRight,
  RL: VECTORS.ArrowLeft,
  TB: VECTORS.ArrowDown,
  BT: VECTORS.ArrowUp,
};
const SIDEWAYS = 3; // how much worse it is to go astray than to go far
const COLUMN = 40; // pixels, within which items count as side by side

/**
 * The stop that a key leads to.
 *
 * @param {string} key - as in KeyboardEvent.key.
 * @param {number} at - index of the stop under way.
 * @param {{x: number, y: number, operands: number[], results: number[]}[]} stops - all of them, in
 *   the order of the graph, each with the indexes of its neighbours.
 * @param {"LR" | "RL" | "TB" | "BT"} direction
 * @returns {number} the index of a stop; the same one if the key leads nowhere.
 */
export function destination(key, at, stops, direction) {
  if (key === "Home" || key === "End") {
    return key === "Home" ? 0 : stops.length - 1;
  }
  const vector = VECTORS[key];
  if (!vector) {
    return at;
  }
  const forward = DIRECTIONS[direction];
  const agreement = vector.x * forward.x + vector.y * forward.y;
  if (agreement === 0) {
    return beside(at, stops, forward, vector.x + vector.y);
  }
  const neighbours = agreement > 0 ? stops[at].results : stops[at].operands;
  return neighbours.length > 0
    ? nearest(at, neighbours, stops, vector, true)
    : nearest(at, stops.keys(), stops, vector, false);
}

/** The stop before or after in its column, or at the end of the column before or after. */
function beside(at, stops, forward, step) {
  const along = (stop) => stops[stop].x * forward.x + stops[stop].y * forward.y;
  const across = (stop) => (forward.x === 0 ? stops[stop].x : stops[stop].y);
  const columns = [];
  for (const stop of [...stops.keys()].toSorted((a, b) => along(a) - along(b))) {
    const column = columns.at(-1);
    if (column && along(stop) - along(column[0]) < COLUMN) {
      column.push(stop);
    } else {
      columns.push([stop]);
    }
  }
  const order = columns.flatMap((column) => column.toSorted((a, b) => across(a) - across(b)));
  return order[order.indexOf(at) + step] ?? at;
}

/** The candidate that is least far away, counting steps to the side more. */
function nearest(at, candidates, stops, vector, anywhere) {
  const { x, y } = stops[at];
  let best = at;
  let least = Infinity;
  for (const candidate of candidates) {
    const dx = stops[candidate].x - x;
    const dy = stops[candidate].y - y;
    const ahead = dx * vector.x + dy * vector.y;
    const aside = Math.abs(dx * vector.y) + Math.abs(dy * vector.x);
    const distance = Math.abs(ahead) + SIDEWAYS * aside;
    if (candidate !== at && (anywhere || ahead > 1) && distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}
