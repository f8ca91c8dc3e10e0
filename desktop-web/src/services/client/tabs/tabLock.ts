import type { TabId } from './channel';

const lockOf = (tab: TabId) => `im-rs.tab.${tab}`;

/** Holds the lock of a tab until the page ends or `leave` is called: others learn by it that the tab is gone, however it went. */
export function stay(locks: LockManager | undefined, tab: TabId): { readonly leave: () => void } {
  let leave: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (leave = resolve));
  void locks?.request(lockOf(tab), () => gone).catch(() => undefined);
  return { leave };
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
