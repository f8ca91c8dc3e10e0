import type { Code, FriendChange } from '@/protocol/codes';
import type { Connection } from './connection';
import type { Conversation } from './conversation';
import type { Entry } from './entry';
import type { ClientMessageId, ConversationId, UserId } from './ids';
import type { PendingMessage } from './pending';
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
      readonly pending: readonly PendingMessage[];
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
