import { BrowserDisplay } from '@/services/notify/display';
import { Notifier } from '@/services/notify/notifier';
import { PushKeeper } from '@/services/notify/pushKeeper';
import { playTone } from '@/services/notify/tone';
import { entryScript, startServiceWorker } from '@/services/shell/serviceWorker';
import { applyEvent } from '@/stores/applyEvent';
import type { ClientEvent } from '@/types/event';
import { asConversationId } from '@/types/ids';
import { report } from '@/utils/report';
import { createClient } from './client';

const display = new BrowserDisplay(({ conversationId, seq }) =>
  applyEvent({ type: 'notificationClicked', conversationId: asConversationId(conversationId), seq }),
);
const notifier = new Notifier(display, playTone);

/** The client of this page: its events feed the stores, and in the tab that leads what notifies. */
export const client = createClient((event: ClientEvent) => {
  applyEvent(event);
  if (!client.leads()) return;
  notifier.apply(event);
  pushes.apply(event);
});

const pushes = new PushKeeper(client);

/** Has the service worker installed: only in what is built, because it would keep what is being worked on. */
export function startBackground(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  startServiceWorker({
    container: navigator.serviceWorker,
    entry: entryScript(),
    emit: applyEvent,
    reload: () => location.reload(),
    onPushChanged: () => client.leads() && pushes.changed(),
  }).catch((error: unknown) => report('there is no service worker', error));
}
