/**
 * What becomes of the output if a number is nudged, beside what its gradient foretells: a slider, a
 * plot, and the numbers. What comes true was computed by the engine, at each place of the slider.
 */

import { bytesOf } from "chainrule/data.js";
import { html, partial } from "chainrule/dom.js";
import { allDigits, formatNumber } from "chainrule/format.js";
import { bracketed } from "chainrule/formulas.js";
import { nameOf, resultName } from "chainrule/names.js";
import { svg } from "chainrule/svg.js";
import { TangentPlot } from "chainrule/tangent.js";

/**
 * @typedef {object} Nudges - of one node.
 * @property {Float64Array} moves - by how much it is moved, from the least to the most, 0 included.
 * @property {Float64Array} results - the output at each of these; NaN where there is none.
 * @property {number} data - the number that is moved.
 * @property {Object<number, string>} gaps - why there is no output, by the index of the move.
 * @property {number} grad - the gradient.
 * @property {number} slope - the gradient; NaN where nothing can be foretold by it.
 * @property {number} middle - the index of the move by 0.
 */

/** @type {WeakMap<object, Map<number, Node[]>>} */
const made = new WeakMap();

/**
 * The section of a node; always the same one, which keeps its place through all steps.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {number} node
 * @returns {Node[]} nothing where nothing was computed.
 */
export function nudgeOf(page, node) {
  if (!made.has(page)) {
    made.set(page, new Map());
  }
  const known = made.get(page);
  if (!known.has(node)) {
    const nudges = nudgesOf(page, node);
    known.set(node, nudges === null ? [] : [section(page, node, nudges)]);
  }
  return known.get(node);
}

/** @returns {Nudges | null} */
function nudgesOf(page, node) {
  const at = page.nudges?.nodes.indexOf(node) ?? -1;
  if (at === -1) {
    return null;
  }
  const { places } = page.nudges;
  const numbers = new Float64Array(bytesOf(page.nudges.numbers).buffer);
  const column = (index) => numbers.subarray(index * places, (index + 1) * places);
  const [moves, results] = [column(2 * at), column(2 * at + 1)];
  const middle = (places - 1) / 2;
  const { data, grad } = page.frame(0);
  const isForetold = Number.isFinite(grad.low[node]) && Number.isFinite(results[middle]);
  const slope = isForetold ? grad.low[node] : NaN;
  return { moves, results, gaps: page.nudges.gaps[at], data: data.low[node], grad: grad.low[node], slope, middle };
}

/**
 * What the gradient foretells.
 *
 * @param {Nudges} nudges
 * @param {number} place
 * @returns {number} NaN where there is no gradient.
 */
function foretold({ moves, results, slope, middle }, place) {
  return results[middle] + slope * moves[place];
}

function section(page, node, nudges) {
  const [name, result] = [nameOf(page, node), resultName(page)];
  const { moves, middle } = nudges;
  const plot = new TangentPlot(nudges, name, result);
  const slider = html("input", {
    id: "nudge",
    type: "range",
    min: -middle,
    max: moves.length - 1 - middle,
    step: 1,
    value: 0,
    "aria-label": `h, by which ${name} is nudged`,
  });
  const rows = html("dl", { id: "nudged" });
  const rule = html("p", { class: "reminder" });
  const show = () => {
    const place = Number(slider.value) + middle;
    const numbers = numbersAt(nudges, place, result);
    slider.setAttribute("aria-valuetext", spoken(numbers, page.precision));
    rows.replaceChildren(...numbers.map(written));
    rule.replaceChildren(...approximation(page, nudges, place, name, result));
    plot.show(place);
  };
  slider.addEventListener("input", show);
  show();
  return html(
    "section",
    { class: "nudge", "aria-label": "Nudge" },
    html("h3", {}, "Nudge"),
    html("p", { class: "note" }, `Moves ${name} by h, and nothing else: what becomes of ${result}?`),
    slider,
    plot.element,
    rows,
    rule,
  );
}

/** What is said of a place: names, numbers, and the outline of a sample of what the plot shows. */
function numbersAt(nudges, place, result) {
  const now = nudges.results[place];
  const hoped = foretold(nudges, place);
  const isForetold = !Number.isNaN(nudges.slope);
  return [
    { what: "h", number: nudges.moves[place] },
    { what: `${result} now`, number: now, gap: nudges.gaps[place], line: "curve", sample: "M0 5H24" },
    ...(isForetold ? [{ what: "foretold", number: hoped, line: "tangent", sample: "M0 5H24" }] : []),
    ...(isForetold && !Number.isNaN(now - hoped)
      ? [{ what: "difference", number: now - hoped, line: "gap", sample: "M12 0V10" }]
      : []),
  ];
}

const said = ({ number, gap }, format) => (gap ? `no number: ${gap}` : format(number));

function spoken(rows, precision) {
  return rows.map((row) => `${row.what} ${said(row, (x) => formatNumber(x, precision))}`).join(", ");
}

function written(row) {
  const { what, line, sample } = row;
  const attributes = { class: "sample", viewBox: "0 0 24 10", "aria-hidden": "true" };
  const samples = sample ? [svg("svg", attributes, svg("path", { class: line, d: sample }))] : [];
  return html("div", {}, html("dt", {}, ...samples, what), html("dd", {}, said(row, allDigits)));
}

/** Why there is no tangent. */
function withoutSlope(grad, out, result, short) {
  if (!Number.isFinite(out)) {
    return `${result} is ${short(out)} here`;
  }
  return Number.isNaN(grad) ? "The pass has no derivative of it here" : `The gradient is ${short(grad)} here`;
}

/** "L(x + h) ≈ L + ∂L/∂x × h", and the same with numbers. */
function approximation(page, nudges, place, name, result) {
  const { moves, results, grad, slope, middle } = nudges;
  const short = (number) => formatNumber(number, page.precision);
  if (Number.isNaN(slope)) {
    return [`${withoutSlope(grad, results[middle], result, short)}, so nothing is foretold.`];
  }
  const inBrackets = (number) => bracketed(short(number), true);
  return [
    `${result}(${name} + h) ≈ ${result} + `,
    partial(result, name),
    " × h",
    html("br"),
    html("span", { class: "in-numbers" }, `= ${short(results[middle])} + ${inBrackets(slope)} × ${inBrackets(moves[place])}`),
    ` = ${short(foretold(nudges, place))}`,
  ];
}
