import { EntryType } from '@/protocol/codes';
import type { FileInfo } from '@/types/file';

/** What a message says of a file. */
export type Uploaded = Pick<FileInfo, 'fileId' | 'name' | 'mime' | 'size' | 'width' | 'height'>;

/** The message about a file, which says what the server says of it: docs/protocol.md, "What an entry holds". */
export function fileMessage({ fileId, name, mime, size, width, height }: Uploaded): {
  readonly type: EntryType;
  readonly text: string;
} {
  if (width && height)
    return { type: EntryType.Image, text: JSON.stringify({ fileId, mime, size, width, height }) };
  return { type: EntryType.File, text: JSON.stringify({ fileId, name, mime, size }) };
}
