import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '@/test/eventually';
import type { ClientEvent } from '@/types/event';
import type { PageMessage, WorkerMessage } from '@/types/worker';
import { startServiceWorker } from './serviceWorker';

/** A worker of a version, which answers as ours do. */
class FakeWorker extends EventTarget {
  readonly told: PageMessage['kind'][] = [];
  constructor(private readonly entry: string) {
    super();
  }
  postMessage(message: PageMessage, ports: readonly MessagePort[] = []): void {
    this.told.push(message.kind);
    if (message.kind === 'versionAsked') ports[0]?.postMessage(this.entry);
  }
}

class FakeContainer extends EventTarget {
  controller: FakeWorker | null = null;
  readonly registration = Object.assign(new EventTarget(), {
    installing: null as FakeWorker | null,
    waiting: null as FakeWorker | null,
    update: () => Promise.resolve(),
  });
  register = vi.fn(() => Promise.resolve(this.registration));

  /** A newer one was installed and waits. */
  install(worker: FakeWorker): void {
    this.registration.installing = worker;
    this.registration.dispatchEvent(new Event('updatefound'));
    this.registration.waiting = worker;
    worker.dispatchEvent(new Event('statechange'));
  }

  takeOver(worker: FakeWorker): void {
    this.controller = worker;
    this.dispatchEvent(new Event('controllerchange'));
  }

  tell(message: WorkerMessage, ports: MessagePort[] = []): void {
    this.dispatchEvent(new MessageEvent('message', { data: message, ports }));
  }
}

async function start(controller: string | null, waiting: string | null = null) {
  const container = new FakeContainer();
  container.controller = controller === null ? null : new FakeWorker(controller);
  container.registration.waiting = waiting === null ? null : new FakeWorker(waiting);
  const events: ClientEvent[] = [];
  const reload = vi.fn();
  const onPushChanged = vi.fn();
  await startServiceWorker({
    container: container as unknown as ServiceWorkerContainer,
    entry: '/assets/index-1.js',
    emit: (event) => events.push(event),
    reload,
    onPushChanged,
  });
  return { container, events, reload, onPushChanged };
}

// A worker that does not answer in 3 s counts as an old one. Time passes only while something is waited for, so that one that answers at
// once is never late, however long the machine stands still.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the service worker of a page', () => {
  it('is never taken from a cache of HTTP', async () => {
    const { container } = await start(null);
    expect(container.register).toHaveBeenCalledExactlyOnceWith('/sw.js', { updateViaCache: 'none' });
  });

  it('waits when it is newer, and the page says so', async () => {
    const { container, events } = await start('/assets/index-1.js');
    const newer = new FakeWorker('/assets/index-2.js');
    container.install(newer);
    await eventually(() => expect(events).toEqual([{ type: 'updateFound' }]));
    expect(newer.told).not.toContain('takeOver');
  });

  it('takes over when the page is of its version by now', async () => {
    const { container, events } = await start('/assets/index-0.js', '/assets/index-1.js');
    await eventually(() => expect(container.registration.waiting?.told).toContain('takeOver'));
    expect(events).toEqual([]);
  });

  it('loads a page anew that nobody sees, when another version took over', async () => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    const { container, reload } = await start('/assets/index-1.js');
    container.takeOver(new FakeWorker('/assets/index-2.js'));
    await eventually(() => expect(reload).toHaveBeenCalledOnce());
  });

  it('does not take a page away that somebody sees', async () => {
    const { container, events, reload } = await start('/assets/index-1.js');
    container.takeOver(new FakeWorker('/assets/index-2.js'));
    await eventually(() => expect(events).toEqual([{ type: 'updateFound' }]));
    expect(reload).not.toHaveBeenCalled();
  });

  it('is no news the first time', async () => {
    const { container, events, reload } = await start(null);
    const first = new FakeWorker('/assets/index-1.js');
    container.takeOver(first);
    expect(first.told).toEqual([]);
    expect([...events, reload.mock.calls.length]).toEqual([0]);
  });

  it('answers where it is, which a worker cannot see', async () => {
    const { container } = await start('/assets/index-1.js');
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
    container.tell({ kind: 'addressAsked' }, [port2]);
    await expect(answer).resolves.toBe(location.href);
    port1.close();
  });

  it('tells what was clicked, and that pushes come another way', async () => {
    const { container, events, onPushChanged } = await start('/assets/index-1.js');
    container.tell({ kind: 'notificationClicked', target: { conversationId: '70', seq: 12 } });
    container.tell({ kind: 'pushSubscriptionChanged' });
    expect(events).toEqual([{ type: 'notificationClicked', conversationId: '70', seq: 12 }]);
    expect(onPushChanged).toHaveBeenCalledOnce();
  });
});
