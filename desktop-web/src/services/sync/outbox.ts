import { MAX_MESSAGES, MAX_REQUEST_TEXT } from '@/protocol/limits';
import type { ConversationId } from '@/types/ids';
import type { PendingChange, PendingMessage } from '@/types/pending';

/** First wait for an acknowledgement and the ceiling it doubles to, milliseconds ([M3]). */
const FIRST_WAIT_MS = 400;
const MAX_WAIT_MS = 10_000;

export type OutboxMessage = Omit<PendingMessage, 'state' | 'failure' | 'createdAt'>;
export type OutboxChange = Omit<PendingChange, 'createdAt'>;
export type OutboxItem = OutboxMessage | OutboxChange;

/** What one request carries: messages of one conversation in order, or one change. */
export type Load =
  | { readonly kind: 'messages'; readonly messages: readonly OutboxMessage[] }
  | { readonly kind: 'change'; readonly change: OutboxChange };

/** One request. */
export interface Batch {
  readonly conversationId: ConversationId;
  readonly load: Load;
  /** The server may have stored it ([M3]). */
  readonly retry: boolean;
}

interface Flight {
  readonly load: Load;
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
  private readonly queues = new Map<ConversationId, OutboxItem[]>();
  private readonly flights = new Map<ConversationId, Flight>();

  constructor(private readonly random: () => number = Math.random) {}

  enqueue(item: OutboxItem): void {
    const queue = this.queues.get(item.conversationId) ?? [];
    queue.push(item);
    this.queues.set(item.conversationId, queue);
  }

  /** The batches to send now: new ones of conversations with nothing in flight, and those whose wait is over. */
  take(now: number): Batch[] {
    const batches: Batch[] = [];
    for (const [conversationId, queue] of this.queues) {
      const flight = this.flights.get(conversationId) ?? open(queue);
      if (!flight || flight.dueAt > now) continue;
      this.flights.set(conversationId, flight);
      batches.push({ conversationId, load: flight.load, retry: flight.attempted });
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

  /** The request was answered for good: what it carried leaves, whatever became of it. Gives it back. */
  answered(conversationId: ConversationId): readonly OutboxItem[] {
    const flight = this.flights.get(conversationId);
    if (!flight) return [];
    this.flights.delete(conversationId);
    const items = itemsOf(flight.load);
    const done = new Set(items.map((item) => item.clientMessageId));
    const rest = (this.queues.get(conversationId) ?? []).filter((item) => !done.has(item.clientMessageId));
    if (rest.length > 0) this.queues.set(conversationId, rest);
    else this.queues.delete(conversationId);
    return items;
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

/** Forms the next request of a queue: a change, or as many messages as fit ([M1]); null when there is none. */
function open(queue: readonly OutboxItem[]): Flight | null {
  const first = queue[0];
  if (!first) return null;
  const load: Load = first.kind === 'message' ? gather(queue) : { kind: 'change', change: first };
  return { load, attempts: 0, dueAt: 0, attempted: itemsOf(load).some(({ attempted }) => attempted) };
}

function gather(queue: readonly OutboxItem[]): Load {
  const messages: OutboxMessage[] = [];
  let size = 0;
  for (const item of queue) {
    if (item.kind !== 'message') break;
    // UTF-8 takes at most three bytes per UTF-16 unit; a mention eight.
    size += item.text.length * 3 + item.mentions.length * 8;
    if (messages.length === MAX_MESSAGES || (messages.length > 0 && size > MAX_REQUEST_TEXT)) break;
    messages.push(item);
  }
  return { kind: 'messages', messages };
}

function itemsOf(load: Load): readonly OutboxItem[] {
  return load.kind === 'messages' ? load.messages : [load.change];
}
