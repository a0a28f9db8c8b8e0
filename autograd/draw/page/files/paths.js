/**
 * What lies on the way from a node to the outputs: all that it has an influence on. In reverse, it
 * is all through which a gradient comes back to it. Pure: no document, no layout.
 */

/**
 * Everything that can be reached from some nodes along the edges, the nodes themselves included.
 *
 * @param {{edges: {head: number}[], outputs: number[][]}} page
 * @param {Iterable<number>} starts - indexes of nodes.
 * @returns {{nodes: Set<number>, edges: Set<number>}} indexes of nodes and of edges.
 */
export function pathsToOutputs(page, starts) {
  const nodes = new Set(starts);
  const edges = new Set();
  const pending = [...nodes];
  while (pending.length > 0) {
    for (const edge of page.outputs[pending.pop()]) {
      edges.add(edge);
      const { head } = page.edges[edge];
      if (!nodes.has(head)) {
        nodes.add(head);
        pending.push(head);
      }
    }
  }
  return { nodes, edges };
}
