/**
 * The pass over the graph as a sequence of moments: each is a pure function of the numbers and of
 * the position of the slider, so going back is as simple as going on.
 *
 * Positions of a graph of F operations: 0, only leaves have numbers; 1 to F, the operations in
 * order; F + 1, the gradient of the output is 1; F + 2 to 2 F + 1, the operations in reverse. A
 * graph without backward pass ends at F.
 */

import { outputsOf } from "chainrule/names.js";

/**
 * @typedef {object} Moment
 * @property {number} frame - index of the frame.
 * @property {number} position
 * @property {"start" | "forward" | "seed" | "backward"} phase
 * @property {boolean} isEnd - whether this is the last position.
 * @property {number | null} node - the operation of this step.
 * @property {number[]} edges - the edges that are used in this step.
 * @property {number[]} results - the nodes that the operation of this step gives.
 * @property {Uint8Array} lit - for each node: 0 not reached, 1 reached forward, 2 backward.
 * @property {import("chainrule/data.js").Span} data - NaN where it has not been computed yet.
 * @property {import("chainrule/data.js").Span} grad - the gradient so far; NaN where none is.
 * @property {Uint8Array} dataKnown - 1 where `data` is to be shown, even if it is NaN.
 * @property {Uint8Array} gradKnown - 1 where `grad` is to be shown, even if it is NaN.
 * @property {Uint8Array} complete - 1 where nothing will be added to the gradient any more.
 * @property {string | null} failure - why the backward pass has ended before this moment.
 * @property {number | null} failedAt - the operation whose derivative does not exist.
 *
 * @typedef {object} Contribution - something added to the gradient of a node.
 * @property {number} position - when.
 * @property {number | null} edge - along which edge; null for the 1 that an output starts with.
 *
 * @typedef {object} Plan - what happens when, whatever the numbers are.
 * @property {Int32Array} computedAt - for each node, the position at which it has its number.
 * @property {Int32Array} turnAt - for each operation, its position in the backward pass.
 * @property {Contribution[][]} contributions - to each node, in order.
 */

/** @type {WeakMap<object, Plan>} */
const plans = new WeakMap();

/**
 * The last position.
 *
 * @param {import("chainrule/data.js").Page} page
 * @returns {number}
 */
export function stepCount(page) {
  const count = page.operations.length;
  return hasBackward(page) ? 2 * count + 1 : count;
}

/**
 * Whether the page goes through the backward pass: not in the summary of a huge graph.
 *
 * @param {import("chainrule/data.js").Page} page
 * @returns {boolean}
 */
export function hasBackward(page) {
  return page.hasBackward;
}

/**
 * Everything that is known at one position.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {number} frameIndex
 * @param {number} position - from 0 to `stepCount(page)`.
 * @returns {Moment}
 */
export function momentAt(page, frameIndex, position) {
  const plan = planOf(page);
  const step = stepAt(page, position);
  const [failedAt, reason] = page.frames.failures[frameIndex] ?? [null, null];
  const failsAt = failedAt === null ? Infinity : plan.turnAt[failedAt];
  return {
    frame: frameIndex,
    position,
    ...step,
    isEnd: position === stepCount(page),
    edges: step.node === null ? [] : activeEdges(page, step),
    results: step.node === null ? [] : resultsOf(page, step.node),
    ...numbersAt(page, plan, page.frame(frameIndex), position, failsAt),
    failure: position >= failsAt ? reason : null,
    failedAt: position >= failsAt ? failedAt : null,
  };
}

/**
 * The nodes that an operation gives.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {number} node - the operation.
 * @returns {number[]}
 */
export function resultsOf(page, node) {
  return page.outputs[node]
    .filter((edge) => page.edges[edge].result)
    .map((edge) => page.edges[edge].head);
}

function stepAt(page, position) {
  const count = page.operations.length;
  if (position === 0) {
    return { phase: "start", node: null };
  }
  if (position <= count) {
    return { phase: "forward", node: page.operations[position - 1] };
  }
  if (position === count + 1) {
    return { phase: "seed", node: null };
  }
  return { phase: "backward", node: page.operations[2 * count + 1 - position] };
}

/** A plain number has no gradient: nothing goes on between it and a step backward. */
function activeEdges(page, { phase, node }) {
  const operands = page.inputs[node].filter(
    (edge) => phase === "forward" || page.nodes[page.edges[edge].tail].kind !== "number",
  );
  return [...operands, ...page.outputs[node].filter((edge) => page.edges[edge].result)];
}

function numbersAt(page, plan, frame, position, failsAt) {
  const count = page.nodes.length;
  const blank = () => new Float64Array(count).fill(NaN);
  const lit = new Uint8Array(count);
  const absent = page.absent();
  const [dataKnown, gradKnown, complete] = [0, 1, 2].map(() => new Uint8Array(count));
  const data = { low: blank(), high: blank() };
  const grad = { low: blank(), high: blank() };
  for (let node = 0; node < count; node += 1) {
    if (plan.computedAt[node] > position || absent.has(node)) {
      continue;
    }
    lit[node] = 1;
    if (page.nodes[node].kind !== "operation") {
      dataKnown[node] = 1;
      copy(data, node, frame.data, node);
    }
    if (plan.turnAt[node] <= position && plan.turnAt[node] < failsAt) {
      lit[node] = 2;
    }
    const { last, isLast } = reached(plan.contributions[node], Math.min(position, failsAt - 1));
    if (last !== null) {
      lit[node] = 2;
      gradKnown[node] = 1;
      complete[node] = Number(isLast);
      if (isLast) {
        copy(grad, node, frame.grad, node);
      } else if (last.edge === null) {
        // The seed of an output: any other one without an edge is the last.
        grad.low[node] = grad.high[node] = 1;
      } else {
        copy(grad, node, frame.total, last.edge);
      }
    }
  }
  return { lit, data, grad, dataKnown, gradKnown, complete };
}

function copy(to, index, from, at) {
  to.low[index] = from.low[at];
  to.high[index] = from.high[at];
}

/** The last contribution made up to a position, and whether it is the last there will be. */
function reached(contributions, position) {
  let made = 0;
  while (made < contributions.length && contributions[made].position <= position) {
    made += 1;
  }
  return { last: contributions[made - 1] ?? null, isLast: made === contributions.length };
}

const columnsOf = ({ lit, data, grad, dataKnown, gradKnown }) =>
  [lit, dataKnown, gradKnown, data.low, data.high, grad.low, grad.high];

/**
 * The nodes at which two moments of one frame differ.
 *
 * @param {Moment} before
 * @param {Moment} after
 * @returns {number[]}
 */
export function changesBetween(before, after) {
  const columns = columnsOf(before);
  const nodes = new Set();
  for (const [k, now] of columnsOf(after).entries()) {
    const old = columns[k];
    for (let node = 0; node < now.length; node += 1) {
      if (!Object.is(old[node], now[node])) {
        nodes.add(node);
      }
    }
  }
  return [...nodes];
}

/**
 * How far the pass has come at an item.
 *
 * @param {import("chainrule/folds.js").Item} item
 * @param {object} moment - from steps.js.
 * @returns {0 | 1 | 2} not reached, reached forward, reached backward.
 */
export function litOf({ members }, { lit }) {
  return members.reduce((most, node) => Math.max(most, lit[node]), 0);
}

/**
 * What happens when: the same for all frames, so it is worked out once.
 *
 * @param {import("chainrule/data.js").Page} page
 * @returns {Plan}
 */
export function planOf(page) {
  if (!plans.has(page)) {
    plans.set(page, makePlan(page));
  }
  return plans.get(page);
}

function makePlan(page) {
  const count = page.operations.length;
  const computedAt = new Int32Array(page.nodes.length);
  const turnAt = new Int32Array(page.nodes.length).fill(2 ** 31 - 1);
  for (const [order, node] of page.operations.entries()) {
    computedAt[node] = order + 1;
    turnAt[node] = 2 * count + 1 - order;
  }
  for (const [index, node] of page.nodes.entries()) {
    if (node.kind === "value") {
      const makers = page.inputs[index].map((edge) => computedAt[page.edges[edge].tail]);
      computedAt[index] = Math.max(0, ...makers);
    }
  }
  const contributions = page.nodes.map(() => []);
  for (const node of outputsOf(page)) {
    contributions[node].push({ position: count + 1, edge: null });
  }
  for (const node of page.operations.toReversed()) {
    for (const edge of page.inputs[node]) {
      const { tail } = page.edges[edge];
      if (["value", "unit"].includes(page.nodes[tail].kind)) {
        contributions[tail].push({ position: turnAt[node], edge });
      }
    }
  }
  for (const [index, node] of page.nodes.entries()) {
    if (node.inner) {
      // What reads it inside of its box hands its share back in the turn of that box.
      const makers = page.inputs[index].map((edge) => turnAt[page.edges[edge].tail]);
      contributions[index].push({ position: Math.min(...makers), edge: null });
    }
  }
  for (const node of page.operations) {
    const isUnit = page.nodes[node].kind === "unit";
    if (isUnit && contributions[node].length === 0) {
      // All that comes out of it are outputs of the graph: its gradient is theirs.
      contributions[node].push({ position: turnAt[node], edge: null });
    }
  }
  return { computedAt, turnAt, contributions };
}
