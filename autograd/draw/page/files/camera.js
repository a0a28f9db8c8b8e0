/**
 * What part of the graph is seen: zoom and pan by wheel, drag, pinch, keys and buttons. It knows
 * rectangles and a group of SVG, and nothing of what is in them.
 */

const MARGIN = 20; // around a graph that fits, in pixels
const LARGEST_FIT = 1.35; // a small graph is not blown up beyond this
const LEAST_LEGIBLE = 0.5; // a scale at which one still sees what is what
const LEGIBLE = 0.8; // a scale at which one reads
const LARGEST = 5;
const STEP = 1.3; // of a button or key
const WHEEL = 0.0016; // of the logarithm of the scale, for each pixel the wheel turns
const PINCH = 4; // a pinch on a touchpad comes as a wheel that turns little
const LINE = 16; // pixels, where a wheel counts lines
const DRAG = 4; // pixels a pointer moves before a press is a drag

/** Zoom and pan of one drawing. */
export class Camera {
  #view;
  #world;
  #bounds = { x: 0, y: 0, width: 1, height: 1 };
  #scale = 1;
  #x = 0;
  #y = 0;
  #fitted = true;
  #pointers = new Map();
  #dragged = false;

  /**
   * @param {SVGSVGElement} view - what is looked through.
   * @param {SVGGElement} world - what is moved.
   */
  constructor(view, world) {
    this.#view = view;
    this.#world = world;
    view.addEventListener("wheel", (event) => this.#turn(event), { passive: false });
    view.addEventListener("pointerdown", (event) => this.#press(event));
    view.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      view.addEventListener(end, (event) => this.#release(event));
    }
    // The end of a drag is no click on what happens to be below.
    view.addEventListener("click", (event) => this.#dragged && event.stopPropagation(), true);
    new ResizeObserver(() => (this.#fitted ? this.fit(false) : this.#apply(false))).observe(view);
  }

  /** Whether the whole drawing is in view because nobody has moved it since it was fitted. */
  get isFitted() {
    return this.#fitted;
  }

  /**
   * Say how large the drawing is.
   *
   * @param {{x: number, y: number, width: number, height: number}} bounds
   */
  aimAt(bounds) {
    this.#bounds = bounds;
  }

  /**
   * Show the whole drawing, as large as it fits.
   *
   * @param {boolean} gently - whether the eye is to follow.
   */
  fit(gently = true) {
    const { width, height } = this.#size();
    const { x, y, width: w, height: h } = this.#bounds;
    this.#scale = this.#fittingScale();
    this.#x = (width - w * this.#scale) / 2 - x * this.#scale;
    this.#y = (height - h * this.#scale) / 2 - y * this.#scale;
    this.#fitted = true;
    this.#apply(gently);
  }

  /**
   * Show the whole drawing if it can be read then; else where it begins, large enough to read.
   *
   * @param {{x: number, y: number, width: number, height: number}} beginning - a part of it.
   */
  open(beginning) {
    this.fit(false);
    if (this.#scale < LEAST_LEGIBLE) {
      const { width, height } = this.#size();
      const middle = {
        x: (beginning.x + beginning.width / 2) * this.#scale + this.#x,
        y: (beginning.y + beginning.height / 2) * this.#scale + this.#y,
      };
      this.zoom(LEGIBLE / this.#scale, middle, false);
      this.#x += clamp(middle.x, width * 0.1, width * 0.9) - middle.x;
      this.#y += clamp(middle.y, height * 0.3, height * 0.7) - middle.y;
      this.reveal(beginning);
    }
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
    this.#x = about.x - ((about.x - this.#x) * scale) / this.#scale;
    this.#y = about.y - ((about.y - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#fitted = false;
    this.#apply(gently);
    return true;
  }

  /** Zoom in by one step. */
  zoomIn() {
    this.zoom(STEP);
  }

  /** Zoom out by one step. */
  zoomOut() {
    this.zoom(1 / STEP);
  }

  /**
   * Move as little as brings a part of the drawing into view.
   *
   * @param {{x: number, y: number, width: number, height: number}} part
   */
  reveal(part) {
    const { width, height } = this.#size();
    const left = part.x * this.#scale + this.#x;
    const top = part.y * this.#scale + this.#y;
    const dx = inward(left, part.width * this.#scale, width);
    const dy = inward(top, part.height * this.#scale, height);
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

  #size() {
    const { clientWidth, clientHeight } = this.#view;
    return { width: Math.max(1, clientWidth), height: Math.max(1, clientHeight) };
  }

  #middle() {
    const { width, height } = this.#size();
    return { x: width / 2, y: height / 2 };
  }

  #fittingScale() {
    const { width, height } = this.#size();
    const margin = Math.min(MARGIN, width / 20, height / 20);
    return Math.min(
      (width - 2 * margin) / Math.max(1, this.#bounds.width),
      (height - 2 * margin) / Math.max(1, this.#bounds.height),
      LARGEST_FIT,
    );
  }

  #apply(gently) {
    const { x, y, width: w, height: h } = this.#bounds;
    const { width, height } = this.#size();
    if (!this.#fitted) {
      // Some of the drawing stays in view, however far it is dragged.
      const s = this.#scale;
      this.#x = clamp(this.#x, width / 4 - (x + w) * s, (3 * width) / 4 - x * s);
      this.#y = clamp(this.#y, height / 4 - (y + h) * s, (3 * height) / 4 - y * s);
    }
    this.#world.classList.toggle("gliding", gently);
    this.#world.style.transform = `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
    // Where nothing is out of view, one finger scrolls the page.
    const whole = w * this.#scale <= width && h * this.#scale <= height;
    this.#view.style.touchAction = whole ? "pan-x pan-y" : "none";
    this.#view.classList.toggle("pannable", !whole);
  }

  #at({ clientX, clientY }) {
    const { left, top } = this.#view.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  /** The wheel zooms, unless it is what scrolls the page. */
  #turn(event) {
    const { scrollHeight, clientHeight } = document.documentElement;
    const meant = event.ctrlKey || event.metaKey; // so does a pinch on a touchpad
    if (!meant && scrollHeight > clientHeight + 1) {
      return;
    }
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE;
    const turned = event.deltaY * unit * (event.ctrlKey ? PINCH : 1);
    if (this.zoom(Math.exp(-WHEEL * clamp(turned, -300, 300)), this.#at(event), false) || meant) {
      event.preventDefault();
    }
  }

  #press(event) {
    if (event.pointerType === "mouse" && event.button !== 0) {
      return;
    }
    if (this.#pointers.size === 0) {
      this.#dragged = false;
    }
    this.#pointers.set(event.pointerId, { start: this.#at(event), now: this.#at(event) });
  }

  #move(event) {
    const pointer = this.#pointers.get(event.pointerId);
    if (!pointer) {
      return;
    }
    const before = pointer.now;
    const now = this.#at(event);
    if (!this.#dragged && Math.hypot(now.x - pointer.start.x, now.y - pointer.start.y) < DRAG) {
      return;
    }
    if (!this.#dragged) {
      this.#dragged = true;
      this.#view.setPointerCapture(event.pointerId);
      this.#view.classList.add("dragging");
    }
    pointer.now = now;
    const other = [...this.#pointers.entries()].find(([id]) => id !== event.pointerId)?.[1].now;
    if (other) {
      const apart = (a) => Math.max(1, Math.hypot(a.x - other.x, a.y - other.y));
      this.zoom(apart(now) / apart(before), other, false);
      return;
    }
    this.#x += now.x - before.x;
    this.#y += now.y - before.y;
    this.#fitted = false;
    this.#apply(false);
  }

  #release(event) {
    this.#pointers.delete(event.pointerId);
    if (this.#pointers.size === 0) {
      this.#view.classList.remove("dragging");
      setTimeout(() => (this.#dragged = false)); // after the click that ends a drag
    }
  }
}

const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

/** How far to move a stretch so that it is within 0 and `room`, or begins there. */
function inward(start, length, room) {
  const margin = Math.min(MARGIN * 2, room / 8);
  if (start < margin || length > room - 2 * margin) {
    return start < margin || start > room - margin ? margin - start : 0;
  }
  return Math.min(0, room - margin - (start + length));
}
