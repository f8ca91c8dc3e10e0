import { ConversationType } from '@/protocol/codes';
import type { Connection } from '@/types/connection';
import type { Conversation } from '@/types/conversation';
import type { ClientEvent, Emit } from '@/types/event';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import type { MessageTiming } from '@/types/latency';
import type { RoundTrip } from '@/services/session/session';
import { ServerClock } from './serverClock';

/**
 * Measures what a user waits for, out of heartbeats and of what the other layers tell. Only what came while connected counts:
 * a message that waited for this device to come back says nothing about the way.
 */
export class LatencyMeter {
  private readonly clock = new ServerClock();
  private connection: Connection['phase'] = 'idle';
  /** By the server's clock: what is older may have waited for this session. Milliseconds since 1970. */
  private openedAt = Infinity;
  /** The last own message, until the other one's device has it. */
  private last: { readonly conversationId: ConversationId; readonly seq: Seq; timing: MessageTiming } | null =
    null;

  constructor(
    private readonly self: UserId,
    private readonly emit: Emit,
    private readonly now: () => number = Date.now,
  ) {}

  /** A session is there. `serverTime`: the server's clock, milliseconds since 1970. */
  sessionOpened(serverTime: number): void {
    this.openedAt = serverTime;
  }

  roundTrip({ ms, serverTime, receivedAt }: RoundTrip): void {
    this.clock.read(ms, serverTime, receivedAt);
    this.emit({ type: 'latencyMeasured', kind: 'roundTrip', ms, at: receivedAt });
  }

  /** Sees every event before the stores do. */
  observe(event: ClientEvent): void {
    switch (event.type) {
      case 'connectionChanged':
        this.connection = event.connection.phase;
        return;
      case 'messageTimed':
        return this.acknowledged(event);
      case 'entriesApplied':
        this.delivered(event);
        return this.reached([event.conversation]);
      case 'conversationsChanged':
        return this.reached(event.conversations);
      default:
    }
  }

  private acknowledged(event: Extract<ClientEvent, { type: 'messageTimed' }>): void {
    const { conversationId, seq, queuedAt, sentAt, storedAt, ackedAt } = event;
    const ms = ackedAt - sentAt;
    this.emit({ type: 'latencyMeasured', kind: 'ack', ms, at: ackedAt });
    const reading = this.clock.best;
    // Where the store lies between there and back is known only as well as the clock is.
    const there = reading && Math.min(ms, Math.max(0, storedAt - reading.offsetMs - sentAt));
    const timing: MessageTiming = {
      waitedMs: Math.max(0, sentAt - queuedAt),
      ackMs: ms,
      thereMs: there,
      errorMs: reading && reading.errorMs,
      ackedAt,
      reachedMs: null,
    };
    this.last = { conversationId, seq, timing };
    this.emit({ type: 'stagesMeasured', timing });
  }

  /** The other one's device has the last own message, and this one has heard of it. */
  private reached(conversations: readonly Conversation[]): void {
    const last = this.last;
    const conversation = last && conversations.find(({ id }) => id === last.conversationId);
    if (!last || !conversation || conversation.peerDeliveredSeq < last.seq) return;
    const timing = { ...last.timing, reachedMs: Math.max(0, this.now() - last.timing.ackedAt) };
    this.last = null;
    this.emit({ type: 'stagesMeasured', timing });
  }

  private delivered({ conversation, entries }: Extract<ClientEvent, { type: 'entriesApplied' }>): void {
    const reading = this.clock.best;
    // What is broadcast to everybody comes live only while it is looked at, and else when it is.
    if (!reading || this.connection !== 'online' || conversation.type === ConversationType.World) return;
    const at = this.now();
    for (const { senderId, createdAt } of entries) {
      if (senderId === this.self || createdAt < this.openedAt) continue;
      const ms = Math.max(0, at + reading.offsetMs - createdAt);
      this.emit({ type: 'latencyMeasured', kind: 'delivery', ms, errorMs: reading.errorMs, at });
    }
  }
}
