import { describe, expect, it } from 'vitest';
import { asUserId, EVERYBODY } from '@/types/ids';
import { editedMentions, mentionLabel, mentionQuery, mentionsIn } from './mentions';

const BOB = asUserId('2');
const CAROL = asUserId('3');
const names = (id: string) => (id === BOB ? 'Bob' : id === CAROL ? 'Carol' : '');

describe('a name that is being typed', () => {
  it.each([
    ['@', 1, { start: 0, filter: '' }],
    ['hi @bo', 6, { start: 3, filter: 'bo' }],
    ['你好@小', 4, { start: 2, filter: '小' }],
    ['(@bo', 4, { start: 1, filter: 'bo' }],
    ['@bob @ca', 8, { start: 5, filter: 'ca' }],
    // The caret is behind the name, in another word, or the sign is part of an address.
    ['@bob hello', 10, null],
    ['mail@example', 12, null],
    ['no sign', 7, null],
    [`@${'x'.repeat(40)}`, 41, null],
  ])('in %j at %i is %j', (text, caret, query) => {
    expect(mentionQuery(text, caret)).toEqual(query);
  });
});

/** [M12] */
describe('the mentions of a text', () => {
  it('are those whose name still stands in it, each once', () => {
    const mentions = [
      { userId: BOB, label: 'Bob' },
      { userId: CAROL, label: 'Carol' },
      { userId: BOB, label: 'Bob' },
    ];
    expect(mentionsIn('@Bob look', mentions)).toEqual([BOB]);
    expect(mentionsIn('nobody', mentions)).toEqual([]);
  });

  it('call people by the name that everybody sees', () => {
    const profile = { userId: BOB, username: 'bob', nickname: 'Bobby', avatar: '' };
    expect(mentionLabel(BOB, profile)).toBe('Bobby');
    expect(mentionLabel(BOB, { ...profile, nickname: '' })).toBe('bob');
    expect(mentionLabel(EVERYBODY, undefined)).toBe('everyone');
  });

  it('stay in an edit, but for those whose name was taken out', () => {
    const before = { text: '@Bob and @Carol', mentions: [BOB, CAROL] };
    expect(editedMentions(before, '@Bob only', [], names)).toEqual([BOB]);
    expect(editedMentions(before, '@Carol', [{ userId: CAROL, label: 'Carol' }], names)).toEqual([CAROL]);
    // Somebody was called otherwise then: nobody can tell that the name is gone.
    expect(editedMentions({ text: '@Bobby', mentions: [BOB] }, 'hello', [], names)).toEqual([BOB]);
  });
});
