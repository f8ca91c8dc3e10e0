import type { UserId } from '@/types/ids';
import { safeLink, type SafeLink } from './safeLink';

/** A stretch of a text. Their `text`s one after the other are the whole text, so that nothing is lost or added. */
export type RichToken = Stretch & {
  /** Where it begins in the whole text. */
  readonly at: number;
};

type Stretch =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string; readonly code: string }
  | { readonly kind: 'mention'; readonly text: string; readonly userId: UserId }
  | ({ readonly kind: 'link'; readonly text: string } & SafeLink);

/** Somebody who is mentioned, by one of the names that may stand in the text. */
export interface MentionName {
  readonly userId: UserId;
  readonly name: string;
}

/** Controls that turn the direction of writing: an address with one shows another than it is. */
const TURNS = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';

const NO_ADDRESS = `\\s<>"'\`，。；：！？、（）《》「」『』【】“”‘’${TURNS}`;
const CODE = '`[^`\\n]+`';
const ADDRESS = `(?:https?://|mailto:|www\\.)[^${NO_ADDRESS}]+`;
const MAIL = '[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63})*\\.[a-z]{2,24}';

/** What ends a sentence and not an address. */
const TRAILING = /[.,;:!?*_~]+$/;

/** Takes a text apart into words, code, links and mentions. Pure; a name stands for its user only where it is in `names`. */
export function richText(text: string, names: readonly MentionName[] = []): RichToken[] {
  const known = [...names].filter(({ name }) => name !== '').sort((a, b) => b.name.length - a.name.length);
  const mentions = known.map(({ name }) => `@${escape(name)}`);
  const pattern = new RegExp(
    [CODE, `(?<![a-z0-9])${ADDRESS}`, ...mentions, `(?<![\\w.@])${MAIL}(?![\\w@])`].join('|'),
    'giu',
  );
  const tokens: RichToken[] = [];
  let plainFrom = 0;
  const push = (token: Stretch, at: number) => {
    if (at > plainFrom) tokens.push({ kind: 'text', text: text.slice(plainFrom, at), at: plainFrom });
    tokens.push({ ...token, at });
    plainFrom = at + token.text.length;
    pattern.lastIndex = plainFrom;
  };
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const token = toToken(match[0], known);
    if (token) push(token, match.index);
  }
  if (plainFrom < text.length) tokens.push({ kind: 'text', text: text.slice(plainFrom), at: plainFrom });
  return tokens;
}

function toToken(found: string, names: readonly MentionName[]): Stretch | null {
  if (found.startsWith('`')) return { kind: 'code', text: found, code: found.slice(1, -1) };
  if (found.startsWith('@')) {
    const called = found.slice(1).toLowerCase();
    const mentioned = names.find(({ name }) => name.toLowerCase() === called);
    return mentioned ? { kind: 'mention', text: found, userId: mentioned.userId } : null;
  }
  const written = withoutTrailing(found);
  const link = safeLink(written);
  return link ? { kind: 'link', text: written, ...link } : null;
}

/** A bracket that was opened before the address closes after it. */
function withoutTrailing(address: string): string {
  let rest = address.replace(TRAILING, '');
  for (const [open, close] of ['()', '[]', '{}'] as const) {
    while (rest.endsWith(close ?? '') && count(rest, close) > count(rest, open)) {
      rest = rest.slice(0, -1).replace(TRAILING, '');
    }
  }
  return rest;
}

function count(text: string, character: string | undefined): number {
  return text.split(character ?? '').length - 1;
}

function escape(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
