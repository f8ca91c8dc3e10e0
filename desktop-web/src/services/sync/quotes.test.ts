import { afterEach, describe, expect, it } from 'vitest';
import { ConversationType, EntryType } from '@/protocol/codes';
import { useChatStore } from '@/stores/chatStore';
import { closeDevices, openDevice, restOf, SELF } from '@/test/device';
import { eventually } from '@/test/eventually';
import { FakeServer } from '@/test/fakeServer';
import { FakeSession } from '@/test/fakeSession';
import { makeEntry, makeState } from '@/test/serverFrames';
import { asClientMessageId, asConversationId, type Seq } from '@/types/ids';
import type { QuotePage } from '@/types/quote';
import { foldLog } from '@/utils/fold';

const CHAT = asConversationId('70');

/** A server with a group of so many messages of which some are changed, a device that holds the newest 50 of them, and its session. */
async function makeOnline(tip: Seq, changes: readonly (readonly [EntryType, Seq, string])[] = []) {
  const server = new FakeServer(SELF);
  server.setState(makeState(CHAT, 0, { type: ConversationType.Group, peerId: null }));
  for (let seq = 1; seq <= tip; seq += 1) server.store(makeEntry(CHAT, seq));
  for (const [type, targetSeq, text] of changes) {
    const clientMessageId = asClientMessageId(`change ${type} ${targetSeq}`);
    server.store(makeEntry(CHAT, 0, { type, targetSeq, text, clientMessageId }));
  }
  const device = await openDevice(undefined, restOf(server));
  device.engine.attach(new FakeSession(server));
  await eventually(() => expect(useChatStore.getState().synced).toBe(true));
  const asked = server.received.length;
  const histories = () => server.received.slice(asked).filter(({ kind }) => kind === 'historyRequest');
  return { ...device, server, histories };
}

const seqs = ({ entries }: QuotePage) => entries.map(({ seq }) => seq).sort((a, b) => a - b);
const texts = ({ entries, about }: QuotePage) =>
  [...foldLog([...entries, ...about], [], SELF).values()].map(({ text, recalledSeq }) =>
    recalledSeq > 0 ? null : text,
  );

afterEach(closeDevices);

describe('messages that are answered', () => {
  it('come from this device when it holds them, also offline, edited and taken back as they are now', async () => {
    const { engine, histories } = await makeOnline(300, [
      [EntryType.Edit, 200, 'edited'],
      [EntryType.Edit, 202, 'said once more'],
      [EntryType.Recall, 202, ''],
      [EntryType.Reaction, 200, '+👍'],
    ]);
    engine.detach();
    const page = await engine.history.quotes(CHAT, [202, 200, 10, 200]);
    expect(texts(page)).toEqual(['message 10', 'edited', null]);
    expect(page.about.map(({ type }) => type)).not.toContain(EntryType.Reaction);
    expect(page.absent).toEqual([]);
    expect(histories()).toEqual([]);
  });

  it('come from the server when they are far away: those near each other with one request, without what lies between', async () => {
    const { engine, histories, storage } = await makeOnline(1_500, [[EntryType.Edit, 501, 'edited']]);
    const page = await engine.history.quotes(CHAT, [501, 3, 560, 5, 1_490]);
    expect(seqs(page)).toEqual([3, 5, 501, 560, 1_490]);
    expect(texts(page)).toContain('edited');
    expect(histories()).toHaveLength(2);
    expect(await storage.entries(CHAT, 1, 1_400)).toEqual([]);
  });

  it('come in parts where they are large', async () => {
    const { engine, server, histories } = await makeOnline(1_500);
    server.pageEntries = 7;
    expect(seqs(await engine.history.quotes(CHAT, [500, 510]))).toEqual([500, 510]);
    expect(histories()).toHaveLength(2);
  });

  it('are not there when they do not exist or were before the time of the user, which nobody is asked for', async () => {
    const { engine, server, histories } = await makeOnline(1_500);
    const state = server.states.get(CHAT);
    if (state) engine.adopt({ ...state, fromSeq: 700 });
    expect(await engine.history.quotes(CHAT, [700, 4])).toMatchObject({ entries: [], absent: [4, 700] });
    expect(histories()).toEqual([]);
    expect(await engine.history.quotes(CHAT, [9_999])).toMatchObject({ entries: [], absent: [9_999] });
  });

  it('are neither there nor absent when this device does not hold them and has no session', async () => {
    const { engine } = await makeOnline(1_500);
    engine.detach();
    const page = await engine.history.quotes(CHAT, [500, 1_490]);
    expect(seqs(page)).toEqual([1_490]);
    expect(page.absent).toEqual([]);
  });
});
