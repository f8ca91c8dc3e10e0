import { useEffect, useState } from 'react';

/** The time, milliseconds since 1970, anew every `intervalMs` while `active`. */
export function useNow(intervalMs: number, active: boolean = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => setNow(Date.now()), intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs, active]);
  return now;
}
