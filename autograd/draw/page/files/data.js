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
 * @typedef {object} Parameters
 * @property {{path: string, label: string, node: number | null, uses: number,
 *   operations: string[]}[]} all - node: what shows it in the graph, or hides it inside.
 * @property {number} count - how many there are; of very many, `all` are only some.
 * @property {(index: number) => ParameterNumbers} frame
 * @property {() => Float64Array} everyData - the numbers of all parameters in all frames.
 *
 * @typedef {object} ParameterNumbers
 * @property {(index: number) => number} data
 * @property {(index: number) => number} grad
 * @property {Float64Array} grads - of all parameters.
 * @property {(index: number) => {operation: string, adjoint: number, local: number, flow: number}[]}
 *   uses - as far as they are known.
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
 * @property {boolean} inner - of a value: whether the unit that it comes out of reads it as well.
 * @property {number} repeats
 * @property {number} turns - how many of the repeats come one after the other.
 * @property {number | null} box
 *
 * @typedef {object} Page
 * @property {PageNode[]} nodes - operands before results.
 * @property {{tail: number, head: number, operand: string, count: number, result: boolean}[]} edges
 * @property {Object<number, {order: number[] | null, one: number[]}>} several - of operations that read
 *   several operands along one edge: the edges of the operands, in order, unless they are too many,
 *   and those edges along which it reads the same operand each time.
 * @property {{name: string, title: string, use: string, parent: number | null,
 *   folded: boolean}[]} boxes - use: which of several beside each other, "2 of 4", or empty.
 * @property {number} precision - significant digits of the numbers that are shown.
 * @property {boolean} hasBackward - whether there is what flows back along the edges.
 * @property {number[]} operations - indexes of the nodes that compute something, in order.
 * @property {number[][]} inputs - for each node the edges into it, in the order of operands.
 * @property {number[][]} outputs - for each node the edges out of it.
 * @property {(index: number) => Frame} frame - at this moment, of the sample that is chosen.
 * @property {() => Set<number>} absent - the nodes that have no part in that sample.
 * @property {number | null} sample - the sample of a batch whose numbers `frame` gives; null for all
 *   of them. It is set by whoever chooses one.
 * @property {{count: number, word: string, absent: number[][]} | null} samples - how many there are,
 *   what one is called, if it is known to be a sample, and for each that can be chosen the nodes that
 *   have no part in it.
 * @property {Parameters | null} parameters
 * @property {object | null} network - of a training: its layers, and maps of their units.
 * @property {string | null} change - what has changed since the graph was computed.
 * @property {Span | null} stored - of each node, the gradient that the Values hold where it is another
 *   than that of the pass, NaN elsewhere; null if there is no such node.
 * @property {{nodes: number[], places: number, numbers: string} | null} nudges - read by nudge.js.
 */

const NONE = new Set();

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
  const frames = framesOf(json, json.frames, json.frames.count);
  const each = json.samples ? json.samples.absent.map((nodes) => new Set(nodes)) : [];
  const ofSamples = json.samples
    ? framesOf(json, json.samples, json.frames.count * each.length)
    : [];
  // The indexes that everything else goes by are added.
  return {
    ...json,
    sample: null,
    inputs,
    outputs,
    operations: [...json.nodes.keys()].filter((index) =>
      ["operation", "unit"].includes(json.nodes[index].kind),
    ),
    frame(index) {
      return this.sample === null ? frames[index] : ofSamples[index * each.length + this.sample];
    },
    absent() {
      return this.sample === null ? NONE : each[this.sample];
    },
    parameters: json.parameters ? parametersOf(json) : null,
    change: json.change ?? null,
    stored: json.stored ? storedOf(json) : null,
  };
}

/** The numbers of parameters; `Parameters.read` says in which order they are. */
function parametersOf({ parameters, frames }) {
  const { all, count } = parameters;
  const numbers = floatsOf(parameters.numbers);
  const size = numbers.length / frames.count;
  let end = 2 * all.length;
  const starts = all.map(({ operations }) => {
    const start = end;
    end += 3 * operations.length;
    return start;
  });
  const frame = (index) => {
    const own = numbers.subarray(index * size, (index + 1) * size);
    return {
      data: (i) => own[i],
      grad: (i) => own[all.length + i],
      grads: own.subarray(all.length, 2 * all.length),
      uses: (i) =>
        all[i].operations.map((operation, use) => {
          const [adjoint, local, flow] = own.subarray(starts[i] + 3 * use);
          return { operation, adjoint, local, flow };
        }),
    };
  };
  const everyData = () =>
    Float64Array.from({ length: all.length * frames.count }, (_, at) =>
      numbers[Math.floor(at / all.length) * size + (at % all.length)],
    );
  return { all, count, frame, everyData };
}

function storedOf({ stored, nodes }) {
  const numbers = floatsOf(stored);
  return { low: numbers.subarray(0, nodes.length), high: numbers.subarray(nodes.length) };
}

function framesOf(json, given, count) {
  const numbers = floatsOf(given.numbers);
  let at = 0;
  const take = (size) => numbers.subarray(at, (at += size));
  return Array.from({ length: count }, () =>
    Object.fromEntries(
      COLUMNS.map(([name, of]) => {
        const low = take(json[of].length);
        return [name, { low, high: given.spans ? take(json[of].length) : low }];
      }),
    ),
  );
}

const floatsOf = (base64) => new Float64Array(bytesOf(base64).buffer);

/**
 * What was written in base64.
 *
 * @param {string} base64
 * @returns {Uint8Array}
 */
export function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = text.charCodeAt(at); // no code point is above 255
  }
  return bytes;
}
