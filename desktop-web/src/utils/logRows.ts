import type { Entry } from '@/types/entry';
import type { Seq, UserId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import { isSameDay } from './time';

/** How far a message of one's own got. */
export type DeliveryState = 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

/** Messages of one sender closer than this stand together, milliseconds. */
const GROUP_MS = 5 * 60_000;

export interface MessageRow {
  readonly kind: 'message';
  readonly key: string;
  readonly senderId: UserId;
  readonly own: boolean;
  readonly text: string;
  readonly time: number;
  /** This kind of entry can be shown. */
  readonly supported: boolean;
  /** Only for one's own. */
  readonly delivery: DeliveryState | null;
  readonly pending: PendingMessage | null;
  /** Follows a message of the same group. */
  readonly continues: boolean;
  /** Last of its group: has the avatar and the tail. */
  readonly closes: boolean;
}

export type LogRow =
  | MessageRow
  | { readonly kind: 'day'; readonly key: string; readonly time: number }
  | { readonly kind: 'unread'; readonly key: string };

export interface LogParts {
  readonly self: UserId;
  readonly entries: readonly Entry[];
  readonly pending: readonly PendingMessage[];
  readonly peerReadSeq: Seq;
  readonly peerDeliveredSeq: Seq;
  /** The unread line stands before the first entry of another after this one; null: no line. */
  readonly unreadAfter: Seq | null;
  /** Entry types that are texts. */
  readonly isText: (entry: Entry) => boolean;
}

type Plain = Omit<MessageRow, 'continues' | 'closes'> & { readonly seq: Seq | null };

/** Lays out a log: groups, lines between days, the unread line, and what waits to be sent at the end. */
export function layoutLog(parts: LogParts): LogRow[] {
  const messages: Plain[] = [
    ...parts.entries.map((entry) => fromEntry(entry, parts)),
    ...parts.pending.map((message) => fromPending(message, parts.self)),
  ];
  const unreadIndex = messages.findIndex(
    ({ own, seq }) => !own && seq !== null && parts.unreadAfter !== null && seq > parts.unreadAfter,
  );
  const rows: LogRow[] = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    const after = messages[index + 1];
    if (!before || !isSameDay(before.time, message.time))
      rows.push({ kind: 'day', key: `day-${message.key}`, time: message.time });
    if (index === unreadIndex) rows.push({ kind: 'unread', key: 'unread' });
    const { seq: _seq, ...row } = message;
    rows.push({
      ...row,
      continues: index !== unreadIndex && isGroup(before, message),
      closes: index + 1 === unreadIndex || !isGroup(message, after),
    });
  });
  return rows;
}

function isGroup(one: Plain | undefined, next: Plain | undefined): boolean {
  return (
    one !== undefined &&
    next !== undefined &&
    one.senderId === next.senderId &&
    Math.abs(next.time - one.time) < GROUP_MS &&
    isSameDay(one.time, next.time)
  );
}

function fromEntry(entry: Entry, parts: LogParts): Plain {
  const own = entry.senderId === parts.self;
  return {
    kind: 'message',
    // The id that the pending message had, so that its row stays the same element when it is stored.
    key: entry.clientMessageId,
    seq: entry.seq,
    senderId: entry.senderId,
    own,
    text: entry.text,
    time: entry.createdAt,
    supported: parts.isText(entry),
    delivery: own ? deliveryOf(entry.seq, parts) : null,
    pending: null,
  };
}

function deliveryOf(seq: Seq, { peerReadSeq, peerDeliveredSeq }: LogParts): DeliveryState {
  if (seq <= peerReadSeq) return 'read';
  return seq <= peerDeliveredSeq ? 'delivered' : 'sent';
}

function fromPending(message: PendingMessage, self: UserId): Plain {
  return {
    kind: 'message',
    key: message.clientMessageId,
    seq: null,
    senderId: self,
    own: true,
    text: message.text,
    time: message.createdAt,
    supported: true,
    delivery: message.state,
    pending: message,
  };
}
