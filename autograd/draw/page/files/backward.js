/**
 * What the panel says of a step backward: for each operand the local derivative, the chain rule
 * with the numbers put in, and what its gradient was before and is now.
 */

import { operandsOf, resultOf, severalOf, shown } from "chainrule/calls.js";
import { html, partial } from "chainrule/dom.js";
import { formatSpan, inThousands } from "chainrule/format.js";
import { product } from "chainrule/formulas.js";
import { reminder } from "chainrule/forward.js";
import { fullNameOf, nameOf, resultName } from "chainrule/names.js";
import { ruleText } from "chainrule/rules.js";
import { planOf } from "chainrule/steps.js";

const MOST_OPERANDS = 8; // that are shown before one asks for all

/**
 * The details of a step backward.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @returns {Node[]}
 */
export function backwardDetails(page, moment) {
  const isUnit = page.nodes[moment.node].kind === "unit";
  const before = isUnit ? [] : [reminder(page, moment)];
  if (moment.failure !== null) {
    return [...before, failureNote(page, moment)];
  }
  const operands = operandsOf(page, moment, moment.node);
  const rowsOf = (operand) => operandRows(page, moment, operand, operands);
  const inside = isUnit
    ? [html("p", { class: "note" }, "Inside, the chain rule goes on from operation to operation.")]
    : [];
  return [...before, arrival(page, moment), ...inside, ...tables(operands, rowsOf, isUnit)];
}

function failureNote(page, moment) {
  const isHere = moment.node === moment.failedAt;
  const symbol = nameOf(page, moment.failedAt);
  return html(
    "p",
    { class: "failure" },
    isHere
      ? `The derivative of ${symbol} does not exist here, so the backward pass ends: `
      : `The backward pass has ended at ${symbol}, whose derivative does not exist there: `,
    html("code", {}, moment.failure),
  );
}

/** The gradient that the operation has to hand on. */
function arrival(page, moment) {
  const result = resultOf(page, moment);
  const number = shown(page, moment.grad, result);
  const several = severalOf(page, moment.node);
  const rest =
    number === "0" ? "Nothing flows on from a gradient of 0." : "It is complete and is handed on.";
  return html(
    "p",
    { class: "arrival" },
    partial(resultName(page), nameOf(page, result)),
    ` = ${number}`,
    html(
      "span",
      { class: "note" },
      several ? ` ${several} ${rest}` : ` ${rest}`,
    ),
  );
}

/** The rows of all operands as a table; those of many only when asked for. */
function tables(operands, rowsOf, isUnit) {
  const table = html(
    "table",
    { class: "chain" },
    html("caption", {}, isUnit ? "What flows back to each operand" : "The chain rule, by operand"),
    ...operands.slice(0, MOST_OPERANDS).map(rowsOf),
  );
  const rest = operands.slice(MOST_OPERANDS);
  if (rest.length === 0) {
    return [table];
  }
  const more = html("button", { type: "button", class: "more" }, `Show ${inThousands(rest.length)} more operands`);
  more.addEventListener("click", () => {
    table.append(...rest.map(rowsOf));
    more.remove();
  });
  return [table, more];
}

function operandRows(page, moment, operand, operands) {
  const { name, node, edge } = operand;
  if (page.nodes[node].kind === "number") {
    const needless = html("td", { class: "note" }, "a plain number: it needs no gradient");
    const head = html("th", { scope: "row", class: "operand" }, name);
    return html("tbody", { "data-edge": edge }, html("tr", {}, head, needless));
  }
  const head = html("th", { scope: "rowgroup", colspan: 2, class: "operand" }, name);
  const whole = fullNameOf(page, node);
  const same = operands.filter((other) => other.node === node);
  if (whole !== name) {
    head.append(html("span", { class: "whole" }, ` ${whole}`));
  }
  if (same.length > 1) {
    const which = ` as operand ${operands.indexOf(operand) + 1}`;
    head.append(html("span", { class: "whole" }, which));
  }
  const rows = gradientRows(page, moment, operand, operands);
  return html("tbody", { "data-edge": edge }, html("tr", {}, head), ...rows);
}

const row = (title, ...content) =>
  html("tr", {}, html("th", { scope: "row" }, title), html("td", {}, ...content));

function gradientRows(page, moment, operand, operands) {
  const numbers = page.frame(moment.frame);
  const { edge, name } = operand;
  const result = resultOf(page, moment);
  const out = nameOf(page, result);
  const final = resultName(page);
  const flow = shown(page, numbers.flow, edge);
  const rows = [];
  if (page.nodes[moment.node].kind === "unit") {
    rows.push(row("flows back", partial(final, name), " += ", html("b", {}, flow)));
  } else {
    const local = shown(page, numbers.local, edge);
    const arriving = shown(page, moment.grad, result);
    const rule = ruleOf(page, moment, operand, operands);
    rows.push(
      row(
        "local derivative",
        partial(out, name),
        rule && ` = ${rule}`,
        local === "nan" && flow === "0" ? ": not needed" : ` = ${local}`,
      ),
      row(
        "chain rule",
        html(
          "span",
          { class: "line" },
          partial(final, name),
          " += ",
          partial(final, out),
          " × ",
          partial(out, name),
        ),
        html(
          "span",
          { class: "line" },
          ` = ${local === "nan" && flow === "0" ? "" : `${product(arriving, local)} = `}`,
          html("b", {}, flow),
        ),
      ),
    );
  }
  return [...rows, accumulation(page, moment, operand)];
}

function ruleOf(page, moment, { edge }, operands) {
  const { data, local } = page.frame(moment.frame);
  const result = resultOf(page, moment);
  const isOne = operands.every(({ node, times }) => times === 1 && data.low[node] === data.high[node]);
  if (!isOne) {
    return "";
  }
  const call = {
    symbol: page.nodes[moment.node].symbol,
    names: operands.map(({ name }) => name),
    result: nameOf(page, result),
    numbers: operands.map(({ node }) => data.low[node]),
    value: data.low[result],
    k: operands.findIndex((operand) => operand.edge === edge),
  };
  const text = ruleText(call, local.low[edge]);
  // The name of a plain number is that number: it would be said twice.
  return text === shown(page, local, edge) ? "" : text;
}

/**
 * What a gradient was before a contribution, and what it is after it.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @param {import("chainrule/calls.js").Operand} operand
 * @returns {{before: string, after: string, nth: number, of: number, isSeeded: boolean}}
 */
export function growth(page, moment, { edge, node }) {
  const { total, grad } = page.frame(moment.frame);
  const contributions = planOf(page).contributions[node];
  const at = contributions.findIndex((contribution) => contribution.edge === edge);
  const isSeeded = contributions[0].edge === null;
  const inside = Number(page.nodes[node].inner);
  const sum = (index) => {
    if (index < 0) {
      return formatSpan(0, 0, page.precision);
    }
    if (index === contributions.length - 1) {
      return shown(page, grad, node);
    }
    const from = contributions[index].edge;
    return from === null ? "1" : shown(page, total, from);
  };
  return {
    before: sum(at - 1),
    after: sum(at),
    nth: at + 1 - Number(isSeeded),
    of: contributions.length - Number(isSeeded) - inside,
    isSeeded,
  };
}

function accumulation(page, moment, operand) {
  const { before, after, nth, of } = growth(page, moment, operand);
  const line = html(
    "span",
    { class: "line" },
    html("span", { class: "grad-name" }, `${operand.name}.grad`),
    `: ${before} → `,
    html("b", { class: "after" }, after),
  );
  return row("added up", line, html("span", { class: "note" }, ` ${useNote(page, operand, nth, of)}`));
}

function useNote(page, { name, node, edge }, nth, of) {
  const each = page.edges[edge].count / page.nodes[node].count;
  const many = each > 1 ? `The sum over ${inThousands(each)} uses. ` : "";
  if (page.nodes[node].inner && nth === of) {
    return `${many}What reads ${name} inside of its box will add more.`;
  }
  if (of === 1) {
    return many || "Complete: it has no other use.";
  }
  return nth < of
    ? `${many}Use ${nth} of ${of} of ${name}: more will be added.`
    : `${many}Gradients of all ${of} uses of ${name} have been added up.`;
}
