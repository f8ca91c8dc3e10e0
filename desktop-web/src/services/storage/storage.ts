import type { Conversation, HeldRange } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { ClientMessageId, ConversationId, Seq } from '@/types/ids';
import type { Pending } from '@/types/pending';
import type { Friend, Profile } from '@/types/person';

/** A conversation with the part of its log that this device holds. */
export interface StoredConversation {
  readonly id: ConversationId;
  readonly conversation: Conversation;
  readonly held: HeldRange;
  /** The own read position as the server last told it. */
  readonly serverReadSeq: Seq;
  /** Up to here the unread count knows the entries; the tip where an earlier version did not say. */
  readonly counted?: Seq;
}

/** People as last seen, so that names are there without a network. */
export interface StoredPeople {
  readonly friends: readonly Friend[];
  readonly profiles: readonly Profile[];
}

/** What a user's device keeps. */
export interface Storage {
  /** Entries that it is meant to hold at most; who writes keeps to it. */
  readonly capacity: number;

  /** Asked when there is no room for what is written: it drops what can be fetched again, but nothing of `writing`. */
  onFull: (writing: ConversationId | null) => Promise<void>;

  conversations(): Promise<StoredConversation[]>;
  saveConversation(stored: StoredConversation): Promise<void>;

  /** Server time up to which every state is here; 0: never synced. */
  syncedAt(): Promise<number>;
  saveSyncedAt(serverTime: number): Promise<void>;

  /**
   * Entries, the held range that now covers them, the end of the own messages among them, and of what they take back the content
   * ([E6]): all or nothing.
   */
  saveEntries(stored: StoredConversation, entries: readonly Entry[]): Promise<void>;

  /** Forgets the entries before the held range, which starts later than it did. */
  dropEntries(stored: StoredConversation): Promise<void>;

  /** The held part starts anew elsewhere, with these entries: all others are forgotten. All or nothing. */
  replaceEntries(stored: StoredConversation, entries: readonly Entry[]): Promise<void>;

  /** Entries with from <= seq <= to, ascending. */
  entries(conversationId: ConversationId, from: Seq, to: Seq): Promise<Entry[]>;

  /** Edits, recalls and reactions about messages with from <= seq <= to that lie after `to`, ascending. */
  changesAbout(conversationId: ConversationId, from: Seq, to: Seq): Promise<Entry[]>;

  /** Forgets all conversations, entries and pictures; people and what waits to be sent stay. */
  clearHistory(): Promise<void>;

  /** What waits to be sent, in the order in which it was written. */
  outbox(): Promise<Pending[]>;
  /** With its file, if it has one that is not here yet. */
  savePending(item: Pending, file?: Blob): Promise<void>;

  /** What waited is done; with its file, if it had one. */
  removePending(id: ClientMessageId): Promise<void>;

  /** The file of a message that waits; undefined: it is not here. */
  upload(id: ClientMessageId): Promise<Blob | undefined>;

  /** What the message with this number showed of its picture; undefined: it is not here. */
  picture(conversationId: ConversationId, seq: Seq): Promise<Blob | undefined>;

  /** Keeps a picture for as long as its message is held and not taken back ([E6]); when there are too many, those go that came first. */
  savePicture(conversationId: ConversationId, seq: Seq, picture: Blob): Promise<void>;

  people(): Promise<StoredPeople | undefined>;
  savePeople(people: StoredPeople): Promise<void>;
  close(): void;
}
