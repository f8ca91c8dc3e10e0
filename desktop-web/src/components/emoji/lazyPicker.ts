import { lazy } from 'react';

/** The picker with its emoji is fetched when the first one is opened. */
export const LazyEmojiPicker = lazy(async () => ({ default: (await import('./EmojiPicker')).EmojiPicker }));
