import { describe, expect, it } from 'vitest';
import { makeEntry } from '@/test/serverFrames';
import { asClientMessageId, asConversationId, asUserId } from '@/types/ids';
import { EntryType } from '@/protocol/codes';
import { foldLog } from './fold';
import { layoutLog, type LogParts, type MessageRow } from './logRows';

const SELF = asUserId('1');
const PEER = asUserId('2');
const NOON = new Date(2026, 2, 10, 12, 0).getTime();
const MINUTE = 60_000;

const entry = (seq: number, senderId: typeof SELF, minutes: number) =>
  makeEntry('70', seq, { senderId, createdAt: NOON + minutes * MINUTE });

const layout = (changes: Partial<LogParts>) =>
  layoutLog({
    self: SELF,
    entries: [],
    pending: [],
    peerReadSeq: 0,
    peerDeliveredSeq: 0,
    unreadAfter: null,
    messages: foldLog(changes.entries ?? [], [], SELF),
    ...changes,
  });
const messages = (changes: Partial<LogParts>) =>
  layout(changes).filter((row): row is MessageRow => row.kind === 'message');

describe('the rows of a log', () => {
  it('group one sender within five minutes', () => {
    const rows = messages({
      entries: [entry(1, PEER, 0), entry(2, PEER, 4), entry(3, PEER, 9), entry(4, SELF, 9)],
    });
    expect(rows.map(({ continues }) => continues)).toEqual([false, true, false, false]);
    expect(rows.map(({ closes }) => closes)).toEqual([false, true, true, true]);
  });

  it('have a line before each day', () => {
    const rows = layout({ entries: [entry(1, PEER, 0), entry(2, PEER, 60), entry(3, PEER, 24 * 60)] });
    expect(rows.map(({ kind }) => kind)).toEqual(['day', 'message', 'message', 'day', 'message']);
  });

  it('have the unread line before the first unread message of another', () => {
    const rows = layout({
      entries: [entry(1, PEER, 0), entry(2, SELF, 1), entry(3, PEER, 2)],
      unreadAfter: 1,
    });
    expect(rows.map(({ kind }) => kind)).toEqual(['day', 'message', 'message', 'unread', 'message']);
  });

  it('start a new group at the unread line', () => {
    const rows = messages({ entries: [entry(1, PEER, 0), entry(2, PEER, 1)], unreadAfter: 1 });
    expect(rows.map(({ continues, closes }) => [continues, closes])).toEqual([
      [false, true],
      [false, true],
    ]);
  });

  /** D7 */
  it('say of own messages how far they got', () => {
    const entries = [1, 2, 3].map((seq) => entry(seq, SELF, 0));
    expect(
      messages({ entries, peerReadSeq: 1, peerDeliveredSeq: 2 }).map(({ delivery }) => delivery),
    ).toEqual(['read', 'delivered', 'sent']);
    expect(messages({ entries: [entry(1, PEER, 0)] })[0]?.delivery).toBeNull();
  });

  /** D8 to D11, D14 */
  it('show what was edited, recalled, answered and reacted to, without rows for the changes', () => {
    const change = (seq: number, type: EntryType, targetSeq: number, text: string) =>
      makeEntry('70', seq, { type, targetSeq, text, senderId: PEER, createdAt: NOON + seq });
    const rows = layout({
      entries: [
        entry(1, PEER, 0),
        entry(2, PEER, 0),
        change(3, EntryType.Edit, 1, 'better'),
        change(4, EntryType.Recall, 2, ''),
        change(5, EntryType.Reaction, 1, '+👍'),
        { ...entry(6, SELF, 1), targetSeq: 1 },
        { ...entry(7, SELF, 1), targetSeq: 2 },
        makeEntry('70', 8, { type: EntryType.Member, text: '{"change":"joined"}', createdAt: NOON }),
        makeEntry('70', 9, { type: 99 as EntryType, text: '?', createdAt: NOON }),
      ],
    });
    expect(rows.map(({ kind }) => kind)).toEqual([
      'day',
      'message',
      'recalled',
      'message',
      'message',
      'event',
    ]);
    expect(rows[1]).toMatchObject({
      body: { kind: 'text', text: 'better' },
      edited: true,
      reactions: [{ reaction: '👍', users: [PEER] }],
    });
    expect(rows[2]).toMatchObject({ senderId: PEER, by: PEER });
    expect(rows[3]).toMatchObject({ quote: { seq: 1, message: { body: { text: 'better' } } } });
    expect(rows[4]).toMatchObject({ quote: { seq: 2, message: { body: { kind: 'recalled' } } } });
  });

  /** [E8] */
  it('have a placeholder for a message that cannot be read', () => {
    const rows = messages({
      entries: [makeEntry('70', 1, { type: EntryType.Image, text: 'no JSON', senderId: PEER })],
    });
    expect(rows[0]?.body).toEqual({ kind: 'unsupported' });
  });

  it('end with what waits to be sent, under the key that it keeps when it is stored', () => {
    const stored = entry(1, SELF, 0);
    const waiting = {
      clientMessageId: asClientMessageId('waiting'),
      kind: 'message',
      conversationId: asConversationId('70'),
      replyToSeq: 0,
      mentions: [],
      text: 'waits',
      createdAt: NOON,
      attempted: false,
      state: 'sending',
      failure: null,
    } as const;
    const rows = messages({ entries: [stored], pending: [waiting] });
    expect(rows.map(({ key, delivery }) => [key, delivery])).toEqual([
      [stored.clientMessageId, 'sent'],
      ['waiting', 'sending'],
    ]);
  });
});
