/** Many small lists of numbers in two arrays: of tens of thousands, arrays of arrays take long. */

/**
 * @typedef {object} Groups - the list of `n` is `items` from `starts[n]` up to `starts[n + 1]`.
 * @property {Int32Array} starts
 * @property {Int32Array} items
 */

/**
 * Numbers by what they belong to, each list in the order in which they come.
 *
 * @param {number} count - of lists.
 * @param {ArrayLike<number>} owners - the list of each.
 * @param {ArrayLike<number>} items - as many.
 * @returns {Groups}
 */
export function groupsOf(count, owners, items) {
  const starts = new Int32Array(count + 1);
  for (let k = 0; k < owners.length; k += 1) {
    starts[owners[k] + 1] += 1;
  }
  for (let n = 0; n < count; n += 1) {
    starts[n + 1] += starts[n];
  }
  const next = starts.slice(0, count);
  const sorted = new Int32Array(owners.length);
  for (let k = 0; k < owners.length; k += 1) {
    sorted[next[owners[k]]] = items[k];
    next[owners[k]] += 1;
  }
  return { starts, items: sorted };
}
