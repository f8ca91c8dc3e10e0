import { useCallback, useSyncExternalStore } from 'react';

/** The time, milliseconds since 1970 in steps of `intervalMs`; rendered anew at each step while `active`. */
export function useNow(intervalMs: number, active: boolean = true): number {
  const subscribe = useCallback(
    (onChange: () => void) => {
      if (!active) return () => undefined;
      const timer = setInterval(onChange, intervalMs);
      return () => clearInterval(timer);
    },
    [intervalMs, active],
  );
  return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / intervalMs) * intervalMs);
}
