/** A legend over the graph, not there until somebody asks: shapes, and what lines say of gradients. */

import { html } from "chainrule/dom.js";
import { outline, svg } from "chainrule/svg.js";

const WIDTH = 38;
const HEIGHT = 22;

const NODES = [
  ["input", "square", "input"],
  ["parameter", "cut", "parameter"],
  ["constant", "pill", "plain number"],
  ["intermediate", "rounded", "intermediate value"],
  ["output", "rounded", "output"],
  ["operation", "ellipse", "operation"],
  ["unit", "sheet", "neuron, layer or part in one"],
];

const LINES = [
  ["forward none", "a number on its way"],
  ["backward positive", "positive gradient, coming back"],
  ["backward negative", "negative gradient"],
  ["backward mixed", "gradients of both signs"],
];

const STATES = [
  ["intermediate", "dim", "", "not reached yet"],
  ["intermediate", "forward", "", "computed"],
  ["intermediate", "backward", "", "has its gradient"],
  ["intermediate", "forward", "active", "this step"],
];

/**
 * Make the legend.
 *
 * @param {boolean} hasSigns - whether some node stands for several, so that signs can be mixed.
 * @returns {HTMLElement}
 */
export function makeLegend(hasSigns) {
  return html(
    "ul",
    { id: "legend", class: "overlay", "aria-label": "Legend", hidden: true },
    ...NODES.map(([look, shape, words]) => entry(node(look, shape, "forward", ""), words)),
    ...LINES.filter(([look]) => hasSigns || !look.includes("mixed")).map(([look, words]) =>
      entry(line(look), words),
    ),
    ...STATES.map(([look, state, active, words]) =>
      entry(node(look, "rounded", state, active), words),
    ),
  );
}

function entry(drawing, words) {
  const [width, height] = [WIDTH + 14, HEIGHT + 14];
  const viewBox = [-width / 2, -height / 2, width, height].join(" ");
  return html("li", {}, svg("svg", { viewBox, width, height, "aria-hidden": "true" }, drawing), words);
}

function node(look, shape, state, active) {
  const path = (name, grow) =>
    svg("path", { class: name, d: outline(shape, WIDTH, HEIGHT, grow) });
  const attributes = { class: `sample ${look} ${active}`, "data-state": state };
  const group = svg("g", attributes, path("halo", 4), path("body", 0));
  if (look === "output") {
    group.append(path("second", -3.5));
  }
  if (look === "unit") {
    const [x, y] = [-WIDTH / 2, -HEIGHT / 2];
    group.append(svg("rect", { class: "bar", x, y, width: WIDTH, height: 8 }));
  }
  return group;
}

function line(look) {
  return svg(
    "g",
    { class: `link ${look}`, style: "--width: 3px; --strength: 100%" },
    svg("path", { class: "edge", d: `M${-WIDTH / 2},0H${WIDTH / 2 - 4}` }),
    svg("path", { class: "arrow", d: `M${WIDTH / 2},0l-7,-4v8Z` }),
  );
}
