/* The worker in which Python runs, from the side of the page: started, stopped, started again. */

export class Interpreter {
  #settings;
  #heard;
  #worker = null;
  #program = null; // to be run once Python is there

  /* `heard` has a function for each kind of message that `worker.js` posts, and `loading`. */
  constructor(settings, heard) {
    this.#settings = settings;
    this.#heard = heard;
    this.state = "absent"; // or loading, ready, running
  }

  start() {
    this.#worker?.terminate();
    const worker = new Worker("worker.js", { type: "module" });
    this.#worker = worker;
    this.state = "loading";
    this.#heard.loading();
    const hear = (message) => {
      if (worker === this.#worker) {
        this.#hear(message); // and nothing more of one that was ended
      }
    };
    worker.addEventListener("message", ({ data }) => hear(data));
    worker.addEventListener("error", (event) => {
      hear({ kind: "absent", message: event.message || "worker.js could not be started" });
    });
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
    worker.postMessage({ kind: "load", settings: this.#settings });
  }

  /* Whether the program runs, or will as soon as Python is there. */
  run(program) {
    if (this.state === "running") {
      return false;
    }
    if (this.state === "ready") {
      this.state = "running";
      // eslint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
      this.#worker.postMessage({ kind: "run", program });
      this.#heard.running();
      return true;
    }
    this.#program = program;
    if (this.state === "absent") {
      this.start();
    }
    this.#heard.loading();
    return true;
  }

  get isWaiting() {
    return this.#program !== null;
  }

  /* End the program, and with it this Python; another one is loaded. */
  stop() {
    this.#program = null;
    this.start();
  }

  #hear(message) {
    const wasRunning = this.state === "running";
    if (message.kind === "ready" || message.kind === "ended") {
      this.state = "ready";
    } else if (message.kind === "broken" || message.kind === "absent") {
      this.state = "absent";
      this.#worker.terminate();
      this.#program = null;
    }
    this.#heard[message.kind](message);
    if (message.kind === "broken" && wasRunning) {
      this.start();
    } else if (this.state === "ready" && this.#program !== null) {
      const program = this.#program;
      this.#program = null;
      this.run(program);
    }
  }
}
