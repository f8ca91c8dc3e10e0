import type { PageMessage, WorkerMessage } from '@/types/worker';
import { chosenLanguage } from './chosenLanguage';
import { pathOf, readPush, targetOf, toNotification, type WindowView } from './pushes';
import { Shell } from './shell';

declare const self: ServiceWorkerGlobalScope;

/** A page that is alive answers sooner, milliseconds. */
const ANSWER_MS = 500;

/** Put in by the build: the script that index.html starts, and all other files of this version. */
declare const __ENTRY__: string;
declare const __FILES__: readonly string[];

const shell = new Shell({
  entry: __ENTRY__,
  files: __FILES__,
  origin: self.location.origin,
  caches,
  fetch: (request, init) => fetch(request, init),
});

self.addEventListener('install', (event) => event.waitUntil(shell.install()));

// The first page that is ever loaded gets its offline copy at once; later versions take over when a page says so.
self.addEventListener('activate', (event) =>
  event.waitUntil(shell.activate().then(() => self.clients.claim())),
);

self.addEventListener('fetch', (event) => {
  const response = shell.respond(event.request);
  if (response) event.respondWith(response);
});

self.addEventListener('message', (event) => {
  const message = event.data as PageMessage;
  if (message.kind === 'versionAsked') event.ports[0]?.postMessage(__ENTRY__);
  else event.waitUntil(self.skipWaiting());
});

self.addEventListener('push', (event) => {
  const push = readPush(event.data?.text() ?? '');
  if (push) event.waitUntil(showPush(push));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});

self.addEventListener('pushsubscriptionchange', (event) => {
  event.waitUntil(subscribeAgain(event));
});

async function showPush(push: NonNullable<ReturnType<typeof readPush>>): Promise<void> {
  const language = await chosenLanguage(caches, navigator.language);
  const shown = toNotification(push, await visibleWindows(), language);
  if (shown) await self.registration.showNotification(shown.title, shown.options);
}

/** What somebody sees now. A page that does not say where it is shows nothing. */
async function visibleWindows(): Promise<readonly WindowView[]> {
  const visible = (await windows()).filter(isVisible);
  const urls = await Promise.all(visible.map(addressOf));
  return urls.flatMap((url) => (url === null ? [] : [{ url }]));
}

function addressOf(window: WindowClient): Promise<string | null> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), ANSWER_MS);
    port1.onmessage = ({ data }) => resolve(data as string);
    window.postMessage({ kind: 'addressAsked' } satisfies WorkerMessage, [port2]);
  });
}

/** Shows the message in a window that is there, or in a new one. */
async function open(data: unknown): Promise<void> {
  const all = await windows();
  const best = all.find(({ focused }) => focused) ?? all.find(isVisible) ?? all[0];
  const target = targetOf(data);
  if (!best || !target) {
    await self.clients.openWindow(pathOf(data));
    return;
  }
  tell(best, { kind: 'notificationClicked', target });
  await best.focus();
}

/** The key of the server is in the old subscription; the token to tell the server has a page only. */
async function subscribeAgain({
  oldSubscription,
}: {
  readonly oldSubscription?: PushSubscription | null;
}): Promise<void> {
  const applicationServerKey = oldSubscription?.options.applicationServerKey;
  if (applicationServerKey) {
    await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  }
  for (const window of await windows()) tell(window, { kind: 'pushSubscriptionChanged' });
}

function windows(): Promise<readonly WindowClient[]> {
  return self.clients.matchAll({ type: 'window', includeUncontrolled: true });
}

function isVisible({ visibilityState }: WindowClient): boolean {
  return visibilityState === 'visible';
}

function tell(window: WindowClient, message: WorkerMessage): void {
  window.postMessage(message);
}
