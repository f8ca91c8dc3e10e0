import type { CloseCode } from '@/protocol/codes';

/** One access node as web announces it. */
export type { Node as Endpoint } from './generated/rest';

export type TransportKind = 'webTransport' | 'webSocket';

/** One way to a node that was tried, or why it was not. */
export interface PathAttempt {
  readonly nodeId: string;
  readonly transport: TransportKind;
  /** `late`: the other one was first. `avoided`: it lost lately. `unavailable`: the browser does not have it. */
  readonly outcome: 'opened' | 'failed' | 'late' | 'avoided' | 'unavailable';
  /** How long it took, milliseconds; null when it was not tried. */
  readonly ms: number | null;
}

/**
 * Why there is no session. `noNetwork`: the browser says that it has none. `unreachable`: no answer from the server.
 * `interrupted`: the session broke. `busy`: the server asked to come back later.
 */
export type OfflineReason = 'noNetwork' | 'unreachable' | 'interrupted' | 'busy';

/** What the banner says. Times are milliseconds since 1970. */
export type Connection =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting' }
  | {
      readonly phase: 'offline';
      readonly reason: OfflineReason;
      readonly attempt: number;
      /** 0: an attempt is under way. */
      readonly retryAt: number;
    }
  | {
      readonly phase: 'catchingUp';
      readonly transport: TransportKind;
      readonly done: number;
      readonly total: number;
    }
  | { readonly phase: 'online'; readonly transport: TransportKind }
  | { readonly phase: 'expired' }
  | { readonly phase: 'ended'; readonly code: CloseCode };
