/**
 * Nodes and folded boxes as elements of SVG. A mark is drawn once from its card; after that only
 * its attributes and the texts of its numbers change, so that playing moves nothing.
 */

import { ALARM, FOLD_SIGN, isFiniteSpan } from "chainrule/cards.js";
import { depthOf } from "chainrule/folds.js";
import { exact, formatSpan, inThousands } from "chainrule/format.js";
import { KINDS, signOf } from "chainrule/names.js";
import { outline, svg } from "chainrule/svg.js";
import { visible } from "chainrule/text.js";
import { titleOf, titleWithin } from "chainrule/titles.js";

const STATES = ["dim", "forward", "backward"];
const HEAD = 13; // the size of the font of a head, in pixels; style.css says the same
const FEW_DIGITS = 4; // enough to hear
const WORDS = { data: "data", grad: "gradient" };

/**
 * @typedef {object} State - what a mark shows at a moment.
 * @property {0 | 1 | 2} lit - not reached, reached forward, reached backward.
 * @property {boolean} active - whether this is its step.
 * @property {{low: number, high: number} | null} data - null while it is not known.
 * @property {{low: number, high: number} | null} grad - null while there is none.
 */

/** One node, or one folded box. */
export class Mark {
  #page;
  #words;
  #texts = new Map();
  #title = svg("title");
  #shown = {};

  /**
   * @param {object} page - from data.js.
   * @param {import("chainrule/folds.js").Item} item
   * @param {import("chainrule/cards.js").Card} card
   * @param {{x: number, y: number}} centre
   */
  constructor(page, item, card, centre) {
    this.#page = page;
    this.item = item;
    this.card = card;
    this.centre = centre;
    this.#words = item.node === null ? boxWords(page, item, card) : nodeWords(page, item.node);
    this.element = this.#draw();
  }

  /** @returns {{x: number, y: number, width: number, height: number}} where it is. */
  get rectangle() {
    const { width, height } = this.card;
    return { x: this.centre.x - width / 2, y: this.centre.y - height / 2, width, height };
  }

  /** @param {State} state */
  update(state) {
    this.#set("data-state", STATES[state.lit]);
    this.element.classList.toggle("active", state.active);
    const said = [];
    for (const kind of ["data", "grad"]) {
      const span = state[kind];
      this.#set(`data-${kind}`, span && exact(span.low, span.high));
      if (span) {
        said.push(`${WORDS[kind]} ${formatSpan(span.low, span.high, FEW_DIGITS)}`);
      }
      this.#write(kind, span);
    }
    const alarm = [state.data, state.grad].some((span) => span && !isFiniteSpan(span));
    this.element.classList.toggle("alarm", alarm);
    this.#set("aria-label", [this.#words.name, ...said].join(", "));
    this.#setTitle();
  }

  /**
   * Show whether it is the node that is chosen.
   *
   * @param {boolean} isChosen
   */
  press(isChosen) {
    if (this.item.node !== null) {
      this.#set("aria-pressed", String(isChosen));
    }
  }

  #setTitle() {
    const lines = [this.#words.tooltip];
    for (const kind of ["data", "grad"]) {
      const text = this.#shown[`data-${kind}`];
      if (text !== null && text !== undefined) {
        lines.push(`${kind} = ${text}`);
      }
    }
    const text = lines.join("\n");
    if (this.#title.textContent !== text) {
      this.#title.textContent = text;
    }
  }

  #set(name, value) {
    if (this.#shown[name] === value) {
      return;
    }
    this.#shown[name] = value;
    if (value === null) {
      this.element.removeAttribute(name);
    } else {
      this.element.setAttribute(name, value);
    }
  }

  #write(kind, span) {
    const text = this.#texts.get(kind);
    if (!text) {
      return;
    }
    const number = span ? formatSpan(span.low, span.high, this.#page.precision) : "";
    const shown = span && !isFiniteSpan(span) ? ALARM + number : number;
    if (text.textContent !== shown) {
      text.textContent = shown;
    }
  }

  #draw() {
    const { card } = this;
    const { shape, width, height } = card;
    const part = (look, grow = 0, extra = {}) =>
      svg("path", { class: look, d: outline(shape, width, height, grow), ...extra });
    const group = svg("g", {
      class: `node ${card.look}`,
      transform: `translate(${this.centre.x},${this.centre.y})`,
      tabindex: -1,
    });
    group.append(this.#title, part("halo", 5));
    if (card.stacked) {
      group.append(part("behind", 0, { transform: "translate(4,4)" }));
    }
    group.append(part("body"));
    if (card.look === "output") {
      group.append(part("second", -3.5));
    }
    if (card.bar !== null) {
      group.append(titleBar(card));
    }
    for (const { text, x, y, look } of card.lines) {
      group.append(svg("text", { class: look, x, y }, text));
    }
    for (const { kind, caption, x, y } of card.rows) {
      const row = svg("g", { class: `row ${kind}` });
      if (caption) {
        row.append(svg("text", { class: "caption", x: -x, y }, caption));
      }
      const look = caption ? "number" : "number alone";
      const number = svg("text", { class: look, x: caption ? x : 0, y });
      this.#texts.set(kind, number);
      row.append(number);
      group.append(row);
    }
    for (const [name, value] of Object.entries(this.#words.attributes)) {
      group.setAttribute(name, value);
    }
    return group;
  }
}

function titleBar({ width, height, bar: depth }) {
  const [x, y, r] = [width / 2, height / 2, 4];
  const bottom = depth - y;
  const corner = `a${r},${r} 0 0 1 ${r}`;
  return svg("path", {
    class: "bar",
    d: `M${-x},${bottom}V${r - y}${corner},${-r}H${x - r}${corner},${r}V${bottom}Z`,
  });
}

/** What does not change in a folded box: its names, and that it is a button. */
function boxWords(page, item, card) {
  const title = visible(titleOf(page, item.box));
  const contents = card.lines.slice(1).map((line) => line.text);
  return {
    name: [`${title}, folded`, ...contents].join(", "),
    tooltip: [title, ...contents, "click to unfold"].join("\n"),
    attributes: { role: "button", "aria-expanded": "false", "data-box": item.box },
  };
}

/** What does not change in a node: what it is, in words. */
function nodeWords(page, index) {
  const node = page.nodes[index];
  const attributes = { role: "button", "aria-pressed": "false", "data-name": node.name };
  const several = Math.max(node.count, node.repeats);
  const times = several > 1 ? [node.turns > 1 ? `${inThousands(node.turns)} turns` : `${inThousands(several)} of them`] : [];
  if (node.kind === "operation" || node.kind === "unit") {
    const title = node.kind === "unit" ? visible(node.title) : signOf(node.symbol);
    const lines = [title, ...node.lines.map((line) => visible(line)), ...times];
    return { name: `${node.kind} ${lines.join(", ")}`, tooltip: lines.join("\n"), attributes };
  }
  const names = [node.label, node.path].filter((name) => name !== "").map((name) => visible(name));
  const maker = page.inputs[index].map((edge) => page.nodes[page.edges[edge].tail])[0];
  const made = maker ? [`made by ${maker.symbol ? signOf(maker.symbol) : visible(maker.title)}`] : [];
  const kind = KINDS[node.role];
  const called = names.length > 0 ? `${kind} ${names[0]}` : kind;
  return {
    name: [called, ...names.slice(1), ...made, ...times].join(", "),
    tooltip: [names[0] ?? kind, ...names.slice(1), ...times].join("\n"),
    attributes,
  };
}

/**
 * What the head of an unfolded box says, and where it is.
 *
 * @param {object} page
 * @param {number} box
 * @param {import("chainrule/rectangles.js").Rectangle} frame - around the box.
 * @param {import("chainrule/text.js").Ruler} ruler
 * @returns {{frame: object, shown: string, title: object}} the frame, the text, and the rectangle of
 *   the head.
 */
export function headOf(page, box, frame, ruler) {
  const label = visible(titleWithin(page, box)).replaceAll("\n", " ");
  const shown = ruler.shorten(label, frame.width - 34, HEAD, 600);
  const width = Math.min(frame.width - 4, 30 + ruler.width(shown, HEAD, 600));
  return { frame, shown, title: { x: frame.x + 2, y: frame.y + 2, width, height: 19 } };
}

/**
 * The frame around an unfolded box, and the head by which it is folded.
 *
 * @param {object} page
 * @param {number} box
 * @param {object} head - from `headOf`.
 * @returns {{border: SVGElement, head: SVGElement}}
 */
export function drawFrame(page, box, { frame, shown, title }) {
  const { x, y, width, height } = frame;
  const name = visible(titleOf(page, box)).replaceAll("\n", " ");
  const head = svg(
    "g",
    {
      class: "head",
      role: "button",
      tabindex: -1,
      "aria-expanded": "true",
      "aria-label": `${name}, unfolded`,
      "data-box": box,
      transform: `translate(${x},${y})`,
    },
    svg("title", {}, `${name}\nclick to fold`),
    svg("rect", { class: "head-body", rx: 4, x: 2, y: 2, width: title.width, height: title.height }),
    svg("text", { class: "sign", x: 12, y: 15 }, FOLD_SIGN.unfolded),
    svg("text", { class: "head-title", x: 22, y: 14.5 }, shown),
  );
  const depth = depthOf(page.boxes, box) % 2;
  return { border: svg("rect", { class: `frame depth-${depth}`, x, y, width, height, rx: 8 }), head };
}
