/**
 * The arrangement of a level with thousands of nodes, in time that grows with its size: dagre takes
 * minutes there, and its recursion more stack than there is. Nothing here recurs.
 *
 * Each node stands in the rank right before the first that reads it, so what is used once is beside
 * its use, however long the graph is. What is read further on goes there along a lane: a row of
 * places, one in each rank between, that all links from that node share. `blocks.js` then says how
 * far to the side everything is.
 */

import { sidesOf } from "chainrule/blocks.js";
import { groupsOf } from "chainrule/grouping.js";

const LANES = 8; // places of lanes for each node; links that find none left go straight
const SWEEPS = 4; // over the ranks, to put what is connected side by side
const RANK_GAP = 30; // pixels; `ranks.js` sets the final ones

/**
 * Give a place to each node of a graph and points to each of its edges, as dagre's `layout` does.
 *
 * @param {import("chainrule/level.js").LevelGraph} graph - sizes on its nodes, `minlen` on its edges.
 * @param {"LR" | "RL" | "TB" | "BT"} direction
 */
export function layer(graph, direction) {
  const sideways = direction === "LR" || direction === "RL";
  const [along, across, long, wide] = sideways
    ? ["x", "y", "width", "height"]
    : ["y", "x", "height", "width"];
  const nodes = graph.nodes().map((name) => graph.node(name));
  const number = new Map(graph.nodes().map((name, n) => [name, n]));
  const edges = edgesOf(graph, number);
  const position = orderOf(nodes.length, edges);
  turnForward(edges, position);
  const ranks = latestRanks(position, edges);
  const places = placesOf(nodes, edges, ranks, wide);
  const rows = inOrder(places);
  const sides = sidesOf(places, rows);
  const sign = direction === "LR" || direction === "TB" ? 1 : -1;
  const starts = startsOf(nodes, ranks, rows.length, long).map((start) => sign * start);
  for (const [n, node] of nodes.entries()) {
    node[along] = starts[ranks[n]];
    node[across] = sides[n];
  }
  const bends = Array.from(places.ranks, () => null); // of the places of lanes
  const bendAt = (place) => {
    if (bends[place] === null) {
      const [start, side] = [starts[places.ranks[place]], sides[place]];
      bends[place] = sideways ? { x: start, y: side } : { x: side, y: start };
    }
    return bends[place];
  };
  for (const edge of edges) {
    const points = [nodes[edge.tail]];
    passBends(edge, ranks, sides, (place) => points.push(bendAt(place)));
    points.push(nodes[edge.head]);
    edge.label.points = points;
    if (edge.isTurned) {
      edge.label.points.reverse();
    }
  }
  graph.bends = bends.filter((bend) => bend !== null);
}

/** The edges, by the numbers of their nodes. */
function edgesOf(graph, number) {
  return graph.edges().map(({ v, w }) => {
    const label = graph.edge(v, w);
    return { tail: number.get(v), head: number.get(w), label, isTurned: false, lane: null };
  });
}

/** Turn the edges that go against an order, as one of a cycle does. */
function turnForward(edges, position) {
  for (const edge of edges) {
    if (position[edge.tail] > position[edge.head]) {
      [edge.tail, edge.head] = [edge.head, edge.tail];
      edge.isTurned = true;
    }
  }
}

const grouped = (count, edges, by) => {
  const groups = Array.from({ length: count }, () => []);
  for (const edge of edges) {
    groups[edge[by]].push(edge);
  }
  return groups;
};

/** For each node its place in an order, operands before results; of a cycle the first node first. */
function orderOf(count, edges) {
  const after = grouped(count, edges, "tail");
  const waiting = new Int32Array(count);
  for (const { head } of edges) {
    waiting[head] += 1;
  }
  const position = new Int32Array(count).fill(-1);
  const ready = [];
  let placed = 0;
  for (let first = 0; placed < count; first += 1) {
    // The first round places all but cycles, and what comes after them; the next breaks these.
    const start = first % count;
    if (position[start] < 0 && (first >= count || waiting[start] === 0)) {
      ready.push(start);
    }
    while (ready.length > 0) {
      const node = ready.pop();
      if (position[node] >= 0) {
        continue;
      }
      position[node] = placed;
      placed += 1;
      for (const { head } of after[node]) {
        waiting[head] -= 1;
        if (waiting[head] === 0) {
          ready.push(head);
        }
      }
    }
  }
  return position;
}

/** For each node the last rank before all that read it; the first rank is 0. */
function latestRanks(position, edges) {
  const after = grouped(position.length, edges, "tail");
  const order = position.map((_, node) => node).sort((a, b) => position[b] - position[a]);
  const ranks = new Int32Array(position.length);
  let first = 0;
  for (const node of order) {
    for (const { head, label } of after[node]) {
      ranks[node] = Math.min(ranks[node], ranks[head] - label.minlen);
    }
    first = Math.min(first, ranks[node]);
  }
  return ranks.map((rank) => rank - first);
}

/**
 * @typedef {object} Places - where nodes stand, in their order, and then where lanes pass.
 * @property {number} nodes - how many are of nodes.
 * @property {Int32Array} ranks
 * @property {Float64Array} sizes - to the side, in pixels; 0 for a lane.
 * @property {import("chainrule/grouping.js").Groups} before - for each the places that it is joined to
 *   in the rank before.
 * @property {import("chainrule/grouping.js").Groups} after - those in the rank after.
 */

/** The places of the nodes, and of the lanes, rank by rank. */
function placesOf(nodes, edges, ranks, wide) {
  const placeRanks = Array.from(ranks);
  const joins = { from: [], to: [] };
  const join = (from, to) => {
    joins.from.push(from);
    joins.to.push(to);
  };
  const lanes = new Map(); // from a node to the first place of its lane, which has one in each rank
  const ends = new Int32Array(nodes.length);
  for (const { tail, head } of edges) {
    ends[tail] = Math.max(ends[tail], ranks[head]);
  }
  const spanOf = (n) => ends[n] - ranks[n] - 1;
  const far = [...nodes.keys()].filter((n) => spanOf(n) > 0).sort((a, b) => spanOf(a) - spanOf(b));
  let left = LANES * nodes.length;
  for (const node of far) {
    left -= spanOf(node);
    if (left < 0) {
      break;
    }
    lanes.set(node, placeRanks.length);
    for (let rank = ranks[node] + 1; rank < ends[node]; rank += 1) {
      placeRanks.push(rank);
      join(rank === ranks[node] + 1 ? node : placeRanks.length - 2, placeRanks.length - 1);
    }
  }
  for (const edge of edges) {
    const { tail, head } = edge;
    const span = ranks[head] - ranks[tail];
    edge.lane = span > 1 ? (lanes.get(tail) ?? null) : null;
    if (span === 1) {
      join(tail, head);
    } else if (edge.lane !== null) {
      join(edge.lane + span - 2, head);
    }
  }
  const count = placeRanks.length;
  const sizes = new Float64Array(count);
  for (const [n, node] of nodes.entries()) {
    sizes[n] = node[wide];
  }
  return {
    nodes: nodes.length,
    ranks: Int32Array.from(placeRanks),
    sizes,
    before: groupsOf(count, joins.to, joins.from),
    after: groupsOf(count, joins.from, joins.to),
  };
}

/** The places of each rank, those that are joined near each other. */
function inOrder(places) {
  const rows = [];
  for (const place of firstOrder(places)) {
    (rows[places.ranks[place]] ??= []).push(place);
  }
  for (let rank = 0; rank < rows.length; rank += 1) {
    rows[rank] ??= []; // skipped by an edge that is to be longer
  }
  const at = new Float64Array(places.ranks.length);
  const wish = new Float64Array(places.ranks.length);
  const number = (row) => row.forEach((place, k) => (at[place] = k));
  rows.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isBack = sweep % 2 === 1;
    const side = isBack ? places.after : places.before;
    for (const row of isBack ? rows.toReversed() : rows) {
      for (const place of row) {
        wish[place] = meanOf(side, place, at);
      }
      row.sort((a, b) => wish[a] - wish[b] || at[a] - at[b]);
      number(row);
    }
  }
  return rows;
}

/** Where on average those are that a place is joined to; itself, if there is none. */
function meanOf({ starts, items }, place, at) {
  const [start, end] = [starts[place], starts[place + 1]];
  let sum = 0;
  for (let k = start; k < end; k += 1) {
    sum += at[items[k]];
  }
  return end > start ? sum / (end - start) : at[place];
}

/** From the ends back to the leaves, operands in their order: a tree has no crossings then. */
function firstOrder({ ranks, before, after }) {
  const order = [];
  const seen = new Uint8Array(ranks.length);
  for (let start = 0; start < ranks.length; start += 1) {
    const pending = after.starts[start] === after.starts[start + 1] ? [start] : [];
    while (pending.length > 0) {
      const place = pending.pop();
      if (seen[place] === 1) {
        continue;
      }
      seen[place] = 1;
      order.push(place);
      for (let k = before.starts[place + 1] - 1; k >= before.starts[place]; k -= 1) {
        pending.push(before.items[k]);
      }
    }
  }
  return order;
}

/** Where along the computation the middle of each rank is. */
function startsOf(nodes, ranks, count, long) {
  const lengths = new Float64Array(count);
  for (const [n, node] of nodes.entries()) {
    lengths[ranks[n]] = Math.max(lengths[ranks[n]], node[long]);
  }
  let end = 0;
  return Array.from(lengths, (length) => {
    const middle = end + length / 2;
    end += length + RANK_GAP;
    return middle;
  });
}

/** Pass the places of its lane at which a link turns. */
function passBends({ tail, head, lane }, ranks, sides, pass) {
  if (lane === null) {
    return;
  }
  const last = lane + ranks[head] - ranks[tail] - 2;
  pass(lane);
  for (let place = lane + 1; place < last; place += 1) {
    const isStraight = sides[place] === sides[place - 1] && sides[place] === sides[place + 1];
    if (!isStraight) {
      pass(place);
    }
  }
  if (last > lane) {
    pass(last);
  }
}
