import { ByteBuffer } from 'flatbuffers';
import { describe, expect, it } from 'vitest';
import { asClientMessageId, asConversationId, asMessageId, asUserId } from '@/types/ids';
import { GOLDEN, golden } from '@/test/golden';
import { CloseCode, Code, ConversationType, EntryType, FriendChange, Platform } from './codes';
import { decode } from './decode';
import { encode } from './encode';
import type { Incoming, Outgoing } from './frames';
import * as wire from './generated/im/message';

const CONVERSATION = asConversationId('7001');
const ALICE = asUserId('1001');
const BOB = asUserId('1002');
const TIME = 1_767_323_045_678;
const FIRST = asClientMessageId('019b7ca9-8f2e-7abc-8000-000000000001');

const entry = (seq: number, text: string) => ({
  conversationId: CONVERSATION,
  seq,
  messageIndex: seq,
  messageId: asMessageId(String(9000 + seq)),
  clientMessageId: asClientMessageId(`019b7ca9-8f2e-7abc-8000-00000000000${seq}`),
  senderId: ALICE,
  type: EntryType.Text,
  text,
  createdAt: TIME,
});

const state = {
  conversationId: CONVERSATION,
  type: ConversationType.Private,
  peerId: ALICE,
  tipSeq: 2,
  readSeq: 1,
  deliveredSeq: 2,
  peerReadSeq: 2,
  peerDeliveredSeq: 2,
  unread: 1,
  last: entry(2, 'how are you?'),
  createdAt: 1_767_322_985_678,
};

const INCOMING: Record<string, Incoming> = {
  'auth-response': {
    kind: 'authResponse',
    sessionId: '501',
    userId: ALICE,
    nodeId: 'access-1',
    serverTime: TIME,
    heartbeatIntervalMs: 30_000,
    tokenExpiresAt: 1_767_927_845_678,
    limits: {
      maxFrameBytes: 65_536,
      maxTextBytes: 8_192,
      maxMessagesPerRequest: 64,
      framesPerSecond: 20,
      frameBurst: 40,
    },
  },
  'heartbeat-ack': { kind: 'heartbeatAck', clientTime: TIME, serverTime: TIME + 3, pushed: 12 },
  drain: { kind: 'drain', withinMs: 10_000 },
  kick: { kind: 'kick', code: CloseCode.SignedInElsewhere, message: 'the user signed in elsewhere' },
  'push-message': { kind: 'pushMessage', entries: [entry(1, 'hi'), entry(2, 'how are you?')] },
  'read-receipt': { kind: 'readReceipt', conversationId: CONVERSATION, userId: BOB, seq: 2 },
  'delivery-receipt': { kind: 'deliveryReceipt', conversationId: CONVERSATION, userId: BOB, seq: 2 },
  'sync-hint': { kind: 'syncHint', conversationId: CONVERSATION },
  'presence-event': { kind: 'presenceEvent', userId: ALICE, online: true, lastSeen: TIME },
  'friend-event': {
    kind: 'friendEvent',
    change: FriendChange.Requested,
    userId: ALICE,
    message: "Hello, it's Alice",
  },
  'conversation-event': { kind: 'conversationEvent', state },
  'error-response': {
    kind: 'errorResponse',
    code: Code.RetryLater,
    message: 'too much to do, try again later',
    retryAfterMs: 1_500,
  },
  'unknown-body': { kind: 'unknown', type: 40 },
};

const OUTGOING: Record<string, Outgoing> = {
  heartbeat: { kind: 'heartbeat', clientTime: TIME },
  'conversation-read': { kind: 'conversationRead', conversationId: CONVERSATION, seq: 2 },
  'message-delivered': { kind: 'messageDelivered', conversationId: CONVERSATION, seq: 2 },
};

const unpack = (bytes: Uint8Array) => wire.Frame.getRootAsFrame(new ByteBuffer(bytes)).unpack();

/** A7: Rust and TypeScript read the same bytes. */
describe('the golden frames', () => {
  it('are all there', () => {
    expect(GOLDEN.size).toBeGreaterThanOrEqual(30);
  });

  it.each([...GOLDEN.keys()])('%s is a frame of this protocol', (name) => {
    expect(() => decode(golden(name))).not.toThrow();
  });

  it.each(Object.keys(INCOMING))('%s is read as what it says', (name) => {
    expect(decode(golden(name)).body).toEqual(INCOMING[name]);
  });

  it.each(Object.keys(OUTGOING))('%s is what this client writes', (name) => {
    const frame = unpack(golden(name));
    const written = unpack(encode(Number(frame.requestId), OUTGOING[name] as Outgoing));
    expect(written.body).toEqual(frame.body);
    expect(written.bodyType).toBe(frame.bodyType);
    expect(written.requestId).toBe(frame.requestId);
  });

  it('read a sync page with its states, entries and continuation', () => {
    const { requestId, body } = decode(golden('sync-response'));
    expect(requestId).toBe(5);
    if (body.kind !== 'syncResponse') throw new Error(body.kind);
    expect(body.conversations[0]).toEqual(state);
    expect(body.conversations[1]).toMatchObject({ conversationId: '7002', peerId: BOB, last: null });
    expect(body.entries).toEqual([entry(1, 'hi'), entry(2, 'how are you?')]);
    expect(body.nextConversationId).toBe('7002');
    expect(body.more).toBe(true);
  });

  it('read an acknowledgement with the id that the client made', () => {
    const { body } = decode(golden('message-ack'));
    if (body.kind !== 'messageAck') throw new Error(body.kind);
    expect(body.results[0]).toMatchObject({ clientMessageId: FIRST, code: Code.Ok, seq: 1 });
  });

  /** [F5]: unknown fields are ignored. */
  it('are readable by an older client when a later version adds fields', () => {
    const frame = unpack(golden('newer-fields'));
    expect(frame.body).toEqual(new wire.ConversationReadT(7001n, 2n));
  });

  it('carry an authentication request that Rust writes as this client does', () => {
    const frame = unpack(golden('auth-request'));
    const body = frame.body as wire.AuthRequestT;
    const written = encode(Number(frame.requestId), {
      kind: 'authRequest',
      token: String(body.token),
      deviceId: String(body.deviceId),
      platform: Platform.Web,
      clientVersion: String(body.clientVersion),
    });
    expect(unpack(written).body).toEqual({ ...body, platform: Platform.Web });
  });
});
