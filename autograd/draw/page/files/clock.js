/** Something that goes on by itself until it is paused: the steps of a pass, or the epochs. */

/** Calls a function at equal times. */
export class Clock {
  #tick;
  #changed;
  #request = null;
  #last = 0;

  /** How many milliseconds lie between two calls; may be changed while it runs. */
  interval;

  /**
   * @param {number} interval - milliseconds between two calls.
   * @param {() => boolean} tick - goes on by one; false when there is nothing to go on to.
   * @param {(isRunning: boolean) => void} changed - is told when it starts and when it stops.
   */
  constructor(interval, tick, changed) {
    this.interval = interval;
    this.#tick = tick;
    this.#changed = changed;
  }

  /** @returns {boolean} */
  get isRunning() {
    return this.#request !== null;
  }

  /** Call at once, and from now on. */
  start() {
    if (!this.isRunning) {
      this.#last = -Infinity;
      this.#request = requestAnimationFrame(this.#look);
      this.#changed(true);
    }
  }

  /** Call no more. */
  stop() {
    if (this.isRunning) {
      cancelAnimationFrame(this.#request);
      this.#request = null;
      this.#changed(false);
    }
  }

  #look = (now) => {
    this.#request = requestAnimationFrame(this.#look);
    if (now - this.#last >= this.interval) {
      this.#last = now;
      if (!this.#tick()) {
        this.stop();
      }
    }
  };
}
