/**
 * `roundTrip`: a heartbeat and its answer. `ack`: from handing a message to the network until the server has stored it and said so.
 * `delivery`: from the commit of somebody else's message until this device has it.
 */
export type LatencyKind = 'roundTrip' | 'ack' | 'delivery';

/** One measurement. */
export interface Sample {
  readonly ms: number;
  /** When, milliseconds since 1970 by this device's clock. */
  readonly at: number;
}

/** Where the time of an own message went, milliseconds. */
export interface MessageTiming {
  /** Kept here before it was sent. */
  readonly waitedMs: number;
  /** From sending to the acknowledgement. */
  readonly ackMs: number;
  /** The part of it until the commit; null while the server's clock is not known. */
  readonly thereMs: number | null;
  /** How wrong `thereMs` may be. */
  readonly errorMs: number | null;
  readonly ackedAt: number;
  /** From the acknowledgement until the other one's device had it and this one heard of that; null until then. */
  readonly reachedMs: number | null;
}
