import { describe, expect, it, vi } from 'vitest';
import type { Outgoing } from '@/protocol/frames';
import { createUuid } from '@/protocol/uuid';
import { openStorage } from '@/services/storage/openStorage';
import { NO_REST, SELF } from '@/test/device';
import { eventually } from '@/test/eventually';
import { FakeServer } from '@/test/fakeServer';
import { FakeSession } from '@/test/fakeSession';
import { makeConversation } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import type { ClientEvent } from '@/types/event';
import { asConversationId, asUserId } from '@/types/ids';
import { OutgoingMessages } from './outgoingMessages';
import type { FileUpload } from './uploads';

const CHAT = asConversationId('70');
let user = 500;

async function open(tip: number, upload = NO_REST.upload) {
  user += 1;
  const events: ClientEvent[] = [];
  const storage = await openStorage(asUserId(`${user}`));
  const logs = { stored: vi.fn(), learned: vi.fn(), tip: () => tip };
  const outgoing = new OutgoingMessages(
    asUserId(`${user}`),
    storage,
    (event) => events.push(event),
    logs,
    upload,
  );
  return { storage, outgoing, events };
}

/** A tab asks a second time for what it does not know the fate of: the tab that took over may have it already. */
describe('a message with the id that the writing tab gave it', () => {
  it('is queued once, however often it is asked for', async () => {
    const { outgoing, events, storage } = await open(0);
    const id = createUuid(Date.now());
    await outgoing.load();
    await Promise.all([outgoing.send(CHAT, 'hello', { id }), outgoing.send(CHAT, 'hello', { id })]);
    await outgoing.react(CHAT, 1, '👍', false, id);
    expect(events).toMatchObject([{ type: 'messageQueued', message: { clientMessageId: id } }]);
    expect(await storage.outbox()).toHaveLength(1);
  });

  it('is not queued again after it was discarded or settled', async () => {
    const { outgoing, events } = await open(0);
    const id = createUuid(Date.now() + 1_000);
    await outgoing.load();
    await outgoing.send(CHAT, 'hello', { id });
    outgoing.settled(CHAT, [makeEntry(CHAT, 1, { clientMessageId: id })]);
    await outgoing.send(CHAT, 'hello', { id });
    expect(events.map(({ type }) => type)).toEqual(['messageQueued']);
  });

  it('is not queued when it waits from before', async () => {
    const { outgoing, events, storage } = await open(0);
    const id = createUuid(Date.now());
    await outgoing.send(CHAT, 'hello', { id });
    const next = new OutgoingMessages(
      asUserId(`${user}`),
      storage,
      (event) => events.push(event),
      {
        stored: vi.fn(),
        learned: vi.fn(),
        tip: () => 0,
      },
      NO_REST.upload,
    );
    await next.load();
    await next.send(CHAT, 'hello', { id });
    expect(events.map(({ type }) => type)).toEqual(['messageQueued']);
  });

  it('is not queued when it is in the log', async () => {
    const { outgoing, events, storage } = await open(2);
    const id = createUuid(Date.now());
    await storage.saveEntries(
      { id: CHAT, conversation: makeConversation(CHAT, 2), held: { from: 1, to: 2 }, serverReadSeq: 0 },
      [makeEntry(CHAT, 1, { clientMessageId: id }), makeEntry(CHAT, 2)],
    );
    await outgoing.load();
    await outgoing.send(CHAT, 'hello', { id });
    await outgoing.edit(CHAT, 1, 'hello again', [], id);
    expect(events).toEqual([]);
  });

  it('is not overtaken by what was written later', async () => {
    const { outgoing, events } = await open(0);
    const early = createUuid(Date.now() - 1_000);
    await outgoing.load();
    const late = createUuid(Date.now() + 1_000);
    await Promise.all([
      outgoing.send(CHAT, 'early', { id: early }),
      outgoing.send(CHAT, 'late', { id: late }),
    ]);
    expect(events).toMatchObject([{ message: { text: 'early' } }, { message: { text: 'late' } }]);
  });
});

/** D15, H5: while a full disk makes room for one, it refuses the next at once. */
describe('what has to wait until it is kept', () => {
  async function openFull() {
    const uploads: string[] = [];
    const device = await open(0, (_content, { name }: FileUpload) => {
      uploads.push(name);
      return new Promise(() => undefined);
    });
    await device.outgoing.load();
    const session = new FakeSession(new FakeServer(SELF));
    const texts: string[] = [];
    session.fault = (body: Outgoing) => {
      if (body.kind === 'userMessage') texts.push(...body.messages.map(({ text }) => text));
      return 'lose';
    };
    device.outgoing.attach(session);
    let makeRoom: () => void = () => undefined;
    const room = new Promise<void>((resolve) => {
      makeRoom = resolve;
    });
    const save = device.storage.savePending.bind(device.storage);
    vi.spyOn(device.storage, 'savePending').mockImplementationOnce((item, file) =>
      room.then(() => save(item, file)),
    );
    return { ...device, uploads, texts, makeRoom };
  }
  const picture = (name: string) => new File(['png'], name, { type: 'image/png' });

  it('keeps its place before the texts after it', async () => {
    const { outgoing, texts, makeRoom } = await openFull();
    const sent = [outgoing.send(CHAT, 'one'), outgoing.send(CHAT, 'two')];
    await outgoing.send(asConversationId('71'), 'of nobody else');
    expect(texts).toEqual(['of nobody else']);
    makeRoom();
    await Promise.all(sent);
    outgoing.detach();
    expect(texts.slice(1, 2)).toEqual(['one']);
  });

  it('keeps its place before the files after it, while texts overtake it', async () => {
    const { outgoing, uploads, texts, makeRoom } = await openFull();
    const sent = [
      outgoing.sendFile(CHAT, picture('one.png'), { width: 4, height: 3 }),
      outgoing.sendFile(CHAT, picture('two.png'), { width: 4, height: 3 }),
    ];
    await outgoing.send(CHAT, 'a text');
    expect(texts).toEqual(['a text']);
    makeRoom();
    await Promise.all(sent);
    await eventually(() => expect(uploads).toEqual(['one.png']));
    outgoing.close();
  });
});
