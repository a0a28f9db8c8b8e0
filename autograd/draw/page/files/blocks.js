/**
 * How far to the side the places of a layered graph stand, when their order in each rank is known.
 *
 * Places that follow each other are put into one block, which stands at one line: so long chains and
 * lanes are straight. No two of these lines cross, so blocks have an order as well, and can be packed
 * from either side; in the middle of both, none overlaps. Then each goes towards its neighbours, as
 * far as there is room.
 *
 * Many short blocks, each a rank further than the one before, make a staircase, which is far wider
 * than any rank. Then short chains are not kept straight, and less short ones, until it is narrow.
 *
 * Source of the idea of blocks: U. Brandes and B. Köpf, "Fast and simple horizontal coordinate
 * assignment" (2001).
 */

import { groupsOf } from "chainrule/grouping.js";

const NODE_GAP = 16; // pixels
const LANE_GAP = 10;
const LANE_WEIGHT = 8; // how much more a lane is to be straight
const SWEEPS = 6;
const WIDEST = 2; // times the widest rank
const SHORTEST = [0, 4, 16, 64, 256, 1024, Infinity]; // chains that are kept straight, one by one tried

/**
 * The sides of all places.
 *
 * @param {import("chainrule/layering.js").Places} places
 * @param {number[][]} rows - the places of each rank, in order.
 * @returns {Float64Array} pixels across the computation, of the middle of each.
 */
export function sidesOf(places, rows) {
  const wishes = wishesOf(places, rows);
  const neighbours = neighboursOf(places, rows);
  let found;
  for (const shortest of SHORTEST) {
    found = packedFrom(rows, wishes, neighbours, shortest);
    if (found.width <= WIDEST * neighbours.widest) {
      break;
    }
  }
  const { blockOf, pairs, order, low, width } = found;
  const high = packed(order.toReversed(), { ...pairs, low: pairs.high, high: pairs.low });
  const sides = low.map((x, block) => (x + width - high[block]) / 2);
  settle(sides, places, blockOf, order, pairs);
  return Float64Array.from(blockOf, (block) => sides[block]);
}

/**
 * What each place is to be in line with: of those before it the one at the end of the longest way, or
 * -1; how long that way is; and how much it is to be straight.
 */
function wishesOf({ nodes, ranks, before: { starts, items } }, rows) {
  const height = new Int32Array(ranks.length);
  const from = new Int32Array(ranks.length).fill(-1);
  const weight = new Float64Array(ranks.length);
  for (const row of rows) {
    for (const place of row) {
      for (let k = starts[place]; k < starts[place + 1]; k += 1) {
        if (from[place] < 0 || height[items[k]] > height[from[place]]) {
          from[place] = items[k];
        }
      }
      if (from[place] >= 0) {
        const length = height[from[place]];
        height[place] = length + 1;
        const isLane = from[place] >= nodes && place >= nodes;
        weight[place] = isLane ? LANE_WEIGHT : 1 + length / (length + 9);
      }
    }
  }
  return { from, height, weight };
}

/** What stands beside each other, how far apart it has to be, and how wide the widest rank is. */
function neighboursOf({ nodes, sizes }, rows) {
  const count = rows.reduce((sum, row) => sum + Math.max(0, row.length - 1), 0);
  const [low, high, apart] = [new Int32Array(count), new Int32Array(count), new Float64Array(count)];
  let [pair, widest] = [0, 0];
  for (const row of rows) {
    let width = 0;
    for (let k = 1; k < row.length; k += 1) {
      const [a, b] = [row[k - 1], row[k]];
      low[pair] = a;
      high[pair] = b;
      apart[pair] = (sizes[a] + sizes[b]) / 2 + (a >= nodes || b >= nodes ? LANE_GAP : NODE_GAP);
      width += apart[pair];
      pair += 1;
    }
    widest = Math.max(widest, width);
  }
  return { low, high, apart, widest };
}

/** Blocks of chains that are not too short, packed to one side. */
function packedFrom(rows, wishes, neighbours, shortest) {
  const { blockOf, count } = blocksOf(rows, wishes, shortest);
  const low = neighbours.low.map((place) => blockOf[place]);
  const high = neighbours.high.map((place) => blockOf[place]);
  const pairs = { count, low, high, apart: neighbours.apart };
  const order = orderOf(pairs);
  const sides = packed(order, pairs);
  return { blockOf, pairs, order, low: sides, width: sides.reduce((most, x) => Math.max(most, x), 0) };
}

/** The block of each place: that of the place before it in line with it, or one of its own. */
function blocksOf(rows, wishes, shortest) {
  const { from, height } = wishes;
  const at = new Int32Array(from.length);
  const blockOf = new Int32Array(from.length).fill(-1);
  let count = 0;
  for (const row of rows) {
    const long = row.filter((place) => from[place] >= 0 && height[from[place]] >= shortest);
    for (const place of withoutCrossings(long, wishes, at)) {
      blockOf[place] = blockOf[from[place]];
    }
    for (const [k, place] of row.entries()) {
      at[place] = k;
      if (blockOf[place] < 0) {
        blockOf[place] = count;
        count += 1;
      }
    }
  }
  return { blockOf, count };
}

/**
 * The heaviest choice of places in line with what they wish, of which no two cross, and none shares
 * its origin. They come in their order; so their origins have to ascend, and a tree of maxima
 * (Fenwick, 1994) finds the best choice that ends before a given one.
 */
function withoutCrossings(row, { from, weight }, at) {
  const size = row.reduce((most, place) => Math.max(most, at[from[place]] + 1), 0);
  const best = new Int32Array(size + 1).fill(-1); // in the row, as all that follows
  const before = new Int32Array(row.length);
  const total = new Float64Array(row.length);
  const heavier = (a, b) => (a < 0 || (b >= 0 && total[b] > total[a]) ? b : a);
  let top = -1;
  for (const [n, place] of row.entries()) {
    let last = -1;
    for (let k = at[from[place]]; k > 0; k -= k & -k) {
      last = heavier(last, best[k]);
    }
    before[n] = last;
    total[n] = weight[place] + (last < 0 ? 0 : total[last]);
    for (let k = at[from[place]] + 1; k <= size; k += k & -k) {
      best[k] = heavier(best[k], n);
    }
    top = heavier(top, n);
  }
  const chosen = [];
  for (let n = top; n >= 0; n = before[n]) {
    chosen.push(row[n]);
  }
  return chosen;
}

/** The blocks from one side to the other. Since no two lines cross, the pairs have no cycle. */
function orderOf({ count, low, high }) {
  const { starts, items } = groupsOf(count, low, high);
  const waiting = new Int32Array(count);
  for (const block of high) {
    waiting[block] += 1;
  }
  const ready = new Int32Array(count);
  let found = 0;
  for (let block = 0; block < count; block += 1) {
    if (waiting[block] === 0) {
      ready[found] = block;
      found += 1;
    }
  }
  for (let n = 0; n < found; n += 1) {
    for (let k = starts[ready[n]]; k < starts[ready[n] + 1]; k += 1) {
      waiting[items[k]] -= 1;
      if (waiting[items[k]] === 0) {
        ready[found] = items[k]; // the loop comes to it
        found += 1;
      }
    }
  }
  return ready.subarray(0, found);
}

/** Each block as near to the side as those before it let it. */
function packed(order, { count, low, high, apart }) {
  const { starts, items } = groupsOf(count, low, low.map((_, pair) => pair));
  const sides = new Float64Array(count);
  for (const block of order) {
    for (let k = starts[block]; k < starts[block + 1]; k += 1) {
      const pair = items[k];
      sides[high[pair]] = Math.max(sides[high[pair]], sides[block] + apart[pair]);
    }
  }
  return sides;
}

/** Move blocks towards what they are joined to, each as far as its neighbours leave room. */
function settle(sides, { after }, blockOf, order, { count, low, high, apart }) {
  const [owners, others] = [[], []];
  for (let place = 0; place < blockOf.length; place += 1) {
    for (let k = after.starts[place]; k < after.starts[place + 1]; k += 1) {
      const [a, b] = [blockOf[place], blockOf[after.items[k]]];
      if (a !== b) {
        owners.push(a, b);
        others.push(b, a);
      }
    }
  }
  const joined = groupsOf(count, owners, others);
  const numbers = low.map((_, pair) => pair);
  const above = groupsOf(count, low, numbers);
  const below = groupsOf(count, high, numbers);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const block of sweep % 2 === 0 ? order : order.toReversed()) {
      const [start, end] = [joined.starts[block], joined.starts[block + 1]];
      if (start === end) {
        continue;
      }
      let [least, most] = [-Infinity, Infinity];
      for (let k = below.starts[block]; k < below.starts[block + 1]; k += 1) {
        const pair = below.items[k];
        least = Math.max(least, sides[low[pair]] + apart[pair]);
      }
      for (let k = above.starts[block]; k < above.starts[block + 1]; k += 1) {
        const pair = above.items[k];
        most = Math.min(most, sides[high[pair]] - apart[pair]);
      }
      let sum = 0;
      for (let k = start; k < end; k += 1) {
        sum += sides[joined.items[k]];
      }
      sides[block] = Math.max(least, Math.min(most, sum / (end - start)));
    }
  }
}
