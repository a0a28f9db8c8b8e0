/**
 * How a gradient that flows along a link looks: width and strength of colour say how large it is,
 * hue and dashes which sign it has. The same scale as in a still picture: both grow with the square
 * root of the magnitude relative to the largest finite one, so that a hundredth of it can still be
 * seen.
 */

const THINNEST = 1.2;
const WIDEST = 6;
const PALEST = 0.35;

const largestOf = new WeakMap();

/**
 * The largest finite magnitude among spans that do not change.
 *
 * @param {{low: Float64Array, high: Float64Array}} spans
 * @returns {number} 0 if there is none.
 */
export function largest(spans) {
  if (!largestOf.has(spans.low)) {
    let most = 0;
    for (const side of [spans.low, spans.high]) {
      for (const x of side) {
        if (Number.isFinite(x)) {
          most = Math.max(most, Math.abs(x));
        }
      }
    }
    largestOf.set(spans.low, most);
  }
  return largestOf.get(spans.low);
}

/**
 * The span of what flows along some edges.
 *
 * @param {number[]} edges
 * @param {{low: Float64Array, high: Float64Array}} flow - of all edges.
 * @returns {{low: number, high: number}}
 */
export function flowOf(edges, flow) {
  return {
    low: Math.min(...edges.map((edge) => flow.low[edge])),
    high: Math.max(...edges.map((edge) => flow.high[edge])),
  };
}

/**
 * The look of a flow.
 *
 * @param {{low: number, high: number}} span
 * @param {{low: Float64Array, high: Float64Array}} flow - of all edges: the scale.
 * @returns {{sign: "positive" | "negative" | "mixed" | "zero" | "alarm", width: number,
 *   strength: number}} the strength of the colour is between 0 and 1.
 */
export function lookOf({ low, high }, flow) {
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    return { sign: "alarm", width: WIDEST, strength: 1 };
  }
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  if (magnitude === 0) {
    return { sign: "zero", width: THINNEST, strength: 0 };
  }
  const share = Math.sqrt(magnitude / largest(flow));
  return {
    sign: signOf(low, high),
    width: THINNEST + (WIDEST - THINNEST) * share,
    strength: PALEST + (1 - PALEST) * share,
  };
}

function signOf(low, high) {
  if (low < 0 && high > 0) {
    return "mixed";
  }
  return high > 0 ? "positive" : "negative";
}
