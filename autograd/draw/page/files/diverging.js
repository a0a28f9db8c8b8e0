/**
 * Colours for numbers around a middle: blue below, orange above. Both hues are of the palette of
 * Okabe and Ito (2008), which the colour-blind can tell apart; lightness tells how far away.
 */

const BELOW = [0, 114, 178];
const ABOVE = [213, 94, 0];

/**
 * The colour of a number.
 *
 * @param {number} share - from -1, far below the middle, to 1, far above.
 * @param {number[]} neutral - red, green and blue of the middle.
 * @returns {number[]} red, green and blue.
 */
export function diverging(share, neutral) {
  const end = share < 0 ? BELOW : ABOVE;
  const part = Math.min(Math.abs(share), 1) ** 0.8;
  return neutral.map((colour, i) => colour + (end[i] - colour) * part);
}

/**
 * The colour of the middle, which the style sheet has for light and dark.
 *
 * @param {CSSStyleDeclaration} style - of an element.
 * @returns {number[]} red, green and blue.
 */
export function neutralOf(style) {
  const parts = style.getPropertyValue("--plane-neutral").match(/\d+/g) ?? [];
  return parts.length === 3 ? parts.map(Number) : [255, 255, 255];
}
