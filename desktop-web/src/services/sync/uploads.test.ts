import { afterEach, describe, expect, it, vi } from 'vitest';
import { Code, ConversationType, EntryType } from '@/protocol/codes';
import { MAX_FILE } from '@/protocol/limits';
import { ApiError } from '@/services/api/apiError';
import { applyEvent } from '@/stores/applyEvent';
import { useChatStore } from '@/stores/chatStore';
import { closeDevices, NO_REST, openDevice, SELF, showLog, type Device } from '@/test/device';
import { eventually } from '@/test/eventually';
import { FakeServer } from '@/test/fakeServer';
import { FakeSession } from '@/test/fakeSession';
import { makeState } from '@/test/serverFrames';
import type { FileInfo } from '@/types/file';
import { asClientMessageId, asConversationId, type ConversationId } from '@/types/ids';
import type { FileUpload } from './uploads';

const CHAT = asConversationId('70');
const OTHER = asConversationId('71');

const chat = () => useChatStore.getState();
const pending = (id: ConversationId = CHAT) => chat().pending[id] ?? [];
const shown = () => chat().logs[CHAT]?.entries.map(({ type, text }) => [type, text]) ?? [];
/** With a blob of Node, because those of jsdom lose their content when IndexedDB clones them. */
async function makeFile(name: string): Promise<File> {
  const content = await new Response('content', { headers: { 'Content-Type': 'text/plain' } }).blob();
  return Object.assign(content, { name }) as File;
}

interface Arrival extends FileUpload {
  resolve(): void;
  reject(error: Error): void;
}

/** A store of files whose answers a test gives by hand; it stores by key. */
class FakeFiles {
  readonly arrivals: Arrival[] = [];
  readonly stored = new Map<string, FileInfo>();

  readonly upload = (content: Blob, upload: FileUpload): Promise<FileInfo> =>
    new Promise((resolve, reject) => {
      upload.signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      this.arrivals.push({
        ...upload,
        reject,
        resolve: () => {
          const file = this.stored.get(upload.key) ?? {
            fileId: `f${this.stored.size + 1}`,
            name: upload.name,
            mime: 'text/plain',
            size: content.size,
            sha256: '',
            createdAt: 0,
            url: '',
          };
          this.stored.set(upload.key, file);
          resolve(file);
        },
      });
    });

  /** Waits until so many uploads were begun and gives the last one. */
  async arrival(count: number): Promise<Arrival> {
    await eventually(() => expect(this.arrivals).toHaveLength(count));
    const last = this.arrivals.at(-1);
    if (!last) throw new Error('nothing came');
    return last;
  }
}

function makeServer(): FakeServer {
  const server = new FakeServer(SELF);
  for (const id of [CHAT, OTHER])
    server.setState(makeState(id, 0, { type: ConversationType.Group, peerId: null }));
  return server;
}

async function makeOnline(server = makeServer(), files = new FakeFiles()) {
  const device = await openDevice(undefined, { ...NO_REST, upload: files.upload });
  device.engine.attach(new FakeSession(server));
  await eventually(() => expect(chat().synced).toBe(true));
  await showLog(device.engine, CHAT);
  return { ...device, server, files };
}

const send = ({ engine }: Pick<Device, 'engine'>, file: File, id: ConversationId = CHAT) =>
  engine.outgoing.sendFile(id, file, {});

afterEach(() => {
  closeDevices();
  vi.useRealTimers();
});

/** D15, H5 */
describe('a file', () => {
  it('shows as a pending message at once, and is sent when it is up, while texts overtake it', async () => {
    const device = await makeOnline();
    await send(device, await makeFile('notes.txt'));
    await device.engine.outgoing.send(CHAT, 'a text');
    expect(pending()[0]).toMatchObject({
      state: 'sending',
      text: '',
      upload: { name: 'notes.txt', size: 7, mime: 'text/plain' },
    });
    await eventually(() => expect(shown()).toEqual([[EntryType.Text, 'a text']]));
    (await device.files.arrival(1)).resolve();
    await eventually(() => expect(pending()).toEqual([]));
    const about = JSON.stringify({ fileId: 'f1', name: 'notes.txt', mime: 'text/plain', size: 7 });
    expect(shown()[1]).toEqual([EntryType.File, about]);
    await eventually(async () => expect(await device.storage.outbox()).toEqual([]));
    expect(
      await device.engine.outgoing.file(
        device.server.logs.get(CHAT)?.[1]?.clientMessageId ?? asClientMessageId(''),
      ),
    ).toBeUndefined();
  });

  it('tells its progress ten times a second at most, and its end', async () => {
    const device = await makeOnline();
    await send(device, await makeFile('notes.txt'));
    const { onProgress, key } = await device.files.arrival(1);
    vi.useFakeTimers({ toFake: ['Date'] });
    const seen: number[] = [];
    const stop = useChatStore.subscribe((state) => {
      const sent = state.uploads[asClientMessageId(key)]?.sent ?? 0;
      if (sent !== seen.at(-1)) seen.push(sent);
    });
    for (let sent = 1; sent <= 100; sent += 1) {
      vi.advanceTimersByTime(10);
      onProgress(sent, 100);
    }
    stop();
    expect(seen).toHaveLength(11);
    expect(seen.at(-1)).toBe(100);
  });

  it('waits for its turn in its conversation, but not for other conversations', async () => {
    const device = await makeOnline();
    await send(device, await makeFile('one.txt'));
    await send(device, await makeFile('two.txt'));
    await send(device, await makeFile('other.txt'), OTHER);
    await device.files.arrival(2);
    expect(device.files.arrivals.map(({ name }) => name)).toEqual(['one.txt', 'other.txt']);
    device.files.arrivals[0]?.resolve();
    expect((await device.files.arrival(3)).name).toBe('two.txt');
  });

  it('goes up again under the same key after a break, so that there is one message', async () => {
    const device = await makeOnline();
    await send(device, await makeFile('notes.txt'));
    const lost = await device.files.arrival(1);
    device.engine.detach();
    lost.reject(ApiError.unreachable());
    await device.storage.outbox();
    device.engine.attach(new FakeSession(device.server));
    const again = await device.files.arrival(2);
    expect(again.key).toBe(lost.key);
    again.resolve();
    await eventually(() => expect(pending()).toEqual([]));
    expect(device.server.logs.get(CHAT)).toHaveLength(1);
  });

  it('is tried again after a while when the server is busy', async () => {
    const device = await makeOnline();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await send(device, await makeFile('notes.txt'));
    (await device.files.arrival(1)).reject(new ApiError(Code.Unavailable, '', 503));
    while (device.files.arrivals.length < 2) await vi.advanceTimersByTimeAsync(500);
    expect(pending()).toMatchObject([{ state: 'sending' }]);
  });

  it('that was chosen offline goes up after a reload', async () => {
    const device = await makeOnline();
    device.engine.detach();
    await send(device, await makeFile('notes.txt'));
    applyEvent({ type: 'signedOut' });
    const again = await openDevice(device.database, { ...NO_REST, upload: device.files.upload });
    expect(pending()).toMatchObject([{ upload: { name: 'notes.txt' }, state: 'sending' }]);
    expect(
      await again.engine.outgoing.file(pending()[0]?.clientMessageId ?? asClientMessageId('')),
    ).toBeDefined();
    again.engine.attach(new FakeSession(device.server));
    (await device.files.arrival(1)).resolve();
    await eventually(() => expect(device.server.logs.get(CHAT)).toHaveLength(1));
    await eventually(() => expect(pending()).toEqual([]));
  });

  it('is given up when it is discarded on its way', async () => {
    const device = await makeOnline();
    await send(device, await makeFile('one.txt'));
    await send(device, await makeFile('two.txt'));
    const { signal, key } = await device.files.arrival(1);
    await device.engine.outgoing.discard(asClientMessageId(key));
    expect(signal.aborted).toBe(true);
    expect(pending()).toMatchObject([{ upload: { name: 'two.txt' } }]);
    (await device.files.arrival(2)).resolve();
    await eventually(() => expect(device.server.logs.get(CHAT)).toHaveLength(1));
    expect(await device.engine.outgoing.file(asClientMessageId(key))).toBeUndefined();
  });

  /** H13 */
  it('that is refused shows why, and goes up again when asked', async () => {
    const device = await makeOnline();
    await send(device, await makeFile('notes.txt'));
    const arrival = await device.files.arrival(1);
    arrival.reject(new ApiError(Code.FileTypeRefused, '', 400));
    await eventually(() =>
      expect(pending()).toMatchObject([{ state: 'failed', failure: Code.FileTypeRefused }]),
    );
    await device.engine.outgoing.resend(asClientMessageId(arrival.key));
    (await device.files.arrival(2)).resolve();
    await eventually(() => expect(pending()).toEqual([]));
  });

  it('that is too large is refused before it goes up', async () => {
    const device = await makeOnline();
    const large = await makeFile('film.bin');
    Object.defineProperty(large, 'size', { value: MAX_FILE + 1 });
    await send(device, large);
    expect(pending()).toMatchObject([{ state: 'failed', failure: Code.FileTooLarge }]);
    expect(device.files.arrivals).toEqual([]);
  });

  it('ends with the page, and is kept for the next one', async () => {
    const device = await makeOnline();
    await send(device, await makeFile('notes.txt'));
    const { signal } = await device.files.arrival(1);
    device.engine.close();
    expect(signal.aborted).toBe(true);
    expect(await device.storage.outbox()).toHaveLength(1);
  });
});
