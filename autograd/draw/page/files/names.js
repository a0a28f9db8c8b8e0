/**
 * What nodes are called in formulas: by their label, a parameter without one by the end of its path,
 * any other Value by v₁, v₂, ... as in textbooks of automatic differentiation.
 */

import { formatSpan } from "chainrule/format.js";
import { visible } from "chainrule/text.js";

const LONGEST = 32; // characters of a name in a formula
const SIGNS = new Map([
  ["*", "×"],
  ["-", "−"],
]);
/** What the roles of nodes are called. */
export const KINDS = {
  input: "input",
  parameter: "parameter",
  constant: "constant",
  intermediate: "intermediate value",
  output: "output",
};

const RESULT = "L"; // what the one output is called if it has no label, or the sum of several

/** The names by the first frame: of a sample of a batch, plain numbers are others. */
/** @type {WeakMap<object, string[]>} */
const namesOf = new WeakMap();

/** What leads to nothing else, of each page. */
/** @type {WeakMap<object, number[]>} */
const knownOutputs = new WeakMap();

/**
 * The name of a node in a formula.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {number} node - its index.
 * @returns {string}
 */
export function nameOf(page, node) {
  const first = page.frame(0);
  if (!namesOf.has(first)) {
    namesOf.set(first, allNames(page));
  }
  return namesOf.get(first)[node];
}

/**
 * How the symbol of an operation is written, in the graph as in the panel.
 *
 * @param {string} symbol
 * @returns {string}
 */
export function signOf(symbol) {
  return SIGNS.get(symbol) ?? visible(symbol).replaceAll("\n", " ");
}

/**
 * The whole name of a node: of a parameter, its path from the model.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {number} node - its index.
 * @returns {string}
 */
export function fullNameOf(page, node) {
  const { label, path } = page.nodes[node];
  return visible(label || path) || nameOf(page, node);
}

/**
 * What all gradients are derivatives of: the output, or the sum of the outputs.
 *
 * @param {import("chainrule/data.js").Page} page
 * @returns {string}
 */
export function resultName(page) {
  const outputs = outputsOf(page);
  return outputs.length === 1 ? nameOf(page, outputs[0]) : RESULT;
}

/**
 * The same when it is first spoken of: with what it is, unless its label says that.
 *
 * @param {import("chainrule/data.js").Page} page
 * @returns {string}
 */
export function introducedResult(page) {
  const outputs = outputsOf(page);
  if (outputs.length > 1) {
    return `${RESULT}, the sum of the outputs,`;
  }
  return outputs.some((node) => page.nodes[node].label) ? resultName(page) : `${RESULT}, the output,`;
}

/**
 * The nodes that gradients start from.
 *
 * @param {import("chainrule/data.js").Page} page
 * @returns {number[]} their indexes.
 */
export function outputsOf(page) {
  if (!knownOutputs.has(page)) {
    const isOutput = ({ role, kind, inner }, node) =>
      role === "output" || (kind === "value" && !inner && page.outputs[node].length === 0);
    knownOutputs.set(page, [...page.nodes.keys()].filter((node) => isOutput(page.nodes[node], node)));
  }
  return knownOutputs.get(page);
}

function allNames(page) {
  const outputs = outputsOf(page);
  const isTaken = page.nodes.some(({ label }) => label === RESULT);
  let unnamed = 0;
  return page.nodes.map((node, index) => {
    if (node.kind === "number") {
      const { low, high } = page.frame(0).data;
      return formatSpan(low[index], high[index], page.precision);
    }
    if (node.kind === "operation") {
      return signOf(node.symbol);
    }
    if (node.kind === "unit") {
      return shortened(visible(node.title));
    }
    if (node.label) {
      return shortened(visible(node.label).replaceAll("\n", " "));
    }
    if (node.path) {
      return shortened(endOf(node.path));
    }
    if (outputs.length === 1 && outputs[0] === index && !isTaken) {
      return RESULT;
    }
    unnamed += 1;
    return `v${subscript(unnamed)}`;
  });
}

/** The end of a path such as `layers.0.neurons.2.w.3`: `w₃`; of `w.*`, which is all of them, `w`. */
function endOf(path) {
  const match = /(?:^|\.)([^.[]+)((?:\.\d+|\.\*|\[\d+\])*)$/.exec(path);
  if (!match) {
    return path;
  }
  const indexes = match[2].match(/\d+|\*/g) ?? [];
  return match[1] + (/\d/.test(match[2]) ? indexes.map(subscript).join("ˏ") : "");
}

/** What there is room for, up to the end of a word if one ends there. */
function shortened(name) {
  const characters = Array.from(name);
  if (characters.length <= LONGEST) {
    return name;
  }
  const start = characters.slice(0, LONGEST - 1).join("");
  return `${start.replace(/(?<=.{16,})[\s._-][^\s._-]*$/, "")}…`;
}

const subscript = (number) =>
  String(number).replaceAll(/\d/g, (digit) => String.fromCharCode(0x2080 + Number(digit)));
