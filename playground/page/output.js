/* What a program prints, and where it failed. The end is kept: a program may print for ever. */

const LONGEST = 200_000; // characters
const SOON = 16; // milliseconds
const LATE = 500;
const REST = 5; // times as long as showing took, the page is left to other things
const PLACE = /File "program\.py", line (\d+)/g;

export class Output {
  #log;
  #went;
  #waiting = [];
  #length = 0; // of what is shown
  #held = 0; // of what waits
  #isDropped = false;
  #pause = SOON;

  /* `went` is called with the line of the program that the reader asks for. */
  constructor(log, went) {
    this.#log = log;
    this.#went = went;
  }

  clear() {
    this.#waiting = [];
    [this.#length, this.#held, this.#isDropped] = [0, 0, false];
    this.#log.replaceChildren();
  }

  /* Text in the colour of its kind: out, error, note. */
  add(kind, text) {
    if (this.#waiting.length === 0) {
      // Not a frame of the animation: there is none while the page is hidden.
      setTimeout(() => this.#show(), this.#pause);
      this.#log.setAttribute("aria-busy", "true");
    }
    this.#waiting.push({ kind, text });
    this.#held += text.length;
    while (this.#held - this.#waiting[0].text.length > LONGEST) {
      this.#held -= this.#waiting.shift().text.length;
      this.#isDropped = true;
    }
  }

  #show() {
    const begun = performance.now();
    const isAtEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 40;
    for (const { kind, text } of joined(this.#waiting)) {
      const shown = text.slice(-LONGEST);
      const part = document.createElement("span");
      part.className = kind;
      part.append(...(kind === "error" ? this.#traced(shown) : [shown]));
      this.#log.append(part);
      this.#length += shown.length;
      this.#isDropped ||= shown.length < text.length;
    }
    this.#waiting = [];
    this.#held = 0;
    while (this.#length > LONGEST && this.#log.childElementCount > 1) {
      const first = this.#log.querySelector(":scope > span:not(.dropped)");
      this.#length -= first.textContent.length;
      first.remove();
      this.#isDropped = true;
    }
    if (this.#isDropped && !this.#log.querySelector(".dropped")) {
      const note = document.createElement("span");
      note.className = "note dropped";
      note.textContent = "... what was printed before this is not kept\n";
      this.#log.prepend(note);
    }
    if (isAtEnd) {
      this.#log.scrollTop = this.#log.scrollHeight; // which lays it out
    }
    this.#pause = Math.min(SOON + REST * (performance.now() - begun), LATE);
    this.#log.setAttribute("aria-busy", "false");
  }

  /* A traceback, in which lines of the program can be gone to. What is indented in it is code with marks
     below, and stays in its columns; a message may be as long as it likes. */
  #traced(text) {
    const blocks = [];
    for (const line of text.split(/(?<=\n)/)) {
      const className = /^\s/.test(line) ? "code" : "message";
      if (blocks.at(-1)?.className !== className) {
        blocks.push({ className, text: "" });
      }
      blocks.at(-1).text += line;
    }
    return blocks.map((block) => {
      const part = document.createElement("span");
      part.className = block.className;
      part.append(...this.#linked(block.text));
      return part;
    });
  }

  #linked(text) {
    const parts = [];
    let end = 0;
    for (const found of text.matchAll(PLACE)) {
      const link = document.createElement("button");
      link.type = "button";
      link.textContent = found[0];
      link.addEventListener("click", () => this.#went(Number(found[1])));
      parts.push(text.slice(end, found.index), link);
      end = found.index + found[0].length;
    }
    return [...parts, text.slice(end)];
  }
}

/* Neighbours of one kind as one, in pieces that can be dropped one by one. */
function joined(parts) {
  const found = [];
  for (const { kind, text } of parts) {
    const last = found.at(-1);
    if (last?.kind === kind && last.text.length < LONGEST / 20) {
      last.text += text;
    } else {
      found.push({ kind, text });
    }
  }
  return found;
}
