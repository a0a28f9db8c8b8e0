/** The decision boundary: what the network says all over the plane of its two inputs, as colours. */

import { apart, fitting, labelled } from "chainrule/axis.js";
import { bytesOf } from "chainrule/data.js";
import { diverging, neutralOf } from "chainrule/diverging.js";
import { html } from "chainrule/dom.js";
import { formatNumber } from "chainrule/format.js";

const SIDE = 300; // of the picture, in pixels of the style sheet
const MARGIN = { left: 58, right: 8, top: 8, bottom: 40 }; // at the left more, if numbers are long
const NAME = 26; // of the margin, for the name of an axis
const MOST_TICKS = 5;
const RADIUS = 4;
const LEVELS = 256;

/** The picture of a boundary. */
export class PlaneView {
  /** What is put into the page. */
  element;

  #page;
  #boundary;
  #pixels;
  #middle;
  #canvas = html("canvas", { id: "boundary", role: "img" });
  #image = document.createElement("canvas");
  #frame = 0;
  #area = areaBeside(0);

  /** @param {import("chainrule/data.js").Page} page - with a boundary. */
  constructor(page) {
    this.#page = page;
    this.#boundary = page.boundary;
    this.#pixels = bytesOf(page.boundary.pixels);
    this.#middle = middleOf(page.boundary);
    this.#image.width = this.#image.height = page.boundary.size;
    this.element = html(
      "figure",
      { class: "plane" },
      html("figcaption", {}, html("b", {}, "What the network says")),
      this.#canvas,
      this.#legend(),
    );
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  /**
   * Show one frame.
   *
   * @param {number} frame
   */
  show(frame) {
    this.#frame = frame;
    this.#draw();
  }

  #draw() {
    const scale = devicePixelRatio || 1;
    this.#canvas.width = this.#canvas.height = SIDE * scale;
    const context = this.#canvas.getContext("2d");
    context.scale(scale, scale);
    const style = getComputedStyle(this.#canvas);
    context.font = `14px ${style.fontFamily}`;
    const upward = labelled(...this.#boundary.y, MOST_TICKS);
    this.#area = areaBeside(Math.max(...upward.map(({ text }) => context.measureText(text).width)));
    this.#drawOutputs(context, style);
    this.#drawAxes(context, style, upward);
    this.#drawPoints(context);
    const { x, y, names } = this.#boundary;
    const [epoch] = this.#page.frames.epochs.slice(this.#frame);
    this.#canvas.setAttribute(
      "aria-label",
      `Decision boundary at epoch ${epoch}: the output of the network for ${names[0]} from ` +
        `${range(x)} and ${names[1]} from ${range(y)}.`,
    );
  }

  #drawOutputs(context, style) {
    const { size, low, high } = this.#boundary;
    const neutral = neutralOf(style);
    const reach = Math.max(this.#middle - low, high - this.#middle);
    const palette = Array.from({ length: LEVELS }, (_, level) => {
      const output = low + ((high - low) * level) / (LEVELS - 1);
      return diverging((output - this.#middle) / reach, neutral);
    });
    const data = new ImageData(size, size);
    const from = this.#frame * size * size;
    for (let i = 0; i < size * size; i += 1) {
      data.data.set(palette[this.#pixels[from + i]], 4 * i);
      data.data[4 * i + 3] = 255;
    }
    this.#image.getContext("2d").putImageData(data, 0, 0);
    const { left, top, width, height } = this.#area;
    context.drawImage(this.#image, left, top, width, height);
  }

  #drawAxes(context, style, upward) {
    const { x, names } = this.#boundary;
    const { left, top, width, height } = this.#area;
    const colour = style.color;
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
    context.textAlign = "center";
    const along = labelled(...x, MOST_TICKS);
    const wide = (text) => context.measureText(text).width;
    for (const { at, text } of fitting(along, (number) => this.#across(number), SIDE, wide)) {
      context.fillText(text, at, top + height + 15);
    }
    context.fillText(names[0], left + width / 2, top + height + 32);
    context.textAlign = "right";
    for (const { number, text } of upward) {
      context.fillText(text, left - 5, this.#down(number) + 4);
    }
    context.save();
    context.translate(14, top + height / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(names[1], 0, 0);
    context.restore();
  }

  #drawPoints(context) {
    const { points } = this.#boundary;
    for (const [x, y, target] of points) {
      drawPoint(context, this.#across(x), this.#down(y), target > this.#middle);
    }
  }

  #across(value) {
    const [from, to] = this.#boundary.x;
    return this.#area.left + ((value - from) / (to - from)) * this.#area.width;
  }

  #down(value) {
    const [from, to] = this.#boundary.y;
    return this.#area.top + ((to - value) / (to - from)) * this.#area.height;
  }

  /** Which shape means which target, and which colour which output. */
  #legend() {
    const { low, high, points } = this.#boundary;
    const [lowest, highest] = apart([low, high]);
    const targets = [false, true].flatMap((isAbove) => {
      const those = points.map(([, , target]) => target).filter((t) => t > this.#middle === isAbove);
      return those.length === 0 ? [] : [this.#legendEntry(isAbove, those)];
    });
    return html(
      "p",
      { class: "plane-key" },
      ...targets,
      html(
        "span",
        { class: "ramp-entry" },
        lowest,
        html("span", { class: "ramp", "aria-hidden": "true" }),
        `${highest} output`,
      ),
    );
  }

  #legendEntry(isAbove, targets) {
    const sample = html("canvas", { width: 28, height: 28, class: "marker", "aria-hidden": "true" });
    const context = sample.getContext("2d");
    context.scale(2, 2);
    drawPoint(context, 7, 7, isAbove);
    const [least, most] = [Math.min(...targets), Math.max(...targets)];
    const name = isAbove ? "triangles" : "circles";
    const said = least === most ? say(least) : range([least, most]);
    return html("span", {}, sample, ` ${name}: target ${said}`);
  }
}

/** Where the plane is, beside numbers of this width. */
function areaBeside(numbers) {
  const left = Math.max(MARGIN.left, NAME + numbers);
  const { right, top, bottom } = MARGIN;
  return { left, top, width: SIDE - left - right, height: SIDE - top - bottom };
}

const say = (number) => formatNumber(number, 3);

const range = (ends) => apart(ends).join(" to ");

/** Between the targets lies the boundary; without targets, in the middle of the outputs. */
function middleOf({ low, high, points }) {
  const targets = points.map(([, , target]) => target);
  return targets.length > 0
    ? (Math.min(...targets) + Math.max(...targets)) / 2
    : (low + high) / 2;
}

function drawPoint(context, x, y, isAbove) {
  context.beginPath();
  if (isAbove) {
    context.moveTo(x, y - RADIUS * 1.25);
    context.lineTo(x + RADIUS * 1.15, y + RADIUS * 0.85);
    context.lineTo(x - RADIUS * 1.15, y + RADIUS * 0.85);
    context.closePath();
  } else {
    context.arc(x, y, RADIUS, 0, 2 * Math.PI);
  }
  const [red, green, blue] = diverging(isAbove ? 1 : -1, [255, 255, 255]);
  context.fillStyle = `rgb(${red} ${green} ${blue})`;
  context.fill();
  context.strokeStyle = "white";
  context.lineWidth = 1.2;
  context.stroke();
}
