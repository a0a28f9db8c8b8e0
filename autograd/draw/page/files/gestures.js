/** What hands do to the view of the graph: a wheel zooms, a drag moves, two fingers do both. */

const WHEEL = 0.0016; // of the logarithm of the scale, for each pixel the wheel turns
const MOST = 300; // pixels that count of one turn
const PINCH = 4; // a pinch on a touchpad comes as a wheel that turns little
const LINE = 16; // pixels, where a wheel counts lines
const DRAG = 4; // pixels a pointer moves before a press is a drag

/**
 * Let wheel, mouse and fingers move a camera.
 *
 * @param {SVGSVGElement} view - what is looked through.
 * @param {import("chainrule/camera.js").Camera} camera
 */
export function moveByHand(view, camera) {
  zoomByWheel(view, camera);
  moveByPointers(view, camera);
}

function placeIn(view, { clientX, clientY }) {
  const { left, top } = view.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
}

/** The wheel zooms, unless it is what scrolls the page. */
function zoomByWheel(view, camera) {
  const turn = (event) => {
    const { scrollHeight, clientHeight } = document.documentElement;
    const meant = event.ctrlKey || event.metaKey; // so does a pinch on a touchpad
    if (!meant && scrollHeight > clientHeight + 1) {
      return;
    }
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE;
    const turned = event.deltaY * unit * (event.ctrlKey ? PINCH : 1);
    const counted = Math.min(Math.max(turned, -MOST), MOST);
    if (camera.zoom(Math.exp(-WHEEL * counted), placeIn(view, event), false) || meant) {
      event.preventDefault();
    }
  };
  view.addEventListener("wheel", turn, { passive: false });
}

/** One pointer drags; of two, each zooms about the other. */
function moveByPointers(view, camera) {
  const pointers = new Map();
  let isDragged = false;

  const press = (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) {
      return;
    }
    if (pointers.size === 0) {
      isDragged = false;
    }
    const start = placeIn(view, event);
    pointers.set(event.pointerId, { start, now: start });
  };

  const move = (event) => {
    const pointer = pointers.get(event.pointerId);
    if (!pointer) {
      return;
    }
    const { start, now: before } = pointer;
    const now = placeIn(view, event);
    if (!isDragged && Math.hypot(now.x - start.x, now.y - start.y) < DRAG) {
      return;
    }
    if (!isDragged) {
      isDragged = true;
      view.setPointerCapture(event.pointerId);
      view.classList.add("dragging");
    }
    pointer.now = now;
    const other = [...pointers.entries()].find(([id]) => id !== event.pointerId)?.[1].now;
    if (other) {
      const apart = ({ x, y }) => Math.max(1, Math.hypot(x - other.x, y - other.y));
      camera.zoom(apart(now) / apart(before), other, false);
    } else {
      camera.pan(now.x - before.x, now.y - before.y);
    }
  };

  const release = (event) => {
    pointers.delete(event.pointerId);
    if (pointers.size === 0) {
      view.classList.remove("dragging");
      setTimeout(() => (isDragged = false)); // after the click that ends a drag
    }
  };

  view.addEventListener("pointerdown", press);
  view.addEventListener("pointermove", move);
  view.addEventListener("pointerup", release);
  view.addEventListener("pointercancel", release);
  // The end of a drag is no click on what happens to be below.
  view.addEventListener("click", (event) => isDragged && event.stopPropagation(), true);
}
