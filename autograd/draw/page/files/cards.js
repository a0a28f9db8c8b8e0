/**
 * What an item of the graph says, line by line, and how large it is for that. Where each line
 * stands is fixed here once, with room for the longest number of any frame; `graph.js` draws the
 * card and later only exchanges the numbers on it.
 */

import { formatSpan, inThousands } from "chainrule/format.js";
import { nameOf, signOf } from "chainrule/names.js";
import { linesOf, visible } from "chainrule/text.js";
import { titleWithin, within } from "chainrule/titles.js";

const TITLE = 14; // sizes of fonts, in pixels; style.css says the same
const SMALL = 13; // no text of the page is smaller
const CAPTION = 13;
const SYMBOL = 17;
const NUMBER = 14;
const LEADING = { title: 18, small: 16, row: 18 };
const PADDING = { x: 9, y: 6 };
const GAP = 7; // between a caption and its number
const SHEET = 96; // as wide is a unit at least
const WIDEST_TEXT = 240;
const WIDEST_LABEL = 170; // of one line of it
const MOST_LINES = 3; // of one label
const IN_COLUMNS = new Set(["parameter", "unit", "box"]); // of one box
const MOST_FRAMES = 48; // of a training, looked at for the longest number
/** Before the title of a box: what a click on it does. */
export const FOLD_SIGN = { folded: "▸", unfolded: "▾" };
/** Says without colour that a number is not finite. */
export const ALARM = "⚠ ";

const SHAPES = {
  input: "square",
  parameter: "cut",
  constant: "pill",
  intermediate: "rounded",
  output: "rounded",
};

/**
 * @typedef {object} Card
 * @property {string} shape - a key of the outlines in svg.js.
 * @property {string} look - the class that says what it is: a role, "operation", "unit" or "box".
 * @property {number} width
 * @property {number} height
 * @property {boolean} stacked - whether it stands for several.
 * @property {number | null} bar - where the bar under its title ends, or null.
 * @property {{text: string, x: number, y: number, look: string}[]} lines
 * @property {{kind: "data" | "grad", caption: string, x: number, y: number, look: string}[]} rows
 */

/**
 * The smallest and the largest of the numbers that an item shows.
 *
 * @param {import("chainrule/folds.js").Item} item
 * @param {{low: Float64Array, high: Float64Array}} spans - of all nodes.
 * @param {(node: number) => boolean} isKnown - whether a NaN there is what came out, and not a gap.
 * @returns {{low: number, high: number} | null} null if none of them is known.
 */
export function spanOf(item, spans, isKnown) {
  let span = null;
  for (const node of item.node === null ? item.results : [item.node]) {
    const low = spans.low[node];
    const high = spans.high[node];
    if (!Number.isNaN(low) || isKnown(node)) {
      // Math.min and Math.max keep a NaN: it must not get lost among other numbers.
      span = span
        ? { low: Math.min(span.low, low), high: Math.max(span.high, high) }
        : { low, high };
    }
  }
  return span;
}

/**
 * Whether there is no NaN and no infinity in a span.
 *
 * @param {{low: number, high: number}} span
 * @returns {boolean}
 */
export function isFiniteSpan({ low, high }) {
  return Number.isFinite(low) && Number.isFinite(high);
}

/** Makes cards for the items of one page. */
export class CardMaker {
  #page;
  #ruler;
  #samples;

  /**
   * @param {object} page - from data.js.
   * @param {import("chainrule/text.js").Ruler} ruler
   */
  constructor(page, ruler) {
    this.#page = page;
    this.#ruler = ruler;
    const { count } = page.frames;
    const step = Math.max(1, count / MOST_FRAMES);
    this.#samples = [];
    for (let at = 0; at < count - 1; at += step) {
      this.#samples.push(page.frame(Math.floor(at)));
    }
    this.#samples.push(page.frame(count - 1));
  }

  /**
   * The cards of items. Those of one look in one box are equally wide: so they stand in a column.
   *
   * @param {import("chainrule/folds.js").Item[]} items
   * @returns {Card[]}
   */
  cards(items) {
    const cards = items.map((item) => this.#card(item));
    const groupOf = (index) => `${items[index].parent} ${cards[index].look}`;
    const widest = new Map();
    for (const [index, { look, width }] of cards.entries()) {
      if (items[index].parent !== null && IN_COLUMNS.has(look)) {
        const group = groupOf(index);
        widest.set(group, Math.max(width, widest.get(group) ?? 0));
      }
    }
    return cards.map((card, index) => widened(card, widest.get(groupOf(index)) ?? card.width));
  }

  #card(item) {
    if (item.box !== null) {
      return this.#sheet(item, "box", titleWithin(this.#page, item.box), this.#contents(item));
    }
    const node = this.#page.nodes[item.node];
    if (node.kind === "unit") {
      const lines = node.repeats > 1 ? [...node.lines, `× ${inThousands(node.repeats)}`] : node.lines;
      const around = node.box === null ? null : this.#page.boxes[node.box].title;
      const title = around === null ? node.title : within(node.title, around);
      return this.#sheet(item, "unit", title, lines);
    }
    return node.kind === "operation" ? this.#circle(node) : this.#plate(item, node);
  }

  /** A number: what it is called, where it is in the model, its data and its gradient. */
  #plate(item, node) {
    const texts = this.#names(item, node);
    const count = node.count > 1 ? `× ${inThousands(node.count)}` : "";
    const isNumber = node.kind === "number";
    if (count && !isNumber) {
      texts.push(this.#text(count, "small", SMALL));
    }
    const captions = isNumber ? { data: count } : { data: "data", grad: "grad" };
    return this.#stack(item, texts, captions, {
      shape: SHAPES[node.role],
      look: node.role,
      stacked: node.count > 1,
      bar: null,
    });
  }

  /** Its label, or else the name by which formulas call it. */
  #names(item, node) {
    const called = nameOf(this.#page, item.node);
    if (node.label) {
      const lines = linesOf(node.label)
        .flatMap((line) => this.#ruler.wrapped(line, WIDEST_LABEL, TITLE, 600, MOST_LINES))
        .map((line) => this.#text(line, "title", TITLE, 600));
      return node.path
        ? [...lines, this.#text(this.#relativePath(node), "small", SMALL)]
        : lines;
    }
    if (node.kind === "number") {
      return [];
    }
    return [node.path ? this.#text(called, "title", TITLE, 600) : this.#text(called, "small", SMALL)];
  }

  /** A unit or a folded box: a title above a bar, what is in it, and what comes out of it. */
  #sheet(item, look, title, lines) {
    const texts = [
      this.#text(look === "box" ? `${FOLD_SIGN.folded} ${title}` : title, "bar-title", TITLE, 600),
      ...lines.map((line) => this.#text(line, "small", SMALL)),
    ];
    const repeats = item.node === null ? 1 : this.#page.nodes[item.node].repeats;
    const isDeadEnd = item.node === null && item.results.length === 0;
    return this.#stack(item, texts, isDeadEnd ? {} : { data: "out", grad: "grad" }, {
      shape: "sheet",
      look,
      stacked: look === "box" || repeats > 1,
      bar: LEADING.title + 8,
    });
  }

  #circle(node) {
    const text = this.#text(signOf(node.symbol), "symbol", SYMBOL);
    const several = node.count > 1;
    const lines = [{ text: text.text, x: 0, y: several ? -1 : 5.5, look: "symbol" }];
    let { width } = text;
    if (several) {
      const count = this.#text(`× ${inThousands(node.count)}`, "small", SMALL);
      lines.push({ text: count.text, x: 0, y: 13, look: "small" });
      width = Math.max(width, count.width);
    }
    const size = several ? 48 : 34;
    return {
      shape: "ellipse",
      look: "operation",
      width: Math.max(size, width + 20),
      height: size,
      stacked: several,
      bar: null,
      lines,
      rows: [],
    };
  }

  /** Lines of text above rows of a caption and a number, and the size that takes. */
  #stack(item, texts, captions, rest) {
    const rows = Object.entries(captions).map(([kind, caption]) => ({
      kind,
      caption,
      width: this.#rowWidth(item, kind, caption),
    }));
    const width = Math.ceil(
      Math.max(rest.bar === null ? 0 : SHEET, ...[...texts, ...rows].map((part) => part.width)) +
        2 * PADDING.x,
    );
    let height = rest.bar === null ? PADDING.y : 4;
    const lines = [];
    for (const [index, { text, look }] of texts.entries()) {
      height += LEADING[look === "small" ? "small" : "title"];
      lines.push({ text, x: 0, y: height - 4, look });
      if (index === 0 && rest.bar !== null) {
        height = rest.bar + 3;
      }
    }
    const placed = [];
    for (const { kind, caption } of rows) {
      height += LEADING.row;
      placed.push({ kind, caption, x: width / 2 - PADDING.x, y: height - 4, look: "row" });
    }
    height = Math.ceil(height + PADDING.y - (texts.length === 0 && rows.length === 1 ? 2 : 0));
    for (const part of [...lines, ...placed]) {
      part.y -= height / 2;
    }
    return { ...rest, width, height, lines, rows: placed };
  }

  #text(text, look, size, weight = 400) {
    const shown = this.#ruler.shorten(visible(text), WIDEST_TEXT, size, weight);
    return { text: shown, look, width: this.#ruler.width(shown, size, weight) };
  }

  #rowWidth(item, kind, caption) {
    let longest = 0;
    for (const frame of this.#samples) {
      const span = spanOf(item, frame[kind], () => true);
      if (span) {
        const text = formatSpan(span.low, span.high, this.#page.precision);
        const alarm = isFiniteSpan(span) ? 0 : this.#ruler.width(ALARM, NUMBER, 700);
        longest = Math.max(longest, alarm + this.#ruler.digits(text.length, NUMBER));
      }
    }
    const number = Math.max(longest, this.#ruler.digits(1, NUMBER));
    return caption ? this.#ruler.width(caption, CAPTION) + GAP + number : number;
  }

  /** The part of a path that the title of the box around does not say already. */
  #relativePath(node) {
    return node.box === null ? node.path : within(node.path, this.#page.boxes[node.box].title);
  }

  #contents(item) {
    const counts = { value: 0, operation: 0, number: 0, unit: 0 };
    for (const member of item.members) {
      const node = this.#page.nodes[member];
      counts[node.kind] += node.kind === "unit" ? node.repeats : node.count;
    }
    const values = counts.value + counts.number;
    return [
      [values, "value"],
      [counts.operation, "operation"],
      [counts.unit, "part"],
    ]
      .filter(([count]) => count > 0)
      .map(([count, noun]) => `${inThousands(count)} ${noun}${count === 1 ? "" : "s"}`);
  }
}

function widened(card, width) {
  const more = (width - card.width) / 2;
  return { ...card, width, rows: card.rows.map((row) => ({ ...row, x: row.x + more })) };
}
