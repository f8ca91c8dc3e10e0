import { MAX_MESSAGES, MAX_REQUEST_TEXT } from '@/protocol/limits';
import type { ClientMessageId, ConversationId } from '@/types/ids';

/** First wait for an acknowledgement and the ceiling it doubles to, milliseconds ([M3]). */
const FIRST_WAIT_MS = 400;
const MAX_WAIT_MS = 10_000;

export interface OutboxMessage {
  readonly clientMessageId: ClientMessageId;
  readonly conversationId: ConversationId;
  readonly text: string;
  /** Was sent before, perhaps by an earlier page. */
  readonly attempted: boolean;
}

/** One request: the messages of one conversation, in order. */
export interface Batch {
  readonly conversationId: ConversationId;
  readonly messages: readonly OutboxMessage[];
  /** The server may have stored it ([M3]). */
  readonly retry: boolean;
}

interface Flight {
  readonly messages: readonly OutboxMessage[];
  attempts: number;
  /** When to send it again, milliseconds. */
  dueAt: number;
  attempted: boolean;
}

/**
 * What waits to be sent: at most one request in flight per conversation, in the order of the sender ([M1]), repeated
 * unchanged until it is answered ([M3]). Pure: time and chance come in, batches to send come out.
 */
export class Outbox {
  private readonly queues = new Map<ConversationId, OutboxMessage[]>();
  private readonly flights = new Map<ConversationId, Flight>();

  constructor(private readonly random: () => number = Math.random) {}

  enqueue(message: OutboxMessage): void {
    const queue = this.queues.get(message.conversationId) ?? [];
    queue.push(message);
    this.queues.set(message.conversationId, queue);
  }

  /** The batches to send now: new ones of conversations with nothing in flight, and those whose wait is over. */
  take(now: number): Batch[] {
    const batches: Batch[] = [];
    for (const [conversationId, queue] of this.queues) {
      const flight = this.flights.get(conversationId) ?? open(queue);
      if (!flight || flight.dueAt > now) continue;
      this.flights.set(conversationId, flight);
      batches.push({ conversationId, messages: flight.messages, retry: flight.attempted });
      flight.attempted = true;
      flight.dueAt = now + this.wait(flight.attempts);
      flight.attempts += 1;
    }
    return batches;
  }

  /** When `take` has something next, milliseconds; null: nothing waits. */
  nextDue(): number | null {
    let next: number | null = null;
    for (const [conversationId, queue] of this.queues) {
      if (queue.length === 0) continue;
      const dueAt = this.flights.get(conversationId)?.dueAt ?? 0;
      if (next === null || dueAt < next) next = dueAt;
    }
    return next;
  }

  /** The request was answered for good: its messages leave, whatever became of each. Gives them back. */
  answered(conversationId: ConversationId): readonly OutboxMessage[] {
    const flight = this.flights.get(conversationId);
    if (!flight) return [];
    this.flights.delete(conversationId);
    const done = new Set(flight.messages.map((message) => message.clientMessageId));
    const rest = (this.queues.get(conversationId) ?? []).filter(
      (message) => !done.has(message.clientMessageId),
    );
    if (rest.length > 0) this.queues.set(conversationId, rest);
    else this.queues.delete(conversationId);
    return flight.messages;
  }

  /** The server asked to wait: the same request again, not before `retryAfterMs`. */
  postponed(conversationId: ConversationId, now: number, retryAfterMs: number): void {
    const flight = this.flights.get(conversationId);
    if (flight) flight.dueAt = now + Math.max(retryAfterMs, this.wait(flight.attempts));
  }

  /** A new session: everything that was in flight goes out again at once. */
  reconnected(): void {
    for (const flight of this.flights.values()) {
      flight.dueAt = 0;
      flight.attempts = 0;
    }
  }

  /** Full doubling with jitter over the upper half, so that a retry never comes much too early. */
  private wait(attempts: number): number {
    const ceiling = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts);
    return ceiling * (0.75 + this.random() * 0.5);
  }
}

/** Forms the next request of a queue: as many messages as fit ([M1]); null when there is none. */
function open(queue: readonly OutboxMessage[]): Flight | null {
  const messages: OutboxMessage[] = [];
  let size = 0;
  for (const message of queue) {
    // UTF-8 takes at most three bytes per UTF-16 unit.
    size += message.text.length * 3;
    if (messages.length === MAX_MESSAGES || (messages.length > 0 && size > MAX_REQUEST_TEXT)) break;
    messages.push(message);
  }
  if (messages.length === 0) return null;
  return { messages, attempts: 0, dueAt: 0, attempted: messages.some((message) => message.attempted) };
}
