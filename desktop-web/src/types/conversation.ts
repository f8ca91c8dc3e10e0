import type { ConversationType } from '@/protocol/codes';
import type { Entry } from './entry';
import type { ConversationId, Seq, UserId } from './ids';

/** A conversation as the list shows it. The server's state is authoritative, pushes move it on. */
export interface Conversation {
  readonly id: ConversationId;
  readonly type: ConversationType;
  /** The other one of a private conversation. */
  readonly peerId: UserId | null;
  readonly tipSeq: Seq;
  readonly readSeq: Seq;
  readonly deliveredSeq: Seq;
  readonly peerReadSeq: Seq;
  readonly peerDeliveredSeq: Seq;
  readonly unread: number;
  readonly last: Entry | null;
  readonly createdAt: number;
}

/** Which consecutive part of a log this device holds: `from` to `to`, both included; nothing when `to` < `from`. */
export interface HeldRange {
  readonly from: Seq;
  readonly to: Seq;
}
