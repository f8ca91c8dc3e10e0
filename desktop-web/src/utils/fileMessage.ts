import { EntryType } from '@/protocol/codes';

/** What the server says of an uploaded file. */
export interface Uploaded {
  readonly fileId: string;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly width: number | null;
  readonly height: number | null;
}

/** The message about a file, which says what the server says of it: docs/protocol.md, "What an entry holds". */
export function fileMessage({ fileId, name, mime, size, width, height }: Uploaded): {
  readonly type: EntryType;
  readonly text: string;
} {
  if (width !== null && height !== null)
    return { type: EntryType.Image, text: JSON.stringify({ fileId, mime, size, width, height }) };
  return { type: EntryType.File, text: JSON.stringify({ fileId, name, mime, size }) };
}
