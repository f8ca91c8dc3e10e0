import type { TextName } from './texts/en';

const HOUR_MS = 3_600_000;

/** 9999-12-31, milliseconds since 1970: a mute that only the user ends. */
export const FOR_EVER = 253_402_214_400_000;

/** For how long a conversation can be told to be silent; 0: until the user takes it back. */
export const MUTES: readonly { readonly ms: number; readonly name: TextName }[] = [
  { ms: HOUR_MS, name: 'muteHour' },
  { ms: 8 * HOUR_MS, name: 'muteNight' },
  { ms: 7 * 24 * HOUR_MS, name: 'muteWeek' },
  { ms: 0, name: 'muteForEver' },
];

/** When a mute that begins now ends. */
export function muteUntil(ms: number, now: number): number {
  return ms === 0 ? FOR_EVER : now + ms;
}
