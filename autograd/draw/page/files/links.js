/**
 * Links as elements of SVG: a line with an arrow in the direction of the computation. Once the
 * backward pass has come through, the line is as wide and as coloured as the gradient that flowed
 * along it; during that step the arrow points back. Of a long line that only passes through the view
 * there is neither arrow nor name: they are at its ends.
 */

import { flowOf, lookOf } from "chainrule/flows.js";
import { exact } from "chainrule/format.js";
import { NOWHERE, contains } from "chainrule/rectangles.js";
import { svg } from "chainrule/svg.js";

const STATES = ["dim", "forward", "backward"];

/** One link. */
export class LinkMark {
  #page;
  #curve;
  #line;
  #parts = { arrow: null, name: null };
  #carriers;
  #looks;
  #title = svg("title");
  #operand;
  #isBack = false;
  #area = NOWHERE;
  #shown = "";

  /**
   * @param {object} page - from data.js.
   * @param {import("chainrule/folds.js").Link} link
   * @param {object} curve - from curves.js.
   * @param {boolean} namesOperand - whether to say which operand it is.
   */
  constructor(page, link, curve, namesOperand) {
    this.#page = page;
    this.#curve = curve;
    this.link = link;
    // A plain number has no gradient for anything to flow to.
    this.#carriers = link.edges.filter(
      (edge) => page.nodes[page.edges[edge].tail].kind !== "number",
    );
    this.#line = svg("path", { class: "edge", "data-edge": link.edges[0], d: curve.path });
    this.#looks = this.#carriers.length > 0 ? "link" : "link plain";
    this.element = svg("g", { class: this.#looks }, this.#title, this.#line);
    const [first] = link.edges;
    const { operand } = page.edges[first];
    this.#operand = namesOperand ? operand : "";
  }

  /**
   * Draw the ends that are in an area.
   *
   * @param {import("chainrule/rectangles.js").Rectangle | null} area - null: everywhere.
   */
  look(area) {
    this.#area = area;
    const { head, operand } = this.#curve;
    const isNamed = this.#operand && operand && this.#isIn(head);
    this.#put("name", isNamed && (() => svg("text", { class: "operand", ...operand }, this.#operand)));
    this.#drawArrow();
  }

  #drawArrow() {
    const { head, tail, arrow, back } = this.#curve;
    const isThere = this.#isIn(this.#isBack ? tail : head);
    this.#put("arrow", isThere && (() => svg("path", { class: "arrow", d: this.#isBack ? back : arrow })));
  }

  #isIn(end) {
    return this.#area === null || contains(this.#area, end);
  }

  /** Put a part behind the line, made if it is not there yet; or take it away. */
  #put(name, make) {
    if (!make) {
      this.#parts[name]?.remove();
      this.#parts[name] = null;
    } else if (this.#parts[name] === null) {
      this.#parts[name] = make();
      this.element.insertBefore(this.#parts[name], name === "arrow" ? this.#parts.name : null);
    }
  }

  /**
   * Show a moment; whether it is traced is to be said anew.
   *
   * @param {object} moment - from steps.js.
   * @param {{low: Float64Array, high: Float64Array}} flow - of all edges.
   */
  update(moment, flow) {
    const absent = this.#page.absent();
    const reached = this.#carriers.filter(
      (edge) => !absent.has(this.#page.edges[edge].tail) && this.#turn(edge, moment.lit) === 2,
    );
    const forward = Math.max(...this.link.edges.map((edge) => this.#lit(edge, moment)));
    const lit = reached.length > 0 ? 2 : forward;
    const active = this.link.edges.some((edge) => moment.edges.includes(edge));
    const span = lit === 2 ? flowOf(reached, flow) : null;
    const key = `${lit} ${active} ${moment.phase} ${span?.low} ${span?.high} ${moment.frame} ${this.#page.sample}`;
    if (key !== this.#shown) {
      this.#shown = key;
      this.#paint(lit, active, span, flow);
    }
  }

  /** How far the pass has come at the operation that an edge belongs to. */
  #turn(edge, lit) {
    const { tail, head, result } = this.#page.edges[edge];
    return lit[result ? tail : head];
  }

  #lit(edge, { lit }) {
    const { tail, head } = this.#page.edges[edge];
    return Math.min(1, lit[tail], lit[head]);
  }

  #paint(lit, active, span, flow) {
    const look = span ? lookOf(span, flow) : { sign: "none", width: null, strength: null };
    this.element.setAttribute(
      "class",
      `${this.#looks} ${STATES[lit]} ${look.sign}${active ? " active" : ""}`,
    );
    const isBack = active && lit === 2;
    if (isBack !== this.#isBack) {
      this.#isBack = isBack;
      this.#put("arrow", null);
      this.#drawArrow();
    }
    this.#style("--width", look.width && `${look.width.toFixed(2)}px`);
    this.#style("--strength", look.strength && `${Math.round(look.strength * 100)}%`);
    const flowing = span ? `flows back: ${exact(span.low, span.high)}` : "";
    const operand = this.#operand && `operand ${this.#operand}`;
    this.#title.textContent = [operand, flowing].filter((line) => line !== "").join("\n");
  }

  #style(name, value) {
    if (value === null) {
      this.element.style.removeProperty(name);
    } else {
      this.element.style.setProperty(name, value);
    }
  }
}
