/**
 * The graph as a picture in a file: an SVG that every program can read, since each element has its
 * own colours and fonts, and a PNG of that.
 */

import { html } from "chainrule/dom.js";
import { inThousands } from "chainrule/format.js";
import { grown } from "chainrule/rectangles.js";
import { svg } from "chainrule/svg.js";

const MARGIN = 20;
const SHARPNESS = 2; // pixels of a PNG for each of the SVG, at most
const MOST_PIXELS = 16_000; // on one side: browsers draw no larger picture
const NAMESPACE = "http://www.w3.org/2000/svg";
const DRAWN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity"];
const WRITTEN = ["font-size", "font-weight", "font-variant-numeric", "text-anchor", "paint-order"];
const COLOURS = new Set(["fill", "stroke"]);
const MEANT_FOR_THE_PAGE = ["class", "style", "tabindex", "role", "aria-label", "aria-pressed", "aria-expanded"];

/**
 * The picture of what is drawn, as it looks now.
 *
 * @param {SVGGElement} world - what is drawn.
 * @param {import("chainrule/rectangles.js").Rectangle} bounds - of it.
 * @returns {string} an SVG.
 */
export function pictureOf(world, bounds) {
  const { x, y, width, height } = grown(bounds, MARGIN, MARGIN);
  const { backgroundColor, fontFamily } = getComputedStyle(document.body);
  const inRgb = rgbOf();
  const picture = svg(
    "svg",
    { viewBox: [x, y, width, height].join(" "), width, height, "font-family": fontFamily },
    svg("rect", { x, y, width, height, fill: inRgb(backgroundColor) }),
    asDrawn(world, inRgb),
  );
  picture.setAttribute("xmlns", NAMESPACE);
  return new XMLSerializer().serializeToString(picture);
}

/** A copy in which each element says itself how it looks; null of what is not seen. */
function asDrawn(element, inRgb) {
  const copy = element.cloneNode(false);
  for (const name of MEANT_FOR_THE_PAGE) {
    copy.removeAttribute(name);
  }
  if (element.matches("path, rect, text")) {
    const style = getComputedStyle(element);
    if (style.visibility === "hidden") {
      return null;
    }
    for (const name of element.matches("text") ? [...DRAWN, ...WRITTEN] : DRAWN) {
      const value = style.getPropertyValue(name);
      copy.setAttribute(name, COLOURS.has(name) ? inRgb(value) : value);
    }
  } else if (element.matches("g")) {
    copy.setAttribute("opacity", getComputedStyle(element).opacity);
  }
  for (const child of element.childNodes) {
    const drawn = child.nodeType === Node.ELEMENT_NODE ? asDrawn(child, inRgb) : child.cloneNode();
    if (drawn !== null) {
      copy.append(drawn);
    }
  }
  return copy;
}

/** Writes colours so that programs know them that have never heard of mixed ones. */
function rgbOf() {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map([["none", "none"]]);
  return (colour) => {
    if (!known.has(colour)) {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
      const digits = [red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("");
      known.set(colour, alpha === 0 ? "none" : `#${digits}`);
    }
    return known.get(colour);
  };
}

/**
 * A picture as a PNG, with two pixels for each of the SVG, or as many as there can be from one on.
 *
 * @param {string} picture - an SVG.
 * @returns {Promise<Blob>}
 * @throws {RangeError} it is too large: it would have to be made smaller than it is.
 */
export async function pngOf(picture) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(picture)}`;
  await image.decode();
  const largest = Math.max(image.width, image.height);
  const sharpness = Math.min(SHARPNESS, MOST_PIXELS / largest);
  const [width, height] = [image.width, image.height].map((side) => Math.round(side * sharpness));
  if (sharpness < 1) {
    throw tooLarge(image.width, image.height);
  }
  const canvas = html("canvas", { width, height });
  canvas.getContext("2d").drawImage(image, 0, 0, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(tooLarge(width, height))));
  });
}

function tooLarge(...sides) {
  const [width, height, most] = [...sides, MOST_PIXELS].map(inThousands);
  return new RangeError(
    `Save: a PNG of ${width} × ${height} pixels is too large: at most ${most} on each side would do. ` +
      "An SVG has any size.",
  );
}

/**
 * Let the browser save a file.
 *
 * @param {string} name
 * @param {Blob} content
 */
export function save(name, content) {
  const url = URL.createObjectURL(content);
  html("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * The name of a file for a picture of a moment.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {{frame: number, position: number}} state
 * @param {string} ending
 * @returns {string}
 */
export function fileName(page, { frame, position }, ending) {
  const title = page.title.replaceAll(/[^\p{L}\p{N}]+/gu, "-").slice(0, 40).replaceAll(/^-|-$/g, "");
  const epoch = page.frames.count > 1 ? `-epoch-${page.frames.epochs[frame]}` : "";
  return `${title || "graph"}${epoch}-step-${position}.${ending}`;
}
