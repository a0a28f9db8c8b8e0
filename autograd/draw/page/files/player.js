/** The controls of the stepper: buttons, a slider, the speed, and keys for all of them. */

import { Clock } from "chainrule/clock.js";
import { html } from "chainrule/dom.js";
import { placeOf } from "chainrule/explain.js";
import { icon } from "chainrule/icons.js";
import { stepCount } from "chainrule/steps.js";

const SPEEDS = [0.5, 1, 2, 4];
const PACE = 1000; // milliseconds that a step lasts at speed 1

const KEYS = [
  ["Space", "play or pause"],
  ["→", "one step forward"],
  ["←", "one step back"],
  ["Home", "to the start"],
  ["End", "to the end"],
  ["Tab", "into the graph; there, arrows go from node to node, and Enter folds and unfolds boxes"],
  ["?", "this list"],
];

/** The player of one page. */
export class Player {
  #last;
  #page;
  #moveTo;
  #position = 0;
  #clock;
  #buttons;
  #slider = html("input", { id: "position", type: "range", min: 0, step: 1, "aria-label": "Step" });
  #place = html("output", { id: "place", for: "position" });
  #keys = keyList();

  /**
   * @param {HTMLElement} container - is filled with the controls.
   * @param {import("chainrule/data.js").Page} page
   * @param {(position: number) => void} moveTo - is called to go to a position.
   * @param {(isPlaying: boolean) => void} played - is told when playing starts and stops.
   */
  constructor(container, page, moveTo, played) {
    this.#page = page;
    this.#last = stepCount(page);
    this.#moveTo = moveTo;
    this.#clock = new Clock(
      PACE,
      () => {
        this.#go(this.#position + 1);
        return this.#position < this.#last;
      },
      (isPlaying) => {
        this.#showPlaying(isPlaying);
        played(isPlaying);
      },
    );
    this.#buttons = {
      "to-start": button("to-start", "To the start (Home)", () => this.#jump(0)),
      back: button("back", "Back (←)", () => this.#jump(this.#position - 1)),
      play: button("play", "Play (Space)", () => this.toggle()),
      step: button("step", "Step (→)", () => this.#jump(this.#position + 1)),
      "to-end": button("to-end", "To the end (End)", () => this.#jump(this.#last)),
    };
    this.#slider.max = String(this.#last);
    this.#slider.addEventListener("input", () => this.#jump(Number(this.#slider.value)));
    const help = html("button", { type: "button", id: "help", title: "Keys (?)" }, "Keys");
    help.addEventListener("click", () => this.#keys.showModal());
    container.append(
      html("div", { class: "buttons" }, ...Object.values(this.#buttons)),
      html("div", { class: "track" }, this.#slider, this.#place),
      html("div", { class: "buttons" }, this.#speeds(), help),
      this.#keys,
    );
    container.ownerDocument.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * Show where the page is.
   *
   * @param {import("chainrule/steps.js").Moment} moment
   */
  show(moment) {
    this.#position = moment.position;
    const place = `step ${moment.position} of ${this.#last}: ${placeOf(this.#page, moment)}`;
    this.#slider.value = String(moment.position);
    this.#slider.setAttribute("aria-valuetext", place);
    this.#place.textContent = place;
    for (const [name, isOver] of [
      ["to-start", moment.position === 0],
      ["back", moment.position === 0],
      ["step", moment.isEnd],
      ["to-end", moment.isEnd],
    ]) {
      // Not `disabled`: a button that is would lose the focus.
      this.#buttons[name].setAttribute("aria-disabled", String(isOver));
    }
  }

  /** Play, from the start again if this is the end, or pause. */
  toggle() {
    if (this.#clock.isRunning) {
      this.#clock.stop();
      return;
    }
    if (this.#position === this.#last) {
      this.#go(0);
    }
    this.#clock.start();
  }

  /** Stop playing. */
  pause() {
    this.#clock.stop();
  }

  #jump(position) {
    this.pause();
    this.#go(position);
  }

  #go(position) {
    const inside = Math.min(Math.max(position, 0), this.#last);
    if (inside !== this.#position) {
      this.#position = inside;
      this.#moveTo(inside);
    }
  }

  #showPlaying(isPlaying) {
    const { play } = this.#buttons;
    const name = isPlaying ? "Pause" : "Play";
    play.title = `${name} (Space)`;
    play.replaceChildren(icon(name.toLowerCase()), html("span", {}, name));
  }

  #speeds() {
    const choice = html(
      "select",
      { id: "speed", "aria-label": "Speed", title: "Speed" },
      ...SPEEDS.map((speed) => html("option", { value: speed, selected: speed === 1 }, `${speed}×`)),
    );
    choice.addEventListener("change", () => {
      this.#clock.interval = PACE / Number(choice.value);
    });
    return choice;
  }

  #key(event) {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || isTyping(event)) {
      return;
    }
    const action = this.#actionOf(event);
    if (action) {
      event.preventDefault();
      action();
    }
  }

  #actionOf({ key, target }) {
    if (key === "?") {
      return () => this.#keys.showModal();
    }
    if (key === " ") {
      return target.closest("button, summary, [role=button]") ? null : () => this.toggle();
    }
    const to = {
      ArrowRight: this.#position + 1,
      ArrowLeft: this.#position - 1,
      Home: 0,
      End: this.#last,
    }[key];
    return to === undefined || target.closest("svg.graph") ? null : () => this.#jump(to);
  }
}

/** Whether a key is meant for something that is typed into, moved by keys, or on top of the page. */
function isTyping({ target }) {
  return Boolean(target.closest("input, select, textarea, dialog, [contenteditable]"));
}

function button(id, title, action, attributes = {}) {
  const word = html("span", {}, title.split(" (")[0]);
  const made = html("button", { type: "button", id, title, ...attributes }, icon(id), word);
  made.addEventListener("click", action);
  return made;
}

function keyList() {
  const close = html("button", { type: "submit" }, "Close");
  return html(
    "dialog",
    { id: "keys", "aria-labelledby": "keys-title" },
    html("h2", { id: "keys-title" }, "Keys"),
    html(
      "dl",
      {},
      ...KEYS.flatMap(([key, what]) => [html("dt", {}, html("kbd", {}, key)), html("dd", {}, what)]),
    ),
    html("form", { method: "dialog" }, close),
  );
}
