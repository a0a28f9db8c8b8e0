/* The playground: the editor, the interpreter, what is printed and what is drawn, put together. */

import { divide } from "./divider.js";
import { Editor } from "./editor.js";
import { Interpreter } from "./interpreter.js";
import { Output } from "./output.js";
import { Pages } from "./pages.js";
import { asked, fragment } from "./sharing.js";

const KEPT = "chainrule-playground"; // the program, in this browser's storage, for the next visit
const LONG_ADDRESS = 8000; // characters; some programs for mail and chat cut more off

const at = (id) => document.querySelector(`#${id}`);
const editor = new Editor(at("text"), at("numbers"), () => keep(editor.program));
const output = new Output(at("log"), (line) => {
  look("program");
  editor.go(line);
});
const pages = new Pages({
  frame: at("frame"),
  bar: at("drawn"),
  choice: at("pages"),
  save: at("save"),
  empty: at("empty"),
});
let interpreter = null;
let clock = 0;

function say(text, isFailed = false) {
  clearInterval(clock);
  at("state").textContent = text;
  at("state").classList.toggle("failed", isFailed);
}

/* What is happening, with the seconds since it began. */
function count(text) {
  const begun = Date.now();
  say(`${text} ...`);
  clock = setInterval(() => {
    at("state").textContent = `${text} ... ${Math.round((Date.now() - begun) / 1000)} s`;
  }, 1000);
}

function look(view) {
  document.body.dataset.view = view;
  for (const button of document.querySelectorAll("nav button")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
}

function keep(program) {
  try {
    localStorage.setItem(KEPT, program);
  } catch {
    // storage is switched off: the program is kept as long as the page is
  }
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/* Which of the buttons can be pressed, and what tests wait for. */
function show() {
  const { state, isWaiting } = interpreter;
  at("run").disabled = state === "running" || isWaiting;
  at("stop").disabled = state !== "running" && !isWaiting;
  document.body.dataset.state = isWaiting ? "waiting" : state;
}

const heard = {
  loading() {
    count(interpreter.isWaiting ? "Loading Python, then running" : "Loading Python");
    show();
  },
  ready({ version, seconds }) {
    say(`Python ${version} is ready (${seconds.toFixed(1)} s)`);
    document.body.dataset.ready = "true";
    show();
  },
  running() {
    count("Running");
    show();
  },
  output({ stream, text }) {
    output.add(stream, text);
  },
  page({ name, text }) {
    pages.add(name, text);
  },
  ended({ error, line, seconds }) {
    const isDrawn = pages.end();
    const took = `${seconds.toFixed(2)} s`;
    if (error) {
      output.add("error", error);
      editor.mark(line);
    }
    say(error ? `Failed after ${took}${line ? `, in line ${line}` : ""}` : `Done in ${took}`, Boolean(error));
    look(isDrawn && !error ? "graph" : "output");
    show();
  },
  broken({ message }) {
    pages.end();
    const remedy = "Python itself has ended, as by a recursion that is too deep, and is loaded again";
    output.add("error", `${message}\n${remedy}\n`);
    look("output");
  },
  absent({ message }) {
    const remedy = "Is this browser online? Run tries again.";
    output.add("error", `Python could not be loaded: ${message}\n${remedy}\n`);
    say("Python could not be loaded", true);
    look("output");
    show();
  },
};

function run() {
  if (interpreter.state === "running" || interpreter.isWaiting) {
    return;
  }
  output.clear();
  editor.mark(0);
  pages.begin();
  interpreter.run(editor.program);
}

function stop() {
  if (at("stop").disabled) {
    return;
  }
  pages.end();
  output.add("note", "Stopped.\n");
  interpreter.stop();
}

async function share() {
  history.replaceState(null, "", await fragment(editor.program));
  const isLong = location.href.length > LONG_ADDRESS;
  const warning = isLong ? `; it has ${location.href.length.toLocaleString("en")} characters` : "";
  try {
    await navigator.clipboard.writeText(location.href);
    say(`The address holds the program, and is copied${warning}`);
  } catch {
    say(`The address holds the program${warning}`);
  }
}

/* The program that the address asks for; whether it does. */
async function opened(examples) {
  try {
    const found = await asked(location.hash);
    if (found === null) {
      return false;
    }
    const example = examples.find(({ name }) => name === found.example);
    if (found.program === undefined && !example) {
      throw new Error(`there is no example ${found.example}`);
    }
    editor.begin(found.program ?? example.program);
    return true;
  } catch (error) {
    output.add("error", `The address holds no program that can be read: ${error.message}\n`);
    look("output");
    return false;
  }
}

async function start() {
  const response = await fetch("playground.json");
  if (!response.ok) {
    throw new Error(`playground.json: ${response.status} ${response.statusText}`);
  }
  const settings = await response.json();
  const choice = at("examples");
  const own = new Option("Your program", "");
  own.hidden = true;
  choice.append(own, ...settings.examples.map(({ name, title }) => new Option(title, name)));
  const load = (name) => {
    const example = settings.examples.find((x) => x.name === name);
    editor.replace(example.program);
    history.replaceState(null, "", `#example=${name}`);
    look("program");
  };
  choice.addEventListener("change", () => load(choice.value));
  const identify = () => {
    const now = settings.examples.find(({ program }) => program === editor.program);
    choice.value = now?.name ?? "";
  };
  at("text").addEventListener("input", identify);
  addEventListener("hashchange", () => opened(settings.examples));

  interpreter = new Interpreter(settings, heard);
  interpreter.start();
  if (!(await opened(settings.examples))) {
    editor.begin(kept() ?? settings.examples[0].program);
  }
  identify();
  at("run").addEventListener("click", run);
  at("stop").addEventListener("click", stop);
  at("share").addEventListener("click", share);
  for (const button of document.querySelectorAll("nav button")) {
    button.addEventListener("click", () => look(button.dataset.view));
  }
  addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    }
  });
}

divide(at("divider"), document.querySelector("main"));
try {
  await start();
} catch (error) {
  const remedy = "A static server has to serve this folder: python -m http.server";
  output.add("error", `The playground cannot start: ${error.message}\n${remedy}\n`);
  say("The playground cannot start", true);
}
