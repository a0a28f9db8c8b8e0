// Runs programs one after another in one Pyodide, as the page's worker does.
// Arguments: the folder of the playground, built with its copy of Pyodide; a JSON file {name: program}.
// What comes of each is a line of JSON: what it printed, its traceback, its pages, its seconds.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [site, given] = process.argv.slice(2);
const begun = performance.now();
const { loadPyodide } = await import(pathToFileURL(`${site}/pyodide/pyodide.mjs`));
const pyodide = await loadPyodide({ indexURL: `${site}/pyodide/` });
const printed = { out: "", error: "" };
for (const [stream, set] of [["out", "setStdout"], ["error", "setStderr"]]) {
  const decoder = new TextDecoder();
  pyodide[set]({
    write(buffer) {
      printed[stream] += decoder.decode(buffer, { stream: true });
      return buffer.length;
    },
  });
}
pyodide.unpackArchive(new Uint8Array(readFileSync(`${site}/python.zip`)), "zip", { extractDir: "/lib/chainrule" });
pyodide.runPython("import sys; sys.path.insert(0, '/lib/chainrule'); import autograd, nn");
const python = pyodide.pyimport("running");
const say = (found) => process.stdout.write(`${JSON.stringify(found)}\n`);
say({ name: "ready", seconds: (performance.now() - begun) / 1000 });
for (const [name, program] of Object.entries(JSON.parse(readFileSync(given, "utf8")))) {
  printed.out = printed.error = "";
  const pages = {};
  const started = performance.now();
  const { error, line } = JSON.parse(python.run(program, (page, text) => (pages[page] = text)));
  say({ name, error, line, pages, out: printed.out, warned: printed.error, seconds: (performance.now() - started) / 1000 });
}
