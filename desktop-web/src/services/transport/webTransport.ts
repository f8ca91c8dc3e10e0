import { FrameDecoder, withLength } from '@/protocol/frameDecoder';
import { TransportError, type Dial, type Transport, type TransportListener } from './transport';

export interface WebTransportTarget {
  readonly url: string;
  /** SHA-256 of the certificates that are accepted, as hex; empty when the browser's own trust is enough. */
  readonly certificateHashes: readonly string[];
}

export function isWebTransportAvailable(): boolean {
  return 'WebTransport' in globalThis;
}

/** Opens a WebTransport session with its one bidirectional stream ([T1]). */
export const dialWebTransport: Dial<WebTransportTarget> = async (target, listener, signal) => {
  signal.throwIfAborted();
  const session = new WebTransport(target.url, {
    serverCertificateHashes: target.certificateHashes.map((hash) => ({
      algorithm: 'sha-256',
      value: fromHex(hash),
    })),
  });
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  // `ready` may wait for ever when the server never answers; a failed attempt also rejects `closed`.
  session.closed.catch(() => undefined);
  try {
    await Promise.race([session.ready, aborted]);
    const stream = await Promise.race([session.createBidirectionalStream(), aborted]);
    return new WebTransportTransport(session, stream, listener);
  } catch (cause) {
    session.close();
    throw new TransportError('the WebTransport session did not open', { cause });
  }
};

class WebTransportTransport implements Transport {
  readonly kind = 'webTransport';
  private readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  private readonly datagrams: WritableStreamDefaultWriter<Uint8Array>;
  private ended = false;

  constructor(
    private readonly session: WebTransport,
    stream: WebTransportBidirectionalStream,
    private readonly listener: TransportListener,
  ) {
    this.writer = (stream.writable as WritableStream<Uint8Array>).getWriter();
    this.datagrams = (session.datagrams.writable as WritableStream<Uint8Array>).getWriter();
    session.closed.then(
      (info) => this.end(info.closeCode ?? 0, info.reason ?? ''),
      () => this.end(0, 'connection lost'),
    );
    this.readFrames(stream.readable as ReadableStream<Uint8Array>).then(
      () => this.end(0, 'stream finished'),
      (error: unknown) => this.end(0, String(error)),
    );
    this.acceptBulk(
      session.incomingUnidirectionalStreams as ReadableStream<ReadableStream<Uint8Array>>,
    ).catch((error: unknown) => this.end(0, String(error)));
    // Their end is the session's, which tells it better.
    this.readDatagrams(session.datagrams.readable as ReadableStream<Uint8Array>).catch(() => undefined);
  }

  send(frame: Uint8Array): void {
    if (this.ended) return;
    this.writer.write(withLength(frame)).catch((error: unknown) => this.end(0, String(error)));
  }

  sendDatagram(frame: Uint8Array): boolean {
    if (frame.byteLength > this.session.datagrams.maxDatagramSize) return false;
    // While one waits for the network, the next may as well be lost: nothing queues up here.
    const isReady = (this.datagrams.desiredSize ?? 0) > 0;
    if (!this.ended && isReady) this.datagrams.write(frame.slice()).catch(() => undefined);
    return true;
  }

  close(code: number, reason: string): void {
    if (this.ended) return;
    this.ended = true;
    this.session.close({ closeCode: code, reason });
  }

  /** Bulk replies come on streams of their own, so that they never delay a live frame ([T2]). */
  private async acceptBulk(streams: ReadableStream<ReadableStream<Uint8Array>>): Promise<void> {
    for await (const stream of chunks(streams)) {
      // One stream that breaks costs its one reply, which the request's deadline notices.
      void this.readFrames(stream).catch(() => undefined);
    }
  }

  /** What may be lost comes in datagrams ([T5]). */
  private async readDatagrams(datagrams: ReadableStream<Uint8Array>): Promise<void> {
    for await (const datagram of chunks(datagrams)) {
      if (!this.ended) this.listener.onDatagram(datagram);
    }
  }

  private async readFrames(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new FrameDecoder();
    for await (const chunk of chunks(stream)) {
      for (const frame of decoder.push(chunk)) {
        if (!this.ended) this.listener.onFrame(frame);
      }
    }
  }

  private end(code: number, reason: string): void {
    if (this.ended) return;
    this.ended = true;
    this.session.close();
    this.listener.onClosed(code, reason);
  }
}

/** The stream's chunks. Written out because not every browser iterates a ReadableStream. */
async function* chunks<Chunk>(stream: ReadableStream<Chunk>): AsyncGenerator<Chunk> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const digits = hex.replace(/[^0-9a-f]/gi, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}
