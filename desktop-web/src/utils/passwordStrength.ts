import { Code } from '@/protocol/codes';
import { byteLength } from './text';

/** Bytes of a password: more would be cut by the hash, so the server refuses it. */
const MIN_PASSWORD = 8;
const MAX_PASSWORD = 71;

/** Why the server would refuse a password whatever its words; null when it may be good. */
export function passwordProblem(password: string): Code | null {
  const length = byteLength(password);
  return length < MIN_PASSWORD || length > MAX_PASSWORD ? Code.PasswordInvalid : null;
}

/** 0: nothing yet, 1: refused or easy to guess, up to 4. */
export type Strength = 0 | 1 | 2 | 3 | 4;

const KINDS = [/[a-z]/, /[A-Z]/, /\d/, /[^\p{L}\d\s]/u, /\s/, /[^\p{ASCII}]/u];

const LAST_ASCII = 0x7f;

/** Signs in a row (`4567`, `abcd`) or the same again and again say little. */
const STEPS = new Set([-1, 0, 1]);

/**
 * How hard a password is to guess, as a hint while it is written: by its length without rows and repetitions, and the kinds of signs in
 * it. The server decides by its own list of common ones.
 */
export function passwordStrength(password: string, names: readonly string[] = []): Strength {
  if (password === '') return 0;
  if (passwordProblem(password) !== null) return 1;
  const plain = password.toLowerCase();
  if (names.some((name) => name.length > 2 && plain.includes(name.toLowerCase()))) return 1;
  const telling = tellingLength(password);
  const kinds = KINDS.filter((kind) => kind.test(password)).length;
  const score = telling + 2 * kinds;
  if (telling < 5) return 1;
  if (score < 12) return 2;
  return score < 18 ? 3 : 4;
}

/** How many characters do not just go on from the one before; one that is not of a keyboard's letters counts twice. */
function tellingLength(password: string): number {
  const codes = [...password].map((character) => character.codePointAt(0) ?? 0);
  const telling = codes.filter((code, at) => at === 0 || !STEPS.has(code - (codes[at - 1] ?? 0)));
  return telling.length + telling.filter((code) => code > LAST_ASCII).length;
}
