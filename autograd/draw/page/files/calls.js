/** One operation of the graph with its operands and its result, in names and in numbers. */

import { formatSpan, inThousands } from "chainrule/format.js";
import { MOST_TERMS, formula, listed, sumOf } from "chainrule/formulas.js";
import { nameOf } from "chainrule/names.js";

const MOST_APART = 3; // operands that are written one by one where they share an edge
const SUMS = new Set(["+", "sum"]);

/**
 * @typedef {object} Operand
 * @property {number} edge - index of the edge that brings it.
 * @property {number} node - index of the node it comes from.
 * @property {string} name
 * @property {string} number - as it is shown.
 * @property {number} times - how many operands of one operation it stands for.
 * @property {boolean} isOne - whether these are all the same.
 */

/**
 * How one entry of a column is shown.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/data.js").Span} span
 * @param {number} index
 * @returns {string}
 */
export function shown(page, span, index) {
  return formatSpan(span.low[index], span.high[index], page.precision);
}

/**
 * The operands of an operation, in order; of one sample, those that have a part in it.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @param {number} node - the operation.
 * @returns {Operand[]}
 */
export function operandsOf(page, moment, node) {
  const absent = page.absent();
  const edges = page.inputs[node].filter((edge) => !absent.has(page.edges[edge].tail));
  return edges.map((edge) => {
    const { tail, count } = page.edges[edge];
    const number = shown(page, page.frame(moment.frame).data, tail);
    const times = page.nodes[node].kind === "unit" ? 1 : Math.round(count / page.nodes[node].count);
    return {
      edge,
      node: tail,
      name: page.nodes[tail].kind === "number" ? number : nameOf(page, tail),
      number,
      times,
      isOne: times === 1 || (page.several[node]?.one.includes(edge) ?? false),
    };
  });
}

/**
 * The node an operation gives: itself, if it is folded.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @returns {number}
 */
export function resultOf(page, moment) {
  return page.nodes[moment.node].kind === "unit" ? moment.node : (moment.results[0] ?? moment.node);
}

/**
 * The operation of a moment as a formula of names, and as one of numbers.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @returns {{names: string, numbers: string}}
 */
export function formulasOf(page, moment) {
  const { symbol } = page.nodes[moment.node];
  const operands = operandsOf(page, moment, moment.node);
  const order = page.several[moment.node]?.order ?? null;
  const isNumber = ({ node }) => page.nodes[node].kind === "number";
  return {
    names: written(symbol, operands, order, {
      one: ({ name }) => name,
      nth: (operand, n) => (isNumber(operand) ? operand.name : `${operand.name}[${n}]`),
      many: (operand) => (isNumber(operand) ? numbersOf(operand) : `${operand.name}[1…${operand.times}]`),
    }),
    numbers: written(symbol, operands, order, {
      one: ({ number }) => number,
      ...(page.sample === null
        ? { nth: ({ number }) => number, many: numbersOf }
        : { nth: null, many: (operand) => `${numbersOf(operand)} among them` }),
    }),
  };
}

const numbersOf = ({ times, number }) => `${inThousands(times)} numbers, ${number}`;

/**
 * An operation, by how one operand is written, the nth of those that share an edge, and all these: of
 * others than the sample that is chosen the nth is not known.
 */
function written(symbol, operands, order, { one, nth, many }) {
  const isEachOne = operands.every(({ isOne }) => isOne);
  const count = operands.reduce((sum, { times }) => sum + times, 0);
  if (SUMS.has(symbol) && isEachOne && count > MOST_TERMS) {
    return sumOf(termsOf(operands, one));
  }
  const places = placesOf(operands, order);
  if (places !== null && (isEachOne || (nth && count <= MOST_APART))) {
    const seen = new Map();
    return formula(symbol, places.map((operand) => {
      seen.set(operand, (seen.get(operand) ?? 0) + 1);
      return operand.isOne ? one(operand) : nth(operand, seen.get(operand));
    }));
  }
  return listed(symbol, operands.map((operand) => {
    const several = operand.isOne ? `${operand.times} times ${one(operand)}` : many(operand);
    return operand.times === 1 ? one(operand) : several;
  }));
}

/** What is added, once each, with how many times: along one edge, or along several from one node. */
function termsOf(operands, one) {
  const terms = new Map();
  for (const operand of operands) {
    const times = (terms.get(operand.node)?.[0] ?? 0) + operand.times;
    terms.set(operand.node, [times, one(operand)]);
  }
  return [...terms.values()];
}

/** The operand in each place; null where that is not known. */
function placesOf(operands, order) {
  if (operands.every(({ times }) => times === 1)) {
    return operands;
  }
  if (order !== null) {
    return order.flatMap((edge) => operands.filter((operand) => operand.edge === edge));
  }
  return operands.length === 1 ? Array.from({ length: operands[0].times }, () => operands[0]) : null;
}

/**
 * What is said of a node that stands for several: how many, and which numbers it shows.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {number} node
 * @returns {string} empty if it stands for one.
 */
export function severalOf(page, node) {
  const { kind, count, repeats, turns } = page.nodes[node];
  const times = kind === "unit" ? repeats : count;
  if (page.sample !== null || times === 1) {
    return "";
  }
  if (turns === 1) {
    return `For each of the ${inThousands(times)}: numbers are their ranges.`;
  }
  const beside = times === turns ? "" : `, ${inThousands(times / turns)} beside each other`;
  const numbers = count === 1 ? "the number is what the last leaves" : "numbers are ranges of what they leave";
  return `For ${inThousands(turns)} turns, each after the one before${beside}: ${numbers}.`;
}
