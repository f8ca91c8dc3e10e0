import { useEffect, useState } from 'react';
import { Code, mayRetry } from '@/protocol/codes';
import { client } from '@/services/client';
import { useConnectionStore } from '@/stores/connectionStore';
import type { FileInfo } from '@/types/file';
import { errorCode, retryAfterSeconds } from '@/utils/failure';

/** Addresses are asked for anew so long before they end, milliseconds. */
const AHEAD_MS = 30_000;

/** Until the next try where the server gave no answer though there is a connection, milliseconds: doubled up to the longest. */
const AGAIN_MS = 2_000;
const LONGEST_MS = 60_000;

/**
 * Where a file is: undefined until it is known, null when the server says that it is not there for this user. Its addresses are good as
 * long as it is shown. Any other failure says nothing of the file: what is known stays, and is asked for again, also by a new connection.
 */
export function useFile(fileId: string): FileInfo | null | undefined {
  const online = useConnectionStore(({ connection }) => connection.phase === 'online');
  const [file, setFile] = useState<{ readonly fileId: string; readonly info: FileInfo | null }>();
  useEffect(() => {
    let timer = 0;
    let left = false;
    let failures = 0;
    const show = (info: FileInfo | null) =>
      setFile((before) => (before?.fileId === fileId && before.info === info ? before : { fileId, info }));
    const loadIn = (delay: number) => {
      timer = window.setTimeout(() => void load(), delay);
    };
    const load = async () => {
      try {
        const info = await client.fileInfo(fileId);
        if (left) return;
        failures = 0;
        show(info);
        if (info.urlExpiresAt) loadIn(Math.max(AHEAD_MS, info.urlExpiresAt - Date.now() - AHEAD_MS));
      } catch (error) {
        if (left) return;
        const code = errorCode(error);
        if (code === Code.FileNotFound) show(null);
        else if (online && mayRetry(code)) {
          const ceiling = Math.min(LONGEST_MS, AGAIN_MS * 2 ** failures);
          failures += 1;
          // Not all pictures of a log at once.
          loadIn(Math.max(retryAfterSeconds(error) * 1_000, (ceiling * (1 + Math.random())) / 2));
        }
      }
    };
    void load();
    return () => {
      left = true;
      window.clearTimeout(timer);
    };
  }, [fileId, online]);
  return file?.fileId === fileId ? file.info : undefined;
}
