import { mayRetry } from '@/protocol/codes';
import { RequestError } from '@/services/session/errors';
import type { ConversationId, Seq } from '@/types/ids';
import type { Session } from '@/services/session/session';

/** Positions are gathered this long, milliseconds, so that a burst of messages costs one frame. */
const GATHER_MS = 150;

/** Frames in one go: with the pause this is 13 a second of the 20 that a session may send. */
const MAX_FRAMES = 2;

type Kind = 'conversationRead' | 'messageDelivered';

interface Position {
  readonly kind: Kind;
  readonly conversationId: ConversationId;
  readonly seq: Seq;
}

type PositionSession = Pick<Session, 'request' | 'tell'>;

/**
 * Reports read and delivered positions. They are cumulative ([R6]), so only the newest of each conversation is kept, and what
 * a lost session did not carry is found again by the next sync. Owns one timer; `detach` ends it.
 */
export class Positions {
  private readonly waiting = new Map<string, Position>();
  private session: PositionSession | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  attach(session: PositionSession): void {
    this.session = session;
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

  /** The position holds locally. What a lost session did not carry, the next sync finds and repeats. */
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
      } else {
        session.request(position).catch((error: unknown) => this.refused(position, error));
      }
    }
    this.schedule();
  }
}
