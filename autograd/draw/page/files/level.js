/** The graph of a large level, with as much of the interface of dagre's as a layout here asks for. */

export class LevelGraph {
  /** The points at which edges turn, each once: thousands of edges share those of a lane. */
  bends = [];

  #nodes = new Map();
  #edges = [];
  #leaving = new Map(); // from a node to its edges, by their heads
  #entering = new Map();

  /** @returns {string[]} the names of the nodes, in the order in which they came. */
  nodes() {
    return [...this.#nodes.keys()];
  }

  /** @returns {object} what is known of a node. */
  node(name) {
    return this.#nodes.get(name);
  }

  setNode(name, label) {
    this.#nodes.set(name, label);
  }

  /** @returns {{v: string, w: string, label: object}[]} the edges, in the order in which they came. */
  edges() {
    return this.#edges;
  }

  /** @returns {object | undefined} what is known of an edge, given as in `edges` or by its ends. */
  edge(from, to) {
    return to === undefined ? from.label : this.#leaving.get(from)?.get(to)?.label;
  }

  hasEdge(from, to) {
    return this.edge(from, to) !== undefined;
  }

  setEdge(from, to, label) {
    const known = this.#leaving.get(from)?.get(to);
    if (known) {
      known.label = label;
      return;
    }
    const edge = { v: from, w: to, label };
    this.#edges.push(edge);
    this.#leaving.set(from, (this.#leaving.get(from) ?? new Map()).set(to, edge));
    this.#entering.set(to, this.#entering.get(to) ?? []);
    this.#entering.get(to).push(edge);
  }

  /** @returns {object[]} the edges to a node. */
  inEdges(to) {
    return this.#entering.get(to) ?? [];
  }
}
