/** The panel: what happens in the current step, in one sentence and in detail. */

import { backwardDetails, growth } from "chainrule/backward.js";
import { formulasOf, operandsOf, resultOf, shown } from "chainrule/calls.js";
import { html } from "chainrule/dom.js";
import { forwardDetails } from "chainrule/forward.js";
import { nameOf, outputsOf, resultName } from "chainrule/names.js";
import { capital, nameOfSample } from "chainrule/samples.js";
import { hasBackward } from "chainrule/steps.js";
import { endDetails, knownDetails, seedDetails, startDetails } from "chainrule/summary.js";

const MOST_SAID = 3; // operands in a sentence
const LONGEST_FORMULA = 60; // characters in a title

const PHASES = { forward: "Forward", backward: "Backward" };

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
  if (moment.node !== null && page.absent().has(moment.node)) {
    const { word } = page.samples;
    const title = `${PHASES[moment.phase]}: a step of other${word ? ` ${word}` : ""}s`;
    const name = capital(nameOfSample(page, page.sample));
    return { title, sentence: `${name} has no part in it.`, details: [] };
  }
  const title = titleOf(page, moment);
  const details = DETAILS[moment.phase](page, moment);
  if (moment.isEnd && moment.failure !== null) {
    details.push(...knownDetails(page, moment));
  }
  if (!isFinished(page, moment)) {
    return { title, sentence: sentenceOf(page, moment), details };
  }
  const last = html("h3", {}, `The last step. ${title}`);
  return {
    title: `All gradients of ${resultName(page)}`,
    sentence: finalSentence(page, moment),
    details: [...endDetails(page, moment), last, ...details],
  };
}

/** Whether both passes have come to their end. */
const isFinished = (page, { isEnd, failure }) => isEnd && failure === null && hasBackward(page);

/**
 * Where in the two passes a moment is, to hear: "forward, tanh".
 *
 * @param {import("chainrule/data.js").Page} page
 * @param {import("chainrule/steps.js").Moment} moment
 * @returns {string}
 */
export function placeOf(page, moment) {
  const { phase, node } = moment;
  return node === null
    ? { start: "start", seed: "seed" }[phase]
    : `${phase}, ${callOf(page, moment)}`;
}

function titleOf(page, moment) {
  const { phase, node } = moment;
  return node === null
    ? { start: "Before the first step", seed: "The backward pass starts" }[phase]
    : `${PHASES[phase]}: ${callOf(page, moment)}`;
}

/** The operation of a moment in short: "c = a × b". */
function callOf(page, moment) {
  if (page.nodes[moment.node].kind === "unit") {
    return nameOf(page, moment.node);
  }
  const { names } = formulasOf(page, moment);
  const result = nameOf(page, resultOf(page, moment));
  return names.length > LONGEST_FORMULA
    ? `${result}, made by ${nameOf(page, moment.node)}`
    : `${result} = ${names}`;
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
  return moment.isEnd && !hasBackward(page)
    ? `${sentence} This was the last step: the graph is too large for a backward pass in this page.`
    : sentence;
}

function finalSentence(page, moment) {
  const [output, ...others] = outputsOf(page);
  const result = others.length > 0 ? "" : `: ${nameOf(page, output)} = ${shown(page, moment.data, output)}`;
  return `Both passes${epochOf(page, moment)} are done${result}.`;
}

function epochOf(page, { frame }) {
  return page.frames.count > 1 ? ` of epoch ${page.frames.epochs[frame]}` : "";
}
