/** More than this is a text, and no larger than others. */
const MAX_COUNT = 6;

/** One emoji as an eye counts: with its tone, joined with others, a keycap or a flag. */
const ONE =
  /^(?:\p{Regional_Indicator}{2}|[\d#*]\uFE0F?\u20E3|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Emoji_Modifier_Base}(?=\p{Emoji_Modifier}))\p{Emoji_Modifier}?(?:\u200D\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?)*)$/u;

const SEGMENTS = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many emoji a text is made of; 0: there is something else in it, or too many. */
export function emojiCount(text: string): number {
  if (text.length > MAX_COUNT * 32) return 0;
  let count = 0;
  for (const { segment } of SEGMENTS.segment(text)) {
    if (/^\s+$/.test(segment)) continue;
    if (!ONE.test(segment)) return 0;
    count += 1;
  }
  return count > MAX_COUNT ? 0 : count;
}
