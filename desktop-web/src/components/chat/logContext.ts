import { createContext, useContext } from 'react';
import type { MenuPlace } from '@/hooks/usePopup';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import type { MessageRow } from '@/utils/logRows';

/** What all messages of a log share. The same object as long as none of it changes, so that messages need not be drawn anew. */
export interface LogShared {
  readonly conversationId: ConversationId;
  readonly self: UserId;
  readonly nameOf: (userId: UserId) => string;
  /** All the names that somebody may be called by in a text. */
  readonly calledNames: (userId: UserId) => readonly string[];
  /** Null: nothing is said of their role. */
  readonly roleOf: (userId: UserId) => 'owner' | 'admin' | null;
  /** More than two talk here: each group of messages has the name of its sender. */
  readonly showsSenders: boolean;
  readonly canWrite: boolean;
  /** The user may take back what others wrote. */
  readonly canModerate: boolean;
  readonly openMenu: (row: MessageRow, place: MenuPlace, part: 'all' | 'reactions') => void;
  readonly reply: (row: MessageRow) => void;
  /** Goes to a message of this log and outlines it. */
  readonly goTo: (seq: Seq) => void;
  readonly openPicture: (key: string) => void;
  readonly openPerson: (userId: UserId) => void;
  readonly showReceipts: (seq: Seq) => void;
}

export const LogContext = createContext<LogShared | null>(null);

export function useLogShared(): LogShared {
  const shared = useContext(LogContext);
  if (!shared) throw new Error('a message stands in a log');
  return shared;
}

/** The log is one stop of the Tab key: what acts in a message is one only in the message that has the focus. */
export const MessageTabContext = createContext<0 | -1>(0);

export function useMessageTab(): 0 | -1 {
  return useContext(MessageTabContext);
}
