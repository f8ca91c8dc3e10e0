import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Endpoint, TransportKind } from '@/types/connection';
import { connect, WEB_TRANSPORT_PATIENCE_MS, type Dialers } from './connect';
import type { Dial, Transport } from './transport';
import { TransportMemory } from './transportMemory';

const ENDPOINT: Endpoint = {
  nodeId: 'access-1',
  webTransport: { url: 'https://a/im/v1', certificateHashes: ['ab'] },
  webSocket: { url: 'ws://a/im/v1' },
};
const LISTENER = { onFrame: () => undefined, onDatagram: () => undefined, onClosed: () => undefined };

const opens =
  (kind: TransportKind): Dial<unknown> =>
  () =>
    Promise.resolve<Transport>({
      kind,
      send: () => undefined,
      sendDatagram: () => false,
      close: () => undefined,
    });
const fails: Dial<unknown> = () => Promise.reject(new Error('refused'));
/** As over a path that swallows UDP: no answer at all. */
const hangs: Dial<unknown> = (_target, _listener, signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

function dialers(webTransport: Dial<unknown> | null, webSocket: Dial<unknown> = opens('webSocket')) {
  return {
    webTransport: webTransport && vi.fn(webTransport),
    webSocket: vi.fn(webSocket),
  } satisfies Dialers;
}

beforeEach(() => {
  vi.useFakeTimers();
  // The timer of AbortSignal.timeout is the browser's own, which a fake clock does not move.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('timeout')), milliseconds);
    return controller.signal;
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** [T4], A3 */
describe('connecting to a node', () => {
  it('takes WebTransport where it works', async () => {
    const parts = dialers(opens('webTransport'));
    await expect(connect(ENDPOINT, LISTENER, new TransportMemory(), parts)).resolves.toMatchObject({
      kind: 'webTransport',
    });
    expect(parts.webSocket).not.toHaveBeenCalled();
  });

  it('takes WebSocket where the browser has no WebTransport', async () => {
    const parts = dialers(null);
    await expect(connect(ENDPOINT, LISTENER, new TransportMemory(), parts)).resolves.toMatchObject({
      kind: 'webSocket',
    });
  });

  it('takes WebSocket where the node offers no WebTransport', async () => {
    const parts = dialers(opens('webTransport'));
    const endpoint = { ...ENDPOINT, webTransport: null };
    await expect(connect(endpoint, LISTENER, new TransportMemory(), parts)).resolves.toMatchObject({
      kind: 'webSocket',
    });
    expect(parts.webTransport).not.toHaveBeenCalled();
  });

  it('falls back when WebTransport fails', async () => {
    await expect(connect(ENDPOINT, LISTENER, new TransportMemory(), dialers(fails))).resolves.toMatchObject({
      kind: 'webSocket',
    });
  });

  it('falls back when WebTransport does not answer in a second', async () => {
    const parts = dialers(hangs);
    const transport = connect(ENDPOINT, LISTENER, new TransportMemory(), parts);
    await vi.advanceTimersByTimeAsync(WEB_TRANSPORT_PATIENCE_MS - 1);
    expect(parts.webSocket).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await expect(transport).resolves.toMatchObject({ kind: 'webSocket' });
  });

  it('stays with WebSocket for five minutes after two failures in a row', async () => {
    const memory = new TransportMemory();
    const parts = dialers(fails);
    for (let attempt = 0; attempt < 5; attempt += 1) await connect(ENDPOINT, LISTENER, memory, parts);
    expect(parts.webTransport).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    await connect(ENDPOINT, LISTENER, memory, parts);
    expect(parts.webTransport).toHaveBeenCalledTimes(3);
  });

  it('forgets a failure after a success', async () => {
    const memory = new TransportMemory();
    await connect(ENDPOINT, LISTENER, memory, dialers(fails));
    await connect(ENDPOINT, LISTENER, memory, dialers(opens('webTransport')));
    await connect(ENDPOINT, LISTENER, memory, dialers(fails));
    expect(memory.mayTryWebTransport(Date.now())).toBe(true);
  });

  it('fails when nothing is left', async () => {
    await expect(connect(ENDPOINT, LISTENER, new TransportMemory(), dialers(fails, fails))).rejects.toThrow(
      'refused',
    );
  });
});
