import type { EntryType } from '@/protocol/codes';
import type { ClientMessageId, ConversationId, MessageId, Seq, UserId } from './ids';

/** One item of a conversation's log, as the server stored it. */
export interface Entry {
  readonly conversationId: ConversationId;
  readonly seq: Seq;
  /** Count of countable entries up to and including this one. */
  readonly messageIndex: number;
  readonly messageId: MessageId;
  readonly clientMessageId: ClientMessageId;
  readonly senderId: UserId;
  readonly type: EntryType;
  readonly text: string;
  /** Milliseconds since 1970, set at the commit. */
  readonly createdAt: number;
}
