/** The panel: what happens in the current step, in one sentence and in detail. */

import { backwardDetails, growth } from "chainrule/backward.js";
import { formulasOf, operandsOf, resultOf, shown } from "chainrule/calls.js";
import { forwardDetails } from "chainrule/forward.js";
import { nameOf, resultName } from "chainrule/names.js";
import { hasBackward } from "chainrule/steps.js";
import { endDetails, seedDetails, startDetails } from "chainrule/summary.js";

const MOST_SAID = 3; // operands in a sentence

const DETAILS = {
  start: startDetails,
  forward: forwardDetails,
  seed: seedDetails,
  backward: backwardDetails,
};

/**
 * What the panel shows of a moment.
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @returns {{title: string, sentence: string, details: Node[]}} the sentence is also to be spoken.
 */
export function explain(page, moment) {
  const details = DETAILS[moment.phase](page, moment);
  if (moment.isEnd && hasBackward(page)) {
    const at = moment.failure === null ? 0 : details.length;
    details.splice(at, 0, ...endDetails(page, moment));
  }
  return { title: titleOf(page, moment), sentence: sentenceOf(page, moment), details };
}

/**
 * Where in the two passes a moment is, to hear: "forward, tanh".
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @returns {string}
 */
export function placeOf(page, { phase, node }) {
  return node === null
    ? { start: "start", seed: "seed" }[phase]
    : `${phase}, ${nameOf(page, node)}`;
}

function titleOf(page, { phase, node }) {
  return node === null
    ? { start: "Before the first step", seed: "The backward pass starts" }[phase]
    : `${{ forward: "Forward", backward: "Backward" }[phase]}: ${nameOf(page, node)}`;
}

const SENTENCES = {
  start: () => "Nothing is computed yet: only inputs and parameters have numbers. Press Play, or Step.",
  forward: (page, moment) => {
    const number = shown(page, moment.data, resultOf(page, moment));
    return page.nodes[moment.node].kind === "unit"
      ? `The result of ${nameOf(page, moment.node)} is ${number}.`
      : `${nameOf(page, resultOf(page, moment))} = ${formulasOf(page, moment).names} = ${number}.`;
  },
  seed: (page) => `The derivative of ${resultName(page)} in itself is 1.`,
  backward: backwardSentence,
};

function backwardSentence(page, moment) {
  if (moment.failure !== null) {
    return "The backward pass cannot go on.";
  }
  const last = new Map(); // of an operand that is there more than once, the last sum
  for (const operand of operandsOf(page, moment, moment.node)) {
    if (page.nodes[operand.node].kind !== "number") {
      last.set(operand.node, operand);
    }
  }
  const changes = [...last.values()].map(
    (operand) => `${operand.name}.grad becomes ${growth(page, moment, operand).after}`,
  );
  const said = changes.slice(0, MOST_SAID);
  const left = changes.length - said.length;
  if (changes.length === 0) {
    return page.nodes[moment.node].kind === "unit"
      ? "Only plain numbers come in: what needs a gradient is inside."
      : "Only plain numbers come in: nothing needs a gradient.";
  }
  return `${said.join(", ")}${left > 0 ? `, and so on for ${left} more` : ""}.`;
}

function sentenceOf(page, moment) {
  const sentence = SENTENCES[moment.phase](page, moment);
  if (!moment.isEnd || moment.failure !== null) {
    return sentence;
  }
  return hasBackward(page)
    ? `${sentence} This was the last step: all gradients${epochOf(page, moment)} are known.`
    : `${sentence} This was the last step: a summary has no backward pass.`;
}

function epochOf(page, { frame }) {
  return page.frames.count > 1 ? ` of epoch ${page.frames.epochs[frame]}` : "";
}
