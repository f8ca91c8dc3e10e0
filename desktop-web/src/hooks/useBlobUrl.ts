import { useEffect, useState } from 'react';

/**
 * An address of a picture that this device holds, for as long as it is shown; null: none, or not yet. Another `load` is another picture,
 * so its owner keeps it the same; null: there is nothing to load.
 */
export function useBlobUrl(load: (() => Promise<Blob | null>) | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!load) return;
    let gone = false;
    let made: string | null = null;
    const show = (blob: Blob | null) => {
      if (gone || !blob) return;
      made = URL.createObjectURL(blob);
      setUrl(made);
    };
    load().then(show, () => undefined);
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
      setUrl(null);
    };
  }, [load]);
  return url;
}
