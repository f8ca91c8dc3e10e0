import { describe, expect, it } from 'vitest';
import { EntryType, isCountable } from '@/protocol/codes';
import { SEEDS, seededRandom, shuffled } from '@/test/random';
import { makeEntry } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import { asClientMessageId, asConversationId, asUserId, type UserId } from '@/types/ids';
import type { PendingChange } from '@/types/pending';
import { Fold, foldLog } from './fold';

const CHAT = asConversationId('70');
const ALICE = asUserId('1');
const BOB = asUserId('2');

const change = (seq: number, type: EntryType, targetSeq: number, text: string = '', senderId: UserId = BOB) =>
  makeEntry(CHAT, seq, { type, targetSeq, text, senderId });
const edit = (seq: number, targetSeq: number, text: string) => change(seq, EntryType.Edit, targetSeq, text);
const recall = (seq: number, targetSeq: number) => change(seq, EntryType.Recall, targetSeq);
const react = (seq: number, targetSeq: number, text: string, user: UserId = BOB) =>
  change(seq, EntryType.Reaction, targetSeq, text, user);

function folded(...entries: readonly Entry[]) {
  const fold = new Fold();
  fold.add(entries);
  return fold.message(1);
}

/** The log as somebody reads it once `until` is stored ([E5]). */
function readAt(log: readonly Entry[], until: number): Entry[] {
  const stored = log.filter(({ seq }) => seq <= until);
  return stored.map((entry) => {
    const isEdit = entry.type === EntryType.Edit;
    const target = isEdit ? entry.targetSeq : entry.seq;
    const about = stored.filter(({ targetSeq }) => targetSeq === target);
    const taken = about.find(({ type }) => type === EntryType.Recall);
    if (!isCountable(entry.type) && !isEdit) return entry;
    if (taken) return { ...entry, text: '', mentions: [], recalledSeq: taken.seq };
    const last = about.filter(({ type }) => type === EntryType.Edit).at(-1);
    if (isEdit || !last) return entry;
    return { ...entry, text: last.text, mentions: last.mentions, editedSeq: last.seq };
  });
}

/** A log of messages and of changes of them, as random as its seed. */
function makeLog(random: () => number, length: number): Entry[] {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const messages: number[] = [];
  const recalled = new Set<number>();
  return Array.from({ length }, (_, index) => {
    const seq = index + 1;
    const targetSeq = messages.length > 0 ? pick(messages) : 0;
    const senderId = pick([ALICE, BOB]);
    if (targetSeq === 0 || random() < 0.4) {
      messages.push(seq);
      return makeEntry(CHAT, seq, { senderId, mentions: random() < 0.2 ? [BOB] : [] });
    }
    if (recalled.has(targetSeq) || random() < 0.6) {
      const text = pick(['+👍', '-👍', '+🎉', '-🎉']);
      return change(seq, EntryType.Reaction, targetSeq, text, senderId);
    }
    if (random() < 0.7) return change(seq, EntryType.Edit, targetSeq, `edit ${seq}`, senderId);
    recalled.add(targetSeq);
    return change(seq, EntryType.Recall, targetSeq, '', senderId);
  });
}

/** D14 */
describe('the fold of a log', () => {
  /** [E6] */
  it('shows the edit with the highest seq, whatever came last', () => {
    expect(folded(makeEntry(CHAT, 1), edit(5, 1, 'five'), edit(3, 1, 'three'))).toMatchObject({
      text: 'five',
      editedSeq: 5,
    });
    const readLater = makeEntry(CHAT, 1, { text: 'nine', editedSeq: 9 });
    expect(folded(readLater, edit(5, 1, 'five'))).toMatchObject({ text: 'nine', editedSeq: 9 });
    expect(folded(edit(5, 1, 'five'), makeEntry(CHAT, 1))).toMatchObject({ text: 'five' });
  });

  /** [E6] */
  it('keeps a recall for ever, and nothing of what was said', () => {
    const message = folded(makeEntry(CHAT, 1), react(2, 1, '+👍'), recall(3, 1), edit(4, 1, 'late'));
    expect(message).toMatchObject({ text: '', recalledSeq: 3, recalledBy: BOB, reactions: [] });
    expect(folded(makeEntry(CHAT, 1, { text: '', recalledSeq: 3 }))).toMatchObject({ recalledBy: null });
  });

  /** [E7] */
  it('takes the last word of each user about each reaction', () => {
    const message = folded(
      makeEntry(CHAT, 1),
      react(2, 1, '+👍', ALICE),
      react(5, 1, '+👍'),
      react(4, 1, '-👍'),
      react(6, 1, '+🎉'),
      react(7, 1, '-🎉'),
    );
    expect(message?.reactions).toEqual([{ reaction: '👍', users: [ALICE, BOB], others: 0 }]);
  });

  /** [E8] */
  it('ignores changes of what is not held', () => {
    expect(folded(edit(5, 1, 'five'))).toBeUndefined();
  });

  it.each(SEEDS)('is the same for any order of pages, and for pushed and read entries (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const log = makeLog(random, 60);
    const fresh = new Fold();
    fresh.add(readAt(log, log.length));

    // Pages of different times overlap, come twice and in any order; pushes carry entries as they were made.
    const pages = Array.from({ length: 12 }, () => {
      const until = 1 + Math.floor(random() * log.length);
      const from = Math.floor(random() * until);
      return readAt(log, until).slice(from);
    });
    const pushes = log.filter(() => random() < 0.5).map((entry) => [entry]);
    const whole = readAt(log, Math.ceil(log.length / 2));
    const rest = readAt(log, log.length).slice(whole.length);
    const fold = new Fold();
    for (const page of shuffled([...pages, ...pages.slice(0, 4), ...pushes, whole, rest], random))
      fold.add(page);

    const plain = (messages: ReturnType<Fold['messages']>) =>
      messages.map(({ entry, recalledBy: _, ...message }) => ({ ...message, seq: entry.seq }));
    expect(plain(fold.messages())).toEqual(plain(fresh.messages()));
    const raw = new Fold();
    raw.add(log);
    expect(plain(raw.messages())).toEqual(plain(fresh.messages()));
  });

  /** D8 */
  it('shows own changes that wait, and the stored ones without them', () => {
    const waiting = (kind: PendingChange['kind'], text: string, remove: boolean = false): PendingChange => ({
      kind,
      clientMessageId: asClientMessageId('019b7ca9-8f2e-7abc-8000-00000000ffff'),
      conversationId: CHAT,
      createdAt: 1,
      attempted: false,
      targetSeq: 1,
      text,
      mentions: [],
      remove,
    });
    const entries = [makeEntry(CHAT, 1), react(2, 1, '+👍', ALICE)];
    const shown = (...changes: PendingChange[]) => foldLog(entries, changes, ALICE).get(1);
    expect(shown(waiting('edit', 'a'), waiting('edit', 'b'))).toMatchObject({ text: 'b', waiting: true });
    expect(shown(waiting('reaction', '👍', true))?.reactions).toEqual([]);
    expect(shown(waiting('recall', ''))).toMatchObject({ text: '', recalledBy: ALICE });
    expect(shown()).toMatchObject({ text: 'message 1', editedSeq: 0, waiting: false });
  });
});
