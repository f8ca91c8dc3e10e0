import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '@/test/eventually';
import { dialWebTransport } from './webTransport';

const TARGET = { url: 'https://a/im/v1', certificateHashes: ['00ff'] };

/** The browser's part: streams in memory, of which the test holds the other ends. */
class FakeWebTransport {
  static last: FakeWebTransport;
  readonly ready = Promise.resolve();
  readonly closed = new Promise<WebTransportCloseInfo>(() => undefined);
  readonly toClient = new TransformStream<Uint8Array, Uint8Array>();
  readonly sent: Uint8Array[] = [];
  /** Resolves the write that is under way. */
  written: () => void = () => undefined;
  readonly datagrams = {
    maxDatagramSize: 8,
    readable: this.toClient.readable,
    writable: new WritableStream<Uint8Array>({
      write: (datagram) => {
        this.sent.push(datagram);
        return new Promise((resolve) => (this.written = resolve));
      },
    }),
  };
  readonly incomingUnidirectionalStreams = new ReadableStream();
  readonly close = vi.fn();

  constructor() {
    FakeWebTransport.last = this;
  }

  createBidirectionalStream() {
    return Promise.resolve({ readable: new ReadableStream(), writable: new WritableStream() });
  }
}

async function open() {
  vi.stubGlobal('WebTransport', FakeWebTransport);
  const listener = { onFrame: vi.fn(), onDatagram: vi.fn(), onClosed: vi.fn() };
  const transport = await dialWebTransport(TARGET, listener, new AbortController().signal);
  return { transport, listener, browser: FakeWebTransport.last };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A20, [T5] */
describe('datagrams over WebTransport', () => {
  it('hands over what arrives', async () => {
    const { listener, browser } = await open();
    const datagram = Uint8Array.of(1, 2, 3);
    await browser.toClient.writable.getWriter().write(datagram);
    await eventually(() => expect(listener.onDatagram).toHaveBeenCalledExactlyOnceWith(datagram));
    expect(listener.onFrame).not.toHaveBeenCalled();
  });

  it('sends what fits and leaves the rest to the stream', async () => {
    const { transport, browser } = await open();
    expect(transport.sendDatagram(new Uint8Array(9))).toBe(false);
    expect(transport.sendDatagram(Uint8Array.of(1))).toBe(true);
    await eventually(() => expect(browser.sent).toEqual([Uint8Array.of(1)]));
  });

  it('loses what the network does not take, instead of queueing it', async () => {
    const { transport, browser } = await open();
    for (const number of [1, 2, 3]) expect(transport.sendDatagram(Uint8Array.of(number))).toBe(true);
    await eventually(() => expect(browser.sent).toHaveLength(1));
    browser.written();
    await eventually(() => {
      transport.sendDatagram(Uint8Array.of(4));
      expect(browser.sent).toEqual([Uint8Array.of(1), Uint8Array.of(4)]);
    });
  });

  it('goes on without them when they end', async () => {
    const { listener, browser } = await open();
    await browser.toClient.writable.abort(new Error('gone'));
    await Promise.resolve();
    expect(listener.onClosed).not.toHaveBeenCalled();
  });
});
