import { EVERYBODY, type UserId } from '@/types/ids';
import type { Profile } from '@/types/person';
import { t } from './t';

/** Somebody who is called by name in a text that is being written. */
export interface Mention {
  readonly userId: UserId;
  /** What stands in the text after the `@`. */
  readonly label: string;
}

/** A name that is being typed after an `@`. */
export interface MentionQuery {
  /** Where the `@` stands. */
  readonly start: number;
  readonly filter: string;
}

/** Longer names are not looked for, characters. */
const MAX_FILTER = 32;

/** After such a character an `@` belongs to an address of mail, not to a name. */
const IN_WORD = /[\w.-]/;

/** The name that is being typed before the caret; null when none is. */
export function mentionQuery(text: string, caret: number): MentionQuery | null {
  const before = text.slice(Math.max(0, caret - MAX_FILTER - 1), caret);
  const at = before.lastIndexOf('@');
  if (at < 0) return null;
  const start = caret - before.length + at;
  const filter = before.slice(at + 1);
  if (/\s/.test(filter) || IN_WORD.test(text[start - 1] ?? ' ')) return null;
  return { start, filter };
}

/**
 * How somebody is called in a message: by the name that everybody sees. A remark is for its author only.
 */
export function mentionLabel(userId: UserId, profile: Profile | undefined): string {
  if (userId === EVERYBODY) return t('everyone');
  return profile?.nickname || profile?.username || '';
}

/** Those of `mentions` whose name still stands in the text, each once. */
export function mentionsIn(text: string, mentions: readonly Mention[]): UserId[] {
  return [...new Set(mentions.filter(({ label }) => isCalled(text, label)).map(({ userId }) => userId))];
}

/**
 * The mentions of an edited message: those that were picked in the new text, and of the old ones all but those whose name stood in
 * the old text and does not in the new one. A name that was changed since is not found in either.
 */
export function editedMentions(
  before: { readonly text: string; readonly mentions: readonly UserId[] },
  text: string,
  picked: readonly Mention[],
  labelOf: (userId: UserId) => string,
): UserId[] {
  const kept = before.mentions.filter((userId) => {
    const label = labelOf(userId);
    return isCalled(text, label) || !isCalled(before.text, label);
  });
  return [...new Set([...kept, ...mentionsIn(text, picked)])];
}

/** Whether the name stands after an `@`, and is not the beginning of a longer one. */
function isCalled(text: string, label: string): boolean {
  if (label === '') return false;
  const sign = `@${label}`;
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) {
    if (!/\w/.test(text[at + sign.length] ?? ' ') || !/\w$/.test(label)) return true;
  }
  return false;
}
