import type { TabId } from './channel';

const lockOf = (tab: TabId) => `im-rs.tab.${tab}`;

export interface TabLock {
  /** Resolves when it is held: before that, others would take the tab for gone. */
  readonly held: Promise<void>;
  readonly leave: () => void;
}

/** Holds the lock of a tab until the page ends or `leave` is called: others learn by it that the tab is gone, however it went. */
export function stay(locks: LockManager | undefined, tab: TabId): TabLock {
  if (!locks) return { held: Promise.resolve(), leave: () => undefined };
  let leave: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (leave = resolve));
  const held = new Promise<void>((resolve) => {
    const hold = () => {
      resolve();
      return gone;
    };
    locks.request(lockOf(tab), hold).catch(() => undefined);
  });
  return { held, leave };
}

/** Waits until another tab is gone; never resolves when `signal` ends the wait. */
export async function whenGone(
  locks: LockManager | undefined,
  tab: TabId,
  signal: AbortSignal,
): Promise<void> {
  await new Promise<void>((resolve) => {
    locks?.request(lockOf(tab), { signal }, () => resolve()).catch(() => undefined);
  });
}
