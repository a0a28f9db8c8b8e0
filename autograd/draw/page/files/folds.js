/**
 * What is visible when some boxes are folded: each folded box is one item in place of all that is
 * in it, edges that cross its border lead to it, and several between the same two items become one.
 * Pure: no document, no layout.
 */

/**
 * @typedef {object} Item - a node, or a folded box.
 * @property {number | null} node - the index of the node, or null.
 * @property {number | null} box - the index of the folded box, or null.
 * @property {number | null} parent - the unfolded box it is in, or null.
 * @property {number[]} members - indexes of the nodes it stands for.
 * @property {number[]} results - those of them whose numbers leave it.
 */

/**
 * @typedef {object} Link - what joins two items.
 * @property {number} tail - index of an item.
 * @property {number} head - index of an item.
 * @property {number[]} edges - indexes of the edges it stands for.
 */

/**
 * @typedef {object} VisibleGraph
 * @property {Item[]} items - operands before results, as far as folding leaves such an order.
 * @property {Link[]} links
 * @property {number[]} frames - the unfolded boxes with something in them, outer before inner.
 * @property {Int32Array} itemOf - for each node, the item that stands for it.
 */

/**
 * How many boxes a box is in.
 *
 * @param {{parent: number | null}[]} boxes
 * @param {number} box
 * @returns {number}
 */
export function depthOf(boxes, box) {
  const { parent } = boxes[box];
  return parent === null ? 0 : depthOf(boxes, parent) + 1;
}

/**
 * For each box the outermost folded one around it, itself included; or null.
 *
 * @param {{parent: number | null}[]} boxes - parents first.
 * @param {Set<number>} folded
 * @returns {(number | null)[]}
 */
function coversOf(boxes, folded) {
  const covers = [];
  for (const [index, box] of boxes.entries()) {
    const around = box.parent === null ? null : covers[box.parent];
    covers.push(around ?? (folded.has(index) ? index : null));
  }
  return covers;
}

/**
 * The graph that is left to see.
 *
 * @param {{nodes: object[], edges: object[], boxes: object[], outputs: number[][]}} page
 * @param {Set<number>} folded - indexes of boxes.
 * @returns {VisibleGraph}
 */
export function visibleGraph(page, folded) {
  const covers = coversOf(page.boxes, folded);
  const items = [];
  const itemOf = new Int32Array(page.nodes.length);
  const itemOfBox = new Map();
  for (const [index, node] of page.nodes.entries()) {
    const box = node.box === null ? null : covers[node.box];
    let item = box === null ? undefined : itemOfBox.get(box);
    if (item === undefined) {
      item = items.length;
      const parent = box === null ? node.box : page.boxes[box].parent;
      items.push({ node: box === null ? index : null, box, parent, members: [], results: [] });
      if (box !== null) {
        itemOfBox.set(box, item);
      }
    }
    items[item].members.push(index);
    itemOf[index] = item;
  }
  for (const item of items) {
    item.results = item.members.filter((node) => leaves(page, itemOf, node));
  }
  return { items, links: linksOf(page, items, itemOf), frames: framesOf(page, items), itemOf };
}

/** Whether the number of a node is seen outside of the item that stands for it. */
function leaves(page, itemOf, node) {
  return (
    page.nodes[node].role === "output" ||
    page.outputs[node].some((edge) => itemOf[page.edges[edge].head] !== itemOf[node])
  );
}

function linksOf(page, items, itemOf) {
  const links = [];
  const merged = new Map();
  for (const [index, edge] of page.edges.entries()) {
    const tail = itemOf[edge.tail];
    const head = itemOf[edge.head];
    const merges = items[tail].box !== null || items[head].box !== null;
    const key = `${tail} ${head}`;
    if (tail === head) {
      continue; // inside of a folded box
    }
    if (merges && merged.has(key)) {
      merged.get(key).edges.push(index);
      continue;
    }
    const link = { tail, head, edges: [index] };
    links.push(link);
    if (merges) {
      merged.set(key, link);
    }
  }
  return links;
}

function framesOf(page, items) {
  const inhabited = new Set();
  for (const item of items) {
    for (let box = item.parent; box !== null; box = page.boxes[box].parent) {
      inhabited.add(box);
    }
  }
  return [...inhabited].toSorted((a, b) => a - b);
}
