import type { CloseCode } from '@/protocol/codes';

/** One access node as web announces it. */
export type { Node as Endpoint } from './generated/rest';

export type TransportKind = 'webTransport' | 'webSocket';

/** What the banner says. Times are milliseconds since 1970. */
export type Connection =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting' }
  | { readonly phase: 'offline'; readonly attempt: number; readonly retryAt: number }
  | {
      readonly phase: 'catchingUp';
      readonly transport: TransportKind;
      readonly done: number;
      readonly total: number;
    }
  | { readonly phase: 'online'; readonly transport: TransportKind }
  | { readonly phase: 'expired' }
  | { readonly phase: 'ended'; readonly code: CloseCode }
  | { readonly phase: 'openElsewhere' };
