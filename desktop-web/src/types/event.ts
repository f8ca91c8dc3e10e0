import type { Code, FriendChange, JoinChange } from '@/protocol/codes';
import type { Connection } from './connection';
import type { Conversation } from './conversation';
import type { Entry } from './entry';
import type { ClientMessageId, ConversationId, UserId } from './ids';
import type { Group, JoinRequest, Member } from './group';
import type { Pending, PendingChange, PendingMessage } from './pending';
import type { Account, Friend, FriendRequest, Profile } from './person';

/** A page of older entries. Ascending; directly before what is shown. */
export interface HistoryPage {
  readonly conversationId: ConversationId;
  readonly entries: readonly Entry[];
  /** The first entry of the log is among them, or the log is empty. */
  readonly complete: boolean;
}

/** Everything that the client layers tell the stores, in the past tense. */
export type ClientEvent =
  | { readonly type: 'signedIn'; readonly account: Account }
  | { readonly type: 'signedOut' }
  | { readonly type: 'connectionChanged'; readonly connection: Connection }
  | {
      readonly type: 'localDataLoaded';
      readonly conversations: readonly Conversation[];
      readonly pending: readonly Pending[];
    }
  | { readonly type: 'conversationsChanged'; readonly conversations: readonly Conversation[] }
  | { readonly type: 'synced' }
  | { readonly type: 'logOpened'; readonly page: HistoryPage }
  | { readonly type: 'olderLoaded'; readonly page: HistoryPage }
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
  | {
      readonly type: 'groupLoaded';
      readonly group: Group;
      readonly members: readonly Member[];
      /** Of those who lead it; empty for others. */
      readonly requests: readonly JoinRequest[];
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
  | { readonly type: 'presenceChanged'; readonly userId: UserId; readonly online: boolean }
  | { readonly type: 'friendshipChanged'; readonly change: FriendChange; readonly userId: UserId };

export type Emit = (event: ClientEvent) => void;
