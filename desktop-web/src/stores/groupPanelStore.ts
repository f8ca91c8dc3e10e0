import { create } from 'zustand';

const KEY = 'im-rs.group-panel';

export interface GroupPanelState {
  /** Whether the panel lies beside the chats of groups where there is room. */
  readonly open: boolean;
  readonly setOpen: (open: boolean) => void;
}

/** Kept on this device. */
export const useGroupPanelStore = create<GroupPanelState>((set) => ({
  open: localStorage.getItem(KEY) !== 'closed',
  setOpen: (open) => {
    localStorage.setItem(KEY, open ? 'open' : 'closed');
    set({ open });
  },
}));
