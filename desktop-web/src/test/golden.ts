// The annotated frames that the Rust and the TypeScript tests both read: hex bytes separated by blanks, `#` starts a comment.

const files = import.meta.glob<string>('../../../schema/golden/*.hex', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** The bytes of each golden frame by its name. */
export const GOLDEN: ReadonlyMap<string, Uint8Array> = new Map(
  Object.entries(files).map(([path, text]) => [path.replace(/^.*\/(.*)\.hex$/, '$1'), parse(text)]),
);

export function golden(name: string): Uint8Array {
  const bytes = GOLDEN.get(name);
  if (!bytes) throw new Error(`there is no golden frame ${name}`);
  return bytes;
}

function parse(text: string): Uint8Array {
  const digits = text.replaceAll(/#.*$/gm, '').split(/\s+/).filter(Boolean);
  return Uint8Array.from(digits, (byte) => parseInt(byte, 16));
}
