/**
 * The view of the graph: it lays out what is visible, draws it, folds and unfolds boxes, and shows
 * moments of the pass on it. Its parts: `folds` says what is visible, `cards` what is written and
 * how large, `layout` where it stands, `curves` how lines go, `marks` and `links` draw, `camera`
 * looks, and `gestures` move it.
 */

import { Camera } from "chainrule/camera.js";
import { CardMaker, spanOf } from "chainrule/cards.js";
import { curvesOf } from "chainrule/curves.js";
import { visibleGraph } from "chainrule/folds.js";
import { moveByHand } from "chainrule/gestures.js";
import { layOut } from "chainrule/layout.js";
import { makeLegend } from "chainrule/legend.js";
import { LinkMark } from "chainrule/links.js";
import { Mark, drawFrame } from "chainrule/marks.js";
import { centresOf, glide } from "chainrule/motion.js";
import { pathsToOutputs } from "chainrule/paths.js";
import { unionOf } from "chainrule/rectangles.js";
import { Stops } from "chainrule/stops.js";
import { svg } from "chainrule/svg.js";
import { Ruler } from "chainrule/text.js";

const MOVES = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);

/** The interactive drawing of a page's graph. */
export class GraphView {
  #container;
  #page;
  #ruler;
  #cardMaker;
  #camera;
  #folded;
  #layouts = new Map();
  #layers = {};
  #marks = [];
  #links = [];
  #heads = new Map();
  #itemOf;
  #stops;
  #moment = null;
  #traced = null;

  /**
   * @param {HTMLElement} container - is filled with the drawing.
   * @param {object} page - from data.js.
   */
  constructor(container, page) {
    this.#container = container;
    this.#page = page;
    this.#ruler = new Ruler(container);
    this.#cardMaker = new CardMaker(page, this.#ruler);
    this.#folded = new Set([...page.boxes.keys()].filter((box) => page.boxes[box].folded));
    for (const name of ["frames", "links", "heads", "nodes"]) {
      this.#layers[name] = svg("g", { class: name });
    }
    const world = svg("g", { class: "world" }, ...Object.values(this.#layers));
    const view = svg(
      "svg",
      {
        class: "graph",
        role: "group",
        "aria-label": "Computation graph. Arrow keys go from node to node.",
      },
      world,
    );
    this.#layers.links.setAttribute("aria-hidden", "true");
    container.replaceChildren(view, makeLegend(page.frames.spans));
    this.#camera = new Camera(view, world);
    moveByHand(view, this.#camera);
    this.#listen(view);
    this.#build();
    this.#camera.open(this.#beginning());
  }

  /**
   * Show a moment: what has been reached is lit, the step under way stands out.
   *
   * @param {object} moment - from steps.js.
   */
  show(moment) {
    const isNewStep = this.#moment?.position !== moment.position;
    this.#moment = moment;
    this.#update();
    if (moment.node !== null && isNewStep && !this.#camera.isFitted) {
      const ends = moment.edges.flatMap((edge) => {
        const { tail, head } = this.#page.edges[edge];
        return [tail, head];
      });
      const around = (nodes) =>
        unionOf(nodes.map((node) => this.#marks[this.#itemOf[node]].rectangle));
      this.#camera.follow(around([moment.node, ...moment.results]), around([moment.node, ...ends]));
    }
  }

  /** Where the computation begins to be seen: the item furthest against its direction. */
  #beginning() {
    const { direction } = this.#page;
    const sign = direction === "LR" || direction === "TB" ? 1 : -1;
    const along = ({ x, y }) => sign * (direction === "LR" || direction === "RL" ? x : y);
    const [first] = this.#marks.toSorted((a, b) => along(a.centre) - along(b.centre));
    return first.rectangle;
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
    const stop = this.#stops.ofBox(box);
    if (stop) {
      this.#stops.moveTo(stop, hadFocus);
    }
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

  /** Show the whole graph. */
  fit() {
    this.#camera.fit();
  }

  /** Zoom in by one step. */
  zoomIn() {
    this.#camera.zoomIn();
  }

  /** Zoom out by one step. */
  zoomOut() {
    this.#camera.zoomOut();
  }

  /** The top left corner of a box, folded or not. */
  #placeOf(box) {
    const mark = this.#marks.find(({ item }) => item.box === box);
    return mark ? mark.rectangle : this.#heads.get(box)?.frame;
  }

  #rebuild(aim) {
    const before = centresOf(this.#marks);
    this.#trace(null);
    this.#build();
    if (this.#camera.isFitted) {
      this.#camera.fit();
    } else {
      aim();
    }
    glide(this.#marks, before, [this.#layers.links, this.#layers.frames, this.#layers.heads]);
    if (this.#moment) {
      this.#update();
    }
  }

  /** What is visible and where, remembered for each way of folding. */
  #laidOut() {
    const key = [...this.#folded].toSorted((a, b) => a - b).join(" ");
    if (!this.#layouts.has(key)) {
      const graph = visibleGraph(this.#page, this.#folded);
      const cards = this.#cardMaker.cards(graph.items);
      const layout = layOut(graph, cards, this.#page.boxes, this.#page.direction);
      const curves = curvesOf(graph.links, layout, cards, this.#page.direction);
      this.#layouts.set(key, { graph, cards, layout, curves });
    }
    return this.#layouts.get(key);
  }

  #build() {
    const { graph, cards, layout, curves } = this.#laidOut();
    this.#itemOf = graph.itemOf;
    this.#marks = graph.items.map(
      (item, index) => new Mark(this.#page, item, cards[index], layout.centres[index]),
    );
    this.#links = graph.links.map((link, index) => {
      const isIntoBox = graph.items[link.head].box !== null; // there it would be out of place
      return new LinkMark(this.#page, link, curves[index], !isIntoBox);
    });
    this.#heads = new Map();
    for (const box of graph.frames) {
      const frame = layout.frames.get(box);
      const drawn = drawFrame(this.#page, box, this.#depth(box), frame, this.#ruler);
      this.#heads.set(box, { frame, ...drawn });
    }
    const heads = [...this.#heads.values()];
    this.#layers.frames.replaceChildren(...heads.map((head) => head.border));
    this.#layers.links.replaceChildren(...this.#links.map((link) => link.element));
    this.#layers.heads.replaceChildren(...heads.map((head) => head.head));
    this.#layers.nodes.replaceChildren(...this.#marks.map((mark) => mark.element));
    this.#camera.aimAt(layout.bounds);
    this.#stops = new Stops(graph.links, this.#marks, this.#heads, this.#page.boxes);
  }

  #depth(box) {
    const { parent } = this.#page.boxes[box];
    return parent === null ? 0 : this.#depth(parent) + 1;
  }

  #update() {
    const moment = this.#moment;
    for (const mark of this.#marks) {
      const { item } = mark;
      mark.update({
        lit: Math.max(...item.members.map((node) => moment.lit[node])),
        active: moment.node !== null && item.members.includes(moment.node),
        data: spanOf(item, moment.data, (node) => moment.dataKnown[node] === 1),
        grad: spanOf(item, moment.grad, (node) => moment.gradKnown[node] === 1),
      });
    }
    const { flow } = this.#page.frame(moment.frame);
    for (const link of this.#links) {
      link.update(moment, flow);
    }
  }

  #listen(view) {
    view.addEventListener("click", (event) => this.#toggleAt(event.target));
    view.addEventListener("keydown", (event) => this.#key(event));
    view.addEventListener("pointerover", (event) => this.#point(event.target));
    view.addEventListener("pointerleave", () => this.#point(document.activeElement));
    view.addEventListener("focusin", (event) => {
      const stop = this.#stops.at(event.target);
      if (stop) {
        this.#stops.moveTo(stop, false);
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
    this.#trace(this.#stops.at(target)?.item ?? null);
  }

  #trace(item) {
    if (this.#traced === item) {
      return;
    }
    this.#traced = item;
    const view = this.#container.firstElementChild;
    view.classList.toggle("tracing", item !== null);
    const paths = item ? pathsToOutputs(this.#page, item.members) : null;
    for (const mark of this.#marks) {
      const lies = paths !== null && mark.item.members.some((node) => paths.nodes.has(node));
      mark.element.classList.toggle("on-path", lies);
    }
    for (const { element, link } of this.#links) {
      const lies = paths !== null && link.edges.some((edge) => paths.edges.has(edge));
      element.classList.toggle("on-path", lies);
    }
  }

  #toggleAt(target) {
    const stop = this.#stops.at(target);
    if (stop && stop.box !== null) {
      this.fold(stop.box, !this.#folded.has(stop.box));
    }
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const stop = this.#stops.at(event.target);
    const commands = {
      "+": () => this.zoomIn(),
      "=": () => this.zoomIn(),
      "-": () => this.zoomOut(),
      0: () => this.fit(),
    };
    if (commands[event.key]) {
      commands[event.key]();
    } else if (!stop) {
      return;
    } else if (stop.box !== null && (event.key === "Enter" || event.key === " ")) {
      this.fold(stop.box, !this.#folded.has(stop.box));
    } else if (MOVES.has(event.key)) {
      this.#stops.moveTo(this.#stops.after(event.key, stop, this.#page.direction), true);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
