/**
 * The two views of a training: its network, and the graph of its loss. Beside the network the panel
 * says what is chosen there: a weight with its chain rule, a unit with all of its parameters.
 */

import { breakable, html } from "chainrule/dom.js";
import { inThousands } from "chainrule/format.js";
import { NetworkView } from "chainrule/network.js";
import { explainParameter, listParameters } from "chainrule/parameters.js";
import { visible } from "chainrule/text.js";

const VIEWS = { network: "Network", graph: "Graph" };

/** The network of a page, and the choice between it and the graph. */
export class Watch {
  #page;
  #network;
  #panel;
  #reveal;
  #buttons;
  #chosen = null;
  #frame = 0;

  /**
   * @param {(id: string) => HTMLElement} find
   * @param {import("chainrule/data.js").Page} page - with a network.
   * @param {(node: number) => void} reveal - is called with a node to show in the graph.
   */
  constructor(find, page, reveal) {
    this.#page = page;
    this.#reveal = reveal;
    this.#panel = find("watched");
    find("network").hidden = false;
    this.#network = new NetworkView(find("network"), page, (chosen) => this.#choose(chosen));
    this.#buttons = Object.entries(VIEWS).map(([view, words]) => {
      const made = html("button", { type: "button", id: `show-${view}`, "data-view": view }, words);
      made.addEventListener("click", () => this.look(view));
      return made;
    });
    find("views").append(...this.#buttons);
    find("views").hidden = false;
    this.look("network");
    addEventListener("keydown", ({ key }) => key === "Escape" && this.#choose(null));
  }

  /** @returns {boolean} whether the network is what is seen, and not the graph. */
  get isSeen() {
    return document.body.dataset.view === "network";
  }

  /**
   * Show one of the views.
   *
   * @param {"network" | "graph"} view
   */
  look(view) {
    document.body.dataset.view = view;
    for (const button of this.#buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
    this.show(this.#frame);
  }

  /**
   * Show one frame.
   *
   * @param {number} frame
   */
  show(frame) {
    this.#frame = frame;
    if (this.isSeen) {
      this.#network.show(frame);
      this.#network.mark(this.#chosen);
      this.#panel.replaceChildren(...this.#said());
    }
  }

  #choose(chosen) {
    const hadFocus = this.#panel.contains(document.activeElement);
    this.#chosen = chosen;
    this.show(this.#frame);
    if (hadFocus) {
      this.#panel.querySelector("button")?.focus({ preventScroll: true });
    }
    if (chosen !== null) {
      this.#panel.scrollIntoView({ block: "start" });
    }
  }

  #said() {
    const { parameter, unit } = this.#chosen ?? {};
    if (parameter !== undefined) {
      return [this.#close(), ...explainParameter(this.#page, this.#frame, parameter), ...this.#leads(parameter)];
    }
    const { all, count } = this.#page.parameters;
    const every = [...all.keys()];
    const choose = (index) => this.#choose({ parameter: index });
    if (unit !== undefined) {
      const isOwn = ({ path }) => unit.path === "" || path.startsWith(`${unit.path}.`);
      const own = every.filter((index) => isOwn(all[index]));
      return [
        this.#close(),
        html("h2", {}, ...breakable(visible(unit.path) || "neuron")),
        ...listParameters(this.#page, this.#frame, own, unit.path, choose),
      ];
    }
    const heading = all.length < count ? `${inThousands(all.length)} of ${inThousands(count)} parameters` : "All parameters";
    return [html("h2", {}, heading), ...listParameters(this.#page, this.#frame, every, "", choose)];
  }

  #close() {
    const button = html("button", { type: "button", class: "close", "aria-label": "Close", title: "Close (Escape)" }, "×");
    button.addEventListener("click", () => this.#choose(null));
    return button;
  }

  /** A way to where the graph has it. */
  #leads(parameter) {
    const { node } = this.#page.parameters.all[parameter];
    if (node === null) {
      return [];
    }
    const button = html("button", { type: "button", id: "in-graph" }, "Show in the graph");
    button.addEventListener("click", () => {
      this.look("graph");
      this.#reveal(node);
    });
    return [html("p", {}, button)];
  }
}
