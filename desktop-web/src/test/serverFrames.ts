// Frames as a server makes them, from the client's own types: the other half of encode.ts and decode.ts.

import { Builder, ByteBuffer } from 'flatbuffers';
import type { AckResult, AuthResponse, ConversationState, HeartbeatAck } from '@/protocol/frames';
import * as wire from '@/protocol/generated/im/message';
import { formatUuid, parseUuid } from '@/protocol/uuid';
import { type Code, type CloseCode, ConversationType, EntryType, FriendChange, Role } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import { asClientMessageId, asConversationId, asMessageId, asUserId } from '@/types/ids';

type WireBody = NonNullable<wire.FrameT['body']>;

/** A request as the server reads it. */
export interface ReceivedRequest {
  readonly id: number;
  readonly type: wire.Body;
  readonly body: WireBody;
}

export function readRequest(bytes: Uint8Array): ReceivedRequest {
  const frame = wire.Frame.getRootAsFrame(new ByteBuffer(bytes)).unpack();
  if (!frame.body) throw new Error('a request without a body');
  return { id: Number(frame.requestId), type: frame.bodyType, body: frame.body };
}

/** `requestId` 0 makes a push. */
export function serverFrame(requestId: number, type: wire.Body, body: WireBody): Uint8Array {
  const builder = new Builder(256);
  const frame = new wire.FrameT(BigInt(requestId), 0n, null, type, body);
  wire.Frame.finishFrameBuffer(builder, frame.pack(builder));
  return builder.asUint8Array().slice();
}

export function authResponseFrame(requestId: number, changes: Partial<AuthResponse> = {}): Uint8Array {
  const heartbeat = changes.heartbeatIntervalMs ?? 30_000;
  const limits = new wire.LimitsT(65_536, 8_192, 64, 20, 40);
  const body = new wire.AuthResponseT(
    501n,
    BigInt(changes.userId ?? '1'),
    changes.nodeId ?? 'access-1',
    1n,
    heartbeat,
    1n,
    limits,
  );
  return serverFrame(requestId, wire.Body.AuthResponse, body);
}

export function heartbeatAckFrame(requestId: number, pushed: HeartbeatAck['pushed']): Uint8Array {
  return serverFrame(requestId, wire.Body.HeartbeatAck, new wire.HeartbeatAckT(1n, 1n, BigInt(pushed)));
}

export function errorFrame(requestId: number, code: Code, retryAfterMs: number = 0): Uint8Array {
  return serverFrame(
    requestId,
    wire.Body.ErrorResponse,
    new wire.ErrorResponseT(code, 'refused', retryAfterMs),
  );
}

export function kickFrame(code: CloseCode): Uint8Array {
  return serverFrame(0, wire.Body.Kick, new wire.KickT(code, 'go'));
}

export function drainFrame(): Uint8Array {
  return serverFrame(0, wire.Body.Drain, new wire.DrainT(10_000));
}

/** Without a conversation: about any. */
export function syncHintFrame(conversationId: string = '0'): Uint8Array {
  return serverFrame(0, wire.Body.SyncHint, new wire.SyncHintT(BigInt(conversationId)));
}

export function typingFrame(requestId: number = 0): Uint8Array {
  return serverFrame(requestId, wire.Body.TypingEvent, new wire.TypingEventT(7n, 2n));
}

export function pushFrame(entries: readonly Entry[]): Uint8Array {
  return serverFrame(0, wire.Body.PushMessage, new wire.PushMessageT(entries.map(entryTable)));
}

export function friendFrame(userId: string): Uint8Array {
  return serverFrame(
    0,
    wire.Body.FriendEvent,
    new wire.FriendEventT(FriendChange.Requested, 41n, BigInt(userId), 'hi'),
  );
}

export function syncFrame(
  requestId: number,
  conversations: readonly ConversationState[],
  entries: readonly Entry[],
  next: string = '0',
  syncedAt: number = 1,
): Uint8Array {
  const body = new wire.SyncResponseT(
    conversations.map(stateTable),
    entries.map(entryTable),
    BigInt(next),
    false,
    0n,
    BigInt(syncedAt),
  );
  return serverFrame(requestId, wire.Body.SyncResponse, body);
}

export function ackFrame(
  requestId: number,
  conversationId: string,
  results: readonly AckResult[],
): Uint8Array {
  const tables = results.map(
    (result) =>
      new wire.AckResultT(
        uuidTable(result.clientMessageId),
        result.code,
        BigInt(result.messageId),
        BigInt(result.seq),
        BigInt(result.messageIndex),
        BigInt(result.createdAt),
      ),
  );
  return serverFrame(requestId, wire.Body.MessageAck, new wire.MessageAckT(BigInt(conversationId), tables));
}

/** An entry with what matters here; the rest follows from its seq. */
export function makeEntry(conversationId: string, seq: number, changes: Partial<Entry> = {}): Entry {
  return {
    conversationId: asConversationId(conversationId),
    seq,
    messageIndex: seq,
    messageId: asMessageId(String(9_000 + seq)),
    clientMessageId: asClientMessageId(`019b7ca9-8f2e-7abc-8000-${String(seq).padStart(12, '0')}`),
    senderId: asUserId('2'),
    type: EntryType.Text,
    text: `message ${seq}`,
    createdAt: 1_767_323_045_678 + seq * 1_000,
    targetSeq: 0,
    mentions: [],
    editedSeq: 0,
    recalledSeq: 0,
    ...changes,
  };
}

export function makeState(
  conversationId: string,
  tipSeq: number,
  changes: Partial<ConversationState> = {},
): ConversationState {
  return {
    conversationId: asConversationId(conversationId),
    type: ConversationType.Private,
    peerId: asUserId('2'),
    tipSeq,
    readSeq: 0,
    deliveredSeq: 0,
    peerReadSeq: 0,
    peerDeliveredSeq: 0,
    unread: tipSeq,
    last: tipSeq > 0 ? makeEntry(conversationId, tipSeq) : null,
    createdAt: 1_767_323_000_000,
    activity: tipSeq > 0 ? makeEntry(conversationId, tipSeq).createdAt : 1_767_323_000_000,
    role: Role.Member,
    fromSeq: 0,
    untilSeq: 0,
    mentions: 0,
    pinnedAt: 0,
    mutedUntil: 0,
    archived: false,
    hidden: false,
    draft: '',
    draftAt: 0,
    silencedUntil: 0,
    silenced: false,
    name: '',
    avatar: '',
    ownerId: null,
    memberCount: 0,
    ...changes,
  };
}

export function uuidText(id: wire.UuidT | null): string {
  return formatUuid(id ?? { high: 0n, low: 0n });
}

export function uuidTable(id: string): wire.UuidT {
  const { high, low } = parseUuid(id);
  return new wire.UuidT(high, low);
}

export function entryTable(entry: Entry): wire.EntryT {
  return new wire.EntryT(
    BigInt(entry.conversationId),
    BigInt(entry.seq),
    BigInt(entry.messageIndex),
    BigInt(entry.messageId),
    uuidTable(entry.clientMessageId),
    BigInt(entry.senderId),
    entry.type,
    Array.from(new TextEncoder().encode(entry.text)),
    BigInt(entry.createdAt),
    BigInt(entry.targetSeq),
    entry.mentions.map((user) => BigInt(user)),
    BigInt(entry.editedSeq),
    BigInt(entry.recalledSeq),
  );
}

export function stateTable(state: ConversationState): wire.ConversationStateT {
  return new wire.ConversationStateT(
    BigInt(state.conversationId),
    state.type,
    BigInt(state.peerId ?? 0),
    BigInt(state.tipSeq),
    BigInt(state.tipSeq),
    BigInt(state.readSeq),
    BigInt(state.deliveredSeq),
    BigInt(state.peerReadSeq),
    BigInt(state.peerDeliveredSeq),
    state.unread,
    state.last ? entryTable(state.last) : null,
    BigInt(state.createdAt),
    BigInt(state.activity),
    state.role,
    BigInt(state.fromSeq),
    BigInt(state.untilSeq),
    state.mentions,
    BigInt(state.pinnedAt),
    BigInt(state.mutedUntil),
    state.archived,
    state.hidden,
    state.draft,
    BigInt(state.draftAt),
    BigInt(state.silencedUntil),
    state.silenced,
    state.name,
    state.avatar,
    BigInt(state.ownerId ?? 0),
    state.memberCount,
  );
}
