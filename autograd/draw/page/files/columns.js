/** The columns of a network: its inputs, then the units of each layer, as far as they are shown. */

/**
 * The columns from the inputs to the outputs.
 *
 * @param {{inputs: object, layers: object[]}} network - of the page.
 * @returns {{title: string, activation: string, size: number,
 *   slots: ({k: number, name?: string, of?: object, index?: number} | null)[]}[]} null among the
 *   slots where units are left out; k: which of those that are shown; index: among all units.
 */
export function columnsOf({ inputs, layers }) {
  let index = 0;
  const first = {
    title: "inputs",
    activation: "",
    size: inputs.size,
    slots: withGap(inputs, (number, k) => ({ k, name: `x${number + 1}` })),
  };
  const rest = layers.map((layer) => ({
    ...layer,
    slots: withGap(layer, (number, k) => ({ k, of: layer.units[k], index: index++ })),
  }));
  return [first, ...rest];
}

function withGap({ shown, size }, make) {
  const slots = shown.map(make);
  return shown.length < size
    ? [...slots.slice(0, slots.length / 2), null, ...slots.slice(slots.length / 2)]
    : slots;
}
