/** The buttons above the graph: how it is seen, what is found in it, and pictures of it. */

import { Finder } from "chainrule/finder.js";
import { html } from "chainrule/dom.js";
import { makeLegend } from "chainrule/legend.js";
import { fileName, pngOf, save } from "chainrule/saving.js";

/**
 * Let the buttons do what they say.
 *
 * @param {(id: string) => HTMLElement} find
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/graph.js").GraphView} graph
 * @param {() => {frame: number, position: number}} stateNow - of the page.
 */
export function bindToolbar(find, page, graph, stateNow) {
  const { camera } = graph;
  const actions = {
    "fold-all": () => graph.foldAll(true),
    "unfold-all": () => graph.foldAll(false),
    "zoom-in": () => camera.step(1),
    "zoom-out": () => camera.step(-1),
    fit: () => camera.fit(),
  };
  for (const [id, action] of Object.entries(actions)) {
    find(id).addEventListener("click", action);
  }
  find("folding").hidden = page.boxes.length === 0;

  const finder = new Finder(page, (node) => {
    toggle(null); // it may be just there
    graph.reveal(node);
  });
  const overlays = {
    "find-button": finder.element,
    "save-button": saveMenu(page, graph, stateNow),
    "legend-button": makeLegend(page.frames.spans),
  };
  find("graph").append(...Object.values(overlays));
  const toggle = (asked) => {
    for (const [id, overlay] of Object.entries(overlays)) {
      overlay.hidden = id !== asked || !overlay.hidden;
      find(id).setAttribute("aria-expanded", String(!overlay.hidden));
    }
    if (!finder.element.hidden) {
      finder.focus();
    }
  };
  for (const id of Object.keys(overlays)) {
    find(id).addEventListener("click", () => toggle(id));
  }
  addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, select, textarea, dialog");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      toggle("find-button");
    } else if (event.key === "Escape") {
      toggle(null);
    }
  });
}

/** Two buttons that save a picture of this step, and why one of them cannot. */
function saveMenu(page, graph, stateNow) {
  const problem = html("p", { class: "note", role: "alert" });
  const kinds = {
    svg: (picture) => new Blob([picture], { type: "image/svg+xml" }),
    png: pngOf,
  };
  const buttons = Object.entries(kinds).map(([ending, make]) => {
    const words = `This step as ${ending.toUpperCase()}`;
    const button = html("button", { type: "button", id: `save-${ending}` }, words);
    button.addEventListener("click", async () => {
      problem.textContent = "";
      try {
        save(fileName(page, stateNow(), ending), await make(graph.picture()));
      } catch (error) {
        problem.textContent = error.message;
      }
    });
    return button;
  });
  return html("div", { id: "save-menu", class: "overlay", hidden: true }, ...buttons, problem);
}
