import type { Connection, PathAttempt } from '@/types/connection';
import type { LatencyKind, Sample } from '@/types/latency';
import { formatMs, UNKNOWN } from './milliseconds';
import { percentiles } from './percentiles';

export interface DiagnosticFacts {
  readonly version: string;
  readonly connection: Connection;
  readonly session: { readonly nodeId: string; readonly openMs: number; readonly at: number } | null;
  readonly reconnects: number;
  readonly paths: readonly (PathAttempt & { readonly at: number })[];
  readonly samples: Readonly<Record<LatencyKind, readonly Sample[]>>;
  readonly deliveryErrorMs: number | null;
  readonly online: boolean;
  readonly browser: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * What helps to find out what is wrong, as lines for a report. In English whatever the page speaks, because the reader is somebody
 * else. Who uses it, tokens and what was written are not in it.
 */
export function diagnosticsText(facts: DiagnosticFacts): string {
  const { connection, session, samples } = facts;
  const transport = 'transport' in connection ? connection.transport : UNKNOWN;
  const lines = [
    `im-rs ${facts.version}, ${new Date(facts.now).toISOString()}`,
    `browser: ${facts.browser}`,
    `network: ${facts.online ? 'online' : 'offline'}`,
    `connection: ${connection.phase}, transport: ${transport}, reconnects: ${facts.reconnects}`,
    session
      ? `node: ${session.nodeId}, opened in ${formatMs(session.openMs)} ms, ${new Date(session.at).toISOString()}`
      : `node: ${UNKNOWN}`,
    latencyLine('round trip', samples.roundTrip),
    latencyLine('send to ack', samples.ack),
    `${latencyLine('delivery', samples.delivery)}, error ±${formatMs(facts.deliveryErrorMs)} ms`,
    ...facts.paths.map(
      ({ nodeId, transport: way, outcome, ms, at }) =>
        `path: ${new Date(at).toISOString()} ${nodeId} ${way} ${outcome} ${formatMs(ms)} ms`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function latencyLine(name: string, samples: readonly Sample[]): string {
  const found = percentiles(samples.map(({ ms }) => ms));
  const numbers = [found?.p50, found?.p95, found?.p99].map(formatMs).join(' / ');
  return `${name}: p50 / p95 / p99 ${numbers} ms of ${samples.length}`;
}
