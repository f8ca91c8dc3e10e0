import { useEffect, useState } from 'react';
import type { Connection } from '@/types/connection';

export type Banner = 'connecting' | 'offline' | 'catchingUp' | 'fallback' | 'restored' | 'expired';

/** How long a state holds before it is worth a word, milliseconds. */
const CONNECTING_AFTER_MS = 800;
const CATCHING_UP_AFTER_MS = 400;

/** How long a word stays that needs no action. */
const FALLBACK_MS = 6_000;
const RESTORED_MS = 2_000;

// Said once per page, not at every reconnection.
let fallbackSaid = false;

/** Which banner belongs to the connection: short states are not mentioned, and a restored one only after being offline. */
export function useBanner(connection: Connection): Banner | null {
  const [banner, setBanner] = useState<Banner | null>(() => immediate(connection));
  const phase = connection.phase;
  const fallback = phase === 'online' && connection.transport === 'webSocket';

  useEffect(() => {
    const later = (next: Banner | null, delay: number) => {
      const timer = setTimeout(() => setBanner(next), delay);
      return () => clearTimeout(timer);
    };
    switch (phase) {
      case 'connecting':
        return later('connecting', CONNECTING_AFTER_MS);
      case 'catchingUp':
        return later('catchingUp', CATCHING_UP_AFTER_MS);
      case 'offline':
        return later('offline', 0);
      case 'expired':
        return later('expired', 0);
      case 'online': {
        let clear: (() => void) | undefined;
        const settle = setTimeout(() => {
          const say = fallback && !fallbackSaid;
          fallbackSaid ||= fallback;
          setBanner((before) => {
            if (before === 'offline') return 'restored';
            return say ? 'fallback' : null;
          });
          clear = later(null, say ? FALLBACK_MS : RESTORED_MS);
        }, 0);
        return () => {
          clearTimeout(settle);
          clear?.();
        };
      }
      default:
        return later(null, 0);
    }
  }, [phase, fallback]);

  return banner;
}

function immediate(connection: Connection): Banner | null {
  return connection.phase === 'offline' || connection.phase === 'expired' ? connection.phase : null;
}
