/* Python, in a worker: loads Pyodide and the packages, then runs one program after another. The page
   ends it by terminating this worker, whatever it is doing. */

const POSTS = 200; // pieces of output that are posted at once in a `WINDOW`; more are put together
const WINDOW = 100; // milliseconds
const LONGEST = 200_000; // characters put together; what the page would not keep is left out here

const fetchPlain = globalThis.fetch.bind(globalThis);
let python = null;

async function load(settings) {
  const root = new URL(settings.pyodide, location.href).href;
  let fail = null;
  const failed = new Promise((_, reject) => {
    fail = reject;
  });
  const hashes = Object.entries(settings.integrity).map(([name, hash]) => [root + name, hash]);
  globalThis.fetch = checked(new Map(hashes), fail);
  const loaded = async () => {
    const [{ loadPyodide }, core, packages] = await Promise.all([
      imported(`${root}pyodide.mjs`),
      imported(`${root}pyodide.asm.mjs`),
      bytes(new URL("python.zip", location.href).href),
    ]);
    return [await loadPyodide({ indexURL: root, createPyodideModule: core.default }), packages];
  };
  // Pyodide waits for ever for a file that it was refused.
  const [pyodide, packages] = await Promise.race([loaded(), failed]);
  pyodide.setStdin({ stdin: () => null });
  pyodide.setStdout(written("out"));
  pyodide.setStderr(written("error"));
  pyodide.setInterruptBuffer(late);
  pyodide.unpackArchive(packages, "zip", { extractDir: "/lib/chainrule" });
  pyodide.runPython("import sys; sys.path.insert(0, '/lib/chainrule'); import autograd, nn");
  python = pyodide.pyimport("running");
  return pyodide.runPython("sys.version.split()[0]");
}

/* `fetch`, which accepts of these files only those with these hashes, and tells of what failed. */
function checked(hashes, fail) {
  return async (url, options) => {
    const { href } = new URL(url, location.href);
    const integrity = hashes.get(href);
    try {
      const response = await fetchPlain(href, integrity ? { ...options, integrity } : options);
      if (!response.ok) {
        throw new Error(`${response.status} ${response.statusText}`);
      }
      return response;
    } catch (error) {
      const told = new Error(`${href}: ${error.message}`);
      fail(told);
      throw told;
    }
  };
}

/* A module, checked before it is run: an import alone checks nothing. */
async function imported(url) {
  const blob = new Blob([await bytes(url)], { type: "text/javascript" });
  const address = URL.createObjectURL(blob);
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

async function bytes(url) {
  const response = await fetch(url);
  return new Uint8Array(await response.arrayBuffer());
}

/* A stream of Python's. What is written is posted at once, but for a flood, which the page could not
   keep up with. What waits is posted by `late`: while a program runs, no timer does. */
const streams = [];
function written(stream) {
  const decoder = new TextDecoder();
  let [waiting, left, begun, count] = ["", 0, 0, 0];
  const post = () => {
    if (waiting) {
      const note = left ? `\n... ${left.toLocaleString("en")} characters are not shown\n` : "";
      postMessage({ kind: "output", stream, text: note + waiting });
    }
    [waiting, left] = ["", 0];
  };
  streams.push(post);
  return {
    write(buffer) {
      waiting += decoder.decode(buffer, { stream: true });
      if (waiting.length > 2 * LONGEST) {
        left += waiting.length - LONGEST;
        waiting = waiting.slice(-LONGEST);
      }
      const now = performance.now();
      if (now - begun > WINDOW) {
        [begun, count] = [now, 0];
      }
      count += 1;
      if (count < POSTS) {
        post();
      }
      return buffer.length;
    },
  };
}

/* Python looks here every now and then for an interruption. There is none, but this finds what waits. */
let looked = 0;
const late = {
  get 0() {
    const now = performance.now();
    if (now - looked > WINDOW) {
      looked = now;
      for (const post of streams) {
        post();
      }
    }
    return 0;
  },
  set 0(_) {
    // Python says that it has seen the 0
  },
};

function draw(name, text) {
  postMessage({ kind: "page", name, text });
}

/* While the program is still read, or written. Where it fails, the first drawing will say why. */
function warm() {
  try {
    python.warm();
  } catch {
    // Python has ended: the next program finds that
  }
}

function run(program) {
  const begun = performance.now();
  const { error, line } = JSON.parse(python.run(program, draw));
  for (const post of streams) {
    post();
  }
  postMessage({ kind: "ended", error, line, seconds: (performance.now() - begun) / 1000 });
}

addEventListener("message", async ({ data }) => {
  try {
    if (data.kind === "load") {
      const begun = performance.now();
      const version = await load(data.settings);
      postMessage({ kind: "ready", version, seconds: (performance.now() - begun) / 1000 });
      warm();
    } else {
      run(data.program);
    }
  } catch (error) {
    postMessage({ kind: python ? "broken" : "absent", message: String(error.message ?? error) });
  }
});
