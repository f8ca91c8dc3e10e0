import type { Code, EntryType } from '@/protocol/codes';
import type { ClientMessageId, ConversationId, Seq, UserId } from './ids';

/**
 * How far an own message got that is not in the log yet. `sent` is short-lived: acknowledged, but an entry before it is
 * still missing here.
 */
export type PendingState = 'sending' | 'sent' | 'failed';

interface Queued {
  readonly clientMessageId: ClientMessageId;
  readonly conversationId: ConversationId;
  /** Milliseconds since 1970 by this device's clock. */
  readonly createdAt: number;
  /** Was sent before, so the server may have stored it. */
  readonly attempted: boolean;
}

/** The file of a message, until its content says it. */
export interface Upload {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly mime: string;
  /** Of a picture, as it is shown, pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** A message that waits to be acknowledged, kept in IndexedDB until its entry is in the log. */
export interface PendingMessage extends Queued {
  readonly kind: 'message';
  /** A text if missing: what was kept before there were others. */
  readonly type?: EntryType;
  /** Of other types the content as it is sent; empty as long as a file is not up. */
  readonly text: string;
  /** The file that it is about; its content is on this device. */
  readonly upload?: Upload;
  /** The message that this one answers, or 0. */
  readonly replyToSeq: Seq;
  readonly mentions: readonly UserId[];
  readonly state: PendingState;
  /** Why it failed; only when it did. */
  readonly failure: Code | null;
}

/** A change of a stored message that waits to be acknowledged, kept like a message. It shows at once, and is taken back when refused. */
export interface PendingChange extends Queued {
  readonly kind: 'edit' | 'recall' | 'reaction';
  readonly targetSeq: Seq;
  /** The new text, or the reaction; empty in a recall. */
  readonly text: string;
  readonly mentions: readonly UserId[];
  /** Takes the reaction off. */
  readonly remove: boolean;
}

export type Pending = PendingMessage | PendingChange;
