// The frames that this client sends and understands, in the client's own terms: decimal ids, text, plain numbers.
// The names are those of message.fbs.

import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { ClientMessageId, ConversationId, MessageId, Seq, UserId } from '@/types/ids';
import type { CloseCode, Code, EntryType, FriendChange, JoinChange, Platform, Setting } from './codes';

export interface OutgoingMessage {
  readonly clientMessageId: ClientMessageId;
  readonly type: EntryType;
  readonly text: string;
  /** The message that this one answers, or 0. */
  readonly replyToSeq: Seq;
  readonly mentions: readonly UserId[];
}

export interface Cursor {
  readonly conversationId: ConversationId;
  readonly seq: Seq;
}

/** The last state of a page of a sync. */
export interface Continuation {
  readonly conversationId: ConversationId;
  readonly activity: number;
}

export type HistoryDirection = 'forward' | 'backward';

/** What a client asks or tells. */
export type Outgoing =
  | {
      readonly kind: 'authRequest';
      readonly token: string;
      readonly deviceId: string;
      readonly platform: Platform;
      readonly clientVersion: string;
    }
  | { readonly kind: 'heartbeat'; readonly clientTime: number }
  | { readonly kind: 'reauth'; readonly token: string }
  | { readonly kind: 'follow'; readonly conversationId: ConversationId; readonly ended: boolean }
  | {
      readonly kind: 'userMessage';
      readonly conversationId: ConversationId;
      readonly messages: readonly OutgoingMessage[];
      readonly retry: boolean;
    }
  | {
      readonly kind: 'messageEdit';
      readonly conversationId: ConversationId;
      readonly targetSeq: Seq;
      readonly clientMessageId: ClientMessageId;
      readonly text: string;
      readonly mentions: readonly UserId[];
    }
  | {
      readonly kind: 'messageRecall';
      readonly conversationId: ConversationId;
      readonly targetSeq: Seq;
      readonly clientMessageId: ClientMessageId;
    }
  | {
      readonly kind: 'messageReaction';
      readonly conversationId: ConversationId;
      readonly targetSeq: Seq;
      readonly clientMessageId: ClientMessageId;
      readonly reaction: string;
      readonly remove: boolean;
    }
  | { readonly kind: 'conversationRead'; readonly conversationId: ConversationId; readonly seq: Seq }
  | { readonly kind: 'messageDelivered'; readonly conversationId: ConversationId; readonly seq: Seq }
  | {
      readonly kind: 'syncRequest';
      /** Where the next page begins; null: the first page. */
      readonly after: Continuation | null;
      readonly cursors: readonly Cursor[];
      /** Only what changed since this `syncedAt`; 0: everything. */
      readonly since: number;
      readonly entriesOnly: boolean;
    }
  | {
      readonly kind: 'historyRequest';
      readonly conversationId: ConversationId;
      readonly seq: Seq;
      readonly direction: HistoryDirection;
      readonly limit: number;
    }
  | { readonly kind: 'typing'; readonly conversationId: ConversationId }
  | { readonly kind: 'conversationOpen'; readonly peerId: UserId }
  | {
      readonly kind: 'conversationSet';
      readonly conversationId: ConversationId;
      readonly setting: Setting;
      readonly value: number;
      readonly text: string;
    }
  | {
      readonly kind: 'receiptRequest';
      readonly conversationId: ConversationId;
      readonly seq: Seq;
      /** Null: the first page. */
      readonly afterUserId: UserId | null;
      readonly limit: number;
    }
  | {
      readonly kind: 'searchRequest';
      readonly query: string;
      /** Null: in all conversations. */
      readonly conversationId: ConversationId | null;
      /** Null: from the newest. */
      readonly beforeMessageId: MessageId | null;
      readonly limit: number;
    }
  | {
      readonly kind: 'pushSubscribe';
      readonly deviceId: string;
      readonly endpoint: string;
      readonly p256dh: string;
      readonly auth: string;
      readonly hideContent: boolean;
    }
  | { readonly kind: 'pushUnsubscribe'; readonly deviceId: string }
  | { readonly kind: 'presenceSet'; readonly invisible: boolean };

export interface Limits {
  readonly maxFrameBytes: number;
  readonly maxTextBytes: number;
  readonly maxMessagesPerRequest: number;
  readonly framesPerSecond: number;
  readonly frameBurst: number;
}

export interface AuthResponse {
  readonly kind: 'authResponse';
  readonly sessionId: string;
  readonly userId: UserId;
  readonly nodeId: string;
  readonly serverTime: number;
  readonly heartbeatIntervalMs: number;
  readonly tokenExpiresAt: number;
  readonly limits: Limits;
}

export interface HeartbeatAck {
  readonly kind: 'heartbeatAck';
  readonly clientTime: number;
  readonly serverTime: number;
  readonly pushed: number;
}

export interface AckResult {
  readonly clientMessageId: ClientMessageId;
  readonly code: Code;
  readonly messageId: MessageId;
  readonly seq: Seq;
  readonly messageIndex: number;
  readonly createdAt: number;
}

export interface MessageAck {
  readonly kind: 'messageAck';
  readonly conversationId: ConversationId;
  readonly results: readonly AckResult[];
}

/** A conversation as the server tells it. */
export type ConversationState = Omit<Conversation, 'id'> & { readonly conversationId: ConversationId };

export interface SyncResponse {
  readonly kind: 'syncResponse';
  readonly conversations: readonly ConversationState[];
  readonly entries: readonly Entry[];
  /** Null on the last page. */
  readonly next: Continuation | null;
  readonly more: boolean;
  /** First page: `since` of a later sync, once all pages came. */
  readonly syncedAt: number;
}

/** The positions of one member. */
export interface MemberReceipt {
  readonly userId: UserId;
  readonly readSeq: Seq;
  readonly deliveredSeq: Seq;
}

export interface ReceiptResponse {
  readonly kind: 'receiptResponse';
  readonly conversationId: ConversationId;
  readonly seq: Seq;
  /** Members that could get the entry, its sender apart. */
  readonly members: number;
  readonly delivered: number;
  readonly read: number;
  readonly receipts: readonly MemberReceipt[];
  /** Null on the last page. */
  readonly nextUserId: UserId | null;
}

export interface SearchResponse {
  readonly kind: 'searchResponse';
  /** The newest first. */
  readonly entries: readonly Entry[];
  /** Null on the last page. */
  readonly nextMessageId: MessageId | null;
}

export interface ErrorResponse {
  readonly kind: 'errorResponse';
  readonly code: Code;
  readonly message: string;
  readonly retryAfterMs: number;
}

/** A position of a member: `readReceipt` is what was read, `deliveryReceipt` what a device received. */
export interface Receipt {
  readonly kind: 'readReceipt' | 'deliveryReceipt';
  readonly conversationId: ConversationId;
  readonly userId: UserId;
  readonly seq: Seq;
}

/** What the server answers or pushes. */
export type Incoming =
  | AuthResponse
  | HeartbeatAck
  | MessageAck
  | SyncResponse
  | ErrorResponse
  | Receipt
  | ReceiptResponse
  | SearchResponse
  | { readonly kind: 'done' }
  | { readonly kind: 'drain'; readonly withinMs: number }
  | { readonly kind: 'kick'; readonly code: CloseCode; readonly message: string }
  | { readonly kind: 'tokenExpiring'; readonly expiresAt: number }
  | { readonly kind: 'pushMessage'; readonly entries: readonly Entry[] }
  | { readonly kind: 'syncHint'; readonly conversationId: ConversationId | null }
  | {
      readonly kind: 'systemNotification';
      readonly notificationId: MessageId;
      readonly title: string;
      readonly content: string;
      readonly createdAt: number;
      readonly entry: Entry | null;
    }
  | { readonly kind: 'typingEvent'; readonly conversationId: ConversationId; readonly userId: UserId }
  | {
      readonly kind: 'joinEvent';
      readonly conversationId: ConversationId;
      readonly userId: UserId;
      readonly change: JoinChange;
      readonly message: string;
    }
  | {
      readonly kind: 'profileEvent';
      readonly userId: UserId;
      readonly nickname: string;
      readonly avatar: string;
    }
  | {
      readonly kind: 'presenceEvent';
      readonly userId: UserId;
      readonly online: boolean;
      readonly lastSeen: number;
    }
  | {
      readonly kind: 'friendEvent';
      readonly change: FriendChange;
      readonly userId: UserId;
      readonly message: string;
    }
  | { readonly kind: 'conversationEvent'; readonly state: ConversationState }
  | { readonly kind: 'unknown'; readonly type: number };

export interface IncomingFrame {
  /** 0 in a push. */
  readonly requestId: number;
  readonly body: Incoming;
}
