/**
 * The view of the graph: it folds and unfolds boxes, follows the moments of the pass, and listens to
 * keys and pointers. Its parts: `plans` says what is visible and where, `stage` draws what is in view
 * of that, `camera` looks, and `gestures` move it.
 */

import { Camera } from "chainrule/camera.js";
import { depthOf } from "chainrule/folds.js";
import { moveByHand } from "chainrule/gestures.js";
import { centresOf, glide } from "chainrule/motion.js";
import { Planner, beginningOf } from "chainrule/plans.js";
import { unionOf } from "chainrule/rectangles.js";
import { pictureOf } from "chainrule/saving.js";
import { Stage } from "chainrule/stage.js";
import { Stops } from "chainrule/stops.js";
import { svg } from "chainrule/svg.js";

const MOVES = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);
const ZOOMS = { "+": 1, "=": 1, "-": -1 }; // steps

/** The interactive drawing of a page's graph. */
export class GraphView {
  #container;
  #page;
  #planner;
  #camera;
  #folded;
  #world = svg("g", { class: "world" });
  #plan;
  #stops;
  #stage;
  #moment = null;
  #traced = null;
  #choose;
  #chosen = null;

  /**
   * @param {HTMLElement} container - is filled with the drawing.
   * @param {object} page - from data.js.
   * @param {(node: number | null) => void} choose - is told which node is chosen, or that none is.
   */
  constructor(container, page, choose) {
    this.#choose = choose;
    this.#container = container;
    this.#page = page;
    this.#planner = new Planner(page, container);
    this.#folded = new Set([...page.boxes.keys()].filter((box) => page.boxes[box].folded));
    const view = svg(
      "svg",
      {
        class: "graph",
        role: "group",
        "aria-label": "Computation graph. Arrow keys go from node to node.",
      },
      this.#world,
    );
    container.replaceChildren(view);
    this.#camera = new Camera(view, this.#world, () => this.#look());
    moveByHand(view, this.#camera);
    this.#listen(view);
    addEventListener("beforeprint", () => this.#stage.look(null, 1));
    addEventListener("afterprint", () => this.#look());
    this.#build();
    this.#foldToFit();
    this.#camera.open(beginningOf(this.#plan.layout, page.direction));
  }

  /** Fold as few levels of boxes as let one read all of it at once; none more if that is in vain. */
  #foldToFit() {
    const { boxes } = this.#page;
    const before = this.#folded;
    const depths = [...boxes.keys()].map((box) => depthOf(boxes, box));
    for (let depth = Math.max(-1, ...depths); depth >= 0; depth -= 1) {
      if (this.#camera.canBeReadWhole) {
        return;
      }
      this.#folded = new Set(
        [...boxes.keys()].filter((box) => before.has(box) || depths[box] >= depth),
      );
      this.#build();
    }
    if (!this.#camera.canBeReadWhole) {
      this.#folded = before;
      this.#build();
    }
  }

  /**
   * Show a moment: what has been reached is lit, the step under way stands out.
   *
   * @param {object} moment - from steps.js.
   */
  show(moment) {
    this.#camera.steadily(() => this.#show(moment));
  }

  #show(moment) {
    const isNewStep = this.#moment !== null && this.#moment.position !== moment.position;
    this.#moment = moment;
    this.#stage.update(moment);
    if (moment.node !== null && isNewStep && !this.#camera.isFitted) {
      const ends = moment.edges.flatMap((edge) => {
        const { tail, head } = this.#page.edges[edge];
        return [tail, head];
      });
      const { graph, layout } = this.#plan;
      const around = (nodes) =>
        unionOf(nodes.map((node) => layout.rectangles[graph.itemOf[node]]));
      this.#camera.follow(around([moment.node, ...moment.results]), around([moment.node, ...ends]));
    }
  }

  /** @param {number | null} node - is to stand out, or none. */
  mark(node) {
    this.#chosen = node;
    this.#stage.mark(node);
  }

  /**
   * Fold or unfold one box.
   *
   * @param {number} box - its index.
   * @param {boolean} folded
   */
  fold(box, folded) {
    if (this.#folded.has(box) === folded) {
      return;
    }
    const before = this.#placeOf(box);
    const hadFocus = this.#container.contains(document.activeElement);
    if (folded) {
      this.#folded.add(box);
    } else {
      this.#folded.delete(box);
    }
    this.#rebuild(() => {
      const after = this.#placeOf(box);
      if (before && after) {
        this.#camera.hold(before, after);
      }
    });
    this.#goTo(this.#stops.ofBox(box), hadFocus);
  }

  /**
   * Fold or unfold all boxes.
   *
   * @param {boolean} folded
   */
  foldAll(folded) {
    this.#folded = new Set(folded ? this.#page.boxes.keys() : []);
    this.#rebuild(() => this.#camera.fit());
  }

  /** @returns {Camera} */
  get camera() {
    return this.#camera;
  }

  /**
   * Unfold what a node is in, bring it into view, focus it, and choose it.
   *
   * @param {number} node
   */
  reveal(node) {
    const { boxes, nodes } = this.#page;
    const isHidden = this.#plan.graph.items[this.#plan.graph.itemOf[node]].node === null;
    for (let { box } = nodes[node]; box !== null; box = boxes[box].parent) {
      this.#folded.delete(box);
    }
    if (isHidden) {
      this.#rebuild(() => {});
    }
    const stop = this.#stops.ofItem(this.#plan.graph.itemOf[node]);
    this.#camera.approach(stop.rectangle);
    this.#goTo(stop, true);
    this.#choose(node);
  }

  /** @returns {string} all of the graph at this moment, as an SVG. */
  picture() {
    this.#stage.look(null, 1);
    try {
      return pictureOf(this.#world, this.#plan.layout.bounds);
    } finally {
      this.#look();
    }
  }

  /** The top left corner of a box, folded or not. */
  #placeOf(box) {
    const { graph, layout } = this.#plan;
    const item = graph.items.findIndex((one) => one.box === box);
    return item === -1 ? layout.frames.get(box) : layout.rectangles[item];
  }

  #rebuild(aim) {
    const before = centresOf(this.#stage.marks);
    this.#point(null);
    this.#build();
    if (this.#camera.isFitted) {
      this.#camera.fit();
    } else {
      aim();
    }
    this.#look();
    glide(this.#stage.marks, before, this.#stage.layers.slice(0, -1));
  }

  #build() {
    this.#plan = this.#planner.plan(this.#folded);
    const { graph, layout, heads } = this.#plan;
    this.#stops = new Stops(graph, layout.rectangles, heads, this.#page.boxes);
    this.#stage = new Stage(this.#page, this.#plan, this.#stops);
    this.#world.replaceChildren(...this.#stage.layers);
    this.#stage.pin(this.#stops.first);
    this.#stage.mark(this.#chosen);
    if (this.#moment) {
      this.#stage.update(this.#moment);
    }
    this.#camera.aimAt(layout.bounds);
  }

  #look() {
    this.#stage.look(this.#camera.area, this.#camera.scale);
  }

  /** Make a stop the one that Tab comes to, and focus it or not. */
  #goTo(stop, takesFocus) {
    const element = stop && this.#stage.pin(stop);
    if (takesFocus) {
      element?.focus({ preventScroll: true });
    }
  }

  #listen(view) {
    view.addEventListener("click", (event) => {
      if (this.#stage.isFar) {
        this.#camera.approach(this.#camera.placeOf(event));
      } else {
        this.#act(this.#stage.stopAt(event.target));
      }
    });
    view.addEventListener("keydown", (event) => this.#key(event));
    view.addEventListener("pointerover", (event) => this.#point(event.target));
    view.addEventListener("pointerleave", () => this.#point(document.activeElement));
    view.addEventListener("focusin", (event) => {
      const stop = this.#stage.stopAt(event.target);
      if (stop) {
        this.#goTo(stop, false);
        this.#point(event.target);
        if (event.target.matches(":focus-visible")) {
          this.#camera.reveal(stop.rectangle);
        }
      }
    });
    view.addEventListener("focusout", ({ relatedTarget }) => {
      if (!view.contains(relatedTarget)) {
        this.#point(null);
      }
    });
  }

  /** Light what an item leads to, if one is pointed at. */
  #point(target) {
    const item = this.#stage.stopAt(target)?.item ?? null;
    if (this.#traced !== item) {
      this.#traced = item;
      this.#world.parentElement.classList.toggle("tracing", item !== null);
      this.#stage.trace(item);
    }
  }

  /** What a click on a stop does, or beside all of them: a box folds, a node is chosen. */
  #act(stop) {
    if (stop && stop.box !== null) {
      this.fold(stop.box, !this.#folded.has(stop.box));
    } else {
      this.#choose(stop?.item.node ?? null);
    }
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const stop = this.#stage.stopAt(event.target);
    if (event.key in ZOOMS) {
      this.#camera.step(ZOOMS[event.key]);
    } else if (event.key === "0") {
      this.#camera.fit();
    } else if (!stop) {
      return;
    } else if (event.key === "Enter" || event.key === " ") {
      this.#act(stop);
    } else if (MOVES.has(event.key)) {
      this.#goTo(this.#stops.after(event.key, stop, this.#page.direction), true);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
