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

const UNITS = ['B', 'kB', 'MB', 'GB'];

/** A size for people: two digits that count. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1_000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[power] ?? ''}`;
}

/** Minutes and seconds of a sound or a video. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
