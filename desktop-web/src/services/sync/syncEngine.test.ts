import { afterEach, describe, expect, it, vi } from 'vitest';
import { Code } from '@/protocol/codes';
import { RequestError } from '@/services/session/errors';
import { applyEvent } from '@/stores/applyEvent';
import { useChatStore } from '@/stores/chatStore';
import { closeDevices, openDevice, showLog, showOlder, SELF } from '@/test/device';
import { eventually } from '@/test/eventually';
import { FakeServer } from '@/test/fakeServer';
import { FakeSession } from '@/test/fakeSession';
import { SEEDS, seededRandom } from '@/test/random';
import { makeEntry, makeState } from '@/test/serverFrames';
import { asClientMessageId, asConversationId, asUserId, type ConversationId } from '@/types/ids';

const PEER = asUserId('2');
const CHAT = asConversationId('70');

const chat = () => useChatStore.getState();
const shown = () => chat().logs[CHAT]?.entries.map(({ text }) => text) ?? [];
const pending = () => chat().pending[CHAT] ?? [];
const received = (server: FakeServer, kind: string) => server.received.filter((body) => body.kind === kind);

function makeServer(tip: number): FakeServer {
  const server = new FakeServer(SELF);
  for (let seq = 1; seq <= tip; seq += 1) server.store(makeEntry(CHAT, seq));
  server.setState(makeState(CHAT, tip, { peerId: PEER }));
  return server;
}

afterEach(() => {
  closeDevices();
  vi.useRealTimers();
});

describe('the sync engine', () => {
  /** [R4], D6 */
  it('brings everything that was missed, in order and once', async () => {
    const server = makeServer(120);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await eventually(() => expect(chat().synced).toBe(true));
    await showLog(engine, CHAT);
    expect(shown()).toEqual(Array.from({ length: 120 }, (_, index) => `message ${index + 1}`));
    expect(chat().conversations[CHAT]).toMatchObject({ unread: 120, tipSeq: 120 });
  });

  /** H5: local data first. */
  it('shows what it holds without any session after a reload', async () => {
    const server = makeServer(10);
    const first = await openDevice();
    first.engine.attach(new FakeSession(server));
    await eventually(() => expect(chat().synced).toBe(true));
    applyEvent({ type: 'signedOut' });
    const second = await openDevice(first.database);
    expect(chat().conversations[CHAT]?.last?.text).toBe('message 10');
    await showLog(second.engine, CHAT);
    expect(shown()).toHaveLength(10);
  });

  /** H5: what was written offline is sent on return, once. */
  it('sends what was written offline after a reload, once', async () => {
    const server = makeServer(0);
    const first = await openDevice();
    first.engine.attach(new FakeSession(server));
    await eventually(() => expect(chat().synced).toBe(true));
    first.engine.detach();
    await first.engine.outgoing.send(CHAT, 'one');
    await first.engine.outgoing.send(CHAT, 'two');
    expect(pending().map(({ text, state }) => [text, state])).toEqual([
      ['one', 'sending'],
      ['two', 'sending'],
    ]);
    applyEvent({ type: 'signedOut' });

    const second = await openDevice(first.database);
    expect(pending()).toHaveLength(2);
    await showLog(second.engine, CHAT);
    second.engine.attach(new FakeSession(server));
    await eventually(() => expect(pending()).toHaveLength(0));
    expect(shown()).toEqual(['one', 'two']);
    expect(server.logs.get(CHAT)?.map(({ text }) => text)).toEqual(['one', 'two']);
    await eventually(async () => expect(await second.storage.outbox()).toEqual([]));
  });

  /** D3, D4: the reply was lost, the message was stored. */
  it('stores a message once when its acknowledgement is lost with the session', async () => {
    const server = makeServer(0);
    const { engine } = await openDevice();
    const broken = new FakeSession(server);
    broken.fault = (body) => (body.kind === 'userMessage' ? 'loseReply' : 'answer');
    engine.attach(broken);
    await eventually(() => expect(chat().synced).toBe(true));
    await showLog(engine, CHAT);
    await engine.outgoing.send(CHAT, 'once');
    await eventually(() => expect(server.logs.get(CHAT)).toHaveLength(1));
    broken.end();
    engine.detach();
    engine.attach(new FakeSession(server));
    await eventually(() => expect(pending()).toHaveLength(0));
    expect(server.logs.get(CHAT)).toHaveLength(1);
    expect(shown()).toEqual(['once']);
    expect(received(server, 'userMessage').at(-1)).toMatchObject({ retry: true });
  });

  /** [R1], [R2] */
  it('shows pushes that are lost, repeated and out of order once and in order', async () => {
    const server = makeServer(0);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await eventually(() => expect(chat().synced).toBe(true));
    await showLog(engine, CHAT);
    const entries = Array.from({ length: 6 }, (_, index) => server.store(makeEntry(CHAT, index + 1)));
    for (const index of [1, 1, 0, 5, 3, 0]) {
      const entry = entries[index];
      if (entry) engine.onPush({ kind: 'pushMessage', entries: [entry] });
    }
    await eventually(() => expect(shown()).toHaveLength(6));
    expect(shown()).toEqual(entries.map(({ text }) => text));
    expect(chat().conversations[CHAT]?.unread).toBe(6);
  });

  /** [R5] */
  it('syncs when a push is of a conversation that it does not know', async () => {
    const server = new FakeServer(SELF);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await eventually(() => expect(chat().synced).toBe(true));
    const entry = server.store(makeEntry(CHAT, 1));
    server.setState(makeState(CHAT, 1));
    engine.onPush({ kind: 'pushMessage', entries: [entry] });
    await eventually(() => expect(chat().conversations[CHAT]).toBeDefined());
  });

  /** [R6] */
  it('reports what this device received, and what the user read', async () => {
    const server = makeServer(3);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await eventually(() =>
      expect(received(server, 'messageDelivered')).toEqual([
        { kind: 'messageDelivered', conversationId: CHAT, seq: 3 },
      ]),
    );
    engine.markRead(CHAT);
    expect(chat().conversations[CHAT]).toMatchObject({ unread: 0, readSeq: 3 });
    await eventually(() =>
      expect(received(server, 'conversationRead')).toEqual([
        { kind: 'conversationRead', conversationId: CHAT, seq: 3 },
      ]),
    );
  });

  it('reports again at the next sync a read position that a lost session did not carry', async () => {
    const server = makeServer(3);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await eventually(() => expect(chat().synced).toBe(true));
    engine.detach();
    engine.markRead(CHAT);
    engine.attach(new FakeSession(server));
    await eventually(() => expect(received(server, 'conversationRead')).toHaveLength(1));
    expect(chat().conversations[CHAT]?.unread).toBe(0);
  });

  /** D7 */
  it('moves the marks of own messages with the positions of the peer', async () => {
    const server = makeServer(2);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await eventually(() => expect(chat().synced).toBe(true));
    engine.onPush({ kind: 'deliveryReceipt', conversationId: CHAT, userId: PEER, seq: 1 });
    expect(chat().conversations[CHAT]).toMatchObject({ peerDeliveredSeq: 1, peerReadSeq: 0 });
    engine.onPush({ kind: 'readReceipt', conversationId: CHAT, userId: PEER, seq: 2 });
    engine.onPush({ kind: 'readReceipt', conversationId: CHAT, userId: PEER, seq: 1 });
    expect(chat().conversations[CHAT]).toMatchObject({ peerDeliveredSeq: 2, peerReadSeq: 2 });
  });

  /** F3: another device of the same user read it. */
  it('counts down the unread when another own device reads', async () => {
    const server = makeServer(5);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await eventually(() => expect(chat().synced).toBe(true));
    engine.onPush({ kind: 'readReceipt', conversationId: CHAT, userId: SELF, seq: 3 });
    await eventually(() => expect(chat().conversations[CHAT]).toMatchObject({ readSeq: 3, unread: 2 }));
  });

  /** D7, G2: who reads half of what is new has the other half before them, on every device. */
  it('counts down the unread as far as was read', async () => {
    const server = makeServer(5);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await eventually(() => expect(chat().synced).toBe(true));
    engine.markRead(CHAT, 3);
    engine.markRead(CHAT, 2);
    await eventually(() => expect(chat().conversations[CHAT]).toMatchObject({ readSeq: 3, unread: 2 }));
    await eventually(() => expect(received(server, 'conversationRead')).toMatchObject([{ seq: 3 }]));
    engine.markRead(CHAT, 9);
    expect(chat().conversations[CHAT]).toMatchObject({ readSeq: 5, unread: 0 });
  });

  /** [M6], H13 */
  it('shows a refused message as failed, and sends it again under its id when asked', async () => {
    const server = makeServer(0);
    const { engine } = await openDevice();
    const session = new FakeSession(server);
    session.fault = (body) =>
      body.kind === 'userMessage' ? new RequestError(Code.NotFriends, 'not friends', 0) : 'answer';
    engine.attach(session);
    await eventually(() => expect(chat().synced).toBe(true));
    await showLog(engine, CHAT);
    await engine.outgoing.send(CHAT, 'hello');
    await eventually(() => expect(pending()).toMatchObject([{ state: 'failed', failure: Code.NotFriends }]));
    const id = pending()[0]?.clientMessageId ?? asClientMessageId('');
    session.fault = () => 'answer';
    await engine.outgoing.resend(id);
    await eventually(() => expect(shown()).toEqual(['hello']));
    expect(server.logs.get(CHAT)?.[0]?.clientMessageId).toBe(id);
  });

  it('forgets a failed message that is discarded, also after a reload', async () => {
    const server = makeServer(0);
    const { engine, database } = await openDevice();
    const session = new FakeSession(server);
    session.fault = (body) =>
      body.kind === 'userMessage' ? new RequestError(Code.TextInvalid, 'no', 0) : 'answer';
    engine.attach(session);
    await eventually(() => expect(chat().synced).toBe(true));
    await engine.outgoing.send(CHAT, 'bad');
    await eventually(() => expect(pending()).toMatchObject([{ state: 'failed' }]));
    await engine.outgoing.discard(pending()[0]?.clientMessageId ?? asClientMessageId(''));
    expect(pending()).toEqual([]);
    applyEvent({ type: 'signedOut' });
    await openDevice(database);
    expect(pending()).toEqual([]);
  });

  it('takes the newest page when far too much is missing, and the rest on demand', async () => {
    const server = makeServer(1_500);
    const { engine } = await openDevice();
    engine.attach(new FakeSession(server));
    await eventually(() => expect(chat().synced).toBe(true));
    await showLog(engine, CHAT);
    expect(shown()).toHaveLength(50);
    expect(shown().at(-1)).toBe('message 1500');
    await showOlder(engine, CHAT, 1_451);
    expect(shown()).toHaveLength(100);
    expect(shown()[0]).toBe('message 1401');
    expect(chat().logs[CHAT]?.first).toBe(false);
  });

  /** [R4] */
  it('brings the other logs when the server fails at one, and asks for that one again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.spyOn(console, 'error').mockReturnValue();
    const server = makeServer(1_500);
    const other = asConversationId('71');
    for (let seq = 1; seq <= 1_500; seq += 1) server.store(makeEntry(other, seq));
    server.setState(makeState(other, 1_500));
    const { engine } = await openDevice();
    const session = new FakeSession(server);
    let failing: ConversationId | null = null;
    session.fault = (body) => {
      if (body.kind !== 'historyRequest') return 'answer';
      failing ??= body.conversationId;
      return body.conversationId === failing ? new RequestError(Code.Internal, 'failed', 0) : 'answer';
    };
    engine.attach(session);
    await eventually(() => expect(received(server, 'historyRequest')).toHaveLength(1));
    expect(chat().synced).toBe(false);
    session.fault = () => 'answer';
    while (!chat().synced) await vi.advanceTimersByTimeAsync(500);
    expect(received(server, 'historyRequest').at(-1)).toMatchObject({ conversationId: failing });
  });

  it('is done when a log may not be seen any more', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const { engine } = await openDevice();
    const session = new FakeSession(makeServer(1_500));
    session.fault = (body) =>
      body.kind === 'historyRequest' ? new RequestError(Code.Forbidden, 'no', 0) : 'answer';
    engine.attach(session);
    await eventually(() => expect(chat().synced).toBe(true));
  });

  /** D5, D3: everything at once. */
  it.each(SEEDS.slice(0, 6))('shows one gap-free log after losses and breaks (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const server = makeServer(0);
    const { engine } = await openDevice();
    let session = new FakeSession(server);
    const connect = () => {
      session.end();
      engine.detach();
      session = new FakeSession(server);
      session.fault = (body) => {
        if (body.kind !== 'userMessage' || random() < 0.6) return 'answer';
        return random() < 0.5 ? 'lose' : 'loseReply';
      };
      engine.attach(session);
    };
    connect();
    await eventually(() => expect(chat().conversations[CHAT]).toBeDefined());
    await showLog(engine, CHAT);
    for (let step = 0; step < 30; step += 1) {
      await engine.outgoing.send(CHAT, `own ${step}`);
      const entry = server.store(
        makeEntry(CHAT, 0, {
          clientMessageId: asClientMessageId(`00000000-0000-7000-8000-${String(step).padStart(12, '0')}`),
        }),
      );
      if (random() < 0.5) engine.onPush({ kind: 'pushMessage', entries: [entry] });
      if (random() < 0.15) connect();
    }
    session.fault = () => 'answer';
    engine.detach();
    engine.attach(new FakeSession(server));
    await eventually(() => expect(pending()).toEqual([]));
    await eventually(() => expect(chat().logs[CHAT]?.entries).toHaveLength(60));
    expect(chat().logs[CHAT]?.entries.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
    const own = shown().filter((text) => text.startsWith('own'));
    expect(own).toEqual(Array.from({ length: 30 }, (_, index) => `own ${index}`));
  });
});
