/* The pages that a program drew, one of them in a frame: it may run its own scripts, and reaches
   neither this page nor the net. */

export class Pages {
  #frame;
  #choice;
  #save;
  #empty;
  #bar;
  #pages = new Map();
  #isOld = false;

  constructor({ frame, bar, choice, save, empty }) {
    [this.#frame, this.#bar, this.#choice] = [frame, bar, choice];
    [this.#save, this.#empty] = [save, empty];
    choice.addEventListener("change", () => this.#show(choice.value));
  }

  /* A program begins: what is there stays until it has drawn something, or has ended. */
  begin() {
    this.#isOld = true;
  }

  add(name, text) {
    if (this.#isOld) {
      this.#pages.clear();
      this.#isOld = false;
    }
    this.#pages.delete(name); // the last one is the last
    this.#pages.set(name, text);
  }

  /* The program has ended. Whether there is something to look at. */
  end() {
    if (this.#isOld) {
      this.#pages.clear();
      this.#isOld = false;
    }
    const names = [...this.#pages.keys()];
    const options = names.map((name) => new Option(name, name));
    this.#choice.replaceChildren(...options);
    this.#choice.disabled = names.length < 2;
    this.#show(names.at(-1));
    return names.length > 0;
  }

  #show(name) {
    const text = this.#pages.get(name);
    const isThere = text !== undefined;
    this.#frame.hidden = !isThere;
    this.#bar.hidden = !isThere;
    this.#empty.hidden = isThere;
    URL.revokeObjectURL(this.#save.href);
    if (isThere) {
      this.#choice.value = name;
      this.#save.href = URL.createObjectURL(new Blob([text], { type: "text/html" }));
      this.#save.download = name.split("/").at(-1);
    }
    if (this.#frame.srcdoc !== (text ?? "")) {
      this.#frame.srcdoc = text ?? "";
    }
  }
}
