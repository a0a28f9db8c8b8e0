/** The signs on buttons, drawn rather than written: fonts disagree on the characters for them. */

import { svg } from "chainrule/svg.js";

const BAR = "M4 4h2.5v16H4z";
const LEFT = "M18 4v16L7 12z";
const RIGHT = "M6 4v16l11-8z";
const SHAPES = {
  "to-start": [BAR, "M20 4v16L9 12z"],
  back: [LEFT],
  play: ["M6 3v18l14-9z"],
  pause: ["M5 4h5v16H5z", "M14 4h5v16h-5z"],
  step: [RIGHT],
  "to-end": ["M17.5 4h2.5v16h-2.5z", "M4 4v16l11-8z"],
};

/**
 * A sign that is not read out: the button has a name of its own.
 *
 * @param {keyof typeof SHAPES} name
 * @returns {SVGElement}
 */
export function icon(name) {
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
    ...SHAPES[name].map((d) => svg("path", { d })),
  );
}
