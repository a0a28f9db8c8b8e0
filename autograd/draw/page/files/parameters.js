/**
 * The parameters of the graph: their gradients, and the chain rule of one of them, use by use. In a
 * batch each sample is a use.
 */

import { breakable, html, partial } from "chainrule/dom.js";
import { allDigits, formatNumber, inThousands } from "chainrule/format.js";
import { resultName } from "chainrule/names.js";
import { visible } from "chainrule/text.js";

const END = /[^.]+(?:\.(?:\d+|\*))*$/; // of a path: the name of the parameter itself
const DIGITS = 3; // of numbers in four columns
const DIGITS_LISTED = 5; // of numbers in two columns beside names; all digits are one click away
const MOST = 24; // that are listed before one asks for all

/**
 * A parameter in the panel: its numbers, and where its gradient comes from.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {number} frame
 * @param {number} index - of the parameter.
 * @returns {Node[]}
 */
export function explainParameter(page, frame, index) {
  const numbers = page.parameters.frame(frame);
  const { path, label, uses: count } = page.parameters.all[index];
  const [data, grad] = [numbers.data(index), numbers.grad(index)];
  const isKnown = isGradientKnown(page, frame, grad);
  const epoch = page.frames.count > 1 ? ` in epoch ${page.frames.epochs[frame]}` : "";
  return [
    html("h2", {}, ...breakable(visible(label || path))),
    html("p", { class: "note" }, label ? `parameter ${visible(path)}${epoch}` : `parameter${epoch}`),
    html(
      "dl",
      { class: "digits" },
      ...[
        ["data", allDigits(data)],
        ["gradient", isKnown ? allDigits(grad) : "unknown"],
      ].flatMap(([name, digits]) => [html("dt", {}, name), html("dd", {}, digits)]),
    ),
    ...(isKnown ? chainRule(page, numbers.uses(index), count, grad) : []),
  ];
}

/** Whether a gradient that is no number was computed: a backward pass that ends early leaves some unknown. */
const isGradientKnown = (page, frame, grad) => !Number.isNaN(grad) || page.frames.failures[frame] === null;

/** The gradient as a sum over the uses, with the numbers put in. */
function chainRule(page, uses, count, grad) {
  if (count === 0) {
    return [html("p", {}, "Nothing that was computed uses it: its gradient is 0.")];
  }
  const name = resultName(page);
  const precision = Math.min(page.precision, DIGITS);
  const operations = [...new Set(uses.map(({ operation }) => operation))].join(", ");
  const say = (x) => formatNumber(x, precision);
  const rows = uses.map(({ adjoint, local, flow }, use) =>
    row(String(use + 1), say(adjoint), Number.isNaN(local) ? "" : say(local), say(flow)),
  );
  const left = count - uses.length;
  if (left > 0) {
    const rest = grad - uses.reduce((sum, { flow }) => sum + flow, 0);
    rows.push(row(`${left} more`, "", "", say(rest)));
  }
  return [
    html("h3", {}, "The chain rule"),
    html(
      "p",
      {},
      count === 1 ? "It is used once" : `It is used ${inThousands(count)} times`,
      `, by ${operations}, whose result is z:`,
    ),
    html(
      "p",
      { class: "line" },
      partial(name, "w"),
      count === 1 ? " = " : " = sum of ",
      partial(name, "z"),
      " × ",
      partial("z", "w"),
    ),
    html(
      "table",
      { class: "leaves uses-of" },
      html("thead", {}, heads("use", partial(name, "z"), partial("z", "w"), "product")),
      html("tbody", {}, ...rows),
      html("tfoot", {}, row("sum", "", "", html("b", {}, say(grad)))),
    ),
  ];
}

const heads = (...names) =>
  html("tr", {}, ...names.map((name) => html("th", { scope: "col" }, name)));

const row = (title, ...cells) =>
  html("tr", {}, html("th", { scope: "row" }, title), ...cells.map((cell) => html("td", {}, cell)));

/**
 * The path of what a parameter is in, and its name there: `layers.0.neurons.2` and `weights.1`.
 *
 * @param {string} path
 * @returns {string[]}
 */
export function splitPath(path) {
  const at = path.search(END);
  return [path.slice(0, Math.max(0, at - 1)), path.slice(at)];
}

/**
 * The row above those of several parameters: what they are in.
 *
 * @param {string} owner - its path.
 * @param {number} columns
 * @returns {HTMLElement}
 */
export function ownerRow(owner, columns) {
  const head = html("th", { scope: "rowgroup", colspan: columns }, ...breakable(visible(owner)));
  return html("tr", { class: "owner" }, head);
}

/**
 * Several parameters in a table, and in its place the chain rule of one that is asked for.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {number} frame
 * @param {number[]} indexes - of the parameters.
 * @param {string} heading
 * @param {string} around - the path that all begin with, and that is left out.
 * @returns {HTMLElement}
 */
export function browseParameters(page, frame, indexes, heading, around) {
  const place = html("div", {});
  const list = () =>
    place.replaceChildren(
      html("h3", {}, heading),
      ...listParameters(page, frame, indexes, around, open),
    );
  const open = (index) => {
    const back = html("button", { type: "button", class: "more" }, "All parameters");
    back.addEventListener("click", list);
    place.replaceChildren(...explainParameter(page, frame, index), back);
  };
  list();
  return place;
}

/**
 * Several parameters as a table; each name is a button.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {number} frame
 * @param {number[]} indexes - of the parameters.
 * @param {string} around - the path that all begin with, and that is left out.
 * @param {(index: number) => void} choose - is told which one is asked for.
 * @returns {Node[]}
 */
export function listParameters(page, frame, indexes, around, choose) {
  const numbers = page.parameters.frame(frame);
  const say = (x) => formatNumber(x, Math.min(page.precision, DIGITS_LISTED));
  const sayGradient = (x) => (isGradientKnown(page, frame, x) ? say(x) : "");
  const line = (index) => {
    const { path, label } = page.parameters.all[index];
    const name = visible(label) || visible(splitPath(path)[1]);
    const button = html("button", { type: "button", class: "name", "data-parameter": index }, name);
    button.addEventListener("click", () => choose(index));
    return html(
      "tr",
      {},
      html("th", { scope: "row" }, button),
      html("td", {}, say(numbers.data(index))),
      html("td", {}, sayGradient(numbers.grad(index))),
    );
  };
  /** The lines, below the path of what several of them are in. */
  const ownerOf = (index) => splitPath(page.parameters.all[index].path)[0];
  const lines = (some) =>
    some.flatMap((index, at) => {
      const owner = ownerOf(index);
      const isNew = owner !== around && (at === 0 || owner !== ownerOf(some[at - 1]));
      return [...(isNew && owner !== "" ? [ownerRow(owner, 3)] : []), line(index)];
    });
  const body = html("tbody", {}, ...lines(indexes.slice(0, MOST)));
  const rest = indexes.slice(MOST);
  const more = html("button", { type: "button", class: "more" }, `Show ${rest.length} more`);
  more.addEventListener("click", () => {
    body.append(...lines(rest));
    more.remove();
  });
  return [
    html("table", { class: "leaves" }, html("thead", {}, heads("parameter", "data", "gradient")), body),
    ...(rest.length > 0 ? [more] : []),
  ];
}
