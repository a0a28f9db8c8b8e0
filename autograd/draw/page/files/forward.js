/** What the panel says of a step forward: the operation in names, in numbers, and its result. */

import { formulasOf, operandsOf, resultOf, severalOf, shown } from "chainrule/calls.js";
import { html } from "chainrule/dom.js";
import { fullNameOf, nameOf } from "chainrule/names.js";

const MOST_NAMES = 8; // that are explained below a formula

/**
 * The details of a step forward.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @returns {Node[]}
 */
export function forwardDetails(page, moment) {
  const node = page.nodes[moment.node];
  const several = severalOf(page, moment.node);
  const details = node.kind === "unit" ? unitLines(page, moment) : [equations(page, moment)];
  if (several) {
    details.push(html("p", { class: "note" }, several));
  }
  return [...details, ...glossary(page, moment)];
}

/** Name, formula, formula in numbers, number, one below the other. */
function equations(page, moment) {
  const result = resultOf(page, moment);
  const { names, numbers } = formulasOf(page, moment);
  const value = shown(page, moment.data, result);
  return html(
    "p",
    { class: "equations" },
    ...equation(nameOf(page, result), names, "in-names"),
    ...equation("", numbers, "in-numbers"),
    ...equation("", value, "result"),
  );
}

function equation(left, right, kind) {
  return [
    html("span", { class: "left" }, left),
    html("span", { class: "equals" }, " = "),
    html("span", { class: `right ${kind}` }, `${right} `),
  ];
}

function unitLines(page, moment) {
  const { lines, title } = page.nodes[moment.node];
  const said = lines.length > 0 ? lines : [title]; // a formula
  return [
    html("p", {}, "One node stands for all of this:"),
    html("ul", { class: "lines" }, ...said.map((line) => html("li", {}, line))),
    html(
      "p",
      { class: "equations" },
      ...equation("result", shown(page, moment.data, moment.node), "result"),
    ),
  ];
}

/**
 * The same in one line, as a reminder in the backward pass.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @returns {HTMLElement}
 */
export function reminder(page, moment) {
  const result = resultOf(page, moment);
  const { names, numbers } = formulasOf(page, moment);
  return html(
    "p",
    { class: "reminder" },
    html("b", {}, nameOf(page, result)),
    ` = ${names}`,
    html("span", { class: "in-numbers" }, ` = ${numbers}`),
    ` = ${shown(page, moment.data, result)}`,
  );
}

/** The whole names of those parameters that a formula calls by the end of their path. */
function glossary(page, moment) {
  const entries = new Map();
  for (const { node, name } of operandsOf(page, moment, moment.node)) {
    const whole = fullNameOf(page, node);
    if (page.nodes[node].kind !== "number" && whole !== name) {
      entries.set(node, [name, whole]);
    }
  }
  if (entries.size === 0) {
    return [];
  }
  const shownEntries = [...entries.values()].slice(0, MOST_NAMES);
  return [
    html(
      "dl",
      { class: "glossary" },
      ...shownEntries.flatMap(([name, whole]) => [html("dt", {}, name), html("dd", {}, whole)]),
    ),
  ];
}
