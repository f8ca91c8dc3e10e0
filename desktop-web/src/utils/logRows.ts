import { EntryType } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import type { Seq, UserId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import type { FoldedMessage, Reaction } from './fold';
import { bodyOf, sentBody, type MessageBody } from './messageBody';
import { isSameDay } from './time';

/** How far a message of one's own got. */
export type DeliveryState = 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

/** Messages of one sender closer than this stand together, milliseconds. */
const GROUP_MS = 5 * 60_000;

/** The message that another one answers. */
export interface Quote {
  readonly seq: Seq;
  /** Null: it is not held here. */
  readonly message: { readonly senderId: UserId; readonly body: MessageBody } | null;
}

export interface MessageRow {
  readonly kind: 'message';
  readonly key: string;
  /** Null: not stored yet. */
  readonly seq: Seq | null;
  readonly senderId: UserId;
  readonly own: boolean;
  readonly body: MessageBody;
  readonly mentions: readonly UserId[];
  readonly time: number;
  readonly edited: boolean;
  /** An own change of it waits to be stored. */
  readonly waiting: boolean;
  readonly reactions: readonly Reaction[];
  readonly quote: Quote | null;
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
  /** What happened to members or the group. */
  | { readonly kind: 'event'; readonly key: string; readonly time: number; readonly entry: Entry }
  /** Where a message was that was taken back. */
  | {
      readonly kind: 'recalled';
      readonly key: string;
      readonly time: number;
      readonly senderId: UserId;
      readonly by: UserId | null;
    }
  | { readonly kind: 'day'; readonly key: string; readonly time: number }
  | { readonly kind: 'unread'; readonly key: string };

export interface LogParts {
  readonly self: UserId;
  readonly entries: readonly Entry[];
  /** The messages among them as they are now. */
  readonly messages: ReadonlyMap<Seq, FoldedMessage>;
  readonly pending: readonly PendingMessage[];
  readonly peerReadSeq: Seq;
  readonly peerDeliveredSeq: Seq;
  /** The unread line stands before the first message of another after this one; null: no line. */
  readonly unreadAfter: Seq | null;
}

type Open<Row> = Row extends unknown ? Omit<Row, 'continues' | 'closes'> : never;
type Plain = Open<Exclude<LogRow, { kind: 'day' | 'unread' }>>;
type PlainMessage = Extract<Plain, { kind: 'message' }>;

/**
 * Lays out a log: groups, lines between days, what happened between messages, the unread line, and what waits to be sent at the
 * end. Edits and reactions have no rows of their own.
 */
export function layoutLog(parts: LogParts): LogRow[] {
  const plain: Plain[] = [
    ...parts.entries.flatMap((entry) => fromEntry(entry, parts)),
    ...parts.pending.map((message) => fromPending(message, parts)),
  ];
  const unreadIndex = plain.findIndex((row) => isUnread(row, parts.unreadAfter));
  const rows: LogRow[] = [];
  plain.forEach((row, index) => {
    const before = plain[index - 1];
    if (!before || !isSameDay(before.time, row.time))
      rows.push({ kind: 'day', key: `day-${row.key}`, time: row.time });
    if (index === unreadIndex) rows.push({ kind: 'unread', key: 'unread' });
    if (row.kind !== 'message') rows.push(row);
    else {
      rows.push({
        ...row,
        continues: index !== unreadIndex && isGroup(before, row),
        closes: index + 1 === unreadIndex || !isGroup(row, plain[index + 1]),
      });
    }
  });
  return rows;
}

function isUnread(row: Plain, unreadAfter: Seq | null): boolean {
  return (
    row.kind === 'message' && !row.own && row.seq !== null && unreadAfter !== null && row.seq > unreadAfter
  );
}

function isGroup(one: Plain | undefined, next: Plain | undefined): boolean {
  return (
    one?.kind === 'message' &&
    next?.kind === 'message' &&
    one.senderId === next.senderId &&
    Math.abs(next.time - one.time) < GROUP_MS &&
    isSameDay(one.time, next.time)
  );
}

function fromEntry(entry: Entry, parts: LogParts): Plain[] {
  const time = entry.createdAt;
  if (entry.type === EntryType.Member || entry.type === EntryType.Group)
    return [{ kind: 'event', key: `event-${entry.seq}`, time, entry }];
  const message = parts.messages.get(entry.seq);
  if (!message) return [];
  const body = bodyOf(message);
  const { senderId } = entry;
  if (body.kind === 'recalled')
    return [{ kind: 'recalled', key: `recalled-${entry.seq}`, time, senderId, by: body.by }];
  const own = senderId === parts.self;
  return [
    {
      kind: 'message',
      // The id that the pending message had, so that its row stays the same element when it is stored.
      key: entry.clientMessageId,
      seq: entry.seq,
      senderId,
      own,
      body,
      mentions: message.mentions,
      time,
      edited: message.editedSeq > 0,
      waiting: message.waiting,
      reactions: message.reactions,
      quote: quoteOf(entry.targetSeq, parts),
      delivery: own ? deliveryOf(entry.seq, parts) : null,
      pending: null,
    },
  ];
}

function quoteOf(seq: Seq, { messages }: LogParts): Quote | null {
  if (seq === 0) return null;
  const message = messages.get(seq);
  return { seq, message: message ? { senderId: message.entry.senderId, body: bodyOf(message) } : null };
}

function deliveryOf(seq: Seq, { peerReadSeq, peerDeliveredSeq }: LogParts): DeliveryState {
  if (seq <= peerReadSeq) return 'read';
  return seq <= peerDeliveredSeq ? 'delivered' : 'sent';
}

function fromPending(message: PendingMessage, parts: LogParts): PlainMessage {
  return {
    kind: 'message',
    key: message.clientMessageId,
    seq: null,
    senderId: parts.self,
    own: true,
    body: sentBody(message.type ?? EntryType.Text, message.text),
    mentions: message.mentions,
    time: message.createdAt,
    edited: false,
    waiting: false,
    reactions: [],
    quote: quoteOf(message.replyToSeq, parts),
    delivery: message.state,
    pending: message,
  };
}
