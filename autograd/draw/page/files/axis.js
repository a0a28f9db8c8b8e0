/** Round numbers on an axis, linear or logarithmic. Pure. */

const ROUND_STEPS = [1, 2, 5, 10];

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
