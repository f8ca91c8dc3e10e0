import { afterEach, describe, expect, it } from 'vitest';
import { Code, ConversationType, EntryType } from '@/protocol/codes';
import { SessionEnded } from '@/services/session/errors';
import { applyEvent } from '@/stores/applyEvent';
import { useChatStore } from '@/stores/chatStore';
import { closeDevices, openDevice, restOf, SELF, showLog, showNewer, showOlder } from '@/test/device';
import { eventually } from '@/test/eventually';
import { FakeServer } from '@/test/fakeServer';
import { FakeSession } from '@/test/fakeSession';
import { makeEntry, makeState } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import { asClientMessageId, asConversationId, asUserId, type Seq } from '@/types/ids';
import { foldLog } from '@/utils/fold';

const CHAT = asConversationId('70');
const PEER = asUserId('2');
const OTHER = asUserId('3');

const chat = () => useChatStore.getState();
const view = () => chat().logs[CHAT];
const range = () => [view()?.entries[0]?.seq, view()?.entries.at(-1)?.seq];
const message = (seq: Seq) => {
  const { entries = [], about = [] } = view() ?? {};
  return foldLog([...entries, ...about], [], SELF).get(seq);
};

/** A server with a group of so many messages, a device that holds the newest 50 of them, and its session. */
async function makeOnline(tip = 1_500) {
  const server = new FakeServer(SELF);
  server.setState(makeState(CHAT, 0, { type: ConversationType.Group, peerId: null }));
  for (let seq = 1; seq <= tip; seq += 1) server.store(makeEntry(CHAT, seq));
  const device = await openDevice(undefined, restOf(server));
  const session = new FakeSession(server);
  device.engine.attach(session);
  await eventually(() => expect(chat().synced).toBe(true));
  return { ...device, server, session };
}

let made = 0;
/** Something happens to a message on the server. */
const change = (server: FakeServer, type: EntryType, targetSeq: Seq, text = '', senderId = PEER): Entry =>
  server.store(
    makeEntry(CHAT, 0, {
      type,
      targetSeq,
      text,
      senderId,
      clientMessageId: asClientMessageId(`00000000-0000-7000-8000-${String((made += 1)).padStart(12, '0')}`),
    }),
  );

afterEach(closeDevices);

describe('a window around a message', () => {
  it('comes from this device when it holds it, also offline', async () => {
    const { engine } = await makeOnline(300);
    engine.detach();
    await showLog(engine, CHAT, 100);
    expect(range()).toEqual([60, 140]);
    expect(view()).toMatchObject({ first: false, last: false });
  });

  it('comes from the server when it is far from what is held, and grows in both directions', async () => {
    const { engine, storage, server } = await makeOnline();
    await showLog(engine, CHAT, 500);
    expect(range()).toEqual([460, 540]);
    await showOlder(engine, CHAT, 460);
    await showNewer(engine, CHAT, 540);
    expect(range()).toEqual([410, 590]);
    expect(await storage.entries(CHAT, 1, 1_400)).toEqual([]);
    expect(server.received.filter(({ kind }) => kind === 'historyRequest').length).toBeLessThan(15);
  });

  it('joins what is held when it comes near, without a hole and without end', async () => {
    const { engine, storage } = await makeOnline();
    await showLog(engine, CHAT, 1_380);
    for (let steps = 0; steps < 10 && !view()?.last; steps += 1) {
      await showNewer(engine, CHAT, view()?.entries.at(-1)?.seq ?? 0);
    }
    expect(range()).toEqual([1_340, 1_500]);
    const seqs = view()?.entries.map(({ seq }) => seq) ?? [];
    expect(seqs).toEqual(Array.from({ length: 161 }, (_, index) => 1_340 + index));
    // What was adjacent is kept now.
    expect((await storage.entries(CHAT, 1, 1_450))[0]?.seq).toBe(1_421);
  });

  it('begins at the first entry there is', async () => {
    const { engine } = await makeOnline();
    await showLog(engine, CHAT, 3);
    expect(range()).toEqual([1, 43]);
    expect(view()?.first).toBe(true);
  });

  it('is refused for a message that is not there, was before the time of the user, or cannot be reached', async () => {
    const { engine, server } = await makeOnline();
    await expect(engine.history.open(CHAT, 1_501)).rejects.toMatchObject({ code: Code.TargetNotFound });
    await expect(engine.history.open(asConversationId('71'), 1)).rejects.toMatchObject({
      code: Code.ConversationNotFound,
    });
    const state = server.states.get(CHAT);
    if (state) engine.adopt({ ...state, fromSeq: 700 });
    await expect(engine.history.open(CHAT, 700)).rejects.toMatchObject({ code: Code.TargetNotFound });
    engine.detach();
    await expect(engine.history.open(CHAT, 800)).rejects.toBeInstanceOf(SessionEnded);
  });

  it('is fetched in parts where the messages are large', async () => {
    const { engine, server } = await makeOnline();
    server.pageEntries = 7;
    await showLog(engine, CHAT, 500);
    expect(range()).toEqual([494, 507]);
  });
});

/** [E5] to [E7], D14 */
describe('messages of an island', () => {
  it('are as they are now, though what changed them lies far away', async () => {
    const { engine, server } = await makeOnline();
    engine.detach();
    change(server, EntryType.Edit, 500, 'edited');
    change(server, EntryType.Recall, 501);
    change(server, EntryType.Reaction, 502, '+👍');
    change(server, EntryType.Reaction, 502, '+👍', SELF);
    for (let seq = 0; seq < 1_100; seq += 1) change(server, EntryType.Text, 0, 'later');
    engine.attach(new FakeSession(server));
    await eventually(() => expect(chat().conversations[CHAT]?.tipSeq).toBe(2_604));
    await showLog(engine, CHAT, 500);
    expect(message(500)).toMatchObject({ text: 'edited' });
    expect(message(501)).toMatchObject({ text: '', recalledSeq: 1_502 });
    expect(message(502)?.reactions).toEqual([{ reaction: '👍', users: [SELF], others: 1 }]);
  });

  it('follow what is pushed about them later', async () => {
    const { engine, server } = await makeOnline();
    change(server, EntryType.Reaction, 500, '+👍');
    await showLog(engine, CHAT, 500);
    const push = (entry: Entry) => engine.onPush({ kind: 'pushMessage', entries: [entry] });
    push(change(server, EntryType.Reaction, 500, '+👍', OTHER));
    push(change(server, EntryType.Reaction, 500, '-👍'));
    push(change(server, EntryType.Edit, 501, 'edited'));
    push(change(server, EntryType.Recall, 502));
    await eventually(() => expect(message(502)?.recalledSeq).toBe(1_505));
    expect(message(500)?.reactions).toEqual([{ reaction: '👍', users: [OTHER], others: 0 }]);
    expect(message(501)?.text).toBe('edited');
    expect(range()).toEqual([460, 540]);
  });

  it('count a reaction once that comes while they are read', async () => {
    const { engine, server, session } = await makeOnline();
    let reacted = false;
    session.fault = (body) => {
      if (body.kind === 'historyRequest' && body.direction === 'forward' && body.seq >= 1_500 && !reacted) {
        reacted = true;
        const entry = change(server, EntryType.Reaction, 500, '+👍');
        engine.onPush({ kind: 'pushMessage', entries: [entry] });
      }
      return 'answer';
    };
    await showLog(engine, CHAT, 500);
    expect(reacted).toBe(true);
    expect(message(500)?.reactions).toMatchObject([{ users: [], others: 1 }]);
  });
});

describe('the end of a log', () => {
  it('shows what is held and brings the rest when it comes', async () => {
    const { engine, server, database } = await makeOnline(60);
    engine.detach();
    for (let seq = 0; seq < 20; seq += 1) server.store(makeEntry(CHAT, 61 + seq));
    applyEvent({ type: 'signedOut' });
    const again = await openDevice(database, restOf(server));
    await showLog(again.engine, CHAT);
    expect(range()).toEqual([1, 60]);
    again.engine.attach(new FakeSession(server));
    await eventually(() => expect(range()).toEqual([1, 80]));
  });

  it('is empty and not the beginning when nothing is held and nothing can be fetched', async () => {
    const { engine, server } = await makeOnline(60);
    const state = server.states.get(CHAT);
    engine.detach();
    if (state) engine.adopt({ ...state, conversationId: asConversationId('71') });
    expect(await engine.history.open(asConversationId('71'))).toMatchObject({ entries: [], first: false });
  });
});
