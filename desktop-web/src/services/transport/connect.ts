import type { Endpoint } from '@/types/connection';
import { TransportError, type Dial, type Transport, type TransportListener } from './transport';
import type { TransportMemory } from './transportMemory';
import { dialWebSocket, type WebSocketTarget } from './webSocket';
import { dialWebTransport, isWebTransportAvailable, type WebTransportTarget } from './webTransport';

/** How long WebTransport may take before WebSocket is opened instead ([T4]). A silent UDP path would take 4 s to fail. */
export const WEB_TRANSPORT_PATIENCE_MS = 1_000;

/** How long a WebSocket may take: with nothing left to fall back to, a slow network gets its time. */
const WEB_SOCKET_PATIENCE_MS = 10_000;

export interface Dialers {
  /** Null where the browser has no WebTransport. */
  readonly webTransport: Dial<WebTransportTarget> | null;
  readonly webSocket: Dial<WebSocketTarget>;
}

/** What this browser offers; looked up at each call, because a test may take WebTransport away. */
export function browserDialers(): Dialers {
  return { webTransport: isWebTransportAvailable() ? dialWebTransport : null, webSocket: dialWebSocket };
}

/** Opens the best transport to a node: WebTransport first, WebSocket after a failure or 1 s ([T4]). */
export async function connect(
  endpoint: Endpoint,
  listener: TransportListener,
  memory: TransportMemory,
  dialers: Dialers = browserDialers(),
): Promise<Transport> {
  if (dialers.webTransport && endpoint.webTransport && memory.mayTryWebTransport(Date.now())) {
    try {
      const transport = await dialWithin(
        dialers.webTransport,
        endpoint.webTransport,
        listener,
        WEB_TRANSPORT_PATIENCE_MS,
      );
      memory.webTransportOpened();
      return transport;
    } catch (error) {
      memory.webTransportFailed(Date.now());
      if (!endpoint.webSocket) throw error;
    }
  }
  if (!endpoint.webSocket) throw new TransportError('the node offers no transport that this browser has');
  return dialWithin(dialers.webSocket, endpoint.webSocket, listener, WEB_SOCKET_PATIENCE_MS);
}

function dialWithin<Target>(
  dial: Dial<Target>,
  target: Target,
  listener: TransportListener,
  patienceMs: number,
): Promise<Transport> {
  return dial(target, listener, AbortSignal.timeout(patienceMs));
}
