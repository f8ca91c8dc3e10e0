import { lazy } from 'react';

// Parts of groups that come when they are wanted.

export const CreateGroupDialog = lazy(async () => ({
  default: (await import('./CreateGroupDialog')).CreateGroupDialog,
}));
export const GroupDrawer = lazy(async () => ({ default: (await import('./GroupDrawer')).GroupDrawer }));
export const InviteDialog = lazy(async () => ({ default: (await import('./InviteDialog')).InviteDialog }));
export const GroupSettingsDialog = lazy(async () => ({
  default: (await import('./GroupSettingsDialog')).GroupSettingsDialog,
}));
