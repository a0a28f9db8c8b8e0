/* The divider between the program and the graph: moved by the pointer, or by the arrow keys. */

const STEP = 2; // per cent of the width

export function divide(divider, main) {
  let share = 44;
  const move = (to) => {
    share = Math.min(Math.max(to, 20), 80);
    main.style.setProperty("--share", String(share));
    divider.setAttribute("aria-valuenow", String(Math.round(share)));
  };
  move(share);
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    document.body.classList.add("dividing");
  });
  divider.addEventListener("pointermove", (event) => {
    if (divider.hasPointerCapture(event.pointerId)) {
      const { left, width } = main.getBoundingClientRect();
      move(((event.clientX - left) / width) * 100);
    }
  });
  divider.addEventListener("lostpointercapture", () => {
    document.body.classList.remove("dividing");
  });
  divider.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (way) {
      event.preventDefault();
      move(share + way);
    }
  });
}
