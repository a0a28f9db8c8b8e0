/**
 * The cards that a line must not run across, and the ways around them. Pure geometry, along the
 * computation and across it, as in curves.js.
 *
 * @typedef {{along: number, across: number}} Point
 */

const CLEAR = 5; // between a line and a card
const BIN = 80; // pixels, for finding cards
const AHEAD = 16; // points of a line that one straight stretch may leave out
const SHORTEST = 8; // pixels along the computation from one turn to the next
const DEEPEST = 3; // detours on the way to a detour

/** Cards, found by where they are along the computation. */
export class Obstacles {
  #bins = new Map();

  /**
   * @param {import("chainrule/rectangles.js").Rectangle[]} rectangles - of the cards.
   * @param {boolean} upright - whether the computation goes up or down.
   */
  constructor(rectangles, upright) {
    for (const [item, { x, y, width, height }] of rectangles.entries()) {
      const [along, across, long, wide] = upright ? [y, x, height, width] : [x, y, width, height];
      const card = {
        item,
        start: along - CLEAR,
        stop: along + long + CLEAR,
        low: across - CLEAR,
        high: across + wide + CLEAR,
      };
      for (let bin = Math.floor(card.start / BIN); bin <= card.stop / BIN; bin += 1) {
        this.#bins.set(bin, this.#bins.get(bin) ?? []);
        this.#bins.get(bin).push(card);
      }
    }
  }

  /**
   * The first card that a curve from one point to another runs across, but its own.
   *
   * @param {Point} from
   * @param {Point} to
   * @param {number[]} own - indexes of items.
   * @param {number[]} slopes - of the curve at both ends; it must only rise, or only fall.
   * @returns {object | null}
   */
  firstOn(from, to, own, [leaving, arriving] = [0, 0]) {
    const length = to.along - from.along;
    const [first, last] = length < 0 ? [to.along, from.along] : [from.along, to.along];
    const acrossAt = (along) => {
      const t = length === 0 ? 0 : (along - from.along) / length;
      const s = 1 - t;
      const level = from.across + t * t * (3 - 2 * t) * (to.across - from.across);
      return level + length * t * s * (leaving * s - arriving * t);
    };
    const lowest = Math.min(from.across, to.across);
    const highest = Math.max(from.across, to.across);
    let found = null;
    for (let bin = Math.floor(first / BIN); bin <= last / BIN && !found; bin += 1) {
      for (const card of this.#bins.get(bin) ?? []) {
        const start = Math.max(first, card.start);
        const stop = Math.min(last, card.stop);
        const isBeside = card.high <= lowest || card.low >= highest;
        if (!isBeside && start < stop && !own.includes(card.item)) {
          // It only rises, or only falls: over the card it lies between where it enters and leaves.
          const a = acrossAt(start);
          const b = acrossAt(stop);
          if (Math.min(a, b) < card.high && Math.max(a, b) > card.low) {
            found = card;
          }
        }
      }
    }
    return found;
  }

  /**
   * A line with as few points as keep it clear of the cards, and with detours where it was not.
   *
   * @param {Point[]} points
   * @param {number[]} own - indexes of the items that it joins.
   * @returns {Point[]}
   */
  clearOf(points, own) {
    const kept = [points[0]];
    let at = 0;
    while (at < points.length - 1) {
      let next = Math.min(points.length - 1, at + AHEAD);
      while (next > at + 1 && this.firstOn(points[at], points[next], own)) {
        next -= 1;
      }
      kept.push(...this.#around(points[at], points[next], own, DEEPEST), points[next]);
      at = next;
    }
    return kept;
  }

  /** The points that lead around all cards between two points; none if there is no way. */
  #around(from, to, own, depth) {
    const card = this.firstOn(from, to, own);
    if (card === null || depth === 0) {
      return [];
    }
    for (const turns of waysBy(card, from, to)) {
      const way = [];
      for (const turn of [...turns, to]) {
        way.push(...this.#around(way.at(-1) ?? from, turn, own, depth - 1), turn);
      }
      if (way.every((point, k) => this.firstOn(way[k - 1] ?? from, point, own) === null)) {
        return way.slice(0, -1);
      }
    }
    return [];
  }
}

/** The turns that may lead by a card: straight on until it is passed, or late, or around it. */
function waysBy(card, from, to) {
  const sign = Math.sign(to.along - from.along);
  const [enter, leave] = sign > 0 ? [card.start, card.stop] : [card.stop, card.start];
  const middle = (from.across + to.across) / 2;
  const sides = [card.low, card.high].toSorted(
    (a, b) => Math.abs(a - middle) - Math.abs(b - middle),
  );
  const ways = [
    [{ along: leave, across: from.across }],
    [{ along: enter, across: to.across }],
    ...sides.map((across) => [
      { along: enter, across },
      { along: leave, across },
    ]),
  ];
  return ways.filter((turns) => {
    const points = [from, ...turns, to];
    return points.slice(1).every(({ along }, k) => sign * (along - points[k].along) >= SHORTEST);
  });
}
