/** The loss over the epochs as a line, with a cursor at the epoch that is shown. */

import { labelled, powers, scale, ticks } from "chainrule/axis.js";
import { html } from "chainrule/dom.js";
import { formatNumber } from "chainrule/format.js";
import { svg } from "chainrule/svg.js";
import { Ruler } from "chainrule/text.js";

const WIDTH = 300;
const HEIGHT = 180;
const AREA = { left: 54, right: 290, top: 10, bottom: 138 }; // further right if numbers are long
const BETWEEN = 6; // numbers and the axis
const SIZE = 15; // of its text; the style sheet says so too
const MOST_TICKS = 5;
const WORTH_LOGARITHM = 50; // times that the largest loss is the smallest

/** The chart of a training. */
export class LossChart {
  /** What is put into the page. */
  element;

  #page;
  #view;
  #cursor = svg("g", { class: "cursor" });
  #choose;
  #isLogarithmic;
  #place;

  /**
   * @param {import("chainrule/data.js").Page} page - with losses.
   * @param {(frame: number) => void} choose - is called with the frame that is clicked at.
   */
  constructor(page, choose) {
    this.#page = page;
    this.#choose = choose;
    this.#view = svg("svg", { id: "loss-chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    const known = page.frames.losses.filter((loss) => loss !== null);
    const canBeLogarithmic = known.length > 0 && known.every((loss) => loss > 0);
    this.#isLogarithmic =
      canBeLogarithmic && Math.max(...known) > WORTH_LOGARITHM * Math.min(...known);
    this.element = html(
      "figure",
      { class: "loss" },
      html("figcaption", {}, html("b", {}, "Loss"), ...(canBeLogarithmic ? [this.#switch()] : [])),
      this.#view,
    );
    this.#view.addEventListener("pointerdown", (event) => this.#drag(event));
    this.#view.addEventListener("pointermove", (event) => event.buttons === 1 && this.#drag(event));
    this.#draw();
  }

  /**
   * Move the cursor.
   *
   * @param {number} frame
   */
  show(frame) {
    const { epochs, losses } = this.#page.frames;
    const x = this.#place.x(epochs[frame]);
    this.#cursor.replaceChildren(svg("path", { d: `M${x} ${AREA.top}V${AREA.bottom}` }));
    if (losses[frame] !== null) {
      this.#cursor.append(svg("circle", { cx: x, cy: this.#place.y(losses[frame]), r: 4.5 }));
    }
  }

  #switch() {
    const box = html("input", { type: "checkbox", id: "logarithmic" });
    box.checked = this.#isLogarithmic;
    box.addEventListener("change", () => {
      this.#isLogarithmic = box.checked;
      this.#draw();
    });
    return html("label", {}, box, " logarithmic");
  }

  #draw() {
    const { epochs, losses } = this.#page.frames;
    const known = losses.filter((loss) => loss !== null);
    const [low, high] = known.length > 0 ? [Math.min(...known), Math.max(...known)] : [0, 1];
    const marks = this.#isLogarithmic
      ? powers(low, high, MOST_TICKS).map((number) => ({ number, text: formatNumber(number, 3) }))
      : labelled(Math.min(low, 0), high || 1, MOST_TICKS);
    const ruler = new Ruler(document.body); // it is not in the page yet
    const room = Math.max(...marks.map(({ text }) => ruler.width(text, SIZE))) + BETWEEN;
    const left = Math.max(AREA.left, room);
    this.#place = this.#scales(Math.min(low, marks[0].number), Math.max(high, marks.at(-1).number), left);
    const { x, y } = this.#place;
    this.#view.setAttribute("aria-label", this.#description(known));
    this.#view.replaceChildren(
      ...marks.map(({ number, text }) => horizontal(left, y(number), text)),
      ...ticks(epochs[0], epochs.at(-1), MOST_TICKS)
        .filter(Number.isInteger)
        .map((epoch) => label(x(epoch), AREA.bottom + 15, String(epoch), "middle")),
      label((left + AREA.right) / 2, HEIGHT - 4, "epoch", "middle"),
      svg("path", { class: "axis", d: `M${left} ${AREA.top}V${AREA.bottom}H${AREA.right}` }),
      svg("path", { class: "line", d: lineThrough(epochs, losses, x, y) }),
      this.#cursor,
    );
  }

  #scales(low, high, left) {
    const { epochs } = this.#page.frames;
    const by = this.#isLogarithmic ? Math.log10 : (loss) => loss;
    const height = scale(by(low), by(high), AREA.bottom, AREA.top);
    return {
      x: scale(epochs[0], epochs.at(-1), left, AREA.right),
      y: (loss) => height(by(loss)),
    };
  }

  #description(known) {
    const { epochs } = this.#page.frames;
    return known.length === 0
      ? "Loss over the epochs: no numbers."
      : `Loss over the epochs ${epochs[0]} to ${epochs.at(-1)}: it starts at ${say(known[0])}, ` +
          `ends at ${say(known.at(-1))}, and is ${say(Math.min(...known))} at its lowest.`;
  }

  /** The frame nearest to the pointer. */
  #drag(event) {
    const { left, width } = this.#view.getBoundingClientRect();
    const at = ((event.clientX - left) / width) * WIDTH;
    const distances = this.#page.frames.epochs.map((epoch) => Math.abs(this.#place.x(epoch) - at));
    this.#choose(distances.indexOf(Math.min(...distances)));
  }
}

const say = (loss) => formatNumber(loss, 4);

function horizontal(left, y, text) {
  return svg(
    "g",
    {},
    svg("path", { class: "grid", d: `M${left} ${y}H${AREA.right}` }),
    label(left - BETWEEN, y + 4, text, "end"),
  );
}

const label = (x, y, text, anchor) => svg("text", { x, y, "text-anchor": anchor }, text);

/** The line breaks where a loss is no number. */
function lineThrough(epochs, losses, x, y) {
  return epochs
    .map((epoch, i) => {
      const isFirst = i === 0 || losses[i - 1] === null;
      return losses[i] === null ? "" : `${isFirst ? "M" : "L"}${x(epoch)} ${y(losses[i])}`;
    })
    .join("");
}
