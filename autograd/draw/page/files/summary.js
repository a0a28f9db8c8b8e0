/** What the panel says before the first step, where gradients start, and after the last step. */

import { shown } from "chainrule/calls.js";
import { breakable, html, partial } from "chainrule/dom.js";
import { inThousands } from "chainrule/format.js";
import { fullNameOf, introducedResult, nameOf, outputsOf, resultName } from "chainrule/names.js";
import { browseParameters, ownerRow, splitPath } from "chainrule/parameters.js";
import { hasBackward } from "chainrule/steps.js";
import { visible } from "chainrule/text.js";

const MOST_UNBROKEN = 8; // digits of numbers for which the panel is always wide enough
const MOST_LEAVES = 200; // rows of a table
const MOST_STORED = 12;

const PATHS = new Intl.Collator("en", { numeric: true }); // layer 10 comes after layer 9
const ROLES = [
  ["parameter", "parameters"],
  ["input", "inputs"],
  ["output", "outputs"],
  ["constant", "constants"],
];

/**
 * What there is before anything is computed.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @returns {Node[]}
 */
export function startDetails(page, moment) {
  const backward = html(
    "li",
    {},
    html("b", {}, "Backward"),
    ": from there to inputs and parameters, the chain rule says how much ",
    `${resultName(page)} changes with each number: its gradient.`,
  );
  return [
    html(
      "ol",
      { class: "story" },
      html(
        "li",
        {},
        html("b", {}, "Forward"),
        `: each operation computes a number from its operands, until ${introducedResult(page)} is known.`,
      ),
      ...(hasBackward(page) ? [backward] : []),
    ),
    ...leafTable(page, moment, "Where it starts"),
  ];
}

/**
 * Where gradients start from.
 *
 * @param {import("chainrule/data.js").Page} page
 * @returns {Node[]}
 */
export function seedDetails(page) {
  const result = resultName(page);
  const outputs = outputsOf(page);
  const lines = outputs.map((node) =>
    html("p", { class: "equations seed" }, html("span", {}, partial(result, nameOf(page, node)), " = 1")),
  );
  const isSum = outputs.length > 1;
  return [
    ...lines,
    html(
      "p",
      {},
      isSum
        ? `${result} is the sum of the outputs, so it changes as much as each of them does. `
        : `${result} changes exactly as much as itself. `,
      "All other gradients start at 0, and from here on each operation hands its own back to its ",
      "operands, the last operation first.",
    ),
  ];
}

/**
 * The gradients of all leaves: what the two passes were made for.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @returns {Node[]}
 */
export function endDetails(page, moment) {
  return [
    ...changeNote(page),
    ...storedNote(page),
    ...leafTable(page, moment, "By inputs and parameters"),
    ...parametersInside(page, moment),
    html(
      "p",
      { class: "note" },
      `A gradient says how fast ${introducedResult(page)} grows with a number. To make it smaller, `,
      "move each parameter a little against its gradient. ",
      page.frames.count > 1
        ? "Step back to see where the gradients come from."
        : "Play shows both passes from the start; so does the key Space.",
    ),
  ];
}

/** That the numbers are of two moments, so that no formula of the page is true. */
function changeNote(page) {
  return page.change === null
    ? []
    : [
        html(
          "p",
          { class: "warning" },
          "The numbers that this was computed from have changed since, as by the step of an ",
          `optimiser: ${page.change}. What is shown mixes two moments. Draw before the step, or `,
          "compute it again.",
        ),
      ];
}

/** The parameters that are in no table of leaves, since they are inside of neurons and layers. */
function parametersInside(page, { frame }) {
  const all = page.parameters?.all ?? [];
  const inside = [...all.keys()].filter((index) => page.nodes[all[index].node].kind === "unit");
  const count = inside.length === 1 ? "1 parameter" : `${inside.length} parameters`;
  const heading = `${count} inside of neurons and layers`;
  return inside.length === 0 ? [] : [browseParameters(page, frame, inside, heading, "")];
}

/** What the Values hold, where it is not what the pass gives: nobody should take one for the other. */
function storedNote(page) {
  if (page.stored === null || page.change !== null) {
    return [];
  }
  const those = [...page.nodes.keys()].filter((node) => !Number.isNaN(page.stored.low[node]));
  const listed = those.slice(0, MOST_STORED);
  const left = those.length - listed.length;
  return [
    html(
      "p",
      { class: "warning" },
      "These are the gradients of one backward pass. ",
      html("code", {}, ".grad"),
      " holds others now: ",
      listed.map((node) => `${nameOf(page, node)} ${shown(page, page.stored, node)}`).join(", "),
      left > 0 ? `, and ${left} more. ` : ". ",
      "It adds up from one backward() to the next until it is zeroed, and can be changed by hand.",
    ),
  ];
}

/**
 * The gradients that there are where the backward pass has ended early.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @returns {Node[]}
 */
export function knownDetails(page, moment) {
  return leafTable(page, moment, "Gradients as far as they are known");
}

/** Parameters first, as the model lists them; then all others, as the graph does. */
function leavesOf(page) {
  const rank = (node) => ROLES.findIndex(([role]) => role === page.nodes[node].role);
  const path = (node) => page.nodes[node].path;
  return [...page.nodes.keys()]
    .filter((node) => page.nodes[node].kind === "value" && page.inputs[node].length === 0)
    .sort((a, b) => rank(a) - rank(b) || PATHS.compare(path(a), path(b)));
}

function leafTable(page, moment, caption) {
  const leaves = leavesOf(page);
  if (leaves.length === 0) {
    return []; // they are inside of what is folded
  }
  const hasGradients = leaves.some((node) => moment.gradKnown[node]);
  const columns = [
    ["value", moment.dataKnown, moment.data],
    ...(hasGradients ? [["gradient", moment.gradKnown, moment.grad]] : []),
  ];
  const listed = leaves.slice(0, MOST_LEAVES);
  const left = leaves.length - listed.length;
  const heads = ["name", ...columns.map(([title]) => title)];
  return [
    html(
      "table",
      { class: page.precision > MOST_UNBROKEN ? "leaves long" : "leaves" },
      html("caption", {}, left > 0 ? `${caption} (${left} more are not listed)` : caption),
      html("thead", {}, html("tr", {}, ...heads.map((head) => html("th", { scope: "col" }, head)))),
      ...ROLES.map(([role, title]) => {
        const those = listed.filter((node) => page.nodes[node].role === role);
        return those.length > 0 ? group(page, title, those, columns) : "";
      }),
    ),
  ];
}

/** The leaves of one role, below a line that says which. */
function group(page, title, nodes, columns) {
  const head = html("th", { scope: "rowgroup", colspan: columns.length + 1 }, title);
  const ownerOf = (node) => (page.nodes[node].label ? "" : splitPath(page.nodes[node].path)[0]);
  const rows = nodes.flatMap((node, at) => {
    const { count, path } = page.nodes[node];
    const owner = ownerOf(node);
    const isNew = owner !== "" && (at === 0 || owner !== ownerOf(nodes[at - 1]));
    const called = owner === "" ? fullNameOf(page, node) : visible(splitPath(path)[1]);
    const name = html("div", { class: "whole-name" }, ...breakable(called));
    const cells = columns.map(([, isKnown, span]) =>
      html("td", {}, isKnown[node] ? shown(page, span, node) : "–"),
    );
    if (count > 1) {
      name.append(html("span", { class: "note" }, ` × ${inThousands(count)}`));
    }
    const row = html("tr", {}, html("th", { scope: "row" }, name), ...cells);
    return isNew ? [ownerRow(owner, columns.length + 1), row] : [row];
  });
  return html("tbody", {}, html("tr", {}, head), ...rows);
}
