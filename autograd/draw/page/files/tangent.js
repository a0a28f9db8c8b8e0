/**
 * A curve and its tangent: the output over one number that is moved, the line that its gradient
 * foretells, and the point on each where the number is now.
 */

import { fitting, labelled, scale, within } from "chainrule/axis.js";
import { html } from "chainrule/dom.js";
import { formatNumber } from "chainrule/format.js";
import { svg } from "chainrule/svg.js";
import { Ruler } from "chainrule/text.js";

const HEIGHT = 190; // in pixels; the style sheet says so too
const NARROWEST = 160;
const TOP = 8;
const FOOT = 24; // for the numbers below
const RADIUS = 4.5;
const CLEAR = RADIUS + 2; // of the frame, so that each point is seen whole
const SIZE = 14; // of its text, in pixels; the style sheet says so too
const BETWEEN = 8; // numbers and the axis
const MOST_TICKS = 5;
const WORTH_SEEING = 20; // times what most places are away from the middle

/** The plot of one node. It is as wide as there is room, so that its text has one size. */
export class TangentPlot {
  /** What is put into the page. */
  element;

  #nudges;
  #view = svg("svg", { class: "tangent-plot", role: "img" });
  #points = svg("g", { class: "points" });
  #scales = null;
  #place = 0;

  /**
   * @param {import("chainrule/nudge.js").Nudges} nudges
   * @param {string} name - of what is moved.
   * @param {string} result - the name of what it changes.
   */
  constructor(nudges, name, result) {
    this.#nudges = nudges;
    this.#place = nudges.middle;
    this.#view.setAttribute("aria-label", description(nudges, name, result));
    this.element = html(
      "figure",
      {},
      html("figcaption", {}, html("span", {}, html("b", {}, result), ` over ${name}`)),
      this.#view,
    );
    // Told once it is in the page, and each time that it has another width there.
    new ResizeObserver(([{ contentRect }]) => this.#draw(contentRect.width)).observe(this.element);
  }

  /**
   * Show where the number is now.
   *
   * @param {number} place - the index of a move.
   */
  show(place) {
    this.#place = place;
    if (this.#scales !== null) {
      this.#drawPoints();
    }
  }

  #draw(width) {
    if (width < NARROWEST) {
      return; // it is not in view
    }
    const { moves, results, data, slope, middle } = this.#nudges;
    const [low, high] = rangeOf(this.#nudges);
    const from = data + moves[0];
    const to = data + moves.at(-1);
    const [upward, along] = [labelled(low, high, MOST_TICKS), labelled(from, to, MOST_TICKS)];
    const ruler = new Ruler(this.#view);
    const wide = (text) => ruler.width(text, SIZE);
    const left = Math.max(...upward.map(({ text }) => wide(text))) + BETWEEN;
    const area = { left, right: width - 8, top: TOP, bottom: HEIGHT - FOOT };
    const x = scale(from, to, area.left + CLEAR, area.right - CLEAR);
    const y = scale(low, high, area.bottom - CLEAR, area.top + CLEAR);
    this.#scales = { x, y, area };
    const window = inside(area);
    window.append(
      svg("path", { class: "curve", d: lineThrough(moves.map((h) => x(data + h)), results.map((out) => y(out))) }),
      ...(Number.isNaN(slope) ? [] : [svg("path", { class: "tangent", d: tangent(this.#nudges, x, y) })]),
      ...(Number.isFinite(results[middle])
        ? [svg("circle", { class: "start", cx: x(data), cy: y(results[middle]), r: 2.5 })]
        : []),
      this.#points,
    );
    this.#view.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.#view.replaceChildren(
      ...upward.map(({ number, text }) => horizontal(area, y(number), text)),
      ...fitting(along, x, width, wide).map(({ at, text }) => label(at, HEIGHT - 6, text, "middle")),
      svg("path", { class: "axis", d: `M${area.left} ${area.top}V${area.bottom}H${area.right}` }),
      window,
    );
    this.#drawPoints();
  }

  #drawPoints() {
    const { moves, results, data, slope, middle } = this.#nudges;
    const { x, y, area } = this.#scales;
    const h = moves[this.#place];
    const at = x(data + h);
    const now = y(results[this.#place]);
    const foretold = y(results[middle] + slope * h);
    const known = [now, foretold].every(Number.isFinite);
    this.#points.replaceChildren(
      svg("path", { class: "place", d: `M${at} ${area.top}V${area.bottom}` }),
      ...(known ? [svg("path", { class: "gap", d: `M${at} ${now}V${foretold}` })] : []),
      ...(Number.isFinite(foretold) ? [dot("foretold", at, foretold)] : []),
      ...(Number.isFinite(now) ? [dot("now", at, now)] : []),
    );
  }
}

const dot = (kind, cx, cy) => svg("circle", { class: kind, cx, cy, r: RADIUS });

/**
 * What the plot shows of the outputs: all of them, but where a few are so far away, as beside a
 * pole, that nothing could be seen of the others.
 */
function rangeOf({ moves, results, slope, middle }) {
  const known = [...results].filter(Number.isFinite);
  if (known.length === 0) {
    return [-1, 1];
  }
  const centre = Number.isFinite(results[middle]) ? results[middle] : known[0];
  const distances = known.map((out) => Math.abs(out - centre)).sort((a, b) => a - b);
  const reach = Number.isNaN(slope) ? 0 : Math.abs(slope * moves[0]);
  const typical = Math.max(distances[Math.floor(distances.length / 2)], reach);
  const most = typical > 0 ? WORTH_SEEING * typical : Infinity;
  const near = [...known.filter((out) => Math.abs(out - centre) <= most), centre - reach, centre + reach];
  const [low, high] = [Math.min(...near), Math.max(...near)];
  const spread = high > low ? 0 : Math.abs(low) / 10 || 1;
  return [low - spread, high + spread].map((end) => within(end, Number.MAX_VALUE));
}

/** A part of the picture; what is outside of it is not seen. */
function inside({ left, right, top, bottom }) {
  const [width, height] = [right - left, bottom - top];
  return svg("svg", { x: left, y: top, width, height, viewBox: `${left} ${top} ${width} ${height}` });
}

function horizontal({ left, right }, y, text) {
  return svg(
    "g",
    {},
    svg("path", { class: "grid", d: `M${left} ${y}H${right}` }),
    label(left - 6, y + 4, text, "end"),
  );
}

const label = (x, y, text, anchor) => svg("text", { x, y, "text-anchor": anchor }, text);

/** The line breaks where there is no number. */
function lineThrough(xs, ys) {
  return [...xs]
    .map((x, k) => {
      const isFirst = !Number.isFinite(ys[k - 1]);
      return Number.isFinite(ys[k]) ? `${isFirst ? "M" : "L"}${x} ${ys[k]}` : "";
    })
    .join("");
}

function tangent({ moves, results, data, slope, middle }, x, y) {
  const known = [...moves].filter((h) => Number.isFinite(results[middle] + slope * h));
  const ends = [known[0], known.at(-1)];
  return lineThrough(
    ends.map((h) => x(data + h)),
    ends.map((h) => y(results[middle] + slope * h)),
  );
}

const say = (number) => formatNumber(number, 4);

function description({ moves, results, data, slope }, name, result) {
  const [from, to] = [data + moves[0], data + moves.at(-1)];
  const foretold = Number.isNaN(slope) ? "" : `, and its tangent at ${say(data)}, of slope ${say(slope)}`;
  const [first, last] = [results[0], results.at(-1)].map((out) => (Number.isNaN(out) ? "no number" : say(out)));
  return `${result} over ${name} from ${say(from)} to ${say(to)}: from ${first} to ${last}${foretold}.`;
}
