/**
 * The cards that a line must not run across, and the ways around them. Pure geometry, along the
 * computation and across it, as in curves.js.
 *
 * @typedef {{along: number, across: number}} Point
 */

const CLEAR = 5; // between a line and a card
const BIN = 80; // pixels, for finding cards
const MANY = 16; // columns that a line may pass at once
const SLACK = 1; // pixels: more than a rounding
const AHEAD = 16; // points of a line that one straight stretch may leave out
const SHORTEST = 8; // pixels along the computation from one turn to the next
const DEEPEST = 3; // detours on the way to a detour

const binOf = (at) => Math.floor(at / BIN);

/** Cards, found by where they are: in columns along the computation, in order across it. */
export class Obstacles {
  #columns = new Map();
  #stretches = new Map(); // of `MANY` columns: a long line is seldom near a card
  #longest = 0; // along
  #widest = 0; // across

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
      this.#longest = Math.max(this.#longest, card.stop - card.start);
      this.#widest = Math.max(this.#widest, card.high - card.low);
      this.#add(this.#columns, BIN, card);
      this.#add(this.#stretches, MANY * BIN, card);
    }
    for (const column of [...this.#columns.values(), ...this.#stretches.values()]) {
      column.sort((a, b) => a.low - b.low);
    }
  }

  #add(columns, width, card) {
    for (let at = Math.floor(card.start / width); at <= card.stop / width; at += 1) {
      columns.set(at, columns.get(at) ?? []);
      columns.get(at).push(card);
    }
  }

  /** @returns {number} how far to the side of a line a way around cards leads at most. */
  get margin() {
    return DEEPEST * this.#widest;
  }

  /**
   * Whether a curve from one point to another runs across no card but its own.
   *
   * @param {Point} from
   * @param {Point} to
   * @param {number[]} own - indexes of items.
   * @param {number[]} slopes - of the curve at both ends; it must only rise, or only fall.
   * @returns {boolean}
   */
  isClear(from, to, own, slopes) {
    return this.#firstOn(from, to, own, slopes, true) === null;
  }

  /** A card that a curve runs across: of the first column with one the last, or any. */
  #firstOn(from, to, own, [leaving, arriving] = [0, 0], isAny = false) {
    const length = to.along - from.along;
    const first = Math.min(from.along, to.along);
    const last = Math.max(from.along, to.along);
    const acrossAt = (along) => {
      const t = length === 0 ? 0 : (along - from.along) / length;
      const s = 1 - t;
      const level = from.across + t * t * (3 - 2 * t) * (to.across - from.across);
      return level + length * t * s * (leaving * s - arriving * t);
    };
    const lowest = Math.min(from.across, to.across);
    const highest = Math.max(from.across, to.across);
    // It only rises, or only falls: over the cards of columns, which may be longer than these, it lies
    // between its two ends there.
    const rangeOver = (bin, count) => {
      const near = acrossAt(Math.max(first, bin * BIN - this.#longest));
      const far = acrossAt(Math.min(last, (bin + count) * BIN + this.#longest));
      const [least, most] = near < far ? [near, far] : [far, near];
      return [Math.max(lowest, least - SLACK), Math.min(highest, most + SLACK)];
    };
    let found = null;
    for (let bin = binOf(first); bin <= last / BIN && found === null; bin += 1) {
      if (bin % MANY === 0 && !this.#isAnyIn(this.#stretches.get(bin / MANY), rangeOver(bin, MANY))) {
        bin += MANY - 1;
        continue;
      }
      const column = this.#columns.get(bin);
      if (column === undefined) {
        continue;
      }
      const [least, most] = rangeOver(bin, 1);
      const hits = (card) => {
        const start = Math.max(first, card.start);
        const stop = Math.min(last, card.stop);
        if (start >= stop) {
          return false;
        }
        const a = acrossAt(start);
        const b = acrossAt(stop);
        return Math.min(a, b) < card.high && Math.max(a, b) > card.low;
      };
      for (let k = firstFrom(column, least - this.#widest); k < column.length; k += 1) {
        const card = column[k];
        if (card.low >= most || (isAny && found !== null)) {
          break;
        }
        const isOwn = card.item === own[0] || card.item === own[1];
        const isLater = found === null || card.item > found.item;
        if (isLater && !isOwn && card.high > least && hits(card)) {
          found = card;
        }
      }
    }
    return found;
  }

  #isAnyIn(column, [least, most]) {
    for (let k = column ? firstFrom(column, least - this.#widest) : 0; k < column?.length; k += 1) {
      if (column[k].low >= most) {
        return false;
      }
      if (column[k].high > least) {
        return true;
      }
    }
    return false;
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
      while (next > at + 1 && !this.isClear(points[at], points[next], own)) {
        next -= 1;
      }
      kept.push(...this.#around(points[at], points[next], own, DEEPEST), points[next]);
      at = next;
    }
    return kept;
  }

  /** The points that lead around all cards between two points; none if there is no way. */
  #around(from, to, own, depth) {
    const card = this.#firstOn(from, to, own);
    if (card === null || depth === 0) {
      return [];
    }
    for (const turns of waysBy(card, from, to)) {
      const way = [];
      for (const turn of [...turns, to]) {
        way.push(...this.#around(way.at(-1) ?? from, turn, own, depth - 1), turn);
      }
      if (way.every((point, k) => this.isClear(way[k - 1] ?? from, point, own))) {
        return way.slice(0, -1);
      }
    }
    return [];
  }
}

/** The index of the first card of a column that begins at a place across, or beyond it. */
function firstFrom(column, across) {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle].low < across) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
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
