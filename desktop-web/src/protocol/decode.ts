import { ByteBuffer } from 'flatbuffers';
import { asConversationId, asMessageId, asUserId, type ConversationId, type UserId } from '@/types/ids';
import type { Entry } from '@/types/entry';
import * as wire from './generated/im/message';
import type { AckResult, ConversationState, Incoming, IncomingFrame } from './frames';
import { MAX_FRAME } from './limits';
import { formatUuid } from './uuid';

/** The bytes are no frame of this protocol. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
}

/** A root offset and an identifier: nothing shorter can be a frame. */
const MIN_FRAME = 8;

const utf8 = new TextDecoder();

/**
 * Reads a frame without its length. A body that this client does not know comes as `unknown` ([F4]), fields that it does not
 * know are ignored ([F5]). Throws MalformedFrame; JavaScript has no FlatBuffers verifier, so only the frame's size,
 * identifier and readability are checked, which is enough towards a server that the certificate vouches for.
 */
export function decode(bytes: Uint8Array): IncomingFrame {
  if (bytes.length < MIN_FRAME || bytes.length > MAX_FRAME) throw new MalformedFrame(`${bytes.length} bytes`);
  const buffer = new ByteBuffer(bytes);
  if (!wire.Frame.bufferHasIdentifier(buffer)) throw new MalformedFrame('wrong identifier');
  try {
    const frame = wire.Frame.getRootAsFrame(buffer);
    return { requestId: Number(frame.requestId()), body: toIncoming(frame) };
  } catch (cause) {
    throw new MalformedFrame('unreadable', { cause });
  }
}

function toIncoming(frame: wire.Frame): Incoming {
  const type = frame.bodyType();
  switch (type) {
    case wire.Body.AuthResponse:
      return toAuthResponse(open(frame, new wire.AuthResponse()));
    case wire.Body.HeartbeatAck: {
      const table = open(frame, new wire.HeartbeatAck());
      return {
        kind: 'heartbeatAck',
        clientTime: Number(table.clientTime()),
        serverTime: Number(table.serverTime()),
        pushed: Number(table.pushed()),
      };
    }
    case wire.Body.Drain:
      return { kind: 'drain', withinMs: open(frame, new wire.Drain()).withinMs() };
    case wire.Body.Kick: {
      const table = open(frame, new wire.Kick());
      return { kind: 'kick', code: table.code(), message: table.message() ?? '' };
    }
    case wire.Body.TokenExpiring:
      return { kind: 'tokenExpiring', expiresAt: Number(open(frame, new wire.TokenExpiring()).expiresAt()) };
    case wire.Body.MessageAck: {
      const table = open(frame, new wire.MessageAck());
      const results = list(table.resultsLength(), (index) => table.results(index)).map(toAckResult);
      return { kind: 'messageAck', conversationId: conversation(table.conversationId()), results };
    }
    case wire.Body.PushMessage: {
      const table = open(frame, new wire.PushMessage());
      return {
        kind: 'pushMessage',
        entries: list(table.entriesLength(), (index) => table.entries(index)).map(toEntry),
      };
    }
    case wire.Body.ReadReceipt:
      return { kind: 'readReceipt', ...toPosition(open(frame, new wire.ReadReceipt())) };
    case wire.Body.DeliveryReceipt:
      return { kind: 'deliveryReceipt', ...toPosition(open(frame, new wire.DeliveryReceipt())) };
    case wire.Body.SyncResponse: {
      const table = open(frame, new wire.SyncResponse());
      const next = table.nextConversationId();
      return {
        kind: 'syncResponse',
        conversations: list(table.conversationsLength(), (index) => table.conversations(index)).map(toState),
        entries: list(table.entriesLength(), (index) => table.entries(index)).map(toEntry),
        next:
          next === 0n ? null : { conversationId: conversation(next), activity: Number(table.nextActivity()) },
        more: table.more(),
        syncedAt: Number(table.syncedAt()),
      };
    }
    case wire.Body.SyncHint: {
      const id = open(frame, new wire.SyncHint()).conversationId();
      return { kind: 'syncHint', conversationId: id === 0n ? null : conversation(id) };
    }
    case wire.Body.SystemNotification: {
      const table = open(frame, new wire.SystemNotification());
      const entry = table.entry();
      return {
        kind: 'systemNotification',
        notificationId: asMessageId(table.notificationId().toString()),
        title: table.title() ?? '',
        content: table.content() ?? '',
        createdAt: Number(table.createdAt()),
        entry: entry ? toEntry(entry) : null,
      };
    }
    case wire.Body.TypingEvent: {
      const table = open(frame, new wire.TypingEvent());
      return {
        kind: 'typingEvent',
        conversationId: conversation(table.conversationId()),
        userId: user(table.userId()),
      };
    }
    case wire.Body.PresenceEvent: {
      const table = open(frame, new wire.PresenceEvent());
      return {
        kind: 'presenceEvent',
        userId: user(table.userId()),
        online: table.online(),
        lastSeen: Number(table.lastSeen()),
      };
    }
    case wire.Body.FriendEvent: {
      const table = open(frame, new wire.FriendEvent());
      return {
        kind: 'friendEvent',
        change: table.change(),
        userId: user(table.userId()),
        message: table.message() ?? '',
      };
    }
    case wire.Body.ConversationEvent:
      return {
        kind: 'conversationEvent',
        state: toState(present(open(frame, new wire.ConversationEvent()).state())),
      };
    case wire.Body.JoinEvent: {
      const table = open(frame, new wire.JoinEvent());
      return {
        kind: 'joinEvent',
        conversationId: conversation(table.conversationId()),
        userId: user(table.userId()),
        change: table.change(),
        message: table.message() ?? '',
      };
    }
    case wire.Body.ProfileEvent: {
      const table = open(frame, new wire.ProfileEvent());
      return {
        kind: 'profileEvent',
        userId: user(table.userId()),
        nickname: table.nickname() ?? '',
        avatar: table.avatar() ?? '',
      };
    }
    case wire.Body.ReceiptResponse:
      return toReceipts(open(frame, new wire.ReceiptResponse()));
    case wire.Body.SearchResponse: {
      const table = open(frame, new wire.SearchResponse());
      const next = table.nextMessageId();
      return {
        kind: 'searchResponse',
        entries: list(table.entriesLength(), (index) => table.entries(index)).map(toEntry),
        nextMessageId: next === 0n ? null : asMessageId(next.toString()),
      };
    }
    case wire.Body.Done:
      return { kind: 'done' };
    case wire.Body.ErrorResponse: {
      const table = open(frame, new wire.ErrorResponse());
      return {
        kind: 'errorResponse',
        code: table.code(),
        message: table.message() ?? '',
        retryAfterMs: table.retryAfterMs(),
      };
    }
    default:
      return { kind: 'unknown', type };
  }
}

function toAuthResponse(table: wire.AuthResponse): Incoming {
  const limits = table.limits();
  return {
    kind: 'authResponse',
    sessionId: table.sessionId().toString(),
    userId: user(table.userId()),
    nodeId: table.nodeId() ?? '',
    serverTime: Number(table.serverTime()),
    heartbeatIntervalMs: table.heartbeatIntervalMs(),
    tokenExpiresAt: Number(table.tokenExpiresAt()),
    limits: {
      maxFrameBytes: limits?.maxFrameBytes() ?? 0,
      maxTextBytes: limits?.maxTextBytes() ?? 0,
      maxMessagesPerRequest: limits?.maxMessagesPerRequest() ?? 0,
      framesPerSecond: limits?.framesPerSecond() ?? 0,
      frameBurst: limits?.frameBurst() ?? 0,
    },
  };
}

function toAckResult(result: wire.AckResult): AckResult {
  return {
    clientMessageId: uuid(result.clientMessageId()),
    code: result.code(),
    messageId: asMessageId(result.messageId().toString()),
    seq: Number(result.seq()),
    messageIndex: Number(result.messageIndex()),
    createdAt: Number(result.createdAt()),
  };
}

function toEntry(entry: wire.Entry): Entry {
  return {
    conversationId: conversation(entry.conversationId()),
    seq: Number(entry.seq()),
    messageIndex: Number(entry.messageIndex()),
    messageId: asMessageId(entry.messageId().toString()),
    clientMessageId: uuid(entry.clientMessageId()),
    senderId: user(entry.senderId()),
    type: entry.type(),
    text: utf8.decode(entry.contentArray() ?? new Uint8Array()),
    createdAt: Number(entry.createdAt()),
    targetSeq: Number(entry.targetSeq()),
    mentions: list(entry.mentionsLength(), (index) => entry.mentions(index)).map(user),
    editedSeq: Number(entry.editedSeq()),
    recalledSeq: Number(entry.recalledSeq()),
  };
}

function toReceipts(table: wire.ReceiptResponse): Incoming {
  const next = table.nextUserId();
  return {
    kind: 'receiptResponse',
    conversationId: conversation(table.conversationId()),
    seq: Number(table.seq()),
    members: table.members(),
    delivered: table.delivered(),
    read: table.read(),
    receipts: list(table.receiptsLength(), (index) => table.receipts(index)).map((receipt) => ({
      userId: user(receipt.userId()),
      readSeq: Number(receipt.readSeq()),
      deliveredSeq: Number(receipt.deliveredSeq()),
    })),
    nextUserId: next === 0n ? null : user(next),
  };
}

function toState(state: wire.ConversationState): ConversationState {
  const peer = state.peerId();
  const owner = state.ownerId();
  const last = state.last();
  return {
    conversationId: conversation(state.conversationId()),
    type: state.type(),
    peerId: peer === 0n ? null : user(peer),
    tipSeq: Number(state.tipSeq()),
    readSeq: Number(state.readSeq()),
    deliveredSeq: Number(state.deliveredSeq()),
    peerReadSeq: Number(state.peerReadSeq()),
    peerDeliveredSeq: Number(state.peerDeliveredSeq()),
    unread: state.unread(),
    last: last ? toEntry(last) : null,
    createdAt: Number(state.createdAt()),
    activity: Number(state.activity()),
    role: state.role(),
    fromSeq: Number(state.fromSeq()),
    untilSeq: Number(state.untilSeq()),
    mentions: state.mentions(),
    pinnedAt: Number(state.pinnedAt()),
    mutedUntil: Number(state.mutedUntil()),
    archived: state.archived(),
    hidden: state.hidden(),
    draft: state.draft() ?? '',
    draftAt: Number(state.draftAt()),
    silencedUntil: Number(state.silencedUntil()),
    silenced: state.silenced(),
    name: state.name() ?? '',
    avatar: state.avatar() ?? '',
    ownerId: owner === 0n ? null : user(owner),
    memberCount: state.memberCount(),
  };
}

function toPosition(receipt: wire.ReadReceipt | wire.DeliveryReceipt) {
  return {
    conversationId: conversation(receipt.conversationId()),
    userId: user(receipt.userId()),
    seq: Number(receipt.seq()),
  };
}

/** Opens the union's table as the type that its tag names. */
function open<Table>(frame: wire.Frame, table: Table): Table {
  return present(frame.body(table) as Table | null);
}

function list<Item>(length: number, at: (index: number) => Item | null): Item[] {
  return Array.from({ length }, (_, index) => present(at(index)));
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new MalformedFrame('a required part is missing');
  return value;
}

function uuid(id: wire.Uuid | null) {
  return formatUuid(id ? { high: id.high(), low: id.low() } : { high: 0n, low: 0n });
}

function conversation(id: bigint): ConversationId {
  return asConversationId(id.toString());
}

function user(id: bigint): UserId {
  return asUserId(id.toString());
}
