/** What boxes are called. Pure. */

/**
 * The title of a box without what the title of the box around it says already.
 *
 * @param {object} page
 * @param {number} box
 * @returns {string}
 */
export function titleWithin({ boxes }, box) {
  const { title, use, parent } = boxes[box];
  return numbered(parent === null ? title : within(title, boxes[parent].title), use);
}

/**
 * The whole title of a box.
 *
 * @param {object} page
 * @param {number} box
 * @returns {string}
 */
export function titleOf({ boxes }, box) {
  return numbered(boxes[box].title, boxes[box].use);
}

const numbered = (title, use) => (use ? `${title} (${use})` : title);

/**
 * The part of a path that the title around it does not say already.
 *
 * @param {string} path
 * @param {string} around
 * @returns {string}
 */
export const within = (path, around) =>
  path.startsWith(`${around}.`) ? path.slice(around.length + 1) : path;
