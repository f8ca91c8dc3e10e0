import type { NotificationTarget } from '@/types/worker';

/** What a push carries ([P3]). Fields are only ever added. */
export interface PushPayload {
  readonly conversationId: string;
  readonly seq: number;
  readonly senderName: string;
  readonly conversationName: string;
  readonly preview: string;
  /** [P4]: who, where and what are not told. */
  readonly hidden: boolean;
  readonly tag: string;
}

/** A window of ours that somebody can see. */
export interface WindowView {
  /** Where it is now. */
  readonly url: string;
}

export interface ShownPush {
  readonly title: string;
  readonly options: NotificationOptions & { readonly data: NotificationTarget };
}

/** The payload of a push; null when it is none. */
export function readPush(text: string): PushPayload | null {
  try {
    const payload = JSON.parse(text) as Partial<PushPayload> | null;
    if (typeof payload?.conversationId !== 'string' || typeof payload.seq !== 'number') return null;
    return {
      conversationId: payload.conversationId,
      seq: payload.seq,
      senderName: payload.senderName ?? '',
      conversationName: payload.conversationName ?? '',
      preview: payload.preview ?? '',
      hidden: payload.hidden ?? false,
      tag: payload.tag ?? `conversation-${payload.conversationId}`,
    };
  } catch {
    return null;
  }
}

/** What a push shows; null: somebody has that conversation before their eyes. */
export function toNotification(
  push: PushPayload,
  visible: readonly WindowView[],
  language: string,
): ShownPush | null {
  const path = `/chats/${push.conversationId}`;
  const isWatched = visible.some(({ url }) => {
    const { pathname } = new URL(url);
    return pathname === path || pathname.startsWith(`${path}/`);
  });
  if (isWatched) return null;
  const { conversationName, senderName, preview, hidden } = push;
  const name = conversationName || senderName;
  // [P4]: a text of the client's own; those of a page are not known here.
  const general = language.toLowerCase().startsWith('zh') ? '你有新消息' : 'You have new messages';
  return {
    title: hidden || !name ? 'im-rs' : name,
    options: {
      body: hidden ? general : conversationName && senderName ? `${senderName}: ${preview}` : preview,
      tag: push.tag,
      icon: '/icon-192.png',
      badge: '/badge-96.png',
      data: { conversationId: push.conversationId, seq: push.seq },
    },
  };
}

/** Where a click on a notification leads; the list when it does not say. */
export function pathOf(data: unknown): string {
  const target = targetOf(data);
  return target ? `/chats/${target.conversationId}/${target.seq}` : '/chats';
}

export function targetOf(data: unknown): NotificationTarget | null {
  if (typeof data !== 'object' || data === null) return null;
  const { conversationId, seq } = data as Partial<NotificationTarget>;
  return typeof conversationId === 'string' && typeof seq === 'number' ? { conversationId, seq } : null;
}
