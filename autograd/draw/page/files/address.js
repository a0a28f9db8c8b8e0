/** The state of the page in its address, `#step=12&epoch=3`, so that a link can lead to a step. */

const PAUSE = 300; // milliseconds without a change before the address follows

let waiting = 0;

/**
 * What the address asks for, or else the end of the pass: there all numbers are to be seen.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {number} last - the last position.
 * @returns {{frame: number, position: number}}
 */
export function readAddress(page, last) {
  const asked = new URLSearchParams(location.hash.slice(1));
  const frame = page.frames.epochs.indexOf(Number(asked.get("epoch") ?? NaN));
  const position = Math.trunc(Number(asked.get("step") ?? last)) || 0;
  return { frame: Math.max(frame, 0), position: Math.min(Math.max(position, 0), last) };
}

/**
 * Make the address lead to where the page is, once it rests: browsers limit how often it may change.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {{frame: number, position: number}} state
 */
export function writeAddress(page, { frame, position }) {
  if (location.href === "about:srcdoc") {
    return; // inside a cell of a notebook the page has no address of its own
  }
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const epoch = page.frames.count > 1 ? `&epoch=${page.frames.epochs[frame]}` : "";
    history.replaceState(null, "", `#step=${position}${epoch}`);
  }, PAUSE);
}
