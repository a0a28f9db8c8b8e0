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

const LANES = 8; // places of lanes for each node; links that find none left go straight
const SWEEPS = 4; // over the ranks, to put what is connected side by side
const RANK_GAP = 30; // pixels; `ranks.js` sets the final ones

/**
 * Give a place to each node of a graph and points to each of its edges, as dagre's `layout` does.
 *
 * @param {import("dagre").Graph} graph - sizes on its nodes, `minlen` on its edges.
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
  for (const edge of edges) {
    const bends = bendsOf(edge, places, ranks, sides);
    const points = bends.map((p) => ({ [along]: starts[places[p].rank], [across]: sides[p] }));
    const ends = [nodes[edge.tail], nodes[edge.head]].map(({ x, y }) => ({ x, y }));
    edge.label.points = [ends[0], ...points, ends[1]];
    if (edge.isTurned) {
      edge.label.points.reverse();
    }
  }
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
 * @typedef {object} Place - where a node stands, or a lane passes.
 * @property {number} rank
 * @property {number} size - to the side, in pixels; 0 for a lane.
 * @property {boolean} isLane
 * @property {number[]} before - the places that it is joined to in the rank before.
 * @property {number[]} after - those in the rank after.
 */

/** The places of the nodes, in their order; then those of the lanes, rank by rank. */
function placesOf(nodes, edges, ranks, wide) {
  const places = nodes.map((node, n) => ({
    rank: ranks[n], size: node[wide], isLane: false, before: [], after: [],
  }));
  const join = (from, to) => {
    places[from].after.push(to);
    places[to].before.push(from);
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
    lanes.set(node, places.length);
    for (let rank = ranks[node] + 1; rank < ends[node]; rank += 1) {
      places.push({ rank, size: 0, isLane: true, before: [], after: [] });
      join(rank === ranks[node] + 1 ? node : places.length - 2, places.length - 1);
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
  return places;
}

/** The places of each rank, those that are joined near each other. */
function inOrder(places) {
  const first = firstOrder(places);
  const rows = [];
  for (const place of first) {
    (rows[places[place].rank] ??= []).push(place);
  }
  for (let rank = 0; rank < rows.length; rank += 1) {
    rows[rank] ??= []; // skipped by an edge that is to be longer
  }
  const at = new Float64Array(places.length);
  const number = (row) => row.forEach((place, k) => (at[place] = k));
  rows.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isBack = sweep % 2 === 1;
    const side = isBack ? "after" : "before";
    for (const row of isBack ? rows.toReversed() : rows) {
      const wish = new Map(row.map((place) => [place, meanOf(places[place][side], at, at[place])]));
      row.sort((a, b) => wish.get(a) - wish.get(b) || at[a] - at[b]);
      number(row);
    }
  }
  return rows;
}

function meanOf(places, at, otherwise) {
  let sum = 0;
  for (const place of places) {
    sum += at[place];
  }
  return places.length > 0 ? sum / places.length : otherwise;
}

/** From the ends back to the leaves, operands in their order: a tree has no crossings then. */
function firstOrder(places) {
  const order = [];
  const seen = new Uint8Array(places.length);
  for (const [start, { after }] of places.entries()) {
    const pending = after.length === 0 ? [start] : [];
    while (pending.length > 0) {
      const place = pending.pop();
      if (seen[place] === 1) {
        continue;
      }
      seen[place] = 1;
      order.push(place);
      for (let k = places[place].before.length - 1; k >= 0; k -= 1) {
        pending.push(places[place].before[k]);
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

/** The places of its lane at which a link turns. */
function bendsOf({ tail, head, lane }, places, ranks, sides) {
  if (lane === null) {
    return [];
  }
  const last = lane + ranks[head] - ranks[tail] - 2;
  const bends = [lane];
  for (let place = lane + 1; place < last; place += 1) {
    const isStraight = sides[place] === sides[place - 1] && sides[place] === sides[place + 1];
    if (!isStraight) {
      bends.push(place);
    }
  }
  return last > lane ? [...bends, last] : bends;
}
