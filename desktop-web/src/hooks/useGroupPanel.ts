import { useState } from 'react';
import { useGroupPanelStore } from '@/stores/groupPanelStore';
import { useMediaQuery } from './useMediaQuery';

/** Where there is room for three panels. */
const WIDE = '(min-width: 1200px)';

export interface GroupPanelPlace {
  /** Beside the chat; else a drawer over it. */
  readonly inline: boolean;
  readonly shown: boolean;
  readonly toggle: () => void;
  readonly close: () => void;
}

/** Whether the panel of a group shows, and where. Beside the chat it stays as it was left; a drawer begins closed. */
export function useGroupPanel(): GroupPanelPlace {
  const inline = useMediaQuery(WIDE);
  const { open, setOpen } = useGroupPanelStore();
  const [drawer, setDrawer] = useState(false);
  const shown = inline ? open : drawer;
  const show = inline ? setOpen : setDrawer;
  return { inline, shown, toggle: () => show(!shown), close: () => show(false) };
}
