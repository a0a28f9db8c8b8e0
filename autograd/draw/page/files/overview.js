/**
 * A large graph from far away: where nothing can be read, cards are rectangles without a word, and all
 * of one look and one state in one part of the plane are one path. So the whole of it is some hundred
 * elements, and a step writes, and lets the browser paint, only the parts in which something changes.
 */

import { unionOf } from "chainrule/rectangles.js";
import { litOf } from "chainrule/steps.js";
import { svg } from "chainrule/svg.js";

const STATES = ["dim", "forward", "backward"];
const TOGETHER = 64; // cards in a part of the plane, about
const LINES = 256; // in one path
const EXACT = 2000; // lines: of more, ways around cards take long to find, and nobody sees them

/** The cards and the lines of one layout, without a word. */
export class Overview {
  #items;
  #looks;
  #rectangles;
  #outlines = [];
  #curves;
  #partOf = null;
  #parts = [];
  #states;
  #lines = svg("g", { class: "link" });
  #groups = new Map();
  #paths = new Map();
  #active = svg("path", { class: "body" });
  #isShown = false;

  /** The element to be shown. */
  element = svg("g", { class: "overview", "aria-hidden": "true" });

  /**
   * @param {import("chainrule/folds.js").Item[]} items
   * @param {import("chainrule/cards.js").Card[]} cards
   * @param {import("chainrule/rectangles.js").Rectangle[]} rectangles - of the items.
   * @param {import("chainrule/curves.js").Curves} curves - of the links.
   */
  constructor(items, cards, rectangles, curves) {
    this.#items = items;
    this.#rectangles = rectangles;
    this.#looks = cards.map(({ look }) => look);
    this.#curves = curves;
    this.#states = new Uint8Array(items.length);
    this.element.append(this.#lines);
  }

  /**
   * Show it, or nothing of it.
   *
   * @param {boolean} isShown
   * @param {object | null} moment - from steps.js.
   */
  look(isShown, moment) {
    if (isShown === this.#isShown) {
      return;
    }
    this.#isShown = isShown;
    if (!isShown) {
      this.#lines.replaceChildren();
      this.element.replaceChildren(this.#lines);
      this.#groups.clear();
      this.#paths.clear();
      return;
    }
    if (this.#partOf === null) {
      this.#divide();
    }
    this.#lines.append(...this.#drawLines());
    if (moment) {
      this.#states.fill(STATES.length); // none
      this.update(moment);
    }
  }

  /**
   * Show a moment.
   *
   * @param {object} moment - from steps.js.
   */
  update(moment) {
    if (!this.#isShown) {
      return;
    }
    const changed = new Set();
    const active = [];
    for (const [index, item] of this.#items.entries()) {
      const state = litOf(item, moment);
      if (state !== this.#states[index]) {
        this.#states[index] = state;
        changed.add(this.#partOf[index]);
      }
      if (moment.node !== null && item.members.includes(moment.node)) {
        active.push(index);
      }
    }
    changed.forEach((part) => this.#drawPart(part));
    this.#drawActive(active);
  }

  /** Say where what is; done when it is looked at for the first time. */
  #divide() {
    this.#outlines = this.#rectangles.map(
      ({ x, y, width, height }) => `M${x},${y}h${width}v${height}h${-width}z`,
    );
    this.#partOf = partsOf(this.#rectangles);
    for (const [index, part] of this.#partOf.entries()) {
      (this.#parts[part] ??= []).push(index);
    }
  }

  #drawLines() {
    const { count } = this.#curves;
    const pathOf = (index) =>
      count > EXACT ? this.#curves.sketch(index) : this.#curves.at(index).path;
    const paths = [];
    for (let first = 0; first < count; first += LINES) {
      const indexes = Array.from({ length: Math.min(LINES, count - first) }, (_, k) => first + k);
      paths.push(svg("path", { class: "edge", d: indexes.map(pathOf).join("") }));
    }
    return paths;
  }

  #drawPart(part) {
    const outlines = new Map();
    for (const index of this.#parts[part]) {
      const key = `${this.#looks[index]} ${STATES[this.#states[index]]}`;
      outlines.set(key, (outlines.get(key) ?? "") + this.#outlines[index]);
    }
    const before = this.#paths.get(part) ?? new Map();
    for (const [key, path] of before) {
      if (!outlines.has(key)) {
        path.remove();
        before.delete(key);
      }
    }
    for (const [key, outline] of outlines) {
      if (!before.has(key)) {
        before.set(key, svg("path", { class: "body" }));
        this.#groupOf(key).append(before.get(key));
      }
      const path = before.get(key);
      if (path.getAttribute("d") !== outline) {
        path.setAttribute("d", outline);
      }
    }
    this.#paths.set(part, before);
  }

  /** What the step is about stands out, over all else. */
  #drawActive(indexes) {
    const [first] = indexes;
    if (first === undefined) {
      this.#active.parentElement?.remove();
      return;
    }
    const state = STATES[this.#states[first]];
    const looks = { class: `sample ${this.#looks[first]} active`, "data-state": state };
    this.#active.setAttribute("d", indexes.map((index) => this.#outlines[index]).join(""));
    this.#active.parentElement?.remove();
    this.element.append(svg("g", looks, this.#active));
  }

  #groupOf(key) {
    if (!this.#groups.has(key)) {
      const [look, state] = key.split(" ");
      const group = svg("g", { class: `sample ${look}`, "data-state": state });
      this.#groups.set(key, group);
      this.element.append(group);
    }
    return this.#groups.get(key);
  }
}

/** The part of the plane that the middle of each rectangle is in. */
function partsOf(rectangles) {
  const { x: left, y: top, width, height } = unionOf(rectangles);
  const side = Math.max(1, Math.sqrt((width * height * TOGETHER) / Math.max(1, rectangles.length)));
  const columns = Math.ceil(width / side) + 1;
  const numbers = new Map(); // of the parts in which there is something
  return rectangles.map(({ x, y, width: w, height: h }) => {
    const column = Math.floor((x + w / 2 - left) / side);
    const key = Math.floor((y + h / 2 - top) / side) * columns + column;
    numbers.set(key, numbers.get(key) ?? numbers.size);
    return numbers.get(key);
  });
}
