import type { ConversationId, Seq } from '@/types/ids';
import type { NotificationTarget } from '@/types/worker';

export interface Shown {
  readonly conversationId: ConversationId;
  readonly seq: Seq;
  readonly title: string;
  readonly body: string;
}

/** What a notification is shown by. One at most per conversation; a newer one takes its place. */
export interface Display {
  show(shown: Shown): Promise<void>;
  close(conversationId: ConversationId): Promise<void>;
  /** Those that are on the screen, whoever showed them: pushes too. */
  targets(): Promise<readonly NotificationTarget[]>;
}

/** The same as of pushes ([P3]), so that one takes the place of the other. */
export function tagOf(conversationId: string): string {
  return `conversation-${conversationId}`;
}

/** The browser's notifications: by the service worker, where there is one, so that they live longer than the tab and a click finds im-rs. */
export class BrowserDisplay implements Display {
  private readonly own = new Map<string, Notification>();

  /** `onClick`: without a service worker the page has to act itself. */
  constructor(private readonly onClick: (target: NotificationTarget) => void) {}

  async show({ conversationId, seq, title, body }: Shown): Promise<void> {
    const target: NotificationTarget = { conversationId, seq };
    const options = {
      body,
      tag: tagOf(conversationId),
      icon: '/icon-192.png',
      badge: '/badge-96.png',
      data: target,
      // The tone is our own, and only if it is wanted.
      silent: true,
    };
    const registration = await activeRegistration();
    if (registration) return registration.showNotification(title, options);
    const notification = new Notification(title, options);
    this.own.set(conversationId, notification);
    notification.onclose = () => this.own.delete(conversationId);
    notification.onclick = () => {
      notification.close();
      window.focus();
      this.onClick(target);
    };
  }

  async close(conversationId: ConversationId): Promise<void> {
    this.own.get(conversationId)?.close();
    this.own.delete(conversationId);
    const registration = await activeRegistration();
    const shown = await registration?.getNotifications({ tag: tagOf(conversationId) });
    shown?.forEach((notification) => notification.close());
  }

  async targets(): Promise<readonly NotificationTarget[]> {
    const registration = await activeRegistration();
    const shown = [...((await registration?.getNotifications()) ?? []), ...this.own.values()];
    return shown.flatMap(({ data }: { readonly data: unknown }) => (isTarget(data) ? [data] : []));
  }
}

async function activeRegistration(): Promise<ServiceWorkerRegistration | null> {
  if (!('serviceWorker' in navigator)) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return registration?.active ? registration : null;
}

function isTarget(data: unknown): data is NotificationTarget {
  return typeof data === 'object' && data !== null && 'conversationId' in data && 'seq' in data;
}
