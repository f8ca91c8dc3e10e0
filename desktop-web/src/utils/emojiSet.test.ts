import { describe, expect, it } from 'vitest';
import { emoji as en } from 'virtual:emoji/en';
import { emoji as zh } from 'virtual:emoji/zh';
import { isReaction } from '@/constants/reactions';
import { findEmoji, parseEmoji, withTone } from './emojiSet';

const english = parseEmoji(en);
const chinese = parseEmoji(zh);
const flat = english.flatMap((group) => group.emoji);

describe('the emoji', () => {
  it('are the same in both languages, each once and with a name', () => {
    expect(chinese.map(({ emoji }) => emoji.map((one) => one.emoji))).toEqual(
      english.map(({ emoji }) => emoji.map((one) => one.emoji)),
    );
    expect(new Set(flat.map((one) => one.emoji)).size).toBe(flat.length);
    expect(english.map(({ id }) => id)).toEqual([0, 1, 3, 4, 5, 6, 7, 8, 9]);
    expect([...flat, ...chinese.flatMap((group) => group.emoji)].filter(({ name }) => name === '')).toEqual(
      [],
    );
  });

  it('are found by words in the language of the page', () => {
    expect(findEmoji(english, 'red heart', 5)[0]?.emoji).toBe('❤️');
    expect(findEmoji(chinese, '狗', 50).map((one) => one.emoji)).toContain('🐶');
    expect(findEmoji(english, 'no such thing', 5)).toEqual([]);
  });

  it('come in skin tones', () => {
    const thumb = flat.find((one) => one.emoji === '👍');
    const woman = flat.find((one) => one.emoji === '👩‍🚀');
    expect(thumb && withTone(thumb, 3)).toBe('👍🏽');
    expect(woman && withTone(woman, 5)).toBe('👩🏿‍🚀');
    expect(thumb && withTone(thumb, 0)).toBe('👍');
    expect(withTone({ emoji: '🍎', hasTones: false }, 3)).toBe('🍎');
  });

  /** [C4] */
  it('are reactions unless they are longer than the server takes', () => {
    expect(isReaction('👍🏽')).toBe(true);
    expect(isReaction('👩🏿‍❤️‍💋‍👩🏿')).toBe(false);
  });
});
