import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchNetwork } from './networkHints';

/** A19 */
describe('hints about the network', () => {
  const listener = { onDoubt: vi.fn(), onNetworkChanged: vi.fn() };
  let stop: () => void;

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
    vi.clearAllMocks();
    stop = watchNetwork(listener);
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
  });

  it('say that the network is another one when it comes back', () => {
    window.dispatchEvent(new Event('online'));
    expect(listener.onNetworkChanged).toHaveBeenCalledOnce();
    expect(listener.onDoubt).toHaveBeenCalledOnce();
  });

  it('are no more than a doubt when it goes, or somebody looks at the page again', () => {
    window.dispatchEvent(new Event('offline'));
    document.dispatchEvent(new Event('visibilitychange'));
    expect(listener.onDoubt).toHaveBeenCalledTimes(2);
    expect(listener.onNetworkChanged).not.toHaveBeenCalled();
  });

  it('notice that the device slept, by a clock that jumps', () => {
    vi.advanceTimersByTime(60_000);
    expect(listener.onDoubt).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(5_000);
    expect(listener.onDoubt).toHaveBeenCalledOnce();
  });

  it('end when nobody listens any more', () => {
    stop();
    window.dispatchEvent(new Event('online'));
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(5_000);
    expect(listener.onDoubt).not.toHaveBeenCalled();
  });
});
