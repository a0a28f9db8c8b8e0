/**
 * What the panel says of one node that somebody has chosen: all digits of its numbers, what becomes
 * of the output if it is nudged, what made it, what uses it, and buttons that go to those steps.
 */

import { formulasOf } from "chainrule/calls.js";
import { breakable, html } from "chainrule/dom.js";
import { allDigits, inThousands } from "chainrule/format.js";
import { KINDS, fullNameOf, nameOf, signOf } from "chainrule/names.js";
import { nudgeOf } from "chainrule/nudge.js";
import { browseParameters } from "chainrule/parameters.js";
import { nameOfSample } from "chainrule/samples.js";
import { hasBackward, planOf, resultsOf } from "chainrule/steps.js";

const MOST_USES = 8; // that are shown before one asks for all

/**
 * @typedef {object} Chosen - what is chosen, and when.
 * @property {import("chainrule/data.js").Page} page
 * @property {import("chainrule/steps.js").Moment} moment
 * @property {number} node
 * @property {(position: number) => void} jump - goes to a step.
 */

/**
 * All there is to say of a node.
 *
 * @param {Chosen} chosen
 * @returns {Node[]}
 */
export function inspect(chosen) {
  const { page, node } = chosen;
  const { kind, path, label } = page.nodes[node];
  const makes = kind === "operation" || kind === "unit";
  return [
    html("h2", {}, ...breakable(titleOf(page, node))),
    html("p", { class: "note" }, kindOf(page, node), label && path ? ` ${path}` : ""),
    ...numbers(chosen),
    ...nudgeOf(page, node),
    ...(makes ? [html("p", {}, ...steps(chosen, node))] : [...maker(chosen), ...uses(chosen)]),
    ...inside(chosen),
  ];
}

function titleOf(page, node) {
  const { kind, symbol } = page.nodes[node];
  return kind === "operation" ? callOf(page, 0, node) || signOf(symbol) : fullNameOf(page, node);
}

function kindOf(page, node) {
  const { kind, role, count, repeats, turns } = page.nodes[node];
  const several = Math.max(count, repeats);
  const what = role === null ? { unit: "part of the graph" }[kind] ?? kind : KINDS[role];
  if (several === 1) {
    return what;
  }
  if (page.sample !== null) {
    return `${what}, of ${nameOfSample(page, page.sample)}`;
  }
  const said = count === 1 ? "the number is what the last leaves" : "numbers are ranges";
  return turns > 1
    ? `${what}, ${inThousands(turns)} turns: ${said}`
    : `${what}, ${inThousands(several)} of them: numbers are their ranges`;
}

/** The parameters inside of a neuron or layer, and the chain rule of one that is asked for. */
function inside({ page, moment, node }) {
  const { parameters, nodes } = page;
  const own = parameters
    ? [...parameters.all.keys()].filter((index) => parameters.all[index].node === node)
    : [];
  if (own.length === 0 || nodes[node].kind !== "unit" || !hasBackward(page)) {
    return [];
  }
  const heading = own.length === 1 ? "Its parameter" : `Its ${own.length} parameters`;
  return [browseParameters(page, moment.frame, own, heading, nodes[node].title)];
}

/** All digits of what is known of it at the moment, and of what its Value holds, if that differs. */
function numbers({ page, moment, node }) {
  const rows = [
    ["data", moment.dataKnown, moment.data],
    [moment.complete[node] ? "gradient" : "gradient so far", moment.gradKnown, moment.grad],
    [".grad now", page.stored?.low.map((x) => Number(!Number.isNaN(x))) ?? [], page.stored],
  ].filter(([, isKnown]) => isKnown[node]);
  if (rows.length === 0) {
    return [];
  }
  const said = ({ low, high }) => {
    const [from, to] = [allDigits(low[node]), allDigits(high[node])];
    return from === to ? from : `${from} to ${to}`;
  };
  return [
    html(
      "dl",
      { class: "digits" },
      ...rows.flatMap(([name, , span]) => [html("dt", {}, name), html("dd", {}, said(span))]),
    ),
  ];
}

/** An operation in names: "c = a × b". */
function callOf(page, frame, node) {
  const results = resultsOf(page, node);
  const called = nameOf(page, node);
  if (page.nodes[node].kind === "unit") {
    return called;
  }
  const { names } = formulasOf(page, { frame, node, results });
  return results.length > 0 ? `${nameOf(page, results[0])} = ${names}` : names;
}

/** Buttons that go to the steps of an operation. */
function steps({ page, jump }, node) {
  const { computedAt, turnAt } = planOf(page);
  const button = (words, position) => {
    const made = html("button", { type: "button", "data-jump": position }, `${words} ${position}`);
    made.addEventListener("click", () => jump(position));
    return made;
  };
  return [
    button("step", computedAt[node]),
    ...(hasBackward(page) ? [" ", button("back in step", turnAt[node])] : []),
  ];
}

function maker(chosen) {
  const { page, moment, node } = chosen;
  return page.inputs[node].slice(0, 1).flatMap((edge) => {
    const { tail } = page.edges[edge];
    return [
      html("h3", {}, "Made by"),
      html("p", {}, callOf(page, moment.frame, tail), html("br"), ...steps(chosen, tail)),
    ];
  });
}

function uses(chosen) {
  const { page, node } = chosen;
  const edges = page.outputs[node].filter((edge) => !page.edges[edge].result);
  if (edges.length === 0) {
    return [];
  }
  const list = html("ol", { class: "uses" }, ...edges.slice(0, MOST_USES).map((edge) => use(chosen, edge)));
  const rest = edges.slice(MOST_USES);
  const more = html("button", { type: "button", class: "more" }, `Show ${inThousands(rest.length)} more uses`);
  more.addEventListener("click", () => {
    list.append(...rest.map((edge) => use(chosen, edge)));
    more.remove();
  });
  const title = edges.length === 1 ? "Its one use" : `Its ${inThousands(edges.length)} uses`;
  return [html("h3", {}, title), list, ...(rest.length > 0 ? [more] : [])];
}

/** Where a node is used, and what comes back from there. */
function use(chosen, edge) {
  const { page, moment } = chosen;
  const { head } = page.edges[edge];
  const { flow } = page.frame(moment.frame);
  const [from, to] = [allDigits(flow.low[edge]), allDigits(flow.high[edge])];
  const isKnown = hasBackward(page) && !Number.isNaN(flow.low[edge]) && page.nodes[chosen.node].kind !== "number";
  const back = isKnown ? `gives back ${from === to ? from : `${from} to ${to}`}` : "";
  return html(
    "li",
    {},
    callOf(page, moment.frame, head),
    html("br"),
    ...steps(chosen, head),
    html("span", { class: "note" }, back && html("br"), back),
  );
}
