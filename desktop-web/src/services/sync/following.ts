import type { ConversationId } from '@/types/ids';
import { report } from '@/utils/report';
import { SessionEnded } from '@/services/session/errors';
import type { Session } from '@/services/session/session';
import { requestPatiently } from './patience';

type FollowSession = Pick<Session, 'request'>;

/** Which conversations of everybody are on the screen, and that each session knows it ([S12]). */
export class Following {
  private readonly wanted = new Set<ConversationId>();
  private session: FollowSession | null = null;

  /** `onLive`: entries come live from now on, and what was before has to be fetched. */
  constructor(private readonly onLive: (conversationId: ConversationId) => void) {}

  has(conversationId: ConversationId): boolean {
    return this.wanted.has(conversationId);
  }

  attach(session: FollowSession): void {
    this.session = session;
    for (const conversationId of this.wanted) this.tell(conversationId, false);
  }

  detach(): void {
    this.session = null;
  }

  begin(conversationId: ConversationId): void {
    if (this.wanted.has(conversationId)) return;
    this.wanted.add(conversationId);
    this.tell(conversationId, false);
  }

  end(conversationId: ConversationId): void {
    if (this.wanted.delete(conversationId)) this.tell(conversationId, true);
  }

  private tell(conversationId: ConversationId, ended: boolean): void {
    const session = this.session;
    if (!session) return;
    requestPatiently(session, { kind: 'follow', conversationId, ended }).then(
      () => {
        if (!ended && this.session === session && this.has(conversationId)) this.onLive(conversationId);
        // The user came back, or left, while this was under way: the last word is told again.
        if (this.session === session && this.has(conversationId) === ended) this.tell(conversationId, !ended);
      },
      (error: unknown) => {
        if (!(error instanceof SessionEnded)) report('a conversation could not be followed', error);
      },
    );
  }
}
