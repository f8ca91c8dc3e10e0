import type { Entry } from './entry';

/** Messages that were found, the newest first, each as it is now. */
export interface SearchPage {
  readonly messages: readonly Entry[];
  /** `before` of the next page; null on the last one. */
  readonly next: string | null;
  /** Without a server only what this device holds was searched. */
  readonly source: 'server' | 'device';
}
