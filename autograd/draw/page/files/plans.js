/**
 * What is visible and where, for each way of folding: `folds` says what, `cards` what is written and
 * how large, `layout` where it stands, `curves` how lines go.
 */

import { CardMaker } from "chainrule/cards.js";
import { Curves } from "chainrule/curves.js";
import { visibleGraph } from "chainrule/folds.js";
import { layOut } from "chainrule/layout.js";
import { headOf } from "chainrule/marks.js";
import { Ruler } from "chainrule/text.js";

/**
 * Where the computation begins to be seen: the item furthest against its direction.
 *
 * @param {{centres: object[], rectangles: object[]}} layout
 * @param {"LR" | "RL" | "TB" | "BT"} direction
 * @returns {import("chainrule/rectangles.js").Rectangle}
 */
export function beginningOf({ centres, rectangles }, direction) {
  const sign = direction === "LR" || direction === "TB" ? 1 : -1;
  const along = ({ x, y }) => sign * (direction === "LR" || direction === "RL" ? x : y);
  const first = [...centres.keys()].reduce((a, b) => (along(centres[b]) < along(centres[a]) ? b : a));
  return rectangles[first];
}

/** Plans the drawing of one page, and remembers its plans. */
export class Planner {
  #page;
  #ruler;
  #cardMaker;
  #plans = new Map();

  /**
   * @param {object} page - from data.js.
   * @param {HTMLElement} container - in the font of which it will be drawn.
   */
  constructor(page, container) {
    this.#page = page;
    this.#ruler = new Ruler(container);
    this.#cardMaker = new CardMaker(page, this.#ruler);
  }

  /**
   * The plan for a way of folding.
   *
   * @param {Set<number>} folded - indexes of boxes.
   * @returns {{graph: object, cards: object[], layout: object, curves: Curves, heads: Map}}
   */
  plan(folded) {
    const key = [...folded].toSorted((a, b) => a - b).join(" ");
    if (!this.#plans.has(key)) {
      this.#plans.set(key, this.#make(folded));
    }
    return this.#plans.get(key);
  }

  #make(folded) {
    const page = this.#page;
    const graph = visibleGraph(page, folded);
    const cards = this.#cardMaker.cards(graph.items);
    const layout = layOut(graph, cards, page.boxes, page.direction);
    const curves = new Curves(graph.links, layout, cards, page.direction);
    const headIn = (box) => headOf(page, box, layout.frames.get(box), this.#ruler);
    const heads = new Map(graph.frames.map((box) => [box, headIn(box)]));
    return { graph, cards, layout, curves, heads };
  }
}
