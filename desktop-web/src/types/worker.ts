// What a page and the service worker tell each other. Two versions of im-rs may meet here: fields are only ever added.

/** The cache in which a page leaves the chosen language for the worker, and its address there. Without one the browser's is meant. */
export const CHOICES_CACHE = 'im-rs.choices';
export const LANGUAGE_ADDRESS = '/language';

/** What a notification carries, so that a click leads to what it is about. */
export interface NotificationTarget {
  readonly conversationId: string;
  readonly seq: number;
}

/** From a page to the worker. */
export type PageMessage =
  /** Which version is this? Answered on the port by the name of its entry script. */
  | { readonly kind: 'versionAsked' }
  /** No page needs the version before any more: this worker takes over. */
  | { readonly kind: 'takeOver' };

/** From the worker to a page. */
export type WorkerMessage =
  /** A notification was clicked: this page has the focus now. */
  | { readonly kind: 'notificationClicked'; readonly target: NotificationTarget }
  /** Where is this page now? Answered on the port by its address: a worker knows the one that it was loaded by. */
  | { readonly kind: 'addressAsked' }
  /** The push service gave another address: the server has to know. */
  | { readonly kind: 'pushSubscriptionChanged' };
