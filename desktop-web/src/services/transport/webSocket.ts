import { CLOSE_NORMAL, TransportError, type Dial, type Transport, type TransportListener } from './transport';

export interface WebSocketTarget {
  readonly url: string;
}

/** Opens a WebSocket. A binary message is one frame ([F2]); a text message is a protocol error ([T3]). */
export const dialWebSocket: Dial<WebSocketTarget> = (target, listener, signal) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = new WebSocket(target.url);
    socket.binaryType = 'arraybuffer';
    const abort = () => {
      socket.onopen = socket.onclose = null;
      socket.close();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.onclose = () => {
      signal.removeEventListener('abort', abort);
      reject(new TransportError('the WebSocket did not open'));
    };
    socket.onopen = () => {
      signal.removeEventListener('abort', abort);
      resolve(new WebSocketTransport(socket, listener));
    };
  });

/** The codes that a page may close a WebSocket with: 1000 and 3000 to 4999. */
function permittedCode(code: number): number {
  return code >= 3000 && code <= 4999 ? code : CLOSE_NORMAL;
}

class WebSocketTransport implements Transport {
  readonly kind = 'webSocket';

  constructor(
    private readonly socket: WebSocket,
    listener: TransportListener,
  ) {
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (message.data instanceof ArrayBuffer) {
        listener.onFrame(new Uint8Array(message.data));
      } else {
        this.close(CLOSE_NORMAL, 'text message');
        listener.onClosed(0, 'text message');
      }
    };
    // The end carries the code; an `error` event always comes with it and says nothing more.
    socket.onclose = (event) => listener.onClosed(event.code, event.reason);
  }

  send(frame: Uint8Array): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(frame.slice());
  }

  sendDatagram(): boolean {
    return false;
  }

  close(code: number, reason: string): void {
    this.socket.onmessage = null;
    this.socket.onclose = null;
    this.socket.close(permittedCode(code), reason);
  }
}
