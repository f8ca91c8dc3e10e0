import type { SeenProfile } from '@/types/account';
import type { LogPage } from '@/types/event';
import type { Group, GroupChange, NewGroup } from '@/types/group';
import type { ClientMessageId, ConversationId, FriendRequestId, Seq, UserId } from '@/types/ids';
import type { Profile } from '@/types/person';
import type { QuotePage } from '@/types/quote';
import type { Receipts } from '@/types/receipts';
import type { SearchPage } from '@/types/search';
import type { FileOptions, TextOptions } from '@/services/sync/outgoingMessages';
import type { SearchScope } from './messageSearch';

/**
 * What pages ask for and the tab with the workspace does. Facts come back as events to all tabs; a promise says that it was done, or why not.
 * Arguments and results are structured-cloneable. Rejects with ApiError (REST), RequestError (the server refused) or SessionEnded
 * (there is no session). A new one needs: its line here, its name in `ACTIONS`, and what it does in `workspaceActions.ts`.
 */
export interface Actions {
  /** Keeps a message and sends it when there is a session. `text` is 1 to 8,192 bytes. */
  sendText(conversationId: ConversationId, text: string, options?: TextOptions): Promise<void>;
  /** The same with a file, which is uploaded first. */
  sendFile(conversationId: ConversationId, file: File, options?: FileOptions): Promise<void>;
  /** Gives an own message another text. It shows at once; a refusal comes as an event. `mentions` are those of the new text. */
  editMessage(
    conversationId: ConversationId,
    seq: Seq,
    text: string,
    mentions: readonly UserId[],
    id?: ClientMessageId,
  ): Promise<void>;
  /** Takes a message back. */
  recallMessage(conversationId: ConversationId, seq: Seq, id?: ClientMessageId): Promise<void>;
  /** Puts a reaction to a message, or takes it off. */
  react(
    conversationId: ConversationId,
    seq: Seq,
    reaction: string,
    remove: boolean,
    id?: ClientMessageId,
  ): Promise<void>;
  /** Sends a failed message again. */
  resend(id: ClientMessageId): Promise<void>;
  /** Forgets a message that failed, or whose file is on its way. */
  discard(id: ClientMessageId): Promise<void>;
  /** The file of a message that waits; null when it is not here. */
  uploadBlob(id: ClientMessageId): Promise<Blob | null>;
  /** What this device keeps of the picture of a message; null when it is not here. */
  keptPicture(conversationId: ConversationId, seq: Seq): Promise<Blob | null>;
  pin(conversationId: ConversationId, pinned: boolean): Promise<void>;
  /** Nothing notifies until then, milliseconds since 1970; 0: as before. */
  mute(conversationId: ConversationId, until: number): Promise<void>;
  archive(conversationId: ConversationId, archived: boolean): Promise<void>;
  /** Out of the list until something comes after `seq`. */
  hide(conversationId: ConversationId, seq: Seq): Promise<void>;
  /** Who has received and read an entry: the counts, and the members after `after`, or the first ones. */
  receipts(conversationId: ConversationId, seq: Seq, after?: UserId | null): Promise<Receipts>;
  /** The private conversation with a user, made if need be. */
  openConversation(peerId: UserId): Promise<ConversationId>;
  /** Makes a group with friends in it. */
  createGroup(group: NewGroup, picture?: Blob): Promise<ConversationId>;
  /** Reads a group and its first members, and who wants to join where the user has to answer. */
  loadGroup(id: ConversationId): Promise<void>;
  /** Reads the page of members after the one that ended with `after`. */
  loadMembers(id: ConversationId, after: string): Promise<void>;
  /** What anybody is told of a group who knows its id. */
  groupFace(id: ConversationId): Promise<Group>;
  /** True: the user is a member now. False: those who lead the group are asked. */
  joinGroup(id: ConversationId, message: string): Promise<boolean>;
  /** What is missing in `change` stays as it is. */
  updateGroup(id: ConversationId, change: GroupChange): Promise<void>;
  setGroupPicture(id: ConversationId, picture: Blob | null): Promise<void>;
  /** True: they are members now. False: those who lead the group are asked. */
  inviteToGroup(id: ConversationId, userIds: readonly UserId[]): Promise<boolean>;
  /** `until`: milliseconds since 1970; 0 gives the voice back, `FOR_EVER` is until then. */
  silenceMember(id: ConversationId, userId: UserId, until: number): Promise<void>;
  removeFromGroup(id: ConversationId, userId: UserId): Promise<void>;
  setGroupRole(id: ConversationId, userId: UserId, role: 'member' | 'admin'): Promise<void>;
  transferGroup(id: ConversationId, userId: UserId): Promise<void>;
  answerJoinRequest(id: ConversationId, userId: UserId, accept: boolean): Promise<void>;
  leaveGroup(id: ConversationId): Promise<void>;
  dissolveGroup(id: ConversationId): Promise<void>;
  searchUsers(query: string): Promise<readonly Profile[]>;
  /** Messages that have all words of the query; without a server, of those on this device. */
  searchMessages(query: string, scope: SearchScope): Promise<SearchPage>;
  requestFriend(userId: UserId, message: string): Promise<void>;
  acceptRequest(id: FriendRequestId): Promise<void>;
  rejectRequest(id: FriendRequestId): Promise<void>;
  removeFriend(friendId: UserId): Promise<void>;
  setRemark(friendId: UserId, remark: string): Promise<void>;
  /** Neither reaches the other any more. */
  block(userId: UserId): Promise<void>;
  unblock(userId: UserId): Promise<void>;
  /** Reads whom the user has blocked. */
  loadBlocked(): Promise<void>;
  /** The profile of somebody, with phone and email of a friend who shows them. */
  loadPerson(userId: UserId): Promise<SeenProfile>;
  /** Takes the own request back. */
  cancelRequest(id: FriendRequestId): Promise<void>;
}

/** What pages tell without waiting for anything. */
export interface Notices {
  /** The user has seen everything up to an entry, or up to the tip. */
  markRead(conversationId: ConversationId, seq?: Seq): void;
  /** A message shows its picture, which is at this address for some minutes. */
  keepPicture(conversationId: ConversationId, seq: Seq, address: string): void;
  /** Something was typed. */
  typed(conversationId: ConversationId): void;
  /** The user stops writing here for now. */
  saveDraft(conversationId: ConversationId, text: string): void;
  /** The network may be back, or the user asks: connect now, or test the path that is there. */
  retryNow(): void;
  /** After the server ended the session for a reason, the user wants it here again. */
  connectAgain(): void;
  /** The round trip is measured now. */
  measure(): void;
}

/** Parts of a log, for the tab that shows it. */
export interface LogSource {
  /** Around `at`, or the newest part with what is unread. */
  openLog(conversationId: ConversationId, at?: Seq): Promise<LogPage>;
  loadOlder(conversationId: ConversationId, before: Seq): Promise<LogPage>;
  loadNewer(conversationId: ConversationId, after: Seq): Promise<LogPage>;
  /** Messages that are answered by others, wherever they lie. */
  loadQuotes(conversationId: ConversationId, seqs: readonly Seq[]): Promise<QuotePage>;
}

/** What ends the work for a while. It goes on also when the tab that asked is gone. */
export interface Upkeep {
  /** Forgets what is kept of conversations, apart from what waits to be sent. When it is answered, everything begins anew. */
  clearHistory(): Promise<void>;
  /** Ends the session until `connectAgain`, or for a minute: the server is about to end it. */
  pause(): void;
}

/** Everything that a tab asks of the one with the workspace. */
export type Work = Actions & Notices & LogSource & Upkeep;

/**
 * What becomes of one whose tab with the workspace went away before it answered: what may be done twice is asked of the next one
 * (`repeat`: a message has its id, a setting its value), of other things it is not known whether they were done (`reject`).
 */
export type OnLoss = 'repeat' | 'reject';

export const ACTIONS: Readonly<Record<keyof Actions, OnLoss>> = {
  sendText: 'repeat',
  sendFile: 'repeat',
  editMessage: 'repeat',
  recallMessage: 'repeat',
  react: 'repeat',
  resend: 'repeat',
  discard: 'repeat',
  uploadBlob: 'repeat',
  keptPicture: 'repeat',
  pin: 'repeat',
  mute: 'repeat',
  archive: 'repeat',
  hide: 'repeat',
  receipts: 'repeat',
  openConversation: 'repeat',
  createGroup: 'reject',
  loadGroup: 'repeat',
  loadMembers: 'repeat',
  groupFace: 'repeat',
  joinGroup: 'reject',
  updateGroup: 'repeat',
  setGroupPicture: 'repeat',
  silenceMember: 'repeat',
  inviteToGroup: 'reject',
  removeFromGroup: 'reject',
  setGroupRole: 'repeat',
  transferGroup: 'reject',
  answerJoinRequest: 'reject',
  leaveGroup: 'reject',
  dissolveGroup: 'reject',
  searchUsers: 'repeat',
  searchMessages: 'repeat',
  requestFriend: 'reject',
  acceptRequest: 'reject',
  rejectRequest: 'reject',
  removeFriend: 'reject',
  setRemark: 'repeat',
  block: 'repeat',
  unblock: 'repeat',
  loadBlocked: 'repeat',
  loadPerson: 'repeat',
  cancelRequest: 'reject',
};

export const NOTICES: Readonly<Record<keyof Notices, OnLoss>> = {
  markRead: 'repeat',
  keepPicture: 'reject',
  typed: 'reject',
  saveDraft: 'repeat',
  retryNow: 'repeat',
  connectAgain: 'repeat',
  measure: 'reject',
};

const LOG_SOURCE: Readonly<Record<keyof LogSource, OnLoss>> = {
  openLog: 'repeat',
  loadOlder: 'repeat',
  loadNewer: 'repeat',
  loadQuotes: 'repeat',
};

const UPKEEP: Readonly<Record<keyof Upkeep, OnLoss>> = { clearHistory: 'repeat', pause: 'repeat' };

export const WORK: Readonly<Record<keyof Work, OnLoss>> = {
  ...ACTIONS,
  ...NOTICES,
  ...LOG_SOURCE,
  ...UPKEEP,
};
