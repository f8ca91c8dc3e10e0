import { useMemo } from 'react';
import { client } from '@/services/client';
import type { ClientMessageId } from '@/types/ids';
import { useBlobUrl } from './useBlobUrl';

/** An address of the picture that a pending message is about; null: none, or not yet. */
export function useUploadUrl(id: ClientMessageId | null): string | null {
  return useBlobUrl(useMemo(() => (id ? () => client.uploadBlob(id) : null), [id]));
}
