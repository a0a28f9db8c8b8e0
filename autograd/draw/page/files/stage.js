/**
 * What of a graph is drawn: a graph of thousands of nodes is drawn only where it is looked at, and
 * from far away as shapes without a word on them. What has left the view is taken out of the page.
 *
 * Invariant: what is drawn is up to date. A mark that was out of the page may be behind, so it is
 * brought up to date when it comes back.
 */

import { spanOf } from "chainrule/cards.js";
import { Crowd } from "chainrule/crowd.js";
import { LinkMark } from "chainrule/links.js";
import { Mark, drawFrame } from "chainrule/marks.js";
import { Overview } from "chainrule/overview.js";
import { pathsToOutputs } from "chainrule/paths.js";
import { NOWHERE, grown } from "chainrule/rectangles.js";
import { changesBetween, litOf } from "chainrule/steps.js";
import { svg } from "chainrule/svg.js";

const FEW = 200; // items: as many are drawn wherever one looks
const AROUND = 0.25; // of the view, on every side: drawn before it comes into view
const END = 60; // pixels, about the end of a line: its arrow, and the name of the operand
const DASHED = 1e5; // the length of lines that are dashed: browsers paint each dash, in view or not
const LEGIBLE = 0.5; // from further away than this nothing can be read

/** All of one layout that can be seen. */
export class Stage {
  #page;
  #graph;
  #marks;
  #links;
  #lines;
  #frames;
  #overview;
  #stopOf = new WeakMap();
  #pinned = null;
  #moment = null;
  #sample = null;
  #linkOf;
  #paths = null;
  #isFar = false;
  #chosen = null;

  /** The elements to be shown, the lowest first. */
  layers;

  /**
   * @param {object} page - from data.js.
   * @param {object} plan - what is visible, and where: `graph`, `cards`, `layout`, `curves`, `heads`.
   * @param {import("chainrule/stops.js").Stops} stops
   */
  constructor(page, { graph, cards, layout, curves, heads }, stops) {
    this.#page = page;
    this.#graph = graph;
    this.#linkOf = new Int32Array(page.edges.length).fill(-1); // inside of a folded box
    for (const [index, { edges }] of graph.links.entries()) {
      edges.forEach((edge) => (this.#linkOf[edge] = index));
    }
    const [frames, links, headLayer, nodes] = ["frames", "links", "heads", "nodes"].map((name) =>
      svg("g", { class: name }),
    );
    this.#lines = links;
    links.setAttribute("aria-hidden", "true");
    this.#overview = new Overview(graph.items, cards, layout.rectangles, curves);
    this.layers = [frames, this.#overview.element, links, headLayer, nodes];
    this.#frames = new Crowd([...heads.values()].map(({ frame }) => frame), [frames, headLayer], {
      make: (index) => {
        const box = graph.frames[index];
        const { border, head } = drawFrame(page, box, heads.get(box));
        this.#stopOf.set(head, stops.ofBox(box));
        return { elements: [border, head] };
      },
    });
    this.#marks = new Crowd(layout.rectangles, [nodes], {
      make: (index) => {
        const mark = new Mark(page, graph.items[index], cards[index], layout.centres[index]);
        this.#stopOf.set(mark.element, stops.ofItem(index));
        return { elements: [mark.element], mark };
      },
      appear: ({ mark }) => this.#refreshMark(mark),
    });
    this.#links = new Crowd(graph.links.map((_, index) => curves.roomOf(index)), [links], {
      boundsOf: (index) => curves.at(index).bounds,
      make: (index) => {
        const link = graph.links[index];
        const isIntoBox = graph.items[link.head].box !== null; // there it would be out of place
        const mark = new LinkMark(page, link, curves.at(index), !isIntoBox);
        return { elements: [mark.element], mark };
      },
      appear: ({ mark }) => this.#refreshLink(mark),
    });
  }

  /** Whether all of it is drawn wherever one looks. */
  get isSmall() {
    return this.#graph.items.length <= FEW;
  }

  /** Whether it is seen from so far away that nothing can be read. */
  get isFar() {
    return this.#isFar;
  }

  /** @returns {Mark[]} those that are drawn. */
  get marks() {
    return this.#marks.drawn.map(({ mark }) => mark);
  }

  /**
   * Draw what can be seen.
   *
   * @param {import("chainrule/rectangles.js").Rectangle | null} area - the part of the drawing that
   *   is looked at; null for all of it, as on paper.
   * @param {number} scale - how large it is seen.
   */
  look(area, scale) {
    const isWhole = area === null || this.isSmall;
    this.#isFar = !isWhole && scale < LEGIBLE;
    const seen = isWhole ? null : grown(area, area.width * AROUND, area.height * AROUND);
    const pinnedItem = this.#pinned?.item ? this.#pinned.index : null;
    const pinnedFrame = this.#pinned?.item ? null : this.#graph.frames.indexOf(this.#pinned?.box);
    const near = this.#isFar ? NOWHERE : seen;
    this.#frames.look(seen, pinnedFrame);
    this.#links.look(near, null);
    const ends = near && grown(near, END, END);
    this.#links.drawn.forEach(({ mark }) => mark.look(ends));
    this.#lines.classList.toggle("crowded", area !== null && this.#links.extent > DASHED);
    this.#marks.look(near, pinnedItem);
    this.#overview.look(this.#isFar, this.#moment);
  }

  /**
   * The stop that an event or the focus is at.
   *
   * @param {Element | null} target
   * @returns {import("chainrule/stops.js").Stop | undefined}
   */
  stopAt(target) {
    const element = target?.closest?.(".node, .head");
    return element ? this.#stopOf.get(element) : undefined;
  }

  /**
   * Make a stop the one that Tab comes to; it stays drawn.
   *
   * @param {import("chainrule/stops.js").Stop} stop
   * @returns {SVGElement}
   */
  pin(stop) {
    if (this.#pinned) {
      this.#elementOf(this.#pinned).setAttribute("tabindex", "-1");
    }
    this.#pinned = stop;
    const element = this.#elementOf(stop);
    element.setAttribute("tabindex", "0");
    return element;
  }

  #elementOf({ item, box, index }) {
    return item
      ? this.#marks.draw(index).elements[0]
      : this.#frames.draw(this.#graph.frames.indexOf(box)).elements[1];
  }

  /**
   * Show a moment.
   *
   * @param {object} moment - from steps.js.
   */
  update(moment) {
    const before = this.#moment;
    this.#moment = moment;
    const isSameGraph = before?.frame === moment.frame && this.#sample === this.#page.sample;
    this.#sample = this.#page.sample;
    if (isSameGraph) {
      this.#updateChanged(before, moment);
    } else {
      this.#marks.drawn.forEach(({ mark }) => this.#refreshMark(mark));
      this.#links.drawn.forEach(({ mark }) => this.#refreshLink(mark));
    }
    this.#overview.update(moment);
  }

  /** Of what is drawn only that is touched which changes from one step to the next. */
  #updateChanged(before, moment) {
    const { inputs, outputs } = this.#page;
    const nodes = changesBetween(before, moment);
    const steps = [before.node, moment.node].filter((node) => node !== null);
    const items = [...nodes, ...steps].map((node) => this.#graph.itemOf[node]);
    const edges = [nodes.flatMap((node) => inputs[node]), nodes.flatMap((node) => outputs[node])];
    const links = [...edges.flat(), ...before.edges, ...moment.edges].map((edge) => this.#linkOf[edge]);
    this.#marks.among(items).forEach(({ mark }) => this.#refreshMark(mark));
    this.#links.among(links).forEach(({ mark }) => this.#refreshLink(mark));
  }

  /**
   * Let a node stand out.
   *
   * @param {number | null} node - or none.
   */
  mark(node) {
    this.#chosen = node;
    this.#marks.drawn.forEach(({ mark }) => mark.press(mark.item.node === node));
  }

  /**
   * Light what an item leads to.
   *
   * @param {import("chainrule/folds.js").Item | null} item
   */
  trace(item) {
    this.#paths = item ? pathsToOutputs(this.#page, item.members) : null;
    this.#marks.drawn.forEach(({ mark }) => this.#traceMark(mark));
    this.#links.drawn.forEach(({ mark }) => this.#traceLink(mark));
  }

  #refreshMark(mark) {
    const { item } = mark;
    const moment = this.#moment;
    if (moment) {
      mark.update({
        lit: litOf(item, moment),
        active: moment.node !== null && item.members.includes(moment.node),
        data: spanOf(item, moment.data, (node) => moment.dataKnown[node] === 1),
        grad: spanOf(item, moment.grad, (node) => moment.gradKnown[node] === 1),
      });
    }
    mark.press(item.node !== null && item.node === this.#chosen);
    this.#traceMark(mark);
  }

  #refreshLink(mark) {
    if (this.#moment) {
      mark.update(this.#moment, this.#page.frame(this.#moment.frame).flow);
    }
    this.#traceLink(mark);
  }

  #traceMark({ element, item }) {
    const nodes = this.#paths?.nodes;
    element.classList.toggle("on-path", item.members.some((node) => nodes?.has(node)));
  }

  #traceLink({ element, link }) {
    const edges = this.#paths?.edges;
    element.classList.toggle("on-path", link.edges.some((edge) => edges?.has(edge)));
  }
}
