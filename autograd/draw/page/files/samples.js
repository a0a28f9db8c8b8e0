/** The choice of one sample of a batch: from then on the graph shows the numbers of that alone. */

import { html } from "chainrule/dom.js";

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
  const { count, absent } = page.samples;
  const all = html("option", { value: "" }, `All ${count} samples`);
  const each = absent.map((_, sample) => html("option", { value: sample }, `Sample ${sample + 1} of ${count}`));
  const choice = html("select", { id: "sample", "aria-label": "Sample", title: "Show one sample of the batch" }, all, ...each);
  choice.addEventListener("change", () => {
    page.sample = choice.value === "" ? null : Number(choice.value);
    changed();
  });
  place.append(choice);
  place.hidden = false;
}
