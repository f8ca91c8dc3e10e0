import { useEffect, useRef, useState } from 'react';
import type { Connection } from '@/types/connection';

export type Banner = 'connecting' | 'offline' | 'catchingUp' | 'fallback' | 'restored' | 'expired' | 'ended';

/** How long a state holds before it is worth a word, milliseconds. */
const CONNECTING_AFTER_MS = 800;
const CATCHING_UP_AFTER_MS = 400;

/** How long a word stays that needs no action. */
const FALLBACK_MS = 6_000;
const RESTORED_MS = 2_000;

// Said once per page, not at every reconnection, and by whichever banner is there first.
let fallbackSaid = false;

/** Which banner belongs to the connection: short states are not mentioned, and a restored one only after being offline. */
export function useBanner(connection: Connection): Banner | null {
  const [banner, setBanner] = useState<Banner | null>(() => immediate(connection));
  const wasOffline = useRef(false);
  const phase = connection.phase;
  const fallback = phase === 'online' && connection.transport === 'webSocket';

  useEffect(() => {
    const timers: ReturnType<typeof setTimeout>[] = [];
    const later = (next: Banner | null, delay: number) => {
      timers.push(setTimeout(() => setBanner(next), delay));
    };
    switch (phase) {
      case 'connecting':
        later('connecting', CONNECTING_AFTER_MS);
        break;
      case 'catchingUp':
        // What was said of being offline is not true any more, and nothing else is worth a word yet.
        later(null, 0);
        later('catchingUp', CATCHING_UP_AFTER_MS);
        break;
      case 'offline':
        wasOffline.current = true;
        later('offline', 0);
        break;
      case 'expired':
      case 'ended':
        later(phase, 0);
        break;
      case 'online': {
        const said: Banner[] = [];
        if (wasOffline.current) said.push('restored');
        if (fallback && !fallbackSaid) said.push('fallback');
        wasOffline.current = false;
        fallbackSaid ||= fallback;
        let at = 0;
        for (const next of said) {
          later(next, at);
          at += next === 'restored' ? RESTORED_MS : FALLBACK_MS;
        }
        later(null, at);
        break;
      }
      default:
        wasOffline.current = false;
        later(null, 0);
    }
    return () => timers.forEach(clearTimeout);
  }, [phase, fallback]);

  return banner;
}

function immediate(connection: Connection): Banner | null {
  const { phase } = connection;
  return phase === 'offline' || phase === 'expired' || phase === 'ended' ? phase : null;
}
