import { useEffect, useLayoutEffect, useRef, type KeyboardEvent } from 'react';
import { createPortal } from 'react-dom';
import type { IconName } from '@/constants/icons';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { Icon } from './Icon';
import styles from './PopMenu.module.css';

/** In pixels of the window. */
export interface MenuPlace {
  readonly x: number;
  readonly y: number;
}

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
  readonly choices: readonly MenuChoice[];
  /** `moved`: the focus is elsewhere already. */
  readonly onClose: (moved: boolean) => void;
}

/** So far from the window's edge, pixels. */
const MARGIN_PX = 8;

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, ArrowUp: -1 };

/** A menu at a place. Arrows, Home and End move in it, Escape, Tab and a press elsewhere close it. */
export function PopMenu({ label, place, choices, onClose }: PopMenuProps) {
  const menu = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    const { width, height } = element.getBoundingClientRect();
    const left = Math.max(MARGIN_PX, Math.min(place.x, innerWidth - width - MARGIN_PX));
    const isBelow = place.y + height + MARGIN_PX <= innerHeight;
    const top = isBelow ? place.y : Math.max(MARGIN_PX, innerHeight - height - MARGIN_PX);
    element.style.setProperty('--left', `${left}px`);
    element.style.setProperty('--top', `${top}px`);
    itemsOf(element)[0]?.focus();
  }, [place]);

  useEffect(() => {
    const press = ({ target }: Event) => {
      if (!(target instanceof Node && menu.current?.contains(target))) onClose(true);
    };
    const leave = () => onClose(true);
    document.addEventListener('pointerdown', press, true);
    window.addEventListener('resize', leave);
    return () => {
      document.removeEventListener('pointerdown', press, true);
      window.removeEventListener('resize', leave);
    };
  }, [onClose]);

  const keyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const items = itemsOf(event.currentTarget);
    const at = items.findIndex((item) => item === document.activeElement);
    const step = STEPS[event.key];
    event.stopPropagation();
    if (event.key === 'Escape' || event.key === 'Tab') onClose(false);
    else if (event.key === 'Home') items[0]?.focus();
    else if (event.key === 'End') items.at(-1)?.focus();
    else if (step) items.at((at + step) % items.length)?.focus();
    else return;
    event.preventDefault();
  };

  return createPortal(
    <div
      ref={menu}
      className={classes(shared.raised, styles.menu)}
      role="menu"
      aria-label={label}
      onKeyDown={keyDown}
      onContextMenu={(event) => event.preventDefault()}
    >
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

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role="menuitem"]')];
}
