/** An operation as a formula, with names or with numbers in place of its operands. */

/** The most terms of a long sum that are written; the middle ones are counted. */
export const MOST_TERMS = 6;

const INFIX = new Map([
  ["+", " + "],
  ["-", " − "],
  ["*", " × "],
  ["/", " / "],
  ["//", " // "],
  ["%", " % "],
  ["**", " ** "],
  ["sum", " + "],
  ["prod", " × "],
]);
const JOINT = /[\s+*/%^=×−-]/; // between the parts of a formula

/**
 * An operation and its operands, as one would write it by hand.
 *
 * @param {string} symbol - of the operation.
 * @param {string[]} operands - how each of them is written.
 * @returns {string}
 */
export function formula(symbol, operands) {
  const infix = INFIX.get(symbol);
  if (symbol === "dot" && operands.length > 1 && operands.length % 2 === 0) {
    return series(products(operands), " + ");
  }
  if (infix && operands.length > 1) {
    const isPower = symbol === "**";
    return series(operands.map((operand, k) => bracketed(operand, k > 0 || isPower)), infix);
  }
  if (symbol === "-" && operands.length === 1) {
    return `−${bracketed(operands[0], true)}`;
  }
  return listed(symbol, operands);
}

/**
 * An operation as a call.
 *
 * @param {string} symbol
 * @param {string[]} operands
 * @returns {string}
 */
export function listed(symbol, operands) {
  return `${symbol}(${series(operands, ", ")})`;
}

/**
 * A sum with what is added several times as a product.
 *
 * @param {[number, string][]} terms - how many times, and what.
 * @returns {string}
 */
export function sumOf(terms) {
  const written = terms.map(([times, operand], i) =>
    times > 1 ? `${times} × ${bracketed(operand, true)}` : bracketed(operand, i > 0),
  );
  return series(written, " + ");
}

/** The operands of `dot` are two vectors, one after the other. */
function products(operands) {
  const half = operands.length / 2;
  return Array.from({ length: half }, (_, i) => {
    const [a, b] = [operands[i], operands[i + half]];
    return `${bracketed(a, i > 0)} × ${bracketed(b, true)}`;
  });
}

/**
 * An operand inside of a formula: one that is a formula or a range itself stands in brackets, and so
 * does a negative number after a sign, or before a power.
 *
 * @param {string} operand
 * @param {boolean} follows - a sign, or is before a power.
 * @returns {string}
 */
export function bracketed(operand, follows) {
  const isNegative = follows && /^[-−]/.test(operand);
  return isNegative || JOINT.test(closed(operand).slice(1)) ? `(${operand})` : operand;
}

/** An operand without what binds it together: brackets and what they hold, exponents of numbers. */
function closed(operand) {
  const inner = operand.replaceAll(/\([^()]*\)|(?<=\d)e[+-](?=\d)/g, "");
  return inner === operand ? inner : closed(inner);
}

/** What is joined, with the middle only counted if there is too much of it. */
function series(terms, separator) {
  if (terms.length <= MOST_TERMS) {
    return terms.join(separator);
  }
  const left = terms.length - (MOST_TERMS - 1);
  const shown = [...terms.slice(0, MOST_TERMS - 2), `… ${left} more …`, terms.at(-1)];
  return shown.join(separator);
}

/**
 * A product of two numbers.
 *
 * @param {string} a
 * @param {string} b
 * @returns {string}
 */
export function product(a, b) {
  return formula("*", [a, b]);
}
