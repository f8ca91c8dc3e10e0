import type { EntryType } from '@/protocol/codes';
import type { ClientMessageId, ConversationId, MessageId, Seq, UserId } from './ids';

/** One item of a conversation's log, as the server stored it. */
export interface Entry {
  readonly conversationId: ConversationId;
  readonly seq: Seq;
  /** Count of countable entries up to and including this one. */
  readonly messageIndex: number;
  readonly messageId: MessageId;
  readonly clientMessageId: ClientMessageId;
  readonly senderId: UserId;
  readonly type: EntryType;
  /** The text, or the content as utils/content.ts reads it. */
  readonly text: string;
  /** Milliseconds since 1970, set at the commit. */
  readonly createdAt: number;
  /** The entry that an edit, recall or reaction is about, or that a message answers; else 0. */
  readonly targetSeq: Seq;
  /** Who is called by name; EVERYBODY stands for all. */
  readonly mentions: readonly UserId[];
  /** Text and mentions are those of this edit; 0: as sent. */
  readonly editedSeq: Seq;
  /** Taken back by this entry, and the text is gone; 0: not. */
  readonly recalledSeq: Seq;
  /** Of a message that was read apart from what came after it: the reactions to it up to an entry. */
  readonly reactions?: CountedReactions;
}

/** The reactions to a message up to an entry. */
export interface CountedReactions {
  readonly seq: Seq;
  /** The user of this device. */
  readonly self: UserId;
  readonly counts: readonly ReactionCount[];
}

/** How many put a reaction to a message, in the order in which each was given first. */
export interface ReactionCount {
  readonly reaction: string;
  readonly count: number;
  /** Oneself is among them. */
  readonly mine: boolean;
}
