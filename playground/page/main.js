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
const editor = new Editor(at("text"), at("numbers"), changed);
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
let given = null; // the program of the address, as long as nobody has changed it

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

/* What is in the editor is one's own from the first change on. Then the address no longer holds it: at
   the next visit, or after a reload, it would bring back the program before the change. */
function changed() {
  if (editor.program === given) {
    return;
  }
  given = null;
  if (location.hash) {
    history.replaceState(null, "", location.pathname + location.search);
  }
  keep(editor.program);
}

function isBusy() {
  return interpreter.state === "running" || interpreter.isWaiting;
}

/* Which of the buttons can be pressed, and what tests wait for. A button that were `disabled` would lose
   the focus of the keyboard. */
function show() {
  at("run").setAttribute("aria-disabled", String(isBusy()));
  at("stop").setAttribute("aria-disabled", String(!isBusy()));
  document.body.dataset.state = interpreter.isWaiting ? "waiting" : interpreter.state;
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
    const reason = "structures nested too deep, or too much memory, can do that";
    output.add("error", `${message}\nPython itself has ended (${reason}), and is loaded again.\n`);
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
  if (isBusy()) {
    return;
  }
  output.clear();
  editor.mark(0);
  pages.begin();
  interpreter.run(editor.program);
}

function stop() {
  if (!isBusy()) {
    return;
  }
  pages.end();
  output.add("note", "Stopped.\n");
  interpreter.stop();
}

async function share() {
  const { program } = editor;
  try {
    history.replaceState(null, "", await fragment(program));
  } catch (error) {
    output.add("error", `The program cannot be shared: ${error.message}.\n`);
    say("The program cannot be shared", true);
    look("output");
    return;
  }
  given = program;
  changed();
  const isLong = location.href.length > LONG_ADDRESS;
  const warning = isLong ? `; it has ${location.href.length.toLocaleString("en")} characters` : "";
  try {
    await navigator.clipboard.writeText(location.href);
    say(`The address holds the program, and is copied${warning}`);
  } catch {
    say(`The address holds the program${warning}`);
  }
}

/* The program that the address asks for; `null` for none. */
async function wanted(examples) {
  try {
    const found = await asked(location.hash);
    const example = examples.find(({ name }) => name === found?.example);
    if (found?.example && !example) {
      throw new Error(`there is no example ${found.example}`);
    }
    return found?.program ?? example?.program ?? null;
  } catch (error) {
    const remedy = "What is in the editor is another program. Ask for the address again, or choose an example.";
    output.add("error", `The address holds no program that can be read: ${error.message}.\n${remedy}\n`);
    look("output");
    return null;
  }
}

async function start() {
  const response = await fetch("playground.json");
  if (!response.ok) {
    throw new Error(`playground.json: ${response.status} ${response.statusText}`);
  }
  const settings = await response.json();
  const choice = at("examples");
  const shared = new Option("A shared program", "shared");
  const own = new Option("Your program", "");
  choice.append(own, shared, ...settings.examples.map(({ name, title }) => new Option(title, name)));
  const identify = () => {
    const now = settings.examples.find(({ program }) => program === editor.program);
    choice.value = now?.name ?? (given === null ? "" : "shared");
    own.hidden = choice.value !== "" && kept() === null;
    shared.hidden = choice.value !== "shared";
  };
  choice.addEventListener("change", () => {
    const example = settings.examples.find(({ name }) => name === choice.value);
    given = example?.program ?? null;
    history.replaceState(null, "", example ? `#example=${example.name}` : location.pathname + location.search);
    editor.replace(example?.program ?? kept());
    identify();
    look("program");
  });
  at("text").addEventListener("input", identify);
  addEventListener("hashchange", async () => {
    const found = await wanted(settings.examples);
    if (found !== null) {
      given = found;
      editor.replace(found);
      identify();
    }
  });

  const found = await wanted(settings.examples);
  given = found ?? (kept() === null ? settings.examples[0].program : null);
  editor.begin(given ?? kept());
  identify();
  interpreter = new Interpreter(settings, heard);
  interpreter.start();
  at("run").addEventListener("click", run);
  at("stop").addEventListener("click", stop);
  at("share").addEventListener("click", share);
  for (const button of document.querySelectorAll("nav button")) {
    button.addEventListener("click", () => look(button.dataset.view));
  }
  addEventListener("beforeprint", () => {
    at("printed").textContent = editor.program; // a textarea is printed no longer than it is seen
  });
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
