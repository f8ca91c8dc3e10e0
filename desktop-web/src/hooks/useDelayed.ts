import { useEffect, useState } from 'react';

/** The value once it has held for `delayMs`; until then the one before. 0 passes it on at once. */
export function useDelayed<Value>(value: Value, delayMs: number): Value {
  const [held, setHeld] = useState(value);
  useEffect(() => {
    if (delayMs === 0) return;
    const timer = setTimeout(() => setHeld(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return delayMs === 0 ? value : held;
}
