import { mayRetry } from '@/protocol/codes';
import { RequestError } from '@/services/session/errors';
import type { ConversationId, Seq } from '@/types/ids';
import type { Session } from '@/services/session/session';

/** Positions are gathered this long, milliseconds, so that a burst of messages costs one frame. */
const GATHER_MS = 150;

/** How long a position that has no reply may be on its way, milliseconds: a session that ends within may not have carried it. */
const UNSURE_MS = 60_000;

/** Frames in one go: with the pause this is 13 a second of the 20 that a session may send. */
const MAX_FRAMES = 2;

type Kind = 'conversationRead' | 'messageDelivered';

interface Position {
  readonly kind: Kind;
  readonly conversationId: ConversationId;
  readonly seq: Seq;
}

export type PositionSession = Pick<Session, 'request' | 'tell'>;

/**
 * Reports read and delivered positions. They are cumulative ([R6]), so only the newest of each conversation is kept. What a lost
 * session did not carry is repeated: a read position by the next sync, a delivered one, which has no reply, on the next session.
 * Owns one timer; `detach` ends it.
 */
export class Positions {
  private readonly waiting = new Map<string, Position>();
  /** Told without a reply, and when. */
  private readonly told = new Map<string, readonly [Position, number]>();
  private session: PositionSession | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `onRead`: the server has this read position. */
  constructor(
    private readonly onRead: (conversationId: ConversationId, seq: Seq) => void = () => undefined,
  ) {}

  attach(session: PositionSession): void {
    this.session = session;
    for (const [key, [position, at]] of this.told) {
      if (Date.now() - at < UNSURE_MS && !this.waiting.has(key)) this.waiting.set(key, position);
    }
    this.told.clear();
    this.schedule();
  }

  detach(): void {
    this.session = null;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  report(kind: Kind, conversationId: ConversationId, seq: Seq): void {
    const key = `${kind}:${conversationId}`;
    if ((this.waiting.get(key)?.seq ?? 0) >= seq) return;
    this.waiting.set(key, { kind, conversationId, seq });
    this.schedule();
  }

  private schedule(): void {
    if (this.timer !== undefined || !this.session || this.waiting.size === 0) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, GATHER_MS);
  }

  /** The position holds locally. What a lost session did not carry, the next sync repeats. */
  private refused({ kind, conversationId, seq }: Position, error: unknown): void {
    if (error instanceof RequestError && mayRetry(error.code)) this.report(kind, conversationId, seq);
  }

  private flush(): void {
    const session = this.session;
    if (!session) return;
    for (const [key, position] of [...this.waiting].slice(0, MAX_FRAMES)) {
      this.waiting.delete(key);
      if (position.kind === 'messageDelivered') {
        session.tell(position);
        this.told.set(key, [position, Date.now()]);
      } else {
        session.request(position).then(
          (reply) => reply.kind === 'readReceipt' && this.onRead(reply.conversationId, reply.seq),
          (error: unknown) => this.refused(position, error),
        );
      }
    }
    this.schedule();
  }
}
