import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Code } from '@/protocol/codes';
import { RequestError, SessionEnded } from '@/services/session/errors';
import type { CatchUp } from './catchUp';
import { SyncRuns } from './syncRuns';

const REFUSED = new RequestError(Code.Internal, 'refused', 0);

/** Syncs whose ends a test gives by hand. */
function makeRuns() {
  const begun: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const newSession = () => {
    const run = () => new Promise<void>((resolve, reject) => begun.push({ resolve, reject }));
    return { run } as unknown as CatchUp;
  };
  const parts: { session: CatchUp | null } = { session: newSession() };
  const listener = { onProgress: vi.fn(), onSynced: vi.fn(), onFailed: vi.fn() };
  const runs = new SyncRuns(
    () => parts.session,
    listener,
    () => 0.5,
  );
  const end = async (error?: Error) => {
    if (error) begun.at(-1)?.reject(error);
    else begun.at(-1)?.resolve();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { runs, parts, listener, begun, newSession, end };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** [S5] */
it('asks again for a sync that is refused, with waits that double, and is not done before', async () => {
  const { runs, listener, begun, end } = makeRuns();
  runs.request();
  const waits = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
  for (const [index, wait] of waits.entries()) {
    await end(REFUSED);
    // What comes meanwhile is brought by the next one.
    runs.request();
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(begun).toHaveLength(index + 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toHaveLength(index + 2);
  }
  expect(listener.onFailed).toHaveBeenCalledTimes(waits.length);
  expect(listener.onProgress).not.toHaveBeenCalledWith(null);
  await end();
  expect(listener.onSynced).toHaveBeenCalledOnce();
  expect(listener.onProgress).toHaveBeenLastCalledWith(null);
});

it('waits shortly again after a sync that went well', async () => {
  const { runs, begun, end } = makeRuns();
  runs.request();
  await end(REFUSED);
  await vi.advanceTimersByTimeAsync(1_000);
  await end();
  runs.request();
  await end(REFUSED);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(begun).toHaveLength(4);
});

it('begins at once on a new session, and waits for nothing without one', async () => {
  const { runs, parts, begun, newSession, end } = makeRuns();
  runs.request();
  await end(REFUSED);
  parts.session = null;
  runs.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(begun).toHaveLength(1);
  parts.session = newSession();
  runs.request();
  expect(begun).toHaveLength(2);
});

it('leaves it to the next session when the session ended', async () => {
  const { runs, begun, end } = makeRuns();
  runs.request();
  await end(new SessionEnded('broken'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(begun).toHaveLength(1);
});
