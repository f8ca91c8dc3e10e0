import { EntryType, mayRetry, type Code } from '@/protocol/codes';
import type { MessageAck, Outgoing } from '@/protocol/frames';
import type { ConversationId } from '@/types/ids';
import { RequestError } from '@/services/session/errors';
import type { Call, Session } from '@/services/session/session';
import { Outbox, type Batch, type OutboxChange, type OutboxItem } from './outbox';

export interface SenderListener {
  /** `sentAt`: when they first went out on the session that answered, milliseconds since 1970. */
  onAcknowledged(items: readonly OutboxItem[], ack: MessageAck, sentAt: number): void;
  /** The whole request was refused for good; nothing of it is stored ([M8]). */
  onRefused(items: readonly OutboxItem[], code: Code): void;
  /** The server is asked too much ([M9]): it goes out again at `until`, milliseconds since 1970. */
  onPostponed(conversationId: ConversationId, until: number): void;
}

export type SendingSession = Pick<Session, 'call'>;

/** A request under way, and when it was first sent, milliseconds since 1970. */
interface UnderWay {
  readonly call: Call;
  readonly sentAt: number;
}

/** Sends what the outbox holds over the present session, and repeats it until it is answered. Owns one timer. */
export class Sender {
  private session: SendingSession | null = null;
  private readonly calls = new Map<ConversationId, UnderWay>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly listener: SenderListener,
    private readonly outbox: Outbox = new Outbox(),
  ) {}

  enqueue(item: OutboxItem): void {
    this.outbox.enqueue(item);
    this.pump();
  }

  /** A new session: what the old one left unanswered goes out again. */
  attach(session: SendingSession): void {
    this.calls.clear();
    this.session = session;
    this.outbox.reconnected();
    this.pump();
  }

  detach(): void {
    this.session = null;
    this.calls.clear();
    clearTimeout(this.timer);
  }

  private pump(): void {
    const session = this.session;
    if (!session) return;
    clearTimeout(this.timer);
    for (const batch of this.outbox.take(Date.now())) this.send(session, batch);
    const due = this.outbox.nextDue();
    if (due !== null) this.timer = setTimeout(() => this.pump(), Math.max(0, due - Date.now()));
  }

  private send(session: SendingSession, batch: Batch): void {
    const { conversationId } = batch;
    const body = toRequest(batch);
    const underWay = this.calls.get(conversationId);
    if (underWay) return underWay.call.repeat(body);
    const sentAt = Date.now();
    const call = session.call(body);
    this.calls.set(conversationId, { call, sentAt });
    call.reply.then(
      (reply) =>
        this.isCurrent(conversationId, call) &&
        reply.kind === 'messageAck' &&
        this.acknowledged(conversationId, reply, sentAt),
      (error: unknown) => this.isCurrent(conversationId, call) && this.failed(conversationId, error),
    );
  }

  /** An answer on a session that was left says nothing about the request that is under way now. */
  private isCurrent(conversationId: ConversationId, call: Call): boolean {
    return this.calls.get(conversationId)?.call === call;
  }

  private acknowledged(conversationId: ConversationId, ack: MessageAck, sentAt: number): void {
    this.calls.delete(conversationId);
    this.listener.onAcknowledged(this.outbox.answered(conversationId), ack, sentAt);
    this.pump();
  }

  private failed(conversationId: ConversationId, error: unknown): void {
    this.calls.delete(conversationId);
    // Anything but a refusal means that the session is over: the next one sends it again.
    if (!(error instanceof RequestError)) return;
    if (mayRetry(error.code)) {
      this.outbox.postponed(conversationId, Date.now(), error.retryAfterMs);
      if (error.retryAfterMs > 0) this.listener.onPostponed(conversationId, Date.now() + error.retryAfterMs);
    } else this.listener.onRefused(this.outbox.answered(conversationId), error.code);
    this.pump();
  }
}

function toRequest({ conversationId, load, retry }: Batch): Outgoing {
  if (load.kind === 'change') return toChange(load.change);
  const messages = load.messages.map(
    ({ clientMessageId, type = EntryType.Text, text, replyToSeq, mentions }) => ({
      clientMessageId,
      type,
      text,
      replyToSeq,
      mentions,
    }),
  );
  return { kind: 'userMessage', conversationId, messages, retry };
}

function toChange(change: OutboxChange): Outgoing {
  const { conversationId, targetSeq, clientMessageId, text, mentions, remove } = change;
  const about = { conversationId, targetSeq, clientMessageId };
  switch (change.kind) {
    case 'edit':
      return { kind: 'messageEdit', ...about, text, mentions };
    case 'recall':
      return { kind: 'messageRecall', ...about };
    case 'reaction':
      return { kind: 'messageReaction', ...about, reaction: text, remove };
  }
}
