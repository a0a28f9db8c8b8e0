/**
 * Local derivatives as formulas: why the number is what it is.
 *
 * The engine knows the derivatives; here is only how the common ones are written in a textbook, each
 * beside the same in numbers. A formula is shown only where its number is the engine's, so that a
 * user's own operation of the same name never gets a wrong one, and neither does a corner.
 */

import { formatNumber } from "chainrule/format.js";
import { bracketed } from "chainrule/formulas.js";

/**
 * @typedef {object} Call - one operation, and which of its operands is meant.
 * @property {string} symbol
 * @property {string[]} names - of the operands.
 * @property {string} result - the name of the result.
 * @property {number[]} numbers - the operands.
 * @property {number} value - the result.
 * @property {number} k - the operand in which it is differentiated.
 */

const DIGITS = 15; // of an exponent less 1: 0.1, where 1.1 - 1 is 0.10000000000000009
const TOLERANCE = 1e-6; // the formulas lose digits where the engine does not

const factor = (name) => bracketed(name, true);

const other = (list, k) => list[(k + list.length / 2) % list.length];

const times = {
  text: ({ names, k }) => other(names, k),
  number: ({ numbers, k }) => other(numbers, k),
};

const chosen = (word, choose) => {
  const isChosen = ({ numbers, k }) => numbers[k] === choose(...numbers);
  return {
    text: (call) => (isChosen(call) ? `it is the ${word}` : `it is not the ${word}`),
    number: (call) => Number(isChosen(call)),
  };
};

const ofOne = (text, number) => ({
  text: ({ names, result }) => text(names[0], result),
  number: ({ numbers, value }) => number(numbers[0], value),
});

/** @type {Map<string, {text: (call: Call) => string, number: (call: Call) => number}>} */
const RULES = new Map([
  ["*", times],
  ["dot", times],
  [
    "/",
    {
      text: ({ names: [a, b], k }) =>
        k === 0 ? `1 / ${factor(b)}` : `−${factor(a)} / ${factor(b)}²`,
      number: ({ numbers: [a, b], k }) => (k === 0 ? 1 / b : -a / b ** 2),
    },
  ],
  [
    "**",
    {
      text: ({ names: [a, b], result, k }) =>
        k === 0 ? powerRule(a, b) : `${factor(result)} × log(${a})`,
      number: ({ numbers: [a, b], value, k }) =>
        k === 0 ? b * a ** (b - 1) : value * Math.log(a),
    },
  ],
  ["exp", ofOne((x, out) => out, (x, out) => out)],
  ["log", ofOne((x) => `1 / ${factor(x)}`, (x) => 1 / x)],
  ["sqrt", ofOne((x, out) => `1 / (2 × ${factor(out)})`, (x, out) => 1 / (2 * out))],
  ["sin", ofOne((x) => `cos(${x})`, (x) => Math.cos(x))],
  ["cos", ofOne((x) => `−sin(${x})`, (x) => -Math.sin(x))],
  ["tanh", ofOne((x, out) => `1 − ${factor(out)}²`, (x, out) => 1 - out ** 2)],
  ["sigmoid", ofOne((x, out) => `${factor(out)} × (1 − ${factor(out)})`, (x, out) => out * (1 - out))],
  ["softplus", ofOne((x) => `sigmoid(${x})`, (x) => 1 / (1 + Math.exp(-x)))],
  [
    "relu",
    {
      text: ({ names: [x] }) => `1 if ${x} > 0, else 0`,
      number: ({ numbers: [x] }) => Number(x > 0),
    },
  ],
  ["abs", ofOne((x) => `the sign of ${x}`, (x) => Math.sign(x))],
  ["max", chosen("largest", Math.max)],
  ["maximum", chosen("largest", Math.max)],
  ["min", chosen("smallest", Math.min)],
  ["minimum", chosen("smallest", Math.min)],
]);

/** The derivative of a power, with the exponent lowered if it is a number. */
function powerRule(a, b) {
  const lowered = Number(b) - 1;
  if (lowered === 1) {
    return `${bracketed(b, false)} × ${factor(a)}`;
  }
  const exponent = Number.isNaN(lowered) ? `${factor(b)} − 1` : formatNumber(lowered, DIGITS);
  return `${bracketed(b, false)} × ${factor(a)} ** ${bracketed(exponent, true)}`;
}

/**
 * How a local derivative is written in a textbook.
 *
 * @param {Call} call
 * @param {number} local - the derivative, from the engine.
 * @returns {string} empty if there is no formula for it, or none that agrees.
 */
export function ruleText(call, local) {
  const rule = RULES.get(call.symbol);
  const agrees =
    rule && Math.abs(rule.number(call) - local) <= TOLERANCE * Math.max(1, Math.abs(local));
  return agrees ? rule.text(call) : "";
}
