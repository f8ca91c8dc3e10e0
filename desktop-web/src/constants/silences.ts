import { FOR_EVER } from './mutes';
import type { TextName } from './texts/en';

const MINUTE_MS = 60_000;

/** For how long the voice of a member can be taken. */
export const SILENCES: readonly {
  readonly name: TextName;
  /** When a silence that begins now ends; both milliseconds since 1970. */
  readonly until: (now: number) => number;
}[] = [
  { name: 'silenceMinutes', until: (now) => now + 10 * MINUTE_MS },
  { name: 'silenceHour', until: (now) => now + 60 * MINUTE_MS },
  { name: 'silenceDay', until: (now) => now + 24 * 60 * MINUTE_MS },
  { name: 'silenceForEver', until: () => FOR_EVER },
];
