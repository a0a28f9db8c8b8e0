/**
 * The lines of the links: from the side of one card to the side of the other, through the gaps that
 * the layout found, as smooth curves that never turn back. Pure geometry.
 *
 * Everything is computed for a computation that goes from left to right, "along" it and "across"
 * it, and turned at the end.
 */

import { Obstacles } from "chainrule/obstacles.js";
import { grown } from "chainrule/rectangles.js";
import { reach } from "chainrule/svg.js";

const SPACE = 17; // between the ends of links on one side of a card
const LEGIBLE = 15; // less space than this, and names of operands would cover each other
const ARROW = 7;

/**
 * @typedef {object} Curve
 * @property {string} path - the line.
 * @property {string} arrow - at its head.
 * @property {string} back - an arrow at its tail, for what flows back.
 * @property {{x: number, y: number}} head - where it ends.
 * @property {{x: number, y: number}} tail - where it begins.
 * @property {{x: number, y: number} | null} operand - where the name of the operand stands, if there
 *   is room for it.
 * @property {import("chainrule/rectangles.js").Rectangle} bounds - around the line.
 */

/** The curves of all links; each is found when it is first asked for. */
export class Curves {
  #links;
  #routes;
  #ends;
  #obstacles;
  #upright;
  #made = [];

  /**
   * @param {import("chainrule/folds.js").Link[]} links
   * @param {{centres: {x: number, y: number}[], routes: {x: number, y: number}[][],
   *   rectangles: import("chainrule/rectangles.js").Rectangle[]}} layout
   * @param {import("chainrule/cards.js").Card[]} cards
   * @param {"LR" | "RL" | "TB" | "BT"} direction
   */
  constructor(links, layout, cards, direction) {
    this.#links = links;
    this.#routes = layout.routes;
    this.#upright = direction === "TB" || direction === "BT";
    this.#ends = portsOf(links, layout, cards, (place) => this.#turn(place), this.#upright);
    this.#obstacles = new Obstacles(layout.rectangles, this.#upright);
  }

  /** @returns {number} how many there are. */
  get count() {
    return this.#links.length;
  }

  /**
   * A rectangle that the curve of a link does not leave; a curve has its own `bounds`.
   *
   * @param {number} index - of the link.
   * @returns {import("chainrule/rectangles.js").Rectangle}
   */
  roomOf(index) {
    const { from, to } = this.#ends[index];
    const around = this.#around([from, to], this.#routes[index]);
    const { margin } = this.#obstacles;
    return this.#upright ? grown(around, margin, ARROW) : grown(around, ARROW, margin);
  }

  /**
   * The curve of a link.
   *
   * @param {number} index
   * @returns {Curve}
   */
  at(index) {
    this.#made[index] ??= this.#make(index);
    return this.#made[index];
  }

  /**
   * A line along the way of a link that does not mind the cards beside it: it is found in no time.
   *
   * @param {number} index
   * @returns {string}
   */
  sketch(index) {
    const { from, to, sign } = this.#ends[index];
    const route = this.#routes[index].map((place) => this.#turn(place));
    return smooth(passing(from, route, to, sign), null, [], this.#writer());
  }

  /** @returns {Curve[]} */
  all() {
    return this.#links.map((_, index) => this.at(index));
  }

  #turn({ x, y }) {
    return this.#upright ? { along: y, across: x } : { along: x, across: y };
  }

  #place(along, across) {
    return this.#upright ? [across, along] : [along, across];
  }

  /** How places are written in paths. */
  #writer() {
    return this.#upright
      ? (along, across) => `${rounded(across)},${rounded(along)}`
      : (along, across) => `${rounded(along)},${rounded(across)}`;
  }

  /** The smallest rectangle around points, and around places as the layout writes them. */
  #around(points, places = []) {
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    const add = (x, y) => {
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    };
    for (const { along, across } of points) {
      add(...this.#place(along, across));
    }
    for (const { x, y } of places) {
      add(x, y);
    }
    return { x: left, y: top, width: right - left, height: bottom - top };
  }

  #make(index) {
    const { from, to, sign, isCrowded } = this.#ends[index];
    const tip = { along: to.along - sign * 1.5, across: to.across };
    const route = this.#routes[index].map((place) => this.#turn(place));
    const own = [this.#links[index].tail, this.#links[index].head];
    const points = this.#obstacles.clearOf(passing(from, route, tip, sign), own);
    const stop = { along: tip.along - sign * (ARROW - 1), across: tip.across };
    const write = this.#writer();
    return {
      path: smooth([...points.slice(0, -1), stop], this.#obstacles, own, write),
      arrow: arrowAt(tip, sign, write),
      back: arrowAt({ along: from.along + sign * 1.5, across: from.across }, -sign, write),
      head: point(this.#place(tip.along, tip.across)),
      tail: point(this.#place(from.along, from.across)),
      operand: isCrowded
        ? null
        : point(this.#place(stop.along - sign * 5, stop.across - (this.#upright ? 6 : 4))),
      bounds: this.#around(points), // the curve never overshoots its points
    };
  }
}

const point = ([x, y]) => ({ x, y });
const rounded = (x) => Math.round(x * 10) / 10;

/** Where each link leaves its tail and reaches its head: next to each other, without crossings. */
function portsOf(links, layout, cards, turn, upright) {
  const centre = (item) => turn(layout.centres[item]);
  const sides = Array.from({ length: 2 * cards.length }, () => []); // of each item two
  const ends = links.map(({ tail, head }, index) => {
    const sign = centre(head).along < centre(tail).along ? -1 : 1;
    const route = layout.routes[index];
    const interior = route.length > 1;
    const end = { sign, from: null, to: null, isCrowded: false };
    const join = (item, side, towards, key) =>
      sides[2 * item + Number(side > 0)].push({ item, side, towards: towards.across, end, key, index });
    join(tail, sign, interior ? turn(route[0]) : centre(head), "from");
    join(head, -sign, interior ? turn(route.at(-1)) : centre(tail), "to");
    return end;
  });
  for (const ports of sides.filter(({ length }) => length > 0)) {
    ports.sort((a, b) => a.towards - b.towards || a.index - b.index);
    const { item, side } = ports[0];
    const card = cards[item];
    const [long, wide] = upright ? [card.height, card.width] : [card.width, card.height];
    const spread = Math.min(wide * 0.62, (ports.length - 1) * SPACE);
    for (const [k, { end, key }] of ports.entries()) {
      const offset = ports.length > 1 ? spread * (k / (ports.length - 1) - 0.5) : 0;
      const { along, across } = centre(item);
      const out = reach(card.shape, long / 2, wide / 2, offset);
      end[key] = { along: along + side * out, across: across + offset };
      end.isCrowded ||= key === "to" && ports.length > 1 && spread / (ports.length - 1) < LEGIBLE;
    }
  }
  return ends;
}

/** The points of a line, each further along than the one before. */
function passing(from, route, to, sign) {
  const points = [from];
  for (const next of route) {
    const beyond = sign * (next.along - points.at(-1).along);
    if (beyond > ARROW && sign * (to.along - next.along) > 2 * ARROW) {
      points.push(next);
    }
  }
  return [...points, to];
}

/**
 * A cubic curve through points, level at both ends and at every turn, so that it never overshoots;
 * and level at more of them where it would run across a card otherwise, if there are obstacles.
 *
 * Source: F. N. Fritsch and J. Butland, "A method for constructing local monotone piecewise cubic
 * interpolants" (1984).
 */
function smooth(points, obstacles, own, write) {
  const secants = points.slice(1).map((next, k) => {
    const run = next.along - points[k].along;
    return run === 0 ? 0 : (next.across - points[k].across) / run;
  });
  const slopes = points.map((_, k) => {
    const [before, after] = [secants[k - 1] ?? 0, secants[k] ?? 0];
    return before * after > 0 ? (2 * before * after) / (before + after) : 0;
  });
  // A slope that becomes level changes the stretches on both sides of its point: the one before is
  // looked at again.
  const isClear = (k, ends) => obstacles?.isClear(points[k - 1], points[k], own, ends) ?? true;
  for (let k = 1; k < points.length; k += 1) {
    const ends = [slopes[k - 1], slopes[k]];
    const isLevel = ends.every((slope) => slope === 0);
    if (!isLevel && !isClear(k, ends)) {
      slopes[k - 1] = slopes[k] = 0;
      k = Math.max(0, k - 2);
    }
  }
  let path = `M${write(points[0].along, points[0].across)}`;
  for (let k = 1; k < points.length; k += 1) {
    const [start, stop] = [points[k - 1], points[k]];
    const third = (stop.along - start.along) / 3;
    path +=
      `C${write(start.along + third, start.across + third * slopes[k - 1])}` +
      ` ${write(stop.along - third, stop.across - third * slopes[k])}` +
      ` ${write(stop.along, stop.across)}`;
  }
  return path;
}

function arrowAt(tip, sign, write) {
  const base = tip.along - sign * ARROW;
  const half = ARROW * 0.5;
  return (
    `M${write(tip.along, tip.across)}L${write(base, tip.across - half)}` +
    `L${write(base, tip.across + half)}Z`
  );
}
