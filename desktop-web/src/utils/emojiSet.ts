/** One that can be picked. */
export interface Emoji {
  readonly emoji: string;
  /** In the page's language. */
  readonly name: string;
  /** Everything that it is found by, in lower case. */
  readonly words: string;
  readonly hasTones: boolean;
}

export interface EmojiGroup {
  /** As in emojibase. */
  readonly id: EmojiGroupId;
  readonly emoji: readonly Emoji[];
}

export type EmojiGroupId = 0 | 1 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** 0: as it comes; else from light to dark. */
export type Tone = 0 | 1 | 2 | 3 | 4 | 5;

export const TONES: readonly Tone[] = [0, 1, 2, 3, 4, 5];

/** U+1F3FB, the lightest, minus one. */
const TONE_BASE = 0x1f3fa;

/** Reads what build/emoji.ts writes. */
export function parseEmoji(text: string): EmojiGroup[] {
  const groups: { id: EmojiGroupId; emoji: Emoji[] }[] = [];
  for (const line of text.split('\n')) {
    const group = /^#(\d)$/.exec(line);
    if (group) groups.push({ id: Number(group[1]) as EmojiGroupId, emoji: [] });
    else groups.at(-1)?.emoji.push(parseLine(line));
  }
  return groups;
}

/** The emoji in a skin tone. */
export function withTone({ emoji, hasTones }: Pick<Emoji, 'emoji' | 'hasTones'>, tone: Tone): string {
  if (!hasTones || tone === 0) return emoji;
  const sign = String.fromCodePoint(TONE_BASE + tone);
  return emoji.replace(/(\p{Emoji_Modifier_Base})\uFE0F?/gu, `$1${sign}`);
}

/** Those that all words of the query are about; names that begin with it come first. */
export function findEmoji(groups: readonly EmojiGroup[], query: string, limit: number): Emoji[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = groups
    .flatMap((group) => group.emoji)
    .filter((one) => words.every((word) => one.words.includes(word)));
  const rank = ({ name }: Emoji) => (name.toLowerCase().startsWith(words[0] ?? '') ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, limit);
}

function parseLine(line: string): Emoji {
  const [sign = '', name = '', tags = ''] = line.split('|');
  const hasTones = sign.endsWith('+');
  return {
    emoji: hasTones ? sign.slice(0, -1) : sign,
    name,
    words: `${name.toLowerCase()},${tags}`,
    hasTones,
  };
}
