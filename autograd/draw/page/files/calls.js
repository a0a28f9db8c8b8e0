/** One operation of the graph with its operands and its result, in names and in numbers. */

import { formatSpan } from "chainrule/format.js";
import { formula } from "chainrule/formulas.js";
import { nameOf } from "chainrule/names.js";

/**
 * @typedef {object} Operand
 * @property {number} edge - index of the edge that brings it.
 * @property {number} node - index of the node it comes from.
 * @property {string} name
 * @property {string} number - as it is shown.
 * @property {number} times - how many operands of one operation it stands for.
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
    return {
      edge,
      node: tail,
      name: page.nodes[tail].kind === "number" ? number : nameOf(page, tail),
      number,
      times: page.nodes[node].kind === "unit" ? 1 : Math.round(count / page.nodes[node].count),
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
  if (operands.some(({ times }) => times > 1)) {
    return {
      names: `${symbol}(${operands.map(nameOfMany).join(", ")})`,
      numbers: `${symbol}(${operands.map(numberOfMany).join(", ")})`,
    };
  }
  return {
    names: formula(symbol, operands.map(({ name }) => name)),
    numbers: formula(symbol, operands.map(({ number }) => number)),
  };
}

const nameOfMany = ({ times, name }) => (times > 1 ? `${name}[1…${times}]` : name);

const numberOfMany = ({ times, number }) => (times > 1 ? `${times} numbers, ${number}` : number);

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
    return `For each of the ${times}: numbers are their ranges.`;
  }
  const beside = times === turns ? "" : `, ${times / turns} beside each other`;
  const numbers = count === 1 ? "the number is what the last leaves" : "numbers are ranges of what they leave";
  return `For ${turns} turns, each after the one before${beside}: ${numbers}.`;
}
