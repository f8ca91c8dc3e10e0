import type { IconName } from '@/constants/icons';

/** The drawing for a file of this MIME type. */
export function fileIcon(mime: string): IconName {
  if (mime.startsWith('image/')) return 'image';
  if (mime.startsWith('audio/')) return 'sound';
  if (mime.startsWith('video/')) return 'video';
  return 'file';
}

/** The kind of a file in a short word: its name's ending, else what its type says; empty when neither does. */
export function fileKind(name: string, mime: string): string {
  const ending = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1];
  const subtype = /^[a-z]+\/(?:x-)?([a-z0-9]{1,5})$/i.exec(mime)?.[1];
  return (ending ?? subtype ?? '').toUpperCase();
}
