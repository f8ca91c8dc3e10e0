import type { TransportKind } from '@/types/connection';

/** One connection that carries frames. Not authenticated; that is the session's work. */
export interface Transport {
  readonly kind: TransportKind;
  /** Hands a frame over without waiting; after the end it does nothing. */
  send(frame: Uint8Array): void;
  /** Hands over a frame that may be lost ([T5]). False: there are no datagrams here, or it does not fit one. */
  sendDatagram(frame: Uint8Array): boolean;
  /** Ends the connection; `onClosed` is called no more. */
  close(code: number, reason: string): void;
}

/** What a transport tells its session. `onClosed` comes once, and nothing after it. */
export interface TransportListener {
  onFrame(frame: Uint8Array): void;
  /** What came in a datagram, whatever is in it ([T5]). */
  onDatagram(frame: Uint8Array): void;
  /** The close code, or 0 when the connection just broke. */
  onClosed(code: number, reason: string): void;
}

/** Opens a transport. Rejects when it cannot be opened or the signal aborts, and then leaves nothing behind. */
export type Dial<Target> = (
  target: Target,
  listener: TransportListener,
  signal: AbortSignal,
) => Promise<Transport>;

/** The connection could not be opened, or broke the protocol. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
}

/** The end that a client chooses itself: nothing is wrong. */
export const CLOSE_NORMAL = 1000;
