/** The choice of one sample of a batch: from then on the graph shows the numbers of that alone. */

import { html } from "chainrule/dom.js";
import { inThousands } from "chainrule/format.js";

/**
 * Fill the place of the choice, if the graph stands for several samples.
 *
 * @param {HTMLElement} place
 * @param {import("chainrule/data.js").Page} page - whose `sample` is set.
 * @param {() => void} changed - is called after that.
 */
export function chooseSamples(place, page, changed) {
  if (page.samples === null) {
    return;
  }
  const { count, absent, word } = page.samples;
  const [every, title] = word
    ? [`All ${inThousands(count)} ${word}s`, `Show one ${word} of the batch`]
    : [`All ${inThousands(count)}`, "Show one of those that are drawn as one"];
  const all = html("option", { value: "" }, every);
  const each = absent.map((_, sample) =>
    html("option", { value: sample }, capital(`${nameOfSample(page, sample)}${word && ` of ${inThousands(count)}`}`)),
  );
  const choice = html("select", { id: "sample", "aria-label": capital(word || "one of them"), title }, all, ...each);
  choice.addEventListener("change", () => {
    page.sample = choice.value === "" ? null : Number(choice.value);
    changed();
  });
  place.append(choice);
  place.hidden = false;
}

/**
 * What a sample is called: "sample 2"; "2 of 79", if it is not known to be one.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {number} sample
 * @returns {string}
 */
export function nameOfSample(page, sample) {
  const { count, word } = page.samples;
  const nth = inThousands(sample + 1);
  return word ? `${word} ${nth}` : `${nth} of ${inThousands(count)}`;
}

/**
 * A text that begins with a capital letter.
 *
 * @param {string} text
 * @returns {string}
 */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
