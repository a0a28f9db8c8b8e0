/** Many things of one kind, of which those in view are in the page, in their order. */

/**
 * @typedef {object} Drawn - one thing as elements, one for each group; whatever else its maker adds.
 * @property {SVGElement[]} elements
 */

/** Things that are drawn when they come into view, and taken out of the page when they leave it. */
export class Crowd {
  #bounds;
  #isRough;
  #groups;
  #boundsOf;
  #make;
  #appear;
  #made = new Map();
  #present = new Set();

  /**
   * @param {import("chainrule/rectangles.js").Rectangle[]} bounds - where each thing is.
   * @param {SVGElement[]} groups - what their elements are put into.
   * @param {{make: (index: number) => Drawn, appear?: (drawn: Drawn) => void,
   *   boundsOf?: (index: number) => import("chainrule/rectangles.js").Rectangle}} hooks - how one is
   *   made, once; what happens each time that it comes into the page; and where it is to the pixel,
   *   if the bounds are only what it does not leave.
   */
  constructor(bounds, groups, { make, appear = () => {}, boundsOf = null }) {
    this.#bounds = new Float64Array(bounds.length * 4);
    this.#isRough = new Uint8Array(bounds.length).fill(boundsOf ? 1 : 0);
    this.#boundsOf = boundsOf;
    for (const [index, rectangle] of bounds.entries()) {
      this.#setBounds(index, rectangle);
    }
    this.#groups = groups;
    this.#make = make;
    this.#appear = appear;
  }

  /** @returns {Drawn[]} those in the page. */
  get drawn() {
    return [...this.#present].map((index) => this.#made.get(index));
  }

  /**
   * Those of some things that are in the page.
   *
   * @param {number[]} indexes
   * @returns {Drawn[]} each once.
   */
  among(indexes) {
    return [...new Set(indexes)]
      .filter((index) => this.#present.has(index))
      .map((index) => this.#made.get(index));
  }

  /** @returns {number} the widths and heights of those in the page, added up. */
  get extent() {
    let sum = 0;
    const bounds = this.#bounds;
    for (const index of this.#present) {
      const at = index * 4;
      sum += bounds[at + 2] - bounds[at] + bounds[at + 3] - bounds[at + 1];
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

  #setBounds(index, { x, y, width, height }) {
    const at = index * 4;
    this.#bounds[at] = x;
    this.#bounds[at + 1] = y;
    this.#bounds[at + 2] = x + width;
    this.#bounds[at + 3] = y + height;
  }

  #isIn(area, index) {
    if (area !== null && !this.#overlaps(area, index)) {
      return false;
    }
    if (this.#isRough[index] === 1) {
      this.#isRough[index] = 0;
      this.#setBounds(index, this.#boundsOf(index));
      return area === null || this.#overlaps(area, index);
    }
    return true;
  }

  #overlaps({ x, y, width, height }, index) {
    const bounds = this.#bounds;
    const at = index * 4;
    return (
      bounds[at] <= x + width && bounds[at + 2] >= x && bounds[at + 1] <= y + height && bounds[at + 3] >= y
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
