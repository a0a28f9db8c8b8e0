/** Round numbers on an axis, linear or logarithmic, and places along it. Pure. */

import { formatNumber } from "chainrule/format.js";

const ROUND_STEPS = [1, 2, 5, 10];
const LEAST_DIGITS = 3;
const MOST_DIGITS = 17;
const BETWEEN = 8; // pixels between two labels
const FARTHEST = 1e6; // pixels, of what is not seen: browsers know no larger ones

/**
 * Round numbers between two numbers.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} most - about how many.
 * @returns {number[]}
 */
export function ticks(low, high, most) {
  const rough = high / most - low / most; // their difference may be infinite
  if (!(rough > 0)) {
    return [low];
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ROUND_STEPS.find((factor) => factor * power >= rough * (1 - 1e-9));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // A multiple of the step, written with the step's digits: 0.3 rather than 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * Powers of ten around two positive numbers.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} most - about how many.
 * @returns {number[]}
 */
export function powers(low, high, most) {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const step = Math.max(1, Math.ceil((last - first) / most));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => 10 ** (first + i * step));
}

/**
 * Numbers as text, with as many digits as tell them from each other.
 *
 * @param {number[]} numbers - all different.
 * @returns {string[]}
 */
export function apart(numbers) {
  for (let digits = LEAST_DIGITS; ; digits += 1) {
    const texts = numbers.map((number) => formatNumber(number, digits));
    if (new Set(texts).size === texts.length || digits === MOST_DIGITS) {
      return texts;
    }
  }
}

/**
 * Round numbers between two numbers, and how they are written.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} most - about how many.
 * @returns {{number: number, text: string}[]}
 */
export function labelled(low, high, most) {
  const numbers = ticks(low, high, most);
  const texts = apart(numbers);
  return numbers.map((number, k) => ({ number, text: texts[k] }));
}

/**
 * Those labels below an axis that neither cover each other nor stick out.
 *
 * @param {{number: number, text: string}[]} labels
 * @param {(number: number) => number} x - the place of a number.
 * @param {number} width - of the whole picture.
 * @param {(text: string) => number} wide - the width of a text.
 * @returns {{at: number, text: string}[]}
 */
export function fitting(labels, x, width, wide) {
  let free = 0;
  return labels.flatMap(({ number, text }) => {
    const at = x(number);
    const half = wide(text) / 2;
    if (at - half < free || at + half > width) {
      return [];
    }
    free = at + half + BETWEEN;
    return [{ at, text }];
  });
}

/**
 * From the numbers of a range to places between two others.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} start
 * @param {number} end
 * @returns {(value: number) => number} NaN of what is no finite number.
 */
export function scale(from, to, start, end) {
  const part = Number.isFinite(to - from) ? 1 : 0.5; // of numbers whose difference is infinite
  const length = to * part - from * part || 1;
  return (value) => {
    const at = start + ((value * part - from * part) / length) * (end - start);
    return Number.isFinite(value) ? within(at, FARTHEST) : NaN;
  };
}

/**
 * What is nearest to a number, and no further from 0 than another.
 *
 * @param {number} x
 * @param {number} most
 * @returns {number}
 */
export const within = (x, most) => Math.max(-most, Math.min(most, x));
