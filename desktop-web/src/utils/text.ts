const HUES = 8;

/** The bytes of a text in UTF-8, which is what the limit counts. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** What stands in an avatar: the last character of a Chinese name, else the first letter. */
export function initial(name: string): string {
  const characters = [...name.trim()];
  const last = characters.at(-1) ?? '';
  return /\p{Script=Han}/u.test(last) ? last : (characters[0] ?? '?').toUpperCase();
}

/** The avatar's colour, 1 to 8, the same for the same id everywhere. */
export function hueOf(id: string): number {
  let hash = 0;
  for (const character of id) hash = (hash * 31 + character.charCodeAt(0)) % 65_521;
  return (hash % HUES) + 1;
}

/** A count for a badge: no more than two digits. */
export function formatCount(count: number): string {
  return count > 99 ? '99+' : String(count);
}
