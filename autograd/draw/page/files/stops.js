/**
 * Where the keyboard can be in the graph. The whole graph is one tab stop (a "roving tabindex"):
 * Tab comes to the item that was last focused, arrow keys go on from there along the links.
 */

import { destination } from "chainrule/navigation.js";

/**
 * @typedef {object} Stop - what can be focused: a node, or a box by its head or folded.
 * @property {SVGElement} element
 * @property {number | null} box - the index of the box that it folds or unfolds, or null.
 * @property {import("chainrule/folds.js").Item | null} item - null for the head of a box.
 * @property {{x: number, y: number, width: number, height: number}} rectangle
 * @property {number} x - of its middle.
 * @property {number} y
 * @property {number[]} operands - indexes of stops.
 * @property {number[]} results - indexes of stops.
 */

/** All stops of what is drawn at present. */
export class Stops {
  #stops = [];
  #current = 0;

  /**
   * @param {import("chainrule/folds.js").Link[]} links
   * @param {import("chainrule/marks.js").Mark[]} marks
   * @param {Map<number, {title: object, head: SVGElement}>} heads - of the unfolded boxes: the
   *   element and its rectangle.
   * @param {{parent: number | null}[]} boxes
   */
  constructor(links, marks, heads, boxes) {
    const placed = new Set();
    const addHead = (box) => {
      if (box === null || placed.has(box)) {
        return;
      }
      placed.add(box);
      addHead(boxes[box].parent);
      const { title, head } = heads.get(box);
      this.#add(head, box, null, title);
    };
    const stopOf = marks.map(({ element, item, rectangle }) => {
      addHead(item.parent); // the head comes before what is in the box
      return this.#add(element, item.box, item, rectangle);
    });
    for (const { tail, head } of links) {
      this.#stops[stopOf[tail]].results.push(stopOf[head]);
      this.#stops[stopOf[head]].operands.push(stopOf[tail]);
    }
    this.moveTo(this.#stops[0], false);
  }

  #add(element, box, item, rectangle) {
    const x = rectangle.x + rectangle.width / 2;
    const y = rectangle.y + rectangle.height / 2;
    this.#stops.push({ element, box, item, rectangle, x, y, operands: [], results: [] });
    return this.#stops.length - 1;
  }

  /**
   * The stop that an event or the focus is at.
   *
   * @param {Element | null} target
   * @returns {Stop | undefined}
   */
  at(target) {
    const element = target?.closest?.(".node, .head");
    return element ? this.#stops.find((stop) => stop.element === element) : undefined;
  }

  /**
   * The stop of a box.
   *
   * @param {number} box
   * @returns {Stop | undefined}
   */
  ofBox(box) {
    return this.#stops.find((stop) => stop.box === box);
  }

  /**
   * Where a key leads from a stop.
   *
   * @param {string} key - as in KeyboardEvent.key.
   * @param {Stop} from
   * @param {"LR" | "RL" | "TB" | "BT"} direction
   * @returns {Stop}
   */
  after(key, from, direction) {
    return this.#stops[destination(key, this.#stops.indexOf(from), this.#stops, direction)];
  }

  /**
   * Make a stop the one that Tab comes to.
   *
   * @param {Stop} stop
   * @param {boolean} takesFocus - whether it is focused at once.
   */
  moveTo(stop, takesFocus) {
    this.#stops[this.#current].element.setAttribute("tabindex", "-1");
    this.#current = this.#stops.indexOf(stop);
    stop.element.setAttribute("tabindex", "0");
    if (takesFocus) {
      stop.element.focus({ preventScroll: true });
    }
  }
}
