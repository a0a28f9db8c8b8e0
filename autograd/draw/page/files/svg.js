/** Elements of SVG, made in one line, and the outlines that tell the kinds of nodes apart. */

const NAMESPACE = "http://www.w3.org/2000/svg";
const CUT = 8;
const ROUND = 9;

/**
 * Make an element of SVG.
 *
 * @param {string} name - of the element.
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children - a string becomes text, never markup.
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, String(value));
  }
  element.append(...children);
  return element;
}

const roundedBy = (radius) => (x, y) => {
  const r = Math.min(radius, x, y);
  const arc = `a${r},${r} 0 0 1`;
  return (
    `M${r - x},${-y}H${x - r}${arc} ${r},${r}V${y - r}${arc} ${-r},${r}` +
    `H${r - x}${arc} ${-r},${-r}V${r - y}${arc} ${r},${-r}Z`
  );
};

/** The outline of each shape around (0, 0), from half of its width and half of its height. */
const OUTLINES = {
  square: (x, y) => `M${-x},${-y}H${x}V${y}H${-x}Z`,
  cut: (x, y) => {
    const c = Math.min(CUT, x, y);
    return `M${c - x},${-y}H${x - c}l${c},${c}V${y - c}l${-c},${c}H${c - x}l${-c},${-c}V${c - y}Z`;
  },
  rounded: roundedBy(ROUND),
  sheet: roundedBy(4),
  pill: roundedBy(Infinity),
  ellipse: (x, y) => `M${-x},0A${x},${y} 0 0 1 ${x},0A${x},${y} 0 0 1 ${-x},0Z`,
};

/**
 * The outline of a shape around (0, 0).
 *
 * @param {keyof typeof OUTLINES} shape
 * @param {number} width
 * @param {number} height
 * @param {number} grow - how much further out, on every side, in pixels.
 * @returns {string} the data of a path.
 */
export function outline(shape, width, height, grow = 0) {
  return OUTLINES[shape](width / 2 + grow, height / 2 + grow);
}

/**
 * How far from the centre of a shape its right side is, at some height.
 *
 * @param {keyof typeof OUTLINES} shape
 * @param {number} along - half of the size in the direction that is asked for.
 * @param {number} across - half of the size in the other.
 * @param {number} offset - from the centre, in that other direction.
 * @returns {number}
 */
export function reach(shape, along, across, offset) {
  if (shape === "ellipse") {
    return along * Math.sqrt(Math.max(0, 1 - (offset / across) ** 2));
  }
  if (shape === "pill") {
    const r = Math.min(along, across);
    const beyond = Math.max(0, Math.abs(offset) - (across - r));
    return along - r + Math.sqrt(Math.max(0, r ** 2 - beyond ** 2));
  }
  return along;
}
