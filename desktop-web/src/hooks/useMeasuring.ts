import { useEffect } from 'react';
import { client } from '@/services/client';
import { useDocumentVisible } from './useDocumentVisible';

/** How often the round trip is measured while somebody looks; a server allows five a second ([S10]). Milliseconds. */
const INTERVAL_MS = 2_000;

/** Measures the round trip while this is on a visible screen, more often than heartbeats do. */
export function useMeasuring(): void {
  const isVisible = useDocumentVisible();
  useEffect(() => {
    if (!isVisible) return;
    const measure = () => void client.measure();
    measure();
    const timer = setInterval(measure, INTERVAL_MS);
    return () => clearInterval(timer);
  }, [isVisible]);
}
