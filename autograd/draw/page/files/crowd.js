/** Many things of one kind, of which those in view are in the page, in their order. */

/**
 * @typedef {object} Drawn - one thing as elements, one for each group; whatever else its maker adds.
 * @property {SVGElement[]} elements
 */

/** Things that are drawn when they come into view, and taken out of the page when they leave it. */
export class Crowd {
  #bounds;
  #groups;
  #make;
  #appear;
  #made = new Map();
  #present = new Set();

  /**
   * @param {import("chainrule/rectangles.js").Rectangle[]} bounds - where each thing is.
   * @param {SVGElement[]} groups - what their elements are put into.
   * @param {{make: (index: number) => Drawn, appear?: (drawn: Drawn) => void}} hooks - how one is
   *   made, once; and what happens each time that it comes into the page.
   */
  constructor(bounds, groups, { make, appear = () => {} }) {
    this.#bounds = new Float64Array(bounds.length * 4);
    for (const [index, { x, y, width, height }] of bounds.entries()) {
      this.#bounds.set([x, y, x + width, y + height], index * 4);
    }
    this.#groups = groups;
    this.#make = make;
    this.#appear = appear;
  }

  /** @returns {Drawn[]} those in the page. */
  get drawn() {
    return [...this.#present].map((index) => this.#made.get(index));
  }

  /** @returns {number} the widths and heights of those in the page, added up. */
  get extent() {
    let sum = 0;
    for (const index of this.#present) {
      const [left, top, right, bottom] = this.#bounds.subarray(index * 4, index * 4 + 4);
      sum += right - left + bottom - top;
    }
    return sum;
  }

  /**
   * Put into the page what lies in an area, and nothing else.
   *
   * @param {import("chainrule/rectangles.js").Rectangle | null} area - null: everywhere.
   * @param {number | null} kept - the index of one that is drawn wherever it is.
   */
  look(area, kept) {
    let next = this.#groups.map(() => null);
    // From the last to the first: then what each is put before is in its place already.
    for (let index = this.#bounds.length / 4 - 1; index >= 0; index -= 1) {
      if (index === kept || this.#isIn(area, index)) {
        next = this.#put(index, next);
      } else if (this.#present.delete(index)) {
        this.#made.get(index).elements.forEach((element) => element.remove());
      }
    }
  }

  /**
   * Draw one thing, wherever it is.
   *
   * @param {number} index
   * @returns {Drawn}
   */
  draw(index) {
    if (!this.#present.has(index)) {
      const later = [...this.#present].filter((other) => other > index);
      const next = later.length > 0 ? this.#made.get(Math.min(...later)).elements : null;
      this.#put(index, next ?? this.#groups.map(() => null));
    }
    return this.#made.get(index);
  }

  #isIn(area, index) {
    if (area === null) {
      return true;
    }
    const [left, top, right, bottom] = this.#bounds.subarray(index * 4, index * 4 + 4);
    return (
      left <= area.x + area.width && right >= area.x && top <= area.y + area.height && bottom >= area.y
    );
  }

  #put(index, next) {
    if (!this.#made.has(index)) {
      this.#made.set(index, this.#make(index));
    }
    const drawn = this.#made.get(index);
    if (!this.#present.has(index)) {
      this.#present.add(index);
      for (const [k, element] of drawn.elements.entries()) {
        this.#groups[k].insertBefore(element, next[k]);
      }
      this.#appear(drawn);
    }
    return drawn.elements;
  }
}
