import type { Endpoint, PathAttempt } from '@/types/connection';
import { race, type Run, type Runner } from './race';
import { TransportError, type Dial, type Transport, type TransportListener } from './transport';
import type { TransportMemory } from './transportMemory';
import { dialWebSocket, type WebSocketTarget } from './webSocket';
import { dialWebTransport, isWebTransportAvailable, type WebTransportTarget } from './webTransport';

/** How long WebTransport may take before WebSocket starts beside it ([T4]). A silent UDP path would take 4 s to fail. */
export const HEAD_START_MS = 1_000;

/**
 * How long each opening may take, milliseconds. A browser waits for ever for a CONNECT that is never answered; with nothing else
 * left, a slow network gets its time.
 */
export const OPENING_LIMIT_MS = 10_000;

export interface Dialers {
  /** Null where the browser has no WebTransport. */
  readonly webTransport: Dial<WebTransportTarget> | null;
  readonly webSocket: Dial<WebSocketTarget>;
}

/** What this browser offers; looked up at each call, because a test may take WebTransport away. */
export function browserDialers(): Dialers {
  return { webTransport: isWebTransportAvailable() ? dialWebTransport : null, webSocket: dialWebSocket };
}

export interface ConnectParts {
  readonly memory: TransportMemory;
  readonly dialers?: Dialers;
  /** Hears which ways were tried, when it is over. */
  readonly onTried?: (paths: readonly PathAttempt[]) => void;
}

/**
 * Opens the best transport to a node: WebTransport has a head start over WebSocket, and the first that opens wins ([T4]). Rejects
 * with TransportError when none does.
 */
export async function connect(
  endpoint: Endpoint,
  listener: TransportListener,
  { memory, dialers = browserDialers(), onTried = () => undefined }: ConnectParts,
): Promise<Transport> {
  const { webTransport, webSocket } = endpoint;
  const origin = webTransport ? new URL(webTransport.url).origin : '';
  const runners: Runner[] = [];
  const dialFast = dialers.webTransport;
  if (dialFast && webTransport && (!webSocket || memory.mayTryWebTransport(origin, Date.now()))) {
    runners.push({ kind: 'webTransport', open: (signal) => dialFast(webTransport, listener, signal) });
  }
  if (webSocket) {
    runners.push({ kind: 'webSocket', open: (signal) => dialers.webSocket(webSocket, listener, signal) });
  }

  const { transport, runs, errors } = await race(runners, HEAD_START_MS, OPENING_LIMIT_MS);
  const tried = runs.map((run) => toAttempt(endpoint, run));
  if (webTransport && runners[0]?.kind !== 'webTransport') {
    const outcome = dialFast ? 'avoided' : 'unavailable';
    tried.unshift({ nodeId: endpoint.nodeId, transport: 'webTransport', outcome, ms: null });
  }
  onTried(tried);

  const now = Date.now();
  if (!transport) memory.nothingOpened();
  else if (transport.kind === 'webTransport') memory.webTransportWon(origin, now);
  else if (runners.length > 1) memory.webTransportLost(origin, now);
  else memory.webSocketOpened();
  if (!transport) throw new TransportError('no transport to the node opened', { cause: errors });
  return transport;
}

function toAttempt({ nodeId }: Endpoint, { kind, outcome, ms }: Run): PathAttempt {
  return { nodeId, transport: kind, outcome, ms };
}
