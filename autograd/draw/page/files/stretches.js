/** How far to move a stretch of one dimension so that it is seen in a view of some length. Pure. */

/** The room around a graph that fits, in pixels. */
export const MARGIN = 20;

/**
 * @param {number} x
 * @param {number} low
 * @param {number} high
 * @returns {number} the number between both that is nearest to x.
 */
export const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

/** How far to move a stretch into the middle of `room`; if it is too long, what is at `middle` in it. */
export const placed = (room, start, length, middle) =>
  length <= room
    ? (room - length) / 2 - start
    : clamp(room / 2 - middle, room - start - length, -start);

const edgeOf = (room) => Math.min(MARGIN * 2, room / 8);

/** How far to move a stretch to the middle of `room` if it is not within it: with its context, if
 * that fits. */
export function centring(start, length, contextStart, contextLength, room) {
  const margin = edgeOf(room);
  if (start >= margin && start + length <= room - margin) {
    return 0;
  }
  return contextLength <= room - 2 * margin
    ? (room - contextLength) / 2 - contextStart
    : (room - length) / 2 - start;
}

/** How far to move a stretch so that it is within 0 and `room`, or begins there. */
export function inward(start, length, room) {
  const margin = edgeOf(room);
  if (start < margin || length > room - 2 * margin) {
    return start < margin || start > room - margin ? margin - start : 0;
  }
  return Math.min(0, room - margin - (start + length));
}
