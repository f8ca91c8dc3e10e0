import { create } from 'zustand';
import type { PathAttempt, TransportKind } from '@/types/connection';
import type { ClientEvent } from '@/types/event';
import type { LatencyKind, MessageTiming, Sample } from '@/types/latency';

/** Measurements that are kept of each kind. */
export const KEPT = 1_000;

/** Ways to a node that are kept. */
const KEPT_PATHS = 6;

/** A way to a node, and when it was tried, milliseconds since 1970. */
export interface TriedPath extends PathAttempt {
  readonly id: string;
  readonly at: number;
}

export interface OpenSession {
  readonly nodeId: string;
  readonly transport: TransportKind;
  /** From dialling until authenticated, milliseconds. */
  readonly openMs: number;
  /** Since when, milliseconds since 1970. */
  readonly at: number;
}

export interface LatencyState {
  /** The last KEPT of each, the newest last. */
  readonly samples: Readonly<Record<LatencyKind, readonly Sample[]>>;
  /** How wrong the last delivery may be, milliseconds. */
  readonly deliveryErrorMs: number | null;
  /** Of the last own message. */
  readonly timing: MessageTiming | null;
  /** The newest first. */
  readonly paths: readonly TriedPath[];
  readonly session: OpenSession | null;
  /** Sessions before this one. */
  readonly reconnects: number;
}

const EMPTY: LatencyState = {
  samples: { roundTrip: [], ack: [], delivery: [] },
  deliveryErrorMs: null,
  timing: null,
  paths: [],
  session: null,
  reconnects: 0,
};

export const useLatencyStore = create<LatencyState>(() => EMPTY);

export function reduceLatency(state: LatencyState, event: ClientEvent): LatencyState {
  switch (event.type) {
    case 'signedIn':
    case 'signedOut':
      return EMPTY;
    case 'latencyMeasured': {
      const sample = { ms: event.ms, at: event.at };
      const samples = [...state.samples[event.kind].slice(1 - KEPT), sample];
      return {
        ...state,
        samples: { ...state.samples, [event.kind]: samples },
        deliveryErrorMs: event.errorMs ?? state.deliveryErrorMs,
      };
    }
    case 'stagesMeasured':
      return { ...state, timing: event.timing };
    case 'pathsTried': {
      const tried = event.paths.map((path) => ({
        ...path,
        at: event.at,
        id: `${event.at}-${path.nodeId}-${path.transport}`,
      }));
      return { ...state, paths: [...tried, ...state.paths].slice(0, KEPT_PATHS) };
    }
    case 'sessionOpened': {
      const { nodeId, transport, openMs, reconnects, at } = event;
      return { ...state, session: { nodeId, transport, openMs, at }, reconnects };
    }
    default:
      return state;
  }
}
