/** Round trips that are looked at: about two minutes while the connection page is open, ten without. */
const WINDOW = 20;

interface Reading {
  readonly offsetMs: number;
  readonly errorMs: number;
}

export interface ClockReading {
  /** Add it to this device's clock to get the server's. */
  readonly offsetMs: number;
  /** The truth is this near at the time of the reading: half of the round trip, because the way there and back may differ that much. */
  readonly errorMs: number;
}

/**
 * What time it is at the server, as in NTP: the server's clock stood at what it says somewhere within the round trip. The shortest
 * of the last round trips says it best. Clocks of different servers, and a drift between readings, are not known here. Pure.
 */
export class ServerClock {
  private readings: readonly Reading[] = [];

  /** All in milliseconds; times since 1970. */
  read(roundTripMs: number, serverTime: number, receivedAt: number): void {
    const errorMs = roundTripMs / 2;
    const offsetMs = serverTime - (receivedAt - errorMs);
    this.readings = [...this.readings, { offsetMs, errorMs }].slice(-WINDOW);
  }

  /** Null before the first reading. */
  get best(): ClockReading | null {
    const [first, ...others] = this.readings;
    if (!first) return null;
    return others.reduce((best, next) => (next.errorMs <= best.errorMs ? next : best), first);
  }
}
