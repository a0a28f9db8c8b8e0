/** The controls of a recorded training: which epoch is shown, and what the network had learned. */

import { LossChart } from "chainrule/chart.js";
import { Clock } from "chainrule/clock.js";
import { html } from "chainrule/dom.js";
import { formatNumber } from "chainrule/format.js";
import { icon } from "chainrule/icons.js";
import { PlaneView } from "chainrule/plane.js";

const WHOLE = 15000; // milliseconds that the whole training lasts
const SHORTEST = 40;
const LONGEST = 500;

/** The view of a training. */
export class TrainingView {
  #page;
  #last;
  #frame = 0;
  #moveTo;
  #clock;
  #views;
  #play = html("button", { type: "button", id: "play-training" });
  #slider = html("input", { id: "epoch", type: "range", min: 0, step: 1, "aria-label": "Epoch" });
  #place = html("output", { id: "epoch-text", for: "epoch" });

  /**
   * @param {HTMLElement} container - is filled, and shown.
   * @param {import("chainrule/data.js").Page} page - with more than one frame.
   * @param {(frame: number) => void} moveTo - is called to go to a frame.
   * @param {(isPlaying: boolean) => void} played - is told when playing starts and stops.
   */
  constructor(container, page, moveTo, played) {
    this.#page = page;
    this.#last = page.frames.count - 1;
    this.#moveTo = moveTo;
    this.#clock = new Clock(
      Math.min(Math.max(WHOLE / page.frames.count, SHORTEST), LONGEST),
      () => {
        this.#go(this.#frame + 1);
        return this.#frame < this.#last;
      },
      (isPlaying) => {
        this.#showPlaying(isPlaying);
        played(isPlaying);
      },
    );
    const choose = (frame) => {
      this.pause();
      this.#go(frame);
    };
    this.#views = [
      ...(page.frames.losses ? [new LossChart(page, choose)] : []),
      ...(page.boundary ? [new PlaneView(page)] : []),
    ];
    this.#play.addEventListener("click", () => this.#toggle());
    this.#slider.max = String(this.#last);
    this.#slider.addEventListener("input", () => choose(Number(this.#slider.value)));
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
    this.#frame = frame;
    const { epochs, losses } = this.#page.frames;
    const loss = losses?.[frame];
    const said = typeof loss === "number" ? `, loss ${formatNumber(loss, this.#page.precision)}` : "";
    const place = `epoch ${epochs[frame]} of ${epochs[this.#last]}${said}`;
    this.#slider.value = String(frame);
    this.#slider.setAttribute("aria-valuetext", place);
    this.#place.textContent = place;
    for (const view of this.#views) {
      view.show(frame);
    }
  }

  /** Stop playing. */
  pause() {
    this.#clock.stop();
  }

  #toggle() {
    if (this.#clock.isRunning) {
      this.pause();
      return;
    }
    if (this.#frame === this.#last) {
      this.#go(0);
    }
    this.#clock.start();
  }

  #go(frame) {
    const inside = Math.min(Math.max(frame, 0), this.#last);
    this.#frame = inside;
    this.#moveTo(inside);
  }

  #showPlaying(isPlaying) {
    this.#play.replaceChildren(
      icon(isPlaying ? "pause" : "play"),
      html("span", {}, isPlaying ? "Pause" : "Play training"),
    );
  }
}
