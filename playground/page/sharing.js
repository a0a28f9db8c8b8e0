/* A program in the address: compressed, in the fragment, which no browser sends to a server. */

const LONGEST = 1_000_000; // bytes of a program

/* The fragment that stands for a program. Throws where that is too long. */
export async function fragment(program) {
  const plain = new TextEncoder().encode(program);
  checkLength(plain.length);
  const packed = await through(plain, new CompressionStream("deflate-raw"));
  const text = btoa(Array.from(packed, (byte) => String.fromCodePoint(byte)).join(""));
  return `#program=${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/* What a fragment asks for: `{ program }`, or `{ example }`, its name; `null` for none. Throws where
   it cannot be read. */
export async function asked(text) {
  if (text.length < 2) {
    return null;
  }
  // What stands behind is of the sentence that the address was copied from.
  const [, kind, value] = /^#(program|example)=([\w-]+)(?:%\w\w|[^\w-])*$/.exec(text) ?? [];
  if (!kind) {
    throw new Error(`${text.slice(0, 40)} is neither #program= with a program nor #example= with a name`);
  }
  return kind === "example" ? { example: value } : { program: await unpacked(value) };
}

async function unpacked(text) {
  try {
    const packed = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(packed, (character) => character.codePointAt(0));
    const plain = await through(bytes, new DecompressionStream("deflate-raw"));
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch (error) {
    throw error instanceof RangeError ? error : new Error("it was cut off, or changed, on its way");
  }
}

function checkLength(length) {
  if (length > LONGEST) {
    throw new RangeError(`the program has more than ${LONGEST.toLocaleString("en")} bytes`);
  }
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
    checkLength(length);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
