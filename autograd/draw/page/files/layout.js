/**
 * Where everything stands. Each box is laid out by itself, from the innermost out, and is then one
 * large node among its neighbours: so boxes stay small and never overlap, and those that follow
 * each other stand in a row. dagre arranges each of these levels in ranks along the direction of
 * the computation, and `layering.js` those that are large. Where a link crosses the border of a box, a port takes its place on either side.
 */

import { Graph, layout } from "dagre";

import { layer } from "chainrule/layering.js";
import { LevelGraph } from "chainrule/level.js";
import { bendsOf, closeRanks, isUpsideDown, mirror } from "chainrule/ranks.js";
import { unionOf } from "chainrule/rectangles.js";

const SPACING = { nodesep: 16, edgesep: 10, ranksep: 30 };
const LARGE = 600; // nodes and edges: beyond that, dagre is slow
const MARGIN = 11; // inside of a frame
const PORT = 6; // the room a port takes, in pixels
const SPACE = 12; // beside a box, more the more links lead there
const WIDEST_SPACE = 90;
const HEAVIEST = 4; // of the weights that keep an edge straight

const sideways = (direction) => direction === "LR" || direction === "RL";

const FRAME_TITLE = 23; // the height of the title of a frame

/**
 * @typedef {{x: number, y: number}} Point
 * @typedef {import("chainrule/rectangles.js").Rectangle} Rectangle
 * @typedef {{from: string, to: string, link: number}} Connection - what a link is in one level.
 */

/**
 * Lay out a visible graph.
 *
 * @param {import("chainrule/folds.js").VisibleGraph} graph
 * @param {{width: number, height: number}[]} sizes - one for each item.
 * @param {{parent: number | null}[]} boxes
 * @param {"LR" | "RL" | "TB" | "BT"} direction
 * @returns {{centres: Point[], rectangles: Rectangle[], routes: Point[][],
 *   frames: Map<number, Rectangle>, bounds: Rectangle}} where each item is, the points that each
 *   link passes between its ends, the frames, and all there is.
 */
export function layOut(graph, sizes, boxes, direction) {
  const stations = graph.links.map((link) => stationsOf(link, graph, boxes));
  const levels = levelsOf(graph, boxes, stations);
  const sizeOf = new Map(sizes.map((size, item) => [`item ${item}`, size]));
  const arranged = new Map();
  for (const box of [...graph.frames.toReversed(), null]) {
    align(levels.get(box), sizeOf, direction);
    const level = arrange(levels.get(box), sizeOf, direction, box !== null);
    arranged.set(box, level);
    sizeOf.set(`box ${box}`, level.size);
  }
  const origins = new Map([[null, { x: 0, y: 0 }]]);
  const frames = new Map();
  for (const box of graph.frames) {
    const { parent } = boxes[box];
    const { width, height } = sizeOf.get(`box ${box}`);
    const centre = shifted(arranged.get(parent).centres.get(`box ${box}`), origins.get(parent));
    const corner = { x: centre.x - width / 2, y: centre.y - height / 2 };
    frames.set(box, { ...corner, width, height });
    // What is in it stands where the computation enters.
    const { size } = arranged.get(box);
    const x = direction === "RL" ? width - size.width : 0;
    const y = direction === "BT" ? height - size.height : 0;
    origins.set(box, shifted(corner, { x, y }));
  }
  const centres = graph.items.map(({ parent }, item) =>
    shifted(arranged.get(parent).centres.get(`item ${item}`), origins.get(parent)),
  );
  for (const [box, { points }] of arranged) {
    const { x, y } = origins.get(box);
    for (const point of points) {
      point.x += x;
      point.y += y;
    }
  }
  const routes = stations.map((passed, index) =>
    passed.length === 1
      ? arranged.get(passed[0].box).routes.get(index)
      : passed.flatMap(({ box }) => arranged.get(box).routes.get(index)),
  );
  const rectangles = centres.map(({ x, y }, item) => {
    const { width, height } = sizes[item];
    return { x: x - width / 2, y: y - height / 2, width, height };
  });
  const bounds = unionOf([...rectangles, ...frames.values()]);
  return { centres, rectangles, routes, frames, bounds };
}

const shifted = ({ x, y }, origin) => ({ x: x + origin.x, y: y + origin.y });

/** The boxes around an item, the outermost first. */
function chainOf(box, boxes) {
  return box === null ? [] : [...chainOf(boxes[box].parent, boxes), box];
}

/**
 * The levels that a link goes through, in order, and what it joins in each: an item, a box, or a
 * port where it leaves or enters. Links with the same tail share a port.
 */
function stationsOf({ tail, head }, graph, boxes) {
  const tails = chainOf(graph.items[tail].parent, boxes);
  const heads = chainOf(graph.items[head].parent, boxes);
  let common = 0;
  while (common < tails.length && tails[common] === heads[common]) {
    common += 1;
  }
  const leaving = tails.slice(common).map((box, k) => ({
    box,
    from: child(tails, common + k + 1, tail),
    to: `out ${tail}`,
  }));
  const entering = heads.slice(common).map((box, k) => ({
    box,
    from: `in ${tail}`,
    to: child(heads, common + k + 1, head),
  }));
  const across = {
    box: tails[common - 1] ?? null,
    from: child(tails, common, tail),
    to: child(heads, common, head),
  };
  return [...leaving.toReversed(), across, ...entering];
}

const child = (chain, depth, item) =>
  depth < chain.length ? `box ${chain[depth]}` : `item ${item}`;

/** What is in each box, and on the page itself under `null`: its nodes, and what joins them. */
function levelsOf(graph, boxes, stations) {
  const levels = new Map();
  for (const box of [null, ...graph.frames]) {
    levels.set(box, { nodes: [], connections: [] });
  }
  const placed = new Set();
  const place = (box) => {
    if (box !== null && !placed.has(box)) {
      placed.add(box);
      place(boxes[box].parent);
      levels.get(boxes[box].parent).nodes.push(`box ${box}`);
    }
  };
  for (const [item, { parent }] of graph.items.entries()) {
    place(parent);
    levels.get(parent).nodes.push(`item ${item}`);
  }
  for (const [link, passed] of stations.entries()) {
    for (const { box, from, to } of passed) {
      levels.get(box).connections.push({ from, to, link });
    }
  }
  return levels;
}

/** Make boxes side by side equally long, so that they and what is in them begin at one line. */
function align({ nodes, connections }, sizeOf, direction) {
  const boxes = nodes.filter((node) => node.startsWith("box"));
  if (boxes.length === 0) {
    return;
  }
  const long = sideways(direction) ? "width" : "height";
  const ranks = ranksOf(nodes, connections);
  const longest = new Map();
  for (const box of boxes) {
    const rank = ranks.get(box);
    longest.set(rank, Math.max(sizeOf.get(box)[long], longest.get(rank) ?? 0));
  }
  for (const box of boxes) {
    sizeOf.set(box, { ...sizeOf.get(box), [long]: longest.get(ranks.get(box)) });
  }
}

/** Lay out one level; its top left corner is (0, 0), and a frame has room for its title. */
function arrange({ nodes, connections }, sizeOf, direction, isFrame) {
  const isLarge = nodes.length + connections.length > LARGE;
  const dagre = isLarge ? new LevelGraph() : new Graph();
  if (!isLarge) {
    dagre.setGraph({ rankdir: direction, ...SPACING });
  }
  const traffic = new Map(nodes.map((node) => [node, 0]));
  for (const { from, to } of connections) {
    traffic.set(from, traffic.get(from) + 1);
    traffic.set(to, traffic.get(to) + 1);
  }
  for (const node of nodes) {
    const { width, height } = sizeOf.get(node);
    const wanted = node.startsWith("box") ? SPACE * Math.sqrt(traffic.get(node)) : 0;
    const space = Math.min(WIDEST_SPACE, wanted);
    dagre.setNode(node, {
      width: width + (sideways(direction) ? space : 0),
      height: height + (sideways(direction) ? 0 : space),
    });
  }
  const ranks = ranksOf(nodes, connections);
  const last = [...ranks.values()].reduce((most, rank) => Math.max(most, rank), 0);
  for (const { from, to } of connections) {
    const weight = Math.min(HEAVIEST, 1 + (dagre.edge(from, to)?.weight ?? 0));
    // Between a port and its node lie all the ranks that are on the way.
    const before = sizeOf.has(from) ? null : ranks.get(to);
    const after = sizeOf.has(to) ? null : last - ranks.get(from);
    if (before === 0 || after === 0) {
      continue; // nothing is on the way
    }
    for (const end of [from, to].filter((name) => !sizeOf.has(name))) {
      dagre.setNode(end, { width: PORT, height: PORT });
    }
    dagre.setEdge(from, to, { weight, minlen: 1 + (before ?? 0) + (after ?? 0) });
  }
  if (isLarge) {
    layer(dagre, direction);
  } else {
    layout(dagre);
  }
  if (isUpsideDown(dagre, nodes, direction)) {
    mirror(dagre, direction);
  }
  closeRanks(dagre, direction);
  return measured(dagre, nodes, connections, sizeOf, direction, isFrame);
}

/** How many nodes lie one after the other before each. */
function ranksOf(nodes, connections) {
  const after = new Map(nodes.map((node) => [node, new Set()]));
  const waiting = new Map(nodes.map((node) => [node, 0]));
  for (const { from, to } of connections) {
    if (after.has(from) && after.has(to) && !after.get(from).has(to)) {
      after.get(from).add(to);
      waiting.set(to, waiting.get(to) + 1);
    }
  }
  const ranks = new Map(nodes.map((node) => [node, 0])); // what is in a cycle of boxes stays at 0
  const ready = nodes.filter((node) => waiting.get(node) === 0);
  while (ready.length > 0) {
    const node = ready.pop();
    for (const next of after.get(node)) {
      ranks.set(next, Math.max(ranks.get(next), ranks.get(node) + 1));
      waiting.set(next, waiting.get(next) - 1);
      if (waiting.get(next) === 0) {
        ready.push(next);
      }
    }
  }
  return ranks;
}

/** What dagre has found, moved to the origin, with the ports on the border. */
function measured(dagre, nodes, connections, sizeOf, direction, isFrame) {
  const inner = unionOf(
    nodes.map((node) => {
      const { x, y } = dagre.node(node);
      const { width, height } = sizeOf.get(node);
      return { x: x - width / 2, y: y - height / 2, width, height };
    }),
  );
  const within = ({ x, y }) =>
    sideways(direction)
      ? x > inner.x && x < inner.x + inner.width
      : y > inner.y && y < inner.y + inner.height;
  const bends = bendsOf(dagre);
  const lines = bends.filter((point) => within(point));
  const area = unionOf([inner, ...lines.map(({ x, y }) => ({ x, y, width: 0, height: 0 }))]);
  const margin = isFrame ? MARGIN : 0;
  const top = isFrame ? FRAME_TITLE + 4 : 0;
  const size = { width: area.width + 2 * margin, height: area.height + top + margin };
  const move = (point) => shifted(point, { x: margin - area.x, y: top - area.y });
  const centres = new Map(nodes.map((node) => [node, move(dagre.node(node))]));
  const points = [...bends]; // each once, however many routes share it
  const portAt = (end) => {
    const ports = sizeOf.has(end) ? [] : [dagre.node(end)].map(({ x, y }) => ({ x, y }));
    points.push(...ports);
    return ports;
  };
  const routes = new Map();
  for (const { from, to, link } of connections) {
    const edge = dagre.edge(from, to);
    if (edge) {
      const between = edge.points.slice(1, -1);
      edge.route ??= [
        ...portAt(from),
        ...(isFrame ? between.filter((point) => within(point)) : between),
        ...portAt(to),
      ];
    }
    routes.set(link, edge?.route ?? []);
  }
  for (const point of points) {
    const { x, y } = move(point);
    point.x = Math.min(size.width, Math.max(0, x)); // onto the border
    point.y = Math.min(size.height, Math.max(0, y));
  }
  return { size, centres, routes, points };
}
