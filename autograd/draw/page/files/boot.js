// Start the page, or say in the page why it does not start.
const fail = (error) => {
  const problem = document.getElementById("problem");
  problem.textContent = `This page does not work here: ${error}`;
  problem.hidden = false;
};
addEventListener("error", (event) => fail(event.error ?? event.message));
addEventListener("unhandledrejection", (event) => fail(event.reason));
// No module of its own: a browser that has never heard of import maps still runs it, and fails aloud.
// oxlint-disable-next-line unicorn/prefer-top-level-await
import("chainrule/main.js").then((main) => main.start(document)).catch(fail);
