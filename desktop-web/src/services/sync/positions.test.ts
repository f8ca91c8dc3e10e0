import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Code } from '@/protocol/codes';
import type { Incoming, Outgoing } from '@/protocol/frames';
import { RequestError } from '@/services/session/errors';
import { asConversationId } from '@/types/ids';
import { Positions } from './positions';

const A = asConversationId('1');

function makeSession() {
  const request = vi.fn((body: Outgoing): Promise<Incoming> =>
    Promise.resolve({ kind: 'unknown', type: body.kind.length }),
  );
  return { request, tell: vi.fn<(body: Outgoing) => void>() };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** [R6] */
describe('positions', () => {
  it('send one frame for a burst, with the newest position', async () => {
    const positions = new Positions();
    const session = makeSession();
    positions.attach(session);
    for (let seq = 1; seq <= 20; seq += 1) positions.report('messageDelivered', A, seq);
    positions.report('messageDelivered', A, 5);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(session.tell).toHaveBeenCalledExactlyOnceWith({
      kind: 'messageDelivered',
      conversationId: A,
      seq: 20,
    });
  });

  it('stay under the rate of a session however many conversations there are', async () => {
    const positions = new Positions();
    const session = makeSession();
    positions.attach(session);
    for (let id = 1; id <= 100; id += 1)
      positions.report('messageDelivered', asConversationId(String(id)), 1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(session.tell.mock.calls.length).toBeLessThan(20);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(session.tell).toHaveBeenCalledTimes(100);
  });

  it('report a read position again when the server was too busy for it', async () => {
    const positions = new Positions();
    const session = makeSession();
    session.request.mockRejectedValueOnce(new RequestError(Code.RetryLater, '', 10));
    positions.attach(session);
    positions.report('conversationRead', A, 7);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(session.request).toHaveBeenCalledTimes(2);
  });

  /** [R6]: nothing answers a delivered position, so one that was under way when the session ended is told again. */
  it('tell the next session what the lost one may not have carried', async () => {
    const positions = new Positions();
    positions.attach(makeSession());
    positions.report('messageDelivered', A, 7);
    await vi.advanceTimersByTimeAsync(1_000);
    positions.detach();
    const next = makeSession();
    positions.attach(next);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(next.tell).toHaveBeenCalledExactlyOnceWith({
      kind: 'messageDelivered',
      conversationId: A,
      seq: 7,
    });
    await vi.advanceTimersByTimeAsync(100_000);
    const later = makeSession();
    positions.attach(later);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(later.tell).not.toHaveBeenCalled();
  });

  it('wait for a session', async () => {
    const positions = new Positions();
    positions.report('conversationRead', A, 7);
    await vi.advanceTimersByTimeAsync(1_000);
    const session = makeSession();
    positions.attach(session);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(session.request).toHaveBeenCalledOnce();
  });
});
