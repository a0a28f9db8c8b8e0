/**
 * A large graph from far away: where nothing can be read, all cards of one look and one state are one
 * path, and all lines another, so that the whole of it is a dozen elements.
 */

import { litOf } from "chainrule/steps.js";
import { svg } from "chainrule/svg.js";

const STATES = ["dim", "forward", "backward"];

/** The cards and the lines of one layout, without a word. */
export class Overview {
  #items;
  #looks;
  #outlines;
  #lines = svg("path", { class: "edge" });
  #links;
  #paths = new Map();
  #isShown = false;

  /** The element to be shown. */
  element = svg("g", { class: "overview", "aria-hidden": "true" });

  /**
   * @param {import("chainrule/folds.js").Item[]} items
   * @param {import("chainrule/cards.js").Card[]} cards
   * @param {import("chainrule/rectangles.js").Rectangle[]} rectangles - of the items.
   * @param {{path: string}[]} links - the curves.
   */
  constructor(items, cards, rectangles, links) {
    this.#items = items;
    this.#looks = cards.map(({ look }) => look);
    this.#outlines = rectangles.map(
      ({ x, y, width, height }) => `M${x},${y}h${width}v${height}h${-width}z`,
    );
    this.#links = links;
    this.element.append(svg("g", { class: "link" }, this.#lines));
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
    const lines = isShown ? this.#links.map(({ path }) => path).join("") : "";
    this.#lines.setAttribute("d", lines);
    if (!isShown) {
      this.#paths.forEach((path) => path.remove());
      this.#paths.clear();
    } else if (moment) {
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
    const outlines = new Map([...this.#paths.keys()].map((key) => [key, []]));
    const add = (key, index) => {
      outlines.set(key, outlines.get(key) ?? []);
      outlines.get(key).push(this.#outlines[index]);
    };
    for (const [index, item] of this.#items.entries()) {
      add(`${this.#looks[index]} ${STATES[litOf(item, moment)]}`, index);
      if (item.members.includes(moment.node)) {
        add(`${this.#looks[index]} active`, index);
      }
    }
    for (const [key, parts] of outlines) {
      this.#pathOf(key).setAttribute("d", parts.join(""));
    }
  }

  #pathOf(key) {
    if (!this.#paths.has(key)) {
      const [look, state] = key.split(" ");
      const path = svg("path", { class: "body" });
      const looks = state === "active" ? `sample ${look} active` : `sample ${look}`;
      this.element.append(svg("g", { class: looks, "data-state": state }, path));
      this.#paths.set(key, path);
    }
    return this.#paths.get(key);
  }
}
