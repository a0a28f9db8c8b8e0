/**
 * Text as it is drawn: any label is shown as written, what nobody could see becomes visible, and
 * what is too wide is shortened in the middle. SVG does none of this by itself.
 */

const UNSEEN =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/gu;
const SHORT_ESCAPES = new Map([
  ["\t", String.raw`\t`],
  ["\r", String.raw`\r`],
]);
const LONGEST_MEASURED = 400; // code points: no line that is drawn shows more
const MOST_LINES = 4;

/**
 * The text with control characters, and those that turn or hide others, as escapes like \x07.
 * Newlines stay.
 *
 * @param {string} text
 * @returns {string}
 */
export function visible(text) {
  return text.replaceAll(UNSEEN, (character) => {
    if (character === "\n") {
      return character;
    }
    const code = character.codePointAt(0).toString(16);
    return (
      SHORT_ESCAPES.get(character) ??
      (code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`)
    );
  });
}

/**
 * The lines of a text, the middle ones left out if there are too many.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function linesOf(text) {
  const lines = visible(text).split("\n");
  const tail = Math.floor((MOST_LINES - 1) / 2);
  return lines.length <= MOST_LINES
    ? lines
    : [...lines.slice(0, MOST_LINES - 1 - tail), "⋮", ...lines.slice(-tail)];
}

/** How wide text is: asked of the browser, so that kanji and emoji are as wide as they are. */
export class Ruler {
  #context;
  #family;
  #font = "";
  #widths = new Map(); // by font, then by text: most texts are there many times

  /** @param {Element} element - in the font family of which text will be drawn. */
  constructor(element) {
    this.#context = element.ownerDocument.createElement("canvas").getContext("2d");
    this.#family = getComputedStyle(element).fontFamily;
  }

  /**
   * @param {string} text
   * @param {number} size - of the font, in pixels.
   * @param {number} weight - of the font: 400 is normal.
   * @returns {number} the width in pixels.
   */
  width(text, size, weight = 400) {
    const font = `${weight} ${size}px ${this.#family}`;
    if (!this.#widths.has(font)) {
      this.#widths.set(font, new Map());
    }
    const widths = this.#widths.get(font);
    if (!widths.has(text)) {
      if (font !== this.#font) {
        this.#font = font; // it is read anew each time that it is set
        this.#context.font = font;
      }
      widths.set(text, this.#context.measureText(text).width);
    }
    return widths.get(text);
  }

  /**
   * The width of a number, in which all digits are equally wide.
   *
   * @param {number} length - how many characters it has.
   * @param {number} size - of the font, in pixels.
   * @returns {number} the width in pixels.
   */
  digits(length, size) {
    return this.width("0", size, 600) * length; // gradients are bold
  }

  /**
   * A line in as many lines as it takes, broken where a word of it ends.
   *
   * @param {string} line
   * @param {number} most - pixels.
   * @param {number} size - of the font, in pixels.
   * @param {number} weight - of the font.
   * @param {number} count - lines; what does not go into them has its middle left out.
   * @returns {string[]}
   */
  wrapped(line, most, size, weight, count) {
    const lines = [""];
    const fits = (text) =>
      text.length <= LONGEST_MEASURED && this.width(text.trimEnd(), size, weight) <= most;
    for (const word of line.split(/(?<=[\s._/-])/)) {
      const longer = lines.at(-1) + word;
      if (lines.at(-1) === "" || fits(longer)) {
        lines[lines.length - 1] = longer;
      } else {
        lines.push(word);
      }
    }
    const kept = [...lines.slice(0, count - 1), lines.slice(count - 1).join("")];
    return kept.slice(0, lines.length).map((text) => this.shorten(text.trimEnd(), most, size, weight));
  }

  /**
   * One line with its middle left out if it is wider than it may be.
   *
   * @param {string} line
   * @param {number} most - pixels.
   * @param {number} size - of the font, in pixels.
   * @param {number} weight - of the font.
   * @returns {string}
   */
  shorten(line, most, size, weight = 400) {
    const characters = Array.from(line);
    if (characters.length <= LONGEST_MEASURED && this.width(line, size, weight) <= most) {
      return line;
    }
    const kept = (count) =>
      `${characters.slice(0, Math.ceil(count / 2)).join("")}…${characters
        .slice(characters.length - Math.floor(count / 2))
        .join("")}`;
    let fits = 0;
    let exceeds = Math.min(characters.length, LONGEST_MEASURED);
    while (exceeds - fits > 1) {
      const middle = Math.floor((fits + exceeds) / 2);
      if (this.width(kept(middle), size, weight) <= most) {
        fits = middle;
      } else {
        exceeds = middle;
      }
    }
    return kept(fits);
  }
}
