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

const NODE_GAP = 16; // pixels
const LANE_GAP = 10;
const LANE_WEIGHT = 8; // how much more a lane is to be straight
const SWEEPS = 6;
const WIDEST = 2; // times the widest rank
const SHORTEST = [0, 4, 16, 64, 256, 1024, Infinity]; // chains that are kept straight, one by one tried

/**
 * The sides of all places.
 *
 * @param {import("chainrule/layering.js").Place[]} places
 * @param {number[][]} rows - the places of each rank, in order.
 * @returns {Float64Array} pixels across the computation, of the middle of each.
 */
export function sidesOf(places, rows) {
  const height = heightsOf(places, rows);
  const widest = rows.reduce((most, row) => Math.max(most, widthOf(row, places)), 0);
  let found;
  for (const shortest of SHORTEST) {
    found = packedFrom(places, rows, height, shortest);
    if (found.width <= WIDEST * widest) {
      break;
    }
  }
  const { blockOf, pairs, order, low, width } = found;
  const count = low.length;
  const high = packed(count, order.toReversed(), turned(pairs)).map((x) => width - x);
  const sides = low.map((x, block) => (x + high[block]) / 2);
  settle(sides, places, blockOf, order, pairs);
  return Float64Array.from(blockOf, (block) => sides[block]);
}

/** How wide a rank is from the middle of its first place to that of its last. */
function widthOf(row, places) {
  let width = 0;
  for (let k = 1; k < row.length; k += 1) {
    width += apartOf(places[row[k - 1]], places[row[k]]);
  }
  return width;
}

const apartOf = (a, b) => (a.size + b.size) / 2 + (a.isLane || b.isLane ? LANE_GAP : NODE_GAP);

/** Blocks of chains that are not too short, packed to one side. */
function packedFrom(places, rows, height, shortest) {
  const blockOf = blocksOf(places, rows, height, shortest);
  const pairs = pairsOf(places, rows, blockOf);
  const count = blockOf.reduce((most, block) => Math.max(most, block + 1), 0);
  const order = orderOf(count, pairs);
  const low = packed(count, order, pairs);
  return { blockOf, pairs, order, low, width: low.reduce((most, x) => Math.max(most, x), 0) };
}

/** The block of each place: that of the place before it in line with it, or one of its own. */
function blocksOf(places, rows, height, shortest) {
  const at = new Int32Array(places.length);
  const blockOf = new Int32Array(places.length).fill(-1);
  let count = 0;
  for (const row of rows) {
    const wishes = row.map((place) => {
      const from = highest(places[place].before, height);
      const isLane = from !== null && places[from].isLane && places[place].isLane;
      return { place, from, weight: isLane ? LANE_WEIGHT : 1 + height[from] / (height[from] + 9) };
    });
    const long = wishes.filter(({ from }) => from !== null && height[from] >= shortest);
    const inLine = withoutCrossings(long, at);
    for (const { place, from } of inLine) {
      blockOf[place] = blockOf[from];
    }
    for (const [k, place] of row.entries()) {
      at[place] = k;
      if (blockOf[place] < 0) {
        blockOf[place] = count;
        count += 1;
      }
    }
  }
  return blockOf;
}

/** For each place the length of the longest way to it. */
function heightsOf(places, rows) {
  const height = new Int32Array(places.length);
  for (const place of rows.flat()) {
    for (const before of places[place].before) {
      height[place] = Math.max(height[place], height[before] + 1);
    }
  }
  return height;
}

function highest(candidates, height) {
  let best = null;
  for (const place of candidates) {
    if (best === null || height[place] > height[best]) {
      best = place;
    }
  }
  return best;
}

/**
 * The heaviest choice of wishes of which no two cross, and none shares its origin. They come in the
 * order of their places; so their origins have to ascend, and a tree of maxima (Fenwick, 1994) finds
 * the best choice that ends before a given one.
 */
function withoutCrossings(wishes, at) {
  const size = wishes.reduce((most, { from }) => Math.max(most, at[from] + 1), 0);
  const best = Array.from({ length: size + 1 }, () => null);
  let top = null;
  for (const wish of wishes) {
    let before = null;
    for (let k = at[wish.from]; k > 0; k -= k & -k) {
      before = heavier(before, best[k]);
    }
    const chosen = { wish, before, total: wish.weight + (before?.total ?? 0) };
    for (let k = at[wish.from] + 1; k <= size; k += k & -k) {
      best[k] = heavier(best[k], chosen);
    }
    top = heavier(top, chosen);
  }
  const chosen = [];
  for (let choice = top; choice !== null; choice = choice.before) {
    chosen.push(choice.wish);
  }
  return chosen;
}

const heavier = (a, b) => (a === null || (b !== null && b.total > a.total) ? b : a);

/** Which blocks stand beside each other somewhere, and how far apart they have to be. */
function pairsOf(places, rows, blockOf) {
  const pairs = [];
  for (const row of rows) {
    for (let k = 1; k < row.length; k += 1) {
      const [a, b] = [row[k - 1], row[k]];
      pairs.push({ low: blockOf[a], high: blockOf[b], apart: apartOf(places[a], places[b]) });
    }
  }
  return pairs;
}

const turned = (pairs) => pairs.map(({ low, high, apart }) => ({ low: high, high: low, apart }));

/** The blocks from one side to the other. Since no two lines cross, the pairs have no cycle. */
function orderOf(count, pairs) {
  const above = Array.from({ length: count }, () => []);
  const waiting = new Int32Array(count);
  for (const { low, high } of pairs) {
    above[low].push(high);
    waiting[high] += 1;
  }
  const ready = [...waiting.keys()].filter((block) => waiting[block] === 0);
  for (const block of ready) {
    for (const next of above[block]) {
      waiting[next] -= 1;
      if (waiting[next] === 0) {
        ready.push(next); // the loop comes to it
      }
    }
  }
  return ready;
}

/** Each block as near to the side as those before it let it. */
function packed(count, order, pairs) {
  const beyond = Array.from({ length: count }, () => []);
  for (const pair of pairs) {
    beyond[pair.low].push(pair);
  }
  const sides = new Float64Array(count);
  for (const block of order) {
    for (const { high, apart } of beyond[block]) {
      sides[high] = Math.max(sides[high], sides[block] + apart);
    }
  }
  return sides;
}

/** Move blocks towards what they are joined to, each as far as its neighbours leave room. */
function settle(sides, places, blockOf, order, pairs) {
  const joined = Array.from(sides, () => []);
  for (const [place, { after }] of places.entries()) {
    for (const next of after) {
      const [a, b] = [blockOf[place], blockOf[next]];
      if (a !== b) {
        joined[a].push(b);
        joined[b].push(a);
      }
    }
  }
  const beside = Array.from(sides, () => []);
  for (const pair of pairs) {
    beside[pair.low].push(pair);
    beside[pair.high].push(pair);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const block of sweep % 2 === 0 ? order : order.toReversed()) {
      if (joined[block].length === 0) {
        continue;
      }
      let [least, most] = [-Infinity, Infinity];
      for (const { low, high, apart } of beside[block]) {
        if (high === block) {
          least = Math.max(least, sides[low] + apart);
        } else {
          most = Math.min(most, sides[high] - apart);
        }
      }
      const wish = joined[block].reduce((sum, other) => sum + sides[other], 0) / joined[block].length;
      sides[block] = Math.max(least, Math.min(most, wish));
    }
  }
}
