import type { ReactNode } from 'react';
import { createPortal } from 'react-dom';
import type { IconName } from '@/constants/icons';
import { usePopup, type MenuPlace } from '@/hooks/usePopup';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { Icon } from './Icon';
import styles from './PopMenu.module.css';

export interface MenuChoice {
  readonly name: string;
  readonly icon: IconName;
  readonly danger?: boolean;
  /** A line over it. */
  readonly apart?: boolean;
  /** Stays open: the choice leads to others. */
  readonly stays?: boolean;
  readonly act: () => void;
}

interface PopMenuProps {
  readonly label: string;
  readonly place: MenuPlace;
  /** More to choose from, over the rest. */
  readonly head?: ReactNode;
  readonly choices: readonly MenuChoice[];
  /** `moved`: the focus is elsewhere already. */
  readonly onClose: (moved: boolean) => void;
}

/** A menu at a place. */
export function PopMenu({ label, place, head, choices, onClose }: PopMenuProps) {
  const { popup, keyDown } = usePopup(place, label, onClose);
  return createPortal(
    <div
      ref={popup}
      className={classes(shared.raised, styles.floating, styles.choices)}
      role="menu"
      aria-label={label}
      onKeyDown={keyDown}
      onContextMenu={(event) => event.preventDefault()}
    >
      {head}
      {choices.map(({ name, icon, danger, apart, stays, act }) => (
        <button
          key={name}
          type="button"
          className={classes(styles.item, danger && styles.danger, apart && styles.apart)}
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            if (!stays) onClose(false);
            act();
          }}
        >
          <Icon name={icon} />
          {name}
        </button>
      ))}
    </div>,
    document.body,
  );
}
