/** Numbers as Python's format `.4g` writes them, digit for digit, and ranges of them. */

const LONGEST = 17; // digits that a number needs at most
const ALL_DIGITS = 100; // no tie between two roundings needs more to be told from a near tie

/**
 * A number with so many significant digits.
 *
 * JavaScript's own `toPrecision` rounds ties away from zero and keeps trailing zeros; Python rounds
 * them to even digits and does not.
 *
 * @param {number} x
 * @param {number} precision - from 1 to 17.
 * @returns {string}
 */
export function formatNumber(x, precision) {
  if (Number.isNaN(x)) {
    return "nan";
  }
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  const size = Math.abs(x);
  if (size === Infinity) {
    return `${sign}inf`;
  }
  const [mantissa, exponent] = rounded(size, precision).split("e");
  const digits = mantissa.replace(".", "");
  return sign + positional(digits, Number(exponent));
}

/**
 * A number with as many digits as tell it from all others, where Python's `repr` writes an exponent.
 *
 * @param {number} x
 * @returns {string}
 */
export function allDigits(x) {
  if (!Number.isFinite(x)) {
    return formatNumber(x, 1);
  }
  const [mantissa, exponent] = Math.abs(x).toExponential().split("e");
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  return sign + positional(mantissa.replace(".", "").padEnd(LONGEST, "0"), Number(exponent), 16);
}

/** As `toExponential`, with ties rounded to even. */
function rounded(size, precision) {
  // A tie ends in a 5, one digit further on; few numbers do, and all digits take long to write.
  if (!size.toExponential(precision).includes("5e")) {
    return size.toExponential(precision - 1);
  }
  const [mantissa, exponent] = size.toExponential(ALL_DIGITS).split("e");
  const digits = mantissa.replace(".", "");
  const kept = digits.slice(0, precision);
  const isTie = /^50*$/.test(digits.slice(precision));
  return isTie && Number(kept.at(-1)) % 2 === 0
    ? `${kept}e${exponent}`
    : size.toExponential(precision - 1);
}

function positional(digits, exponent, limit = digits.length) {
  if (exponent < -4 || exponent >= limit) {
    const fraction = trimmed(digits.slice(1));
    const power = String(Math.abs(exponent)).padStart(2, "0");
    return `${digits[0]}${fraction && `.${fraction}`}e${exponent < 0 ? "-" : "+"}${power}`;
  }
  const whole = exponent < 0 ? "0" : digits.slice(0, exponent + 1);
  const fraction = trimmed(
    exponent < 0 ? "0".repeat(-exponent - 1) + digits : digits.slice(exponent + 1),
  );
  return whole + (fraction && `.${fraction}`);
}

/** Without the zeros at the end. */
const trimmed = (digits) => digits.replace(/0+$/, "");

/**
 * A number, or the range of several.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} precision - significant digits, from 1 to 17.
 * @returns {string}
 */
export function formatSpan(low, high, precision) {
  const from = formatNumber(low, precision);
  const to = Object.is(low, high) ? from : formatNumber(high, precision);
  return from === to ? from : `${from} to ${to}`;
}

/**
 * A number, or the range of several, with all digits.
 *
 * @param {number} low
 * @param {number} high
 * @returns {string}
 */
export function exact(low, high) {
  return Object.is(low, high) ? String(low) : `${low} to ${high}`;
}

/**
 * A count, as the pictures write it: 24,999.
 *
 * @param {number} count
 * @returns {string}
 */
export const inThousands = (count) => count.toLocaleString("en");
