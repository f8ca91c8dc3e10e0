import { asConversationId } from '@/types/ids';
import type { Emit } from '@/types/event';
import type { PageMessage, WorkerMessage } from '@/types/worker';
import { report } from '@/utils/report';

/** How often a page that is open for long looks for a newer version, milliseconds. */
const UPDATE_INTERVAL_MS = 60 * 60_000;

/** A worker that does not answer by then is one that knows nothing of versions. */
const ANSWER_MS = 3_000;

export interface PageParts {
  readonly container: ServiceWorkerContainer;
  /** The script that this page was started by: its name says which version it is. */
  readonly entry: string;
  readonly emit: Emit;
  readonly reload: () => void;
  readonly onPushChanged: () => void;
}

/**
 * Has the service worker installed. A newer one waits until the page is of its version too: the page is always asked for on the network
 * first, so loading it anew is all it takes. All tabs have to be of one version, because they work together: when a worker takes over,
 * those that are not seen load themselves anew.
 */
export async function startServiceWorker(parts: PageParts): Promise<void> {
  const { container, emit } = parts;
  let hadWorker = container.controller !== null;
  container.addEventListener('message', ({ data, ports }) => onMessage(data as WorkerMessage, ports, parts));
  container.addEventListener('controllerchange', () => {
    if (hadWorker && container.controller) void tookOver(container.controller, parts);
    hadWorker = true;
  });
  const registration = await container.register('/sw.js', { updateViaCache: 'none' });
  const look = () => void lookAt(registration.waiting, parts);
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', look);
  });
  look();
  setInterval(
    () =>
      registration.update().catch((error: unknown) => report('no newer version could be looked for', error)),
    UPDATE_INTERVAL_MS,
  );

  async function lookAt(waiting: ServiceWorker | null, { entry }: PageParts): Promise<void> {
    if (!waiting || !container.controller) return;
    if ((await versionOf(waiting)) !== entry) return emit({ type: 'updateFound' });
    waiting.postMessage({ kind: 'takeOver' } satisfies PageMessage);
  }
}

async function tookOver(worker: ServiceWorker, { entry, emit, reload }: PageParts): Promise<void> {
  if ((await versionOf(worker)) === entry) return;
  if (document.visibilityState === 'hidden') reload();
  else emit({ type: 'updateFound' });
}

function onMessage(
  message: WorkerMessage,
  ports: readonly MessagePort[],
  { emit, onPushChanged }: PageParts,
): void {
  switch (message.kind) {
    case 'pushSubscriptionChanged':
      return onPushChanged();
    case 'addressAsked':
      return ports[0]?.postMessage(location.href);
    case 'notificationClicked': {
      const { conversationId, seq } = message.target;
      emit({ type: 'notificationClicked', conversationId: asConversationId(conversationId), seq });
    }
  }
}

/** The entry script of a worker's version; null when it does not say. */
function versionOf(worker: ServiceWorker): Promise<string | null> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), ANSWER_MS);
    port1.onmessage = (event) => resolve(event.data as string);
    worker.postMessage({ kind: 'versionAsked' } satisfies PageMessage, [port2]);
  });
}

/** The script that index.html starts, as its path. */
export function entryScript(): string {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  return script ? new URL(script.src).pathname : '';
}
