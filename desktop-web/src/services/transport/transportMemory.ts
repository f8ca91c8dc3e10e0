/** Races lost in a row after which WebTransport is left alone ([T4]). See `TransportMemory`. */
const MAX_LOSSES = 2;

/** How long WebSocket is used then, and how long a loss counts, milliseconds: about what Chromium remembers failures. */
const AVOIDANCE_MS = 5 * 60_000;

/** Attempts in a row in which nothing opened, after which only WebSocket is tried until something opens. */
const MAX_BARREN = 6;

/** What the memory keeps; of the kind of localStorage, which the tabs of an origin share and a reload finds again. */
export type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const KEY = 'im-rs.transports';

interface Losses {
  /** In a row, up to MAX_LOSSES. */
  readonly count: number;
  /** Of the last one, milliseconds since 1970. */
  readonly at: number;
}

/**
 * Remembers where WebTransport does not work ([T4]), by origin of the node, for all tabs and for the next page. Time comes in as
 * an argument, in milliseconds since 1970.
 *
 * What counts is a race that WebSocket won: the network was there and UDP was not. One such loss is weak evidence, because one lost
 * packet of the three round trips costs the second that the race allows; trying once more costs at most that second and, by
 * Chromium's throttle (10 ms after a failure, doubling, per page, for some five minutes), 20 ms. Two in a row are not chance.
 *
 * An attempt in which WebSocket failed too says that there is no network, and nothing about UDP, so it is not kept. It feeds the
 * throttle all the same: after six the next one would be held back for 640 ms, most of its second, also at a node that is fine.
 */
export class TransportMemory {
  private barren = 0;

  constructor(private readonly keep: Keep = localStorage) {}

  mayTryWebTransport(origin: string, now: number): boolean {
    if (this.barren >= MAX_BARREN) return false;
    const losses = this.read()[origin];
    return !losses || losses.count < MAX_LOSSES || isOver(losses, now);
  }

  /** WebSocket opened, WebTransport did not. */
  webTransportLost(origin: string, now: number): void {
    this.barren = 0;
    const all = this.read();
    const before = all[origin];
    const count = before && !isOver(before, now) ? before.count + 1 : 1;
    this.write({ ...all, [origin]: { count: Math.min(count, MAX_LOSSES), at: now } }, now);
  }

  webTransportWon(origin: string, now: number): void {
    this.barren = 0;
    const { [origin]: lost, ...others } = this.read();
    if (lost) this.write(others, now);
  }

  /** Something else than a race opened a connection. */
  webSocketOpened(): void {
    this.barren = 0;
  }

  nothingOpened(): void {
    this.barren += 1;
  }

  /** Another network: what the last one let through says nothing about it. */
  forget(): void {
    this.barren = 0;
    this.keep.removeItem(KEY);
  }

  private read(): Readonly<Record<string, Losses>> {
    try {
      const kept: unknown = JSON.parse(this.keep.getItem(KEY) ?? '{}');
      return isLosses(kept) ? kept : {};
    } catch {
      // Not ours, or no storage at all: nothing is known, and it is written anew.
      return {};
    }
  }

  private write(all: Readonly<Record<string, Losses>>, now: number): void {
    const current = Object.entries(all).filter(([, losses]) => !isOver(losses, now));
    try {
      if (current.length === 0) this.keep.removeItem(KEY);
      else this.keep.setItem(KEY, JSON.stringify(Object.fromEntries(current)));
    } catch {
      // A full storage costs a second per page, no more.
    }
  }
}

/** A clock that was set back must not make it last. */
function isOver({ at }: Losses, now: number): boolean {
  return now >= at + AVOIDANCE_MS || now < at;
}

function isLosses(kept: unknown): kept is Record<string, Losses> {
  return (
    typeof kept === 'object' &&
    kept !== null &&
    Object.values(kept).every(
      (losses: unknown) =>
        typeof losses === 'object' &&
        losses !== null &&
        'count' in losses &&
        typeof losses.count === 'number' &&
        'at' in losses &&
        typeof losses.at === 'number',
    )
  );
}
