/**
 * The network of a training: units in columns, weights as lines whose width and colour follow the
 * epochs, and in each unit a map of what it computes over the plane of the two inputs.
 */

import { columnsOf } from "chainrule/columns.js";
import { bytesOf } from "chainrule/data.js";
import { diverging, neutralOf } from "chainrule/diverging.js";
import { html } from "chainrule/dom.js";
import { largest, lookOf } from "chainrule/flows.js";
import { allDigits, formatNumber } from "chainrule/format.js";
import { svg } from "chainrule/svg.js";
import { visible } from "chainrule/text.js";

/** Sizes in pixels: of a unit, and from one to the next; those of a network with a long column. */
const ROOMY = { unit: 58, along: 190, across: 96, widest: 1 };
const DENSE = { unit: 36, along: 240, across: 44, widest: 0.45 };
const NARROWEST = 100; // from one column to the next, on a small screen
const PADDING = 16; // of what it is in
const LONG = 7; // units of a column
const ROOM = 3; // characters of a name in a tile
const MARGIN = { left: 74, right: 40, top: 52, bottom: 44 };
const LARGEST = 1.5; // times as large as drawn, where there is room
const DIGITS = 3;
const SHOWN = { data: "weights", grad: "gradients" };

/** The picture of the network. */
export class NetworkView {
  #page;
  #choose;
  #columns;
  #weights = [];
  #units = [];
  #pixels;
  #canvas = document.createElement("canvas");
  #kind = "data";
  #frame = 0;
  #scale;
  #size;
  #room;
  #note = html("p", { class: "note" });

  /**
   * @param {HTMLElement} container - is filled.
   * @param {import("chainrule/data.js").Page} page - with a network.
   * @param {(chosen: {parameter: number} | {unit: object}) => void} choose - is told what is clicked.
   */
  constructor(container, page, choose) {
    this.#page = page;
    this.#choose = choose;
    this.#pixels = page.network.maps ? bytesOf(page.network.maps.pixels) : null;
    this.#scale = page.parameters.everyData();
    this.#columns = columnsOf(page.network);
    this.#room = container.clientWidth - 2 * PADDING;
    const picture = this.#draw();
    container.append(this.#choice(), html("div", { class: "network-scroll" }, picture), this.#note);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.show(this.#frame));
  }

  /**
   * Show one frame.
   *
   * @param {number} frame
   */
  show(frame) {
    this.#frame = frame;
    const { all } = this.#page.parameters;
    const numbers = this.#page.parameters.frame(frame);
    const column = this.#kind === "data" ? this.#scale : numbers.grads;
    for (const { element, title, parameter } of this.#weights) {
      const x = this.#kind === "data" ? numbers.data(parameter) : numbers.grad(parameter);
      paint(element, lookOf({ low: x, high: x }, { low: column, high: column }), this.#size.widest);
      const words = `${visible(all[parameter].path)}: ${said(numbers, parameter)}`;
      title.textContent = words;
      element.setAttribute("aria-label", words);
      element.dataset.number = String(x);
    }
    for (const unit of this.#units) {
      if (unit.bias !== null) {
        const x = this.#kind === "data" ? numbers.data(unit.bias) : numbers.grad(unit.bias);
        unit.text.textContent = `${unit.image ? "b " : ""}${formatNumber(x, DIGITS)}`;
      }
      if (unit.image) {
        unit.image.setAttribute("href", this.#map(unit, frame));
      }
    }
    this.#note.textContent = this.#caption(column);
  }

  /**
   * Let a weight or unit stand out.
   *
   * @param {{parameter?: number, unit?: object} | null} chosen
   */
  mark(chosen) {
    for (const { element, parameter } of this.#weights) {
      element.classList.toggle("chosen", chosen?.parameter === parameter);
    }
    for (const unit of this.#units) {
      const isIts = unit.bias !== null && chosen?.parameter === unit.bias;
      const isIn = isIts || (unit.of !== undefined && chosen?.unit === unit.of);
      unit.element.classList.toggle("chosen", isIn);
    }
  }

  #choice() {
    const buttons = Object.entries(SHOWN).map(([kind, words]) => {
      const made = html(
        "button",
        { type: "button", "data-shows": kind, "aria-pressed": String(kind === this.#kind) },
        words,
      );
      made.addEventListener("click", () => {
        this.#kind = kind;
        for (const other of buttons) {
          other.setAttribute("aria-pressed", String(other === made));
        }
        this.show(this.#frame);
      });
      return made;
    });
    return html("p", { class: "shows" }, html("span", {}, "Lines are "), ...buttons);
  }

  #caption(column) {
    const most = largest({ low: column, high: column });
    const what = this.#kind === "data" ? "weight" : "gradient of this epoch";
    const lines = `Orange and solid is above zero, blue and dashed below; the widest line is a ${what} of ${formatNumber(most, DIGITS)}.`;
    const maps = this.#pixels ? " The map in a unit is its output all over the plane of the inputs." : "";
    return `${lines}${maps} Click a line for its chain rule, a unit for all of its parameters.`;
  }

  #draw() {
    const tallest = Math.max(...this.#columns.map((column) => column.slots.length));
    this.#size = tallest > LONG ? DENSE : ROOMY;
    const { unit: side, across } = this.#size;
    const gaps = this.#columns.length - 1;
    const along = between(NARROWEST, (this.#room - MARGIN.left - MARGIN.right - side) / gaps, this.#size.along);
    const width = MARGIN.left + MARGIN.right + side + along * gaps;
    const height = MARGIN.top + MARGIN.bottom + side + across * (tallest - 1);
    const place = (c, slot) => ({
      x: MARGIN.left + side / 2 + along * c,
      y: MARGIN.top + side / 2 + across * (slot + (tallest - this.#columns[c].slots.length) / 2),
    });
    const [lines, units] = [svg("g"), svg("g")];
    for (const [c, column] of this.#columns.entries()) {
      units.append(heading(column, place(c, 0).x));
      for (const [slot, unit] of column.slots.entries()) {
        const centre = place(c, slot);
        if (unit === null) {
          units.append(svg("text", { class: "left-out", x: centre.x, y: centre.y + 5 }, `⋮ ${column.size - column.slots.length + 1} more`));
          continue;
        }
        units.append(c === 0 ? this.#input(unit, centre) : this.#unit(unit, centre));
        for (const [k, parameter] of (unit.of?.weights ?? []).entries()) {
          if (parameter !== null) {
            const before = this.#columns[c - 1].slots.findIndex((one) => one?.k === k);
            lines.append(this.#weight(parameter, place(c - 1, before), centre));
          }
        }
      }
    }
    const picture = svg(
      "svg",
      {
        class: `network graph ${this.#size === DENSE ? "dense" : ""}`,
        viewBox: `0 0 ${width} ${height}`,
        role: "group",
        "aria-label": "The network: inputs at the left, each weight a line",
        style: `width: min(100%, ${width * LARGEST}px); min-width: ${width}px; max-height: max(100%, ${height}px)`,
      },
      lines,
      units,
    );
    return picture;
  }

  #input(unit, centre) {
    const { element, image } = this.#tile(centre, "input");
    const isOutside = image || unit.name.length > ROOM;
    const place = isOutside ? { class: "name", x: -this.#size.unit / 2 - 10 } : { class: "name inside", x: 0 };
    element.append(svg("text", { ...place, y: 5 }, unit.name));
    if (image) {
      this.#units.push({ element, image, input: unit.k, bias: null });
    }
    return element;
  }

  #unit(unit, centre) {
    const { element, image } = this.#tile(centre, "unit");
    const text = svg("text", { class: "bias", y: image ? this.#size.unit / 2 + 17 : 5 });
    element.append(svg("title", {}, visible(unit.of.path) || "neuron"));
    if (this.#size === ROOMY) {
      element.append(text);
    }
    this.#units.push({ ...unit, element, image, text, bias: unit.of.bias });
    button(element, `unit ${visible(unit.of.path) || "neuron"}`, () => this.#choose({ unit: unit.of }), 0);
    return element;
  }

  /** A square, with a map in it if there are maps. */
  #tile({ x, y }, look) {
    const { unit: side } = this.#size;
    const box = { x: -side / 2, y: -side / 2, width: side, height: side };
    const element = svg("g", { class: `tile ${look}`, transform: `translate(${x},${y})` });
    const image = this.#pixels ? svg("image", { ...box, preserveAspectRatio: "none" }) : null;
    element.append(svg("rect", { ...box, class: "ground", rx: 4 }), ...(image ? [image] : []));
    element.append(svg("rect", { ...box, class: "border", rx: 4 }));
    return { element, image };
  }

  #weight(parameter, from, to) {
    const [x, end] = [from.x + this.#size.unit / 2, to.x - this.#size.unit / 2];
    const bend = (end - x) * 0.45;
    const d = `M${x},${from.y}C${x + bend},${from.y} ${end - bend},${to.y} ${end},${to.y}`;
    const title = svg("title");
    const element = svg(
      "g",
      { class: "link weight" },
      title,
      svg("path", { class: "edge", d }),
      svg("path", { class: "hit", d }),
    );
    button(element, "", () => this.#choose({ parameter }), -1);
    this.#weights.push({ element, title, parameter });
    return element;
  }

  /** The map of a unit as a picture of few pixels, which the browser makes smooth. */
  #map(unit, frame) {
    const { size } = this.#page.network.maps;
    const neutral = neutralOf(getComputedStyle(unit.element));
    const data = new ImageData(size, size);
    const from = unit.input === undefined ? (frame * this.#count + unit.index) * size * size : null;
    for (let i = 0; i < size * size; i += 1) {
      const share = from === null ? this.#inputAt(unit.input, i, size) : (this.#pixels[from + i] - 128) / 127;
      data.data.set([...diverging(share, neutral), 255], 4 * i);
    }
    this.#canvas.width = this.#canvas.height = size;
    this.#canvas.getContext("2d").putImageData(data, 0, 0);
    return this.#canvas.toDataURL();
  }

  #inputAt(input, i, size) {
    const [low, high] = input === 0 ? this.#page.boundary.x : this.#page.boundary.y;
    const step = input === 0 ? i % size : size - 1 - Math.floor(i / size);
    const x = low + ((high - low) * step) / (size - 1);
    return x / Math.max(Math.abs(low), Math.abs(high), Number.MIN_VALUE);
  }

  /** How many units are shown. */
  get #count() {
    return this.#columns.slice(1).reduce((sum, { slots }) => sum + slots.filter(Boolean).length, 0);
  }
}

function heading({ title, activation, size }, x) {
  const about = [activation === "identity" ? "" : activation, size > 1 ? `${size}` : ""].filter(Boolean);
  return svg(
    "g",
    { class: "heading" },
    svg("text", { class: "title", x, y: 16 }, visible(title)),
    svg("text", { class: "small", x, y: 33 }, about.join(" × ")),
  );
}

const between = (least, x, most) => Math.min(Math.max(least, x), most);

const said = (numbers, parameter) =>
  `${allDigits(numbers.data(parameter))}, gradient ${allDigits(numbers.grad(parameter))}`;

function paint(element, { sign, width, strength }, widest) {
  element.setAttribute("class", `link weight ${sign}${element.classList.contains("chosen") ? " chosen" : ""}`);
  element.style.setProperty("--width", `${(width * widest).toFixed(2)}px`);
  element.style.setProperty("--strength", `${Math.round(strength * 100)}%`);
}

/** Let an element of a picture act as a button. */
function button(element, label, act, tabindex) {
  element.setAttribute("role", "button");
  element.setAttribute("tabindex", String(tabindex));
  element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      event.stopPropagation();
      act();
    }
  });
}
