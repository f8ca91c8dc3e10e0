import { useEffect, useState } from 'react';
import { client } from '@/services/client';
import type { FileInfo } from '@/types/file';

/** Addresses are asked for anew so long before they end, milliseconds. */
const AHEAD_MS = 30_000;

/** Where a file is: undefined until it is known, null when it is not there for this user. Its addresses are good as long as it is shown. */
export function useFile(fileId: string): FileInfo | null | undefined {
  const [file, setFile] = useState<{ readonly fileId: string; readonly info: FileInfo | null }>();
  useEffect(() => {
    let timer = 0;
    let gone = false;
    const load = async () => {
      const info = await client.fileInfo(fileId).catch(() => null);
      if (gone) return;
      setFile({ fileId, info });
      if (!info?.urlExpiresAt) return;
      timer = window.setTimeout(
        () => void load(),
        Math.max(AHEAD_MS, info.urlExpiresAt - Date.now() - AHEAD_MS),
      );
    };
    void load();
    return () => {
      gone = true;
      window.clearTimeout(timer);
    };
  }, [fileId]);
  return file?.fileId === fileId ? file.info : undefined;
}
