import type { Code } from '@/protocol/codes';
import type { ClientMessageId, ConversationId } from './ids';

/**
 * How far an own message got that is not in the log yet. `sent` is short-lived: acknowledged, but an entry before it is
 * still missing here.
 */
export type PendingState = 'sending' | 'sent' | 'failed';

/** A message that waits to be acknowledged, kept in IndexedDB until its entry is in the log. */
export interface PendingMessage {
  readonly clientMessageId: ClientMessageId;
  readonly conversationId: ConversationId;
  readonly text: string;
  /** Milliseconds since 1970 by this device's clock. */
  readonly createdAt: number;
  /** Was sent before, so the server may have stored it. */
  readonly attempted: boolean;
  readonly state: PendingState;
  /** Why it failed; only when it did. */
  readonly failure: Code | null;
}
