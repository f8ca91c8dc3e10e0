// The frames that this client sends and understands, in the client's own terms: decimal ids, text, plain numbers.
// The names are those of message.fbs.

import type { Entry } from '@/types/entry';
import type { ClientMessageId, ConversationId, MessageId, Seq, UserId } from '@/types/ids';
import type { CloseCode, Code, ConversationType, FriendChange, Platform } from './codes';

export interface OutgoingMessage {
  readonly clientMessageId: ClientMessageId;
  readonly text: string;
}

export interface Cursor {
  readonly conversationId: ConversationId;
  readonly seq: Seq;
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
  | {
      readonly kind: 'userMessage';
      readonly conversationId: ConversationId;
      readonly messages: readonly OutgoingMessage[];
      readonly retry: boolean;
    }
  | { readonly kind: 'conversationRead'; readonly conversationId: ConversationId; readonly seq: Seq }
  | { readonly kind: 'messageDelivered'; readonly conversationId: ConversationId; readonly seq: Seq }
  | {
      readonly kind: 'syncRequest';
      readonly afterConversationId: ConversationId | null;
      readonly cursors: readonly Cursor[];
    }
  | {
      readonly kind: 'historyRequest';
      readonly conversationId: ConversationId;
      readonly seq: Seq;
      readonly direction: HistoryDirection;
      readonly limit: number;
    }
  | { readonly kind: 'conversationOpen'; readonly peerId: UserId };

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

export interface ConversationState {
  readonly conversationId: ConversationId;
  readonly type: ConversationType;
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

export interface SyncResponse {
  readonly kind: 'syncResponse';
  readonly conversations: readonly ConversationState[];
  readonly entries: readonly Entry[];
  /** Null on the last page. */
  readonly nextConversationId: ConversationId | null;
  readonly more: boolean;
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
  | { readonly kind: 'drain'; readonly withinMs: number }
  | { readonly kind: 'kick'; readonly code: CloseCode; readonly message: string }
  | { readonly kind: 'tokenExpiring'; readonly expiresAt: number }
  | { readonly kind: 'pushMessage'; readonly entries: readonly Entry[] }
  | { readonly kind: 'syncHint'; readonly conversationId: ConversationId | null }
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
