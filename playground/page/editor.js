/* The editor: a textarea with numbered lines, which keeps the browser's own undo. */

const INDENT = "    ";
const LONG = 500; // lines; Chromium takes the square of their number to insert more: 25 s for 3,000

export class Editor {
  #text;
  #numbers;
  #marked = 0;
  #count = 0;

  constructor(text, numbers, changed) {
    this.#text = text;
    this.#numbers = numbers;
    text.addEventListener("input", () => {
      this.mark(0);
      this.#number();
      changed();
    });
    text.addEventListener("scroll", () => {
      numbers.scrollTop = text.scrollTop;
    });
    text.addEventListener("keydown", (event) => this.#key(event));
  }

  get program() {
    return this.#text.value;
  }

  /* Have a program there from the start. */
  begin(program) {
    this.#text.value = program;
    this.#text.setSelectionRange(0, 0);
    this.#text.dispatchEvent(new Event("input"));
  }

  /* Put a program in place of the one that is there; Ctrl+Z brings that back. */
  replace(program) {
    const text = this.#text;
    if (text.value !== program) {
      text.focus({ preventScroll: true });
      text.setSelectionRange(0, text.value.length);
      this.#insert(program);
    }
    text.setSelectionRange(0, 0);
    text.scrollTo(0, 0);
  }

  /* Mark a line as the one that failed; none for 0. */
  mark(line) {
    this.#numbers.children[this.#marked - 1]?.classList.remove("failed");
    this.#marked = line;
    this.#numbers.children[line - 1]?.classList.add("failed");
  }

  /* Select a line, and have it seen. */
  go(line) {
    const lines = this.#text.value.split("\n");
    const at = Math.min(Math.max(line, 1), lines.length);
    const begin = lines.slice(0, at - 1).join("\n").length + (at > 1);
    this.#text.focus();
    this.#text.setSelectionRange(begin, begin + lines[at - 1].length);
    const height = this.#text.scrollHeight / Math.max(lines.length, 1);
    this.#text.scrollTop = Math.max(0, (at - 0.5) * height - this.#text.clientHeight / 2);
  }

  #number() {
    const count = this.#text.value.split("\n").length;
    if (count !== this.#count) {
      this.#count = count;
      const shown = Array.from({ length: count }, (_, i) => {
        const line = document.createElement("span");
        line.textContent = String(i + 1);
        return line;
      });
      this.#numbers.replaceChildren(...shown);
    }
    this.#numbers.scrollTop = this.#text.scrollTop;
  }

  /* As if it had been typed, unless it is long: only this command keeps what can be undone. */
  #insert(text) {
    const { selectionStart, selectionEnd } = this.#text;
    const isLong = text.split("\n").length > LONG;
    const done = text
      ? !isLong && document.execCommand("insertText", false, text)
      : selectionStart === selectionEnd || document.execCommand("delete");
    if (!done) {
      this.#text.setRangeText(text, selectionStart, selectionEnd, "end");
      this.#text.dispatchEvent(new Event("input"));
    }
  }

  #key(event) {
    if (event.altKey || event.isComposing) {
      return;
    }
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key === "Tab" && !isCommand && !this.#text.dataset.leaving) {
      event.preventDefault();
      this.#indent(event.shiftKey);
    } else if (event.key === "Enter" && !isCommand && !event.shiftKey) {
      event.preventDefault();
      this.#enter();
    } else if (event.key === "/" && isCommand) {
      event.preventDefault();
      this.#comment();
    }
    // After Escape, Tab goes to the next control, as everywhere else.
    if (event.key === "Escape") {
      this.#text.dataset.leaving = "true";
    } else if (event.key !== "Tab" && event.key !== "Shift") {
      delete this.#text.dataset.leaving;
    }
  }

  #enter() {
    const before = this.#text.value.slice(0, this.#text.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const deeper = /:\s*(#.*)?$/.test(line) ? INDENT : "";
    this.#insert(`\n${/^ */.exec(line)[0]}${deeper}`);
  }

  #indent(isBack) {
    const { selectionStart, selectionEnd, value } = this.#text;
    if (!isBack && !value.slice(selectionStart, selectionEnd).includes("\n")) {
      const column = selectionStart - value.lastIndexOf("\n", selectionStart - 1) - 1;
      this.#insert(INDENT.slice(column % INDENT.length));
      return;
    }
    this.#edit((lines) => lines.map((line) => (isBack ? line.replace(/^ {1,4}/, "") : line && INDENT + line)));
  }

  #comment() {
    this.#edit((lines) => {
      const isCode = lines.filter((line) => line.trim());
      if (isCode.every((line) => /^\s*#/.test(line))) {
        return lines.map((line) => line.replace(/^(\s*)# ?/, "$1"));
      }
      return lines.map((line) => line && line.replace(/^(\s*)/, "$1# "));
    });
  }

  /* Change all lines of the selection. */
  #edit(change) {
    const { selectionStart, selectionEnd, value } = this.#text;
    const begin = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const after = value.indexOf("\n", Math.max(selectionEnd - 1, begin));
    const end = after === -1 ? value.length : after;
    const text = change(value.slice(begin, end).split("\n")).join("\n");
    this.#text.setSelectionRange(begin, end);
    this.#insert(text);
    const isOne = !text.includes("\n");
    this.#text.setSelectionRange(isOne ? begin + text.length : begin, begin + text.length);
  }
}
