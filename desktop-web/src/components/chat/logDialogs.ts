import { lazy } from 'react';

// What lies over a log comes when it is first asked for: a chat is usable without it.
export const ImageViewer = lazy(async () => ({ default: (await import('./ImageViewer')).ImageViewer }));
export const PersonDialog = lazy(async () => ({ default: (await import('./PersonDialog')).PersonDialog }));
export const ReceiptsDialog = lazy(async () => ({
  default: (await import('./ReceiptsDialog')).ReceiptsDialog,
}));
