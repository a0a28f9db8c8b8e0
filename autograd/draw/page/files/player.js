/** The controls of the stepper: buttons, a slider, the speed, and keys for all of them. */

import { html } from "chainrule/dom.js";
import { placeOf } from "chainrule/explain.js";
import { icon } from "chainrule/icons.js";
import { stepCount } from "chainrule/steps.js";
import { Walk, labelPlay } from "chainrule/walk.js";

const SPEEDS = [0.5, 1, 2, 4];
const PACE = 1000; // milliseconds that a step lasts at speed 1

const KEYS = [
  ["Space", "play or pause"],
  ["→", "one step forward"],
  ["←", "one step back"],
  ["Home", "to the start"],
  ["End", "to the end"],
  ["Tab", "into the graph; there, arrows go from node to node, Enter chooses one, or folds and unfolds a box"],
  ["/", "find a node"],
  ["Escape", "close what is open over the graph, and let the chosen node go"],
  ["?", "this list"],
];

/** The player of one page. */
export class Player {
  #page;
  #walk;
  #buttons;
  #playOther;
  #slider = html("input", { id: "position", type: "range", min: 0, step: 1, "aria-label": "Step" });
  #place = html("output", { id: "place", for: "position", "aria-live": "off" }); // the panel speaks
  #keys = keyList();

  /**
   * @param {HTMLElement} container - is filled with the controls.
   * @param {import("chainrule/data.js").Page} page
   * @param {(position: number) => void} moveTo - is called to go to a position.
   * @param {(isPlaying: boolean) => void} played - is told when playing starts and stops.
   * @param {(() => void) | null} playOther - what Space does if something else than the steps is
   *   what the page plays, by a button of its own; null if the steps are.
   */
  constructor(container, page, moveTo, played, playOther) {
    this.#page = page;
    this.#playOther = playOther;
    const walk = new Walk(stepCount(page), PACE, moveTo, (isPlaying) => {
      this.#showPlaying(isPlaying);
      played(isPlaying);
    });
    this.#walk = walk;
    this.#buttons = {
      "to-start": button("to-start", "To the start (Home)", () => walk.jump(0)),
      back: button("back", "Back (←)", () => walk.step(-1)),
      ...(playOther ? {} : { play: button("play", "Play (Space)", () => walk.toggle()) }),
      step: button("step", "Step (→)", () => walk.step(1)),
      "to-end": button("to-end", "To the end (End)", () => walk.jump(walk.last)),
    };
    this.#slider.max = String(walk.last);
    this.#slider.addEventListener("input", () => walk.jump(Number(this.#slider.value)));
    const help = html("button", { type: "button", id: "help", title: "Keys (?)" }, "Keys");
    help.addEventListener("click", () => this.#keys.showModal());
    container.append(
      html("div", { class: "buttons" }, ...Object.values(this.#buttons)),
      html("div", { class: "track" }, this.#slider, this.#place),
      html("div", { class: "buttons" }, ...(playOther ? [] : [this.#speeds()]), help),
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
    this.#walk.place = moment.position;
    const place = `step ${moment.position} of ${this.#walk.last}`;
    this.#slider.value = String(moment.position);
    this.#slider.setAttribute("aria-valuetext", `${place}: ${placeOf(this.#page, moment)}`);
    this.#place.textContent = `${place}, ${moment.phase}`;
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

  /** Stop playing. */
  pause() {
    this.#walk.pause();
  }

  #showPlaying(isPlaying) {
    const { play } = this.#buttons;
    play.title = isPlaying ? "Pause (Space)" : "Play (Space)";
    labelPlay(play, isPlaying, "Play");
  }

  #speeds() {
    const choice = html(
      "select",
      { id: "speed", "aria-label": "Speed", title: "Speed" },
      ...SPEEDS.map((speed) => html("option", { value: speed, selected: speed === 1 }, `${speed}×`)),
    );
    choice.addEventListener("change", () => {
      this.#walk.interval = PACE / Number(choice.value);
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
    const walk = this.#walk;
    if (key === "?") {
      return () => this.#keys.showModal();
    }
    if (key === " ") {
      const toggle = this.#playOther ?? (() => walk.toggle());
      return target.closest("button, summary, [role=button]") ? null : toggle;
    }
    const moves = {
      ArrowRight: () => walk.step(1),
      ArrowLeft: () => walk.step(-1),
      Home: () => walk.jump(0),
      End: () => walk.jump(walk.last),
    };
    return target.closest("svg.graph") ? null : moves[key];
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
