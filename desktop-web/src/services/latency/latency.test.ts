import { describe, expect, it } from 'vitest';
import { ConversationType } from '@/protocol/codes';
import { ALICE, BOB, makeConversation } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import type { ClientEvent } from '@/types/event';
import { LatencyMeter } from './latencyMeter';
import { ServerClock } from './serverClock';

describe("the server's clock", () => {
  it('is in the middle of the shortest of the last round trips', () => {
    const clock = new ServerClock();
    expect(clock.best).toBeNull();
    // The server is 1,000 ms ahead; the way back of the first one was slow.
    clock.read(200, 1_010, 200);
    clock.read(20, 2_010, 1_020);
    clock.read(400, 3_010, 2_400);
    expect(clock.best).toEqual({ offsetMs: 1_000, errorMs: 10 });
  });

  it('is read anew, so that a clock that was set does not stay wrong', () => {
    const clock = new ServerClock();
    clock.read(10, 5, 10);
    for (let time = 0; time < 20; time += 1) clock.read(20, 1_010, 20);
    expect(clock.best?.offsetMs).toBe(1_000);
  });
});

/** H15 */
describe('the latency meter', () => {
  /** A device whose clock is 500 ms behind the server's. */
  function makeMeter() {
    const events: ClientEvent[] = [];
    const clock = { now: 10_000 };
    const meter = new LatencyMeter(
      ALICE.userId,
      (event) => events.push(event),
      () => clock.now,
    );
    meter.sessionOpened(10_500);
    meter.roundTrip({ ms: 20, serverTime: 10_490, receivedAt: 10_000 });
    meter.observe({ type: 'connectionChanged', connection: { phase: 'online', transport: 'webTransport' } });
    const measured = (kind: string) =>
      events.filter((event) => event.type === 'latencyMeasured' && event.kind === kind);
    const stages = () => {
      const last = events.findLast((event) => event.type === 'stagesMeasured');
      return last?.timing ?? null;
    };
    return { meter, clock, events, measured, stages };
  }
  const conversation = makeConversation('7', 2);

  it('measures a delivery from the commit, by the clock of the server', () => {
    const { meter, clock, measured } = makeMeter();
    clock.now = 10_130;
    const entry = makeEntry('7', 1, { senderId: BOB.userId, createdAt: 10_600 });
    meter.observe({ type: 'entriesApplied', conversation, entries: [entry] });
    expect(measured('delivery')).toEqual([
      { type: 'latencyMeasured', kind: 'delivery', ms: 30, errorMs: 10, at: 10_130 },
    ]);
  });

  it('does not count what waited for the session, is caught up on, is its own, or is for everybody', () => {
    const { meter, measured } = makeMeter();
    const entry = makeEntry('7', 1, { senderId: BOB.userId, createdAt: 10_600 });
    const apply = (change: Partial<typeof entry>, type = conversation.type) =>
      meter.observe({
        type: 'entriesApplied',
        conversation: { ...conversation, type },
        entries: [{ ...entry, ...change }],
      });
    apply({ createdAt: 10_499 });
    apply({ senderId: ALICE.userId });
    apply({}, ConversationType.World);
    meter.observe({
      type: 'connectionChanged',
      connection: { phase: 'catchingUp', transport: 'webTransport', done: 0, total: 1 },
    });
    apply({});
    expect(measured('delivery')).toEqual([]);
  });

  it('measures from sending to the acknowledgement, and says where the time went', () => {
    const { meter, clock, measured, stages } = makeMeter();
    meter.observe({
      type: 'messageTimed',
      conversationId: conversation.id,
      seq: 4,
      queuedAt: 10_100,
      sentAt: 10_102,
      storedAt: 10_610,
      ackedAt: 10_120,
    });
    expect(measured('ack')).toMatchObject([{ ms: 18, at: 10_120 }]);
    expect(stages()).toMatchObject({ waitedMs: 2, ackMs: 18, thereMs: 8, errorMs: 10, reachedMs: null });
    clock.now = 10_140;
    meter.observe({
      type: 'conversationsChanged',
      conversations: [{ ...conversation, peerDeliveredSeq: 3 }],
    });
    expect(stages()?.reachedMs).toBeNull();
    meter.observe({
      type: 'conversationsChanged',
      conversations: [{ ...conversation, peerDeliveredSeq: 4 }],
    });
    expect(stages()?.reachedMs).toBe(20);
  });
});
