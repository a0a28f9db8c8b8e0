/**
 * Where the keyboard can be in the graph. The whole graph is one tab stop (a "roving tabindex"):
 * Tab comes to the item that was last focused, arrow keys go on from there along the links. Pure:
 * what is not drawn has its place all the same.
 */

import { destination } from "chainrule/navigation.js";

/**
 * @typedef {object} Stop - what can be focused: a node, or a box by its head or folded.
 * @property {number | null} box - the index of the box that it folds or unfolds, or null.
 * @property {import("chainrule/folds.js").Item | null} item - null for the head of a box.
 * @property {number | null} index - of the item.
 * @property {{x: number, y: number, width: number, height: number}} rectangle
 * @property {number} x - of its middle.
 * @property {number} y
 * @property {number[]} operands - indexes of stops.
 * @property {number[]} results - indexes of stops.
 */

/** All stops of what is visible at present. */
export class Stops {
  #stops = [];
  #ofItem;
  #ofBox = new Map();

  /**
   * @param {import("chainrule/folds.js").VisibleGraph} graph
   * @param {import("chainrule/rectangles.js").Rectangle[]} rectangles - of the items.
   * @param {Map<number, {title: object}>} heads - of the unfolded boxes, with their rectangles.
   * @param {{parent: number | null}[]} boxes
   */
  constructor({ items, links }, rectangles, heads, boxes) {
    const addHead = (box) => {
      if (box !== null && !this.#ofBox.has(box)) {
        addHead(boxes[box].parent);
        this.#add(box, null, null, heads.get(box).title);
      }
    };
    this.#ofItem = items.map((item, index) => {
      addHead(item.parent); // the head comes before what is in the box
      return this.#add(item.box, item, index, rectangles[index]);
    });
    for (const { tail, head } of links) {
      this.#stops[this.#ofItem[tail]].results.push(this.#ofItem[head]);
      this.#stops[this.#ofItem[head]].operands.push(this.#ofItem[tail]);
    }
  }

  #add(box, item, index, rectangle) {
    const x = rectangle.x + rectangle.width / 2;
    const y = rectangle.y + rectangle.height / 2;
    const at = this.#stops.length;
    this.#stops.push({ box, item, index, rectangle, x, y, operands: [], results: [] });
    if (box !== null) {
      this.#ofBox.set(box, at);
    }
    return at;
  }

  /** @returns {Stop} the one that Tab comes to at first. */
  get first() {
    return this.#stops[0];
  }

  /**
   * The stop of an item.
   *
   * @param {number} item - its index.
   * @returns {Stop}
   */
  ofItem(item) {
    return this.#stops[this.#ofItem[item]];
  }

  /**
   * The stop of a box.
   *
   * @param {number} box
   * @returns {Stop | undefined}
   */
  ofBox(box) {
    return this.#stops[this.#ofBox.get(box)];
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
}
