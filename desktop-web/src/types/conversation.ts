import type { ConversationType, Role } from '@/protocol/codes';
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
  /** When the entry at the tip was made, or else the conversation. Times are milliseconds since 1970. */
  readonly activity: number;
  /** None: the user has left. */
  readonly role: Role;
  /** Entries up to here were before the user's time and are not given. */
  readonly fromSeq: Seq;
  /** Not 0: the user left with this entry, which is the tip that they see. */
  readonly untilSeq: Seq;
  /** Unread entries that mention the user. */
  readonly mentions: number;
  /** 0: not pinned. */
  readonly pinnedAt: number;
  /** Nothing notifies until then; 0: not muted. */
  readonly mutedUntil: number;
  readonly archived: boolean;
  /** Not shown until the next entry. */
  readonly hidden: boolean;
  /** What the user is writing, perhaps on another device. */
  readonly draft: string;
  readonly draftAt: number;
  /** The user may not write until then; 0: may. */
  readonly silencedUntil: number;
  /** Only admins and the owner write. */
  readonly silenced: boolean;
  /** Name, picture and owner of a group. */
  readonly name: string;
  readonly avatar: string;
  readonly ownerId: UserId | null;
  readonly memberCount: number;
}

/** Which consecutive part of a log this device holds: `from` to `to`, both included; nothing when `to` < `from`. */
export interface HeldRange {
  readonly from: Seq;
  readonly to: Seq;
}
