/** Finding a node by its name, its path, its operation or its number, or by what is folded into it. */

import { html } from "chainrule/dom.js";
import { KINDS, fullNameOf, nameOf, signOf } from "chainrule/names.js";
import { visible } from "chainrule/text.js";

const MOST = 12; // that are listed
const NAMES = new Intl.Collator("en", { numeric: true }); // layer 10 comes after layer 9

/** The box that one types into, and what is found. */
export class Finder {
  /** What is put over the graph. */
  element;

  #page;
  #reveal;
  #entries = null;
  #input = html("input", { type: "search", "aria-label": "Find a node", placeholder: "Find a node" });
  #list = html("ul", { "aria-label": "Found" });
  #count = html("p", { class: "note", role: "status" });

  /**
   * @param {import("chainrule/data.js").Page} page
   * @param {(node: number) => void} reveal - is called with the node that is chosen.
   */
  constructor(page, reveal) {
    this.#page = page;
    this.#reveal = reveal;
    this.element = html(
      "search",
      { id: "finder", class: "overlay", hidden: true },
      this.#input,
      this.#count,
      this.#list,
    );
    this.#input.addEventListener("input", () => this.#show());
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === this.#input) {
        this.#list.querySelector("button")?.click();
      }
    });
  }

  /** Begin to type. */
  focus() {
    this.#input.focus();
    this.#input.select();
  }

  #show() {
    const asked = this.#input.value.trim().toLowerCase();
    const found = asked === "" ? [] : this.#search(asked);
    const left = found.length - MOST;
    this.#count.textContent = asked === "" ? "" : `${found.length} found${left > 0 ? `, ${left} not listed` : ""}`;
    this.#list.replaceChildren(...found.slice(0, MOST).map((node) => this.#line(node)));
  }

  /** The nodes of which something has that in it: first those that are called so. */
  #search(asked) {
    const called = (node) => fullNameOf(this.#page, node);
    this.#entries ??= namesOfAll(this.#page);
    const rank = (names) =>
      Math.min(
        ...names.map((name) => {
          const at = name.indexOf(asked);
          return at === -1 ? Infinity : Number(name !== asked) + Number(at > 0);
        }),
      );
    return this.#entries
      .map((names, node) => [rank(names), node])
      .filter(([at]) => at < Infinity)
      .toSorted(([a, first], [b, second]) => a - b || NAMES.compare(called(first), called(second)))
      .map(([, node]) => node);
  }

  #line(node) {
    const { kind, role } = this.#page.nodes[node];
    const button = html(
      "button",
      { type: "button", "data-node": node },
      titleOf(this.#page, node),
      html("span", { class: "note" }, ` ${KINDS[role] ?? kind}`),
    );
    button.addEventListener("click", () => this.#reveal(node));
    return html("li", {}, button);
  }
}

/** Its name, with the names of what it leads to if it is an operation: there may be many of a kind. */
function titleOf(page, node) {
  const { kind, symbol } = page.nodes[node];
  const results = page.outputs[node].map((edge) => nameOf(page, page.edges[edge].head));
  return kind === "operation"
    ? `${signOf(symbol)} → ${results.slice(0, 1).join("")}`
    : fullNameOf(page, node);
}

/** What each node can be found by. */
function namesOfAll(page) {
  const inside = page.nodes.map(() => []); // the parameters that a neuron or layer has in it
  for (const { node, path, label } of page.parameters?.all ?? []) {
    inside[node]?.push(path, label);
  }
  return page.nodes.map(({ label, path, symbol, title, lines }, node) =>
    [label, path, symbol, title, ...lines, nameOf(page, node), ...inside[node]]
      .filter((name) => name !== "")
      .map((name) => visible(name).toLowerCase()),
  );
}
