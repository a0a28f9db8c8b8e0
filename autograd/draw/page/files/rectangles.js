/**
 * Rectangles.
 *
 * @typedef {{x: number, y: number, width: number, height: number}} Rectangle - x and y: top left.
 */

/** A rectangle that nothing is in. */
export const NOWHERE = { x: NaN, y: NaN, width: 0, height: 0 };

/**
 * A rectangle with more room on every side.
 *
 * @param {Rectangle} rectangle
 * @param {number} dx - on the left and on the right.
 * @param {number} dy - above and below.
 * @returns {Rectangle}
 */
export function grown({ x, y, width, height }, dx, dy) {
  return { x: x - dx, y: y - dy, width: width + 2 * dx, height: height + 2 * dy };
}

/**
 * Whether a point is in a rectangle.
 *
 * @param {Rectangle} rectangle
 * @param {{x: number, y: number}} point
 * @returns {boolean}
 */
export function contains({ x, y, width, height }, point) {
  return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
}

/**
 * The smallest rectangle around some others.
 *
 * @param {Rectangle[]} rectangles
 * @returns {Rectangle}
 */
export function unionOf(rectangles) {
  if (rectangles.length === 0) {
    return { x: 0, y: 0, width: 0, height: 0 };
  }
  const union = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y, width, height } of rectangles) {
    union.left = Math.min(union.left, x);
    union.top = Math.min(union.top, y);
    union.right = Math.max(union.right, x + width);
    union.bottom = Math.max(union.bottom, y + height);
  }
  const { left, top, right, bottom } = union;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
