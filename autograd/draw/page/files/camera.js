/**
 * What part of the graph is seen. It knows rectangles and a group of SVG, and nothing of what is in
 * them; hands move it through `gestures`.
 *
 * @typedef {import("chainrule/rectangles.js").Rectangle} Rectangle
 */

import { MARGIN, centring, clamp, inward, placed } from "chainrule/stretches.js";

const LARGEST_FIT = 1.2; // a small graph is not blown up beyond this
const LEGIBLE = 1; // a scale at which one reads every text
const SMALLEST = 0.04; // beyond that nothing can be seen
const LARGEST = 5;
const STEP = 1.3; // of a button or key

/** Zoom and pan of one drawing. */
export class Camera {
  #view;
  #world;
  #bounds = { x: 0, y: 0, width: 1, height: 1 };
  #scale = 1;
  #x = 0;
  #y = 0;
  #fitted = true;
  #steady = null;
  #moved;

  /**
   * @param {SVGSVGElement} view - what is looked through; it fills its parent.
   * @param {SVGGElement} world - what is moved.
   * @param {() => void} moved - is told when another part of the drawing is seen.
   */
  constructor(view, world, moved) {
    this.#view = view;
    this.#world = world;
    this.#moved = moved;
    // On paper the whole drawing is shown; the style sheet takes back what moves the world.
    addEventListener("beforeprint", () => view.setAttribute("viewBox", this.#wholeBox()));
    addEventListener("afterprint", () => view.removeAttribute("viewBox"));
    new ResizeObserver(([{ contentRect }]) => {
      // In pixels: else the browser lays out all texts in it anew whenever anything beside it changes.
      Object.assign(view.style, { width: `${contentRect.width}px`, height: `${contentRect.height}px` });
      if (this.#fitted) {
        this.fit(false);
      } else {
        this.#apply(false);
      }
    }).observe(view.parentElement);
  }

  /** Whether the whole drawing is in view because nobody has moved it since it was fitted. */
  get isFitted() {
    return this.#fitted;
  }

  /** @returns {number} how large the drawing is seen. */
  get scale() {
    return this.#scale;
  }

  /** Whether all of the drawing can be read at once. */
  get canBeReadWhole() {
    return this.#fittingScale() >= LEGIBLE;
  }

  /** @returns {Rectangle} the part of the drawing that is in view. */
  get area() {
    const { width, height } = this.#size();
    const s = this.#scale;
    return { x: -this.#x / s, y: -this.#y / s, width: width / s, height: height / s };
  }

  /**
   * Say how large the drawing is.
   *
   * @param {Rectangle} bounds
   */
  aimAt(bounds) {
    this.#bounds = bounds;
  }

  /**
   * Show the whole drawing, as large as it fits; of one too long to be seen then, as much as can be
   * seen about what was in the middle.
   *
   * @param {boolean} gently - whether the eye is to follow.
   */
  fit(gently = true) {
    this.#fit();
    this.#apply(gently);
  }

  #fit() {
    const { width, height } = this.#size();
    const { x, y, width: w, height: h } = this.#bounds;
    const before = this.#middle();
    const [s, scale] = [this.#scale, this.#fittingScale()];
    this.#x = placed(width, x * scale, w * scale, ((before.x - this.#x) / s) * scale);
    this.#y = placed(height, y * scale, h * scale, ((before.y - this.#y) / s) * scale);
    this.#scale = scale;
    this.#fitted = true;
  }

  /**
   * Show the whole drawing if it can be read then; else where it begins, large enough to read, with
   * all of its height or width if there is room for that.
   *
   * @param {Rectangle} beginning - a part of it.
   */
  open(beginning) {
    this.#fit();
    if (!this.canBeReadWhole) {
      const { width, height } = this.#size();
      const seen = this.#seen(beginning);
      const middle = { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
      this.#zoomTo(LEGIBLE, middle);
      this.#x += clamp(middle.x, width * 0.1, width * 0.9) - middle.x;
      this.#y += clamp(middle.y, height * 0.3, height * 0.7) - middle.y;
      const begun = this.#seen(beginning);
      this.#x += inward(begun.x, begun.width, width);
      this.#y += inward(begun.y, begun.height, height);
      this.#stayInView();
      const { x, y, width: w, height: h } = this.#bounds;
      const s = this.#scale;
      this.#x = w * s <= width ? placed(width, x * s, w * s) : this.#x;
      this.#y = h * s <= height ? placed(height, y * s, h * s) : this.#y;
    }
    this.#apply(false); // once: what is drawn on the way there is drawn in vain
  }

  /**
   * Zoom by a factor about the middle of the view, or about a point of it.
   *
   * @param {number} factor
   * @param {{x: number, y: number}} [about]
   * @param {boolean} gently
   * @returns {boolean} whether there was anything left to zoom.
   */
  zoom(factor, about = this.#middle(), gently = true) {
    const least = Math.min(this.#fittingScale() * 0.6, 1);
    const scale = Math.min(LARGEST, Math.max(least, this.#scale * factor));
    if (scale === this.#scale) {
      return false;
    }
    this.#zoomTo(scale, about);
    this.#apply(gently);
    return true;
  }

  #zoomTo(scale, about) {
    this.#x = about.x - ((about.x - this.#x) * scale) / this.#scale;
    this.#y = about.y - ((about.y - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#fitted = false;
    this.#stayInView();
  }

  /**
   * Move the drawing.
   *
   * @param {number} dx - pixels.
   * @param {number} dy
   */
  pan(dx, dy) {
    this.#x += dx;
    this.#y += dy;
    this.#fitted = false;
    this.#apply(false);
  }

  /**
   * Come so near to a part of the drawing that one can read it, and bring it into view.
   *
   * @param {Rectangle} part
   */
  approach(part) {
    if (this.#scale < LEGIBLE) {
      const { x, y, width, height } = this.#seen(part);
      this.zoom(LEGIBLE / this.#scale, { x: x + width / 2, y: y + height / 2 });
    }
    this.follow(part, part);
  }

  /**
   * The place of the drawing that a pointer is at.
   *
   * @param {MouseEvent} event
   * @returns {Rectangle} without any size.
   */
  placeOf({ clientX, clientY }) {
    const { left, top } = this.#view.getBoundingClientRect();
    const [x, y] = [clientX - left - this.#x, clientY - top - this.#y];
    return { x: x / this.#scale, y: y / this.#scale, width: 0, height: 0 };
  }

  /**
   * Zoom by steps.
   *
   * @param {number} count - in, or out if negative.
   */
  step(count) {
    this.zoom(STEP ** count);
  }

  /**
   * Move as little as brings a part of the drawing into view.
   *
   * @param {Rectangle} part
   */
  reveal(part) {
    const { width, height } = this.#size();
    const seen = this.#seen(part);
    this.#moveBy(inward(seen.x, seen.width, width), inward(seen.y, seen.height, height));
  }

  /**
   * Bring a part of the drawing into the middle if it is not all in view; else nothing moves, so that
   * what goes on step by step is followed in few and calm moves.
   *
   * @param {Rectangle} part
   * @param {Rectangle} context - the part and more, for the middle if there is room for all of it.
   */
  follow(part, context) {
    const { width, height } = this.#size();
    const [p, c] = [this.#seen(part), this.#seen(context)];
    this.#moveBy(
      centring(p.x, p.width, c.x, c.width, width),
      centring(p.y, p.height, c.y, c.height, height),
    );
  }

  /** Where a part of the drawing is in the view. */
  #seen({ x, y, width, height }) {
    const s = this.#scale;
    return { x: x * s + this.#x, y: y * s + this.#y, width: width * s, height: height * s };
  }

  #moveBy(dx, dy) {
    if (dx !== 0 || dy !== 0) {
      this.#x += dx;
      this.#y += dy;
      this.#apply(true);
    }
  }

  /**
   * Move so that a point of the drawing that has gone elsewhere stays where it is seen.
   *
   * @param {{x: number, y: number}} before
   * @param {{x: number, y: number}} after
   */
  hold(before, after) {
    this.#x += (before.x - after.x) * this.#scale;
    this.#y += (before.y - after.y) * this.#scale;
    this.#apply(false);
  }

  #wholeBox() {
    const { x, y, width, height } = this.#bounds;
    return [x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN].join(" ");
  }

  /**
   * Do something for which the size of the view is asked once, before anything changes: whenever it is
   * asked after a change, the browser lays out the page.
   *
   * @param {() => void} action
   */
  steadily(action) {
    const before = this.#steady;
    this.#steady = this.#size();
    try {
      action();
    } finally {
      this.#steady = before;
    }
  }

  #size() {
    if (this.#steady !== null) {
      return this.#steady;
    }
    const { clientWidth, clientHeight } = this.#view.parentElement;
    return { width: Math.max(1, clientWidth), height: Math.max(1, clientHeight) };
  }

  #middle() {
    const { width, height } = this.#size();
    return { x: width / 2, y: height / 2 };
  }

  #fittingScale() {
    const { width, height } = this.#size();
    const margin = Math.min(MARGIN, width / 20, height / 20);
    const fitting = Math.min(
      (width - 2 * margin) / Math.max(1, this.#bounds.width),
      (height - 2 * margin) / Math.max(1, this.#bounds.height),
      LARGEST_FIT,
    );
    return Math.max(SMALLEST, fitting);
  }

  /** Some of the drawing stays in view, however far it is dragged. */
  #stayInView() {
    const { x, y, width: w, height: h } = this.#bounds;
    const { width, height } = this.#size();
    const s = this.#scale;
    this.#x = clamp(this.#x, width / 4 - (x + w) * s, (3 * width) / 4 - x * s);
    this.#y = clamp(this.#y, height / 4 - (y + h) * s, (3 * height) / 4 - y * s);
  }

  #apply(gently) {
    const { width: w, height: h } = this.#bounds;
    const { width, height } = this.#size();
    if (!this.#fitted) {
      this.#stayInView();
    }
    this.steadily(() => this.#show(gently, w * this.#scale <= width && h * this.#scale <= height));
  }

  /** Move the world; `whole` says whether nothing of it is out of view. */
  #show(gently, whole) {
    this.#world.classList.toggle("gliding", gently);
    this.#world.style.transform = `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
    // Where nothing is out of view, one finger scrolls the page.
    this.#view.style.touchAction = whole ? "pan-x pan-y" : "none";
    this.#view.classList.toggle("pannable", !whole);
    this.#moved();
  }
}
