import { describe, expect, it } from 'vitest';
import { makeEntry } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import { asClientMessageId, asConversationId, asUserId, EVERYBODY } from '@/types/ids';
import { EntryType } from '@/protocol/codes';
import { LogFold } from './logFold';
import { LogLayout } from './logLayout';
import { layoutLog, type LogParts, type MessageRow } from './logRows';
import { startStep } from './windowSteps';

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
    first: false,
    messages: new LogFold(SELF).update(changes.entries ?? [], [], []),
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

  it('begin with where the log begins', () => {
    expect(layout({ entries: [entry(1, PEER, 0)], first: true })[0]?.kind).toBe('start');
  });

  it('say which messages call the user', () => {
    const entries = [
      { ...entry(1, PEER, 0), mentions: [SELF] },
      { ...entry(2, PEER, 0), mentions: [EVERYBODY] },
      { ...entry(3, PEER, 0), mentions: [PEER] },
      { ...entry(4, SELF, 0), mentions: [EVERYBODY] },
    ];
    expect(messages({ entries }).map(({ calls }) => calls)).toEqual([true, true, false, false]);
  });
});

describe('the layout of a log over time', () => {
  const view = (entries: readonly Entry[], about: readonly Entry[] = []) => ({
    log: { entries, about, first: true, last: true },
    pending: [],
    changes: [],
    peerReadSeq: 0,
    peerDeliveredSeq: 0,
    unreadAfter: null,
  });
  const entries = [entry(1, PEER, 0), entry(2, SELF, 1), { ...entry(3, PEER, 20), targetSeq: 1 }];
  const reaction = makeEntry('70', 9, {
    type: EntryType.Reaction,
    targetSeq: 1,
    text: '+👍',
    senderId: PEER,
  });

  it('keeps the rows that say the same as the same objects', () => {
    const layouts = new LogLayout(SELF);
    const before = layouts.rows(view(entries));
    expect(layouts.rows(view([...entries]))).toBe(before);
    const after = layouts.rows(view([...entries, entry(4, PEER, 40)]));
    expect(after.slice(0, before.length)).toEqual(before);
    before.forEach((row, index) => expect(after[index]).toBe(row));
  });

  it('draws anew what changed and nothing else', () => {
    const layouts = new LogLayout(SELF);
    const before = layouts.rows(view(entries));
    const after = layouts.rows(view(entries, [reaction]));
    const changed = after.filter((row, index) => row !== before[index]);
    expect(changed.map((row) => ('seq' in row ? row.seq : row.kind))).toEqual([1]);
    const read = layouts.rows({ ...view(entries, [reaction]), peerReadSeq: 2 });
    expect(read.filter((row, index) => row !== after[index])).toHaveLength(1);
  });

  it('forgets what was taken back when the entry comes without its content', () => {
    const layouts = new LogLayout(SELF);
    layouts.rows(view(entries));
    const erased = entries.map((one) => (one.seq === 1 ? { ...one, text: '', recalledSeq: 8 } : one));
    expect(layouts.rows(view(erased)).map(({ kind }) => kind)).toEqual([
      'start',
      'day',
      'recalled',
      'message',
      'message',
    ]);
    expect(JSON.stringify(layouts.rows(view(erased)))).not.toContain('message 1');
  });

  it('shows what waits only where the newest message is shown', () => {
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
    const layouts = new LogLayout(SELF);
    const part = view(entries);
    expect(layouts.rows({ ...part, pending: [waiting] }).at(-1)?.key).toBe('waiting');
    const middle = { ...part, log: { ...part.log, last: false } };
    expect(layouts.rows({ ...middle, pending: [waiting] }).at(-1)?.key).not.toBe('waiting');
  });

  it('takes an own change that waits and gives it back when it is refused', () => {
    const layouts = new LogLayout(SELF);
    const before = layouts.rows(view(entries));
    const recall = {
      kind: 'recall',
      clientMessageId: asClientMessageId('r'),
      conversationId: asConversationId('70'),
      createdAt: 1,
      attempted: false,
      targetSeq: 2,
      text: '',
      mentions: [],
      remove: false,
    } as const;
    const during = layouts.rows({ ...view(entries), changes: [recall] });
    expect(during.map(({ kind }) => kind)).toContain('recalled');
    expect(layouts.rows(view(entries))).toEqual(before);
  });
});

describe('the first step from rows to rows', () => {
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => ({ key: `${from + index}` }));

  it('is one at the start or one at the end, never both', () => {
    expect(startStep(rows(10, 20), rows(10, 25))).toEqual({ rows: rows(10, 25), shift: false });
    expect(startStep(rows(10, 20), rows(5, 20))).toEqual({ rows: rows(5, 20), shift: true });
    expect(startStep(rows(10, 20), rows(5, 18))).toEqual({ rows: rows(5, 20), shift: true });
    expect(startStep(rows(10, 20), rows(12, 24))).toEqual({ rows: rows(12, 20), shift: true });
  });

  it('is none where nothing is left', () => {
    expect(startStep(rows(10, 20), rows(30, 40))).toBeNull();
    expect(startStep([], rows(30, 40))).toEqual({ rows: rows(30, 40), shift: false });
  });
});
