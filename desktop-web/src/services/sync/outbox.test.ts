import { describe, expect, it } from 'vitest';
import { SEEDS, seededRandom } from '@/test/random';
import { asClientMessageId, asConversationId } from '@/types/ids';
import { Outbox, type Batch, type OutboxChange, type OutboxMessage } from './outbox';

const message = (conversation: string, id: number, changes: Partial<OutboxMessage> = {}): OutboxMessage => ({
  clientMessageId: asClientMessageId(`${conversation}-${id}`),
  conversationId: asConversationId(conversation),
  kind: 'message',
  text: `text ${id}`,
  replyToSeq: 0,
  mentions: [],
  attempted: false,
  ...changes,
});
const change = (conversation: string, id: number): OutboxChange => ({
  kind: 'recall',
  clientMessageId: asClientMessageId(`${conversation}-${id}`),
  conversationId: asConversationId(conversation),
  targetSeq: id,
  text: '',
  mentions: [],
  remove: false,
  attempted: false,
});
const messagesOf = (batch: Batch | undefined) => (batch?.load.kind === 'messages' ? batch.load.messages : []);
const A = asConversationId('a');
const steady = () => 0.5;

describe('the outbox', () => {
  /** [M1] */
  it('keeps one request in flight per conversation', () => {
    const outbox = new Outbox(steady);
    outbox.enqueue(message('a', 1));
    expect(outbox.take(0)).toHaveLength(1);
    outbox.enqueue(message('a', 2));
    outbox.enqueue(message('b', 3));
    expect(outbox.take(1).map((batch) => batch.conversationId)).toEqual(['b']);
  });

  it('puts what waited into one request, in order', () => {
    const outbox = new Outbox(steady);
    outbox.enqueue(message('a', 1));
    outbox.take(0);
    outbox.enqueue(message('a', 2));
    outbox.enqueue(message('a', 3));
    outbox.answered(A);
    const [batch] = outbox.take(1);
    expect(messagesOf(batch).map(({ text }) => text)).toEqual(['text 2', 'text 3']);
  });

  /** [M1] */
  it('sends each change alone, in the order in which it was made', () => {
    const outbox = new Outbox(steady);
    for (const item of [message('a', 1), message('a', 2), change('a', 3), change('a', 4), message('a', 5)])
      outbox.enqueue(item);
    const sent: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const [batch] = outbox.take(turn);
      sent.push(batch?.load.kind === 'change' ? batch.load.change.targetSeq : -messagesOf(batch).length);
      outbox.answered(A);
    }
    expect(sent).toEqual([-2, 3, 4, -1]);
    expect(outbox.nextDue()).toBeNull();
  });

  it('puts at most 64 messages into a request', () => {
    const outbox = new Outbox(steady);
    for (let id = 0; id < 100; id += 1) outbox.enqueue(message('a', id));
    expect(messagesOf(outbox.take(0)[0])).toHaveLength(64);
  });

  it('puts no more text into a request than a frame can hold', () => {
    const outbox = new Outbox(steady);
    for (let id = 0; id < 10; id += 1) outbox.enqueue(message('a', id, { text: 'x'.repeat(8_000) }));
    expect(messagesOf(outbox.take(0)[0])).toHaveLength(2);
  });

  /** [M3] */
  it('repeats an unanswered request unchanged, marked as a retry, after doubling waits', () => {
    const outbox = new Outbox(steady);
    outbox.enqueue(message('a', 1));
    const [first] = outbox.take(0);
    outbox.enqueue(message('a', 2));
    expect(first?.retry).toBe(false);
    expect(outbox.take(399)).toEqual([]);
    const [second] = outbox.take(400);
    expect(second).toEqual({ ...first, retry: true });
    expect(outbox.take(1_199)).toEqual([]);
    expect(outbox.take(1_200)).toHaveLength(1);
  });

  /** [M3] */
  it('waits at least as long as the server asks', () => {
    const outbox = new Outbox(steady);
    outbox.enqueue(message('a', 1));
    outbox.take(0);
    outbox.postponed(A, 10, 5_000);
    expect(outbox.take(5_009)).toEqual([]);
    expect(outbox.take(5_010)).toHaveLength(1);
  });

  /** [S7] */
  it('sends what was in flight again at once on a new session', () => {
    const outbox = new Outbox(steady);
    outbox.enqueue(message('a', 1));
    outbox.take(0);
    outbox.reconnected();
    expect(outbox.take(1)).toMatchObject([{ conversationId: 'a', retry: true }]);
  });

  it('marks what an earlier page sent as a retry', () => {
    const outbox = new Outbox(steady);
    outbox.enqueue(message('a', 1, { attempted: true }));
    expect(outbox.take(0)[0]?.retry).toBe(true);
  });

  it('has nothing due when nothing waits', () => {
    const outbox = new Outbox(steady);
    expect(outbox.nextDue()).toBeNull();
    outbox.enqueue(message('a', 1));
    expect(outbox.nextDue()).toBe(0);
    outbox.take(0);
    expect(outbox.nextDue()).toBe(400);
    outbox.answered(A);
    expect(outbox.nextDue()).toBeNull();
  });

  /** D3, D4, D5: a server that stores by client id, over a path that loses requests and replies. */
  it.each(SEEDS)('stores every message once and in the order of its sender (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const outbox = new Outbox(random);
    const stored: string[] = [];
    let sent = 0;
    for (let now = 0; stored.length < 60 && now < 2_000_000; now += 50) {
      while (sent < 60 && random() < 0.3) outbox.enqueue(message('a', (sent += 1)));
      if (random() < 0.02) outbox.reconnected();
      for (const batch of outbox.take(now)) {
        if (random() < 0.3) continue;
        for (const { clientMessageId } of messagesOf(batch)) {
          if (!stored.includes(clientMessageId)) stored.push(clientMessageId);
          else expect(batch.retry).toBe(true);
        }
        if (random() < 0.7) outbox.answered(A);
      }
    }
    expect(stored).toEqual(Array.from({ length: 60 }, (_, index) => `a-${index + 1}`));
  });
});
