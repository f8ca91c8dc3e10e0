import { ByteBuffer } from 'flatbuffers';
import { describe, expect, it } from 'vitest';
import { asClientMessageId, asConversationId, asMessageId, asUserId, EVERYBODY } from '@/types/ids';
import { GOLDEN, golden } from '@/test/golden';
import {
  CloseCode,
  Code,
  ConversationType,
  EntryType,
  FriendChange,
  JoinChange,
  Platform,
  Role,
  Setting,
} from './codes';
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
  targetSeq: 0,
  mentions: [],
  editedSeq: 0,
  recalledSeq: 0,
});

/** Answers another, mentions Bob and everybody, was edited. */
const answer = {
  ...entry(3, 'Fine, Bob'),
  targetSeq: 1,
  mentions: [BOB, EVERYBODY],
  editedSeq: 4,
};

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
  activity: 0,
  role: Role.None,
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
};

const group = {
  ...state,
  type: ConversationType.Group,
  peerId: null,
  last: answer,
  activity: TIME,
  role: Role.Admin,
  fromSeq: 1,
  untilSeq: 3,
  mentions: 2,
  pinnedAt: TIME - 1_000,
  mutedUntil: TIME + 1_000,
  archived: true,
  hidden: true,
  draft: 'I think',
  draftAt: TIME - 2_000,
  silencedUntil: TIME + 2_000,
  silenced: true,
  name: 'Tea',
  avatar: 'https://example.com/tea.png',
  ownerId: ALICE,
  memberCount: 12,
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
  'conversation-event-group': { kind: 'conversationEvent', state: group },
  'push-message-changed': {
    kind: 'pushMessage',
    entries: [{ ...entry(2, ''), recalledSeq: 5 }, answer],
  },
  'system-notification': {
    kind: 'systemNotification',
    notificationId: asMessageId('31'),
    title: 'Maintenance',
    content: 'Tonight at ten.',
    createdAt: TIME,
    entry: null,
  },
  'system-notification-entry': {
    kind: 'systemNotification',
    notificationId: asMessageId('31'),
    title: 'Maintenance',
    content: 'Tonight at ten.',
    createdAt: TIME,
    entry: {
      ...entry(1, '{"title":"Maintenance","content":"Tonight at ten."}'),
      type: EntryType.System,
      senderId: asUserId('0'),
    },
  },
  'typing-event': { kind: 'typingEvent', conversationId: CONVERSATION, userId: ALICE },
  'join-event': {
    kind: 'joinEvent',
    conversationId: CONVERSATION,
    userId: BOB,
    change: JoinChange.Requested,
    message: 'May I?',
  },
  'profile-event': { kind: 'profileEvent', userId: BOB, nickname: 'Bob', avatar: '/files/bob.png' },
  'receipt-response': {
    kind: 'receiptResponse',
    conversationId: CONVERSATION,
    seq: 2,
    members: 11,
    delivered: 9,
    read: 4,
    receipts: [{ userId: BOB, readSeq: 1, deliveredSeq: 2 }],
    nextUserId: BOB,
  },
  'search-response': {
    kind: 'searchResponse',
    entries: [answer, entry(1, 'hi')],
    nextMessageId: asMessageId('9001'),
  },
  done: { kind: 'done' },
  'error-response': {
    kind: 'errorResponse',
    code: Code.RetryLater,
    message: 'too much to do, try again later',
    retryAfterMs: 1_500,
  },
  'unknown-body': { kind: 'unknown', type: 40 },
};

const uuid = (number: number) => asClientMessageId(`019b7ca9-8f2e-7abc-8000-00000000000${number}`);
const cursors = [
  { conversationId: CONVERSATION, seq: 2 },
  { conversationId: asConversationId('7002'), seq: 0 },
];

const OUTGOING: Record<string, Outgoing> = {
  heartbeat: { kind: 'heartbeat', clientTime: TIME },
  follow: { kind: 'follow', conversationId: CONVERSATION, ended: true },
  'user-message-reply': {
    kind: 'userMessage',
    conversationId: CONVERSATION,
    messages: [
      {
        clientMessageId: uuid(3),
        type: EntryType.Text,
        text: 'Fine, Bob',
        replyToSeq: 1,
        mentions: [BOB, EVERYBODY],
      },
    ],
    retry: false,
  },
  'message-edit': {
    kind: 'messageEdit',
    conversationId: CONVERSATION,
    targetSeq: 1,
    clientMessageId: uuid(3),
    text: 'hello',
    mentions: [],
  },
  'message-edit-mentions': {
    kind: 'messageEdit',
    conversationId: CONVERSATION,
    targetSeq: 1,
    clientMessageId: uuid(3),
    text: 'hello',
    mentions: [ALICE],
  },
  'message-recall': {
    kind: 'messageRecall',
    conversationId: CONVERSATION,
    targetSeq: 1,
    clientMessageId: uuid(4),
  },
  'message-reaction': {
    kind: 'messageReaction',
    conversationId: CONVERSATION,
    targetSeq: 1,
    clientMessageId: uuid(5),
    reaction: '👍',
    remove: true,
  },
  'sync-request': {
    kind: 'syncRequest',
    after: { conversationId: asConversationId('7000'), activity: 0 },
    cursors,
    since: 0,
    entriesOnly: false,
  },
  'sync-request-since': {
    kind: 'syncRequest',
    after: { conversationId: asConversationId('7000'), activity: TIME - 1 },
    cursors,
    since: TIME - 2,
    entriesOnly: true,
  },
  'history-request': {
    kind: 'historyRequest',
    conversationId: CONVERSATION,
    seq: 9,
    direction: 'backward',
    limit: 50,
  },
  typing: { kind: 'typing', conversationId: CONVERSATION },
  'conversation-open': { kind: 'conversationOpen', peerId: BOB },
  'conversation-set': {
    kind: 'conversationSet',
    conversationId: CONVERSATION,
    setting: Setting.Draft,
    value: TIME,
    text: 'I think',
  },
  'receipt-request': {
    kind: 'receiptRequest',
    conversationId: CONVERSATION,
    seq: 2,
    afterUserId: ALICE,
    limit: 100,
  },
  'search-request': {
    kind: 'searchRequest',
    query: 'tea 茶',
    conversationId: CONVERSATION,
    beforeMessageId: asMessageId('9009'),
    limit: 20,
  },
  'push-subscribe': {
    kind: 'pushSubscribe',
    deviceId: 'laptop',
    endpoint: 'https://push.example.com/send/abc',
    p256dh: 'BPublicKey',
    auth: 'Secret',
    hideContent: true,
  },
  'push-unsubscribe': { kind: 'pushUnsubscribe', deviceId: 'laptop' },
  'presence-set': { kind: 'presenceSet', invisible: true },
  'conversation-read': { kind: 'conversationRead', conversationId: CONVERSATION, seq: 2 },
  'message-delivered': { kind: 'messageDelivered', conversationId: CONVERSATION, seq: 2 },
};

const unpack = (bytes: Uint8Array) => wire.Frame.getRootAsFrame(new ByteBuffer(bytes)).unpack();

/** A7: Rust and TypeScript read the same bytes. */
describe('the golden frames', () => {
  it('are all there', () => {
    expect(GOLDEN.size).toBeGreaterThanOrEqual(64);
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
    expect(written.route).toBe(frame.route);
  });

  it('read a sync page with its states, entries and continuation', () => {
    const { requestId, body } = decode(golden('sync-response'));
    expect(requestId).toBe(5);
    if (body.kind !== 'syncResponse') throw new Error(body.kind);
    expect(body.conversations[0]).toEqual(state);
    expect(body.conversations[1]).toMatchObject({ conversationId: '7002', peerId: BOB, last: null });
    expect(body.entries).toEqual([entry(1, 'hi'), entry(2, 'how are you?')]);
    expect(body.next).toEqual({ conversationId: '7002', activity: 0 });
    expect(body.more).toBe(true);
  });

  it('read where a page of a sync ends, and what a later sync begins with', () => {
    const { body } = decode(golden('sync-response-since'));
    if (body.kind !== 'syncResponse') throw new Error(body.kind);
    expect(body.next).toEqual({ conversationId: '7002', activity: TIME - 3 });
    expect(body.syncedAt).toBe(TIME + 3);
  });

  /** Bodies 48 to 63 travel between programs: should one ever come, it is none that a client knows ([F4]). */
  it('of programs are no push that this client knows', () => {
    const foreign = [...GOLDEN.keys()].filter((name) => /^group-|^user-o|^system-notify$/.test(name));
    expect(foreign).toHaveLength(14);
    for (const name of foreign) expect(decode(golden(name)).body.kind).toBe('unknown');
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
