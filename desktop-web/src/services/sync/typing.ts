import type { ConversationId } from '@/types/ids';
import type { Session } from '@/services/session/session';

/** Others are told at most this often, milliseconds ([R15]). */
const EVERY_MS = 3_000;

/** Tells others that the user is typing. It is no loss when it does not arrive. Pure but for the session that it is given. */
export class TypingNotice {
  private readonly told = new Map<ConversationId, number>();

  /** The user typed something. */
  typed(
    conversationId: ConversationId,
    session: Pick<Session, 'sendEphemeral'> | null,
    now: number = Date.now(),
  ): void {
    if (!session || now - (this.told.get(conversationId) ?? -EVERY_MS) < EVERY_MS) return;
    this.told.set(conversationId, now);
    session.sendEphemeral({ kind: 'typing', conversationId });
  }

  /** The message is on its way: what is typed from now on is another one. */
  sent(conversationId: ConversationId): void {
    this.told.delete(conversationId);
  }
}
