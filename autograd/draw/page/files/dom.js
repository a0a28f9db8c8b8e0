/** Elements of HTML, made in one line. Text becomes text, never markup. */

/**
 * Make an element.
 *
 * @param {string} name - of the element.
 * @param {Record<string, string | number | boolean>} attributes - `true` is an attribute without a
 *   value, and `false` one that is not there.
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function html(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) {
      element.setAttribute(key, value === true ? "" : String(value));
    }
  }
  element.append(...children);
  return element;
}

/**
 * Give an element other children. Those that stay are not touched: they keep the focus.
 *
 * @param {HTMLElement} element
 * @param {Node[]} children
 */
export function fill(element, children) {
  const gone = [...element.childNodes].filter((child) => !children.includes(child));
  for (const child of gone) {
    child.remove();
  }
  for (const [index, child] of children.entries()) {
    if (element.childNodes[index] !== child) {
      element.insertBefore(child, element.childNodes[index] ?? null);
    }
  }
}

/**
 * A name that may go on in the next line where a word of it ends.
 *
 * @param {string} name
 * @returns {(string | Node)[]}
 */
export function breakable(name) {
  return name.split(/(?<=[._\-/:])/).flatMap((part) => [part, html("wbr")]);
}

/**
 * A fraction: one over the other to see, `∂L/∂w` to hear and to copy.
 *
 * @param {string | Node} over
 * @param {string | Node} under
 * @returns {HTMLElement}
 */
export function fraction(over, under) {
  return html(
    "span",
    { class: "fraction" },
    html("span", {}, over),
    html("span", { class: "slash" }, "/"),
    html("span", {}, under),
  );
}

/**
 * A partial derivative.
 *
 * @param {string} of
 * @param {string} by
 * @returns {HTMLElement}
 */
export function partial(of, by) {
  return fraction(`∂${of}`, `∂${by}`);
}
