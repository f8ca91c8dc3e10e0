import { Code } from '@/protocol/codes';
import type { Api } from '@/services/api/api';
import { ApiError } from '@/services/api/apiError';
import { report } from '@/utils/report';

/** How long a sign-out waits for server and browser to forget the subscription; the server would by itself ([P1]). Milliseconds. */
const FAREWELL_MS = 2_000;

export type PushApi = Pick<Api, 'pushKey' | 'subscribeToPush' | 'unsubscribeFromPush'>;

/** Notifications while no tab of im-rs is open. */
export interface WebPush {
  /** The server sends pushes, and this browser can take them. Rejects with ApiError when the server does not answer. */
  pushOffered(): Promise<boolean>;
  /** Has the server push to this browser; again is fine. Needs the permission. Rejects with ApiError, or when the browser refuses. */
  subscribeToPush(hideContent: boolean): Promise<void>;
  /** Ends it. Never rejects, and takes two seconds at most: nobody stays signed in for it. */
  unsubscribeFromPush(): Promise<void>;
}

export function webPushOf(api: PushApi): WebPush {
  return {
    async pushOffered() {
      if (!(await manager())) return false;
      return (await serverKey(api)) !== null;
    },
    async subscribeToPush(hideContent) {
      const pushes = await manager();
      const applicationServerKey = await serverKey(api);
      if (!pushes || !applicationServerKey) throw new TypeError('no pushes here');
      const subscription = await subscribe(pushes, applicationServerKey);
      const { endpoint, expirationTime, keys } = subscription.toJSON();
      if (!endpoint || !keys?.['p256dh'] || !keys['auth']) throw new TypeError('a subscription without keys');
      await api.subscribeToPush({
        endpoint,
        expirationTime: expirationTime ?? null,
        keys: { p256dh: keys['p256dh'], auth: keys['auth'] },
        hideContent,
      });
    },
    async unsubscribeFromPush() {
      const ended = end(api).catch((error: unknown) =>
        report('the browser does not say whether it has pushes', error),
      );
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))]);
    },
  };
}

/** At both sides, each whatever the other says. Rejects when the browser does not say whether there is one. */
async function end(api: PushApi): Promise<void> {
  const subscription = await (await manager())?.getSubscription();
  if (!subscription) return;
  const told = api
    .unsubscribeFromPush()
    .catch((error: unknown) => report('the server did not hear of the end of pushes', error));
  const ended = subscription
    .unsubscribe()
    .catch((error: unknown) => report('the browser keeps its pushes', error));
  await Promise.all([told, ended]);
}

/** With another key the push service refuses what the old subscription gets: it begins anew. */
async function subscribe(pushes: PushManager, applicationServerKey: string): Promise<PushSubscription> {
  const options = { userVisibleOnly: true, applicationServerKey };
  try {
    return await pushes.subscribe(options);
  } catch (error) {
    const old = await pushes.getSubscription();
    if (!old) throw error;
    await old.unsubscribe();
    return pushes.subscribe(options);
  }
}

async function serverKey(api: PushApi): Promise<string | null> {
  try {
    return (await api.pushKey()).publicKey;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.code === Code.Unsupported)) return null;
    throw error;
  }
}

/** Null without a service worker that is at work, or where a browser has no pushes. */
async function manager(): Promise<PushManager | null> {
  if (!('serviceWorker' in navigator) || !('PushManager' in globalThis)) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return registration?.active ? registration.pushManager : null;
}
