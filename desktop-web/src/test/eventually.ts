import { vi } from 'vitest';

/** Milliseconds. Measures nothing: it only ends a test that hangs, and leaves time to a machine that does other things as well. */
export const PATIENCE_MS = 30_000;

/** Waits until `check` no longer throws: how tests wait for what has no event of its own. */
export function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: 10 });
}
