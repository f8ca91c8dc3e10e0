import type { Transport, TransportListener } from '@/services/transport/transport';
import { readRequest, type ReceivedRequest } from './serverFrames';

/** The server's end of an in-memory connection. What the client sent waits until the test takes it. */
export class ServerEnd {
  private readonly sent: Uint8Array[] = [];
  private readonly datagrams: Uint8Array[] = [];
  /** Whether this connection has datagrams. */
  hasDatagrams = true;
  listener: TransportListener | null = null;
  closedByClient: number | null = null;

  /** Takes the oldest request; throws when there is none. */
  take(): ReceivedRequest {
    return takeFrom(this.sent);
  }

  /** Takes the oldest request that came in a datagram. */
  takeDatagram(): ReceivedRequest {
    return takeFrom(this.datagrams);
  }

  get waiting(): number {
    return this.sent.length;
  }

  send(frame: Uint8Array): void {
    if (this.closedByClient === null) this.listener?.onFrame(frame);
  }

  sendDatagram(frame: Uint8Array): void {
    if (this.closedByClient === null) this.listener?.onDatagram(frame);
  }

  /** Ends the connection from this side. */
  close(code: number): void {
    const listener = this.listener;
    this.listener = null;
    listener?.onClosed(code, 'closed');
  }

  /** The client's end. */
  accept(listener: TransportListener): Transport {
    this.listener = listener;
    return {
      kind: 'webTransport',
      send: (frame) => this.sent.push(frame.slice()),
      sendDatagram: (frame) => {
        if (this.hasDatagrams) this.datagrams.push(frame.slice());
        return this.hasDatagrams;
      },
      close: (code) => {
        this.closedByClient = code;
        this.listener = null;
      },
    };
  }
}

function takeFrom(sent: Uint8Array[]): ReceivedRequest {
  const bytes = sent.shift();
  if (!bytes) throw new Error('the client sent nothing');
  return readRequest(bytes);
}

/** Lets everything that is ready run: promises, not timers. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
