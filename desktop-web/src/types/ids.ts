// Ids are 64-bit numbers on the wire and decimal strings everywhere else, because a JavaScript number cannot hold them.
// The brand keeps a user's id from being passed as a conversation's.

declare const brand: unique symbol;

type Id<Name extends string> = string & { readonly [brand]: Name };

export type UserId = Id<'UserId'>;
export type ConversationId = Id<'ConversationId'>;
export type MessageId = Id<'MessageId'>;
export type FriendRequestId = Id<'FriendRequestId'>;

/** A UUIDv7 in its usual text form, made once by the client that sends. */
export type ClientMessageId = Id<'ClientMessageId'>;

/** Position in a conversation's log: 1, 2, 3. Stays far below 2^53. */
export type Seq = number;

/** The conversation that everybody is in. */
export const WORLD_CONVERSATION = '1' as ConversationId;

/** What the operator says to everybody. */
export const ANNOUNCEMENTS = '2' as ConversationId;

/** In a list of mentions: all members. */
export const EVERYBODY = '0' as UserId;

export const asUserId = (text: string): UserId => text as UserId;
export const asConversationId = (text: string): ConversationId => text as ConversationId;
export const asMessageId = (text: string): MessageId => text as MessageId;
export const asFriendRequestId = (text: string): FriendRequestId => text as FriendRequestId;
export const asClientMessageId = (text: string): ClientMessageId => text as ClientMessageId;
