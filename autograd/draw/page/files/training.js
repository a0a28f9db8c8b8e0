/** The controls of a recorded training: which epoch is shown, and what the network had learned. */

import { LossChart } from "chainrule/chart.js";
import { html } from "chainrule/dom.js";
import { formatNumber } from "chainrule/format.js";
import { outputsOf } from "chainrule/names.js";
import { PlaneView } from "chainrule/plane.js";
import { Walk, labelPlay } from "chainrule/walk.js";

const WHOLE = 15000; // milliseconds that the whole training lasts
const SHORTEST = 40;
const LONGEST = 500;

/** The view of a training. */
export class TrainingView {
  #page;
  #walk;
  #losses;
  #views;
  #play = html("button", { type: "button", id: "play-training" });
  #slider = html("input", { id: "epoch", type: "range", min: 0, step: 1, "aria-label": "Epoch" });
  #place = html("output", { id: "epoch-text", for: "epoch", "aria-live": "off" });

  /**
   * @param {HTMLElement} container - is filled, and shown.
   * @param {import("chainrule/data.js").Page} page - with more than one frame.
   * @param {(frame: number) => void} moveTo - is called to go to a frame.
   * @param {(isPlaying: boolean) => void} played - is told when playing starts and stops.
   */
  constructor(container, page, moveTo, played) {
    this.#page = page;
    const { count, losses } = page.frames;
    const [output] = outputsOf(page);
    this.#losses = losses?.map((loss, frame) => loss ?? page.frame(frame).data.low[output]);
    const interval = Math.min(Math.max(WHOLE / count, SHORTEST), LONGEST);
    const walk = new Walk(count - 1, interval, moveTo, (isPlaying) => {
      this.#showPlaying(isPlaying);
      played(isPlaying);
    });
    this.#walk = walk;
    this.#views = [
      ...(losses ? [new LossChart(page, (frame) => walk.jump(frame))] : []),
      ...(page.boundary ? [new PlaneView(page)] : []),
    ];
    this.#play.addEventListener("click", () => walk.toggle());
    this.#slider.max = String(walk.last);
    this.#slider.addEventListener("input", () => walk.jump(Number(this.#slider.value)));
    this.#showPlaying(false);
    container.append(
      html("h2", {}, "Training"),
      html("div", { class: "epochs" }, this.#play, this.#slider, this.#place),
      ...this.#views.map((view) => view.element),
    );
    container.hidden = false;
  }

  /**
   * Show one frame.
   *
   * @param {number} frame
   */
  show(frame) {
    this.#walk.place = frame;
    const { epochs } = this.#page.frames;
    const loss = this.#losses?.[frame];
    const said = loss === undefined ? "" : `, loss ${formatNumber(loss, this.#page.precision)}`;
    const place = `epoch ${epochs[frame]} of ${epochs.at(-1)}${said}`;
    this.#slider.value = String(frame);
    this.#slider.setAttribute("aria-valuetext", place);
    this.#place.textContent = place;
    for (const view of this.#views) {
      view.show(frame);
    }
  }

  /** Play, or pause. */
  toggle() {
    this.#walk.toggle();
  }

  /**
   * Go from epoch to epoch by the keys that go from step to step where steps are to be seen.
   *
   * @param {KeyboardEvent} event
   */
  key(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    const isMeant = !event.target.closest("input, select, textarea, dialog");
    if (by !== undefined && isMeant && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.#walk.step(by);
    }
  }

  /** Stop playing. */
  pause() {
    this.#walk.pause();
  }

  #showPlaying(isPlaying) {
    labelPlay(this.#play, isPlaying, "Play training");
  }
}
