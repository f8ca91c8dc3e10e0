import { EntryType } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import { EVERYBODY, type Seq, type UserId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import type { Quotes } from '@/types/quote';
import type { FoldedMessage, Reaction } from './fold';
import type { Messages } from './logFold';
import { bodyOf, pendingBody, type MessageBody } from './messageBody';
import { isSameDay } from './time';

/** How far a message of one's own got. */
export type DeliveryState = 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

/** Messages of one sender closer than this stand together, milliseconds. */
const GROUP_MS = 5 * 60_000;

/** The message that another one answers. */
export interface Quote {
  readonly seq: Seq;
  /** Null: it is not known here. */
  readonly message: { readonly senderId: UserId; readonly body: MessageBody } | null;
  /** It was asked for and is not there. */
  readonly absent: boolean;
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
  /** Another one calls the user by name. */
  readonly calls: boolean;
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

/** Where a message was that was taken back. */
export interface RecalledRow {
  readonly kind: 'recalled';
  readonly key: string;
  readonly seq: Seq;
  readonly time: number;
  readonly senderId: UserId;
  readonly own: boolean;
  readonly by: UserId | null;
}

/** What happened to members or the group. */
export interface EventRow {
  readonly kind: 'event';
  readonly key: string;
  readonly seq: Seq;
  readonly time: number;
  readonly entry: Entry;
}

export type LogRow =
  | MessageRow
  | RecalledRow
  | EventRow
  | { readonly kind: 'day'; readonly key: string; readonly time: number }
  | { readonly kind: 'unread'; readonly key: string }
  /** Before the first message there is. */
  | { readonly kind: 'start'; readonly key: string };

export interface LogParts {
  readonly self: UserId;
  readonly entries: readonly Entry[];
  /** The messages among them as they are now. */
  readonly messages: Messages;
  /** Which answered messages were asked for. */
  readonly quotes?: Quotes | undefined;
  /** Waits to be sent; nothing where the newest message is not shown. */
  readonly pending: readonly PendingMessage[];
  readonly peerReadSeq: Seq;
  readonly peerDeliveredSeq: Seq;
  /** The unread line stands before the first message of another after this one; null: no line. */
  readonly unreadAfter: Seq | null;
  /** The first entry that the user may see is among them. */
  readonly first: boolean;
}

type Open<Row> = Row extends unknown ? Omit<Row, 'continues' | 'closes'> : never;
type Plain = Open<MessageRow> | RecalledRow | EventRow;

/**
 * Lays out a log: groups, lines between days, what happened between messages, the unread line, and what waits to be sent at the
 * end. Edits and reactions have no rows of their own. A row that says the same as in `before` is the same object.
 */
export function layoutLog(parts: LogParts, before: readonly LogRow[] = []): readonly LogRow[] {
  const plain: Plain[] = [
    ...parts.entries.flatMap((entry) => fromEntry(entry, parts) ?? []),
    ...parts.pending.map((message) => fromPending(message, parts)),
  ];
  const unreadIndex = plain.findIndex((row) => isUnread(row, parts.unreadAfter));
  const rows: LogRow[] = parts.first ? [{ kind: 'start', key: 'start' }] : [];
  plain.forEach((row, index) => {
    const previous = plain[index - 1];
    if (!previous || !isSameDay(previous.time, row.time))
      rows.push({ kind: 'day', key: `day-${row.key}`, time: row.time });
    if (index === unreadIndex) rows.push({ kind: 'unread', key: 'unread' });
    if (row.kind !== 'message') rows.push(row);
    else {
      rows.push({
        ...row,
        continues: index !== unreadIndex && isGroup(previous, row),
        closes: index + 1 === unreadIndex || !isGroup(row, plain[index + 1]),
      });
    }
  });
  return kept(rows, before);
}

/** The seq of what a row shows; null: it shows no entry. */
export function seqOf(row: LogRow): Seq | null {
  return 'seq' in row ? row.seq : null;
}

function kept(rows: readonly LogRow[], before: readonly LogRow[]): readonly LogRow[] {
  const known = new Map(before.map((row) => [row.key, row]));
  const result = rows.map((row) => {
    const same = known.get(row.key);
    return same && saysTheSame(same, row) ? same : row;
  });
  const unchanged = result.length === before.length && result.every((row, index) => row === before[index]);
  return unchanged ? before : result;
}

/** Mentions and reactions are the same objects as long as they are the same; bodies and quotes are compared by what they say. */
function saysTheSame(one: LogRow, other: LogRow): boolean {
  return (Object.keys(other) as (keyof LogRow)[]).every(
    (name) => Object.is(one[name], other[name]) || isDeep(name, one, other),
  );
}

function isDeep(name: string, one: LogRow, other: LogRow): boolean {
  if (one.kind !== 'message' || other.kind !== 'message') return false;
  if (name === 'body') return isSameBody(one.body, other.body);
  if (name !== 'quote' || !one.quote || !other.quote) return false;
  const [a, b] = [one.quote.message, other.quote.message];
  return (
    one.quote.seq === other.quote.seq &&
    one.quote.absent === other.quote.absent &&
    (a === null || b === null ? a === b : a.senderId === b.senderId && isSameBody(a.body, b.body))
  );
}

function isSameBody(one: MessageBody, other: MessageBody): boolean {
  const values = Object.entries(other) as [keyof MessageBody, unknown][];
  return values.every(([name, value]) => Object.is(one[name], value));
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

function fromEntry(entry: Entry, parts: LogParts): Plain | null {
  const { seq, senderId, createdAt: time } = entry;
  if (entry.type === EntryType.Member || entry.type === EntryType.Group)
    return { kind: 'event', key: `event-${seq}`, seq, time, entry };
  const message = parts.messages(seq);
  if (!message) return null;
  const own = senderId === parts.self;
  const body = bodyOf(message);
  if (body.kind === 'recalled')
    return { kind: 'recalled', key: entry.clientMessageId, seq, time, senderId, own, by: body.by };
  const { mentions } = message;
  return {
    kind: 'message',
    // The id that the pending message had, so that its row stays the same element when it is stored.
    key: entry.clientMessageId,
    seq,
    senderId,
    own,
    body,
    mentions,
    calls: !own && (mentions.includes(parts.self) || mentions.includes(EVERYBODY)),
    time,
    edited: message.editedSeq > 0,
    waiting: message.waiting,
    reactions: message.reactions,
    quote: quoteOf(entry.targetSeq, parts),
    delivery: own ? deliveryOf(seq, parts) : null,
    pending: null,
  };
}

function quoteOf(seq: Seq, { messages, quotes }: LogParts): Quote | null {
  if (seq === 0) return null;
  const message: FoldedMessage | undefined = messages(seq);
  return {
    seq,
    message: message ? { senderId: message.entry.senderId, body: bodyOf(message) } : null,
    absent: !message && (quotes?.sources.has(seq) ?? false),
  };
}

function deliveryOf(seq: Seq, { peerReadSeq, peerDeliveredSeq }: LogParts): DeliveryState {
  if (seq <= peerReadSeq) return 'read';
  return seq <= peerDeliveredSeq ? 'delivered' : 'sent';
}

const NOTHING: readonly never[] = [];

function fromPending(message: PendingMessage, parts: LogParts): Open<MessageRow> {
  return {
    kind: 'message',
    key: message.clientMessageId,
    seq: null,
    senderId: parts.self,
    own: true,
    body: pendingBody(message),
    mentions: message.mentions,
    calls: false,
    time: message.createdAt,
    edited: false,
    waiting: false,
    reactions: NOTHING,
    quote: quoteOf(message.replyToSeq, parts),
    delivery: message.state,
    pending: message,
  };
}
