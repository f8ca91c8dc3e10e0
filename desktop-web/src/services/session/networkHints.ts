/** How often the clock is looked at, and a jump of it that means that the device slept. Milliseconds. */
const TICK_MS = 5_000;
const SLEEP_MS = 15_000;

export interface HintListener {
  /** The present path may be dead, or a new one possible. */
  onDoubt(): void;
  /** What was learnt about the network before does not hold any more. */
  onNetworkChanged(): void;
}

/** The part of `navigator.connection` that is used; not every browser has it. */
interface WithConnection {
  readonly connection?: EventTarget;
}

/**
 * Listens to what a browser says about the network and about being back: hints only, a path is proven by an answer. The tab
 * was hidden or frozen, or the device slept, which no event tells: then a clock jumps. (So does that of a hidden tab that is
 * slowed down to a tick a minute; the price is a heartbeat.) Returns how to stop.
 */
export function watchNetwork(listener: HintListener): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const doubt = () => listener.onDoubt();
  const changed = () => {
    listener.onNetworkChanged();
    listener.onDoubt();
  };
  window.addEventListener('online', changed, options);
  window.addEventListener('offline', doubt, options);
  window.addEventListener('pageshow', (event) => event.persisted && doubt(), options);
  document.addEventListener(
    'visibilitychange',
    () => document.visibilityState === 'visible' && doubt(),
    options,
  );
  (navigator as WithConnection).connection?.addEventListener('change', changed, options);

  let last = Date.now();
  const ticking = setInterval(() => {
    const now = Date.now();
    const jumped = now - last - TICK_MS;
    last = now;
    if (jumped >= SLEEP_MS) doubt();
  }, TICK_MS);
  stop.signal.addEventListener('abort', () => clearInterval(ticking));
  return () => stop.abort();
}
