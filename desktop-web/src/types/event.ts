import type { Code, FriendChange, JoinChange } from '@/protocol/codes';
import type { Blocked } from './account';
import type { Connection, PathAttempt, TransportKind } from './connection';
import type { Conversation } from './conversation';
import type { Entry } from './entry';
import type { ClientMessageId, ConversationId, Seq, UserId } from './ids';
import type { Group, JoinRequest, Member } from './group';
import type { LatencyKind, MessageTiming } from './latency';
import type { Pending, PendingChange, PendingMessage } from './pending';
import type { Account, Friend, FriendRequest, Profile } from './person';
import type { QuotePage } from './quote';

/** A part of a log. */
export interface LogPage {
  readonly conversationId: ConversationId;
  /** Ascending, consecutive. */
  readonly entries: readonly Entry[];
  /** Edits, recalls and reactions that are about these and lie after them. */
  readonly about: readonly Entry[];
  /** Begins at the first entry that the user may see, or there is none. */
  readonly first: boolean;
  /** Reaches the newest entry that is here: what comes later comes as `entriesApplied`. */
  readonly last: boolean;
}

/** Everything that the client layers tell the stores, in the past tense. */
export type ClientEvent =
  | { readonly type: 'signedIn'; readonly account: Account }
  /** `chosen`: the user asked for it, and does not only have to sign in anew. */
  | { readonly type: 'signedOut'; readonly chosen?: boolean }
  | { readonly type: 'connectionChanged'; readonly connection: Connection }
  /** Times of these five are milliseconds; `at` and other points in time since 1970 by this device's clock. */
  | { readonly type: 'pathsTried'; readonly paths: readonly PathAttempt[]; readonly at: number }
  | {
      readonly type: 'sessionOpened';
      readonly nodeId: string;
      readonly transport: TransportKind;
      /** From dialling until authenticated. */
      readonly openMs: number;
      /** Sessions before this one since the sign-in or the loading of the page. */
      readonly reconnects: number;
      readonly at: number;
    }
  | {
      readonly type: 'messageTimed';
      readonly conversationId: ConversationId;
      readonly seq: Seq;
      readonly queuedAt: number;
      readonly sentAt: number;
      /** The commit, by the server's clock. */
      readonly storedAt: number;
      readonly ackedAt: number;
    }
  | {
      readonly type: 'latencyMeasured';
      readonly kind: LatencyKind;
      readonly ms: number;
      /** How wrong it may be, where that is more than the clock's step. */
      readonly errorMs?: number;
      readonly at: number;
    }
  | { readonly type: 'stagesMeasured'; readonly timing: MessageTiming }
  | {
      readonly type: 'localDataLoaded';
      readonly conversations: readonly Conversation[];
      readonly pending: readonly Pending[];
    }
  | { readonly type: 'conversationsChanged'; readonly conversations: readonly Conversation[] }
  | { readonly type: 'synced' }
  /** A newer version of im-rs is there: it comes with the next loading of the page. */
  | { readonly type: 'updateFound' }
  /** In this tab what a notification is about is to be shown. */
  | { readonly type: 'notificationClicked'; readonly conversationId: ConversationId; readonly seq: Seq }
  /** Of all tabs together. `visible`: somebody can see one; `watched`: these conversations are on a visible screen. */
  | {
      readonly type: 'attentionChanged';
      readonly visible: boolean;
      readonly watched: readonly ConversationId[];
    }
  /** This device keeps nothing (`unavailable`), or nothing new (`full`); all else works. */
  | { readonly type: 'storageDegraded'; readonly reason: 'unavailable' | 'full' }
  | { readonly type: 'logOpened'; readonly page: LogPage }
  | { readonly type: 'olderLoaded'; readonly page: LogPage }
  | { readonly type: 'newerLoaded'; readonly page: LogPage }
  /** What replies on the screen answer. */
  | { readonly type: 'quotesLoaded'; readonly page: QuotePage }
  | {
      readonly type: 'entriesApplied';
      readonly conversation: Conversation;
      readonly entries: readonly Entry[];
    }
  /** So much was missing that the held part starts anew: what is on the screen is not adjacent any more. */
  | { readonly type: 'logRestarted'; readonly conversation: Conversation }
  | { readonly type: 'messageQueued'; readonly message: PendingMessage }
  | {
      readonly type: 'messageAcknowledged';
      readonly conversationId: ConversationId;
      readonly clientMessageId: ClientMessageId;
    }
  | {
      readonly type: 'messageFailed';
      readonly conversationId: ConversationId;
      readonly clientMessageId: ClientMessageId;
      readonly code: Code;
    }
  | {
      readonly type: 'messageDiscarded';
      readonly conversationId: ConversationId;
      readonly clientMessageId: ClientMessageId;
    }
  /** Bytes of a file that are up. */
  | {
      readonly type: 'uploadProgressed';
      readonly conversationId: ConversationId;
      readonly clientMessageId: ClientMessageId;
      readonly sent: number;
      readonly total: number;
    }
  | { readonly type: 'changeQueued'; readonly change: PendingChange }
  | { readonly type: 'changeRefused'; readonly change: PendingChange; readonly code: Code }
  /** What waited is done, and no entry that is applied says so. */
  | {
      readonly type: 'pendingSettled';
      readonly conversationId: ConversationId;
      readonly clientMessageId: ClientMessageId;
    }
  | {
      readonly type: 'typingStarted';
      readonly conversationId: ConversationId;
      readonly userId: UserId;
      /** Milliseconds since 1970, by this device's clock. */
      readonly at: number;
    }
  /** More was sent than the server takes at once; what waits goes out at `until`, milliseconds since 1970. */
  | { readonly type: 'sendingPaused'; readonly conversationId: ConversationId; readonly until: number }
  | {
      readonly type: 'groupLoaded';
      readonly group: Group;
      readonly members: readonly Member[];
      /** Of those who lead it; empty for others. */
      readonly requests: readonly JoinRequest[];
      /** Where the next page of members begins; null: these are all. */
      readonly nextAfter: string | null;
    }
  /** The members after `after`. */
  | {
      readonly type: 'membersLoaded';
      readonly conversationId: ConversationId;
      readonly members: readonly Member[];
      readonly after: string;
      readonly nextAfter: string | null;
    }
  | {
      readonly type: 'joinRequestChanged';
      readonly conversationId: ConversationId;
      readonly userId: UserId;
      readonly change: JoinChange;
    }
  | { readonly type: 'friendsLoaded'; readonly friends: readonly Friend[] }
  | {
      readonly type: 'requestsLoaded';
      readonly received: readonly FriendRequest[];
      readonly sent: readonly FriendRequest[];
    }
  | { readonly type: 'profilesLoaded'; readonly profiles: readonly Profile[] }
  /** What others see of the own account. */
  | { readonly type: 'ownProfileChanged'; readonly nickname: string; readonly avatar: string }
  | { readonly type: 'blockedLoaded'; readonly blocked: readonly Blocked[] }
  | {
      readonly type: 'presenceChanged';
      readonly userId: UserId;
      readonly online: boolean;
      /** Milliseconds since 1970; 0: online, not known, or not to be seen. */
      readonly lastSeen: number;
    }
  | { readonly type: 'friendshipChanged'; readonly change: FriendChange; readonly userId: UserId };

export type Emit = (event: ClientEvent) => void;
