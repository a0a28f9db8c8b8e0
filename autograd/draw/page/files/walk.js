/** A walk through numbered places, by hand or by itself: the steps of a pass, or the epochs. */

import { html } from "chainrule/dom.js";
import { icon } from "chainrule/icons.js";

/** Where somebody is between 0 and the last place. */
export class Walk {
  #last;
  #moveTo;
  #changed;
  #place = 0;
  #request = null;
  #steppedAt = 0;

  /** How many milliseconds lie between two steps when it goes by itself; may be changed then. */
  interval;

  /**
   * @param {number} last - the last place.
   * @param {number} interval - milliseconds between two steps.
   * @param {(place: number) => void} moveTo - is called to go to a place.
   * @param {(isPlaying: boolean) => void} changed - is told when it begins to go by itself, and when
   *   it ends.
   */
  constructor(last, interval, moveTo, changed) {
    this.#last = last;
    this.interval = interval;
    this.#moveTo = moveTo;
    this.#changed = changed;
  }

  /** @returns {number} */
  get last() {
    return this.#last;
  }

  /** Say where the page is, however it came there. */
  set place(place) {
    this.#place = place;
  }

  /**
   * Go somewhere by hand.
   *
   * @param {number} place - too small is the first, too large the last.
   */
  jump(place) {
    this.pause();
    this.#go(place);
  }

  /**
   * Go by hand.
   *
   * @param {number} by - how many places, negative to go back.
   */
  step(by) {
    this.jump(this.#place + by);
  }

  /** Go on by itself, from the start again if this is the end; or pause. */
  toggle() {
    if (this.#request !== null) {
      this.pause();
      return;
    }
    if (this.#place === this.#last) {
      this.#go(0);
    }
    this.#steppedAt = -Infinity;
    this.#request = requestAnimationFrame(this.#look);
    this.#changed(true);
  }

  /** Go by itself no more. */
  pause() {
    if (this.#request !== null) {
      cancelAnimationFrame(this.#request);
      this.#request = null;
      this.#changed(false);
    }
  }

  #go(place) {
    const inside = Math.min(Math.max(place, 0), this.#last);
    if (inside !== this.#place) {
      this.#place = inside;
      this.#moveTo(inside);
    }
  }

  #look = (now) => {
    this.#request = requestAnimationFrame(this.#look);
    if (now - this.#steppedAt >= this.interval) {
      this.#steppedAt = now;
      this.#go(this.#place + 1);
      if (this.#place === this.#last) {
        this.pause();
      }
    }
  };
}

/**
 * Show on its button whether a walk goes by itself.
 *
 * @param {HTMLElement} button
 * @param {boolean} isPlaying
 * @param {string} play - what the button says while it does not.
 */
export function labelPlay(button, isPlaying, play) {
  button.replaceChildren(
    icon(isPlaying ? "pause" : "play"),
    html("span", {}, isPlaying ? "Pause" : play),
  );
}
