import { afterEach, describe, expect, it } from 'vitest';
import { Code, ConversationType, EntryType } from '@/protocol/codes';
import { RequestError } from '@/services/session/errors';
import { applyEvent } from '@/stores/applyEvent';
import { useChatStore } from '@/stores/chatStore';
import { useRefusalStore } from '@/stores/refusalStore';
import { closeDevices, openDevice, showLog, SELF } from '@/test/device';
import { eventually } from '@/test/eventually';
import { FakeServer } from '@/test/fakeServer';
import { FakeSession } from '@/test/fakeSession';
import { SEEDS, seededRandom } from '@/test/random';
import { makeEntry, makeState } from '@/test/serverFrames';
import { asClientMessageId, asConversationId, asUserId } from '@/types/ids';
import { Fold, foldLog } from '@/utils/fold';

const PEER = asUserId('2');
const CHAT = asConversationId('70');
function makeServer(tip: number): FakeServer {
  const server = new FakeServer(SELF);
  server.setState(makeState(CHAT, 0, { type: ConversationType.Group, peerId: null }));
  for (let seq = 1; seq <= tip; seq += 1) server.store(makeEntry(CHAT, seq, { senderId: SELF }));
  return server;
}

async function open(server: FakeServer, session = new FakeSession(server)) {
  const made = await openDevice();
  made.engine.attach(session);
  await eventually(() => expect(chat().synced).toBe(true));
  await showLog(made.engine, CHAT);
  return { ...made, session };
}

const chat = () => useChatStore.getState();
const changes = () => chat().changes[CHAT] ?? [];
const shown = () => foldLog(chat().logs[CHAT]?.entries ?? [], changes(), SELF);
const types = (server: FakeServer) => server.logs.get(CHAT)?.map(({ type }) => type) ?? [];

afterEach(closeDevices);

/** D8, D9, D10, D14 */
describe('changes of own messages', () => {
  it('show at once, and are stored in their order', async () => {
    const server = makeServer(2);
    const { engine } = await open(server);
    await engine.outgoing.edit(CHAT, 1, 'better');
    await engine.outgoing.react(CHAT, 1, '👍', false);
    await engine.outgoing.recall(CHAT, 2);
    expect(shown().get(1)).toMatchObject({ text: 'better', reactions: [{ reaction: '👍', users: [SELF] }] });
    expect(shown().get(2)).toMatchObject({ text: '', recalledBy: SELF });
    await eventually(() => expect(changes()).toEqual([]));
    await eventually(() => expect(chat().logs[CHAT]?.entries).toHaveLength(5));
    expect(types(server).slice(2)).toEqual([EntryType.Edit, EntryType.Reaction, EntryType.Recall]);
    expect(shown().get(1)).toMatchObject({ text: 'better', editedSeq: 3, waiting: false });
    expect(shown().get(2)).toMatchObject({ recalledSeq: 5, recalledBy: SELF });
  });

  /** H5 */
  it('are sent once after a reload, when they were made offline', async () => {
    const server = makeServer(1);
    const { engine, database } = await open(server);
    engine.detach();
    await engine.outgoing.edit(CHAT, 1, 'offline');
    applyEvent({ type: 'signedOut' });
    const again = await openDevice(database);
    expect(changes()).toMatchObject([{ kind: 'edit', targetSeq: 1, text: 'offline' }]);
    await showLog(again.engine, CHAT);
    again.engine.attach(new FakeSession(server));
    await eventually(() => expect(changes()).toEqual([]));
    expect(types(server)).toEqual([EntryType.Text, EntryType.Edit]);
    await eventually(async () => expect(await again.storage.outbox()).toEqual([]));
  });

  it('are taken back when they are refused, and it is said why', async () => {
    const server = makeServer(1);
    const { engine, session, storage } = await open(server);
    session.fault = (body) =>
      body.kind === 'messageEdit' ? new RequestError(Code.EditTooLate, 'too late', 0) : 'answer';
    await engine.outgoing.edit(CHAT, 1, 'late');
    await eventually(() => expect(changes()).toEqual([]));
    expect(shown().get(1)?.text).toBe('message 1');
    expect(useRefusalStore.getState().refusal?.code).toBe(Code.EditTooLate);
    await eventually(async () => expect(await storage.outbox()).toEqual([]));
  });

  it('that were so already are done, without an entry', async () => {
    const server = makeServer(1);
    const { engine } = await open(server);
    await engine.outgoing.react(CHAT, 1, '👍', false);
    await eventually(() => expect(changes()).toEqual([]));
    await engine.outgoing.react(CHAT, 1, '👍', false);
    await engine.outgoing.react(CHAT, 1, '🎉', true);
    await eventually(() => expect(changes()).toEqual([]));
    expect(types(server)).toEqual([EntryType.Text, EntryType.Reaction]);
  });

  it('say who was first to take a message back', async () => {
    const server = makeServer(1);
    const { engine } = await open(server);
    server.store(makeEntry(CHAT, 2, { type: EntryType.Recall, targetSeq: 1, senderId: PEER, text: '' }));
    await engine.outgoing.recall(CHAT, 1);
    await eventually(() => expect(shown().get(1)).toMatchObject({ recalledBy: PEER, recalledSeq: 2 }));
    await eventually(() => expect(changes()).toEqual([]));
  });

  /** [E6] */
  it('leave nothing of a recalled message on the device', async () => {
    const server = makeServer(2);
    const { engine, storage } = await open(server);
    await engine.outgoing.edit(CHAT, 1, 'second thought');
    await engine.outgoing.recall(CHAT, 1);
    await eventually(() => expect(changes()).toEqual([]));
    await eventually(async () => {
      const kept = await storage.entries(CHAT, 1, 9);
      expect(kept.map(({ seq, text, recalledSeq }) => [seq, text, recalledSeq])).toEqual([
        [1, '', 4],
        [2, 'message 2', 0],
        [3, '', 4],
        [4, '', 0],
      ]);
    });
  });

  /** D5, D14: pushes lost, repeated and late, sessions that break, pages of any time. */
  it.each(SEEDS.slice(0, 8))('are folded alike whatever happens on the way (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const server = makeServer(3);
    const { engine } = await open(server);
    let session = new FakeSession(server);
    const reconnect = () => {
      session.end();
      engine.detach();
      session = new FakeSession(server);
      session.fault = (body) => {
        if (!/^(userMessage|message)/.test(body.kind) || random() < 0.7) return 'answer';
        return random() < 0.5 ? 'lose' : 'loseReply';
      };
      engine.attach(session);
    };
    reconnect();
    const waiting: ReturnType<FakeServer['store']>[] = [];
    for (let step = 0; step < 40; step += 1) {
      const target = 1 + Math.floor(random() * 3);
      const what = random();
      if (what < 0.2) await engine.outgoing.edit(CHAT, target, `edit ${step}`);
      else if (what < 0.25) await engine.outgoing.recall(CHAT, target);
      else if (what < 0.5) await engine.outgoing.react(CHAT, target, '👍', random() < 0.5);
      else {
        const type = random() < 0.5 ? EntryType.Reaction : EntryType.Edit;
        const text = type === EntryType.Reaction ? (random() < 0.5 ? '+🎉' : '-🎉') : `theirs ${step}`;
        const clientMessageId = asClientMessageId(
          `00000000-0000-7000-8000-${String(step).padStart(12, '0')}`,
        );
        waiting.push(server.store(makeEntry(CHAT, 0, { type, text, targetSeq: target, clientMessageId })));
      }
      if (random() < 0.4) {
        const late = waiting[Math.floor(random() * waiting.length)];
        if (late) engine.onPush({ kind: 'pushMessage', entries: [late] });
      }
      if (random() < 0.1) reconnect();
    }
    session.end();
    engine.detach();
    engine.attach(new FakeSession(server));
    await eventually(() => expect(changes()).toEqual([]));
    const tip = server.logs.get(CHAT)?.length;
    await eventually(() => expect(chat().logs[CHAT]?.entries).toHaveLength(tip ?? 0));
    const fresh = new Fold();
    fresh.add(server.read(CHAT));
    const plain = (messages: ReturnType<Fold['messages']>) =>
      messages.map(({ entry: _, recalledBy: __, ...message }) => message);
    expect(plain([...shown().values()])).toEqual(plain(fresh.messages()));
  });
});

/** D11 */
describe('an answer', () => {
  it('carries the message that it answers, and whom it calls', async () => {
    const server = makeServer(1);
    const { engine } = await open(server);
    await engine.outgoing.send(CHAT, 'yes', { replyToSeq: 1, mentions: [PEER] });
    await eventually(() => expect(chat().logs[CHAT]?.entries).toHaveLength(2));
    expect(chat().logs[CHAT]?.entries.at(-1)).toMatchObject({ targetSeq: 1, mentions: [PEER] });
    expect(server.logs.get(CHAT)?.at(-1)).toMatchObject({ targetSeq: 1, mentions: [PEER] });
  });
});
