/* A program in the address: compressed, in the fragment, which no browser sends to a server. */

const LONGEST = 1_000_000; // characters of a program

/* The fragment that stands for a program. */
export async function fragment(program) {
  const packed = await through(new TextEncoder().encode(program), new CompressionStream("deflate-raw"));
  const text = btoa(Array.from(packed, (byte) => String.fromCodePoint(byte)).join(""));
  return `#program=${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/* What a fragment asks for: `{ program }`, or `{ example }`, its name; `null` for none. Throws where
   it cannot be read. */
export async function asked(text) {
  const [, kind, value] = /^#(program|example)=(.*)$/.exec(text) ?? [];
  if (kind !== "program") {
    return kind ? { example: decodeURIComponent(value) } : null;
  }
  const packed = atob(value.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(packed, (character) => character.codePointAt(0));
  const plain = await through(bytes, new DecompressionStream("deflate-raw"));
  return { program: new TextDecoder("utf-8", { fatal: true }).decode(plain) };
}

async function through(bytes, stream) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts = [];
  let length = 0;
  for (;;) {
    // eslint-disable-next-line no-await-in-loop -- the next part comes after this one
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    parts.push(value);
    length += value.length;
    if (length > LONGEST) {
      throw new RangeError(`the program has more than ${LONGEST.toLocaleString("en")} characters`);
    }
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
