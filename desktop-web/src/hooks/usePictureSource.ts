import { useState } from 'react';
import { useConnectionStore } from '@/stores/connectionStore';

interface PictureSource {
  /** The address to show; null: there is none now. */
  readonly shown: string | null;
  /** The server does not give it, though there is a connection. */
  readonly refused: boolean;
  /** For the picture: what is shown does not load. */
  readonly fail: () => void;
}

/** What to show of a picture: the server's, or what the device keeps of it until that is known and where it does not load. */
export function usePictureSource(address: string, kept: string | null): PictureSource {
  const online = useConnectionStore(({ connection }) => connection.phase === 'online');
  // Another address is another try, and so is a connection.
  const attempt = `${online} ${address}`;
  const [failed, setFailed] = useState('');
  const broken = failed === attempt;
  return {
    shown: (broken ? '' : address) || kept,
    refused: broken && online,
    fail: () => setFailed(attempt),
  };
}
