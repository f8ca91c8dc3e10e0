// The numbers of the wire under names that the rest of the client may use.

import {
  CloseCode,
  Code,
  ConversationType,
  EntryType,
  FriendChange,
  JoinChange,
  JoinPolicy,
  Platform,
  Role,
  Setting,
} from './generated/im/message';

export {
  CloseCode,
  Code,
  ConversationType,
  EntryType,
  FriendChange,
  JoinChange,
  JoinPolicy,
  Platform,
  Role,
  Setting,
};

/** [S6]: 4000 to 4499 allow to connect again, from 4500 the user has to act first. */
export function mayReconnect(code: number): boolean {
  return code < 4500;
}

/** [M3]: the request had no effect and may be sent again later; any other error is final. */
export function mayRetry(code: Code): boolean {
  return code === Code.RetryLater || code === Code.Unavailable;
}

/** Entries below this number count as messages and move the unread count. */
const FIRST_UNCOUNTABLE_TYPE = 32;

export function isCountable(type: EntryType): boolean {
  return type > EntryType.Unknown && Number(type) < FIRST_UNCOUNTABLE_TYPE;
}

/** The entry is about a message that was there before ([E4]). */
export function isChange(type: EntryType): boolean {
  return type === EntryType.Edit || type === EntryType.Recall || type === EntryType.Reaction;
}
