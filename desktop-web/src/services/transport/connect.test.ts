import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Endpoint, PathAttempt, TransportKind } from '@/types/connection';
import { connect, HEAD_START_MS, OPENING_LIMIT_MS, type Dialers } from './connect';
import type { Dial, Transport } from './transport';
import { TransportMemory } from './transportMemory';

const ENDPOINT: Endpoint = {
  nodeId: 'access-1',
  webTransport: { url: 'https://a/im/v1', certificateHashes: ['ab'] },
  webSocket: { url: 'ws://a/im/v1' },
};
const LISTENER = { onFrame: () => undefined, onDatagram: () => undefined, onClosed: () => undefined };
const FIVE_MINUTES = 5 * 60_000;

function transport(kind: TransportKind) {
  return { kind, send: vi.fn(), sendDatagram: () => false, close: vi.fn() } satisfies Transport;
}

const opens =
  (kind: TransportKind, afterMs = 0): Dial<unknown> =>
  (_target, _listener, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      setTimeout(() => resolve(transport(kind)), afterMs);
    });
const fails: Dial<unknown> = () => Promise.reject(new Error('refused'));
/** As over a path that swallows UDP, or a CONNECT that is never answered. */
const hangs: Dial<unknown> = (_target, _listener, signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

const memories = () => {
  const kept = new Map<string, string>();
  return {
    kept,
    /** What a tab or a page that is loaded anew remembers. */
    page: () =>
      new TransportMemory({
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => void kept.set(key, value),
        removeItem: (key) => void kept.delete(key),
      }),
  };
};

/** A browser that connects; what it tried is counted. */
function makeBrowser(webTransport: Dial<unknown> | null, webSocket: Dial<unknown> = opens('webSocket')) {
  const dialers = {
    webTransport: webTransport && vi.fn(webTransport),
    webSocket: vi.fn(webSocket),
  } satisfies Dialers;
  const tried: (readonly PathAttempt[])[] = [];
  const { kept, page } = memories();
  let memory = page();
  return {
    dialers,
    tried,
    kept,
    memory: () => memory,
    reload: () => (memory = page()),
    connect: (endpoint: Endpoint = ENDPOINT) =>
      connect(endpoint, LISTENER, { memory, dialers, onTried: (paths) => tried.push(paths) }),
    async connected(endpoint: Endpoint = ENDPOINT) {
      const opening = this.connect(endpoint);
      await vi.advanceTimersByTimeAsync(HEAD_START_MS + 100);
      return (await opening).kind;
    },
  };
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
describe('the race to a node', () => {
  it('is won by WebTransport where it works, and WebSocket never starts', async () => {
    const browser = makeBrowser(opens('webTransport', HEAD_START_MS - 1));
    await expect(browser.connected()).resolves.toBe('webTransport');
    expect(browser.dialers.webSocket).not.toHaveBeenCalled();
  });

  it('is left to WebSocket where the browser has no WebTransport', async () => {
    const browser = makeBrowser(null);
    await expect(browser.connected()).resolves.toBe('webSocket');
    expect(browser.tried[0]?.map(({ outcome }) => outcome)).toEqual(['unavailable', 'opened']);
  });

  it('is left to WebSocket where the node offers no WebTransport', async () => {
    const browser = makeBrowser(opens('webTransport'));
    await expect(browser.connected({ ...ENDPOINT, webTransport: null })).resolves.toBe('webSocket');
    expect(browser.dialers.webTransport).not.toHaveBeenCalled();
  });

  it('starts WebSocket at once when WebTransport fails', async () => {
    const browser = makeBrowser(fails);
    const opening = browser.connect();
    await vi.advanceTimersByTimeAsync(1);
    await expect(opening).resolves.toMatchObject({ kind: 'webSocket' });
  });

  it('starts WebSocket beside a WebTransport that does not answer in a second', async () => {
    const browser = makeBrowser(hangs);
    const opening = browser.connect();
    await vi.advanceTimersByTimeAsync(HEAD_START_MS - 1);
    expect(browser.dialers.webSocket).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(browser.dialers.webSocket).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(1);
    await expect(opening).resolves.toMatchObject({ kind: 'webSocket' });
    expect(browser.tried[0]?.map(({ transport, outcome }) => [transport, outcome])).toEqual([
      ['webSocket', 'opened'],
      ['webTransport', 'late'],
    ]);
  });

  it('is won by a slow WebTransport when WebSocket is slower', async () => {
    const browser = makeBrowser(opens('webTransport', 1_500), opens('webSocket', 1_000));
    const opening = browser.connect();
    await vi.advanceTimersByTimeAsync(1_500);
    await expect(opening).resolves.toMatchObject({ kind: 'webTransport' });
    expect(browser.kept.size).toBe(0);
  });

  it('gives the loser up, and closes it cleanly if it opens in the same moment', async () => {
    const late = transport('webTransport');
    let aborted = false;
    const browser = makeBrowser((_target, _listener, signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise((resolve) => setTimeout(() => resolve(late), 1_500));
    });
    await expect(browser.connected()).resolves.toBe('webSocket');
    expect(aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(late.close).toHaveBeenCalledExactlyOnceWith(1000, expect.anything());
  });

  it('gives each opening a limit of its own', async () => {
    const browser = makeBrowser(hangs, hangs);
    const opening = expect(browser.connect()).rejects.toThrow('no transport');
    await vi.advanceTimersByTimeAsync(HEAD_START_MS + OPENING_LIMIT_MS);
    await opening;
    expect(browser.tried[0]?.map(({ outcome, ms }) => [outcome, ms])).toEqual([
      ['failed', OPENING_LIMIT_MS],
      ['failed', OPENING_LIMIT_MS],
    ]);
  });
});

/** [T4], A19 */
describe('what a race leaves behind', () => {
  it('keeps to WebSocket for five minutes after two losses in a row', async () => {
    const browser = makeBrowser(fails);
    for (let attempt = 0; attempt < 5; attempt += 1) await browser.connected();
    expect(browser.dialers.webTransport).toHaveBeenCalledTimes(2);
    expect(browser.tried.at(-1)?.[0]).toMatchObject({ transport: 'webTransport', outcome: 'avoided' });
    await vi.advanceTimersByTimeAsync(FIVE_MINUTES);
    await browser.connected();
    expect(browser.dialers.webTransport).toHaveBeenCalledTimes(3);
  });

  it('remembers a loss by time like a failure', async () => {
    const browser = makeBrowser(hangs);
    for (let attempt = 0; attempt < 3; attempt += 1) await browser.connected();
    expect(browser.dialers.webTransport).toHaveBeenCalledTimes(2);
  });

  it('is known after a reload and in other tabs', async () => {
    const browser = makeBrowser(fails);
    await browser.connected();
    browser.reload();
    await browser.connected();
    browser.reload();
    await browser.connected();
    expect(browser.dialers.webTransport).toHaveBeenCalledTimes(2);
  });

  it('is kept by node', async () => {
    const browser = makeBrowser(fails);
    for (let attempt = 0; attempt < 2; attempt += 1) await browser.connected();
    const other = { ...ENDPOINT, webTransport: { url: 'https://b/im/v1', certificateHashes: [] } };
    await browser.connected(other);
    expect(browser.dialers.webTransport).toHaveBeenCalledTimes(3);
  });

  it('is forgotten on another network', async () => {
    const browser = makeBrowser(fails);
    for (let attempt = 0; attempt < 2; attempt += 1) await browser.connected();
    browser.memory().forget();
    await browser.connected();
    expect(browser.dialers.webTransport).toHaveBeenCalledTimes(3);
  });

  it('is forgotten when WebTransport wins', async () => {
    const browser = makeBrowser(fails);
    await browser.connected();
    browser.dialers.webTransport?.mockImplementationOnce(opens('webTransport'));
    await browser.connected();
    await browser.connected();
    expect(browser.memory().mayTryWebTransport('https://a', Date.now())).toBe(true);
  });

  it('is nothing while there is no network at all', async () => {
    const browser = makeBrowser(fails, fails);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(browser.connect()).rejects.toThrow('no transport');
    }
    expect(browser.kept.size).toBe(0);
    expect(browser.dialers.webTransport).toHaveBeenCalledTimes(5);
  });

  it('spares a browser that slows failing WebTransport down after six attempts without any network', async () => {
    const browser = makeBrowser(fails, fails);
    for (let attempt = 0; attempt < 9; attempt += 1) {
      await expect(browser.connect()).rejects.toThrow('no transport');
    }
    expect(browser.dialers.webTransport).toHaveBeenCalledTimes(6);
    browser.dialers.webSocket.mockImplementation(opens('webSocket'));
    await browser.connected();
    browser.dialers.webTransport?.mockImplementation(opens('webTransport'));
    await expect(browser.connected()).resolves.toBe('webTransport');
  });

  it('means nothing when what is kept is not its own', async () => {
    const browser = makeBrowser(opens('webTransport'));
    browser.kept.set('im-rs.transports', '{"https://a":7}');
    await expect(browser.connected()).resolves.toBe('webTransport');
  });
});
