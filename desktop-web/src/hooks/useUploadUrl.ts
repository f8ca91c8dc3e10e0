import { useEffect, useState } from 'react';
import { client } from '@/services/client';
import type { ClientMessageId } from '@/types/ids';

/** An address of the picture that a pending message is about, for as long as it is shown; null: none, or not yet. */
export function useUploadUrl(id: ClientMessageId | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!id) return;
    let gone = false;
    let made: string | null = null;
    const show = (blob: Blob | null) => {
      if (gone || !blob) return;
      made = URL.createObjectURL(blob);
      setUrl(made);
    };
    client.uploadBlob(id).then(show, () => undefined);
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
      setUrl(null);
    };
  }, [id]);
  return url;
}
