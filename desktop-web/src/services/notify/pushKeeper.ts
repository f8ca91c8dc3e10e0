import { useNotificationStore } from '@/stores/notificationStore';
import type { ClientEvent } from '@/types/event';
import { report } from '@/utils/report';
import type { WebPush } from './webPush';

/** Of the sign-in that the server knows the subscription of. */
const KEY = 'im-rs.push';

/** Subscribes again after each sign-in ([P1]), where the user wants pushes. Only the tab that leads feeds it. */
export class PushKeeper {
  constructor(private readonly push: Pick<WebPush, 'subscribeToPush'>) {}

  apply(event: ClientEvent): void {
    if (event.type === 'signedOut') localStorage.removeItem(KEY);
    // There is a network now, and a token.
    if (event.type === 'synced') this.renew();
  }

  /** The browser gave another address. */
  changed(): void {
    localStorage.removeItem(KEY);
    this.renew();
  }

  private renew(): void {
    const { push, preview, permission } = useNotificationStore.getState();
    const wanted = `${preview}`;
    if (!push || permission !== 'granted' || localStorage.getItem(KEY) === wanted) return;
    this.push.subscribeToPush(!preview).then(
      () => localStorage.setItem(KEY, wanted),
      (error: unknown) => report('pushes could not be subscribed to', error),
    );
  }
}
