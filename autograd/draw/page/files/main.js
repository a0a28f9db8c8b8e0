/** The page: a graph, an explanation, controls; they all show the same moment. */

import { readAddress, writeAddress } from "chainrule/address.js";
import { readPage } from "chainrule/data.js";
import { fill } from "chainrule/dom.js";
import { explain } from "chainrule/explain.js";
import { GraphView } from "chainrule/graph.js";
import { inspect } from "chainrule/inspector.js";
import { Player } from "chainrule/player.js";
import { momentAt, stepCount } from "chainrule/steps.js";
import { chooseSamples } from "chainrule/samples.js";
import { bindToolbar } from "chainrule/toolbar.js";
import { TrainingView } from "chainrule/training.js";
import { Watch } from "chainrule/watch.js";

/**
 * Fill the page and show its first moment.
 *
 * @param {Document} document
 */
export function start(document) {
  const find = (id) => document.getElementById(id);
  const page = readPage(document);
  const last = stepCount(page);
  let state = readAddress(page, last);
  let shownFrame = -1;
  let chosen = null;

  // While it plays, a screen reader could not keep up; it is told when the play stops.
  const speak = (isPlaying) =>
    find("sentence").setAttribute("aria-live", isPlaying ? "off" : "polite");
  // Before the player, which leaves alone what has been done.
  document.addEventListener("keydown", (event) => watch?.isSeen && training?.key(event));
  const player = new Player(
    find("player"),
    page,
    (position) => {
      training?.pause();
      go({ position });
    },
    (isPlaying) => {
      speak(isPlaying);
      if (!isPlaying) {
        show();
      }
    },
    page.frames.count > 1 ? () => training.toggle() : null,
  );
  const training =
    page.frames.count > 1
      ? new TrainingView(
          find("training"),
          page,
          (frame) => {
            player.pause();
            // At the start of the pass nothing is lit that could be seen to change.
            go({ frame, position: state.position || last });
          },
          speak,
        )
      : null;
  // After all that takes room of it.
  const graph = new GraphView(find("graph"), page, (node) => choose(node));
  bindToolbar(find, page, graph, () => state);
  const watch = page.network ? new Watch(find, page, (node) => graph.reveal(node)) : null;

  const show = () => {
    const moment = momentAt(page, state.frame, state.position);
    graph.show(moment);
    const { title, sentence, details } = explain(page, moment);
    find("step-title").textContent = title;
    find("sentence").textContent = sentence;
    find("details").replaceChildren(...details);
    showChosen(moment);
    player.show(moment);
    if (state.frame !== shownFrame) {
      training?.show(state.frame);
      watch?.show(state.frame);
      shownFrame = state.frame;
    }
  };
  const jump = (position) => {
    player.pause();
    training?.pause();
    go({ position });
  };
  const showChosen = (moment) => {
    find("inspector").hidden = chosen === null;
    const said = chosen === null ? [] : inspect({ page, moment, node: chosen, jump });
    fill(find("chosen"), said);
  };
  const choose = (node) => {
    chosen = node;
    graph.mark(node);
    showChosen(momentAt(page, state.frame, state.position));
  };
  const go = (change) => {
    state = { ...state, ...change };
    show();
    writeAddress(page, state);
  };

  find("close-inspector").addEventListener("click", () => choose(null));
  addEventListener("keydown", ({ key }) => key === "Escape" && choose(null));
  chooseSamples(find("samples"), page, show);
  addEventListener("hashchange", () => go(readAddress(page, last)));
  show();
  document.body.dataset.ready = "true";
}
