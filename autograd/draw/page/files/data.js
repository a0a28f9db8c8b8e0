/**
 * The page's data: names and structure from the JSON in the page, numbers from the base64 in that.
 *
 * @typedef {object} Span
 * @property {Float64Array} low - the smallest of what each node or edge stands for.
 * @property {Float64Array} high - the largest; the very same array if all stand for one thing.
 *
 * @typedef {object} Frame - the numbers at one moment; NaN where nothing is known.
 * @property {Span} data - of each node.
 * @property {Span} grad - of each node.
 * @property {Span} local - of each edge: the derivative of the operation in this operand.
 * @property {Span} flow - of each edge: what comes back along it.
 * @property {Span} total - of each edge: the gradient of its tail once the flow has been added.
 *
 * @typedef {object} PageNode
 * @property {string} name
 * @property {"value" | "number" | "operation" | "unit"} kind
 * @property {"input" | "parameter" | "constant" | "intermediate" | "output" | null} role
 * @property {string} label
 * @property {string} path
 * @property {string} symbol
 * @property {string} title
 * @property {string[]} lines
 * @property {number} count
 * @property {number} repeats
 * @property {number | null} box
 *
 * @typedef {object} Page
 * @property {PageNode[]} nodes - operands before results.
 * @property {{tail: number, head: number, operand: string, count: number, result: boolean}[]} edges
 * @property {{name: string, title: string, use: string, parent: number | null,
 *   folded: boolean}[]} boxes - use: which of several beside each other, "2 of 4", or empty.
 * @property {number} precision - significant digits of the numbers that are shown.
 * @property {number[]} operations - indexes of the nodes that compute something, in order.
 * @property {number[][]} inputs - for each node the edges into it, in the order of operands.
 * @property {number[][]} outputs - for each node the edges out of it.
 * @property {(index: number) => Frame} frame
 * @property {Span | null} stored - of each node, the gradient that the Values hold where it is another
 *   than that of the pass, NaN elsewhere; null if there is no such node.
 * @property {{nodes: number[], places: number, numbers: string} | null} nudges - read by nudge.js.
 */

const COLUMNS = [
  ["data", "nodes"],
  ["grad", "nodes"],
  ["local", "edges"],
  ["flow", "edges"],
  ["total", "edges"],
];

/**
 * Read what the page is about.
 *
 * @param {Document} document
 * @returns {Page}
 */
export function readPage(document) {
  const json = JSON.parse(document.getElementById("page-data").textContent);
  const inputs = json.nodes.map(() => []);
  const outputs = json.nodes.map(() => []);
  for (const [index, edge] of json.edges.entries()) {
    inputs[edge.head].push(index);
    outputs[edge.tail].push(index);
  }
  const frames = framesOf(json);
  // The indexes that everything else goes by are added.
  return {
    ...json,
    inputs,
    outputs,
    operations: [...json.nodes.keys()].filter((index) =>
      ["operation", "unit"].includes(json.nodes[index].kind),
    ),
    frame: (index) => frames[index],
    stored: json.stored ? storedOf(json) : null,
  };
}

function storedOf({ stored, nodes }) {
  const numbers = new Float64Array(bytesOf(stored).buffer);
  return { low: numbers.subarray(0, nodes.length), high: numbers.subarray(nodes.length) };
}

function framesOf(json) {
  const numbers = new Float64Array(bytesOf(json.frames.numbers).buffer);
  let at = 0;
  const take = (count) => numbers.subarray(at, (at += count));
  return Array.from({ length: json.frames.count }, () =>
    Object.fromEntries(
      COLUMNS.map(([name, of]) => {
        const low = take(json[of].length);
        return [name, { low, high: json.frames.spans ? take(json[of].length) : low }];
      }),
    ),
  );
}

/**
 * What was written in base64.
 *
 * @param {string} base64
 * @returns {Uint8Array}
 */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
