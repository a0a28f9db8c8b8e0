/** How what is drawn anew after folding gets to its places: so that the eye can follow. */

const MOST = 300; // items; moving more would stutter
const TIMING = { duration: 260, easing: "ease-out" };

const at = ({ x, y }) => ({ transform: `translate(${x}px, ${y}px)` });

const keyOf = ({ node, box }) => (node === null ? `box ${box}` : `node ${node}`);

/**
 * Where the items are, to glide from there.
 *
 * @param {import("chainrule/marks.js").Mark[]} marks
 * @returns {Map<string, {x: number, y: number}>}
 */
export function centresOf(marks) {
  return new Map(marks.map((mark) => [keyOf(mark.item), mark.centre]));
}

/**
 * Let items glide from where they were, and all else appear.
 *
 * @param {import("chainrule/marks.js").Mark[]} marks - at their new places.
 * @param {Map<string, {x: number, y: number}>} before - from `centresOf`.
 * @param {SVGElement[]} others - what has no place before to come from.
 */
export function glide(marks, before, others) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || marks.length > MOST) {
    return;
  }
  const appears = [{ opacity: 0 }, { opacity: 1 }];
  for (const { item, centre, element } of marks) {
    const from = before.get(keyOf(item));
    element.animate(from ? [at(from), at(centre)] : appears, TIMING);
  }
  for (const element of others) {
    element.animate(appears, TIMING);
  }
}
